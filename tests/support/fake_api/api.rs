//! The calls, as the engine makes them.

use jiff::Timestamp;
use keydesk::engine::api::{Answered, Api};
use keydesk::seam::request::{NewUser, UserUpdate};
use keydesk::seam::types::{
    ActionAttempt, AttemptId, Credential, CredentialId, EncoderId, Group, GroupId, SeamEvent, SystemId, User, UserId,
};
use serde_json::{Value, json};

use super::{Act, Fake, World, gone, read};

impl Api for Fake {
    async fn create_user(&self, user: &NewUser) -> Answered<User> {
        let act = Act::CreateUser(user.clone());
        self.reply("create_user", user.full_name.clone(), Some(act), |world, made| {
            let made = made.unwrap();
            let row = world.users.iter().find(|(id, _)| id.as_str() == made).unwrap();
            Ok(read(row.1.clone()))
        })
        .await
    }

    async fn search_users(&self, _: &SystemId, text: &str) -> Answered<Vec<User>> {
        let text = text.to_owned();
        self.reply("search_users", text.clone(), None, |world, _| {
            let hit = |row: &Value, field: &str| row[field].as_str().is_some_and(|value| value.contains(&text));
            let found = world.users.iter().filter(|(_, row)| hit(row, "full_name") || hit(row, "phone_number"));
            Ok(found.map(|(_, row)| read(row.clone())).collect())
        })
        .await
    }

    async fn user(&self, user: &UserId) -> Answered<User> {
        self.reply("user", user.to_string(), None, |world, _| {
            let row = world.users.iter().find(|(id, _)| id == user);
            row.map(|(_, row)| read(row.clone())).ok_or_else(|| gone("acs_user_not_found"))
        })
        .await
    }

    async fn update_user(&self, update: &UserUpdate) -> Answered<()> {
        let (asked, act) = (update.user.to_string(), Act::UpdateUser(update.clone()));
        self.reply("update_user", asked, Some(act), |_, _| Ok(())).await
    }

    async fn set_suspension(&self, user: &UserId, is_suspended: bool) -> Answered<()> {
        let act = Act::SetSuspension(user.clone(), is_suspended);
        self.reply("set_suspension", user.to_string(), Some(act), |_, _| Ok(())).await
    }

    async fn delete_user(&self, user: &UserId) -> Answered<()> {
        self.reply("delete_user", user.to_string(), Some(Act::DeleteUser(user.clone())), |_, _| Ok(())).await
    }

    async fn groups_of(&self, user: &UserId) -> Answered<Vec<Group>> {
        self.reply("groups_of", user.to_string(), None, |world, _| {
            world.is_user(user)?;
            let groups = world.groups.get(user).cloned().unwrap_or_default();
            Ok(groups.into_iter().map(|id| read(json!({"acs_access_group_id": id}))).collect())
        })
        .await
    }

    async fn add_to_group(&self, user: &UserId, group: &GroupId) -> Answered<()> {
        let act = Act::AddToGroup(user.clone(), group.clone());
        self.reply("add_to_group", group.to_string(), Some(act), |_, _| Ok(())).await
    }

    async fn remove_from_group(&self, user: &UserId, group: &GroupId) -> Answered<()> {
        let act = Act::RemoveFromGroup(user.clone(), group.clone());
        self.reply("remove_from_group", group.to_string(), Some(act), |_, _| Ok(())).await
    }

    async fn credentials_of(&self, user: &UserId) -> Answered<Vec<Credential>> {
        self.reply("credentials_of", user.to_string(), None, |world, _| {
            world.is_user(user)?;
            let cards = world.cards.iter().filter(|card| card.user == *user);
            Ok(cards.map(|card| read(World::credential(card))).collect())
        })
        .await
    }

    async fn credential(&self, credential: &CredentialId) -> Answered<Credential> {
        self.reply("credential", credential.to_string(), None, |world, _| {
            let card = world.cards.iter().find(|card| card.id == *credential);
            card.map(|card| read(World::credential(card))).ok_or_else(|| gone("acs_credential_not_found"))
        })
        .await
    }

    async fn create_credential(&self, user: &UserId, assign_new_key: bool) -> Answered<Credential> {
        let act = Act::CreateCredential(user.clone(), assign_new_key);
        self.reply("create_credential", format!("{user} {assign_new_key}"), Some(act), |world, made| {
            let made = made.unwrap();
            let card = world.cards.iter().find(|card| card.id.as_str() == made).unwrap();
            Ok(read(World::credential(card)))
        })
        .await
    }

    async fn delete_credential(&self, credential: &CredentialId) -> Answered<()> {
        let act = Act::DeleteCredential(credential.clone());
        self.reply("delete_credential", credential.to_string(), Some(act), |_, _| Ok(())).await
    }

    async fn encode(&self, credential: &CredentialId, encoder: &EncoderId) -> Answered<ActionAttempt> {
        let act = Act::Encode(credential.clone(), encoder.clone());
        self.reply("encode", format!("{credential} {encoder}"), Some(act), |world, made| {
            Ok(world.attempt(&made.unwrap().as_str().into()).unwrap())
        })
        .await
    }

    fn attempts(&self, attempts: &[AttemptId]) -> impl Future<Output = Answered<Vec<ActionAttempt>>> + Send {
        let ids = attempts.to_vec();
        self.reply("attempts", ids.len().to_string(), None, move |world, _| {
            if world.forgets_attempts {
                return Ok(Vec::new());
            }
            Ok(ids.iter().filter_map(|id| world.attempt(id)).collect())
        })
    }

    async fn written(&self, credential: &CredentialId, _: Timestamp) -> Answered<Vec<SeamEvent>> {
        self.reply("written", credential.to_string(), None, |world, _| {
            let events = world.events.iter().enumerate().filter(|(_, (id, _))| id == credential);
            let event = |(n, (id, kind)): (usize, &(CredentialId, String))| {
                read(json!({"event_id": format!("event-{n}"), "event_type": kind, "acs_credential_id": id}))
            };
            Ok(events.map(event).collect())
        })
        .await
    }
}
