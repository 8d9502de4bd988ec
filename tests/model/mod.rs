//! The pure core by messages: keys, data and jobs in, effects and screens out. No terminal, server or clock.

mod check_out;
mod chosen_guest;
mod dialog_keys;
mod edit;
mod encoders;
mod form;
mod groups;
mod jobs;
mod jobs_going_on;
mod leaving;
mod live;
mod loading;
mod looks;
mod meanwhile;
mod moving;
mod other_makes;
mod plan;
mod scenes;
mod searching;
mod states;
mod table;
mod troubles;
