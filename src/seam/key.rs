//! Which kinds of key can do a desk's work. Pure, so that checking a config and connecting agree.

use thiserror::Error;

/// What kind of key it is, told by how it begins.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum KeyKind {
    /// An API key: belongs to one workspace and needs no word about it.
    #[default]
    ApiKey,
    /// A personal access token (`seam_at…`): every call names the workspace in the header `seam-workspace`.
    PersonalAccessToken,
}

/// Why a key can't be used. The sentences never hold the key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum KeyError {
    /// There is nothing in it.
    #[error("The key is empty.")]
    Empty,
    /// It stands in quotation marks.
    #[error("The key stands in quotation marks: take them away.")]
    Quoted,
    /// It holds characters that no key has.
    #[error("The key holds spaces, line ends or other characters that no key has: copy it again.")]
    OddCharacters,
    /// A publishable key (`seam_pk…`).
    #[error("This is a publishable key (seam_pk…), made for web pages; it can't work at a desk. Use an API key.")]
    Publishable,
    /// A client session token (`seam_cst…`).
    #[error("This is a client session token (seam_cst…); it can't work at a desk. Use an API key.")]
    ClientSession,
    /// The token of a console session (`ey…`).
    #[error("This is the token of a console session (ey…); it can't work at a desk. Use an API key.")]
    ConsoleSession,
    /// A personal access token without a workspace.
    #[error("A personal access token (seam_at…) needs the id of its workspace (SEAM_WORKSPACE_ID).")]
    WorkspaceMissing,
    /// The workspace id can't stand in a header.
    #[error("The workspace id is empty or holds spaces, line ends or other characters that no id has.")]
    OddWorkspace,
}

/// Why the key of the desk does not work at the moment. The sentences never hold the key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeyRefusal {
    /// The server does not accept it.
    NotAccepted,
    /// It was read again, and that failed: why, in plain words.
    Unreadable(String),
    /// The key that stands there now is for another workspace than the one that the desk shows.
    OtherWorkspace,
}

/// Where the key comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeyPlace {
    /// This file, which is read again while the desk runs.
    File(String),
    /// This environment variable, without `$`: what it holds stays so until the desk is started again.
    Variable(&'static str),
}

impl Default for KeyPlace {
    /// The variable that is looked at first.
    fn default() -> Self {
        Self::Variable("SEAM_API_KEY")
    }
}

/// The key of the desk does not work.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyTrouble {
    /// Why not.
    pub why: KeyRefusal,
    /// Where it comes from, for the remedy.
    pub place: KeyPlace,
}

/// Tells whether a key can do a desk's work, and of which kind it is.
///
/// # Errors
/// A [`KeyError`] with a plain sentence when it can't.
pub fn check(key: &str, workspace: Option<&str>) -> Result<KeyKind, KeyError> {
    if key.is_empty() {
        return Err(KeyError::Empty);
    }
    if key.starts_with(QUOTES) || key.ends_with(QUOTES) {
        return Err(KeyError::Quoted);
    }
    if !is_plain(key) {
        return Err(KeyError::OddCharacters);
    }
    if key.starts_with("seam_pk") {
        return Err(KeyError::Publishable);
    }
    if key.starts_with("seam_cst") {
        return Err(KeyError::ClientSession);
    }
    if key.starts_with("ey") {
        return Err(KeyError::ConsoleSession);
    }
    if !key.starts_with("seam_at") {
        return Ok(KeyKind::ApiKey);
    }
    match workspace {
        None => Err(KeyError::WorkspaceMissing),
        Some(id) if is_plain(id) => Ok(KeyKind::PersonalAccessToken),
        Some(_) => Err(KeyError::OddWorkspace),
    }
}

/// Marks that people, editors and shells put around a key.
const QUOTES: [char; 7] = ['"', '\'', '`', '“', '”', '‘', '’'];

fn is_plain(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_graphic())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_known_by_how_it_begins() {
        assert_eq!(check("seam_test_abc", None), Ok(KeyKind::ApiKey));
        assert_eq!(check("seam_simulator_key", Some("ignored")), Ok(KeyKind::ApiKey));
        assert_eq!(check("seam_at1_abc", Some("w-1")), Ok(KeyKind::PersonalAccessToken));
        assert_eq!(check("seam_at1_abc", None), Err(KeyError::WorkspaceMissing));
        assert_eq!(check("seam_at1_abc", Some("w 1")), Err(KeyError::OddWorkspace));
        assert_eq!(check("seam_pk_abc", None), Err(KeyError::Publishable));
        assert_eq!(check("seam_cst1abc", None), Err(KeyError::ClientSession));
        assert_eq!(check("eyJhbGciOi", Some("w")), Err(KeyError::ConsoleSession));
        for key in ["\"seam_abc\"", "'seam_abc'", "“seam_abc”", "seam_abc\"", "\"seam_abc"] {
            assert_eq!(check(key, None), Err(KeyError::Quoted));
        }
        assert_eq!(check("", None), Err(KeyError::Empty));
        assert_eq!(check("seam_test_abc\n", None), Err(KeyError::OddCharacters));
    }
}
