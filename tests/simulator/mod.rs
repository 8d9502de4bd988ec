//! The simulator over real HTTP: every endpoint by every verb, its errors, its rules, and the guide's own calls.

// The lint's exception for tests does not reach their helpers.
mod bad_input;
mod caller;
mod contract;
mod encoding;
mod endpoints;
mod faults;
mod guide;
mod key_system;
mod lists;
mod rules;
mod running;
mod script;
mod steering;
