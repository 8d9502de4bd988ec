//! When two names or contacts mean the same guest: one meaning for the form's question, its suggestions and the engine.

use crate::domain::search_form::search_form;
use crate::seam::types::User;

/// A guest in the form in which guests are compared.
///
/// Of a name neither case, accents, spaces, commas nor the order of its words count ("Doe, JOHN" is "John Doe"); of a
/// phone number only the digits, without a leading `00`; of an e-mail address neither case nor outer spaces.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    name: String,
    phone: String,
    email: String,
}

impl Identity {
    /// Prepares what is known of a guest.
    pub fn new(name: &str, phone: Option<&str>, email: Option<&str>) -> Self {
        let folded = search_form(name);
        let mut words: Vec<&str> =
            folded.split(|c: char| c.is_whitespace() || c == ',').filter(|word| !word.is_empty()).collect();
        words.sort_unstable();
        Self {
            name: words.join(" "),
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
        !self.name.is_empty() && self.name == other.name
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
        [self.name.as_str(), &self.phone, &self.email].join("/")
    }
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
