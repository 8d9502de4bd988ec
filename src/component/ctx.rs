//! What panes and dialogs may read.

use std::collections::{HashMap, HashSet};

use jiff::civil::Time;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use super::ages::Ages;
use super::jobs::Jobs;
use super::staged::Staged;
use crate::domain::check_out::CheckOutKind;
use crate::domain::codes::{NoticeCode, is_supported};
use crate::domain::directory::Directory;
use crate::domain::job::JobId;
use crate::domain::job::order::Order;
use crate::domain::phone::Country;
use crate::domain::remembered::{CalledWritten, RememberedGuest};
use crate::domain::room::RoomPattern;
use crate::seam::error::SeamError;
use crate::seam::key::KeyTrouble;
use crate::seam::types::{Encoder, EncoderId, Notice, UserId};
use crate::ui::theme::{Role, Theme};

/// How long Enter is ignored after another Enter, and after what it would start has changed by no key.
pub const ENTER_GUARD: SignedDuration = SignedDuration::from_millis(400);

/// How far this PC's clock may differ from the server's before it counts as wrong.
pub const CLOCK_TOLERANCE: SignedDuration = SignedDuration::from_mins(2);

/// What is set for this run of the desk.
#[derive(Clone, Debug)]
#[allow(clippy::struct_excessive_bools, reason = "each is a setting of its own")]
pub struct Settings {
    /// The operator, as jobs and records name the person.
    pub operator: String,
    /// The hotel's time zone: all hours are shown in it.
    pub zone: TimeZone,
    /// Whether the zone was chosen in the config; otherwise the access system's zone wins once it is known.
    pub zone_is_chosen: bool,
    /// The hour at which a departure without an hour ends.
    pub check_out: Time,
    /// Whether `3/4` is the third of April, not the fourth of March.
    pub day_first: bool,
    /// What a check-out does to a guest's access.
    pub check_out_kind: CheckOutKind,
    /// Whoever opens more doors than this is likely no guest: a check-out asks by name.
    pub guard_doors: usize,
    /// The country of phone numbers without `+`.
    pub country: Option<Country>,
    /// How a room is read out of a group's name.
    pub rooms: RoomPattern,
    /// How many colours there are, and whether only ASCII.
    pub theme: Theme,
    /// Whether the terminal's bell may ring.
    pub bell: bool,
    /// Whether this is the demo: it keeps no record of its jobs.
    pub demo: bool,
    /// The wished desk encoder, by name or id.
    pub encoder: Option<String>,
}

/// The part of the model that panes and dialogs may read.
#[derive(Debug)]
pub struct Ctx {
    /// What is known of the hotel.
    pub directory: Directory,
    /// The jobs of this desk, and those of others as far as they are known.
    pub jobs: Jobs,
    /// What is remembered of guests and told by no server.
    pub remembered: HashMap<UserId, RememberedGuest>,
    /// Users whom a job changed and who were not read since: what is known of them may be older than that.
    pub read_back: HashSet<UserId>,
    /// Group changes that are marked and not saved, of all users.
    pub staged: Staged,
    /// The last job whose card had been another guest's, with that guest's name.
    pub wrote_over: Option<(JobId, String)>,
    /// The selected user: the one under the cursor of the users pane.
    pub selected: Option<UserId>,
    /// Whether the user under the cursor was deleted: then nobody is selected until a person moves the cursor.
    pub selected_is_gone: bool,
    /// The encoder that new cards are made on; `None` while none is known.
    pub desk_encoder: Option<EncoderId>,
    /// What is shown and older than it should be.
    pub ages: Ages,
    /// Since when the server can't be reached or fails; `None` while it answers.
    pub offline_since: Option<Timestamp>,
    /// Why it is so, by the first failure; `None` while it answers.
    pub offline_why: Option<SeamError>,
    /// Since when something can't be read although the server is reached, and why; `None` while all can.
    pub not_read: Option<(Timestamp, SeamError)>,
    /// Until when the server asked for silence, where that is worth a word; `None` while it did not.
    pub pause_until: Option<Timestamp>,
    /// Why the record of the jobs can't be written, in plain words.
    pub journal_trouble: Option<String>,
    /// Since when the key does not work, and why; `None` while it does.
    pub key_trouble: Option<(Timestamp, KeyTrouble)>,
    /// How far the desk's clock is ahead of the server's, where that is more than [`CLOCK_TOLERANCE`]; negative where it
    /// is behind. `None` while it is not off, or no answer told the server's time.
    pub clock_is_off: Option<SignedDuration>,
    /// The orders that take the last check-out of this desk back; empty when there is none.
    pub check_out_back: Vec<Order>,
    /// What is set for this run.
    pub settings: Settings,
    /// The time of the message that is handled, or of the newest.
    pub at: Timestamp,
    /// The size of the terminal, in cells: columns and rows.
    pub size: (u16, u16),
}

impl Ctx {
    /// A desk that knows nothing yet.
    pub fn new(settings: Settings, size: (u16, u16), at: Timestamp) -> Self {
        Self {
            directory: Directory::new(settings.rooms.clone()),
            jobs: Jobs::default(),
            remembered: HashMap::new(),
            read_back: HashSet::new(),
            wrote_over: None,
            staged: Staged::default(),
            selected: None,
            selected_is_gone: false,
            desk_encoder: None,
            ages: Ages::default(),
            offline_since: None,
            offline_why: None,
            not_read: None,
            pause_until: None,
            journal_trouble: None,
            key_trouble: None,
            clock_is_off: None,
            check_out_back: Vec::new(),
            settings,
            at,
            size,
        }
    }

    /// The colours and glyphs that this terminal can show.
    pub fn theme(&self) -> Theme {
        self.settings.theme
    }

    /// The zone in which times are shown.
    pub fn zone(&self) -> &TimeZone {
        &self.settings.zone
    }

    /// All encoders; empty while they are not known.
    pub fn encoders(&self) -> &[Encoder] {
        self.directory.encoders().loaded().map_or(&[], Vec::as_slice)
    }

    /// The encoder with this id; `None` when it is not known or gone.
    pub fn encoder(&self, id: &EncoderId) -> Option<&Encoder> {
        self.encoders().iter().find(|encoder| encoder.acs_encoder_id == *id)
    }

    /// Who called the user's card written, as long as the server says that it is to be written; `None` otherwise.
    pub fn called_written(&self, user: &UserId) -> Option<&CalledWritten> {
        let card = self.directory.card_of(user).filter(|card| !card.is_issued)?;
        let word = self.remembered.get(user)?.called_written.as_ref()?;
        (word.credential == card.acs_credential_id).then_some(word)
    }

    /// Whether the key system link is up, as far as the system's errors tell.
    pub fn link_is_up(&self) -> bool {
        let system = self.directory.system().loaded();
        system.is_some_and(|system| !system.errors.iter().any(|error| NoticeCode::from(error).is_link_down()))
    }

    /// What the server reports of the access system, errors before warnings, known to the desk or not.
    pub fn system_notices(&self) -> impl Iterator<Item = (&Notice, Role)> {
        let system = self.directory.system().loaded();
        let errors = system.into_iter().flat_map(|system| &system.errors).map(|notice| (notice, Role::Bad));
        errors.chain(system.into_iter().flat_map(|system| &system.warnings).map(|notice| (notice, Role::Warning)))
    }

    /// Whether something is wrong with the desk as a whole.
    pub fn has_trouble(&self) -> bool {
        let is_off = self.offline_since.is_some() || self.pause_until.is_some() || self.clock_is_off.is_some();
        is_off
            || self.system_notices().next().is_some()
            || self.not_read.is_some()
            || self.key_trouble.is_some()
            || self.journal_trouble.is_some()
    }

    /// Whether the access system is of a make that no guests and cards are made for; not before it is known.
    pub fn is_other_make(&self) -> bool {
        self.directory.system().loaded().is_some_and(|system| !is_supported(system))
    }

    /// Whether the simulate calls of encoders work here.
    pub fn is_sandbox(&self) -> bool {
        self.directory.workspace().is_some_and(|workspace| workspace.is_sandbox)
    }
}
