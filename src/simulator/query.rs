//! Turns the query strings of the official SDKs into the JSON object that the same call would have as its body.
//!
//! Arrays are repeated keys, `k=` is an empty array or null, `a.b` is `b` inside `a`.

use std::borrow::Cow;

use serde_json::{Map, Value};

use super::params::{Kind, Param};

/// Reads a query string by the description of the endpoint's parameters; keys that it does not name are ignored.
pub fn to_object(spec: &'static [Param], query: &str) -> Map<String, Value> {
    let pairs: Vec<_> = form_urlencoded::parse(query.as_bytes()).collect();
    gather(spec, &pairs, "")
}

fn gather(spec: &'static [Param], pairs: &[(Cow<'_, str>, Cow<'_, str>)], above: &str) -> Map<String, Value> {
    let mut object = Map::new();
    for param in spec {
        let path = format!("{above}{}", param.name);
        let values: Vec<&str> = pairs.iter().filter(|(key, _)| *key == path).map(|(_, value)| &**value).collect();
        let value = match param.kind {
            Kind::Record(inner) => {
                let fields = gather(inner, pairs, &format!("{path}."));
                match (fields.is_empty(), values.is_empty()) {
                    (false, _) => Value::Object(fields),
                    (true, false) => Value::Null,
                    (true, true) => continue,
                }
            }
            _ if values.is_empty() => continue,
            Kind::Ids | Kind::Texts | Kind::Interval if values == [""] => Value::Array(Vec::new()),
            Kind::Ids | Kind::Texts | Kind::Interval => values.into_iter().map(Value::from).collect(),
            _ if values == [""] && param.nullable => Value::Null,
            // An empty value means "none given" in a query string, which has no other way to say it.
            _ if values == [""] => continue,
            kind => scalar(kind, values.last().copied().unwrap_or_default()),
        };
        object.insert(param.name.to_owned(), value);
    }
    object
}

/// The typed value where the text has that type; else the text itself, which the check then refuses by name.
fn scalar(kind: Kind, text: &str) -> Value {
    match kind {
        Kind::Flag => text.parse::<bool>().map_or_else(|_| text.into(), Value::from),
        Kind::Count | Kind::Millis => text.parse::<u64>().map_or_else(|_| text.into(), Value::from),
        _ => text.into(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::params::{nullable, optional};
    use super::*;

    const INNER: &[Param] = &[optional("ends_at", Kind::Time)];
    const SPEC: &[Param] = &[
        optional("search", Kind::NonEmptyText),
        optional("limit", Kind::Count),
        optional("is_multi_phone_sync_credential", Kind::Flag),
        optional("ids", Kind::Ids),
        nullable("page_cursor", Kind::Text),
        optional("access_schedule", Kind::Record(INNER)),
    ];

    fn read(query: &str) -> Value {
        Value::Object(to_object(SPEC, query))
    }

    #[test]
    fn arrays_nulls_and_nested_keys_are_told_apart() {
        assert_eq!(read("ids=a&ids=b&_strict=true"), json!({ "ids": ["a", "b"] }));
        assert_eq!(read("ids=a"), json!({ "ids": ["a"] }));
        assert_eq!(read("ids=&page_cursor=&search="), json!({ "ids": [], "page_cursor": null }));
        assert_eq!(read("access_schedule.ends_at=x"), json!({ "access_schedule": { "ends_at": "x" } }));
        assert_eq!(read(""), json!({}));
    }

    #[test]
    fn numbers_and_flags_get_their_type_and_odd_text_stays_text() {
        assert_eq!(
            read("limit=2&is_multi_phone_sync_credential=true"),
            json!({ "limit": 2, "is_multi_phone_sync_credential": true })
        );
        assert_eq!(read("limit=many"), json!({ "limit": "many" }));
    }

    #[test]
    fn escapes_are_undone_and_broken_ones_survive() {
        assert_eq!(read("search=Nguy%E1%BB%85n+Minh"), json!({ "search": "Nguyễn Minh" }));
        assert_eq!(read("search=100%"), json!({ "search": "100%" }));
        assert_eq!(read("search=%ff%4"), json!({ "search": "\u{fffd}%4" }));
    }
}
