//! What keydesk knows about hotels, guests and cards, pure: the directory, what a guest's card needs, and the job that
//! makes it.

pub mod check_out;
pub mod codes;
pub mod directory;
pub mod email;
pub mod events;
pub mod fact;
pub mod guest;
pub mod guest_state;
pub mod job;
pub mod name;
pub mod occupancy;
pub mod phone;
pub mod plan;
pub mod practice;
pub mod query;
pub mod remembered;
pub mod room;
pub mod search_form;
pub mod stay;
