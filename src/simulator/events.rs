//! Events, as `/events/list` reports them.

use jiff::Timestamp;
use uuid::Uuid;

use super::hotel::Hotel;
use super::table::Resource;

/// The object that an event is about.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Subject {
    System,
    User(Uuid),
    Credential(Uuid),
    Encoder(Uuid),
    Group(Uuid),
    Entrance(Uuid),
}

pub struct HotelEvent {
    pub id: Uuid,
    pub kind: &'static str,
    pub at: Timestamp,
    pub subject: Subject,
}

impl Resource for HotelEvent {
    const NAME: &'static str = "event";
    fn id(&self) -> Uuid {
        self.id
    }
}

impl Hotel {
    pub fn record_event(&mut self, kind: &'static str, subject: Subject) {
        let id = self.rng.uuid();
        self.events.push(HotelEvent { id, kind, at: self.now, subject });
    }

    pub fn record_bridge_event(&mut self, up: bool) {
        self.record_event(if up { "acs_system.connected" } else { "acs_system.disconnected" }, Subject::System);
    }
}
