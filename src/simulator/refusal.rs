//! A call that is refused, in the shape that the API gives its errors.

use serde::{Serialize, Serializer};
use serde_json::{Map, Value, json};

/// An error answer: HTTP status, `error.type`, `error.message` and, for parameters, `error.validation_errors`.
#[derive(Debug, Serialize)]
pub struct Refusal {
    #[serde(skip)]
    pub status: u16,
    #[serde(rename = "type")]
    pub kind: String,
    pub message: String,
    /// What is wrong with which parameter; a path into a nested parameter is joined by dots.
    #[serde(rename = "validation_errors", serialize_with = "as_tree", skip_serializing_if = "Vec::is_empty")]
    pub problems: Vec<(String, String)>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub data: Option<Box<Value>>,
    /// The verb beside `POST` that the path takes, for the answer to any other.
    #[serde(skip)]
    pub allow: Option<&'static str>,
    /// After how many seconds the caller may try again.
    #[serde(skip)]
    pub retry_after: Option<u32>,
}

impl Refusal {
    pub fn new(status: u16, kind: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            status,
            kind: kind.into(),
            message: message.into(),
            problems: Vec::new(),
            data: None,
            allow: None,
            retry_after: None,
        }
    }

    pub fn not_found(resource: &str, id: impl std::fmt::Display) -> Self {
        Self::new(404, format!("{resource}_not_found"), format!("There is no {resource} with the id {id}."))
    }

    pub fn wrong_verb(path: &str, allow: &'static str) -> Self {
        let message = format!("{path} takes POST and the verb of the official SDKs, {allow}.");
        Self { allow: Some(allow), ..Self::new(405, "method_not_allowed", message) }
    }

    /// One parameter is missing, ill-typed or out of its range.
    pub fn invalid(param: &str, problem: impl Into<String>) -> Self {
        Self::invalid_params(vec![(param.to_owned(), problem.into())])
    }

    pub fn invalid_params(problems: Vec<(String, String)>) -> Self {
        let listed: Vec<_> = problems.iter().map(|(param, problem)| format!("{param}: {problem}")).collect();
        Self { problems, ..Self::new(400, "invalid_input", format!("Invalid parameters. {}", listed.join("; "))) }
    }

    #[must_use]
    pub fn with_data(mut self, data: Value) -> Self {
        self.data = Some(Box::new(data));
        self
    }

    /// The body: `{"error": {…}, "ok": false}`.
    pub fn body(&self) -> Value {
        json!({ "error": self, "ok": false })
    }
}

/// Serializes the problems as a tree in which every node has its own `_errors`.
fn as_tree<S: Serializer>(problems: &[(String, String)], serializer: S) -> Result<S::Ok, S::Error> {
    let mut tree = Map::new();
    for (path, problem) in problems {
        add_to_tree(&mut tree, path, problem);
    }
    tree.serialize(serializer)
}

fn add_to_tree(tree: &mut Map<String, Value>, path: &str, problem: &str) {
    let (name, rest) = path.split_once('.').map_or((path, None), |(name, rest)| (name, Some(rest)));
    let node = tree.entry(name).or_insert_with(|| json!({ "_errors": [] }));
    let Value::Object(node) = node else { return };
    if let Some(rest) = rest {
        add_to_tree(node, rest, problem);
    } else if let Some(Value::Array(errors)) = node.get_mut("_errors") {
        errors.push(json!(problem));
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[test]
    fn faults_of_nested_parameters_stand_below_their_parent() {
        let refusal = Refusal::invalid_params(vec![
            ("access_schedule.ends_at".to_owned(), "Required".to_owned()),
            ("acs_user_id".to_owned(), "Invalid uuid".to_owned()),
        ]);
        let body = refusal.body();
        assert_eq!(body["ok"], json!(false));
        assert_eq!(body["error"]["type"], json!("invalid_input"));
        assert_eq!(
            body["error"]["validation_errors"],
            json!({
                "access_schedule": { "_errors": [], "ends_at": { "_errors": ["Required"] } },
                "acs_user_id": { "_errors": ["Invalid uuid"] },
            })
        );
    }

    #[test]
    fn an_unknown_id_names_its_resource() {
        let refusal = Refusal::not_found("acs_user", Uuid::nil());
        assert_eq!((refusal.status, refusal.kind.as_str()), (404, "acs_user_not_found"));
    }
}
