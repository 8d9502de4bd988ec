//! What `keydesk config check` prints.

use std::fmt::Write as _;

use super::problem::{Origin, shown};
use super::{ConfigRefusal, Resolved};

/// The effective settings, one a line with value and origin, then warnings and problems. Holds no secret and nothing
/// that a terminal would obey.
#[must_use]
pub fn report(resolved: &Resolved) -> String {
    let mut out = String::new();
    let file = resolved.file.as_ref().map_or_else(|| "none".to_owned(), |path| shown(&path.display().to_string()));
    let name_width = resolved.settings.iter().map(|s| s.name.len()).max().unwrap_or(0);
    let value_width = resolved.settings.iter().map(|s| s.value.chars().count()).max().unwrap_or(0).min(44);
    // Writing to a String can't fail.
    let _ = writeln!(out, "Config file: {file}\n");
    for setting in &resolved.settings {
        let origin = match &setting.origin {
            Origin::File { line, .. } => format!("file, line {line}"),
            other => other.to_string(),
        };
        let _ = writeln!(out, "{:name_width$}  {:value_width$}  {origin}", setting.name, setting.value);
    }
    for warning in &resolved.warnings {
        let _ = writeln!(out, "\nWarning: {warning}");
    }
    match &resolved.outcome {
        Ok(_) => out.push_str("\nAll is well.\n"),
        Err(ConfigRefusal::NoKey) => {
            out.push_str("\nThere is no API key yet. Set $SEAM_API_KEY, or api_key_file below the line [seam] of the config file.\n");
        }
        Err(ConfigRefusal::Problems(problems)) => {
            for problem in problems {
                let _ = writeln!(out, "\n{problem}");
            }
        }
    }
    out
}
