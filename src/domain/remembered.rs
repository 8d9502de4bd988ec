//! What keydesk remembers of a guest because no server tells it: what a card held when it was written, and who came
//! along. One value per user, kept by the journal.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::domain::job::Job;
use crate::seam::types::{CredentialId, EndsAt, EntranceId, GroupId, UserId};

/// What is remembered of one user.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RememberedGuest {
    /// The card that was written last; `None` when this desk knows of none.
    #[serde(default)]
    pub card: Option<RememberedCard>,
    /// Users with a card of their own for the same room, in the order in which they were added.
    #[serde(default)]
    pub companions: Vec<UserId>,
    /// The card that a person called written while the server did not tell so; `None` when there is none.
    #[serde(default)]
    pub called_written: Option<CalledWritten>,
}

/// A person's word that a card was written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CalledWritten {
    /// The credential of the card. The word counts as long as the server says of this one that it is to be written.
    pub credential: CredentialId,
    /// The operator who said so.
    pub by: String,
    /// When it was said, by the clock of that PC.
    pub at: Timestamp,
}

impl RememberedGuest {
    /// Takes in what a job that is done tells of its guest and no server does. Whether that changed anything.
    pub fn apply(&mut self, job: &Job) -> bool {
        if !job.order.card.writes() || !job.lifecycle().is_done() {
            return false;
        }
        let word = job.on_trust.as_ref().zip(job.credential.as_ref());
        let word = word.map(|(trust, credential)| CalledWritten {
            credential: credential.clone(),
            by: trust.by.clone(),
            at: trust.at,
        });
        let is_new = word != self.called_written;
        self.called_written = word;
        is_new
    }
}

/// What a card held when it was written. It stays like this at offline doors, whatever changes on the server since.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RememberedCard {
    /// The credential that was written.
    pub credential: CredentialId,
    /// The number of the card; `None` when the server did not tell it.
    #[serde(default)]
    pub card_number: Option<String>,
    /// The groups that the user was in, ordered by id.
    pub groups: Vec<GroupId>,
    /// The entrances that these groups opened, ordered by id; `None` when those of a group were not known then.
    #[serde(default)]
    pub entrances: Option<Vec<EntranceId>>,
    /// When access ended by the schedule of that time.
    #[serde(default)]
    pub until: EndsAt,
    /// When the server told that it was written, by the clock of the desk.
    pub written_at: Timestamp,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_is_read_again_also_where_less_was_known() {
        let card = RememberedCard {
            credential: "c1".into(),
            card_number: Some("1234abc".into()),
            groups: vec!["g1".into(), "g2".into()],
            entrances: Some(vec!["d1".into()]),
            until: EndsAt::At("2026-11-28T11:00:00Z".parse().unwrap()),
            written_at: "2026-11-24T10:00:00Z".parse().unwrap(),
        };
        let guest = RememberedGuest { card: Some(card), companions: vec!["u2".into()], called_written: None };
        let kept = serde_json::to_string(&guest).unwrap();
        assert_eq!(serde_json::from_str::<RememberedGuest>(&kept).unwrap(), guest);
        assert_eq!(serde_json::from_str::<RememberedGuest>("{}").unwrap(), RememberedGuest::default());
        let bare = r#"{"card":{"credential":"c1","groups":[],"written_at":"2026-11-24T10:00:00Z"}}"#;
        let bare: RememberedGuest = serde_json::from_str(bare).unwrap();
        assert_eq!(bare.card.unwrap().entrances, None);
    }
}
