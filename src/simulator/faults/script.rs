//! Faults as JSON objects, in `/_sim/faults/add` and in the file of a fault script alike.

use std::time::Duration;

use serde_json::{Map, Value};
use thiserror::Error;

use super::super::endpoints;
use super::super::params::{Kind, Param, Params, nullable, optional, required};
use super::super::refusal::Refusal;
use super::{CallFault, FaultEffect};

/// The fields of a fault. A field that its effect does not use is ignored.
pub const FAULT_PARAMS: &[Param] = &[
    required("fault", Kind::Choice(NAMES)),
    nullable("path", Kind::NonEmptyText),
    optional("nth", Kind::Count),
    optional("times", Kind::Count),
    optional("every", Kind::Flag),
    optional("status", Kind::Count),
    optional("type", Kind::NonEmptyText),
    optional("message", Kind::NonEmptyText),
    optional("retry_after", Kind::Millis),
    optional("delay_ms", Kind::Millis),
    optional("acts", Kind::Flag),
];

const NAMES: &[&str] = &[
    "refuse",
    "rate_limit",
    "server_error",
    "bad_gateway",
    "unauthorized",
    "reset",
    "drop_after_commit",
    "hold",
    "hold_answer",
    "act_late",
    "delay",
    "cut_answer",
    "truncate_answer",
    "bridge_down",
    "encoder_gone",
    "credential_deleted",
    "user_deleted",
];

/// The delay of the fault `delay` without `delay_ms`.
const USUAL_DELAY: Duration = Duration::from_secs(1);

/// What is wrong with a fault script.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum ScriptError {
    /// It is not JSON at all.
    #[error("this is not JSON: {0}")]
    NotJson(String),
    /// It is JSON of another shape.
    #[error("a fault script is a list of faults, such as [{{\"fault\": \"reset\", \"path\": \"/acs/users/create\"}}]")]
    NotAList,
    /// One fault can't be read.
    #[error("fault {number}: {why}")]
    Fault {
        /// Its place in the list, counted from 1.
        number: usize,
        /// What is wrong with which field.
        why: String,
    },
}

/// Reads a fault script: a JSON list with an object for each fault, as `/_sim/faults/add` takes it.
///
/// # Errors
///
/// When it is not such a list, or has an unknown field, path or fault.
pub fn faults_from_json(text: &str) -> Result<Vec<CallFault>, ScriptError> {
    let script: Value = serde_json::from_str(text).map_err(|error| ScriptError::NotJson(error.to_string()))?;
    let Value::Array(rows) = script else { return Err(ScriptError::NotAList) };
    let mut faults = Vec::with_capacity(rows.len());
    for (place, row) in rows.iter().enumerate() {
        let Value::Object(given) = row else { return Err(ScriptError::NotAList) };
        let fault = read_object(given).map_err(|why| ScriptError::Fault { number: place + 1, why })?;
        faults.push(fault);
    }
    Ok(faults)
}

fn read_object(given: &Map<String, Value>) -> Result<CallFault, String> {
    if let Some(unknown) = given.keys().find(|name| FAULT_PARAMS.iter().all(|field| field.name != name.as_str())) {
        let known: Vec<_> = FAULT_PARAMS.iter().map(|field| field.name).collect();
        return Err(format!("{unknown} is not one of {}", known.join(", ")));
    }
    let fault = Params::check(FAULT_PARAMS, given).and_then(|params| read(&params));
    fault.map_err(|refusal| refusal.message)
}

/// Makes a fault from its checked fields.
pub fn read(fields: &Params) -> Result<CallFault, Refusal> {
    let path = fields.text("path");
    if let Some(unknown) = path.filter(|path| endpoints::find(path).is_none_or(|found| found.path != *path)) {
        return Err(Refusal::invalid("path", format!("The simulator has no endpoint {unknown}")));
    }
    if path.is_some_and(endpoints::is_control_path) {
        return Err(Refusal::invalid("path", "The simulator's own calls meet no faults"));
    }
    let mut fault = CallFault::new(effect(fields)?);
    fault.path = path.map(str::to_owned);
    fault.nth = small(fields, "nth")?.unwrap_or(fault.nth);
    fault.times = small(fields, "times")?.or(fault.times);
    match fields.flag("every") {
        Some(true) if fields.count("times").is_some() => {
            return Err(Refusal::invalid("times", "Must not be given together with every"));
        }
        Some(true) => fault.times = None,
        Some(false) => fault.times = fault.times.or(Some(1)),
        None => {}
    }
    Ok(fault)
}

fn effect(fields: &Params) -> Result<FaultEffect, Refusal> {
    let acts = fields.flag("acts").unwrap_or(false);
    let delay = fields.count("delay_ms").map(|millis| Duration::from_millis(millis as u64));
    let effect = match fields.text("fault").unwrap_or_default() {
        "refuse" => FaultEffect::Refuse {
            status: status(fields)?,
            kind: fields.text("type").unwrap_or("invalid_input").to_owned(),
            message: fields.text("message").unwrap_or("AskError by a fault of the simulator.").to_owned(),
        },
        "rate_limit" => FaultEffect::RateLimit { retry_after: small(fields, "retry_after")?.unwrap_or(1) },
        "server_error" => FaultEffect::ServerError { acts },
        "bad_gateway" => FaultEffect::BadGateway { acts },
        "unauthorized" => FaultEffect::Unauthorized,
        "reset" => FaultEffect::Reset,
        "drop_after_commit" => FaultEffect::DropAfterCommit,
        "hold" => FaultEffect::Hold,
        "hold_answer" => FaultEffect::HoldAnswer,
        "act_late" => FaultEffect::ActLate { after: delay },
        "delay" => FaultEffect::Delay { by: delay.unwrap_or(USUAL_DELAY) },
        "cut_answer" => FaultEffect::CutAnswer,
        "truncate_answer" => FaultEffect::TruncateAnswer,
        "bridge_down" => FaultEffect::BridgeDown,
        "encoder_gone" => FaultEffect::EncoderGone,
        "credential_deleted" => FaultEffect::CredentialDeleted,
        "user_deleted" => FaultEffect::UserDeleted,
        unknown => return Err(Refusal::invalid("fault", format!("There is no fault {unknown}"))),
    };
    Ok(effect)
}

fn status(fields: &Params) -> Result<u16, Refusal> {
    match small(fields, "status")?.unwrap_or(400) {
        status @ 400..=499 => Ok(status as u16),
        _ => Err(Refusal::invalid("status", "Must be from 400 to 499")),
    }
}

fn small(fields: &Params, name: &'static str) -> Result<Option<u32>, Refusal> {
    let number = fields.count(name).map(u32::try_from).transpose();
    number.map_err(|_| Refusal::invalid(name, "The number is too large"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_script_is_a_list_of_faults() {
        let text = r#"[
            { "fault": "refuse", "path": "/acs/users/create", "status": 404, "type": "gone", "message": "Gone." },
            { "fault": "act_late", "nth": 2, "delay_ms": 50 },
            { "fault": "rate_limit", "every": true, "retry_after": 0 },
            { "fault": "unauthorized" },
            { "fault": "server_error", "times": 3, "acts": true }
        ]"#;
        let refuse = FaultEffect::Refuse { status: 404, kind: "gone".to_owned(), message: "Gone.".to_owned() };
        let expected = vec![
            CallFault::new(refuse).on("/acs/users/create"),
            CallFault::new(FaultEffect::ActLate { after: Some(Duration::from_millis(50)) }).nth(2),
            CallFault::new(FaultEffect::RateLimit { retry_after: 0 }).every(),
            CallFault::new(FaultEffect::Unauthorized),
            CallFault::new(FaultEffect::ServerError { acts: true }).times(3),
        ];
        assert_eq!(faults_from_json(text), Ok(expected));
    }

    #[test]
    fn every_fault_is_read_and_told_by_its_name() {
        for name in NAMES {
            let text = json!([{ "fault": name, "path": "/acs/users/get", "nth": 2 }]).to_string();
            let fault = faults_from_json(&text).unwrap().remove(0);
            assert_eq!(fault.effect.name(), *name);
            assert_eq!(faults_from_json(&json!([fault]).to_string()), Ok(vec![fault]));
        }
    }

    #[test]
    fn the_readme_names_all_and_its_script_works() {
        let readme = include_str!("../README.md");
        let calls = endpoints::all().map(|endpoint| endpoint.path).filter(|path| endpoints::is_control_path(path));
        for name in NAMES.iter().copied().chain(calls) {
            assert!(readme.contains(&format!("`{name}`")), "{name} is not in the README");
        }
        let script = readme.split("```json\n[").nth(1).and_then(|rest| rest.split("```").next()).unwrap();
        assert_eq!(faults_from_json(&format!("[{script}")).map(|faults| faults.len()), Ok(3));
    }

    #[test]
    fn mistakes_are_named_with_their_place() {
        let why = |text: &str| faults_from_json(text).unwrap_err().to_string();
        assert!(why("[").starts_with("this is not JSON"));
        assert!(why("{}").starts_with("a fault script is a list"));
        assert!(why("[1]").starts_with("a fault script is a list"));
        for (row, expected) in [
            (json!({ "fault": "reset", "ntth": 2 }), "fault 2: ntth is not one of fault, path,"),
            (json!({ "fault": "explode" }), "fault 2: Invalid parameters. fault: Invalid enum value"),
            (json!({}), "fault 2: Invalid parameters. fault: Required"),
            (json!({ "fault": "reset", "path": "/acs/user/create" }), "has no endpoint /acs/user/create"),
            (json!({ "fault": "reset", "path": "/acs/users/create/" }), "has no endpoint /acs/users/create/"),
            (json!({ "fault": "reset", "path": "/_sim/state" }), "own calls meet no faults"),
            (json!({ "fault": "refuse", "status": 500 }), "status: Must be from 400 to 499"),
            (json!({ "fault": "reset", "nth": 0 }), "nth: Number must be greater than 0"),
            (json!({ "fault": "reset", "nth": 5_000_000_000_u64 }), "nth: The number is too large"),
            (json!({ "fault": "reset", "times": 2, "every": true }), "together with every"),
        ] {
            let said = why(&json!([{ "fault": "reset" }, row]).to_string());
            assert!(said.contains(expected), "{said}");
        }
    }
}
