//! The client: what it sends, and what it makes of good and of odd answers.

mod odd_answers;
mod requests;
mod whole_lists;
mod with_simulator;
