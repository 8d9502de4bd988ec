//! The domain of the desk, pure: what a guest's card needs, the job that makes it, and the directory of the house.

pub mod job;
