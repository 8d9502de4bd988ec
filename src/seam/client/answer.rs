//! Reading an answer: pure, from status and body to a resource or to an error that keeps everything.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::de::DeserializeOwned;
use serde_json::Value;
use serde_json::value::RawValue;

use super::mask::Mask;
use crate::seam::error::{ErrorCause, ErrorKind, SeamError};
use crate::seam::lenient::mend_halves;
use crate::seam::page::{Cursor, Page};

/// `error.data` is kept up to this many bytes of JSON.
const DATA_KEPT: usize = 4096;

/// An answer as it came, before anything is believed.
#[derive(Debug)]
pub(super) struct RawAnswer {
    /// The path of the call.
    pub path: &'static str,
    /// The HTTP status, 100 to 599.
    pub status: u16,
    /// The header `seam-request-id`.
    pub request_id: Option<String>,
    /// The header `Retry-After`, as a wait from now.
    pub retry_after: Option<Duration>,
    /// Where a redirect points to.
    pub location: Option<String>,
    /// The body; bytes that are no UTF-8 were replaced.
    pub body: String,
}

/// The top level of a JSON answer, its values not looked at yet.
type Fields<'a> = BTreeMap<String, &'a RawValue>;

impl RawAnswer {
    /// That the call was carried out; a body is not needed.
    pub fn done(&self, mask: &Mask) -> Result<(), SeamError> {
        self.check_status(mask)?;
        if self.body.trim().is_empty() {
            return Ok(());
        }
        self.fields(mask).map(drop)
    }

    /// The resource that stands under a name.
    pub fn one<T: DeserializeOwned>(&self, name: &str, mask: &Mask) -> Result<T, SeamError> {
        self.check_status(mask)?;
        let fields = self.fields(mask)?;
        fields.get(name).and_then(|raw| row(raw)).ok_or_else(|| self.unreadable(format!("the answer has no {name}")))
    }

    /// The list that stands under a name; empty when it is missing. `sent` is the cursor that was asked with.
    pub fn page<T: DeserializeOwned>(
        &self,
        name: &str,
        sent: Option<&Cursor>,
        mask: &Mask,
    ) -> Result<Page<T>, SeamError> {
        self.check_status(mask)?;
        let fields = self.fields(mask)?;
        let next = next(&fields, sent);
        let is_cut = next.is_err();
        Ok(Page { is_cut, ..page(list(&fields, name).unwrap_or_default(), next.ok().flatten()) })
    }

    /// The same where a part must not be taken for the whole: an answer without the list, with rows that can't be
    /// read, or with a next page that can't be asked for is no answer.
    pub fn whole_page<T: DeserializeOwned>(
        &self,
        name: &str,
        sent: Option<&Cursor>,
        mask: &Mask,
    ) -> Result<Page<T>, SeamError> {
        self.check_status(mask)?;
        let fields = self.fields(mask)?;
        let rows = list(&fields, name).ok_or_else(|| self.unreadable(format!("the answer has no list {name}")))?;
        let next = next(&fields, sent).map_err(|NoCursor| {
            self.unreadable(format!("the list {name} goes on, but the answer does not say where"))
        })?;
        let page = page(rows, next);
        match page.skipped {
            0 => Ok(page),
            skipped => Err(self.unreadable(format!("{skipped} rows of the list {name} can't be read"))),
        }
    }

    fn check_status(&self, mask: &Mask) -> Result<(), SeamError> {
        let kind = match self.status {
            200..=299 => return Ok(()),
            401 | 403 => ErrorKind::Unauthorized,
            404 => ErrorKind::NotFound,
            // A proxy's word, not the server's: the call never got there.
            407 => ErrorKind::Unreachable,
            // The server, or what stands before it, did not get to the end: nothing is known.
            408 => ErrorKind::TimedOut,
            429 => ErrorKind::Limited,
            400..=499 => ErrorKind::Refused,
            500..=599 => ErrorKind::Server,
            _ => ErrorKind::Unreadable,
        };
        Err(self.failure(kind, mask))
    }

    /// The top level, unless it says that the call failed all the same.
    fn fields(&self, mask: &Mask) -> Result<Fields<'_>, SeamError> {
        let text = self.body.trim_start_matches('\u{feff}');
        let fields: Fields = serde_json::from_str(text).map_err(|_| self.unreadable("the answer is no JSON object"))?;
        if fields.get("ok").is_some_and(|ok| ok.get() == "false") {
            return Err(self.failure(ErrorKind::Unreadable, mask));
        }
        Ok(fields)
    }

    fn unreadable(&self, message: impl Into<String>) -> SeamError {
        let mut error = SeamError::new(ErrorKind::Unreadable, message);
        self.sign(&mut error);
        error
    }

    fn sign(&self, error: &mut SeamError) {
        error.status = Some(self.status);
        error.request_id.clone_from(&self.request_id);
        error.retry_after = self.retry_after;
    }

    /// The error with all that Seam's body says, or with a plain sentence of our own.
    fn failure(&self, kind: ErrorKind, mask: &Mask) -> SeamError {
        let body: Value = serde_json::from_str(&self.body).unwrap_or_default();
        let said = &body["error"];
        let text = |value: &Value| value.as_str().map(|text| mask.fit(text)).filter(|text| !text.is_empty());
        let message = text(&said["message"]).or_else(|| text(said)).or_else(|| text(&body["message"]));
        let mut error = SeamError::new(kind, message.unwrap_or_else(|| self.own_words(mask)));
        error.code = text(&said["type"]).unwrap_or_default();
        flatten(&said["validation_errors"], "", mask, &mut error.validation);
        if said["data"].to_string().len() <= DATA_KEPT {
            error.data = mask.fit_all(said["data"].clone());
        }
        error.cause = match self.status {
            301..=308 => self.location.as_deref().map(|to| ErrorCause::Redirected(mask.fit(to))),
            407 => Some(ErrorCause::ProxyLogin),
            _ => None,
        };
        self.sign(&mut error);
        error
    }

    fn own_words(&self, mask: &Mask) -> String {
        let status = self.status;
        match status {
            200..=299 => "the answer says that the call failed, but not why".to_owned(),
            300..=399 => {
                let to = self
                    .location
                    .as_deref()
                    .map_or_else(|| "elsewhere".to_owned(), |to| format!("to {}", mask.fit(to)));
                format!(
                    "the server sends the call {to} (HTTP {status}); redirects are not followed: check the endpoint"
                )
            }
            401 | 403 => format!("the server does not accept the key (HTTP {status})"),
            404 => format!("the server does not offer {}", self.path),
            407 => "a proxy wants a login (HTTP 407)".to_owned(),
            408 => "the server gave up waiting for the call (HTTP 408)".to_owned(),
            429 => "too many requests (HTTP 429)".to_owned(),
            400..=499 => format!("the server refused the call (HTTP {status})"),
            500..=599 => format!("the server failed (HTTP {status})"),
            _ => format!("the server answered with HTTP {status}"),
        }
    }
}

/// A row, or `None` when it can't be read: it has no id.
fn row<T: DeserializeOwned>(raw: &RawValue) -> Option<T> {
    let read = serde_json::from_str(raw.get()).or_else(|_| serde_json::from_str(&mend_halves(raw.get())));
    // Of a key that stands twice the last one counts, as in most languages.
    read.or_else(|_| serde_json::from_str::<Value>(raw.get()).and_then(serde_json::from_value)).ok()
}

/// The rows of a list; `None` when there is no list under that name.
fn list<'a>(fields: &Fields<'a>, name: &str) -> Option<Vec<&'a RawValue>> {
    serde_json::from_str(fields.get(name)?.get()).ok()
}

fn page<T: DeserializeOwned>(rows: Vec<&RawValue>, next: Option<Cursor>) -> Page<T> {
    let mut page = Page { items: Vec::with_capacity(rows.len()), next, skipped: 0, is_cut: false };
    for raw in rows {
        match row(raw) {
            Some(item) => page.items.push(item),
            None => page.skipped += 1,
        }
    }
    page
}

/// There is a next page, but nothing that it could be asked for with.
struct NoCursor;

/// Where the next page begins. A page that names the cursor it was asked with would never end.
fn next(fields: &Fields, sent: Option<&Cursor>) -> Result<Option<Cursor>, NoCursor> {
    let pagination: Value = fields.get("pagination").and_then(|raw| row(raw)).unwrap_or_default();
    let has_next = pagination["has_next_page"].as_bool();
    if has_next == Some(false) {
        return Ok(None);
    }
    match pagination["next_page_cursor"].as_str().filter(|cursor| !cursor.is_empty()) {
        Some(next) if Some(next) != sent.map(Cursor::as_str) => Ok(Some(Cursor::from(next.to_owned()))),
        None if has_next.is_none() => Ok(None),
        _ => Err(NoCursor),
    }
}

/// `{"a": {"_errors": [..], "b": {"_errors": [..]}}}` as `a` and `a.b`.
fn flatten(value: &Value, name: &str, mask: &Mask, out: &mut BTreeMap<String, Vec<String>>) {
    for (key, inner) in value.as_object().into_iter().flatten() {
        if key == "_errors" {
            let texts = inner.as_array().into_iter().flatten().filter_map(Value::as_str);
            let texts: Vec<String> = texts.map(|text| mask.fit(text)).filter(|text| !text.is_empty()).collect();
            if !texts.is_empty() {
                out.entry(mask.fit(name)).or_default().extend(texts);
            }
        } else {
            let name = if name.is_empty() { key.clone() } else { format!("{name}.{key}") };
            flatten(inner, &name, mask, out);
        }
    }
}

#[cfg(test)]
mod tests;
