//! What panes and dialogs share: what they may read, a line to type into, staged changes, the jobs that are shown.

pub mod activity_entry;
pub mod ages;
pub mod backend_msg;
pub mod ctx;
pub mod draft;
pub mod field;
pub mod heard;
pub mod jobs;
pub mod staged;
