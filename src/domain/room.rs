//! Rooms: the hotel thinks in rooms, the key system in groups. A room is read out of a group's name.

use regex_lite::Regex;

/// The pattern that a group's name is matched against, with the room's number as its first group.
#[derive(Clone, Debug)]
pub struct RoomPattern(Regex);

/// What fits "Room 204", "204", "Zimmer 204", "Habitación 12A", "Chambre 5", "Rm. 7".
pub const DEFAULT_PATTERN: &str = r"(?i)^(?:(?:room|rm\.?|zimmer|chambre|habitaci(?:[oóOÓ]|o\x{301})n|camera|kamer|quarto|suite|apartment)\s+)?#?(\d{1,5}\s?[a-z]?)$";

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

    /// The room of a group's name, if it names one.
    pub fn room_of<'a>(&self, group_name: &'a str) -> Option<&'a str> {
        self.0.captures(group_name.trim())?.get(1).map(|room| room.as_str())
    }
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
            ("Pool & Spa", None),
            ("Floor 2", None),
            ("Room", None),
        ] {
            assert_eq!(pattern.room_of(name), room, "{name}");
        }
    }

    #[test]
    fn a_pattern_without_a_group_is_refused() {
        assert!(RoomPattern::new(r"\d+").unwrap_err().contains("parentheses"));
        assert!(RoomPattern::new("(").is_err());
    }
}
