//! What events make out of date, and how that is read again.

use super::Directory;
use crate::domain::codes::EventCode;
use crate::domain::query::{Query, StaleId};
use crate::seam::types::SeamEvent;

impl Directory {
    /// What must be read again after an event. `None` when the event tells nothing that is not known, which is so for
    /// most of what this desk did itself, or is about another system.
    pub fn stale_after(&self, event: &SeamEvent) -> Option<StaleId> {
        let system = self.system.loaded();
        let ours = system.map(|system| &system.acs_system_id);
        if ours.is_some() && event.acs_system_id.is_some() && event.acs_system_id.as_ref() != ours {
            return None;
        }
        let (user, credential) = (event.acs_user_id.clone(), event.acs_credential_id.clone());
        let knows_user = || event.acs_user_id.as_ref().is_some_and(|user| self.user(user).is_some());
        let known = credential.as_ref().and_then(|id| self.credential(id));
        let is_written = known.is_some_and(|card| card.is_issued && !self.needs_update(card));
        let encoder = event.acs_encoder_id.clone();
        let has_encoder = || {
            let mut encoders = self.encoders.loaded().into_iter().flatten();
            encoders.any(|known| Some(&known.acs_encoder_id) == encoder.as_ref() && known.errors.is_empty())
        };
        let is_up = system.is_some_and(|system| system.errors.is_empty());
        let entrance = event.acs_entrance_id.clone();
        let opens = |row: &super::GroupRow| {
            row.entrances.loaded().is_some_and(|doors| doors.iter().any(|door| Some(door) == entrance.as_ref()))
        };
        let group = event.acs_access_group_id.as_ref();
        match EventCode::from(event.event_type.as_str()) {
            EventCode::UserCreated => user.filter(|_| !knows_user()).map(StaleId::User),
            EventCode::UserDeleted => user.filter(|_| knows_user()).map(StaleId::User),
            EventCode::CredentialIssued | EventCode::CredentialReissued => {
                credential.filter(|_| !is_written).map(StaleId::Credential)
            }
            EventCode::CredentialDeleted => credential.filter(|_| known.is_some()).map(StaleId::Credential),
            EventCode::CredentialInvalidated => credential.map(StaleId::Credential),
            EventCode::EncoderAdded if !has_encoder() => encoder.map(StaleId::Encoder),
            EventCode::EncoderRemoved if has_encoder() => encoder.map(StaleId::Encoder),
            EventCode::EntranceAdded => entrance.map(StaleId::Entrance),
            EventCode::EntranceRemoved if self.groups.iter().any(opens) => entrance.map(StaleId::Entrance),
            EventCode::GroupDeleted => group.filter(|id| self.group(id).is_some()).map(|_| StaleId::Groups),
            EventCode::SystemAdded if system.is_none() => Some(StaleId::System),
            EventCode::SystemConnected if !is_up => Some(StaleId::System),
            EventCode::SystemDisconnected if is_up => Some(StaleId::System),
            _ => None,
        }
    }

    /// What is to be asked for something that is out of date; for an entrance, the groups that are known to open it.
    pub fn readings(&self, stale: StaleId) -> Vec<Query> {
        match stale {
            StaleId::User(user) => vec![Query::User(user)],
            StaleId::Groups => vec![Query::Groups],
            StaleId::Credential(credential) => vec![Query::Credential(credential)],
            StaleId::Encoder(_) => vec![Query::Encoders],
            // Without a system it is to be found first, with all that belongs to it.
            StaleId::System if self.system.loaded().is_none() => vec![Query::Everything],
            StaleId::System => vec![Query::System],
            StaleId::Entrance(entrance) => {
                let opens =
                    |row: &&super::GroupRow| row.entrances.loaded().is_some_and(|doors| doors.contains(&entrance));
                let groups = self.groups.iter().filter(opens);
                groups.map(|row| Query::EntrancesOf(row.group.acs_access_group_id.clone())).collect()
            }
        }
    }
}
