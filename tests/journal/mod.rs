//! The journals: both stores by one suite, and what only a file can do and suffer.

mod conformance;
mod damage;
mod drafts;
mod files;
mod format1;
mod processes;
