//! The whole state of the desk.

use std::collections::BTreeMap;

use jiff::Timestamp;
use ratatui::layout::Rect;

use super::dialog_stack::{DialogId, DialogStack};
use super::ids::Ids;
use super::live::Live;
use crate::component::ctx::{Ctx, Settings};
use crate::component::draft::Draft;
use crate::domain::job::JobId;
use crate::domain::job::order::Order;
use crate::keys::PaneId;
use crate::keys::action::{Action, action_for};
use crate::keys::key::Key;
use crate::panes::{self, Panes};
use crate::ui::layout::{self, Areas};
use crate::ui::theme::Role;

/// A short notice in the key line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Toast {
    /// One sentence; what has no room is cut off.
    pub text: String,
    /// The role whose colour it has.
    pub role: Role,
    /// When it goes by itself, by the clock of this PC.
    pub until: Timestamp,
}

/// The model: what the screen shows, and what is needed to go on from there (ids, drafts, deadlines).
#[derive(Debug)]
pub struct Model {
    /// What panes and dialogs may read.
    pub ctx: Ctx,
    /// The pane that has the focus.
    pub focus: PaneId,
    /// The state of every pane, also of one that is not on the screen.
    pub panes: Panes,
    /// The dialogs, the top one last.
    pub dialogs: DialogStack,
    /// The question whether to go on without a record of the jobs; `None` before it was asked.
    pub record_question: Option<DialogId>,
    /// The question about a form that a lost session left behind; `None` before it was asked.
    pub draft_question: Option<DialogId>,
    /// The notice in place of the key line; `None` shows the keys.
    pub toast: Option<Toast>,
    /// Whether a person said that the desk goes on without a record: that can't be taken back.
    pub is_without_record: bool,
    /// The forms of orders that are on their way, the newest last: they come back when an order is not taken.
    pub sent_forms: Vec<(JobId, Draft)>,
    /// Orders that start when the job that they replace was given up, with the form that they come from.
    pub replacements: BTreeMap<JobId, (Box<Order>, Option<Draft>)>,
    /// A form that a lost session left and that was put off: kept for the next start.
    pub shelved_form: Option<Draft>,
    /// The half-typed form as it is kept on disk.
    pub kept_draft: Option<Draft>,
    /// Until when Enter is ignored, since what it does changed under the finger, by no key.
    pub enter_guard: Option<Timestamp>,
    /// When Enter came last, if no other key came since: a second one close behind it starts nothing.
    pub last_enter: Option<Timestamp>,
    /// Whether the message that is handled is a key: what it changes was meant by whoever pressed it.
    pub is_key: bool,
    /// What is read by itself, and when.
    pub live: Live,
    /// The source of ids for new jobs.
    pub ids: Ids,
    /// Whether anything that can be seen changed since the screen was last drawn.
    pub is_dirty: bool,
}

impl Model {
    /// An empty desk. The terminal begins with [`load_everything`](super::data::load_everything).
    pub fn new(settings: Settings, size: (u16, u16), at: Timestamp, seed: u128) -> Self {
        Self {
            ctx: Ctx::new(settings, size, at),
            focus: PaneId::Users,
            panes: Panes::default(),
            dialogs: DialogStack::default(),
            record_question: None,
            draft_question: None,
            toast: None,
            is_without_record: false,
            sent_forms: Vec::new(),
            replacements: BTreeMap::new(),
            shelved_form: None,
            kept_draft: None,
            enter_guard: None,
            last_enter: None,
            is_key: false,
            live: Live::new(at),
            ids: Ids::new(seed),
            is_dirty: true,
        }
    }

    /// Whether the record can't be written, or a person said that the desk goes on without it.
    pub fn lacks_record(&self) -> bool {
        self.is_without_record || self.ctx.journal_trouble.is_some()
    }

    /// Whether what happens to jobs is on disk.
    pub fn is_recorded(&self) -> bool {
        !self.ctx.settings.demo && !self.lacks_record()
    }

    /// The areas of the screen; `None` when the terminal is too small.
    pub fn areas(&self) -> Option<Areas> {
        let (width, height) = self.ctx.size;
        let area = Rect::new(0, 0, width, height);
        layout::areas(area, self.ctx.directory.encoders().loaded().map_or(1, Vec::len))
    }

    /// The panes that are on the screen, with their areas.
    pub fn shown_panes(&self) -> Vec<(PaneId, Rect)> {
        let Some(areas) = self.areas() else { return Vec::new() };
        let shown = |pane| Some((pane, panes::area(pane, &areas, self.focus)?));
        PaneId::ALL.into_iter().filter_map(shown).collect()
    }

    /// Whether the pane with the focus shows what a search found.
    pub fn is_searching(&self) -> bool {
        self.panes.is_searching(self.focus)
    }

    /// Whether the pane with the focus takes the keys as text.
    pub fn is_typing(&self) -> bool {
        self.panes.is_typing(self.focus)
    }

    /// Whether a key would be typed into a text field, or open one.
    pub fn is_text(&self, key: Key) -> bool {
        match self.dialogs.top() {
            Some(dialog) => dialog.takes_text(),
            None if self.is_typing() => true,
            None => matches!(action_for(key, self.focus), Some(Action::Search | Action::NewGuest | Action::Palette)),
        }
    }
}
