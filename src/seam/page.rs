//! A page of a long list, handed on as it arrives.

use std::collections::HashSet;

use serde::{Deserialize, Serialize};

use super::error::{ErrorCause, ErrorKind, SeamError};

/// Where the next page begins (`pagination.next_page_cursor`): the server's own text, sent back as `page_cursor`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Cursor(String);

impl Cursor {
    /// The cursor as the server wrote it.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<String> for Cursor {
    fn from(cursor: String) -> Self {
        Self(cursor)
    }
}

/// One page of a list that the server gives in parts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page<T> {
    /// The rows, in the server's order.
    pub items: Vec<T>,
    /// Where the next page begins; `None` at the end.
    pub next: Option<Cursor>,
    /// How many rows were left out because they could not be read: they had no id.
    pub skipped: usize,
    /// Whether the list goes on although `next` is `None`: the server did not say where, or would begin anew.
    pub is_cut: bool,
}

impl<T> Default for Page<T> {
    fn default() -> Self {
        Self { items: Vec::new(), next: None, skipped: 0, is_cut: false }
    }
}

/// No list has more pages: one that goes on goes in circles by ever new cursors.
const MOST_PAGES: usize = 20_000;

/// The way through the pages of a long list: it ends, whatever the server says.
#[derive(Debug, Default)]
pub struct PageTrail {
    seen: HashSet<Cursor>,
}

impl PageTrail {
    /// Where the next page begins; `None` at the end.
    ///
    /// # Errors
    /// `Unreadable` by [`ErrorCause::ListCut`] where the list goes on and can't be followed.
    pub fn next<T>(&mut self, page: &Page<T>) -> Result<Option<Cursor>, SeamError> {
        let Some(next) = &page.next else { return if page.is_cut { Err(cut()) } else { Ok(None) } };
        if self.seen.len() >= MOST_PAGES || !self.seen.insert(next.clone()) {
            return Err(cut());
        }
        Ok(Some(next.clone()))
    }
}

fn cut() -> SeamError {
    let message = "the list goes on, but the server does not say how";
    SeamError { cause: Some(ErrorCause::ListCut), ..SeamError::new(ErrorKind::Unreadable, message) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(next: Option<&str>, is_cut: bool) -> Page<u8> {
        Page { next: next.map(|next| Cursor::from(next.to_owned())), is_cut, ..Page::default() }
    }

    #[test]
    fn a_list_ends_and_one_that_goes_in_circles_is_cut() {
        let mut trail = PageTrail::default();
        assert_eq!(trail.next(&page(Some("b"), false)).unwrap().unwrap().as_str(), "b");
        assert_eq!(trail.next(&page(Some("c"), false)).unwrap().unwrap().as_str(), "c");
        assert_eq!(trail.next(&page(None, false)), Ok(None));
        let circle = trail.next(&page(Some("b"), false)).unwrap_err();
        assert_eq!((circle.kind, circle.cause), (ErrorKind::Unreadable, Some(ErrorCause::ListCut)));
        assert_eq!(trail.next(&page(None, true)).unwrap_err().cause, Some(ErrorCause::ListCut));
    }

    #[test]
    fn ever_new_cursors_end_too() {
        let mut trail = PageTrail::default();
        let pages = (0..=MOST_PAGES).take_while(|n| trail.next(&page(Some(&n.to_string()), false)).is_ok()).count();
        assert_eq!(pages, MOST_PAGES);
    }
}
