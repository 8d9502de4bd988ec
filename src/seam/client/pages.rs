//! All pages of a list, for lists that are known to be small.

use std::future::Future;

use crate::seam::error::{ErrorKind, SeamError};
use crate::seam::page::{Cursor, Page};

/// Asks for page after page and puts them together; `next` of the answer is always `None`. Large lists are better
/// handed on page by page.
///
/// # Errors
/// The first error of a page; `Unreadable` when there are more than `most` pages: half a list would be taken for a
/// whole one.
pub async fn all_pages<T, F, A>(most: usize, mut ask: F) -> Result<Page<T>, SeamError>
where
    F: FnMut(Option<Cursor>) -> A,
    A: Future<Output = Result<Page<T>, SeamError>>,
{
    let mut all = Page::default();
    let mut cursor = None;
    for _ in 0..most {
        let page = ask(cursor).await?;
        all.items.extend(page.items);
        all.skipped += page.skipped;
        all.is_cut |= page.is_cut;
        cursor = page.next;
        if cursor.is_none() {
            return Ok(all);
        }
    }
    Err(SeamError::new(ErrorKind::Unreadable, format!("the list does not end after {most} pages")))
}
