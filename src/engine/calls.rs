//! The calls of jobs: each look is read at the API, each intent is sent to it. What the answers tell about users,
//! groups and credentials goes to the screen, too.

use std::future::Future;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use tokio::sync::mpsc::UnboundedSender;

use super::Update;
use super::api::{Answered, Api};
use super::server_health::ServerHealth;
use crate::domain::codes::{EventCode, NoticeCode};
use crate::domain::fact::Fact;
use crate::domain::job::Job;
use crate::domain::job::event::{AttemptEnd, CallOutcome, Intent};
use crate::domain::job::look::{Card, Look, Namesake, Ready, Seen, UserFailed, has_details};
use crate::domain::job::order::{Guest, NewGuest, Schedule};
use crate::seam::error::{ErrorKind, SeamError};
use crate::seam::request::{NewUser, ScheduleUpdate, UserUpdate};
use crate::seam::types::{
    AccessSchedule, ActionAttempt, AttemptStatus, Credential, CredentialId, EventId, Group, SystemId, User, UserId,
};

/// How far before the start of a job the events of its credential are listed. Before and after a call the same span is
/// asked for and only ids are compared, so no clock has to be right.
const EVENTS_SINCE: SignedDuration = SignedDuration::from_hours(24);

/// The API with what the calls of all jobs share.
#[derive(Debug)]
pub(super) struct JobCalls<A> {
    pub(super) api: Arc<A>,
    pub(super) health: Arc<ServerHealth>,
    pub(super) system: SystemId,
    pub(super) updates: UnboundedSender<Update>,
}

impl<A: Api> JobCalls<A> {
    fn send_fact(&self, fact: Fact) {
        // Nobody listens any more when the desk closes.
        let _ = self.updates.send(Update::Fact(Box::new(fact)));
    }

    /// Reads at the API what a look asks for.
    pub(super) async fn look(&self, job: &Job, look: &Look) -> Answered<Seen> {
        match look {
            Look::Namesakes(guest) => Ok(Seen::Namesakes(self.namesakes(guest).await?)),
            Look::Groups(user) => self.of_user(
                user,
                self.groups(user).await.map(|groups| {
                    Seen::Groups(
                        groups
                            .into_iter()
                            .filter(|group| !group.is_going())
                            .map(|group| group.acs_access_group_id)
                            .collect(),
                    )
                }),
            ),
            Look::Cards(user) => self.of_user(user, self.cards(user).await.map(Seen::Cards)),
            Look::Credential(credential) => Ok(Seen::Credential(self.card(credential).await?)),
            Look::User(user) => match self.user(user).await? {
                Some(_) => Ok(Seen::User),
                None => Ok(Seen::UserGone),
            },
            Look::Suspension(user) => match self.user(user).await? {
                Some(found) => Ok(Seen::Suspension(found.will_be_suspended())),
                None => Ok(Seen::UserGone),
            },
            Look::Details { user, details, schedule } => match self.user(user).await? {
                Some(found) => Ok(Seen::Details {
                    as_wanted: has_details(&found, details, schedule.as_ref(), job.started_at),
                    starts_at: found.starts_at(),
                }),
                None => Ok(Seen::UserGone),
            },
            Look::Ready { user, credential } => {
                let Some(found) = self.user(user).await? else { return Ok(Seen::UserGone) };
                let mut cards = match self.cards(user).await {
                    Err(error) if error.is_gone() => return Ok(Seen::UserGone),
                    cards => cards?,
                };
                // A list may be slower than the object.
                if cards.iter().all(|card| card.id != *credential) {
                    cards.extend(self.card(credential).await?);
                }
                let written = self.written(credential, job.started_at).await?;
                let user_failed = found
                    .errors
                    .into_iter()
                    .find(|error| NoticeCode::from(error) == NoticeCode::CreationFailed)
                    .map(|error| UserFailed { message: error.message });
                Ok(Seen::Ready(Ready { user_failed, cards, written }))
            }
        }
    }

    /// Turns "there is no such user" into the sighting that the user is gone.
    fn of_user(&self, user: &UserId, seen: Answered<Seen>) -> Answered<Seen> {
        match seen {
            Err(error) if error.is_gone() => {
                self.send_fact(Fact::user_gone(user.clone()));
                Ok(Seen::UserGone)
            }
            seen => seen,
        }
    }

    async fn namesakes(&self, guest: &NewGuest) -> Answered<Vec<Namesake>> {
        let texts = [Some(&guest.full_name), guest.email_address.as_ref(), guest.phone_number.as_ref()];
        let mut found: Vec<Namesake> = Vec::new();
        for text in texts.into_iter().flatten() {
            for user in self.health.send(self.api.search_users(&self.system, text)).await? {
                let is_new = found.iter().all(|one| one.id != user.acs_user_id);
                if is_new && !user.is_going() {
                    found.extend(Namesake::compare(guest, &user));
                }
            }
        }
        Ok(found)
    }

    async fn groups(&self, user: &UserId) -> Answered<Vec<Group>> {
        let groups = self.health.send(self.api.groups_of(user)).await?;
        self.send_fact(Fact::groups_of(user.clone(), Ok(groups.clone())));
        Ok(groups)
    }

    async fn cards(&self, user: &UserId) -> Answered<Vec<Card>> {
        let credentials = self.health.send(self.api.credentials_of(user)).await?;
        let cards = credentials.iter().filter_map(Card::of).collect();
        self.send_fact(Fact::CredentialsOf(user.clone(), Ok(credentials)));
        Ok(cards)
    }

    async fn card(&self, credential: &CredentialId) -> Answered<Option<Card>> {
        match self.health.send(self.api.credential(credential)).await {
            Ok(found) => {
                let card = Card::of(&found);
                self.send_fact(Fact::Credential(Box::new(found)));
                Ok(card)
            }
            Err(error) if error.is_gone() => {
                self.send_fact(Fact::CredentialGone(credential.clone()));
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }

    /// The user, `None` when gone or going.
    async fn user(&self, user: &UserId) -> Answered<Option<User>> {
        match self.health.send(self.api.user(user)).await {
            Ok(found) => {
                self.send_fact(Fact::user(found.clone()));
                Ok(Some(found).filter(|found| !found.is_going()))
            }
            Err(error) if error.is_gone() => {
                self.send_fact(Fact::user_gone(user.clone()));
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }

    async fn written(&self, credential: &CredentialId, started: Timestamp) -> Answered<Vec<EventId>> {
        let since = started.checked_sub(EVENTS_SINCE).unwrap_or(Timestamp::UNIX_EPOCH);
        match self.health.send(self.api.written(credential, since)).await {
            Ok(events) => Ok(events
                .into_iter()
                .filter(|event| {
                    matches!(
                        EventCode::from(event.event_type.as_str()),
                        EventCode::CredentialIssued | EventCode::CredentialReissued
                    )
                })
                .filter(|event| event.acs_credential_id.as_ref().is_none_or(|id| id == credential))
                .map(|event| event.event_id)
                .collect()),
            // Without events a first write is still told by `is_issued`.
            Err(error) if error.not_offered() => Ok(Vec::new()),
            Err(error) => Err(error),
        }
    }

    /// Sends a call that changes something, once, if something still holds right before it goes; `None` when it was
    /// not sent.
    pub(super) async fn call(
        &self,
        job: &Job,
        intent: &Intent,
        holds: impl Future<Output = bool>,
    ) -> Option<Answered<CallOutcome>> {
        self.health.send_if(holds, self.carry_out(job, intent)).await
    }

    /// The call itself: sent as soon as it is polled.
    async fn carry_out(&self, job: &Job, intent: &Intent) -> Answered<CallOutcome> {
        match intent {
            Intent::CreateUser => {
                let Guest::New(guest) = &job.order.guest else {
                    return Err(SeamError::new(ErrorKind::Refused, "the order has no new guest"));
                };
                let user =
                    NewUser {
                        system: self.system.clone(),
                        full_name: guest.full_name.clone(),
                        phone_number: guest.phone_number.clone(),
                        email_address: guest.email_address.clone(),
                        group_ids: job.order.add.iter().map(|group| group.id.clone()).collect(),
                        access_schedule: job.order.schedule.filter(|schedule| *schedule != Schedule::default()).map(
                            |Schedule { starts_at, ends_at }| AccessSchedule { starts_at, ends_at: ends_at.into() },
                        ),
                    };
                let user = self.api.create_user(&user).await?;
                let id = user.acs_user_id.clone();
                self.send_fact(Fact::user(user));
                Ok(CallOutcome::User(id))
            }
            Intent::UpdateUser { user, details, schedule } => {
                let update = UserUpdate {
                    user: user.clone(),
                    full_name: details.full_name.clone(),
                    phone_number: details.phone_number.clone(),
                    email_address: details.email_address.clone(),
                    access_schedule: match *schedule {
                        None => ScheduleUpdate::Keep,
                        Some(Schedule { starts_at: Some(starts_at), ends_at: Some(ends_at) }) => {
                            ScheduleUpdate::Set { starts_at, ends_at }
                        }
                        Some(_) => ScheduleUpdate::Clear,
                    },
                };
                self.api.update_user(&update).await?;
                Ok(CallOutcome::Done)
            }
            Intent::AddToGroup { user, group } => {
                self.api.add_to_group(user, group).await?;
                self.send_fact(Fact::Member(user.clone(), group.clone(), true));
                Ok(CallOutcome::Done)
            }
            Intent::RemoveFromGroup { user, group } => {
                self.api.remove_from_group(user, group).await?;
                self.send_fact(Fact::Member(user.clone(), group.clone(), false));
                Ok(CallOutcome::Done)
            }
            Intent::DeleteCredential { credential } => {
                self.api.delete_credential(credential).await?;
                self.send_fact(Fact::CredentialGone(credential.clone()));
                Ok(CallOutcome::Done)
            }
            Intent::CreateCredential { user, assign_new_key } => {
                let credential = self.api.create_credential(user, *assign_new_key).await?;
                let id = credential.acs_credential_id.clone();
                self.send_fact(Fact::Credential(Box::new(credential)));
                Ok(CallOutcome::Credential(id))
            }
            Intent::Encode { credential, encoder } => {
                let attempt = self.api.encode(credential, encoder).await?;
                Ok(CallOutcome::Attempt(attempt.action_attempt_id))
            }
            Intent::SetSuspension { user, is_suspended } => {
                self.api.set_suspension(user, *is_suspended).await?;
                Ok(CallOutcome::Done)
            }
            Intent::DeleteUser { user } => {
                self.api.delete_user(user).await?;
                self.send_fact(Fact::user_gone(user.clone()));
                Ok(CallOutcome::Done)
            }
        }
    }

    /// How an attempt that is not pending any more ended. Its result is the credential as it is now, when the server
    /// sends it.
    pub(super) fn attempt_end(&self, attempt: ActionAttempt) -> AttemptEnd {
        if attempt.status != AttemptStatus::Success {
            return AttemptEnd::Error(attempt.error.unwrap_or_default());
        }
        let credential = Credential::deserialize(attempt.result).ok();
        let end = AttemptEnd::Success {
            credential: credential.as_ref().map(|credential| credential.acs_credential_id.clone()),
            card_number: credential.as_ref().and_then(|credential| credential.card_number.clone()),
        };
        if let Some(credential) = credential {
            self.send_fact(Fact::Credential(Box::new(credential)));
        }
        end
    }
}
