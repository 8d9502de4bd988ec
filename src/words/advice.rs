//! What is wrong, or what is so, and what to do about it.

use std::borrow::Cow;
use std::fmt;

/// Two sentences that belong together, so that one without the other shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Advice {
    /// What is wrong, or what is so.
    pub what: Cow<'static, str>,
    /// What to do; where nothing is to be done, what happens by itself.
    pub remedy: Cow<'static, str>,
}

impl Advice {
    /// Both sentences as they stand in the source.
    pub const fn fixed(what: &'static str, remedy: &'static str) -> Self {
        Self { what: Cow::Borrowed(what), remedy: Cow::Borrowed(remedy) }
    }

    /// Both sentences, with names in them.
    pub fn new(what: impl Into<Cow<'static, str>>, remedy: impl Into<Cow<'static, str>>) -> Self {
        Self { what: what.into(), remedy: remedy.into() }
    }
}

impl fmt::Display for Advice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.what, self.remedy)
    }
}
