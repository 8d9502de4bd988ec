use super::*;
use crate::domain::fact::Fact;
use crate::domain::query::StaleId;
use crate::domain::room::DEFAULT_PATTERN;
use crate::seam::error::ErrorKind;
use crate::seam::types::{Entrance, SeamEvent, User};
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
            Query::User(jane.clone()),
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
    for query in [Query::UsersOf(gym.clone()), Query::EntrancesOf(gym.clone())] {
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

fn event(kind: &str, about: &str, id: &str) -> SeamEvent {
    serde_json::from_value(json!({"event_id": "e", "event_type": kind, "acs_system_id": "s", about: id})).unwrap()
}

fn known_hotel() -> Directory {
    let mut directory = directory(&["Gym"]);
    let system = serde_json::from_value(json!({"acs_system_id": "s"})).unwrap();
    let encoder = serde_json::from_value(json!({"acs_encoder_id": "front"})).unwrap();
    for fact in [
        Fact::System(Ok((system, None))),
        Fact::Encoders(Ok(vec![encoder])),
        Fact::user(user("jane", "Jane Doe")),
        Fact::Credential(Box::new(card("written", "jane", true))),
        Fact::Credential(Box::new(card("new", "jane", false))),
        Fact::Credential(Box::new(card("old", "jane", true))),
        Fact::CardOutdated("old".into()),
        Fact::EntrancesOf("Gym".into(), Ok(vec![entrance("door", None)])),
    ] {
        directory.apply(None, fact);
    }
    directory
}

#[test]
fn an_event_that_tells_something_new_makes_it_stale() {
    let directory = known_hotel();
    let (credential, encoder, entrance) = ("acs_credential_id", "acs_encoder_id", "acs_entrance_id");
    for (kind, about, id, stale) in [
        ("acs_user.created", "acs_user_id", "john", StaleId::User("john".into())),
        ("acs_user.deleted", "acs_user_id", "jane", StaleId::User("jane".into())),
        ("acs_credential.issued", credential, "new", StaleId::Credential("new".into())),
        ("acs_credential.issued", credential, "elsewhere", StaleId::Credential("elsewhere".into())),
        ("acs_credential.reissued", credential, "old", StaleId::Credential("old".into())),
        ("acs_credential.deleted", credential, "new", StaleId::Credential("new".into())),
        ("acs_credential.invalidated", credential, "written", StaleId::Credential("written".into())),
        ("acs_encoder.added", encoder, "back", StaleId::Encoder("back".into())),
        ("acs_encoder.removed", encoder, "front", StaleId::Encoder("front".into())),
        ("acs_entrance.added", entrance, "gate", StaleId::Entrance("gate".into())),
        ("acs_entrance.removed", entrance, "door", StaleId::Entrance("door".into())),
        ("acs_access_group.deleted", "acs_access_group_id", "Gym", StaleId::Groups),
        ("acs_system.disconnected", "acs_system_id", "s", StaleId::System),
    ] {
        assert_eq!(directory.stale_after(&event(kind, about, id)), Some(stale), "{kind} {id}");
    }
    assert_eq!(empty().stale_after(&event("acs_system.added", "acs_system_id", "s")), Some(StaleId::System));
    assert_eq!(empty().readings(StaleId::System), [Query::Everything]);
    assert_eq!(directory.readings(StaleId::Entrance("door".into())), [Query::EntrancesOf("Gym".into())]);
}

#[test]
fn an_event_that_is_known_odd_or_of_another_system_makes_nothing_stale() {
    let directory = known_hotel();
    for (kind, about, id) in [
        ("acs_user.created", "acs_user_id", "jane"),
        ("acs_user.deleted", "acs_user_id", "john"),
        ("acs_credential.issued", "acs_credential_id", "written"),
        ("acs_credential.deleted", "acs_credential_id", "gone"),
        ("acs_encoder.added", "acs_encoder_id", "front"),
        ("acs_encoder.removed", "acs_encoder_id", "back"),
        ("acs_entrance.removed", "acs_entrance_id", "gate"),
        ("acs_access_group.deleted", "acs_access_group_id", "Pool"),
        ("acs_system.connected", "acs_system_id", "s"),
        ("acs_system.added", "acs_system_id", "s"),
        ("acs_user.created", "acs_system_id", "s"),
        ("device.low_battery", "device_id", "d"),
        ("", "acs_user_id", "john"),
    ] {
        assert_eq!(directory.stale_after(&event(kind, about, id)), None, "{kind} {id}");
    }
    let mut other = event("acs_user.created", "acs_user_id", "john");
    other.acs_system_id = Some("annex".into());
    assert_eq!(directory.stale_after(&other), None);
}

#[test]
fn a_quiet_pass_shows_no_loading_and_drops_who_is_gone_only_at_its_end() {
    let mut directory = empty();
    let first = Some(directory.begin_load());
    let people = |names: &[&str]| Fact::People(names.iter().map(|name| Person::new(user(name, name))).collect());
    for fact in [
        people(&["jane", "john", "kim"]),
        Fact::PeopleEnd(Ok(())),
        Fact::Credentials(vec![card("a", "jane", true), card("b", "john", true)]),
        Fact::CredentialsEnd(Ok(())),
    ] {
        directory.apply(first, fact);
    }
    directory.begin_pass(&Query::UsersPage);
    directory.begin_pass(&Query::CredentialsPage);
    let (users, cards) = (directory.load_of(&Query::UsersPage), directory.load_of(&Query::CredentialsPage));
    assert_ne!(users, cards);
    assert_eq!((directory.users_load(), directory.credentials_load()), (&Remote::Loaded(()), &Remote::Loaded(())));
    // Told since the pass began: newer than its pages.
    directory.apply(None, Fact::user(user("new", "New Guest")));
    directory.apply(None, Fact::user_gone("kim".into()));
    assert!(!directory.apply(Some(users), people(&["jane", "kim"])).is_any());
    assert!(!directory.apply(Some(cards), people(&["late"])).is_any(), "of another pass");
    assert!(!directory.apply(Some(cards), Fact::Credentials(vec![card("a", "jane", true)])).is_any());
    assert_eq!(directory.users().len(), 3, "nobody is gone before the end");
    assert!(!directory.apply(Some(users), Fact::PeopleEnd(Err(error()))).is_any(), "a failure says nothing");
    assert_eq!(directory.apply(Some(users), Fact::PeopleEnd(Ok(()))).gone, ["john".into()]);
    assert!(directory.user(&"new".into()).is_some());
    directory.apply(Some(cards), Fact::CredentialsEnd(Ok(())));
    assert!(directory.credential(&"b".into()).is_none() && directory.credential(&"a".into()).is_some());
}

#[test]
fn an_answer_that_was_on_its_way_does_not_undo_what_was_told_meanwhile() {
    let mut directory = directory(&["Room 204", "Gym"]);
    let (jane, john, gym): (UserId, UserId, GroupId) = ("jane".into(), "john".into(), "Gym".into());
    directory.apply(None, Fact::UsersOf(gym.clone(), Ok(vec![john.clone()])));
    let asked = Some(directory.load());
    directory.apply(None, Fact::Member(jane.clone(), gym.clone(), true));
    directory.apply(Some(directory.load()), Fact::GroupsOf(john.clone(), Ok(vec!["Room 204".into()])));
    // Also when a reload asks, or two ask at once.
    for _ in 0..2 {
        directory.apply(asked, Fact::UsersOf(gym.clone(), Ok(vec![john.clone()])));
        let row = directory.group(&gym).unwrap();
        assert_eq!((directory.is_member(&jane, row), directory.is_member(&john, row)), (Some(true), Some(false)));
    }
    let asked = Some(directory.load());
    directory.apply(None, Fact::Member(jane.clone(), "Room 204".into(), true));
    for _ in 0..2 {
        assert!(!directory.apply(asked, Fact::GroupsOf(jane.clone(), Ok(vec![gym.clone()]))).is_any());
        assert_eq!(directory.rooms_of(&jane), ["204"]);
    }
    // What is asked from now on counts again.
    let asked = Some(directory.load());
    assert!(directory.apply(asked, Fact::GroupsOf(jane.clone(), Ok(vec![gym.clone()]))).is_any());
    assert!(directory.rooms_of(&jane).is_empty());
    let asked = Some(directory.load());
    assert!(directory.apply(asked, Fact::UsersOf(gym.clone(), Ok(vec![john.clone()]))).is_any());
    assert_eq!(directory.is_member(&john, directory.group(&gym).unwrap()), Some(true));
}

#[test]
fn a_late_answer_about_a_user_or_a_card_does_not_undo_what_was_told_meanwhile() {
    let mut directory = empty();
    let (jane, old): (UserId, CredentialId) = ("jane".into(), "old".into());
    directory.apply(None, Fact::user(user("jane", "Jane Doe")));
    directory.apply(None, Fact::Credential(Box::new(card("old", "jane", false))));
    let asked = Some(directory.load());
    directory.apply(None, Fact::user(user("jane", "Jane Roe")));
    directory.apply(None, Fact::Credential(Box::new(card("old", "jane", true))));
    directory.apply(None, Fact::Credential(Box::new(card("new", "jane", true))));
    directory.apply(None, Fact::CardOutdated("new".into()));
    let late = [
        (Fact::user(user("jane", "Jane Doe")), Query::User(jane.clone())),
        (Fact::CredentialsOf(jane.clone(), Ok(vec![card("old", "jane", false)])), Query::User(jane.clone())),
        (Fact::Credential(Box::new(card("old", "jane", false))), Query::Credential(old.clone())),
    ];
    // Also when two were under way.
    for (fact, again) in late.clone().into_iter().chain(late) {
        assert_eq!(directory.overtaken(asked, &fact), Some(again));
        assert!(!directory.apply(asked, fact).is_any());
    }
    assert_eq!(directory.user(&jane).unwrap().user().name(), "Jane Roe");
    assert!(directory.credential(&old).unwrap().is_issued);
    assert!(directory.needs_update(directory.credential(&"new".into()).unwrap()));
    directory.apply(None, Fact::CredentialGone(old.clone()));
    let before = asked;
    assert!(!directory.apply(before, Fact::Credential(Box::new(card("old", "jane", true)))).is_any());
    // What is asked from now on counts again, and a failure was never an answer.
    let asked = Some(directory.load());
    let fact = Fact::CredentialsOf(jane.clone(), Ok(vec![card("old", "jane", false)]));
    assert_eq!(directory.overtaken(asked, &fact), None);
    assert!(directory.apply(asked, fact).credentials);
    assert!(directory.credential(&"new".into()).is_none());
    assert_eq!(directory.overtaken(before, &Fact::User(jane, Err(error()))), None);
}

#[test]
fn who_was_deleted_does_not_come_back_with_a_late_list_of_a_group() {
    let mut directory = directory(&["Gym"]);
    let (jane, gym): (UserId, GroupId) = ("jane".into(), "Gym".into());
    directory.apply(None, Fact::user(user("jane", "Jane Doe")));
    directory.apply(None, Fact::UsersOf(gym.clone(), Ok(vec![jane.clone()])));
    let asked = Some(directory.load());
    directory.apply(None, Fact::user_gone(jane.clone()));
    // Who is not known yet, and not gone, is.
    directory.apply(asked, Fact::UsersOf(gym.clone(), Ok(vec![jane.clone(), "new".into()])));
    let row = directory.group(&gym).unwrap();
    assert_eq!(row.users().loaded().unwrap(), &HashSet::from(["new".into()]));
    assert!(directory.groups_of(&jane).is_none());
}
