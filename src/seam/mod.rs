//! Seam's HTTP API and nothing else. Pure: `types`, `ids`, `error`, `lenient`, `key`, `page`, `request`, `retry`.
//! `client` is the only place that knows reqwest.

pub mod client;
pub mod error;
pub mod ids;
pub mod key;
pub mod lenient;
pub mod page;
pub mod request;
pub mod retry;
pub mod types;
