use super::*;
use crate::domain::fact::Fact;
use crate::domain::room::DEFAULT_PATTERN;
use crate::seam::error::ErrorKind;
use crate::seam::types::{Entrance, User};
use serde_json::json;

fn empty() -> Directory {
    Directory::new(RoomPattern::new(DEFAULT_PATTERN).unwrap())
}

fn groups(names: &[&str]) -> Vec<Group> {
    let group = |name: &&str| serde_json::from_value(json!({"acs_access_group_id": name, "name": name})).unwrap();
    names.iter().map(group).collect()
}

fn directory(names: &[&str]) -> Directory {
    let mut directory = empty();
    directory.apply(None, Fact::Groups(Ok(groups(names))));
    directory
}

fn card(id: &str, user: &str, issued: bool) -> Credential {
    serde_json::from_value(json!({
        "acs_credential_id": id, "acs_user_id": user, "access_method": "card", "is_issued": issued
    }))
    .unwrap()
}

fn user(id: &str, name: &str) -> User {
    serde_json::from_value(json!({"acs_user_id": id, "full_name": name})).unwrap()
}

fn entrance(id: &str, room: Option<&str>) -> Entrance {
    serde_json::from_value(json!({"acs_entrance_id": id, "salto_space_metadata": {"room_name": room}})).unwrap()
}

fn error() -> SeamError {
    SeamError::new(ErrorKind::TimedOut, "no answer in time")
}

#[test]
fn groups_stand_with_common_areas_first_and_rooms_by_number() {
    let directory = directory(&["Room 1010", "Room 204", "Pool & Spa", "Gym", "Room 21"]);
    let names: Vec<_> = directory.groups().iter().map(|row| row.group.name()).collect();
    assert_eq!(names, ["Gym", "Pool & Spa", "Room 21", "Room 204", "Room 1010"]);
}

#[test]
fn the_room_of_a_group_follows_its_doors_as_they_become_known() {
    let mut directory = directory(&["Gym", "Guest 7781", "Room 204", "Floor 2"]);
    let order = |directory: &Directory| -> Vec<String> {
        directory.groups().iter().map(|row| row.group.name().to_owned()).collect()
    };
    assert_eq!(order(&directory), ["Floor 2", "Guest 7781", "Gym", "Room 204"]);
    directory.apply(None, Fact::UsersOf("Guest 7781".into(), Ok(vec!["jane".into()])));
    directory.apply(None, Fact::GroupsOf("jane".into(), Ok(vec!["Guest 7781".into()])));
    assert!(directory.rooms_of(&"jane".into()).is_empty());
    let doors =
        || Ok(vec![entrance("lift", Some(" ")), entrance("a", Some("Room 12 A")), entrance("b", Some("Room 12 A"))]);
    let changed = directory.apply(None, Fact::EntrancesOf("Guest 7781".into(), doors()));
    assert!(changed.groups && changed.entrances);
    assert!(!directory.apply(None, Fact::EntrancesOf("Guest 7781".into(), doors())).is_any());
    assert_eq!(directory.rooms_of(&"jane".into()), ["12 A"]);
    assert_eq!(order(&directory), ["Floor 2", "Gym", "Guest 7781", "Room 204"]);
    // A floor opens many rooms and is none; the groups keep their places and their users.
    let floor = (201..209).map(|room| entrance(&room.to_string(), Some(&room.to_string()))).collect();
    directory.apply(None, Fact::EntrancesOf("Room 204".into(), Ok(floor)));
    assert_eq!(order(&directory), ["Floor 2", "Gym", "Room 204", "Guest 7781"]);
    assert_eq!(directory.group(&"Room 204".into()).unwrap().room(), None);
    assert_eq!(directory.group(&"Guest 7781".into()).unwrap().users().loaded().map(HashSet::len), Some(1));
    // A reload of the groups alone forgets none of it.
    directory.apply(None, Fact::Groups(Ok(groups(&["Gym", "Guest 7781", "Room 204"]))));
    assert_eq!(directory.rooms_of(&"jane".into()), ["12 A"]);
}

#[test]
fn both_ways_of_asking_for_membership_agree() {
    let mut directory = directory(&["Room 204", "Gym"]);
    let (jane, room): (UserId, GroupId) = ("jane".into(), "Room 204".into());
    assert_eq!(directory.is_member(&jane, directory.group(&room).unwrap()), None);
    directory.apply(None, Fact::UsersOf(room.clone(), Ok(vec![jane.clone()])));
    assert_eq!(directory.rooms_of(&jane), ["204"]);
    assert_eq!(directory.is_member(&jane, directory.group(&"Gym".into()).unwrap()), None);
    directory.apply(None, Fact::GroupsOf(jane.clone(), Ok(vec!["Gym".into()])));
    assert!(directory.rooms_of(&jane).is_empty());
    assert_eq!(directory.is_member(&jane, directory.group(&room).unwrap()), Some(false));
    assert!(directory.group(&room).unwrap().users().loaded().unwrap().is_empty());
}

#[test]
fn an_older_page_does_not_undo_what_was_told_since() {
    let mut directory = empty();
    let john: UserId = "john".into();
    let first = Some(directory.begin_load());
    directory.apply(None, Fact::Credential(Box::new(card("a", "jane", true))));
    directory.apply(None, Fact::CredentialGone("b".into()));
    directory.apply(None, Fact::user(user("jane", "Jane Doe")));
    directory.apply(first, Fact::Credentials(vec![card("a", "jane", false), card("b", "john", true)]));
    directory.apply(first, Fact::People(vec![Person::new(user("jane", "Jane Old"))]));
    assert!(directory.card_of(&"jane".into()).unwrap().is_issued);
    assert!(directory.card_of(&john).is_none());
    assert_eq!(directory.user(&"jane".into()).unwrap().user.name(), "Jane Doe");
    let second = Some(directory.begin_load());
    assert!(!directory.apply(first, Fact::People(vec![Person::new(user("john", "Too Late"))])).is_any());
    directory.apply(second, Fact::People(vec![Person::new(user("jane", "Jane New"))]));
    assert_eq!(directory.user(&"jane".into()).unwrap().user.name(), "Jane New");
    assert!(directory.user(&john).is_none());
}

#[test]
fn a_failed_answer_takes_nothing_away() {
    let mut directory = directory(&["Gym"]);
    let (jane, gym): (UserId, GroupId) = ("jane".into(), "Gym".into());
    for (query, known, failed) in [
        (
            Query::GroupsOf(jane.clone()),
            Fact::GroupsOf(jane.clone(), Ok(vec![gym.clone()])),
            Fact::GroupsOf(jane.clone(), Err(error())),
        ),
        (
            Query::UsersOf(gym.clone()),
            Fact::UsersOf(gym.clone(), Ok(vec![jane.clone()])),
            Fact::UsersOf(gym.clone(), Err(error())),
        ),
        (
            Query::EntrancesOf(gym.clone()),
            Fact::EntrancesOf(gym.clone(), Ok(vec![entrance("door", None)])),
            Fact::EntrancesOf(gym.clone(), Err(error())),
        ),
    ] {
        directory.apply(None, known);
        assert!(directory.mark_asked(&query), "what is known may be asked for again");
        assert!(!directory.apply(None, failed).is_any());
    }
    assert_eq!(directory.membership_load(&jane), &Remote::Loaded(()));
    let row = directory.group(&gym).unwrap();
    assert_eq!(row.users().loaded().map(HashSet::len), Some(1));
    assert_eq!(row.entrances().loaded().map(Vec::len), Some(1));
}

#[test]
fn a_query_goes_once_and_again_when_it_failed() {
    let mut directory = directory(&["Gym"]);
    let gym: GroupId = "Gym".into();
    for query in [Query::UsersOf(gym.clone()), Query::EntrancesOf(gym.clone()), Query::GroupsOf("jane".into())] {
        assert!(directory.mark_asked(&query));
        assert!(!directory.mark_asked(&query), "{query:?} is on its way");
    }
    assert!(directory.apply(None, Fact::UsersOf(gym.clone(), Err(error()))).groups);
    assert!(directory.apply(None, Fact::EntrancesOf(gym.clone(), Err(error()))).entrances);
    assert_eq!(directory.group(&gym).unwrap().users(), &Remote::Failed(error()));
    directory.begin_load();
    let row = directory.group(&gym).unwrap();
    assert_eq!((row.users(), row.entrances()), (&Remote::NotAsked, &Remote::NotAsked));
}

#[test]
fn a_card_that_is_gone_at_the_end_of_a_reload_is_forgotten() {
    let mut directory = empty();
    let first = Some(directory.begin_load());
    directory.apply(first, Fact::Credentials(vec![card("a", "jane", true), card("b", "john", true)]));
    let second = Some(directory.begin_load());
    directory.apply(second, Fact::Credentials(vec![card("a", "jane", true)]));
    assert!(directory.apply(second, Fact::CredentialsEnd(Ok(()))).credentials);
    assert!(directory.card_of(&"john".into()).is_none());
    assert!(directory.apply(None, Fact::CardOutdated("a".into())).credentials);
    assert!(directory.needs_update(directory.card_of(&"jane".into()).unwrap()));
    assert!(directory.apply(None, Fact::CardWritten("a".into())).credentials);
    assert!(!directory.needs_update(directory.card_of(&"jane".into()).unwrap()));
}

#[test]
fn who_is_gone_is_told_once_with_all_that_goes_along() {
    let mut directory = directory(&["Gym"]);
    let jane: UserId = "jane".into();
    directory.apply(None, Fact::user(user("jane", "Jane Doe")));
    directory.apply(None, Fact::Credential(Box::new(card("a", "jane", true))));
    directory.apply(None, Fact::UsersOf("Gym".into(), Ok(vec![jane.clone()])));
    let changed = directory.apply(None, Fact::user_gone(jane.clone()));
    assert_eq!(
        changed,
        Changed { users: true, groups: true, credentials: true, gone: vec![jane.clone()], ..Changed::default() }
    );
    assert!(directory.group(&"Gym".into()).unwrap().users().loaded().unwrap().is_empty());
    assert!(!directory.apply(None, Fact::user_gone(jane)).is_any());
}

#[test]
fn a_fact_that_is_known_changes_nothing() {
    let mut directory = empty();
    let load = Some(directory.begin_load());
    let (jane, gym): (UserId, GroupId) = ("jane".into(), "Gym".into());
    let system = serde_json::from_value(json!({"acs_system_id": "s", "name": "Aurora"})).unwrap();
    let encoder = |id: &str| serde_json::from_value(json!({"acs_encoder_id": id, "display_name": id})).unwrap();
    let workspace = serde_json::from_value(json!({"workspace_id": "w", "name": "w", "is_sandbox": true})).unwrap();
    let facts = [
        Fact::Workspace(workspace),
        Fact::System(Ok((system, None))),
        Fact::Encoders(Ok(vec![encoder("b"), encoder("a")])),
        Fact::Groups(Ok(groups(&["Room 204", "Gym"]))),
        Fact::People(vec![Person::new(user("jane", "Jane Doe"))]),
        Fact::PeopleEnd(Ok(())),
        Fact::Credentials(vec![card("a", "jane", true)]),
        Fact::CredentialsEnd(Ok(())),
        Fact::UsersOf(gym.clone(), Ok(vec![jane.clone()])),
        Fact::EntrancesOf(gym.clone(), Ok(vec![entrance("door", None)])),
        Fact::GroupsOf(jane.clone(), Ok(vec![gym.clone()])),
        Fact::user(user("jane", "Jane Roe")),
        Fact::CredentialsOf(jane.clone(), Ok(vec![card("a", "jane", false)])),
        Fact::Member(jane.clone(), "Room 204".into(), true),
        Fact::Credential(Box::new(card("b", "jane", true))),
        Fact::CardOutdated("b".into()),
    ];
    for fact in facts {
        let text = format!("{fact:?}");
        assert!(directory.apply(load, fact.clone()).is_any(), "{text} is news");
        assert!(!directory.apply(load, fact).is_any(), "{text} is known");
    }
    for fact in [Fact::EncoderWorks("a".into()), Fact::CredentialGone("z".into()), Fact::User(jane, Err(error()))] {
        assert!(!directory.apply(None, fact).is_any());
    }
}
