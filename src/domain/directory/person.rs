//! A user, prepared for lists and search.

use crate::domain::guest::{email_form, phone_digits};
use crate::domain::name::{reception_name, sort_key};
use crate::domain::search_form::{search_form, spelt_form};
use crate::seam::types::User;

/// A user with what lists and search need, worked out once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    /// The user as the API has it.
    pub(super) user: User,
    /// The name as a reception says it ("Doe, Jane").
    pub(super) reception_name: String,
    /// What the list is sorted by.
    pub(super) sort_key: String,
    /// The folded full name, for search.
    pub(super) folded_name: String,
    /// The same with umlauts spelt out; `None` where it does not differ.
    pub(super) spelt_name: Option<Box<str>>,
    /// Digits of the phone number and the folded e-mail address, for search.
    pub(super) folded_contact: String,
}

impl Person {
    /// Prepares a user. Who has no name is called by the id, so that no row is blank.
    pub fn new(mut user: User) -> Self {
        if user.name().trim().is_empty() {
            user.full_name = Some(user.acs_user_id.to_string());
        }
        let reception_name = reception_name(user.name());
        let digits = user.phone_number.as_deref().map(phone_digits).unwrap_or_default();
        let email = user.email_address.as_deref().map(email_form).unwrap_or_default();
        let (folded_name, spelt_name) = (search_form(user.name()), spelt_form(user.name()));
        Self {
            sort_key: sort_key(&reception_name),
            spelt_name: (spelt_name != folded_name).then(|| spelt_name.into_boxed_str()),
            folded_name,
            folded_contact: format!("{digits} {email}"),
            reception_name,
            user,
        }
    }

    /// The user as the API has it, with a name in any case.
    pub fn user(&self) -> &User {
        &self.user
    }

    /// The name as a reception says it ("Doe, Jane").
    pub fn reception_name(&self) -> &str {
        &self.reception_name
    }

    /// The full name as search compares it.
    pub fn folded_name(&self) -> &str {
        &self.folded_name
    }

    /// The phone number and the e-mail address as guests are compared by them; empty where there is none.
    pub fn contact(&self) -> (&str, &str) {
        self.folded_contact.split_once(' ').unwrap_or_default()
    }
}

/// Prepares a page of users: folded and sorted, so that the desk only merges. Users being deleted are left out.
pub fn prepare(users: Vec<User>) -> Vec<Person> {
    let mut people: Vec<Person> = users.into_iter().filter(|user| !user.is_going()).map(Person::new).collect();
    people.sort_by(|a, b| (&a.sort_key, &a.user.acs_user_id).cmp(&(&b.sort_key, &b.user.acs_user_id)));
    people
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_has_no_name_is_called_by_the_id() {
        let user = serde_json::from_str(r#"{"acs_user_id":"no-name","full_name":" "}"#).unwrap();
        let person = Person::new(user);
        assert_eq!((person.reception_name.as_str(), person.user.name()), ("no-name", "no-name"));
    }
}
