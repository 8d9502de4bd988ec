use super::*;
use crate::domain::room::DEFAULT_PATTERN;
use serde_json::json;

fn directory(groups: &[&str]) -> Directory {
    let mut directory = Directory::default();
    let groups = groups
        .iter()
        .map(|name| serde_json::from_value(json!({"acs_access_group_id": name, "name": name})).unwrap())
        .collect();
    directory.set_groups(groups, &RoomPattern::new(DEFAULT_PATTERN).unwrap());
    directory
}

fn card(id: &str, user: &str, issued: bool) -> Credential {
    serde_json::from_value(json!({
        "acs_credential_id": id, "acs_user_id": user, "access_method": "card", "is_issued": issued
    }))
    .unwrap()
}

#[test]
fn groups_stand_with_common_areas_first_and_rooms_by_number() {
    let directory = directory(&["Room 1010", "Room 204", "Pool & Spa", "Gym", "Room 21"]);
    let names: Vec<_> = directory.groups().iter().map(|row| row.group.name()).collect();
    assert_eq!(names, ["Gym", "Pool & Spa", "Room 21", "Room 204", "Room 1010"]);
}

#[test]
fn both_ways_of_asking_for_membership_agree() {
    let mut directory = directory(&["Room 204", "Gym"]);
    let (jane, room): (UserId, GroupId) = ("jane".into(), "Room 204".into());
    assert_eq!(directory.is_member(&jane, directory.group(&room).unwrap()), None);
    directory.set_users_of(&room, [jane.clone()]);
    assert_eq!(directory.rooms_of(&jane), ["204"]);
    assert_eq!(directory.is_member(&jane, directory.group(&"Gym".into()).unwrap()), None);
    directory.set_groups_of(&jane, HashSet::from(["Gym".into()]));
    assert!(directory.rooms_of(&jane).is_empty());
    assert_eq!(directory.is_member(&jane, directory.group(&room).unwrap()), Some(false));
    assert!(directory.group(&room).unwrap().users.as_ref().unwrap().is_empty());
}

#[test]
fn a_page_that_was_read_before_does_not_undo_what_was_told_since() {
    let mut directory = Directory::default();
    let user = |name: &str| serde_json::from_value(json!({"acs_user_id": "jane", "full_name": name})).unwrap();
    directory.begin_load();
    directory.put_credential(card("a", "jane", true), 1);
    directory.remove_credential(&"b".into());
    directory.put_user(user("Jane Doe"), 1);
    directory.merge_credentials(vec![card("a", "jane", false), card("b", "john", true)], 1);
    directory.merge_people(vec![Person::new(user("Jane Old"))], 1);
    assert!(directory.card_of(&"jane".into()).unwrap().is_issued);
    assert!(directory.card_of(&"john".into()).is_none());
    assert_eq!(directory.people.get(&"jane".into()).unwrap().user.name(), "Jane Doe");
    directory.begin_load();
    directory.merge_people(vec![Person::new(user("Jane New"))], 2);
    assert_eq!(directory.people.get(&"jane".into()).unwrap().user.name(), "Jane New");
}

#[test]
fn a_failed_reload_takes_nothing_away() {
    let mut directory = directory(&["Gym"]);
    let jane: UserId = "jane".into();
    directory.set_groups_of(&jane, HashSet::from(["Gym".into()]));
    directory.set_membership_load(&jane, Remote::Loading);
    assert_eq!(directory.membership_load(&jane), &Remote::Loaded(()));
}

#[test]
fn a_card_that_is_gone_at_the_end_of_a_loading_is_forgotten() {
    let mut directory = Directory::default();
    directory.merge_credentials(vec![card("a", "jane", true), card("b", "john", true)], 1);
    directory.merge_credentials(vec![card("a", "jane", true)], 2);
    directory.end_credential_load(2);
    assert!(directory.card_of(&"john".into()).is_none());
    directory.mark_outdated("a".into());
    assert!(directory.needs_update(directory.card_of(&"jane".into()).unwrap()));
    directory.mark_written(&"a".into());
    assert!(!directory.needs_update(directory.card_of(&"jane".into()).unwrap()));
}
