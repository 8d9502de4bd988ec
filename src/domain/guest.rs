//! When two names or contacts mean the same guest: one meaning for the form's question, its suggestions and the engine.

use crate::domain::search_form::{Forms, coarse_form, is_apostrophe, is_hyphen, search_form};
use crate::seam::types::User;

/// A guest in the form in which guests are compared.
///
/// Of a name neither case, accents, apostrophes, spaces, hyphens, commas nor the order of its words count ("Doe, JOHN" is
/// "John Doe"), and an umlaut may be spelt out; of a phone number only the digits, without a leading `00`; of an e-mail
/// address neither case nor outer spaces.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    name: Vec<Forms>,
    // The words in their coarse form and in order: where it differs, the names do.
    coarse_name: String,
    phone: String,
    email: String,
}

impl Identity {
    /// Prepares what is known of a guest.
    pub fn new(name: &str, phone: Option<&str>, email: Option<&str>) -> Self {
        let words = name_words(name);
        let mut coarse: Vec<String> = words.iter().map(|word| coarse_form(word)).collect();
        coarse.sort_unstable();
        Self {
            name: words.iter().map(|word| Forms::new(word)).collect(),
            coarse_name: coarse.join(" "),
            phone: phone.map(phone_digits).unwrap_or_default(),
            email: email.map(email_form).unwrap_or_default(),
        }
    }

    /// A user of the access system.
    pub fn of_user(user: &User) -> Self {
        Self::new(user.name(), user.phone_number.as_deref(), user.email_address.as_deref())
    }

    /// Whether the names are the same. Two guests without a name share none.
    pub fn has_same_name(&self, other: &Self) -> bool {
        if self.name.is_empty() || self.coarse_name != other.coarse_name {
            return false;
        }
        let mut rest: Vec<&Forms> = other.name.iter().collect();
        self.name.iter().all(|word| {
            let found = rest.iter().position(|other| word.any(other, |a, b| a == b));
            found.map(|at| rest.swap_remove(at)).is_some()
        })
    }

    /// Whether the phone number or the e-mail address is the same. What is missing is no contact.
    pub fn has_same_contact(&self, other: &Self) -> bool {
        self.has_contact(&other.phone, &other.email)
    }

    /// The same against a phone number and an e-mail address that are prepared already.
    pub fn has_contact(&self, phone_digits: &str, email_form: &str) -> bool {
        !self.phone.is_empty() && self.phone == phone_digits || !self.email.is_empty() && self.email == email_form
    }

    /// Whether a second user of this kind would be the same guest, or a namesake: name or contact are the same.
    pub fn is_same_guest(&self, other: &Self) -> bool {
        self.has_same_name(other) || self.has_same_contact(other)
    }

    /// All of it as one text: two clerks who are about to create the same guest have the same.
    pub fn key(&self) -> String {
        [self.coarse_name.as_str(), &self.phone, &self.email].join("/")
    }
}

// The words of a name, without apostrophes.
fn name_words(name: &str) -> Vec<String> {
    name.split(|c: char| c.is_whitespace() || c == ',' || is_hyphen(c))
        .map(|word| word.chars().filter(|c| !is_apostrophe(*c)).collect::<String>())
        .filter(|word| !word.is_empty())
        .collect()
}

/// The digits of a phone number, without a leading `00` that stands for `+`.
pub fn phone_digits(phone: &str) -> String {
    let digits: String = phone.chars().filter(char::is_ascii_digit).collect();
    digits.strip_prefix("00").map(str::to_owned).unwrap_or(digits)
}

/// An e-mail address as it is compared.
pub fn email_form(email: &str) -> String {
    search_form(email.trim())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::search_form::spelt_form;
    use proptest::prelude::*;

    #[test]
    fn a_name_is_the_same_however_it_is_written() {
        let jose = Identity::new("José García", None, None);
        for name in ["jose  GARCIA", "García, José", " garcia,jose "] {
            assert!(jose.has_same_name(&Identity::new(name, None, None)), "{name}");
        }
        for name in ["José", "José García-López", "José García López", ""] {
            assert!(!jose.is_same_guest(&Identity::new(name, None, None)), "{name}");
        }
        assert!(!Identity::new("", None, None).is_same_guest(&Identity::new(" ", None, None)));
    }

    #[test]
    fn umlauts_apostrophes_and_hyphens_are_one_name_however_they_are_typed() {
        let same = |a: &str, b: &str| {
            let (a, b) = (Identity::new(a, None, None), Identity::new(b, None, None));
            assert_eq!(a.has_same_name(&b), b.has_same_name(&a));
            a.has_same_name(&b)
        };
        for (a, b) in [
            ("Jörg Müller", "Joerg Mueller"),
            ("Jörg Müller", "mueller, JOERG"),
            ("Jörg Mueller", "Joerg Müller"),
            ("Jörg Müller", "Jorg Muller"),
            ("Österreich of Wien", "Oesterreich, Of Wien"),
            ("Νίκος Παππάς", "ΝΙΚΟΣ ΠΑΠΠΑΣ"),
            ("Sinéad O'Doe", "Sinead O´Doe"),
            ("Sinéad O'Doe", "Sinead Oʼdoe"),
            ("Sinéad O'Doe", "sinead o′doe"),
            ("Sinéad O'Doe", "Sinead ODoe"),
            ("Anna-Maria Groß", "Anna Maria Gross"),
            ("Søren Ågård", "Soeren Aagaard"),
            ("Saad Ali", "Sa'ad Ali"),
            ("İbrahim Işık", "Ibrahim Isik"),
        ] {
            assert!(same(a, b), "{a}, {b}");
            let key = |name| Identity::new(name, None, None).key();
            assert_eq!(key(a), key(b));
        }
        for (a, b) in [
            ("Manuel Doe", "Manul Doe"),
            ("Joe Doe", "Jo Doe"),
            ("Jane Doe", "Jane Doe (2)"),
            ("Doe, Jane (2)", "Doe, Jane"),
            ("Joerg Mueller", "Jorg Muller"),
            ("Anna Maria", "Annamaria"),
            ("Jane Jane Doe", "Jane Doe Doe"),
        ] {
            assert!(!same(a, b), "{a}, {b}");
        }
    }

    proptest! {
        #[test]
        fn no_way_to_write_a_name_makes_another_guest(words in prop::collection::vec("[A-ZÄÖÜØÅŁ][a-zäöüßøåéñ]{1,6}", 1..4)) {
            let name = words.join(" ");
            let guest = Identity::new(&name, None, None);
            let turned: Vec<&str> = words.iter().rev().map(String::as_str).collect();
            for other in [search_form(&name), spelt_form(&name), name.to_uppercase(), turned.join("-"), turned.join(", ")] {
                let other_guest = Identity::new(&other, None, None);
                prop_assert!(guest.has_same_name(&other_guest) && other_guest.has_same_name(&guest), "{} {}", name, other);
                prop_assert_eq!(guest.key(), other_guest.key());
            }
        }
    }

    #[test]
    fn a_contact_is_the_same_however_it_is_written() {
        let one = Identity::new("A", Some("+49 30 555-12"), Some("X@Example.com"));
        for (phone, email) in
            [(Some("+493055512"), None), (Some("0049 (30) 55512"), None), (None, Some(" x@EXAMPLE.com"))]
        {
            let other = Identity::new("B", phone, email);
            assert!(one.has_same_contact(&other) && other.is_same_guest(&one), "{phone:?} {email:?}");
        }
        assert!(!one.has_same_contact(&Identity::new("B", Some("+49305551"), Some("y@example.com"))));
        assert!(!Identity::new("A", None, None).has_same_contact(&Identity::new("B", Some(""), Some(" "))));
    }
}
