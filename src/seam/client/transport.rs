//! Sending a call and taking in its answer: the one place where a request leaves the process.

use std::error::Error;
use std::io;
use std::time::{Duration, Instant, SystemTime};

use jiff::fmt::rfc2822::DateTimeParser;
use jiff::{SignedDuration, Timestamp};
use reqwest::header::{AGE, DATE, HeaderMap, HeaderName, LOCATION, RETRY_AFTER};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::answer::RawAnswer;
use super::mask::Mask;
use super::{Client, all_pages};
use crate::seam::error::{ErrorCause, ErrorKind, SeamError};
use crate::seam::lenient::clean;
use crate::seam::page::{Cursor, Page};

/// No answer may be larger: whole lists of a large resort stay far below.
const LARGEST: usize = 64 * 1024 * 1024;

/// An answer that took longer than this says too little about the clock: when its `Date` was written is not known.
const LONGEST_TRIP: Duration = Duration::from_secs(20);

impl Client {
    /// A call that answers with nothing but its success.
    pub(super) async fn done(&self, path: &'static str, body: Value) -> Result<(), SeamError> {
        let (answer, mask) = self.send(path, body).await?;
        answer.done(&mask).inspect_err(log)
    }

    /// A call that answers with one resource, under a name.
    pub(super) async fn one<T>(&self, path: &'static str, body: Value, name: &str) -> Result<T, SeamError>
    where
        T: DeserializeOwned,
    {
        let (answer, mask) = self.send(path, body).await?;
        answer.one(name, &mask).inspect_err(log)
    }

    /// A call that answers with a list in one piece, under a name.
    pub(super) async fn whole<T>(&self, path: &'static str, body: Value, name: &str) -> Result<Vec<T>, SeamError>
    where
        T: DeserializeOwned,
    {
        Ok(self.page(path, body, name, None).await?.items)
    }

    /// A call that answers with a page of a list, under a name.
    pub(super) async fn page<T>(
        &self,
        path: &'static str,
        body: Value,
        name: &str,
        cursor: Option<&Cursor>,
    ) -> Result<Page<T>, SeamError>
    where
        T: DeserializeOwned,
    {
        let (answer, mask) = self.send(path, from(body, cursor)).await?;
        let page: Page<T> = answer.page(name, cursor, &mask).inspect_err(log)?;
        if page.skipped > 0 {
            tracing::warn!(path, skipped = page.skipped, "rows without a readable id were left out");
        }
        Ok(page)
    }

    /// A whole list, under a name, page after page; an error where a part of it is missing.
    pub(super) async fn all<T>(
        &self,
        path: &'static str,
        body: Value,
        name: &str,
        most: usize,
    ) -> Result<Vec<T>, SeamError>
    where
        T: DeserializeOwned,
    {
        let body = &body;
        let ask = async |cursor: Option<Cursor>| {
            let (answer, mask) = self.send(path, from(body.clone(), cursor.as_ref())).await?;
            answer.whole_page(name, cursor.as_ref(), &mask).inspect_err(log)
        };
        Ok(all_pages(most, ask).await?.items)
    }

    // With the answer comes what hides the key that was sent: meanwhile another may be in use.
    async fn send(&self, path: &'static str, body: Value) -> Result<(RawAnswer, Mask), SeamError> {
        let key = self.key();
        let mask = Mask(key.secret.clone());
        let url = format!("{}{path}", self.inner.base);
        let sent = Instant::now();
        let response = self.inner.http.post(url).headers(key.headers.clone()).json(&body).send().await;
        let mut response = response.map_err(|error| self.failure(&error, None, &mask)).inspect_err(log)?;

        let headers = response.headers();
        if let Ok(now) = Timestamp::try_from(SystemTime::now())
            && let Some(ahead) = clock_ahead(headers, now, sent.elapsed())
        {
            self.inner.clock_ahead.send_replace(Some(ahead));
        }
        let mut answer = RawAnswer {
            path,
            status: response.status().as_u16(),
            request_id: header(headers, &HeaderName::from_static("seam-request-id")).map(|id| mask.fit(id)),
            retry_after: header(headers, &RETRY_AFTER).and_then(|value| retry_after(value, header(headers, &DATE))),
            location: header(headers, &LOCATION).map(str::to_owned),
            body: String::new(),
        };
        let mut bytes = Vec::new();
        let cut = loop {
            match response.chunk().await {
                Ok(None) => break None,
                Ok(Some(chunk)) if bytes.len() + chunk.len() > LARGEST => break Some(too_large(&answer)),
                Ok(Some(chunk)) => bytes.extend_from_slice(&chunk),
                Err(error) => break Some(self.failure(&error, Some(&answer), &mask)),
            }
        };
        // A refusal is a refusal even when the reasons were cut off.
        if let Some(error) = cut.filter(|_| response.status().is_success()) {
            log(&error);
            return Err(error);
        }
        answer.body = text(bytes);
        tracing::debug!(path, status = answer.status, request_id = answer.request_id, "answered");
        Ok((answer, mask))
    }

    /// What a failure of the line means for the call.
    fn failure(&self, error: &reqwest::Error, answer: Option<&RawAnswer>, mask: &Mask) -> SeamError {
        let host = &self.inner.host;
        let cause = mask.fit(&cause(error));
        // A time-out while connecting is both: nothing was sent, and that is what counts.
        let (kind, message) = if error.is_connect() || error.is_builder() {
            (ErrorKind::Unreachable, format!("no connection to {host}: {cause}"))
        } else if error.is_timeout() {
            (ErrorKind::TimedOut, format!("no answer from {host} in time"))
        } else {
            (ErrorKind::Broken, format!("the connection to {host} broke: {cause}"))
        };
        let cause_found = cause_of(error);
        let mut error = SeamError::new(kind, message);
        error.cause = cause_found.filter(|_| kind == ErrorKind::Unreachable);
        if let Some(answer) = answer {
            error.status = Some(answer.status);
            error.request_id.clone_from(&answer.request_id);
        }
        error
    }
}

/// The body that asks for the page at a cursor.
fn from(mut body: Value, cursor: Option<&Cursor>) -> Value {
    if let Some(cursor) = cursor {
        body["page_cursor"] = json!(cursor);
    }
    body
}

fn too_large(answer: &RawAnswer) -> SeamError {
    let mut error = SeamError::new(ErrorKind::Unreadable, "the answer is larger than 64 MiB");
    error.status = Some(answer.status);
    error.request_id.clone_from(&answer.request_id);
    error
}

/// Kind, cause, status and request id: neither the body nor the message, which may name a guest.
fn log(error: &SeamError) {
    let SeamError { kind, cause, status, request_id, code, .. } = error;
    if *kind == ErrorKind::Unauthorized {
        // That the key is refused, and that it works again, is one line each, elsewhere.
        tracing::debug!(?kind, status, request_id, code, "a call failed");
        return;
    }
    tracing::info!(?kind, ?cause, status, request_id, code, "a call failed");
}

/// Which fault of the way it was, looked for in all that stands behind an error.
fn cause_of(error: &reqwest::Error) -> Option<ErrorCause> {
    let mut next: Option<&dyn Error> = Some(error);
    let mut found = None;
    while let Some(error) = next {
        // The libraries in between keep their types to themselves: two of their causes are known by their text alone.
        let text = error.to_string();
        found = found.or(match text.as_str() {
            "dns error" => Some(ErrorCause::NameNotFound),
            "proxy authorization required" => Some(ErrorCause::ProxyLogin),
            _ => None,
        });
        found = found.or_else(|| error.downcast_ref::<io::Error>().and_then(io_cause));
        found = found.or_else(|| error.downcast_ref::<rustls::Error>().and_then(certificate_cause));
        next = error.source();
    }
    found.or_else(|| (error.is_connect() && error.is_timeout()).then_some(ErrorCause::ConnectTimedOut))
}

fn io_cause(error: &io::Error) -> Option<ErrorCause> {
    // An error that was wrapped into this one is not among its sources.
    let inner = error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>());
    match error.kind() {
        io::ErrorKind::ConnectionRefused => Some(ErrorCause::ConnectionRefused),
        io::ErrorKind::TimedOut => Some(ErrorCause::ConnectTimedOut),
        _ => inner.and_then(certificate_cause),
    }
}

fn certificate_cause(error: &rustls::Error) -> Option<ErrorCause> {
    use rustls::CertificateError as Of;
    let rustls::Error::InvalidCertificate(error) = error else { return None };
    Some(match error {
        Of::Expired | Of::ExpiredContext { .. } | Of::NotValidYet | Of::NotValidYetContext { .. } => {
            ErrorCause::CertificateExpired
        }
        Of::NotValidForName | Of::NotValidForNameContext { .. } => ErrorCause::CertificateWrongName,
        _ => ErrorCause::CertificateNotTrusted,
    })
}

/// The innermost cause, which is the only one that says something, without any URL.
pub(super) fn cause(error: &reqwest::Error) -> String {
    let mut innermost: &dyn Error = error;
    while let Some(source) = innermost.source() {
        innermost = source;
    }
    match innermost.downcast_ref::<reqwest::Error>() {
        Some(error) if error.is_timeout() => "no answer in time".to_owned(),
        Some(_) => "the connection could not be used".to_owned(),
        None => match innermost.downcast_ref::<io::Error>() {
            Some(error) if error.kind() == io::ErrorKind::UnexpectedEof => "closed too early".to_owned(),
            _ => clean(&innermost.to_string()),
        },
    }
}

fn header<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

/// Text of a body: an odd byte costs a character, not the answer.
fn text(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes).unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned())
}

/// `Retry-After` in seconds or as a date. A date is measured by the server's own clock where it tells it: the desk's
/// may be wrong.
fn retry_after(value: &str, date: Option<&str>) -> Option<Duration> {
    if let Ok(seconds) = value.trim().parse() {
        return Some(Duration::from_secs(seconds));
    }
    let until = http_date(value)?;
    let now = date.and_then(http_date).or_else(|| Timestamp::try_from(SystemTime::now()).ok())?;
    Some(Duration::try_from(until.duration_since(now)).unwrap_or_default())
}

/// How far this PC's clock is ahead of the server's, by an answer that came at `now` and took `trip`. `None` where its
/// `Date` says nothing: it is missing or unreadable, comes out of a cache (`Age`), or took too long.
fn clock_ahead(headers: &HeaderMap, now: Timestamp, trip: Duration) -> Option<SignedDuration> {
    if headers.contains_key(AGE) || trip > LONGEST_TRIP {
        return None;
    }
    let date = header(headers, &DATE).and_then(http_date)?;
    // The server wrote it in the middle, as far as anyone knows.
    Some(now.duration_since(date) - SignedDuration::try_from(trip / 2).ok()?)
}

fn http_date(text: &str) -> Option<Timestamp> {
    DateTimeParser::new().parse_timestamp(text.trim()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn retry_after_is_seconds_or_a_date() {
        let date = Some("Wed, 25 Nov 2026 12:00:00 GMT");
        assert_eq!(retry_after(" 7 ", None), Some(Duration::from_secs(7)));
        assert_eq!(retry_after("Wed, 25 Nov 2026 12:01:30 GMT", date), Some(Duration::from_secs(90)));
        assert_eq!(retry_after("Wed, 25 Nov 2026 11:00:00 GMT", date), Some(Duration::ZERO));
        assert_eq!(retry_after("Wed, 25 Nov 2015 11:00:00 GMT", None), Some(Duration::ZERO));
        assert_eq!(retry_after("soon", date), None);
        assert_eq!(retry_after("-1", date), None);
    }

    #[test]
    fn the_clock_is_compared_in_the_middle_of_the_trip() {
        let now: Timestamp = "2026-11-25T12:00:00Z".parse().unwrap();
        let ahead = |headers: &[(HeaderName, &str)], trip| {
            let map = headers.iter().map(|(name, value)| (name.clone(), value.parse().unwrap())).collect();
            clock_ahead(&map, now, Duration::from_secs(trip)).map(|ahead| ahead.as_secs())
        };
        let date = |text| (DATE, text);
        assert_eq!(ahead(&[date("Wed, 25 Nov 2026 12:00:00 GMT")], 0), Some(0));
        assert_eq!(ahead(&[date("Wed, 25 Nov 2026 11:59:50 GMT")], 20), Some(0));
        assert_eq!(ahead(&[date("Tue, 24 Nov 2026 12:00:00 GMT")], 2), Some(24 * 3600 - 1));
        assert_eq!(ahead(&[date("Wed, 25 Nov 2026 12:30:00 GMT")], 0), Some(-1800));
        assert_eq!(ahead(&[date("Tue, 24 Nov 2026 12:00:00 GMT")], 21), None, "it took too long");
        assert_eq!(ahead(&[date("Tue, 24 Nov 2026 12:00:00 GMT"), (AGE, "60")], 0), None, "a cache sent it");
        assert_eq!(ahead(&[date("yesterday")], 0), None);
        assert_eq!(ahead(&[], 0), None);
    }

    #[test]
    fn a_certificate_is_refused_for_a_reason() {
        use rustls::CertificateError::{Expired, NotValidForName, NotValidYet, UnknownIssuer};
        for (why, cause) in [
            (Expired, ErrorCause::CertificateExpired),
            (NotValidYet, ErrorCause::CertificateExpired),
            (NotValidForName, ErrorCause::CertificateWrongName),
            (UnknownIssuer, ErrorCause::CertificateNotTrusted),
        ] {
            let wrapped = io::Error::new(io::ErrorKind::InvalidData, rustls::Error::InvalidCertificate(why));
            assert_eq!(io_cause(&wrapped), Some(cause));
        }
        assert_eq!(certificate_cause(&rustls::Error::HandshakeNotComplete), None);
    }

    #[test]
    fn an_odd_byte_costs_a_character() {
        assert_eq!(text(b"Jos\xe9".to_vec()), "Jos\u{fffd}");
    }
}
