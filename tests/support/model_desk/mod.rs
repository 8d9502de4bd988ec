//! A desk without a terminal, a server or a clock: the model behind a test backend, time that passes when told.

pub mod engine;
pub mod world;

use jiff::{SignedDuration, Timestamp};
use keydesk::app::data::load_everything;
use keydesk::app::effect::Effect;
use keydesk::app::msg::Msg;
use keydesk::app::{Model, deadline, update, view};
use keydesk::component::backend_msg::BackendMsg;
use keydesk::component::ctx::Settings;
use keydesk::dialogs::Dialog;
use keydesk::domain::fact::{Fact, Load};
use keydesk::domain::job::command::{Command, Decision};
use keydesk::domain::query::Query;
use keydesk::keys::PaneId;
use keydesk::keys::action::{Action, bindings};
use keydesk::terminal::input::Input;
use keydesk::terminal::run::Program;
use ratatui::Frame;
use ratatui::buffer::Buffer;

use crate::support::driver::Driver;
use crate::support::in_process::InProcess;
use engine::Engine;

/// The moment at which every test begins: 14:32:10 in Berlin.
pub const NOW: &str = "2026-11-24T13:32:10Z";

/// A person at the desk.
pub type Desk = InProcess<Core>;

/// The core as the loop runs it; what it wants done is kept to be looked at.
pub struct Core {
    pub model: Model,
    pub effects: Vec<Effect>,
    pub engine: Engine,
    /// What was asked of the server since the start, and when.
    pub asked: Vec<(Timestamp, Query)>,
    bell: bool,
}

impl Core {
    fn update(&mut self, at: Timestamp, msg: Msg) {
        let effects = update(&mut self.model, at, msg);
        self.bell |= effects.contains(&Effect::Bell);
        for effect in &effects {
            if let Effect::Fetch(_, query) = effect {
                self.asked.push((at, query.clone()));
            }
        }
        self.effects.extend(effects);
    }
}

impl Program for Core {
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

    fn quit(&self) -> bool {
        self.effects.contains(&Effect::Quit)
    }
}

impl Desk {
    /// A desk that has asked for everything and heard nothing yet.
    pub fn fresh(settings: Settings, size: (u16, u16)) -> Self {
        let now = NOW.parse().unwrap();
        let mut model = Model::new(settings, size, now, 7);
        let mut effects = Vec::new();
        load_everything(&mut model, &mut effects);
        let core = Core { model, effects, engine: Engine::default(), asked: Vec::new(), bell: false };
        Self::new(core, now, size)
    }

    /// A desk that knows the whole hotel, at rest, with nothing left to be done.
    pub fn open() -> Self {
        Self::open_with(world::settings(), (120, 36))
    }

    pub fn open_at(size: (u16, u16)) -> Self {
        Self::open_with(world::settings(), size)
    }

    pub fn open_with(settings: Settings, size: (u16, u16)) -> Self {
        let mut desk = Self::fresh(settings, size);
        let load = desk.model().ctx.directory.load();
        for data in world::everything() {
            desk.data(data);
        }
        desk.tell(BackendMsg::Answered(load, Query::Everything, None));
        desk.settle();
        desk.effects();
        desk
    }

    pub fn model(&self) -> &Model {
        &self.program.model
    }

    /// A fact of the newest reload, or the answer to what would be asked now.
    pub fn data(&mut self, fact: Fact) {
        let load = self.load_of(&fact);
        self.tell(BackendMsg::Fact(Some(load), Box::new(fact)));
    }

    /// A fact of the reload before.
    pub fn old_data(&mut self, fact: Fact) {
        let load = self.load_of(&fact) - 1;
        self.tell(BackendMsg::Fact(Some(load), Box::new(fact)));
    }

    fn load_of(&self, fact: &Fact) -> Load {
        let directory = &self.model().ctx.directory;
        match fact {
            Fact::People(_) | Fact::PeopleEnd(_) => directory.load_of(&Query::UsersPage),
            Fact::Credentials(_) | Fact::CredentialsEnd(_) => directory.load_of(&Query::CredentialsPage),
            _ => directory.load(),
        }
    }

    /// Lets so many milliseconds pass.
    pub fn wait(&mut self, millis: i64) {
        self.pass(SignedDuration::from_millis(millis));
    }

    /// Lets time pass while a quick server answers at once whatever is asked. Gives how many requests that were, and
    /// how often the screen was drawn anew.
    pub fn live(&mut self, time: SignedDuration) -> (u32, usize) {
        let (end, frames, mut requests) = (self.now + time, self.screen.frames, 0);
        loop {
            for effect in self.effects() {
                if let Effect::Fetch(load, query) = effect {
                    requests += query.cost();
                    self.answer(load, query);
                }
            }
            self.screen_text();
            match self.program.deadline().filter(|deadline| *deadline <= end) {
                Some(deadline) => self.pass(deadline.duration_since(self.now)),
                None => break,
            }
        }
        self.pass(end.duration_since(self.now));
        (requests, self.screen.frames - frames)
    }

    /// Lets the cursor rest and answers what is asked, like a quick server.
    pub fn settle(&mut self) {
        self.wait(500);
        let effects = self.effects();
        self.answer_all(&effects);
    }

    /// Answers all that is asked but for everything, like a quick server.
    pub fn answer_all(&mut self, effects: &[Effect]) {
        for effect in effects {
            if let Effect::Fetch(load, query) = effect
                && *query != Query::Everything
            {
                self.answer(*load, query.clone());
            }
        }
    }

    /// Answers a query, like a quick server.
    pub fn answer(&mut self, load: Load, query: Query) {
        for data in world::answer(&query) {
            self.tell(BackendMsg::Fact(Some(load), Box::new(data)));
        }
        self.tell(BackendMsg::Answered(load, query, None));
    }

    /// What was wanted since this was last asked.
    pub fn effects(&mut self) -> Vec<Effect> {
        std::mem::take(&mut self.program.effects)
    }

    /// What was asked of the server since this was last asked.
    pub fn queries(&mut self) -> Vec<Query> {
        let is_query = |effect| if let Effect::Fetch(_, query) = effect { Some(query) } else { None };
        self.effects().into_iter().filter_map(is_query).collect()
    }

    /// The decisions that were taken since this was last asked.
    pub fn decisions(&mut self) -> Vec<Decision> {
        let is_decision = |effect| match effect {
            Effect::Job(Command::Decide { decision, .. }) => Some(decision),
            _ => None,
        };
        self.effects().into_iter().filter_map(is_decision).collect()
    }

    /// Presses the first key of an action, as the table has it for the pane with the focus.
    pub fn act(&mut self, action: Action) {
        let focus = self.model().focus;
        let mut all = bindings(Some(focus)).chain(bindings(None));
        let found = all.find(|(row, _)| row.action == action);
        let (_, binding) = found.unwrap_or_else(|| panic!("{action:?} has no key in {focus:?}"));
        self.key(binding.keys[0]);
    }

    /// Saves the form and says yes to all that is asked.
    pub fn save_anyway(&mut self) {
        self.press("Ctrl-S");
        while self.model().dialogs.top().is_some_and(Dialog::is_question) {
            self.keys("End Enter");
        }
    }

    /// Presses keys by their names, one after the other.
    pub fn keys(&mut self, names: &str) {
        for name in names.split_whitespace() {
            self.press(name);
        }
    }

    pub fn focus(&mut self, pane: PaneId) {
        self.act(Action::Focus(pane));
    }

    /// Puts the cursor on a guest, through a search, and lets it rest there.
    pub fn choose(&mut self, name: &str) {
        self.select(name);
        self.settle();
        assert!(self.selected_name().contains(name), "{name} is not {}", self.selected_name());
    }

    /// The same without an answer of the server.
    pub fn select(&mut self, name: &str) {
        self.focus(PaneId::Users);
        self.act(Action::Search);
        self.type_text(name);
        self.press("Enter");
        self.act(Action::ClearSearch);
    }

    pub fn selected_name(&self) -> String {
        let person = self.model().ctx.selected.as_ref().and_then(|id| self.model().ctx.directory.user(id));
        person.map_or_else(String::new, |person| person.user().name().to_owned())
    }

    /// Whether the screen shows these words.
    pub fn sees(&mut self, words: &str) -> bool {
        self.screen_text().contains(words)
    }

    /// The line of the screen that holds these words.
    pub fn line(&mut self, words: &str) -> String {
        let screen = self.screen_text();
        let line = screen.lines().find(|line| line.contains(words));
        line.unwrap_or_else(|| panic!("no line with {words:?}:\n{screen}")).to_owned()
    }

    /// The last line: keys or a notice.
    pub fn key_line(&mut self) -> String {
        self.screen_text().lines().last().unwrap_or_default().trim_matches('"').trim().to_owned()
    }

    /// The cells of the screen.
    pub fn buffer(&mut self) -> Buffer {
        let _ = self.screen_text();
        self.screen.terminal.backend().buffer().clone()
    }

    /// Keys that only a fresh search or form would take: waits out the guard of Enter first.
    pub fn enter(&mut self) {
        self.wait(500);
        self.press("Enter");
    }
}
