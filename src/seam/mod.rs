//! Seam's HTTP API and nothing else: `types` and `error` are pure, `client` is the only place that knows reqwest.

pub mod error;
pub mod lenient;
pub mod types;
