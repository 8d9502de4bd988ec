//! Tables of the simulated hotel: rows in the order of their creation, found by id or by key.

use std::fmt;
use std::marker::PhantomData;

use indexmap::IndexMap;
use uuid::Uuid;

use super::refusal::Refusal;

/// A row of a table: it has an id and a name in the API.
pub trait Resource {
    /// The API's name, `acs_user` for instance.
    const NAME: &'static str;
    fn id(&self) -> Uuid;
}

/// A row's place in its table. Places are never used twice, so their order is the order of creation.
pub struct RowKey<T> {
    place: usize,
    of: PhantomData<fn() -> T>,
}

impl<T> RowKey<T> {
    pub fn at(place: usize) -> Self {
        Self { place, of: PhantomData }
    }

    pub fn place(self) -> usize {
        self.place
    }
}

impl<T> fmt::Debug for RowKey<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Key({})", self.place)
    }
}
impl<T> Clone for RowKey<T> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<T> Copy for RowKey<T> {}
impl<T> PartialEq for RowKey<T> {
    fn eq(&self, other: &Self) -> bool {
        self.place == other.place
    }
}
impl<T> Eq for RowKey<T> {}
impl<T> PartialOrd for RowKey<T> {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}
impl<T> Ord for RowKey<T> {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.place.cmp(&other.place)
    }
}

/// Rows of one kind, found by id or by key. A removed row leaves a gap, so that keys and cursors stay valid.
pub struct Table<T> {
    rows: IndexMap<Uuid, Option<T>>,
    removed: usize,
}

impl<T: Resource> Table<T> {
    pub fn new() -> Self {
        Self { rows: IndexMap::new(), removed: 0 }
    }

    pub fn insert(&mut self, row: T) -> RowKey<T> {
        RowKey::at(self.rows.insert_full(row.id(), Some(row)).0)
    }

    pub fn remove(&mut self, key: RowKey<T>) -> Option<T> {
        let row = self.rows.get_index_mut(key.place)?.1.take()?;
        self.removed += 1;
        Some(row)
    }

    pub fn get(&self, key: RowKey<T>) -> Option<&T> {
        self.rows.get_index(key.place)?.1.as_ref()
    }

    pub fn get_mut(&mut self, key: RowKey<T>) -> Option<&mut T> {
        self.rows.get_index_mut(key.place)?.1.as_mut()
    }

    /// The key and the row of an id that a caller gave; an unknown id is refused as `<resource>_not_found`.
    pub fn look_up(&self, id: Uuid) -> Result<(RowKey<T>, &T), Refusal> {
        let found = self.rows.get_full(&id).and_then(|(place, _, row)| Some((RowKey::at(place), row.as_ref()?)));
        found.ok_or_else(|| Refusal::not_found(T::NAME, id))
    }

    /// The same without the row.
    pub fn find(&self, id: Uuid) -> Result<RowKey<T>, Refusal> {
        self.look_up(id).map(|(key, _)| key)
    }

    /// The number of rows that have not been removed.
    pub fn len(&self) -> usize {
        self.rows.len() - self.removed
    }

    /// The place that the next row gets.
    pub fn end(&self) -> usize {
        self.rows.len()
    }

    pub fn iter(&self) -> impl Iterator<Item = (RowKey<T>, &T)> {
        self.from(0)
    }

    /// The rows from a place on, oldest first.
    pub fn from(&self, place: usize) -> impl Iterator<Item = (RowKey<T>, &T)> {
        self.rows.values().enumerate().skip(place).filter_map(|(place, row)| Some((RowKey::at(place), row.as_ref()?)))
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
