//! Search over users: accents fold, rooms count, the best comes first.

use std::collections::HashSet;

use memchr::memmem::Finder;
use nucleo_matcher::pattern::{AtomKind, CaseMatching, Normalization, Pattern};
use nucleo_matcher::{Config, Matcher, Utf32Str};

use super::people::Slot;
use super::person::Person;
use super::{Directory, GroupRow, Remote};
use crate::domain::guest::Identity;
use crate::domain::search_form::{Forms, is_hyphen, search_form, spelt_form};
use crate::seam::types::GroupId;

/// From how few exact hits on similar names are offered too.
const FEW: usize = 8;

/// How well a user fits, best first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Rank {
    Room,
    PartStart,
    Inside,
    Other,
}

/// The users who fit what was typed: by room, start of a name part, part of the name, phone or e-mail or another
/// group, and last by similarity; inside each of these in the order of the names.
pub fn search(directory: &Directory, text: &str) -> Vec<Slot> {
    let folded = search_form(text);
    let joined: String = folded.split_whitespace().collect();
    let is_number =
        folded.starts_with(['+', '0']) && joined.chars().all(|c| c.is_ascii_digit() || "+-()/.".contains(c));
    // Both forms have the same words in the same order.
    let spelt = spelt_form(text);
    // "12 a" and "room 12 a" name one room: spaces don't count there.
    let words: Vec<Word> = if is_number || directory.groups().iter().any(|row| row.is_named(&joined)) {
        vec![Word::new(&joined, None, directory)]
    } else {
        let pairs = split_words(&folded).zip(split_words(&spelt));
        pairs.map(|(word, spelt)| Word::new(word, (word != spelt).then_some(spelt), directory)).collect()
    };
    let alone = words.len() == 1;
    let meant = || words.iter().filter(|word| alone || !word.says_nothing);
    let mut ranked: [Vec<Slot>; 4] = Default::default();
    let mut rest = Vec::new();
    for slot in directory.users() {
        let Some(person) = directory.user_in(*slot) else { continue };
        // The worst of the words counts; nothing is allocated for each of many thousand rows.
        match meant().try_fold(Rank::Room, |worst, word| Some(worst.max(word.rank(person, *slot)?))) {
            Some(rank) => ranked[rank as usize].push(*slot),
            None => rest.push(*slot),
        }
    }
    let mut hits = ranked.concat();
    if hits.len() < FEW && folded.chars().count() > 3 {
        // An apostrophe that nobody wrote there is in nobody's name.
        hits.extend(similar(directory, &folded.replace('\'', ""), &rest));
    }
    hits
}

/// Users who may be the guest that is being entered: the same phone or e-mail first, then those whose name has every
/// word that was typed as the start of one of its own.
pub fn suggestions<'a>(
    directory: &'a Directory,
    name: &str,
    phone: Option<&str>,
    email: &str,
    most: usize,
) -> Vec<&'a Person> {
    let folded = search_form(name);
    let words: Vec<Forms> =
        name.split(|c: char| c.is_whitespace() || ",()".contains(c) || is_hyphen(c)).map(Forms::new).collect();
    let typed = Identity::new(name, phone, Some(email));
    let (mut same_contact, mut similar_name) = (Vec::new(), Vec::new());
    for person in everyone(directory) {
        let (phone, email) = person.contact();
        if typed.has_contact(phone, email) {
            same_contact.push(person);
        } else if folded.len() > 2 && similar_name.len() < most && words.iter().all(|word| starts_part(person, word)) {
            similar_name.push(person);
        }
    }
    same_contact.extend(similar_name);
    same_contact.truncate(most);
    same_contact
}

/// Users who are the same guest by name, phone or e-mail: a second one would surely be a slip, or a namesake.
pub fn namesakes<'a>(directory: &'a Directory, name: &str, phone: Option<&str>, email: &str) -> Vec<&'a Person> {
    let typed = Identity::new(name, phone, Some(email));
    everyone(directory).filter(|person| typed.is_same_guest(&Identity::of_user(&person.user))).collect()
}

fn everyone(directory: &Directory) -> impl Iterator<Item = &Person> {
    directory.users().iter().filter_map(|slot| directory.user_in(*slot))
}

// Whether a text begins with another, apostrophes aside.
fn begins(text: &str, with: &str) -> bool {
    let mut letters = text.chars().filter(|c| *c != '\'');
    with.chars().filter(|c| *c != '\'').all(|c| letters.next() == Some(c))
}

fn starts_part(person: &Person, word: &Forms) -> bool {
    let starts = |name: &str| {
        let mut parts = name.split(|c: char| !c.is_alphanumeric() && c != '\'');
        parts.any(|part| word.each().any(|form| begins(part, form)))
    };
    starts(&person.folded_name) || person.spelt_name.as_deref().is_some_and(starts)
}

/// The groups whose users a search needs to know: those that it names and whose users nobody asked for yet, or could
/// not be had. An answer that is on its way is waited for.
pub fn groups_to_ask(directory: &Directory, text: &str) -> Vec<GroupId> {
    let folded = search_form(text);
    // The beginning of a room's number finds whom is known; asking for all rooms that begin so would be too many calls.
    let is_named = |word: &str, row: &GroupRow| matches!(names_group(word, row), Some(Rank::Room | Rank::Other));
    let unknown = |word: &str| {
        directory
            .groups()
            .iter()
            .filter(|row| matches!(row.users(), Remote::NotAsked | Remote::Failed(_)) && is_named(word, row))
            .map(|row| row.group.acs_access_group_id.clone())
            .collect::<Vec<_>>()
    };
    let joined: String = folded.split_whitespace().collect();
    let words = if directory.groups().iter().any(|row| row.is_named(&joined)) {
        vec![joined.as_str()]
    } else {
        folded.split_whitespace().collect()
    };
    words.into_iter().flat_map(unknown).take(FEW).collect()
}

// The words of a text; "anna-maria" is two, "1-510" is one.
fn split_words(folded: &str) -> impl Iterator<Item = &str> {
    folded.split_whitespace().flat_map(|word| {
        let is_name = !word.contains(|c: char| c.is_ascii_digit());
        word.split(move |c| is_name && c == '-').filter(|part| !part.is_empty())
    })
}

struct Word<'a> {
    text: &'a str,
    finder: Finder<'a>,
    // "müller" means "Mueller" too.
    spelt: Option<Finder<'static>>,
    // Digits of a phone number, however it is written: with +, 00 or a leading 0.
    digits: Option<Finder<'static>>,
    // "room" in "room 204" says nothing that the number doesn't say.
    says_nothing: bool,
    in_room: HashSet<Slot>,
    in_group: HashSet<Slot>,
}

impl<'a> Word<'a> {
    fn new(text: &'a str, spelt: Option<&str>, directory: &Directory) -> Self {
        let (mut in_room, mut in_group) = (HashSet::new(), HashSet::new());
        for row in directory.groups() {
            let Some(users) = row.users().loaded() else { continue };
            let slots = users.iter().filter_map(|user| directory.slot_of(user));
            match names_group(text, row) {
                Some(Rank::Room) => in_room.extend(slots),
                Some(_) => in_group.extend(slots),
                None => {}
            }
        }
        let finder = |text: &str| Finder::new(text.as_bytes()).into_owned();
        let is_phone = text.chars().all(|c| c.is_ascii_digit() || "+-()/.".contains(c));
        let digits: String = text.chars().filter(char::is_ascii_digit).collect();
        let digits = digits.trim_start_matches('0');
        Self {
            text,
            finder: Finder::new(text.as_bytes()),
            spelt: spelt.map(finder),
            digits: (is_phone && digits.len() > 2).then(|| finder(digits)),
            says_nothing: directory.groups().iter().any(|row| {
                row.room.is_some() && row.folded_name.split(' ').next() == Some(text) && row.folded_name.contains(' ')
            }),
            in_room,
            in_group,
        }
    }

    fn rank(&self, person: &Person, slot: Slot) -> Option<Rank> {
        if self.in_room.contains(&slot) {
            return Some(Rank::Room);
        }
        let mut inside = false;
        for name in std::iter::once(&*person.folded_name).chain(person.spelt_name.as_deref()) {
            for finder in std::iter::once(&self.finder).chain(&self.spelt) {
                for at in finder.find_iter(name.as_bytes()) {
                    if at == 0 || !name[..at].ends_with(char::is_alphanumeric) {
                        return Some(Rank::PartStart);
                    }
                    inside = true;
                }
            }
        }
        if inside {
            return Some(Rank::Inside);
        }
        let contact = person.folded_contact.as_bytes();
        let has_contact = self.text.len() > 2 && self.finder.find(contact).is_some()
            || self.digits.as_ref().is_some_and(|digits| digits.find(contact).is_some());
        (has_contact || self.in_group.contains(&slot)).then_some(Rank::Other)
    }
}

fn names_group(word: &str, row: &GroupRow) -> Option<Rank> {
    if let Some(room) = &row.room_key {
        let begins = word.len() > 1 && room.starts_with(word);
        return if row.is_named(word) { Some(Rank::Room) } else { begins.then_some(Rank::Inside) };
    }
    let part_starts = row.folded_name.split(|c: char| !c.is_alphanumeric()).any(|part| part.starts_with(word));
    (word.chars().count() > 2 && part_starts).then_some(Rank::Other)
}

fn similar(directory: &Directory, folded: &str, among: &[Slot]) -> Vec<Slot> {
    let mut matcher = Matcher::new(Config::DEFAULT);
    let pattern = Pattern::new(folded, CaseMatching::Respect, Normalization::Never, AtomKind::Fuzzy);
    // A name that only happens to hold all letters somewhere is noise: most letters must follow one another.
    let enough = u32::try_from(folded.chars().count()).unwrap_or(u32::MAX).saturating_mul(22);
    let mut buffer = Vec::new();
    let mut hits: Vec<(u32, Slot)> = among
        .iter()
        .filter_map(|slot| {
            let person = directory.user_in(*slot)?;
            let score = pattern.score(Utf32Str::new(&person.folded_name, &mut buffer), &mut matcher)?;
            (score >= enough).then_some((score, *slot))
        })
        .collect();
    hits.sort_by_key(|(score, _)| std::cmp::Reverse(*score));
    hits.into_iter().map(|(_, slot)| slot).collect()
}

#[cfg(test)]
mod tests {
    use super::super::person::prepare;
    use super::*;
    use crate::domain::fact::Fact;
    use crate::domain::room::{DEFAULT_PATTERN, RoomPattern};
    use serde_json::json;

    fn directory() -> Directory {
        let mut directory = Directory::new(RoomPattern::new(DEFAULT_PATTERN).unwrap());
        let names = ["José García", "John Doe", "Max Doerr", "Adele Mondo", "Eva Brandt", "Lucía Álvarez"];
        let users = names
            .iter()
            .map(|name| {
                let value = json!({"acs_user_id": name, "full_name": name, "phone_number": "+493055512",
                    "email_address": "X@Example.com"});
                serde_json::from_value(value).unwrap()
            })
            .collect();
        directory.begin_load();
        directory.apply(Some(1), Fact::People(prepare(users)));
        let groups = [("g204", "Room 204"), ("gspa", "Pool & Spa")]
            .map(|(id, name)| serde_json::from_value(json!({"acs_access_group_id": id, "name": name})).unwrap());
        directory.apply(None, Fact::Groups(Ok(groups.to_vec())));
        directory
    }

    fn names(directory: &Directory, text: &str) -> Vec<String> {
        search(directory, text).iter().map(|slot| directory.user_in(*slot).unwrap().user.name().to_owned()).collect()
    }

    #[test]
    fn accents_fold_and_the_best_comes_first() {
        let directory = directory();
        assert_eq!(names(&directory, "jose"), ["José García"]);
        assert_eq!(names(&directory, "DO"), ["John Doe", "Max Doerr", "Adele Mondo"]);
        assert_eq!(names(&directory, "doe jo"), ["John Doe"]);
        assert_eq!(names(&directory, "alvrez"), ["Lucía Álvarez"]);
        assert_eq!(names(&directory, "zzz"), Vec::<String>::new());
        assert_eq!(names(&directory, "").len(), 6);
    }

    #[test]
    fn an_umlaut_is_found_by_each_of_its_spellings_and_no_other_name() {
        let mut directory = directory();
        let written =
            ["Jörg Müller", "Joerg Mueller", "Manuel Ruiz", "Νίκος Παππάς", "Sinéad O'Doe", "Anna-Maria Groß"];
        let users =
            written.iter().map(|name| serde_json::from_value(json!({"acs_user_id": name, "full_name": name})).unwrap());
        directory.apply(Some(1), Fact::People(prepare(users.collect())));
        let umlauts = ["Joerg Mueller", "Jörg Müller"];
        for (text, found) in [
            ("joerg mueller", &umlauts[..]),
            ("Jörg Müller", &umlauts[..]),
            ("JÖRG mueller", &umlauts[..]),
            ("jorg muller", &umlauts[1..]),
            ("mueller", &umlauts[..]),
            ("ΝΙΚΟΣ ΠΑΠΠΑΣ", &["Νίκος Παππάς"]),
            ("o´doe", &["Sinéad O'Doe"]),
            ("oʼdoe", &["Sinéad O'Doe"]),
            ("o′doe", &["Sinéad O'Doe"]),
            ("anna maria gross", &["Anna-Maria Groß"]),
            ("anna–maria", &["Anna-Maria Groß"]),
        ] {
            // Behind them may stand names that are only similar.
            assert_eq!(names(&directory, text)[..found.len()], *found, "{text}");
            let offered = suggestions(&directory, text, None, "", 4);
            assert_eq!(offered.iter().map(|person| person.user.name()).collect::<Vec<_>>(), found, "{text}");
        }
        let is_there = |name| !namesakes(&directory, name, None, "").is_empty();
        assert!(is_there("Joerg Mueller") && is_there("Nikos Pappas") != is_there("ΝΙΚΟΣ ΠΑΠΠΑΣ"));
        assert!(is_there("Sinead O´Doe") && !is_there("Manul Ruiz"));
        assert!(suggestions(&directory, "Manul", None, "", 4).is_empty());
        assert_eq!(suggestions(&directory, "Ruiz, M", None, "", 4).len(), 1);
    }

    #[test]
    fn a_room_finds_its_guests_once_they_are_known() {
        let mut directory = directory();
        assert_eq!(groups_to_ask(&directory, "204"), ["g204".into()]);
        assert_eq!(groups_to_ask(&directory, "20"), Vec::<GroupId>::new());
        directory.apply(None, Fact::UsersOf("g204".into(), Ok(vec!["John Doe".into(), "Eva Brandt".into()])));
        assert_eq!(names(&directory, "204"), ["Eva Brandt", "John Doe"]);
        assert_eq!(names(&directory, "204 eva"), ["Eva Brandt"]);
        assert_eq!(names(&directory, "room 204"), ["Eva Brandt", "John Doe"]);
        assert_eq!(names(&directory, "20"), ["Eva Brandt", "John Doe"]);
        assert!(groups_to_ask(&directory, "204").is_empty());
        directory.apply(None, Fact::UsersOf("gspa".into(), Ok(vec!["Max Doerr".into()])));
        assert_eq!(names(&directory, "spa"), ["Max Doerr"]);
    }

    #[test]
    fn spaces_in_a_room_do_not_count() {
        let rooms =
            ["Room 12 A", "Chambre 12 bis", "Villa Rosa", "Building B 509", "Room 501/502", "1-510", "Room 0306"];
        let group = |name: &&str| serde_json::from_value(json!({"acs_access_group_id": name, "name": name})).unwrap();
        for (room, texts) in [
            ("Room 12 A", &["12 A", "12a", "room 12 a", "ROOM 12A"][..]),
            ("Chambre 12 bis", &["12 bis", "12BIS", "chambre 12bis"]),
            ("Villa Rosa", &["villa rosa", "villarosa"]),
            ("Building B 509", &["b 509", "B509"]),
            ("Room 501/502", &["501/502", "501 / 502"]),
            ("1-510", &["1-510"]),
            ("Room 0306", &["0306", "room 0306"]),
        ] {
            for text in texts {
                let mut directory = self::directory();
                directory.apply(None, Fact::Groups(Ok(rooms.iter().map(group).collect())));
                assert_eq!(groups_to_ask(&directory, text), [room.into()], "{text}");
                directory.apply(None, Fact::UsersOf(room.into(), Ok(vec!["Eva Brandt".into()])));
                assert_eq!(names(&directory, text), ["Eva Brandt"], "{text}");
            }
        }
    }

    #[test]
    fn a_guest_who_is_there_is_seen_while_the_name_is_typed() {
        let directory = directory();
        let found = |name, phone, email| -> Vec<_> {
            suggestions(&directory, name, phone, email, 3).into_iter().map(|person| person.user.name()).collect()
        };
        assert_eq!(found("garcia jo", None, ""), ["José García"]);
        assert_eq!(found("jo", None, ""), Vec::<&str>::new());
        assert_eq!(found("nobody", Some("+493055512"), "").len(), 3);
        assert_eq!(found("nobody", None, "x@EXAMPLE.com").len(), 3);
        assert_eq!(namesakes(&directory, "Doe, JOHN", None, "").len(), 1);
        assert_eq!(namesakes(&directory, "John", None, "").len(), 0);
    }

    #[test]
    fn phone_and_mail_are_found_from_three_characters_on() {
        let directory = directory();
        for phone in ["3055", "+493055512", "00493055512", "03055512", "+49 30 555-12"] {
            assert_eq!(names(&directory, phone).len(), 6, "{phone}");
        }
        assert_eq!(names(&directory, "example").len(), 6);
    }
}
