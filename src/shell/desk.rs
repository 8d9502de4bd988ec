//! The desk on a real terminal: joins the core to the loop, the sync task and the engine.

use std::sync::Arc;

use color_eyre::eyre::Context as _;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use ratatui::Frame;
use tokio::sync::{mpsc, watch};

use super::host::{Patience, Place, host};
use super::input::Input;
use super::lanes::Lanes;
use super::run::{End, Program};
use super::sync;
use crate::app::ctx::Settings;
use crate::app::data::load_everything;
use crate::app::effect::{Effect, Query};
use crate::app::msg::{Data, Ignored, Load, Msg};
use crate::app::update::{self, deadline, update};
use crate::app::{Model, view};
use crate::config::Config;
use crate::desk::job::command::Command;
use crate::engine::{self, Update, clock::SystemClock};
use crate::journal::{Holder, MemoryJournal};
use crate::seam::client::{Client, Connection};
use crate::seam::lenient::clean;
use crate::seam::types::SystemId;
use crate::ui::theme::{Colors, Role, Theme};

/// How this run differs from a plain one.
#[derive(Clone, Debug, Default)]
pub struct DeskOptions {
    /// The desk runs on the simulator in this process.
    pub demo: bool,
    /// What the operator should be told at the start, for example that others may read the key.
    pub warnings: Vec<String>,
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
    let (_, end) = host(Patience::default(), move |place| Desk::new(&config, &options, client, &place))?;
    Ok(match end {
        End::Quit | End::InputClosed => 0,
        End::Stopped(why) => why.exit_code(),
    })
}

/// The program that the loop runs.
struct Desk {
    model: Model,
    queries: mpsc::UnboundedSender<(Load, Query)>,
    commands: mpsc::UnboundedSender<Command>,
    dirty: bool,
    bell: bool,
    quit: bool,
}

impl Desk {
    fn new(config: &Config, options: &DeskOptions, client: Client, place: &Place<'_, Msg>) -> Self {
        let seed = uuid::Uuid::new_v4().as_u128();
        let mut model = Model::new(settings(config, options), place.size, Timestamp::now(), seed);
        let (queries, asked) = mpsc::unbounded_channel();
        let (commands, wishes) = mpsc::unbounded_channel();
        let (found, system) = watch::channel(None);
        let line = Arc::new(sync::Line::new(client.clone(), place.lanes.clone()));
        let setup = sync::Setup {
            client: client.clone(),
            line: Arc::clone(&line),
            lanes: place.lanes.clone(),
            system: config.seam.system.clone(),
            sweep_per_second: config.sync.sweep_per_second,
            rooms: config.rooms.group_pattern.clone(),
            found,
        };
        // Both end with the runtime that they run on.
        let _ = place.background.spawn(sync::run(setup, asked));
        let _ = place.background.spawn(drive(client, line, system, wishes, place.lanes.clone()));
        for warning in &options.warnings {
            update::toast(&mut model, clean(warning), Role::Warning);
        }
        let mut effects = Vec::new();
        load_everything(&mut model, &mut effects);
        let mut desk = Self { model, queries, commands, dirty: true, bell: false, quit: false };
        desk.carry_out(effects);
        desk
    }

    fn take(&mut self, at: Timestamp, msg: Msg) {
        let effects = update(&mut self.model, at, msg);
        self.dirty = true;
        self.carry_out(effects);
    }

    // Effects go out another way than messages come in, so that nothing can wait for itself.
    fn carry_out(&mut self, effects: Vec<Effect>) {
        for effect in effects {
            match effect {
                // The tasks behind these lanes end only with the program.
                Effect::Fetch(load, query) => drop(self.queries.send((load, query))),
                Effect::Job(command) => drop(self.commands.send(command)),
                Effect::Bell => self.bell = true,
                Effect::Quit => self.quit = true,
            }
        }
    }
}

impl Program for Desk {
    type Msg = Msg;

    fn input(&mut self, at: Timestamp, input: Input) {
        match input {
            Input::Key(key) => self.take(at, Msg::Key(key)),
            Input::Paste(text) => self.take(at, Msg::Paste(text)),
            Input::Resize(columns, rows) => self.take(at, Msg::Resize(columns, rows)),
            Input::FocusGained | Input::FocusLost => {}
        }
    }

    fn message(&mut self, at: Timestamp, message: Msg) {
        self.take(at, message);
    }

    fn deadline(&self) -> Option<Timestamp> {
        deadline(&self.model)
    }

    fn deadline_passed(&mut self, at: Timestamp) {
        self.take(at, Msg::Deadline);
    }

    fn take_dirty(&mut self) -> bool {
        std::mem::take(&mut self.dirty)
    }

    fn view(&mut self, frame: &mut Frame) {
        view(&self.model, frame);
    }

    fn take_bell(&mut self) -> bool {
        std::mem::take(&mut self.bell)
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

/// Starts the engine once the system is known, gives it the commands and the program its updates.
async fn drive(
    client: Client,
    line: Arc<sync::Line>,
    mut system: watch::Receiver<Option<SystemId>>,
    mut commands: mpsc::UnboundedReceiver<Command>,
    lanes: Lanes<Msg>,
) {
    let Ok(Some(system)) = system.wait_for(Option::is_some).await.map(|system| system.clone()) else { return };
    let (updates, mut told) = mpsc::unbounded_channel();
    let id = uuid::Uuid::new_v4();
    let holder = Holder::new(id.to_string(), "this desk");
    let setup = engine::Setup { system, holder, seed: id.as_u64_pair().1, ask_after: engine::ASK_AFTER };
    let engine = engine::start(client, MemoryJournal::default(), SystemClock, setup, updates);
    loop {
        tokio::select! {
            command = commands.recv() => match command {
                Some(command) => engine.send(command),
                None => return,
            },
            update = told.recv() => match update {
                // One place says whether the line is up; the engine only tells it what it met.
                Some(Update::Line(trouble)) => trouble.iter().for_each(|error| line.is_down(error)),
                Some(update) => message(update).into_iter().for_each(|message| lanes.jobs.send(message)),
                None => return,
            },
        }
    }
}

// What single objects say is as new as its answer, whatever loading runs.
fn message(update: Update) -> Option<Msg> {
    let fact = |data| Some(Msg::Data(Load::MAX, Box::new(data)));
    match update {
        Update::Job(job) => Some(Msg::Job(Arc::clone(&job))),
        Update::Ignored { job, why } => Some(Msg::Ignored(job, ignored(&why)?)),
        Update::User(user) => fact(Data::User(user.acs_user_id.clone(), Ok(Some(*user)))),
        Update::UserGone(user) => fact(Data::User(user, Ok(None))),
        Update::Groups { user, groups } => {
            let groups = groups.into_iter().filter(|group| !group.is_going());
            fact(Data::GroupsOf(user, Ok(groups.map(|group| group.acs_access_group_id).collect())))
        }
        Update::Membership { user, group, is_member } => fact(Data::Member(user, group, is_member)),
        Update::Credentials { user, credentials } => fact(Data::CredentialsOf(user, Ok(credentials))),
        Update::Credential(credential) => fact(Data::Credential(credential)),
        Update::CredentialGone(credential) => fact(Data::CredentialGone(credential)),
        // The journal of one process shows no other.
        Update::Elsewhere { .. } | Update::Line(_) => None,
        Update::Journal(trouble) => Some(Msg::Journal(trouble.map(|error| error.to_string()))),
    }
}

fn ignored(why: &engine::Ignored) -> Option<Ignored> {
    Some(match why {
        engine::Ignored::NotNow | engine::Ignored::NoSuchJob => Ignored::NotNow,
        engine::Ignored::GuestInWork { job, .. } => Ignored::GuestInWork((*job)?),
        engine::Ignored::TakenOver => Ignored::TakenOver,
        // The desk draws ids at random, so that this can only be an echo of its own command.
        engine::Ignored::Twice => return None,
    })
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
