//! A desk without a terminal whose time passes when told: the model, and the real reading over HTTP beside it.

use std::sync::Arc;
use std::time::Duration;

use jiff::civil::Time;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use keydesk::app::data::load_everything;
use keydesk::app::effect::Effect;
use keydesk::app::msg::Msg;
use keydesk::app::{Model, deadline, update, view};
use keydesk::backend::ServerHealth;
use keydesk::backend::lanes::{Intake, lanes};
use keydesk::backend::sync::{SyncOptions, run};
use keydesk::component::backend_msg::BackendMsg;
use keydesk::component::ctx::Settings;
use keydesk::domain::fact::Load;
use keydesk::domain::query::Query;
use keydesk::domain::room::{DEFAULT_PATTERN, RoomPattern};
use keydesk::keys::key::Key;
use keydesk::seam::client::{Client, Connection};
use keydesk::ui::theme::{Colors, Theme};
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;

/// Longer than any answer takes; only a failing test waits for so long.
const PATIENCE: Duration = Duration::from_secs(30);

/// The window, in cells.
const SIZE: (u16, u16) = (120, 44);

pub struct Desk {
    model: Model,
    now: Timestamp,
    queries: mpsc::UnboundedSender<(Load, Query)>,
    intake: Intake<BackendMsg>,
    unanswered: usize,
    terminal: Terminal<TestBackend>,
    reading: JoinHandle<()>,
    // When requests were made, by the desk's own time, and how many.
    requests: Vec<(Timestamp, u32)>,
    /// How often the screen was drawn anew.
    pub frames: usize,
}

impl Drop for Desk {
    fn drop(&mut self) {
        self.reading.abort();
    }
}

fn settings() -> Settings {
    Settings {
        operator: "Mia".into(),
        zone: TimeZone::UTC,
        zone_is_chosen: true,
        check_out: Time::constant(11, 0, 0, 0),
        check_out_kind: keydesk::domain::check_out::CheckOutKind::Suspend,
        guard_doors: 40,
        day_first: true,
        country: None,
        rooms: RoomPattern::new(DEFAULT_PATTERN).unwrap(),
        theme: Theme { colors: Colors::Sixteen, ascii: false },
        bell: false,
        demo: false,
        encoder: None,
    }
}

impl Desk {
    /// A desk of the hotel at this address that has read everything once.
    pub async fn open(url: String, key: String) -> Self {
        Self::open_sweeping(url, key, 1000).await
    }

    /// The same, with so many requests a second for the groups.
    pub async fn open_sweeping(url: String, key: String, sweep_per_second: u32) -> Self {
        let client = Client::new(Connection {
            endpoint: url,
            key: key.into(),
            workspace: None,
            connect_timeout: PATIENCE,
            total_timeout: PATIENCE,
            allow_insecure: false,
        })
        .unwrap();
        let (lanes, intake) = lanes();
        let (queries, asked) = mpsc::unbounded_channel();
        let options = SyncOptions {
            client,
            health: Arc::new(ServerHealth::new(7)),
            lanes,
            system: None,
            sweep_per_second,
            rooms: RoomPattern::new(DEFAULT_PATTERN).unwrap(),
            found: watch::channel(None).0,
        };
        let reading = tokio::spawn(run(options, asked));
        let now = Timestamp::now();
        let model = Model::new(settings(), SIZE, now, 7);
        let terminal = Terminal::new(TestBackend::new(SIZE.0, SIZE.1)).unwrap();
        let (unanswered, requests) = (0, Vec::new());
        let mut desk = Self { model, now, queries, intake, unanswered, terminal, reading, requests, frames: 0 };
        let mut effects = Vec::new();
        load_everything(&mut desk.model, &mut effects);
        desk.carry_out(effects);
        desk.settle().await;
        desk.draw();
        desk
    }

    fn carry_out(&mut self, effects: Vec<Effect>) {
        for effect in effects {
            if let Effect::Fetch(load, query) = effect {
                self.unanswered += 1;
                self.requests.push((self.now, query.cost()));
                self.queries.send((load, query)).unwrap();
            }
        }
    }

    fn update(&mut self, msg: Msg) {
        let effects = update(&mut self.model, self.now, msg);
        self.carry_out(effects);
    }

    // Takes in all answers: no time passes while they are on their way.
    async fn settle(&mut self) {
        while self.unanswered > 0 {
            let message = tokio::time::timeout(PATIENCE, self.intake.next()).await.expect("an answer");
            self.unanswered -= usize::from(matches!(message, BackendMsg::Answered(..)));
            self.update(Msg::Backend(message));
        }
    }

    fn draw(&mut self) {
        if std::mem::take(&mut self.model.is_dirty) {
            self.frames += 1;
            let model = &self.model;
            self.terminal.draw(|frame| view(model, frame)).unwrap();
        }
    }

    /// Lets time pass; what is due is asked, and answered at once.
    pub async fn pass(&mut self, time: SignedDuration) {
        let end = self.now + time;
        loop {
            self.settle().await;
            self.draw();
            let Some(deadline) = deadline(&self.model).filter(|deadline| *deadline <= end) else { break };
            self.now = self.now.max(deadline);
            self.update(Msg::Deadline);
        }
        self.now = end;
    }

    /// Presses keys by their names.
    pub fn keys(&mut self, names: &str) {
        for name in names.split_whitespace() {
            self.update(Msg::Key(name.parse().unwrap()));
        }
        self.draw();
    }

    /// Puts the cursor on a guest, through a search.
    pub async fn choose(&mut self, search: &str, row: &str) {
        self.keys("/");
        for c in search.chars() {
            self.update(Msg::Key(Key::char(c)));
        }
        self.keys("Enter Esc");
        self.pass(SignedDuration::from_secs(4)).await;
        assert!(self.screen().contains(&format!("Credentials of {row}")), "{}", self.screen());
    }

    pub fn screen(&self) -> String {
        self.terminal.backend().to_string()
    }

    /// How many requests were made from a moment on.
    pub fn asked_since(&self, from: Timestamp) -> u32 {
        self.requests.iter().filter(|(at, _)| *at >= from).map(|(_, cost)| cost).sum()
    }

    /// The most requests in any minute from a moment on.
    pub fn most_in_a_minute(&self, from: Timestamp) -> u32 {
        let asked: Vec<_> = self.requests.iter().filter(|(at, _)| *at >= from).collect();
        let within = |begin: Timestamp| {
            let end = begin + SignedDuration::from_mins(1);
            asked.iter().filter(|(at, _)| *at >= begin && *at < end).map(|(_, cost)| cost).sum()
        };
        asked.iter().map(|(at, _)| within(*at)).max().unwrap_or(0)
    }

    /// The time at the desk.
    pub fn now(&self) -> Timestamp {
        self.now
    }
}
