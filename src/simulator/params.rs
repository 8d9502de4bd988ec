//! The description of an endpoint's parameters, and the check of a call's parameters against it.

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

/// The checked parameters of one call. A getter returns `None` when the parameter is missing or of another type.
#[derive(Debug)]
pub struct Params(Map<String, Value>);

impl Params {
    /// Checks a JSON object against the description; parameters that it does not name are ignored, as the API does.
    pub fn check(spec: &[Param], given: &Map<String, Value>) -> Result<Self, Refusal> {
        let mut problems = Vec::new();
        check_object(spec, given, "", &mut problems);
        if !problems.is_empty() {
            return Err(Refusal::invalid_params(problems));
        }
        let named = spec.iter().filter_map(|param| Some((param.name.to_owned(), given.get(param.name)?.clone())));
        Ok(Self(named.collect()))
    }

    pub fn id(&self, name: &str) -> Option<Uuid> {
        self.text(name)?.parse().ok()
    }

    /// An id that the table marks as required.
    pub fn required_id(&self, name: &'static str) -> Result<Uuid, Refusal> {
        self.id(name).ok_or_else(|| Refusal::invalid(name, "Required"))
    }

    pub fn ids(&self, name: &str) -> Option<Vec<Uuid>> {
        self.texts(name)?.iter().map(|text| text.parse().ok()).collect()
    }

    pub fn text(&self, name: &str) -> Option<&str> {
        self.0.get(name)?.as_str()
    }

    pub fn texts(&self, name: &str) -> Option<Vec<&str>> {
        self.0.get(name)?.as_array()?.iter().map(Value::as_str).collect()
    }

    pub fn time(&self, name: &str) -> Option<Timestamp> {
        self.text(name)?.parse().ok()
    }

    pub fn interval(&self, name: &str) -> Option<(Timestamp, Timestamp)> {
        let texts = self.texts(name)?;
        Some((texts.first()?.parse().ok()?, texts.get(1)?.parse().ok()?))
    }

    pub fn flag(&self, name: &str) -> Option<bool> {
        self.0.get(name)?.as_bool()
    }

    pub fn count(&self, name: &str) -> Option<usize> {
        whole(self.0.get(name)?)
    }

    pub fn record(&self, name: &str) -> Option<Self> {
        self.0.get(name)?.as_object().cloned().map(Self)
    }

    /// Whether the caller gave null, which is not the same as leaving the parameter out.
    pub fn is_null(&self, name: &str) -> bool {
        self.0.get(name).is_some_and(Value::is_null)
    }
}

fn check_object(spec: &[Param], given: &Map<String, Value>, above: &str, problems: &mut Vec<(String, String)>) {
    for param in spec {
        let path = format!("{above}{}", param.name);
        match given.get(param.name) {
            None if param.required => problems.push((path, "Required".to_owned())),
            None => {}
            Some(Value::Null) if param.nullable => {}
            Some(value) => check_value(param.kind, value, path, problems),
        }
    }
}

fn check_value(kind: Kind, value: &Value, path: String, problems: &mut Vec<(String, String)>) {
    let problem = match (kind, value) {
        (Kind::Record(spec), Value::Object(fields)) => {
            return check_object(spec, fields, &format!("{path}."), problems);
        }
        (Kind::Ids | Kind::Texts | Kind::Interval, Value::Array(items)) => {
            let item_kind = match kind {
                Kind::Ids => Kind::Id,
                Kind::Interval => Kind::Time,
                _ => Kind::Text,
            };
            for (place, item) in items.iter().enumerate() {
                check_value(item_kind, item, format!("{path}.{place}"), problems);
            }
            let is_odd = matches!(kind, Kind::Interval) && items.len() != 2;
            is_odd.then(|| "Array must contain exactly 2 element(s)".to_owned())
        }
        (Kind::Flag, Value::Bool(_)) => None,
        (Kind::Count, _) if whole(value) == Some(0) => Some("Number must be greater than 0".to_owned()),
        (Kind::Count | Kind::Millis, _) if whole(value).is_some() => None,
        (_, Value::String(text)) if expected(kind) == "string" => check_text(kind, text),
        _ => Some(format!("Expected {}, received {}", expected(kind), type_name(value))),
    };
    problems.extend(problem.map(|problem| (path, problem)));
}

/// The JSON type of a kind, as the API's messages name it.
fn expected(kind: Kind) -> &'static str {
    match kind {
        Kind::Record(_) => "object",
        Kind::Ids | Kind::Texts | Kind::Interval => "array",
        Kind::Flag => "boolean",
        Kind::Count => "a whole number above 0",
        Kind::Millis => "a whole number",
        Kind::Id | Kind::Text | Kind::NonEmptyText | Kind::Email | Kind::Phone | Kind::Time | Kind::Choice(_) => {
            "string"
        }
    }
}

fn check_text(kind: Kind, text: &str) -> Option<String> {
    let problem = match kind {
        Kind::Id if Uuid::try_parse(text).is_err() => "Invalid uuid",
        Kind::Time if text.parse::<Timestamp>().is_err() => "Invalid datetime",
        Kind::NonEmptyText if text.is_empty() => "String must contain at least 1 character(s)",
        Kind::Email if !is_email(text) => "Invalid email",
        Kind::Phone if !is_e164(text) => "Invalid phone number: must be in E.164 format",
        Kind::Choice(choices) if !choices.contains(&text) => {
            return Some(format!("Invalid enum value. Expected '{}'", choices.join("' | '")));
        }
        _ => return None,
    };
    Some(problem.to_owned())
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
