//! The domain of the desk, pure: what a guest's card needs, the job that makes it, and the directory of the house.

pub mod card;
pub mod directory;
pub mod fold;
pub mod job;
pub mod name;
pub mod people;
pub mod person;
pub mod phone;
pub mod room;
pub mod search;
pub mod when;
