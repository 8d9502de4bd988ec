//! All users in the order of their names: sorted pages are merged in, places are found by binary search.

use std::collections::HashMap;

use super::person::Person;
use crate::seam::types::UserId;

/// The users, sorted. Places in the list change as pages arrive; a [`Slot`] keeps pointing at the same user.
#[derive(Debug, Default)]
pub struct People {
    slots: Vec<Option<Person>>,
    seen_in: Vec<u32>,
    index: HashMap<UserId, Slot>,
    sorted: Vec<Slot>,
}

/// Where a user is kept, whatever its place in the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Slot(u32);

impl People {
    /// How many users there are.
    pub fn len(&self) -> usize {
        self.sorted.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.sorted.is_empty()
    }

    /// The slots in the order of the names.
    pub fn sorted(&self) -> &[Slot] {
        &self.sorted
    }

    /// The user in a slot; `None` after it was removed.
    pub fn in_slot(&self, slot: Slot) -> Option<&Person> {
        self.slots.get(slot.0 as usize)?.as_ref()
    }

    /// The user with this id.
    pub fn get(&self, id: &UserId) -> Option<&Person> {
        self.in_slot(*self.index.get(id)?)
    }

    /// The slot of the user with this id.
    pub fn slot(&self, id: &UserId) -> Option<Slot> {
        self.index.get(id).copied()
    }

    /// The user's place in the sorted list.
    pub fn place(&self, id: &UserId) -> Option<usize> {
        let person = self.get(id)?;
        self.find(person).ok()
    }

    /// Takes in a page that [`prepare`](super::person::prepare) sorted. `load` numbers the reload that it came with.
    /// Whether it holds anything new.
    pub fn merge(&mut self, page: Vec<Person>, load: u32) -> bool {
        let mut fresh = Vec::with_capacity(page.len());
        let mut is_news = false;
        for person in page {
            let id = person.user.acs_user_id.clone();
            if let Some(slot) = self.slot(&id) {
                let same_place = self.in_slot(slot).is_some_and(|old| old.sort_key == person.sort_key);
                // A server may name one user twice in a page: it is listed once.
                if !same_place && !fresh.contains(&slot) {
                    self.unlist(slot);
                    fresh.push(slot);
                }
                self.seen_in[slot.0 as usize] = load;
                is_news |= self.in_slot(slot) != Some(&person);
                self.slots[slot.0 as usize] = Some(person);
            } else {
                let slot = Slot(u32::try_from(self.slots.len()).unwrap_or(u32::MAX));
                self.slots.push(Some(person));
                self.seen_in.push(load);
                self.index.insert(id, slot);
                fresh.push(slot);
            }
        }
        if !fresh.is_empty() {
            self.list(&fresh);
        }
        is_news || !fresh.is_empty()
    }

    /// The users that this reload did not bring.
    pub fn unseen_in(&self, load: u32) -> Vec<UserId> {
        let unseen = self.sorted.iter().filter(|slot| self.seen_in[slot.0 as usize] != load);
        unseen.filter_map(|slot| Some(self.in_slot(*slot)?.user.acs_user_id.clone())).collect()
    }

    /// Forgets a user. Whether there was one.
    pub fn remove(&mut self, id: &UserId) -> bool {
        let Some(slot) = self.slot(id) else { return false };
        self.unlist(slot);
        self.index.remove(id);
        self.slots[slot.0 as usize] = None;
        true
    }

    fn find(&self, person: &Person) -> Result<usize, usize> {
        let wanted = (&person.sort_key, &person.user.acs_user_id);
        self.sorted.binary_search_by(|slot| match self.in_slot(*slot) {
            Some(other) => (&other.sort_key, &other.user.acs_user_id).cmp(&wanted),
            None => std::cmp::Ordering::Less,
        })
    }

    fn unlist(&mut self, slot: Slot) {
        if let Some(place) = self.in_slot(slot).and_then(|person| self.find(person).ok()) {
            self.sorted.remove(place);
        }
    }

    // Both lists are sorted, so the old one is copied in long runs between the places of the new.
    fn list(&mut self, fresh: &[Slot]) {
        let mut merged = Vec::with_capacity(self.sorted.len() + fresh.len());
        let mut from = 0;
        let mut places: Vec<(usize, Slot)> = fresh
            .iter()
            .filter_map(|slot| {
                let person = self.in_slot(*slot)?;
                Some((self.find(person).unwrap_or_else(|place| place), *slot))
            })
            .collect();
        // A user whose name changed can stand out of order in its page.
        places.sort_by(|(a_place, a), (b_place, b)| {
            let key = |slot: &Slot| self.in_slot(*slot).map(|person| (&person.sort_key, &person.user.acs_user_id));
            a_place.cmp(b_place).then_with(|| key(a).cmp(&key(b)))
        });
        for (place, slot) in places {
            merged.extend_from_slice(&self.sorted[from..place]);
            merged.push(slot);
            from = place;
        }
        merged.extend_from_slice(&self.sorted[from..]);
        self.sorted = merged;
    }
}

#[cfg(test)]
mod tests {
    use super::super::person::prepare;
    use super::*;
    use crate::seam::types::User;
    use proptest::prelude::*;

    fn user(id: u8, name: &str) -> User {
        serde_json::from_value(serde_json::json!({"acs_user_id": format!("u{id}"), "full_name": name})).unwrap()
    }

    fn names(people: &People) -> Vec<&str> {
        people.sorted().iter().map(|slot| people.in_slot(*slot).unwrap().reception_name.as_str()).collect()
    }

    #[test]
    fn pages_merge_in_the_order_of_the_names() {
        let mut people = People::default();
        people.merge(prepare(vec![user(1, "Jane Doe"), user(2, "Lucía Álvarez")]), 1);
        people.merge(prepare(vec![user(3, "Max Doerr"), user(4, "Eva Brandt")]), 1);
        assert_eq!(names(&people), ["Álvarez, Lucía", "Brandt, Eva", "Doe, Jane", "Doerr, Max"]);
        assert_eq!(people.place(&"u3".into()), Some(3));
    }

    #[test]
    fn a_user_who_stands_twice_in_a_page_is_listed_once() {
        let mut people = People::default();
        people.merge(prepare(vec![user(1, "Jane Doe"), user(1, "Jane Zander")]), 1);
        assert_eq!(names(&people), ["Zander, Jane"]);
        people.merge(prepare(vec![user(1, "Jane Doe"), user(1, "Jane Abel")]), 2);
        assert_eq!(people.len(), 1);
    }

    #[test]
    fn a_reload_renames_and_removes() {
        let mut people = People::default();
        people.merge(prepare(vec![user(1, "Jane Doe"), user(2, "Eva Brandt"), user(3, "Yuki Sato")]), 1);
        people.merge(prepare(vec![user(1, "Jane Zander"), user(3, "Yuki Sato")]), 2);
        assert_eq!(people.unseen_in(2), ["u2".into()]);
        assert!(people.remove(&"u2".into()) && !people.remove(&"u2".into()));
        assert_eq!(names(&people), ["Sato, Yuki", "Zander, Jane"]);
    }

    proptest! {
        #[test]
        fn any_pages_in_any_order_end_sorted_and_whole(
            pages in prop::collection::vec(prop::collection::vec((0u8..40, "[A-Da-d]{1,3} [A-Da-dÄé]{1,3}"), 0..12), 0..8)
        ) {
            let mut people = People::default();
            let mut last = std::collections::BTreeMap::new();
            for (load, page) in pages.iter().enumerate() {
                let mut users = std::collections::BTreeMap::new();
                for (id, name) in page {
                    users.insert(*id, name.clone());
                }
                last.extend(users.clone());
                people.merge(prepare(users.iter().map(|(id, name)| user(*id, name)).collect()), load as u32);
            }
            prop_assert_eq!(people.len(), last.len());
            let keys: Vec<_> =
                people.sorted().iter().map(|slot| people.in_slot(*slot).unwrap().sort_key.clone()).collect();
            prop_assert!(keys.is_sorted());
            for id in last.keys() {
                let place = people.place(&UserId::from(format!("u{id}").as_str())).unwrap();
                prop_assert_eq!(&people.in_slot(people.sorted()[place]).unwrap().user.full_name, &Some(last[id].clone()));
            }
        }
    }
}
