//! The panes: each with its state, update and view. No pane reads another's state; the app routes.
//!
//! Here stands every match over all panes. To add one: a file with `State`, `update` and `view`, a [`PaneId`], the
//! matches below, its place in `ui/layout.rs`, and a key that moves the focus to it.

pub mod activity;
pub mod credentials;
pub mod encoders;
pub mod groups;
pub mod users;

use jiff::Timestamp;
use ratatui::Frame;
use ratatui::layout::Rect;

use crate::component::activity_entry::ActivityEntry;
use crate::component::ctx::Ctx;
use crate::domain::guest_state::GuestState;
use crate::domain::query::Query;
use crate::keys::PaneId;
use crate::keys::action::Action;
use crate::keys::key::Key;
use crate::seam::types::{EncoderId, GroupId, UserId};
use crate::ui::layout::Areas;
use crate::ui::list::Move;
use crate::ui::theme::{Glyph, Role};
use crate::words::{panes as words, time};

/// What a pane can be told.
#[derive(Clone, Debug)]
pub enum Msg {
    /// Move the cursor, or scroll where there is none.
    Move(Move),
    /// Begin or go on with a search.
    Search,
    /// End the search and list everything again.
    ClearSearch,
    /// A key while the search field has it.
    Key(Key),
    /// A paste while the search field has it.
    Paste(String),
    /// What the pane shows became another: the selected user, or the users while a search is on.
    Refresh,
    /// The inside of the pane has this many columns and rows now.
    Size(usize, usize),
    /// Toggle what is under the cursor.
    Toggle,
    /// Choose what is under the cursor.
    Choose,
    /// Put the cursor on this user.
    SelectUser(UserId),
}

/// What a pane asks the app to do.
#[derive(Clone, Debug, PartialEq)]
pub enum Out {
    /// Read this at the server; the answer comes as data.
    Fetch(Query),
    /// Turn this group over for the selected user.
    Stage(GroupId),
    /// Make this the encoder that new cards are made on.
    UseEncoder(EncoderId),
    /// Show this entry whole.
    OpenEntry(Box<ActivityEntry>),
}

/// What each pane keeps between two frames: cursors, searches, windows.
#[derive(Debug, Default)]
pub struct Panes {
    /// Users; the one under the cursor is the selected user of the desk.
    pub users: users::State,
    /// Access groups of the selected user.
    pub groups: groups::State,
    /// Credentials of the selected user.
    pub credentials: credentials::State,
    /// Encoders, whether ready, at work or out of reach.
    pub encoders: encoders::State,
    /// What happened since the start, newest first.
    pub activity: activity::State,
}

impl Panes {
    /// Hands a message to a pane; gives what it wants.
    pub fn update(&mut self, pane: PaneId, msg: Msg, ctx: &Ctx) -> Vec<Out> {
        match pane {
            PaneId::Users => users::update(&mut self.users, msg, ctx),
            PaneId::Groups => groups::update(&mut self.groups, msg, ctx),
            PaneId::Credentials => credentials::update(&mut self.credentials, &msg, ctx),
            PaneId::Encoders => encoders::update(&mut self.encoders, &msg, ctx),
            PaneId::Activity => activity::update(&mut self.activity, &msg),
        }
    }

    /// Draws a pane with its frame.
    pub fn view(&self, pane: PaneId, ctx: &Ctx, frame: &mut Frame, area: Rect, focused: bool) {
        match pane {
            PaneId::Users => users::view(&self.users, ctx, frame, area, focused),
            PaneId::Groups => groups::view(&self.groups, ctx, frame, area, focused),
            PaneId::Credentials => credentials::view(&self.credentials, ctx, frame, area, focused),
            PaneId::Encoders => encoders::view(&self.encoders, ctx, frame, area, focused),
            PaneId::Activity => activity::view(&self.activity, ctx, frame, area, focused),
        }
    }

    /// Whether a pane shows what a search found.
    pub fn is_searching(&self, pane: PaneId) -> bool {
        match pane {
            PaneId::Users => self.users.is_searching(),
            PaneId::Groups => self.groups.is_searching(),
            PaneId::Credentials | PaneId::Encoders | PaneId::Activity => false,
        }
    }

    /// Whether a pane takes the keys as text.
    pub fn is_typing(&self, pane: PaneId) -> bool {
        match pane {
            PaneId::Users => self.users.is_typing(),
            PaneId::Groups => self.groups.is_typing(),
            PaneId::Credentials | PaneId::Encoders | PaneId::Activity => false,
        }
    }
}

/// The note of a title, after the age of what the pane shows where that is older than it should be.
fn with_age(ctx: &Ctx, read_at: Option<Timestamp>, note: String) -> String {
    let Some(read_at) = read_at else { return note };
    let age = words::as_of(&time::moment(read_at, ctx.zone(), ctx.at));
    if note.is_empty() { age } else { format!("{age} {} {note}", ctx.theme().glyph(Glyph::Between)) }
}

/// The glyph and the role of a guest's state: what needs a person is the only thing in colour.
fn look(state: GuestState) -> (Glyph, Role) {
    match state {
        GuestState::UserError
        | GuestState::Suspended
        | GuestState::EndedWithCard
        | GuestState::CardError
        | GuestState::CardEnded => (Glyph::Stopped, Role::Bad),
        GuestState::ToBeWritten => (Glyph::Dotted, Role::Warning),
        GuestState::NeedsUpdate | GuestState::Warned => (Glyph::Attention, Role::Warning),
        GuestState::Ended | GuestState::NoCard => (Glyph::Hollow, Role::Dim),
        GuestState::Unknown => (Glyph::Dot, Role::Dim),
        GuestState::CardOk => (Glyph::Ok, Role::Dim),
    }
}

/// Whether a pane has a search of its own.
pub fn has_search(pane: PaneId) -> bool {
    match pane {
        PaneId::Users | PaneId::Groups => true,
        PaneId::Credentials | PaneId::Encoders | PaneId::Activity => false,
    }
}

/// What the key line offers first while a pane has the focus.
pub fn actions(pane: PaneId) -> &'static [Action] {
    match pane {
        PaneId::Groups => &[Action::Stage, Action::Save, Action::DropStaged],
        PaneId::Encoders => &[Action::UseEncoder],
        PaneId::Activity => &[Action::OpenEntry],
        PaneId::Users | PaneId::Credentials => &[],
    }
}

/// Where a pane stands; `None` while another has its place.
pub fn area(pane: PaneId, areas: &Areas, focus: PaneId) -> Option<Rect> {
    // Where there is no room for both, the activity takes the place of the encoders while it has the focus.
    let shows_activity = areas.activity.is_some() || focus == PaneId::Activity;
    match pane {
        PaneId::Users => Some(areas.users),
        PaneId::Groups => Some(areas.groups),
        PaneId::Credentials => Some(areas.credentials),
        PaneId::Encoders => (areas.activity.is_some() || !shows_activity).then_some(areas.encoders),
        PaneId::Activity => shows_activity.then(|| areas.activity.unwrap_or(areas.encoders)),
    }
}
