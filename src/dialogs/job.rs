//! A job on the screen: its steps, the block that is seen from two metres, and what can be done now.
//! It looks at the job by its id and owns nothing: closing it stops nothing.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use ratatui::widgets::Paragraph;

use super::{Dialog, Msg, Out, confirm, pick};
use crate::component::ctx::Ctx;
use crate::domain::directory::Remote;
use crate::domain::job::command::Decision;
use crate::domain::job::order::Named;
use crate::domain::job::steps::Step;
use crate::domain::job::{Job, JobId, Offer, Phase, Question, Stage, StepRecord, StepState, Why, offers};
use crate::domain::plan::{Changes, facts};
use crate::keys::key::KeyCode;
use crate::ui::block::block;
use crate::ui::frame::{KeyHint, dialog, key_lines};
use crate::ui::layout::centered;
use crate::ui::text::{pad, wrap};
use crate::ui::theme::{Glyph, Role};
use crate::words::card::keys as key_words;
use crate::words::{card as words, errors, time};

const WIDTH: u16 = 72;

/// The state: which job, and whether the technical side is shown.
#[derive(Clone, Debug)]
pub struct State {
    /// The job.
    pub id: JobId,
    details: bool,
}

impl State {
    /// A look at this job.
    pub fn new(id: JobId) -> Self {
        Self { id, details: false }
    }
}

/// Takes a message.
pub fn update(state: &mut State, msg: Msg, ctx: &Ctx) -> Vec<Out> {
    let job = ctx.jobs.get(state.id);
    match msg {
        Msg::Key(key) if key.code == KeyCode::Esc => esc(state, job.map(AsRef::as_ref)),
        Msg::Key(key) if !key.ctrl && !key.alt => {
            let Some(job) = job else { return Vec::new() };
            if key.code == KeyCode::Char('i') {
                state.details = !state.details;
                return Vec::new();
            }
            if job.lifecycle().needs_nobody() {
                return if key.code == KeyCode::Enter { vec![Out::Close] } else { Vec::new() };
            }
            let offers = offers(job);
            let chosen = offers.iter().enumerate().find(|(at, offer)| key_of(job, *at, offer).0 == key.code);
            chosen.map(|(_, offer)| take(state.id, job, offer, ctx)).unwrap_or_default()
        }
        Msg::Picked(encoder) => match ctx.encoder(&encoder) {
            Some(found) => {
                vec![Out::Decide(state.id, Decision::TryOn(Named { id: encoder, name: found.name() }))]
            }
            None => Vec::new(),
        },
        _ => Vec::new(),
    }
}

// Esc never stops anything: a job that asks is put off, any other runs on.
fn esc(state: &State, job: Option<&Job>) -> Vec<Out> {
    let asks = job.is_some_and(|job| job.asks().is_some() && !job.is_parked);
    let later = asks.then_some(Out::Decide(state.id, Decision::Later));
    std::iter::once(Out::Close).chain(later).collect()
}

// Enter does the first offer where that can do no harm; what deletes, decides or gives up has a letter of its own.
fn key_of(job: &Job, at: usize, offer: &Offer) -> (KeyCode, String) {
    let is_harmless =
        matches!(offer, Offer::TryAgain | Offer::WriteAgain | Offer::GoOn | Offer::NewCredential | Offer::UseFound)
            || *offer == Offer::OtherEncoder && job.asks().is_some();
    if at == 0 && is_harmless {
        return (KeyCode::Enter, "Enter".to_owned());
    }
    let letter = match offer {
        Offer::TryAgain => 't',
        Offer::OtherEncoder => 'o',
        Offer::ReplaceCard => 'r',
        Offer::GoOn => 'g',
        Offer::NewCredential => 'n',
        Offer::WriteAgain => 'w',
        Offer::CallItWritten => 'y',
        Offer::UseCandidate(_) => char::from_digit(u32::try_from(at + 1).unwrap_or(9).min(9), 10).unwrap_or('9'),
        Offer::CreateAnyway => 'a',
        Offer::UseFound => 'u',
        Offer::DeleteTwin(_) => 'd',
        Offer::KeepBoth => 'k',
        Offer::Withdraw => 'x',
        Offer::Later => return (KeyCode::Esc, "Esc".to_owned()),
    };
    (KeyCode::Char(letter), letter.to_string())
}

fn take(id: JobId, job: &Job, offer: &Offer, ctx: &Ctx) -> Vec<Out> {
    let decision = match offer {
        Offer::GoOn => Decision::GoOn,
        Offer::TryAgain | Offer::WriteAgain => Decision::TryAgain,
        Offer::OtherEncoder => {
            let now = job.encoder.as_ref().map(|encoder| encoder.id.clone());
            return vec![Out::Open(Dialog::Pick(pick::State::new(now, ctx)))];
        }
        Offer::ReplaceCard => Decision::ReplaceCard,
        Offer::NewCredential => Decision::NewCredential,
        Offer::CallItWritten => {
            return vec![Out::Open(Dialog::Confirm(confirm::State {
                title: title(job),
                question: words::call_written_question(job.who()),
                yes: words::call_written::YES,
                no: words::call_written::NO,
                also: None,
                purpose: confirm::Purpose::CallItWritten(id),
            }))];
        }
        Offer::UseCandidate(candidate) => Decision::UseUser(candidate.id.clone()),
        Offer::CreateAnyway => Decision::CreateAnyway,
        Offer::UseFound => Decision::UseFound,
        Offer::DeleteTwin(twin) => Decision::DeleteTwin(twin.id.clone()),
        Offer::KeepBoth => Decision::KeepBoth,
        Offer::Later => return vec![Out::Close, Out::Decide(id, Decision::Later)],
        Offer::Withdraw => {
            return vec![Out::Open(Dialog::Confirm(confirm::State {
                title: title(job),
                question: words::give_up_question(job.who()),
                yes: words::give_up::YES,
                no: words::give_up::NO,
                also: None,
                purpose: confirm::Purpose::Withdraw(id),
            }))];
        }
    };
    vec![Out::Decide(id, decision)]
}

fn title(job: &Job) -> String {
    if job.order.card.writes() { words::title(job.who()) } else { words::title_without_card(job.who()) }
}

/// What a question says: the state in capitals, and what to do.
pub fn question_words(job: &Job, question: &Question) -> (String, String) {
    let encoder = job.encoder.as_ref().map_or("", |encoder| encoder.name.as_str());
    match question {
        Question::EncodeFailed(error) => errors::attempt(error, encoder, job.takes_own_card()),
        Question::Refused(error) => (words::REFUSED.to_owned(), errors::sentence(error)),
        Question::NoEncoder => (words::NO_ENCODER.0.to_owned(), words::NO_ENCODER.1.to_owned()),
        Question::Unreadable => (words::UNREADABLE.0.to_owned(), words::UNREADABLE.1.to_owned()),
        Question::YourTurn => {
            let (what, below) = words::your_turn(job.takes_own_card(), job.who(), encoder);
            (what, below.to_owned())
        }
        Question::Resume { .. } => (words::RESUME.0.to_owned(), words::RESUME.1.to_owned()),
        Question::GuestInWork { by } => (words::GUEST_IN_WORK.to_owned(), words::guest_in_work(by.as_deref())),
        Question::EncodeUnknown if matches!(job.progress.stage, Stage::Watch(_)) => {
            (words::LINGERS.0.to_owned(), words::LINGERS.1.to_owned())
        }
        Question::EncodeUnknown => (words::UNKNOWN.0.to_owned(), words::UNKNOWN.1.to_owned()),
        Question::WhoIsIt(_) => {
            let (what, below) = words::who_is_it(job.who(), job.progress.lost.is_some());
            (what.to_owned(), below)
        }
        Question::PlanChanged(change) => {
            let (what, below) = words::changed(change, job.user.is_some());
            (what.to_owned(), below)
        }
    }
}

/// What a question says in a few words, for one line.
pub fn question_short(job: &Job, question: &Question) -> String {
    match question {
        Question::EncodeFailed(error) => errors::attempt_short(&error.into()).to_owned(),
        _ => question_words(job, question).0.to_lowercase(),
    }
}

fn block_words(ctx: &Ctx, job: &Job) -> (Role, String, String) {
    let own = |(what, below): (&str, &str)| (what.to_owned(), below.to_owned());
    let encoder = job.encoder.as_ref().map_or("", |encoder| encoder.name.as_str());
    let (role, (what, below)) = match &job.phase {
        // The card lies there written; what is still looked for is no business of the guest's.
        _ if job.lifecycle().needs_nobody() && job.lifecycle().is_done() => done(ctx, job),
        _ if job.lifecycle().needs_nobody() => (Role::Plain, own(words::GIVEN_UP)),
        Phase::Working if job.lifecycle().is_done() => (Role::Accent, own(words::TIDYING)),
        Phase::Working => (Role::Accent, own(words::WORKING)),
        Phase::Waiting { error, .. } => {
            (Role::Warning, (words::NO_CONNECTION.to_owned(), words::goes_on(&errors::sentence(error))))
        }
        Phase::Queued => {
            let (what, below) = words::queued(encoder);
            (Role::Accent, (what, below.to_owned()))
        }
        Phase::Placing { .. } => {
            if ctx.offline_since.is_some() {
                (Role::Warning, own(words::PLACE_OFFLINE))
            } else {
                let (what, below) = words::place(job.takes_own_card(), job.who(), encoder);
                (Role::Warning, (what, below.to_owned()))
            }
        }
        Phase::ReadingBack { .. } if job.current().is_some_and(|record| record.step == Step::Encode) => {
            (Role::Warning, own(words::CHECKING_CARD))
        }
        Phase::ReadingBack { .. } => (Role::Accent, own(words::CHECKING)),
        // Nothing went wrong: it is only the clerk's turn.
        Phase::Asking(question @ Question::YourTurn) => (Role::Warning, question_words(job, question)),
        Phase::Asking(question) => (Role::Bad, question_words(job, question)),
        Phase::Ended(_) => (Role::Plain, own(words::GIVEN_UP)),
    };
    (role, what, below)
}

// The end that everyone waits for, with what the card opens and until when.
fn done(ctx: &Ctx, job: &Job) -> (Role, (String, String)) {
    let has_card = job.order.card.writes();
    if let Some(by) = &job.on_trust {
        let (what, below) = words::called_written(by);
        return (Role::Warning, (what.to_owned(), below));
    }
    if let Some(why) = why_nothing(ctx, job).filter(|_| has_card) {
        return (Role::Warning, (words::WRITTEN_NOTHING.to_owned(), why.to_owned()));
    }
    let what = if has_card { words::WRITTEN } else { words::SAVED };
    let until = time::until(job.order.until, ctx.zone(), ctx.at);
    (Role::Good, (what.to_owned(), words::written_below(&opens(ctx, job), &until)))
}

// What the card opens now, as far as it is known: to be read out to the guest.
fn opens(ctx: &Ctx, job: &Job) -> Vec<String> {
    facts(&ctx.directory, job.user.as_ref(), &Changes::default(), None).groups
}

// Why a written card opens nothing all the same.
fn why_nothing(ctx: &Ctx, job: &Job) -> Option<&'static str> {
    let user = job.user.as_ref()?;
    let person = ctx.directory.people.get(user)?;
    let groups_known = ctx.directory.membership_load(user) == &Remote::Loaded(());
    if person.user.is_suspended {
        Some(words::SUSPENDED)
    } else if person.user.ends_at().is_some_and(|end| end <= ctx.at) {
        Some(words::ENDED)
    } else if groups_known && opens(ctx, job).is_empty() {
        Some(words::OPENS_NOTHING)
    } else {
        None
    }
}

/// Draws the dialog.
pub fn view(state: &State, ctx: &Ctx, frame: &mut Frame, area: Rect) {
    let theme = ctx.theme();
    let Some(job) = ctx.jobs.get(state.id) else {
        let inner = dialog(frame, centered(area, WIDTH, 7), theme, Role::Accent, "");
        block(frame, inner, theme, Role::Accent, words::WORKING.0, words::WORKING.1);
        return;
    };
    let (role, what, below) = block_words(ctx, job);
    let cells = usize::from(WIDTH.min(area.width).saturating_sub(6));
    let mut head = about(ctx, job, cells);
    head.insert(0, Line::default());
    head.push(Line::default());
    head.extend(job.steps.iter().map(|record| step_line(ctx, job, record, cells)));
    let keys = key_lines(&keys(state, ctx), cells, theme);
    let details: Vec<String> = if state.details { technical(job) } else { Vec::new() };
    let details: Vec<String> = details.iter().flat_map(|line| wrap(line, cells)).collect();
    let tail = 2 + keys.len() + details.len();
    let said = u16::try_from(wrap(&what, cells).len() + wrap(&below, cells).len()).unwrap_or(5);
    let wished = (said + 3).max(5);
    let height = u16::try_from(head.len() + tail).unwrap_or(u16::MAX).saturating_add(wished + 3);
    let place = centered(area, WIDTH, height);
    let inner = dialog(frame, place, theme, role, &title(job));
    // Where there is little room, the block and the keys stay; of the rest the steps near the end do.
    let block_height = wished.min(inner.height.saturating_sub(2)).max(1);
    let head_height = inner.height.saturating_sub(block_height + u16::try_from(tail).unwrap_or(3));
    let skip = head.len().saturating_sub(usize::from(head_height));
    let head_area = Rect { height: head_height, ..inner };
    frame.render_widget(Paragraph::new(head.split_off(skip)), head_area);
    let gap = u16::from(inner.height > head_height + block_height + 2 && head_height > 0);
    let block_area = Rect {
        x: inner.x + 2.min(inner.width),
        y: inner.y + head_height + gap,
        width: inner.width.saturating_sub(4),
        height: block_height,
    }
    .intersection(inner);
    block(frame, block_area, theme, role, &what, &below);
    let mut lines = vec![Line::default()];
    lines.extend(details.into_iter().map(|line| Line::styled(format!("  {line}"), theme.style(Role::Dim))));
    for mut line in keys {
        line.spans.insert(0, Span::raw("  "));
        lines.push(line);
    }
    let y = block_area.bottom();
    frame.render_widget(Paragraph::new(lines), Rect { y, height: inner.bottom().saturating_sub(y), ..inner });
}

fn about(ctx: &Ctx, job: &Job, cells: usize) -> Vec<Line<'static>> {
    let theme = ctx.theme();
    let between = format!(" {} ", theme.glyph(Glyph::Between));
    let head = words::kind(&job.order.card);
    let indent = head.chars().count() + 3;
    let mut facts = Vec::new();
    facts.extend(job.order.room.as_ref().map(|room| words::room(room)));
    facts.push(time::until(job.order.until, ctx.zone(), ctx.at));
    if job.is_parked {
        facts.push(words::PUT_OFF.to_owned());
    }
    if let Some(resumed) = &job.resumed {
        facts.push(words::resumed(resumed.why == Why::Takeover).to_owned());
    }
    if let Some(watch) = job.progress.twin_watch.as_ref().filter(|_| job.lifecycle().is_watching()) {
        facts.push(words::looking_for_twin(&time::clock(watch.until, ctx.zone())));
    }
    if let Some(holder) = &job.encoder_with {
        facts.push(words::encoder_with(holder));
    }
    let lines = wrap(&facts.join(&between), cells.saturating_sub(indent));
    lines
        .into_iter()
        .enumerate()
        .map(|(at, text)| {
            let head = if at == 0 { head } else { "" };
            Line::from(vec![
                Span::styled(format!("  {}", pad(head, indent, "")), theme.style(Role::Strong)),
                Span::raw(text),
            ])
        })
        .collect()
}

fn step_line(ctx: &Ctx, job: &Job, record: &StepRecord, cells: usize) -> Line<'static> {
    let theme = ctx.theme();
    let encoder = job.encoder.as_ref().map_or("", |encoder| encoder.name.as_str());
    let done = matches!(record.state, StepState::Done(_));
    let text = words::step(&record.step, done, encoder, job.card_number.as_deref());
    let (glyph, role, when) = match record.state {
        StepState::Todo => (Glyph::Dot, Role::Dim, String::new()),
        StepState::Doing(since) => (Glyph::Current, Role::Warning, time::span(ctx.at.duration_since(since))),
        StepState::Done(at) => (Glyph::Check, Role::Good, time::clock(at, ctx.zone())),
        StepState::Failed(at) => (Glyph::Cross, Role::Bad, time::clock(at, ctx.zone())),
    };
    let text_style = match role {
        Role::Good => theme.style(Role::Plain),
        Role::Warning | Role::Bad => theme.bold(role),
        other => theme.style(other),
    };
    let text_cells = cells.saturating_sub(14);
    Line::from(vec![
        Span::styled(format!("  {} ", theme.glyph(glyph)), theme.style(role)),
        Span::styled(pad(&text, text_cells, theme.glyph(Glyph::Ellipsis)), text_style),
        Span::styled(format!(" {when}"), theme.style(Role::Dim)),
    ])
}

fn offer_words(ctx: &Ctx, job: &Job, offer: &Offer) -> String {
    let Offer::UseCandidate(one) = offer else { return words::offer(offer, job.user.is_some()) };
    let mut known: Vec<String> = one.contact.iter().cloned().collect();
    if let Some(person) = ctx.directory.people.get(&one.id) {
        let facts = facts(&ctx.directory, Some(&one.id), &Changes::default(), None);
        known.extend(facts.rooms.iter().map(|room| words::room(room)));
        known.push(time::until(person.user.ends_at(), ctx.zone(), ctx.at));
    }
    words::candidate(&one.name, &known)
}

fn technical(job: &Job) -> Vec<String> {
    match &job.phase {
        Phase::Asking(Question::EncodeFailed(error)) => words::attempt_details(error),
        Phase::Asking(Question::Refused(error)) | Phase::Waiting { error, .. } | Phase::ReadingBack { error, .. } => {
            errors::details(error)
        }
        Phase::Placing { attempt, .. } => vec![words::attempt_id(attempt.as_str())],
        _ => vec![words::NO_DETAILS.to_owned()],
    }
}

/// Its keys.
pub fn keys(state: &State, ctx: &Ctx) -> Vec<KeyHint> {
    let Some(job) = ctx.jobs.get(state.id) else { return vec![KeyHint::new("Esc", key_words::LEAVE)] };
    if job.lifecycle().needs_nobody() {
        return vec![KeyHint::new("Enter", key_words::DONE)];
    }
    let asks = job.asks().is_some();
    let mut hints: Vec<KeyHint> = offers(job)
        .iter()
        .enumerate()
        .filter(|(_, offer)| **offer != Offer::Later)
        .map(|(at, offer)| KeyHint::new(key_of(job, at, offer).1, offer_words(ctx, job, offer)))
        .collect();
    if asks {
        hints.push(KeyHint::new("i", key_words::DETAILS));
    }
    let esc = match (asks, job.is_parked) {
        (true, false) => words::offer(&Offer::Later, true),
        (true, true) => key_words::BACK.to_owned(),
        (false, _) => key_words::LEAVE.to_owned(),
    };
    hints.push(KeyHint::new("Esc", esc));
    hints
}
