//! Tables of the simulated hotel: rows in the order of their creation, found by id or by key.

use std::collections::HashMap;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::marker::PhantomData;

use uuid::Uuid;

use super::refusal::Refusal;

/// A row of a table: it has an id and a name in the API.
pub trait Resource {
    /// The API's name, `acs_user` for instance.
    const NAME: &'static str;
    fn id(&self) -> Uuid;
}

/// A row's place in its table. Places are never used twice, so their order is the order of creation.
pub struct Key<T> {
    place: u32,
    of: PhantomData<fn() -> T>,
}

impl<T> Key<T> {
    pub fn at(place: u32) -> Self {
        Self { place, of: PhantomData }
    }

    pub fn place(self) -> u32 {
        self.place
    }
}

impl<T> fmt::Debug for Key<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Key({})", self.place)
    }
}
impl<T> Clone for Key<T> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<T> Copy for Key<T> {}
impl<T> PartialEq for Key<T> {
    fn eq(&self, other: &Self) -> bool {
        self.place == other.place
    }
}
impl<T> Eq for Key<T> {}
impl<T> PartialOrd for Key<T> {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}
impl<T> Ord for Key<T> {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.place.cmp(&other.place)
    }
}
impl<T> Hash for Key<T> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.place.hash(state);
    }
}

/// Rows of one kind. A removed row leaves a gap: keys and cursors stay valid.
pub struct Table<T> {
    rows: Vec<Option<T>>,
    by_id: HashMap<Uuid, Key<T>>,
}

impl<T: Resource> Table<T> {
    pub fn new() -> Self {
        Self { rows: Vec::new(), by_id: HashMap::new() }
    }

    pub fn insert(&mut self, row: T) -> Key<T> {
        let key = Key::at(self.rows.len() as u32);
        self.by_id.insert(row.id(), key);
        self.rows.push(Some(row));
        key
    }

    pub fn remove(&mut self, key: Key<T>) -> Option<T> {
        let row = self.rows.get_mut(key.place as usize)?.take()?;
        self.by_id.remove(&row.id());
        Some(row)
    }

    pub fn get(&self, key: Key<T>) -> Option<&T> {
        self.rows.get(key.place as usize)?.as_ref()
    }

    pub fn get_mut(&mut self, key: Key<T>) -> Option<&mut T> {
        self.rows.get_mut(key.place as usize)?.as_mut()
    }

    /// The key of a row that the caller named by its id; the refusal is the API's `<resource>_not_found`.
    pub fn find(&self, id: Uuid) -> Result<Key<T>, Refusal> {
        self.by_id.get(&id).copied().ok_or_else(|| Refusal::not_found(T::NAME, id))
    }

    /// The row behind an id and its key.
    pub fn look_up(&self, id: Uuid) -> Result<(Key<T>, &T), Refusal> {
        let key = self.find(id)?;
        let row = self.get(key).ok_or_else(|| Refusal::not_found(T::NAME, id))?;
        Ok((key, row))
    }

    pub fn len(&self) -> usize {
        self.by_id.len()
    }

    /// The place that the next row gets.
    pub fn end(&self) -> u32 {
        self.rows.len() as u32
    }

    pub fn iter(&self) -> impl Iterator<Item = (Key<T>, &T)> {
        self.from(0)
    }

    /// The rows from a place on, oldest first.
    pub fn from(&self, place: u32) -> impl Iterator<Item = (Key<T>, &T)> {
        let skipped = (place as usize).min(self.rows.len());
        self.rows[skipped..]
            .iter()
            .enumerate()
            .filter_map(move |(offset, row)| Some((Key::at((skipped + offset) as u32), row.as_ref()?)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Row(Uuid);
    impl Resource for Row {
        const NAME: &'static str = "row";
        fn id(&self) -> Uuid {
            self.0
        }
    }

    #[test]
    fn a_removed_row_is_gone_and_the_others_keep_their_places() {
        let mut table = Table::new();
        let [one, two, three] = [1, 2, 3].map(|n| table.insert(Row(Uuid::from_u128(n))));
        assert!(table.remove(two).is_some());
        assert!(table.remove(two).is_none());
        assert!(table.find(Uuid::from_u128(2)).is_err());
        assert_eq!(table.len(), 2);
        assert_eq!(table.iter().map(|(key, _)| key.place()).collect::<Vec<_>>(), [one.place(), three.place()]);
        assert_eq!(table.from(1).count(), 1);
        assert_eq!(table.from(99).count(), 0);
    }
}
