//! What kind of key it is, told by its beginning, as Seam's documentation on authentication says.

use super::problem::Fault;

/// The keys that can do a desk's work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyKind {
    /// An API key: it belongs to one workspace.
    ApiKey,
    /// A personal access token (`seam_at…`): it belongs to a person and needs a workspace id beside it.
    PersonalAccessToken,
}

/// Tells the kind of a key, or why it can't do a desk's work. The sentence never holds the key.
///
/// # Errors
/// Keys of the browser (`seam_pk…`), of a client session (`seam_cst…`) or of a console session (`ey…`), and texts
/// that can't be a key at all.
pub(super) fn kind_of(key: &str) -> Result<KeyKind, Fault> {
    let refused = |what: &str| {
        Err(Fault::new(
            format!("holds {what}, which can't do a desk's work"),
            "Use an API key, made in the Seam Console under Developer, API Keys.",
        ))
    };
    if key.is_empty() {
        return Err(Fault::new("is empty", "Put an API key there."));
    }
    if !key.chars().all(|c| c.is_ascii_graphic()) {
        return Err(Fault::new(
            "holds characters that no key has",
            "Copy the key again, on one line and without blanks.",
        ));
    }
    if key.starts_with("seam_pk") {
        return refused("a publishable key");
    }
    if key.starts_with("seam_cst") {
        return refused("a client session token");
    }
    if key.starts_with("ey") {
        return refused("a console session token");
    }
    Ok(if key.starts_with("seam_at") { KeyKind::PersonalAccessToken } else { KeyKind::ApiKey })
}
