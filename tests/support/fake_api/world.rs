//! What is there, and how it changes.

use std::time::Duration;

use keydesk::engine::api::Answered;
use keydesk::seam::error::{ErrorKind, SeamError};
use keydesk::seam::request::{ScheduleUpdate, UserUpdate};
use keydesk::seam::types::{ActionAttempt, AttemptId, CredentialId, UserId};
use serde_json::{Value, json};
use tokio::time::Instant;

use super::{Act, Attempt, Card, Encode, World, error, gone, read};

impl World {
    pub(super) fn id(&mut self, kind: &str) -> String {
        self.made += 1;
        format!("{kind}-{}", self.made)
    }

    /// From now on nothing new goes wrong.
    pub fn clear_up(&mut self) {
        self.is_down = None;
        self.down = None;
        self.bridge_down_until = None;
        self.faults.clear();
        self.encodes.clear();
    }

    /// Does what is due.
    pub fn tick(&mut self) {
        let now = Instant::now();
        let late = std::mem::take(&mut self.late);
        let (mut due, rest): (Vec<_>, Vec<_>) = late.into_iter().partition(|(at, ..)| *at <= now);
        self.late = rest;
        due.sort_by_key(|(at, ..)| *at);
        for (_, act, heard) in due {
            let made = self.act(act);
            *heard.lock().unwrap() = Some(made);
        }
        self.cards.retain(|card| card.going_until.is_none_or(|until| until > now));
        for attempt in self.attempts.values_mut().filter(|attempt| !attempt.is_written) {
            let Encode::Written(after) = attempt.encode else { continue };
            if now < attempt.begun + after {
                continue;
            }
            if self.cards.iter().all(|card| card.id != attempt.credential) {
                attempt.encode = Encode::Fails(after, "credential_deleted");
                continue;
            }
            attempt.is_written = true;
            self.writes.push(attempt.credential.clone());
            let cards = self.cards.iter_mut().filter(|card| card.id == attempt.credential);
            let is_first = cards.fold(false, |first, card| first | !std::mem::replace(&mut card.is_issued, true));
            let event = if is_first { "acs_credential.issued" } else { "acs_credential.reissued" };
            self.events.push((attempt.credential.clone(), event.into()));
        }
    }

    pub(super) fn card_of(&self, user: &UserId) -> Option<Card> {
        self.cards.iter().find(|card| card.user == *user).cloned()
    }

    pub(super) fn is_card(&self, card: &CredentialId) -> Answered<()> {
        let is_there = self.cards.iter().any(|one| one.id == *card);
        if is_there { Ok(()) } else { Err(gone("acs_credential_not_found")) }
    }

    pub(super) fn is_user(&self, user: &UserId) -> Answered<()> {
        let is_there = self.users.iter().any(|(id, _)| id == user);
        if is_there { Ok(()) } else { Err(gone("acs_user_not_found")) }
    }

    pub(super) fn carry_out(&mut self, act: Option<Act>) -> Answered<Option<String>> {
        act.map_or(Ok(None), |act| self.act(act))
    }

    fn update(&mut self, update: &UserUpdate) {
        for (_, row) in self.users.iter_mut().filter(|(id, _)| *id == update.user) {
            let fields = [
                ("full_name", &update.full_name),
                ("phone_number", &update.phone_number),
                ("email_address", &update.email_address),
            ];
            for (field, value) in fields {
                if let Some(value) = value {
                    row[field] = json!(value);
                }
            }
            match update.access_schedule {
                ScheduleUpdate::Keep => {}
                ScheduleUpdate::Set { starts_at, ends_at } => {
                    row["access_schedule"] = json!({"starts_at": starts_at, "ends_at": ends_at});
                }
                ScheduleUpdate::Clear => row["access_schedule"] = Value::Null,
            }
        }
    }

    pub(super) fn act(&mut self, act: Act) -> Answered<Option<String>> {
        match &act {
            Act::AddToGroup(user, _)
            | Act::RemoveFromGroup(user, _)
            | Act::CreateCredential(user, _)
            | Act::SetSuspension(user, _) => {
                self.is_user(user)?;
            }
            Act::UpdateUser(update) => self.is_user(&update.user)?,
            _ => {}
        }
        Ok(match act {
            Act::CreateUser(new) => {
                let id = self.id("user");
                let row = json!({"acs_user_id": id, "full_name": new.full_name, "phone_number": new.phone_number,
                    "access_schedule": new.access_schedule});
                self.users.push((id.as_str().into(), row));
                let groups = if self.ignores_groups { Vec::new() } else { new.group_ids };
                self.groups.insert(id.as_str().into(), groups);
                Some(id)
            }
            Act::AddToGroup(user, group) => {
                let groups = self.groups.entry(user).or_default();
                if !groups.contains(&group) {
                    groups.push(group);
                }
                None
            }
            Act::RemoveFromGroup(user, group) => {
                self.groups.entry(user).or_default().retain(|one| *one != group);
                None
            }
            Act::CreateCredential(user, true) => {
                if self.card_of(&user).is_some() {
                    return Err(SeamError { code: "card_exists".into(), ..error(ErrorKind::Refused) });
                }
                let id = self.id("credential");
                self.cards.push(Card { id: id.as_str().into(), user, is_issued: false, going_until: None });
                Some(id)
            }
            Act::CreateCredential(user, false) => match self.card_of(&user) {
                Some(card) => Some(card.id.as_str().to_owned()),
                None => return Err(SeamError { code: "no_card".into(), ..error(ErrorKind::Refused) }),
            },
            Act::DeleteCredential(id) => {
                self.is_card(&id)?;
                match self.lingers {
                    Some(time) => {
                        for card in self.cards.iter_mut().filter(|card| card.id == id) {
                            card.going_until = Some(Instant::now() + time);
                        }
                    }
                    None => self.cards.retain(|card| card.id != id),
                }
                None
            }
            Act::Encode(credential, encoder) => {
                self.is_card(&credential)?;
                let id = self.id("attempt");
                let mut encode = self.encodes.pop_front().unwrap_or(Encode::Written(Duration::from_secs(2)));
                if self.bridge_down_until.is_some_and(|until| until > Instant::now()) {
                    encode = Encode::Fails(Duration::from_secs(1), "bridge_disconnected");
                } else if self.gone_encoders.contains(&encoder) {
                    encode = Encode::Fails(Duration::from_secs(1), "encoder_not_online");
                }
                let busy = |one: &&Attempt| one.encoder == encoder && one.credential != credential && !one.is_over();
                if let Some(other) = self.attempts.values().find(busy) {
                    self.overlaps.push(format!("{credential} on {encoder} while {} is there", other.credential));
                }
                let attempt = Attempt { begun: Instant::now(), encode, credential, encoder, is_written: false };
                self.attempts.insert(id.as_str().into(), attempt);
                Some(id)
            }
            Act::SetSuspension(user, is_suspended) => {
                for (_, row) in self.users.iter_mut().filter(|(id, _)| *id == user) {
                    row["is_suspended"] = json!(is_suspended);
                }
                None
            }
            Act::UpdateUser(update) => {
                self.update(&update);
                None
            }
            Act::DeleteUser(user) => {
                self.users.retain(|(id, _)| *id != user);
                None
            }
        })
    }

    pub(super) fn credential(card: &Card) -> Value {
        let warnings = match card.going_until {
            Some(_) => json!([{"warning_code": "being_deleted"}]),
            None => json!([]),
        };
        json!({"acs_credential_id": card.id, "acs_user_id": card.user, "access_method": "card",
            "is_issued": card.is_issued, "warnings": warnings,
            "card_number": card.is_issued.then_some("1234abc")})
    }

    pub(super) fn attempt(&self, id: &AttemptId) -> Option<ActionAttempt> {
        let Attempt { begun, encode, credential, .. } = self.attempts.get(id)?;
        let age = begun.elapsed();
        let pending = json!({"action_attempt_id": id, "status": "pending"});
        Some(read(match encode {
            Encode::Written(after) if age >= *after => {
                let card = self.cards.iter().find(|card| card.id == *credential);
                json!({"action_attempt_id": id, "status": "success", "result": card.map(Self::credential)})
            }
            Encode::Fails(after, code) if age >= *after => {
                json!({"action_attempt_id": id, "status": "error", "error": {"type": code, "message": "so it is"}})
            }
            _ => pending,
        }))
    }
}
