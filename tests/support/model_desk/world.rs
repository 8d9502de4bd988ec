//! A hotel that the tests know by heart, as a server would tell it.

use jiff::civil::Time;
use jiff::tz::TimeZone;
use keydesk::component::ctx::Settings;
use keydesk::domain::directory::person::prepare;
use keydesk::domain::fact::Fact;
use keydesk::domain::phone::Country;
use keydesk::domain::query::Query;
use keydesk::domain::room::{DEFAULT_PATTERN, RoomPattern};
use keydesk::seam::types::{Credential, Encoder, Group, GroupId, System, User, UserId, Workspace};
use keydesk::ui::theme::{Colors, Theme};
use serde_json::{Value, json};

/// Id, full name, groups, end of access.
pub type Guest = (&'static str, &'static str, &'static [&'static str], Option<&'static str>);

const SATURDAY: Option<&str> = Some("2026-11-28T10:00:00Z");
const THURSDAY: Option<&str> = Some("2026-11-26T10:00:00Z");

/// The guests, in the order in which a server gives them.
pub const GUESTS: &[Guest] = &[
    ("u-john", "John Doe", &["Room 204", "Pool & Spa"], SATURDAY),
    ("u-jose", "José García", &["Room 311", "Pool & Spa"], THURSDAY),
    ("u-max", "Max Doerr", &["Room 415", "Executive Lounge"], SATURDAY),
    ("u-eva", "Eva Brandt", &[], None),
    ("u-jonas", "Jonas Fischer", &["Room 333", "Gym"], SATURDAY),
    ("u-minh", "Nguyễn Minh Anh", &["Room 101"], THURSDAY),
    ("u-pal", "Pål Eriksen", &["Room 207", "Car Park"], SATURDAY),
    ("u-yuki", "佐藤 雪", &["Room 402"], THURSDAY),
    ("u-sinead", "Sinéad O'Doe", &["Room 118"], SATURDAY),
    ("u-ludwig", "Ludwig van Beethoven", &["Room 9"], None),
    ("u-lucia", "Lucía Álvarez", &["Room 204"], SATURDAY),
    ("u-nils", "Nils Andersson", &["Room 119", "Car Park"], THURSDAY),
    ("u-marco", "Marco Bianchi", &["Room 220", "Pool & Spa"], SATURDAY),
    ("u-chloe", "Chloé Dubois", &["Room 221"], THURSDAY),
    ("u-leila", "Leila Haddad", &["Room 401", "Gym"], Some("2026-11-23T10:00:00Z")),
    ("u-daria", "Daria Ivanova", &["Room 120"], SATURDAY),
    ("u-zofia", "Zofia Kowalska", &["Room 222"], SATURDAY),
    ("u-tom", "Tom Quinn", &["Room 205"], THURSDAY),
    ("u-ana", "Ana Maria Villanueva de la Fuente y Santisteban", &["Room 206", "Room 205"], SATURDAY),
    ("u-will", "Will Zimmer", &["Room 10"], SATURDAY),
];

const COMMON: [(&str, usize); 4] = [("Car Park", 2), ("Executive Lounge", 1), ("Gym", 1), ("Pool & Spa", 2)];

pub fn settings() -> Settings {
    Settings {
        operator: "Mia".into(),
        zone: TimeZone::UTC,
        zone_is_chosen: false,
        check_out: Time::constant(11, 0, 0, 0),
        day_first: true,
        check_out_kind: keydesk::domain::check_out::CheckOutKind::Suspend,
        guard_doors: 40,
        country: Country::new("de"),
        rooms: RoomPattern::new(DEFAULT_PATTERN).unwrap(),
        theme: Theme { colors: Colors::Sixteen, ascii: false },
        bell: true,
        demo: false,
        encoder: None,
    }
}

pub fn from<T: serde::de::DeserializeOwned>(value: Value) -> T {
    serde_json::from_value(value).unwrap()
}

pub fn user(guest: &Guest) -> Value {
    let (id, name, _, ends) = guest;
    let mut user = json!({"acs_user_id": id, "full_name": name, "display_name": name,
        "access_schedule": {"starts_at": "2026-11-20T14:00:00Z", "ends_at": ends}});
    match *id {
        "u-john" => {
            user["phone_number"] = json!("+4915112345678");
            user["email_address"] = json!("john.doe@example.com");
        }
        "u-pal" => user["is_suspended"] = json!(true),
        "u-sinead" => user["errors"] = json!([{"error_code": "failed_to_create_on_acs_system", "message": "refused"}]),
        "u-chloe" => user["pending_mutations"] = json!([{"mutation_code": "updating_group_membership"}]),
        _ => {}
    }
    user
}

pub fn users() -> Vec<User> {
    GUESTS.iter().map(|guest| from(user(guest))).collect()
}

/// All names of groups, common areas first.
pub fn group_names() -> Vec<&'static str> {
    let mut names: Vec<&str> = COMMON.iter().map(|(name, _)| *name).collect();
    for group in GUESTS.iter().flat_map(|(_, _, groups, _)| *groups) {
        if !names.contains(group) {
            names.push(group);
        }
    }
    names
}

/// The id of a group by its name.
pub fn group(name: &str) -> GroupId {
    format!("g-{name}").as_str().into()
}

pub fn groups() -> Vec<Group> {
    group_names().into_iter().map(|name| from(json!({"acs_access_group_id": group(name), "name": name}))).collect()
}

pub fn card(user: &str, issued: bool, warning: Option<&str>) -> Value {
    let warnings: Vec<Value> = warning.iter().map(|code| json!({"warning_code": code})).collect();
    let mut card = json!({"acs_credential_id": format!("c-{user}"), "acs_user_id": user, "access_method": "card",
        "is_issued": issued, "warnings": warnings, "is_latest_desired_state_synced_with_provider": true});
    if issued {
        card["issued_at"] = json!("2026-11-22T15:04:00Z");
        card["card_number"] = json!("16F0AB");
    }
    card
}

pub fn credentials() -> Vec<Credential> {
    let mut all: Vec<Credential> = GUESTS
        .iter()
        .filter_map(|(id, ..)| match *id {
            "u-john" | "u-eva" | "u-sinead" => None,
            "u-jonas" => Some(from(card(id, false, Some("waiting_to_be_issued")))),
            "u-max" | "u-marco" => Some(from(card(id, true, Some("needs_to_be_reissued")))),
            _ => Some(from(card(id, true, None))),
        })
        .collect();
    all.push(from(json!({"acs_credential_id": "c-phone", "acs_user_id": "u-minh", "access_method": "mobile_key",
        "is_issued": true})));
    all
}

pub const ENCODERS: [(&str, &str); 3] = [("e-front", "Front Desk"), ("e-con", "Concierge"), ("e-back", "Back Office")];

pub fn encoders() -> Vec<Encoder> {
    ENCODERS.iter().map(|(id, name)| from(json!({"acs_encoder_id": id, "display_name": name}))).collect()
}

pub fn system() -> System {
    from(json!({"acs_system_id": "s-1", "name": "Hotel Aurora", "external_type": "salto_space_system",
        "external_type_display_name": "Salto Space", "location": {"time_zone": "Europe/Berlin"}}))
}

pub fn berlin() -> TimeZone {
    TimeZone::get("Europe/Berlin").unwrap()
}

pub fn workspace(is_sandbox: bool) -> Workspace {
    from(json!({"workspace_id": "w-1", "name": "Aurora", "is_sandbox": is_sandbox}))
}

/// Everything that a loading brings, in the order of the sync task, with who is in which room.
pub fn everything() -> Vec<Fact> {
    let mut all = vec![
        Fact::Workspace(workspace(false)),
        Fact::System(Ok((system(), Some(berlin())))),
        Fact::Encoders(Ok(encoders())),
        Fact::Groups(Ok(groups())),
        Fact::People(prepare(users())),
        Fact::PeopleEnd(Ok(())),
        Fact::Credentials(credentials()),
        Fact::CredentialsEnd(Ok(())),
    ];
    for name in group_names() {
        all.extend(answer(&Query::EntrancesOf(group(name))));
        all.extend(answer(&Query::UsersOf(group(name))));
    }
    all
}

/// What a quick server answers.
pub fn answer(query: &Query) -> Vec<Fact> {
    match query {
        Query::Everything => everything(),
        Query::System => vec![Fact::System(Ok((system(), Some(berlin()))))],
        Query::GroupsOf(user) => vec![Fact::GroupsOf(user.clone(), Ok(groups_of(user.as_str())))],
        Query::Events => Vec::new(),
        Query::Groups => vec![Fact::Groups(Ok(groups()))],
        Query::UsersPage => vec![Fact::People(prepare(users())), Fact::PeopleEnd(Ok(()))],
        Query::CredentialsPage => vec![Fact::Credentials(credentials()), Fact::CredentialsEnd(Ok(()))],
        Query::UsersOf(wanted) => {
            let users = GUESTS.iter().filter(|(_, _, groups, _)| groups.iter().any(|name| group(name) == *wanted));
            vec![Fact::UsersOf(wanted.clone(), Ok(users.map(|(id, ..)| UserId::from(*id)).collect()))]
        }
        Query::EntrancesOf(wanted) => {
            let doors = COMMON.iter().find(|(name, _)| group(name) == *wanted).map_or(4, |(_, doors)| *doors);
            let door = |door| from(json!({"acs_entrance_id": format!("{}-{door}", wanted.as_str())}));
            vec![Fact::EntrancesOf(wanted.clone(), Ok((0..doors).map(door).collect()))]
        }
        // Somebody whom only the test knows stays as it told.
        Query::User(user) if GUESTS.iter().all(|(id, ..)| *id != user.as_str()) => {
            vec![Fact::GroupsOf(user.clone(), Ok(Vec::new()))]
        }
        Query::User(user) => {
            let found = users().into_iter().find(|one| one.acs_user_id == *user);
            let theirs = credentials().into_iter().filter(|one| one.acs_user_id.as_ref() == Some(user)).collect();
            vec![
                Fact::User(user.clone(), Ok(found)),
                Fact::CredentialsOf(user.clone(), Ok(theirs)),
                Fact::GroupsOf(user.clone(), Ok(groups_of(user.as_str()))),
            ]
        }
        Query::Encoders => vec![Fact::Encoders(Ok(encoders()))],
        Query::Credential(wanted) => {
            let found = credentials().into_iter().find(|one| one.acs_credential_id == *wanted);
            vec![found.map_or_else(|| Fact::CredentialGone(wanted.clone()), |one| Fact::Credential(Box::new(one)))]
        }
    }
}

pub fn groups_of(user: &str) -> Vec<GroupId> {
    let guest = GUESTS.iter().find(|(id, ..)| *id == user);
    guest.map(|(_, _, groups, _)| groups.iter().map(|name| group(name)).collect()).unwrap_or_default()
}
