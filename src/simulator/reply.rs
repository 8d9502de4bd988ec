//! Answers of calls that succeed, and the pages of lists.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::value::{RawValue, to_raw_value};

use super::params::Params;
use super::refusal::Refusal;
use super::table::{Resource, RowKey};

/// The body of a successful answer: named parts, and for a paged list where the next page begins.
#[derive(Serialize)]
pub struct Reply {
    #[serde(flatten)]
    parts: BTreeMap<&'static str, Box<RawValue>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pagination: Option<Pagination>,
    ok: bool,
}

#[derive(Serialize)]
struct Pagination {
    has_next_page: bool,
    next_page_cursor: Option<String>,
    next_page_url: Option<String>,
}

impl Reply {
    /// `{"ok": true}`, the answer of calls that only do something.
    pub fn done() -> Self {
        Self { parts: BTreeMap::new(), pagination: None, ok: true }
    }

    pub fn of(name: &'static str, part: &impl Serialize) -> Result<Self, Refusal> {
        Self::done().and(name, part)
    }

    /// The same with one more part.
    pub fn and(mut self, name: &'static str, part: &impl Serialize) -> Result<Self, Refusal> {
        self.parts.insert(name, to_raw_value(part).map_err(|error| unwritable(&error))?);
        Ok(self)
    }

    /// A page of a list.
    pub fn page(name: &'static str, rows: &impl Serialize, next: Option<String>) -> Result<Self, Refusal> {
        let pagination = Pagination { has_next_page: next.is_some(), next_page_cursor: next, next_page_url: None };
        Ok(Self { pagination: Some(pagination), ..Self::of(name, rows)? })
    }

    /// The body as JSON; `next_url` makes the address of the next page from its cursor.
    pub fn body(mut self, next_url: impl Fn(&str) -> String) -> Result<String, Refusal> {
        if let Some(pagination) = &mut self.pagination {
            pagination.next_page_url = pagination.next_page_cursor.as_deref().map(next_url);
        }
        serde_json::to_string(&self).map_err(|error| unwritable(&error))
    }
}

fn unwritable(error: &serde_json::Error) -> Refusal {
    Refusal::new(500, "internal_error", format!("The answer can't be written: {error}"))
}

/// A part of a list, and the cursor of the part that follows.
pub struct RowPage<'w, T> {
    pub rows: Vec<&'w T>,
    pub next: Option<String>,
}

/// Where the page begins that the caller asks for.
pub fn page_start<T: Resource>(params: &Params) -> Result<usize, Refusal> {
    let Some(cursor) = params.text("page_cursor") else { return Ok(0) };
    cursor
        .strip_prefix(T::NAME)
        .and_then(|rest| usize::from_str_radix(rest.strip_prefix('.')?, 16).ok())
        .ok_or_else(|| Refusal::invalid("page_cursor", "Invalid page cursor"))
}

/// Takes a page from rows that begin at its first place.
pub fn page<'w, T: Resource>(
    rows: impl Iterator<Item = (RowKey<T>, &'w T)>,
    params: &Params,
    default_limit: usize,
) -> RowPage<'w, T> {
    let limit = params.count("limit").unwrap_or(default_limit);
    let mut taken = Vec::new();
    for (key, row) in rows {
        if taken.len() == limit {
            return RowPage { rows: taken, next: Some(format!("{}.{:x}", T::NAME, key.place())) };
        }
        taken.push(row);
    }
    RowPage { rows: taken, next: None }
}
