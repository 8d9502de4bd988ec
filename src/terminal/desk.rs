//! The desk on a real terminal: joins the core to the loop, the sync task and the engine.

use std::sync::Arc;

use color_eyre::eyre::Context as _;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use ratatui::Frame;
use tokio::sync::{mpsc, watch};

use super::host::{Patience, ProgramParts, host};
use super::input::Input;
use super::run::{End, Program};
use crate::app::data::load_everything;
use crate::app::effect::Effect;
use crate::app::msg::Msg;
use crate::app::update::{self, deadline, update};
use crate::app::{Model, view};
use crate::backend::jobs::{self, EngineRequest};
use crate::backend::key::KeyRead;
use crate::backend::{ServerHealth, drafts, key, pause, pc_clock, practice, sync};
use crate::component::backend_msg::BackendMsg;
use crate::component::ctx::Settings;
use crate::component::draft::Draft;
use crate::config::{Config, DateOrder};
use crate::domain::fact::Load;
use crate::domain::practice::Practice;
use crate::domain::query::Query;
use crate::keys::key::Key;
use crate::seam::client::{Client, Connection};
use crate::seam::lenient::clean;
use crate::ui::theme::{Colors, Role, Theme};

/// How this run differs from a plain one.
#[derive(Clone, Default)]
pub struct DeskOptions {
    /// The desk runs on the simulator in this process.
    pub demo: bool,
    /// What the operator should be told at the start, for example that others may read the key.
    pub warnings: Vec<String>,
    /// Reads the key again; `None` where it stays what it is.
    pub read_key: Option<Arc<dyn Fn() -> KeyRead + Send + Sync>>,
}

/// Runs the desk until the operator leaves, or the outside ends it. Gives the exit code of the process.
///
/// # Errors
/// When the client can't be made, or the terminal fails.
pub fn run(config: Config, options: DeskOptions) -> color_eyre::Result<u8> {
    let client = Client::new(Connection {
        endpoint: config.seam.endpoint.clone(),
        key: config.seam.api_key.clone(),
        workspace: config.seam.workspace_id.clone(),
        connect_timeout: config.seam.connect_timeout,
        total_timeout: config.seam.timeout,
        allow_insecure: config.seam.allow_insecure,
    })
    .wrap_err("the connection can't be set up")?;
    let (_, end) = host(Patience::default(), move |place| DeskProgram::new(&config, &options, client, &place))?;
    Ok(match end {
        End::Quit => 0,
        End::Stopped(why) => why.exit_code(),
    })
}

/// The program that the loop runs.
struct DeskProgram {
    model: Model,
    queries: mpsc::UnboundedSender<(Load, Query)>,
    practice: mpsc::UnboundedSender<Practice>,
    requests: mpsc::UnboundedSender<EngineRequest>,
    drafts: mpsc::UnboundedSender<Option<Draft>>,
    key: mpsc::UnboundedSender<()>,
    bell: bool,
    quit: bool,
}

impl DeskProgram {
    fn new(config: &Config, options: &DeskOptions, client: Client, place: &ProgramParts<'_, BackendMsg>) -> Self {
        let seed = uuid::Uuid::new_v4();
        let mut model = Model::new(settings(config, options), place.size, Timestamp::now(), seed.as_u128());
        let (queries, asked) = mpsc::unbounded_channel();
        let (practice, practised) = mpsc::unbounded_channel();
        let (requests, orders) = mpsc::unbounded_channel();
        let (drafts, typed) = mpsc::unbounded_channel();
        let (found, system) = watch::channel(None);
        let health = Arc::new(ServerHealth::new(seed.as_u64_pair().0));
        let sync_options = sync::SyncOptions {
            client: client.clone(),
            health: Arc::clone(&health),
            lanes: place.lanes.clone(),
            system: config.seam.system.clone(),
            sweep_per_second: config.sync.sweep_per_second,
            rooms: config.rooms.group_pattern.clone(),
            found,
        };
        // All of them end with the runtime that they run on.
        let _ = place.background.spawn(sync::run(sync_options, asked));
        let _ = place.background.spawn(practice::carry_out(client.clone(), place.lanes.clone(), practised));
        let _ = place.background.spawn(pc_clock::watch_clock(client.clone(), place.lanes.clone()));
        let _ = place.background.spawn(pause::watch_pauses(Arc::clone(&health), place.lanes.clone()));
        let (key, asked_for_key) = mpsc::unbounded_channel();
        let read_key = options.read_key.clone().unwrap_or_else(|| {
            let (key, workspace) = (config.seam.api_key.clone(), config.seam.workspace_id.clone());
            Arc::new(move || Ok((key.clone(), workspace.clone())))
        });
        let key_options = key::KeyOptions {
            client: client.clone(),
            health: Arc::clone(&health),
            lanes: place.lanes.clone(),
            place: config.seam.key_place.clone(),
            read: read_key,
        };
        let _ = place.background.spawn(key::watch_key(key_options, asked_for_key));
        let jobs = jobs::JobsOptions {
            client,
            health,
            lanes: place.lanes.clone(),
            record: (!options.demo).then(|| jobs::JournalFile::from_config(config)),
            operator: config.desk.operator.clone(),
            ask_after: SignedDuration::from_mins(i64::from(config.jobs.ask_after)),
        };
        let _ = place.background.spawn(jobs::drive(jobs, system, orders));
        if !options.demo {
            let _ =
                place.background.spawn(drafts::keep_drafts(config.desk.operator.clone(), place.lanes.clone(), typed));
        }
        for warning in &options.warnings {
            update::toast(&mut model, clean(warning), Role::Warning);
        }
        let mut effects = Vec::new();
        load_everything(&mut model, &mut effects);
        let mut desk = Self { model, queries, practice, requests, drafts, key, bell: false, quit: false };
        desk.carry_out(effects);
        desk
    }

    fn update(&mut self, at: Timestamp, msg: Msg) {
        let effects = update(&mut self.model, at, msg);
        self.carry_out(effects);
    }

    // Effects go out another way than messages come in, so that nothing can wait for itself.
    fn carry_out(&mut self, effects: Vec<Effect>) {
        for effect in effects {
            match effect {
                // The tasks behind these lanes end only with the program.
                Effect::Fetch(load, query) => drop(self.queries.send((load, query))),
                Effect::Practise(practice) => drop(self.practice.send(practice)),
                Effect::Job(command) => drop(self.requests.send(EngineRequest::Command(command))),
                Effect::GoOnWithoutRecord => drop(self.requests.send(EngineRequest::GoOnWithoutRecord)),
                Effect::Draft(draft) => drop(self.drafts.send(draft)),
                Effect::ReadKey => drop(self.key.send(())),
                Effect::Bell => self.bell = true,
                // The jobs are left in order first, so that another desk can go on at once.
                Effect::Quit => drop(self.requests.send(EngineRequest::Stop)),
            }
        }
    }
}

impl Program for DeskProgram {
    type Msg = BackendMsg;

    fn input(&mut self, at: Timestamp, input: Input) {
        match input {
            Input::Key(key) => self.update(at, Msg::Key(key)),
            Input::EnterHeld => self.update(at, Msg::EnterHeld),
            Input::Paste(text) => self.update(at, Msg::Paste(text)),
            Input::Resize(columns, rows) => self.update(at, Msg::Resize(columns, rows)),
            Input::FocusGained | Input::FocusLost => {}
        }
    }

    fn message(&mut self, at: Timestamp, message: BackendMsg) {
        self.quit |= matches!(message, BackendMsg::Stopped);
        self.update(at, Msg::Backend(message));
    }

    fn deadline(&self) -> Option<Timestamp> {
        deadline(&self.model)
    }

    fn deadline_passed(&mut self, at: Timestamp) {
        self.update(at, Msg::Deadline);
    }

    fn take_dirty(&mut self) -> bool {
        std::mem::take(&mut self.model.is_dirty)
    }

    fn view(&mut self, frame: &mut Frame) {
        view(&self.model, frame);
    }

    fn take_bell(&mut self) -> bool {
        std::mem::take(&mut self.bell)
    }

    fn is_text(&self, key: Key) -> bool {
        self.model.is_text(key)
    }

    fn quit(&self) -> bool {
        self.quit
    }
}

fn settings(config: &Config, options: &DeskOptions) -> Settings {
    Settings {
        operator: config.desk.operator.clone(),
        zone: config.desk.time_zone.clone().unwrap_or_else(TimeZone::system),
        zone_is_chosen: config.desk.time_zone.is_some(),
        check_out: config.desk.check_out,
        day_first: config.stay.date_order == DateOrder::DayMonth,
        check_out_kind: config.stay.check_out,
        guard_doors: config.stay.guard_doors as usize,
        country: config.desk.country,
        rooms: config.rooms.group_pattern.clone(),
        theme: Theme { colors: colors(|name| std::env::var(name).ok()), ascii: config.look.ascii },
        bell: config.look.bell,
        demo: options.demo,
        encoder: config.desk.encoder.clone(),
    }
}

/// The colours that the terminal is trusted with.
fn colors(env: impl Fn(&str) -> Option<String>) -> Colors {
    if env("NO_COLOR").is_some_and(|value| !value.is_empty()) {
        return Colors::None;
    }
    let term = env("TERM").unwrap_or_default();
    match term.as_str() {
        "dumb" | "vt100" | "vt102" | "vt220" => Colors::None,
        "linux" | "xterm" | "screen" | "ansi" | "cygwin" => Colors::Eight,
        _ if term.contains("256color") || env("COLORTERM").is_some_and(|value| !value.is_empty()) => Colors::Many,
        _ => Colors::Sixteen,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_follow_the_terminal_and_no_color() {
        let with = |no_color: Option<&str>, term: &str| {
            colors(|name| match name {
                "NO_COLOR" => no_color.map(str::to_owned),
                "TERM" => Some(term.to_owned()),
                _ => None,
            })
        };
        assert_eq!(with(Some("1"), "xterm-256color"), Colors::None);
        assert_eq!(with(Some(""), "xterm-256color"), Colors::Many);
        assert_eq!(with(None, "linux"), Colors::Eight);
        assert_eq!(with(None, "tmux-256color"), Colors::Many);
        assert_eq!(with(None, "rxvt"), Colors::Sixteen);
        assert_eq!(with(None, "dumb"), Colors::None);
    }
}
