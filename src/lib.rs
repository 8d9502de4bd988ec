//! keydesk: a full-screen terminal workstation for the key card desk of a hotel.
//!
//! This page is for whoever changes it. What the program does and promises stands in `README.md`.
//!
//! # Words
//!
//! | word | means |
//! |---|---|
//! | user, access group, entrance, credential, encoder, action attempt | Seam's objects. A guest is a user; a room is an access group whose name, by a pattern, is a room's; a card is written from a credential; an attempt is one try to write or read a card |
//! | directory | what is known of the hotel: users, groups, credentials, encoders, system, and since when |
//! | fact | something that is so, as far as the server told; the only thing that changes the directory |
//! | event (of Seam) | what the access system tells of itself; most changes have none |
//! | schedule, turn, rota | what is read by itself and when; the time of one thing in it; the turns of what is long |
//! | pass | one reading of a long list, page by page; what it did not bring is gone at its end |
//! | quiet | read without a person asking: nothing is said and nothing drawn unless something changed |
//! | age | when what is shown was read, where that is longer ago than it should be |
//! | query, stale id | what can be read; something of which is known that it must be read again |
//! | order | what a person asked for, about one guest: details, dates, groups, access, card |
//! | job | an order and all that happened to it since; it outlives the process that began it |
//! | step | one call of a job that changes something at the server |
//! | intent | the call that a step is about to send; kept in the journal before it is sent |
//! | event, entry | what happened to a job; an event with its number and time, as the journal keeps it |
//! | fold | making a job from its events; the same events always give the same job |
//! | look | what is read before a call, and again after an answer was lost |
//! | lost answer, read-back | a call that may or may not have been carried out; reading until that is known |
//! | settle window | how long after a lost answer a call may still be carried out late |
//! | twin | a second user that a request made after it was given up |
//! | phase, stage | what the screen shows of a job (working, placing, asking, …); where its current step stands (look, called, read back, watch). A question may come at several stages, and what can be done then depends on both |
//! | parked | a question that a person put off; the job waits under `!` and has no encoder |
//! | offer, decision | what a person can do with a job now; what a person chose |
//! | journal | the entries of all jobs, in memory or in a file that all processes of one machine share |
//! | lease, holder, epoch | the right of one process to drive a job, use an encoder or create a guest, for some seconds; that process; the number that grows with each new holder, so that an older one can't write any more |
//! | claim | what a lease is for |
//! | message, update, effect, model, view | as in Elm: what happened; the function that takes it; what shall be done; all that the screen is made from; the function that draws it |
//!
//! # From a key press to the request
//!
//! A press of Enter on a plan: `terminal/run.rs` hands it to `terminal/desk.rs`, that to `app::update`, which routes it
//! to the dialog. `dialogs/plan.rs` answers `Out::Start` with an order of `domain/plan.rs`; `app/orders.rs` makes it an
//! `Effect::Job`. `carry_out` in `terminal/desk.rs` gives effects to `backend/jobs.rs`, that the command to the engine.
//! There `runner.rs` asks the job what it wants, appends the intent, and `calls.rs` sends it by `seam::client`. What comes
//! back is appended, folded and sent to the screen the same way up.
//!
//! The layers may import only those that stand before them in the table `LAYERS` of `tests/architecture`; the ones
//! marked pure know no tokio, clock, network or file.
//!
//! - [`terminal`]: keys, frames and signals of the real terminal, and the loop: input first, then jobs, then pages, then
//!   one frame with one write. *It knows no guest and no card.* So the loop can be tested with any program.
//! - [`keys`] (pure): a key in our own terms, and the table of actions: one row each, with words and keys.
//!   *Nothing here does anything.* So key line, help, palette and keyboard can't disagree.
//! - [`app`] (pure): the model, `update` and `view`. It routes messages to panes and dialogs and does what they ask for.
//!   *It never waits and never reads a clock: the time comes with each message.* So every screen can be tested by
//!   messages alone.
//! - [`panes`], [`dialogs`] (pure): a file each with `State`, `update` and `view`; they see the [`component::ctx::Ctx`]
//!   and answer with `Out` values. *None knows another's state.* So one can be added or taken away alone.
//! - [`component`] (pure): what panes and dialogs share: what they may read, text fields, marked groups, the jobs on the
//!   screen, and the messages of the backend.
//! - [`ui`] (pure): roles of colour, glyphs, layout, text that fits its cells. *It does not know what a guest is.*
//! - [`words`] (pure): every sentence that a person reads. *No logic asks a sentence.* So a language is a folder.
//! - [`domain`] (pure): the directory and its search, rooms, names, phone numbers, stays, codes, the card plan, and the
//!   job: its order, events, fold, steps and offers. *It does nothing: it says what a job wants.* So thousands of
//!   crashes and lost answers can be played through in seconds.
//! - [`backend`]: reading, jobs and half-typed forms, beside the terminal. *It knows no screen.* So headless commands
//!   can use it.
//! - [`engine`]: drives jobs: keep the intent, call, keep what came of it, fold, tell. *It decides nothing that the fold
//!   does not.* So another process can go on with any job at any point.
//! - [`journal`]: what happened to each job, and who may write it down. *The trait knows no file and no SQL.*
//! - [`seam`]: the API: types that decode leniently, errors that keep all that is known (pure), and `seam::client`, the
//!   only place with HTTP. *It repeats nothing and follows no redirect.* So what is sent twice is somebody's decision.
//!
//! Beside that way: [`config`] (settings as one table), [`cli`], [`log`], [`files`], [`rng`], and [`simulator`], the
//! stand-in for Seam. *The simulator shares no type with `seam`*, so that a wrong field name fails a test.
//!
//! # To add …
//!
//! | what | edit | then run |
//! |---|---|---|
//! | a pane | a file in `panes/` with `State`, `update`, `view`; a `PaneId` and its place in `PaneId::ALL` (`keys/pane_id.rs`); the field and the matches in `panes/mod.rs`, with its words; its place in `ui/layout.rs`; a row with its key in `keys/action.rs` | `cargo test --test core`; the pictures of help and palette change |
//! | a dialog | a file in `dialogs/`; a variant and the matches in `dialogs/mod.rs` | the same; `dialog_keys` tries its keys |
//! | an action with a key | a variant and a row in `keys/action.rs`, its words in `words/en/actions.rs`, an arm in `app/run_action.rs` | the same |
//! | a step | a file in `domain/job/steps/` with its rules; variant and line in `steps/mod.rs`; its `Intent` in `job/event.rs`; when it is wanted in `job/order.rs`; its row in the doc of `steps/mod.rs`; the compiler names the call in `engine/calls.rs`, the words and the tests' stand-ins; a flow in `tests/fault_matrix`. A new shape or a changed rule is a new `FORMAT` (`job/event.rs`) once hotels have journals | `cargo test --test jobs` (fault matrix) |
//! | a call of the API | a method in `seam/client/`; for jobs also in `engine/api.rs`; a row in `simulator/endpoints/` | `cargo test --test http` |
//! | a fact | a variant in `domain/fact.rs`, its arm in `domain/directory/apply.rs`, which says what visibly changed; who sends it: `backend/sync/` or `engine/calls.rs` | `cargo test --lib directory` |
//! | something to read | a variant in `domain/query.rs` with its cost, its arm in `backend/sync/mod.rs` | `cargo test --test core loading` |
//! | something to read by itself | its turn in `app/live/`, its age in `component/ages.rs` | `cargo test --test core live`, `cargo test --test http live_desks` |
//! | an event of Seam | its code in `domain/codes.rs`, what it makes stale in `domain/directory/stale.rs` | `cargo test --lib directory` |
//! | a sentence | a function in `words/en/`; what is wrong and what to do are an `Advice` | `cargo test --lib words` |
//! | a setting | a field and a row, see [`config`]; where the screen needs it, a field of `component::ctx::Settings`, filled in `terminal/desk.rs` | `cargo test --test core config`: it writes the example anew and fails that once |
//! | a test | a file below `tests/`, and its `mod` line in one of the four programs | `cargo test --test core forgotten` |
//!
//! # Debts
//!
//! The directory keeps whole decoded objects (about 2 kB a card), and a search walks all users. The list of known codes
//! is the contract's of types 1.977.0. Shapes without a user yet: what a written card held and companions (the journal
//! has a place for them), batches of orders, the results of an order change by change. Suspending, deleting and details
//! of an existing guest have steps and orders, but no screen. A lease for a guest who is to be created is claimed under
//! an id that no user has (`engine/claims.rs`).

pub mod app;
pub mod backend;
pub mod cli;
pub mod component;
pub mod config;
pub mod dialogs;
pub mod domain;
pub mod engine;
pub mod files;
pub mod journal;
pub mod keys;
pub mod log;
pub mod panes;
pub mod rng;
pub mod seam;
pub mod simulator;
pub mod terminal;
pub mod ui;
pub mod words;
