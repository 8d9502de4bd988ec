//! What an endpoint takes: the table's description of its parameters, and the values checked against it.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::{Map, Value};
use uuid::Uuid;

use super::refusal::Refusal;

/// The type of a parameter, as the API's contract names it.
#[derive(Clone, Copy)]
pub enum Kind {
    Id,
    Ids,
    Text,
    Texts,
    /// A text that may not be empty.
    Words,
    Email,
    /// E.164: a plus sign and up to fifteen digits.
    Phone,
    Time,
    /// Two timestamps: an exclusive interval.
    Interval,
    Flag,
    /// A whole number above zero.
    Count,
    /// Milliseconds, from zero on.
    Millis,
    Choice(&'static [&'static str]),
    Record(&'static [Param]),
}

/// One parameter of an endpoint.
#[derive(Clone, Copy)]
pub struct Param {
    pub name: &'static str,
    pub kind: Kind,
    pub required: bool,
    pub nullable: bool,
}

/// A parameter that must be there.
pub const fn need(name: &'static str, kind: Kind) -> Param {
    Param { name, kind, required: true, nullable: false }
}

/// A parameter that may be left out.
pub const fn may(name: &'static str, kind: Kind) -> Param {
    Param { name, kind, required: false, nullable: false }
}

/// A parameter that may be left out or null.
pub const fn nullable(name: &'static str, kind: Kind) -> Param {
    Param { name, kind, required: false, nullable: true }
}

/// A checked value.
#[derive(Debug)]
enum Arg {
    Null,
    Id(Uuid),
    Ids(Vec<Uuid>),
    Text(String),
    Texts(Vec<String>),
    Time(Timestamp),
    Interval(Timestamp, Timestamp),
    Flag(bool),
    Count(usize),
    Record(Params),
}

/// The checked parameters of one call. Whoever asks for a name with the wrong type gets nothing.
#[derive(Debug, Default)]
pub struct Params {
    args: BTreeMap<&'static str, Arg>,
}

impl Params {
    /// Checks a JSON object against the description; parameters that it does not name are ignored, as the API does.
    pub fn check(spec: &'static [Param], given: &Map<String, Value>) -> Result<Self, Refusal> {
        let mut faults = Vec::new();
        let params = Self::read(spec, given, "", &mut faults);
        if faults.is_empty() { Ok(params) } else { Err(Refusal::faults(faults)) }
    }

    fn read(
        spec: &'static [Param],
        given: &Map<String, Value>,
        above: &str,
        faults: &mut Vec<(String, String)>,
    ) -> Self {
        let mut args = BTreeMap::new();
        for param in spec {
            let path = format!("{above}{}", param.name);
            match given.get(param.name) {
                None if param.required => faults.push((path, "Required".to_owned())),
                None => {}
                Some(Value::Null) if param.nullable => {
                    args.insert(param.name, Arg::Null);
                }
                Some(value) => {
                    if let Some(arg) = read_value(param.kind, value, &path, faults) {
                        args.insert(param.name, arg);
                    }
                }
            }
        }
        Self { args }
    }

    pub fn id(&self, name: &str) -> Option<Uuid> {
        if let Some(Arg::Id(id)) = self.args.get(name) { Some(*id) } else { None }
    }

    /// An id that the table marks as required.
    pub fn needed_id(&self, name: &'static str) -> Result<Uuid, Refusal> {
        self.id(name).ok_or_else(|| Refusal::invalid(name, "Required"))
    }

    pub fn ids(&self, name: &str) -> Option<&[Uuid]> {
        if let Some(Arg::Ids(ids)) = self.args.get(name) { Some(ids) } else { None }
    }

    pub fn text(&self, name: &str) -> Option<&str> {
        if let Some(Arg::Text(text)) = self.args.get(name) { Some(text) } else { None }
    }

    pub fn texts(&self, name: &str) -> Option<&[String]> {
        if let Some(Arg::Texts(texts)) = self.args.get(name) { Some(texts) } else { None }
    }

    pub fn time(&self, name: &str) -> Option<Timestamp> {
        if let Some(Arg::Time(time)) = self.args.get(name) { Some(*time) } else { None }
    }

    pub fn interval(&self, name: &str) -> Option<(Timestamp, Timestamp)> {
        if let Some(Arg::Interval(from, to)) = self.args.get(name) { Some((*from, *to)) } else { None }
    }

    pub fn flag(&self, name: &str) -> Option<bool> {
        if let Some(Arg::Flag(flag)) = self.args.get(name) { Some(*flag) } else { None }
    }

    pub fn count(&self, name: &str) -> Option<usize> {
        if let Some(Arg::Count(count)) = self.args.get(name) { Some(*count) } else { None }
    }

    pub fn record(&self, name: &str) -> Option<&Params> {
        if let Some(Arg::Record(record)) = self.args.get(name) { Some(record) } else { None }
    }

    /// Whether the caller gave null, which is not the same as leaving the parameter out.
    pub fn is_null(&self, name: &str) -> bool {
        matches!(self.args.get(name), Some(Arg::Null))
    }
}

fn read_value(kind: Kind, value: &Value, path: &str, faults: &mut Vec<(String, String)>) -> Option<Arg> {
    let mut fault = |text: String| {
        faults.push((path.to_owned(), text));
        None
    };
    let expected = |what: &str| format!("Expected {what}, received {}", type_name(value));
    match kind {
        Kind::Record(spec) => match value {
            Value::Object(fields) => Some(Arg::Record(Params::read(spec, fields, &format!("{path}."), faults))),
            _ => fault(expected("object")),
        },
        Kind::Ids | Kind::Texts | Kind::Interval => {
            let Value::Array(items) = value else { return fault(expected("array")) };
            read_list(kind, items, path, faults)
        }
        Kind::Flag => value.as_bool().map(Arg::Flag).or_else(|| fault(expected("boolean"))),
        Kind::Count => match whole(value) {
            Some(0) => fault("Number must be greater than 0".to_owned()),
            Some(count) => Some(Arg::Count(count)),
            None => fault(expected("a whole number above 0")),
        },
        Kind::Millis => whole(value).map(Arg::Count).or_else(|| fault(expected("a whole number"))),
        Kind::Id | Kind::Text | Kind::Words | Kind::Email | Kind::Phone | Kind::Time | Kind::Choice(_) => {
            let Value::String(text) = value else { return fault(expected("string")) };
            read_text(kind, text).or_else(|reason| fault(reason).ok_or(())).ok()
        }
    }
}

fn read_text(kind: Kind, text: &str) -> Result<Arg, String> {
    match kind {
        Kind::Id => Uuid::try_parse(text).map(Arg::Id).map_err(|_| "Invalid uuid".to_owned()),
        Kind::Time => text.parse().map(Arg::Time).map_err(|_| "Invalid datetime".to_owned()),
        Kind::Words if text.is_empty() => Err("String must contain at least 1 character(s)".to_owned()),
        Kind::Email if !is_email(text) => Err("Invalid email".to_owned()),
        Kind::Phone if !is_e164(text) => Err("Invalid phone number: must be in E.164 format".to_owned()),
        Kind::Choice(choices) if !choices.contains(&text) => {
            Err(format!("Invalid enum value. Expected '{}'", choices.join("' | '")))
        }
        _ => Ok(Arg::Text(text.to_owned())),
    }
}

fn read_list(kind: Kind, items: &[Value], path: &str, faults: &mut Vec<(String, String)>) -> Option<Arg> {
    let before = faults.len();
    let (mut ids, mut times, mut texts) = (Vec::new(), Vec::new(), Vec::new());
    for (place, item) in items.iter().enumerate() {
        let one = match kind {
            Kind::Ids => Kind::Id,
            Kind::Interval => Kind::Time,
            _ => Kind::Text,
        };
        match read_value(one, item, &format!("{path}.{place}"), faults) {
            Some(Arg::Id(id)) => ids.push(id),
            Some(Arg::Time(time)) => times.push(time),
            Some(Arg::Text(text)) => texts.push(text),
            _ => {}
        }
    }
    if faults.len() > before {
        return None;
    }
    match (kind, times.as_slice()) {
        (Kind::Ids, _) => Some(Arg::Ids(ids)),
        (Kind::Interval, &[from, to]) => Some(Arg::Interval(from, to)),
        (Kind::Interval, _) => {
            faults.push((path.to_owned(), "Array must contain exactly 2 element(s)".to_owned()));
            None
        }
        _ => Some(Arg::Texts(texts)),
    }
}

/// A whole number; `500.0` counts, since the contract types some limits as floats.
fn whole(value: &Value) -> Option<usize> {
    let number = value.as_u64().or_else(|| {
        let float = value.as_f64().filter(|float| float.fract() == 0.0 && (0.0..1e15).contains(float))?;
        format!("{float:.0}").parse().ok()
    })?;
    usize::try_from(number).ok()
}

fn is_e164(text: &str) -> bool {
    let Some(digits) = text.strip_prefix('+') else { return false };
    (7..=15).contains(&digits.len()) && !digits.starts_with('0') && digits.bytes().all(|byte| byte.is_ascii_digit())
}

fn is_email(text: &str) -> bool {
    let Some((local, domain)) = text.rsplit_once('@') else { return false };
    let labels_are_fine = domain.contains('.') && domain.split('.').all(|label| !label.is_empty());
    !local.is_empty() && !local.contains('@') && labels_are_fine && !text.contains(char::is_whitespace)
}

fn type_name(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const SCHEDULE: &[Param] = &[need("starts_at", Kind::Time), need("ends_at", Kind::Time)];
    const SPEC: &[Param] = &[
        need("acs_user_id", Kind::Id),
        may("phone_number", Kind::Phone),
        may("email_address", Kind::Email),
        may("limit", Kind::Count),
        may("acs_access_group_ids", Kind::Ids),
        may("between", Kind::Interval),
        nullable("access_schedule", Kind::Record(SCHEDULE)),
    ];

    fn check(value: &Value) -> Result<Params, Refusal> {
        let Value::Object(map) = value else { panic!("a test gives an object") };
        Params::check(SPEC, map)
    }

    fn faults(mut value: Value) -> Vec<(String, String)> {
        value["acs_user_id"] = json!("11111111-1111-4111-8111-111111111111");
        check(&value).unwrap_err().faults
    }

    #[test]
    fn what_is_missing_or_ill_typed_is_named() {
        assert_eq!(check(&json!({})).unwrap_err().faults, [("acs_user_id".to_owned(), "Required".to_owned())]);
        assert_eq!(faults(json!({ "phone_number": 5 }))[0].1, "Expected string, received number");
        assert_eq!(faults(json!({ "limit": 0 }))[0].1, "Number must be greater than 0");
        assert_eq!(faults(json!({ "limit": "many" }))[0].0, "limit");
        assert_eq!(faults(json!({ "acs_access_group_ids": ["x"] }))[0].0, "acs_access_group_ids.0");
        assert_eq!(faults(json!({ "access_schedule": { "starts_at": "2026-11-28" } }))[1].0, "access_schedule.ends_at");
        assert_eq!(faults(json!({ "between": ["2026-11-28T00:00:00Z"] }))[0].0, "between");
        assert_eq!(faults(json!({ "limit": null }))[0].0, "limit");
    }

    #[test]
    fn phone_numbers_are_e164_and_addresses_look_like_addresses() {
        for phone in ["0170123456", "+0170123456", "+49 170 123456", "+1555555010012345", "+", ""] {
            assert_eq!(faults(json!({ "phone_number": phone })).len(), 1, "{phone}");
        }
        assert!(is_e164("+15555550100"));
        for email in ["jane", "jane@", "@example.com", "jane@example", "ja ne@example.com", "a@b@example.com"] {
            assert_eq!(faults(json!({ "email_address": email })).len(), 1, "{email}");
        }
        assert!(is_email("jane.doe+desk@mail.example.com"));
    }

    #[test]
    fn null_is_told_from_absent_where_it_is_allowed() {
        let id = json!("11111111-1111-4111-8111-111111111111");
        let null = check(&json!({ "acs_user_id": id, "access_schedule": null })).unwrap();
        assert!(null.is_null("access_schedule"));
        let absent = check(&json!({ "acs_user_id": id, "limit": 500.0, "unheard_of": 1 })).unwrap();
        assert!(!absent.is_null("access_schedule"));
        assert_eq!(absent.count("limit"), Some(500));
    }
}
