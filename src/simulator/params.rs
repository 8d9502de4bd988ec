//! The description of an endpoint's parameters, and the check of a call's parameters against it.

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
    NonEmptyText,
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

/// A parameter that must be given.
pub const fn required(name: &'static str, kind: Kind) -> Param {
    Param { name, kind, required: true, nullable: false }
}

/// A parameter that may be left out.
pub const fn optional(name: &'static str, kind: Kind) -> Param {
    Param { name, kind, required: false, nullable: false }
}

/// A parameter that may be left out or null.
pub const fn nullable(name: &'static str, kind: Kind) -> Param {
    Param { name, kind, required: false, nullable: true }
}

/// A checked value.
#[derive(Debug)]
enum ParamValue {
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

/// The checked parameters of one call. A getter returns `None` when the parameter is missing or of another type.
#[derive(Debug, Default)]
pub struct Params {
    args: BTreeMap<&'static str, ParamValue>,
}

impl Params {
    /// Checks a JSON object against the description; parameters that it does not name are ignored, as the API does.
    pub fn check(spec: &'static [Param], given: &Map<String, Value>) -> Result<Self, Refusal> {
        let mut problems = Vec::new();
        let params = Self::read(spec, given, "", &mut problems);
        if problems.is_empty() { Ok(params) } else { Err(Refusal::invalid_params(problems)) }
    }

    fn read(
        spec: &'static [Param],
        given: &Map<String, Value>,
        above: &str,
        problems: &mut Vec<(String, String)>,
    ) -> Self {
        let mut args = BTreeMap::new();
        for param in spec {
            let path = format!("{above}{}", param.name);
            match given.get(param.name) {
                None if param.required => problems.push((path, "Required".to_owned())),
                None => {}
                Some(Value::Null) if param.nullable => {
                    args.insert(param.name, ParamValue::Null);
                }
                Some(value) => {
                    if let Some(arg) = read_value(param.kind, value, &path, problems) {
                        args.insert(param.name, arg);
                    }
                }
            }
        }
        Self { args }
    }

    pub fn id(&self, name: &str) -> Option<Uuid> {
        if let Some(ParamValue::Id(id)) = self.args.get(name) { Some(*id) } else { None }
    }

    /// An id that the table marks as required.
    pub fn required_id(&self, name: &'static str) -> Result<Uuid, Refusal> {
        self.id(name).ok_or_else(|| Refusal::invalid(name, "Required"))
    }

    pub fn ids(&self, name: &str) -> Option<&[Uuid]> {
        if let Some(ParamValue::Ids(ids)) = self.args.get(name) { Some(ids) } else { None }
    }

    pub fn text(&self, name: &str) -> Option<&str> {
        if let Some(ParamValue::Text(text)) = self.args.get(name) { Some(text) } else { None }
    }

    pub fn texts(&self, name: &str) -> Option<&[String]> {
        if let Some(ParamValue::Texts(texts)) = self.args.get(name) { Some(texts) } else { None }
    }

    pub fn time(&self, name: &str) -> Option<Timestamp> {
        if let Some(ParamValue::Time(time)) = self.args.get(name) { Some(*time) } else { None }
    }

    pub fn interval(&self, name: &str) -> Option<(Timestamp, Timestamp)> {
        if let Some(ParamValue::Interval(from, to)) = self.args.get(name) { Some((*from, *to)) } else { None }
    }

    pub fn flag(&self, name: &str) -> Option<bool> {
        if let Some(ParamValue::Flag(flag)) = self.args.get(name) { Some(*flag) } else { None }
    }

    pub fn count(&self, name: &str) -> Option<usize> {
        if let Some(ParamValue::Count(count)) = self.args.get(name) { Some(*count) } else { None }
    }

    pub fn record(&self, name: &str) -> Option<&Params> {
        if let Some(ParamValue::Record(record)) = self.args.get(name) { Some(record) } else { None }
    }

    /// Whether the caller gave null, which is not the same as leaving the parameter out.
    pub fn is_null(&self, name: &str) -> bool {
        matches!(self.args.get(name), Some(ParamValue::Null))
    }
}

fn read_value(kind: Kind, value: &Value, path: &str, problems: &mut Vec<(String, String)>) -> Option<ParamValue> {
    let mut problem = |text: String| {
        problems.push((path.to_owned(), text));
        None
    };
    let expected = |what: &str| format!("Expected {what}, received {}", type_name(value));
    match kind {
        Kind::Record(spec) => match value {
            Value::Object(fields) => {
                Some(ParamValue::Record(Params::read(spec, fields, &format!("{path}."), problems)))
            }
            _ => problem(expected("object")),
        },
        Kind::Ids | Kind::Texts | Kind::Interval => {
            let Value::Array(items) = value else { return problem(expected("array")) };
            read_list(kind, items, path, problems)
        }
        Kind::Flag => value.as_bool().map(ParamValue::Flag).or_else(|| problem(expected("boolean"))),
        Kind::Count => match whole(value) {
            Some(0) => problem("Number must be greater than 0".to_owned()),
            Some(count) => Some(ParamValue::Count(count)),
            None => problem(expected("a whole number above 0")),
        },
        Kind::Millis => whole(value).map(ParamValue::Count).or_else(|| problem(expected("a whole number"))),
        Kind::Id | Kind::Text | Kind::NonEmptyText | Kind::Email | Kind::Phone | Kind::Time | Kind::Choice(_) => {
            let Value::String(text) = value else { return problem(expected("string")) };
            read_text(kind, text).or_else(|reason| problem(reason).ok_or(())).ok()
        }
    }
}

fn read_text(kind: Kind, text: &str) -> Result<ParamValue, String> {
    match kind {
        Kind::Id => Uuid::try_parse(text).map(ParamValue::Id).map_err(|_| "Invalid uuid".to_owned()),
        Kind::Time => text.parse().map(ParamValue::Time).map_err(|_| "Invalid datetime".to_owned()),
        Kind::NonEmptyText if text.is_empty() => Err("String must contain at least 1 character(s)".to_owned()),
        Kind::Email if !is_email(text) => Err("Invalid email".to_owned()),
        Kind::Phone if !is_e164(text) => Err("Invalid phone number: must be in E.164 format".to_owned()),
        Kind::Choice(choices) if !choices.contains(&text) => {
            Err(format!("Invalid enum value. Expected '{}'", choices.join("' | '")))
        }
        _ => Ok(ParamValue::Text(text.to_owned())),
    }
}

fn read_list(kind: Kind, items: &[Value], path: &str, problems: &mut Vec<(String, String)>) -> Option<ParamValue> {
    let before = problems.len();
    let (mut ids, mut times, mut texts) = (Vec::new(), Vec::new(), Vec::new());
    for (place, item) in items.iter().enumerate() {
        let one = match kind {
            Kind::Ids => Kind::Id,
            Kind::Interval => Kind::Time,
            _ => Kind::Text,
        };
        match read_value(one, item, &format!("{path}.{place}"), problems) {
            Some(ParamValue::Id(id)) => ids.push(id),
            Some(ParamValue::Time(time)) => times.push(time),
            Some(ParamValue::Text(text)) => texts.push(text),
            _ => {}
        }
    }
    if problems.len() > before {
        return None;
    }
    match (kind, times.as_slice()) {
        (Kind::Ids, _) => Some(ParamValue::Ids(ids)),
        (Kind::Interval, &[from, to]) => Some(ParamValue::Interval(from, to)),
        (Kind::Interval, _) => {
            problems.push((path.to_owned(), "Array must contain exactly 2 element(s)".to_owned()));
            None
        }
        _ => Some(ParamValue::Texts(texts)),
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

    const SCHEDULE: &[Param] = &[required("starts_at", Kind::Time), required("ends_at", Kind::Time)];
    const SPEC: &[Param] = &[
        required("acs_user_id", Kind::Id),
        optional("phone_number", Kind::Phone),
        optional("email_address", Kind::Email),
        optional("limit", Kind::Count),
        optional("acs_access_group_ids", Kind::Ids),
        optional("between", Kind::Interval),
        nullable("access_schedule", Kind::Record(SCHEDULE)),
    ];

    fn check(value: &Value) -> Result<Params, Refusal> {
        let Value::Object(map) = value else { panic!("a test gives an object") };
        Params::check(SPEC, map)
    }

    fn problems(mut value: Value) -> Vec<(String, String)> {
        value["acs_user_id"] = json!("11111111-1111-4111-8111-111111111111");
        check(&value).unwrap_err().problems
    }

    #[test]
    fn what_is_missing_or_ill_typed_is_named() {
        assert_eq!(check(&json!({})).unwrap_err().problems, [("acs_user_id".to_owned(), "Required".to_owned())]);
        assert_eq!(problems(json!({ "phone_number": 5 }))[0].1, "Expected string, received number");
        assert_eq!(problems(json!({ "limit": 0 }))[0].1, "Number must be greater than 0");
        assert_eq!(problems(json!({ "limit": "many" }))[0].0, "limit");
        assert_eq!(problems(json!({ "acs_access_group_ids": ["x"] }))[0].0, "acs_access_group_ids.0");
        assert_eq!(
            problems(json!({ "access_schedule": { "starts_at": "2026-11-28" } }))[1].0,
            "access_schedule.ends_at"
        );
        assert_eq!(problems(json!({ "between": ["2026-11-28T00:00:00Z"] }))[0].0, "between");
        assert_eq!(problems(json!({ "limit": null }))[0].0, "limit");
    }

    #[test]
    fn phone_numbers_are_e164_and_addresses_look_like_addresses() {
        for phone in ["0170123456", "+0170123456", "+49 170 123456", "+1555555010012345", "+", ""] {
            assert_eq!(problems(json!({ "phone_number": phone })).len(), 1, "{phone}");
        }
        assert!(is_e164("+15555550100"));
        for email in ["jane", "jane@", "@example.com", "jane@example", "ja ne@example.com", "a@b@example.com"] {
            assert_eq!(problems(json!({ "email_address": email })).len(), 1, "{email}");
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
