//! Rooms: the hotel thinks in rooms, the key system in groups. A room is read out of a group's name.

use regex_lite::Regex;

use super::search_form::search_form;

/// The pattern that a group's name is matched against, with the room's number as its first group.
#[derive(Clone, Debug)]
pub struct RoomPattern(Regex);

/// What fits "Room 204", "204", "Zimmer 12 A", "Habitación 0306", "Chambre 12 bis", "Building B 509", "Room 501/502",
/// "1-510", "A-12" and, for houses whose rooms have names, "Villa Rosa".
pub const DEFAULT_PATTERN: &str = concat!(
    r"(?i)^(?:(?:",
    r"(?:room|rm\.?|zimmer|chambre|habitaci(?:[oóOÓ]|o\x{301})n|camera|kamer|quarto|suite|apartment|apt\.?|studio|unit",
    r"|building|block|tower|wing|haus|house|b[aâ]timent|edificio|villa|bungalow|cabin|chalet)\s+(?:no\.?\s*|nr\.?\s*)?#?",
    r"((?:[a-z]|\d{1,2})[\s-]?\d{1,5}",
    r"(?:\s?[a-z]|\s(?:bis|ter))?(?:\s?[/+&-]\s?\d{1,5}[a-z]?)?",
    r"|\d{1,5}(?:\s?[a-z]|\s(?:bis|ter))?(?:\s?[/+&-]\s?\d{1,5}[a-z]?)?)",
    r")|#?(\d{1,5}(?:\s?[a-z]|\s(?:bis|ter))?|\d{1,5}\s?[/+&]\s?\d{1,5}|\d{1,2}-\d{2,5}[a-z]?|[a-z]-?\d{2,5})",
    r"|((?:villa|chalet|cottage|bungalow|lodge)\s+\D+))$"
);

impl RoomPattern {
    /// Takes a regular expression of the config.
    ///
    /// # Errors
    /// What the expression's own parser says, or that it has no group for the number.
    pub fn new(pattern: &str) -> Result<Self, String> {
        let regex = Regex::new(pattern).map_err(|error| error.to_string())?;
        if regex.captures_len() < 2 {
            return Err("it needs one group in parentheses for the room's number".to_owned());
        }
        Ok(Self(regex))
    }

    /// The room of a group's name, if it names one: what the first group in parentheses that took part holds.
    pub fn room_of<'a>(&self, group_name: &'a str) -> Option<&'a str> {
        self.0.captures(group_name.trim())?.iter().skip(1).flatten().next().map(|room| room.as_str())
    }
}

/// The room that a group stands for. Where it opens the doors of guest rooms, their names decide: one is its room, and of
/// several (a floor, a master key) none is, unless the group's own name holds them all ("Room 501/502"). Where no door
/// names a room, the group's name is read.
pub fn room_of_group(pattern: &RoomPattern, group_name: &str, door_rooms: &[String]) -> Option<String> {
    let by_name = || pattern.room_of(group_name).map(str::to_owned);
    match door_rooms {
        [] => by_name(),
        [only] => Some(pattern.room_of(only).unwrap_or(only).to_owned()),
        several => {
            let name = room_key(group_name);
            let is_named = |room: &String| name.contains(&room_key(pattern.room_of(room).unwrap_or(room)));
            by_name().filter(|_| several.iter().all(is_named))
        }
    }
}

/// The form in which rooms are compared: a person types `12a` for "12 A".
pub fn room_key(room: &str) -> String {
    search_form(room).split_whitespace().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_reads_the_usual_names() {
        let pattern = RoomPattern::new(DEFAULT_PATTERN).unwrap();
        for (name, room) in [
            ("Room 204", Some("204")),
            ("204", Some("204")),
            ("Zimmer 204", Some("204")),
            ("Habitación 12A", Some("12A")),
            ("Room 0306", Some("0306")),
            ("Room 12 A", Some("12 A")),
            ("room 12a", Some("12a")),
            ("Chambre 12 bis", Some("12 bis")),
            ("Building B 509", Some("B 509")),
            ("Block 2 114", Some("2 114")),
            ("Room 501/502", Some("501/502")),
            ("501 + 502", Some("501 + 502")),
            ("1-510", Some("1-510")),
            ("Room 1-510", Some("1-510")),
            ("A-112", Some("A-112")),
            ("B07", Some("B07")),
            ("Apt. 7", Some("7")),
            ("Room no. 8", Some("8")),
            ("Room #9", Some("9")),
            ("Villa Rosa", Some("Villa Rosa")),
            ("Villa 3", Some("3")),
            ("Chalet Edelweiß", Some("Chalet Edelweiß")),
            ("Suite 5", Some("5")),
            ("Apartment 118", Some("118")),
            ("Suite 7", Some("7")),
            ("Zimmer 12a", Some("12a")),
            ("Suite Lounge", None),
            ("Car Park 2", None),
            ("P 2", None),
            ("Room Service", None),
            ("24 hours", None),
            ("House", None),
            ("Pool & Spa", None),
            ("Floor 2", None),
            ("Room", None),
        ] {
            assert_eq!(pattern.room_of(name), room, "{name}");
        }
    }

    #[test]
    fn the_doors_tell_the_room_before_the_name_does() {
        let pattern = RoomPattern::new(DEFAULT_PATTERN).unwrap();
        for (group, doors, room) in [
            ("Room 204", &[][..], Some("204")),
            ("Room 204", &["204"], Some("204")),
            ("Gast 7781", &["204"], Some("204")),
            ("Gast 7781", &["Room 12 A"], Some("12 A")),
            ("Room 204", &["Presidential"], Some("Presidential")),
            ("Villa Rosa", &["Villa Rosa"], Some("Villa Rosa")),
            ("Block 2 114", &["201", "202", "203"], None),
            ("Housekeeping", &["201", "202"], None),
            ("Room 501/502", &["Room 501", "Room 502"], Some("501/502")),
            ("Room 501", &["Room 501", "Room 502"], None),
            ("Gym", &[], None),
        ] {
            let doors: Vec<String> = doors.iter().map(|door| (*door).to_owned()).collect();
            assert_eq!(room_of_group(&pattern, group, &doors).as_deref(), room, "{group} {doors:?}");
        }
    }

    #[test]
    fn spaces_and_letter_case_tell_no_rooms_apart() {
        assert_eq!(room_key("12 A"), room_key(" 12a"));
        assert_eq!(room_key("Villa Rosa"), "villarosa");
        assert_ne!(room_key("204"), room_key("1204"));
    }

    #[test]
    fn a_pattern_without_a_group_is_refused() {
        assert!(RoomPattern::new(r"\d+").unwrap_err().contains("parentheses"));
        assert!(RoomPattern::new("(").is_err());
    }
}
