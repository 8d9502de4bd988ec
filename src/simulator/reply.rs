//! Answers of calls that succeed, and the pages of lists.

use serde::Serialize;
use serde_json::json;

use super::params::Params;
use super::refusal::Refusal;
use super::table::{Key, Resource};

/// A successful answer: named parts, each already JSON, and for a paged list where the next page begins.
#[derive(Default)]
pub struct Reply {
    parts: Vec<(&'static str, String)>,
    follows: Follows,
}

/// What comes after the rows of an answer.
#[derive(Default)]
enum Follows {
    /// The list is whole, or there is no list.
    #[default]
    Unpaged,
    LastPage,
    PageAt(String),
}

impl Reply {
    /// `{"ok": true}`, the answer of calls that only do something.
    pub fn done() -> Self {
        Self::default()
    }

    pub fn of(name: &'static str, part: &impl Serialize) -> Result<Self, Refusal> {
        let json = serde_json::to_string(part)
            .map_err(|error| Refusal::new(500, "internal_error", format!("The answer can't be written: {error}")))?;
        Ok(Self { parts: vec![(name, json)], follows: Follows::Unpaged })
    }

    /// The same with one more part.
    pub fn and(mut self, name: &'static str, part: &impl Serialize) -> Result<Self, Refusal> {
        self.parts.extend(Self::of(name, part)?.parts);
        Ok(self)
    }

    /// A page of a list.
    pub fn page(name: &'static str, rows: &impl Serialize, next: Option<String>) -> Result<Self, Refusal> {
        Ok(Self { follows: next.map_or(Follows::LastPage, Follows::PageAt), ..Self::of(name, rows)? })
    }

    /// The body; `next_url` makes the address of the next page from its cursor.
    pub fn body(&self, next_url: impl Fn(&str) -> String) -> String {
        let cursor = match &self.follows {
            Follows::PageAt(cursor) => Some(cursor),
            Follows::LastPage | Follows::Unpaged => None,
        };
        let pagination = json!({
            "has_next_page": cursor.is_some(),
            "next_page_cursor": cursor,
            "next_page_url": cursor.map(|cursor| next_url(cursor)),
        });
        let mut parts: Vec<String> = self.parts.iter().map(|(name, json)| format!("\"{name}\":{json}")).collect();
        if !matches!(self.follows, Follows::Unpaged) {
            parts.push(format!("\"pagination\":{pagination}"));
        }
        parts.push("\"ok\":true".to_owned());
        format!("{{{}}}", parts.join(","))
    }
}

/// A part of a list, and the cursor of the part that follows.
pub struct Page<'w, T> {
    pub rows: Vec<&'w T>,
    pub next: Option<String>,
}

/// Where the page begins that the caller asks for.
pub fn page_start<T: Resource>(params: &Params) -> Result<u32, Refusal> {
    let Some(cursor) = params.text("page_cursor") else { return Ok(0) };
    cursor
        .strip_prefix(T::NAME)
        .and_then(|rest| u32::from_str_radix(rest.strip_prefix('.')?, 16).ok())
        .ok_or_else(|| Refusal::invalid("page_cursor", "Invalid page cursor"))
}

/// Takes a page from rows that begin at its first place.
pub fn page<'w, T: Resource>(
    rows: impl Iterator<Item = (Key<T>, &'w T)>,
    params: &Params,
    default_limit: usize,
) -> Page<'w, T> {
    let limit = params.count("limit").unwrap_or(default_limit);
    let mut taken = Vec::new();
    for (key, row) in rows {
        if taken.len() == limit {
            return Page { rows: taken, next: Some(format!("{}.{:x}", T::NAME, key.place())) };
        }
        taken.push(row);
    }
    Page { rows: taken, next: None }
}
