//! A job on the screen: its steps, the block that is seen from two metres, and what can be done now.
//! It looks at the job by its id and owns nothing: closing it stops nothing.

use jiff::SignedDuration;
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use ratatui::widgets::Paragraph;

use super::confirm::{self, answer};
use super::{Dialog, Msg, Out, guest_form, pick};
use crate::component::ctx::Ctx;
use crate::domain::codes::AttemptCode;
use crate::domain::directory::Remote;
use crate::domain::job::command::Decision;
use crate::domain::job::order::Named;
use crate::domain::job::steps::Step;
use crate::domain::job::{Job, JobId, Offer, Phase, Question, Stage, StepRecord, StepState, Why, offers};
use crate::domain::plan::{Changes, facts};
use crate::keys::dialog_key::{DialogKey, dialog_key};
use crate::seam::types::EndsAt;
use crate::ui::block::block;
use crate::ui::choices::choice_lines;
use crate::ui::frame::{KeyHint, dialog, key_lines};
use crate::ui::layout::centered;
use crate::ui::text::{pad, wrap};
use crate::ui::theme::{Glyph, Role};
use crate::words::card::keys as key_words;
use crate::words::{Advice, card as words, errors, time};

const WIDTH: u16 = 72;

/// For how long after a card was written on an encoder it may lie there still.
const LIES_THERE: SignedDuration = SignedDuration::from_mins(5);

/// The state: which job, which row is chosen, and whether the technical side is shown.
#[derive(Clone, Debug)]
pub struct State {
    /// The job that is shown; it need not be known yet.
    pub id: JobId,
    // The row, and the state of the job in which it was chosen: in any other it counts no more.
    chosen: Option<(u64, usize)>,
    details: bool,
}

impl State {
    /// The dialog of this job, with nothing chosen yet.
    pub fn new(id: JobId) -> Self {
        Self { id, chosen: None, details: false }
    }

    // The row that Enter does; `None` until one is chosen where the first deletes, replaces or decides who it is.
    fn row(&self, job: &Job, rows: &[Offer]) -> Option<usize> {
        match self.chosen {
            Some((seq, at)) if seq == job.seq && at < rows.len() => Some(at),
            _ => rows.first().filter(|first| is_harmless(first)).map(|_| 0),
        }
    }
}

// What Enter may do without being chosen.
fn is_harmless(offer: &Offer) -> bool {
    match offer {
        Offer::GoOn
        | Offer::TryAgain
        | Offer::OtherEncoder
        | Offer::NewCredential
        | Offer::NewGuest
        | Offer::MendData
        | Offer::WriteAgain
        | Offer::UseFound
        | Offer::Later => true,
        Offer::ReplaceCard
        | Offer::CallItWritten
        | Offer::UseCandidate(_)
        | Offer::CreateAnyway
        | Offer::DeleteTwin(_)
        | Offer::KeepBoth
        | Offer::Withdraw => false,
    }
}

// The offers that stand as rows, the best first. Those that have the same key in every dialog are none: later,
// giving up, and another encoder unless it is the answer to the question. Where nobody is needed, Enter closes.
fn rows(job: &Job) -> Vec<Offer> {
    if job.lifecycle().needs_nobody() {
        return Vec::new();
    }
    let has_key = |at: usize, offer: &Offer| match offer {
        Offer::Later | Offer::Withdraw => true,
        Offer::OtherEncoder => at > 0 || job.asks().is_none(),
        _ => false,
    };
    let offers = offers(job).into_iter().enumerate();
    offers.filter(|(at, offer)| !has_key(*at, offer)).map(|(_, offer)| offer).collect()
}

pub(super) fn update(state: &mut State, msg: Msg, ctx: &Ctx) -> Vec<Out> {
    let job = ctx.jobs.get(state.id);
    match msg {
        Msg::Key(key) => match (dialog_key(key), job) {
            (Some(DialogKey::Leave), job) => leave(state, job.map(AsRef::as_ref)),
            (Some(key), Some(job)) => key_pressed(state, key, job, ctx),
            _ => Vec::new(),
        },
        Msg::Picked(encoder) => match ctx.encoder(&encoder) {
            Some(found) => {
                vec![Out::Decide(state.id, Decision::TryOn(Named { id: encoder, name: found.name() }))]
            }
            None => Vec::new(),
        },
        Msg::Paste(_) | Msg::Refresh | Msg::Reply(_) => Vec::new(),
    }
}

fn key_pressed(state: &mut State, key: DialogKey, job: &Job, ctx: &Ctx) -> Vec<Out> {
    let rows = rows(job);
    let row = state.row(job, &rows);
    match key {
        DialogKey::Details => state.details = !state.details,
        DialogKey::Do if job.lifecycle().needs_nobody() => return vec![Out::Close],
        DialogKey::Do => {
            if let Some(offer) = row.and_then(|at| rows.get(at)) {
                return accept(state.id, job, offer, ctx);
            }
        }
        DialogKey::Move(step) if !rows.is_empty() => {
            let at = row.map_or(0, |at| step.apply(at, rows.len(), rows.len()));
            state.chosen = Some((job.seq, at));
        }
        _ if job.lifecycle().needs_nobody() => {}
        DialogKey::OtherEncoder if offers(job).contains(&Offer::OtherEncoder) => {
            return accept(state.id, job, &Offer::OtherEncoder, ctx);
        }
        DialogKey::GiveUp if offers(job).contains(&Offer::Withdraw) => {
            return accept(state.id, job, &Offer::Withdraw, ctx);
        }
        _ => {}
    }
    Vec::new()
}

// Leaving never stops anything: a job that asks is put off, any other runs on.
fn leave(state: &State, job: Option<&Job>) -> Vec<Out> {
    let asks = job.is_some_and(|job| job.asks().is_some() && !job.is_parked);
    let later = asks.then_some(Out::Decide(state.id, Decision::Later));
    std::iter::once(Out::Close).chain(later).collect()
}

fn accept(id: JobId, job: &Job, offer: &Offer, ctx: &Ctx) -> Vec<Out> {
    let decision = match offer {
        Offer::GoOn => Decision::GoOn,
        Offer::TryAgain | Offer::WriteAgain => Decision::TryAgain,
        Offer::OtherEncoder => {
            let now = job.encoder.as_ref().map(|encoder| encoder.id.clone());
            return vec![Out::Open(Dialog::Pick(pick::State::new(now, job.who(), ctx)))];
        }
        Offer::ReplaceCard => Decision::ReplaceCard,
        Offer::NewCredential => Decision::NewCredential,
        Offer::NewGuest => {
            return vec![Out::Open(Dialog::Form(Box::new(guest_form::State::in_place_of(job, ctx))))];
        }
        Offer::MendData => {
            return vec![Out::Open(Dialog::Form(Box::new(guest_form::State::to_mend(job, ctx))))];
        }
        Offer::CallItWritten => {
            let answers = vec![
                answer(words::call_written::NO, Vec::new()),
                answer(words::call_written::YES, vec![Out::Decide(id, Decision::CallItWritten)]),
            ];
            let question = words::call_written_question(job.who());
            return vec![Out::Open(Dialog::Confirm(confirm::State::new(title(job), question, answers)))];
        }
        Offer::UseCandidate(candidate) => Decision::UseUser(candidate.id.clone()),
        Offer::CreateAnyway => Decision::CreateAnyway,
        Offer::UseFound => Decision::UseFound,
        Offer::DeleteTwin(twin) => Decision::DeleteTwin(twin.id.clone()),
        Offer::KeepBoth => Decision::KeepBoth,
        Offer::Later => return vec![Out::Close, Out::Decide(id, Decision::Later)],
        Offer::Withdraw => {
            let answers = vec![
                answer(words::give_up::NO, Vec::new()),
                answer(words::give_up::YES, vec![Out::Decide(id, Decision::Withdraw)]),
            ];
            let question = words::give_up_question(job.who());
            return vec![Out::Open(Dialog::Confirm(confirm::State::new(title(job), question, answers)))];
        }
    };
    vec![Out::Decide(id, decision)]
}

fn title(job: &Job) -> String {
    if job.order.card.writes() { words::title(job.who()) } else { words::title_without_card(job.who()) }
}

/// What a question says: the state in capitals, and what to do.
pub fn question_words(job: &Job, question: &Question) -> Advice {
    let encoder = job.encoder.as_ref().map_or("", |encoder| encoder.name.as_str());
    match question {
        Question::EncodeFailed(error) => errors::attempt(error, encoder, job.takes_own_card()),
        Question::Refused(error) => Advice::new(words::REFUSED, errors::sentence(error)),
        Question::NoEncoder => words::NO_ENCODER,
        Question::Unreadable => words::UNREADABLE,
        Question::YourTurn => words::your_turn(job.takes_own_card(), job.who(), encoder),
        Question::Resume { .. } => words::RESUME,
        Question::GuestInWork { by } => Advice::new(words::GUEST_IN_WORK, words::guest_in_work(by.as_deref())),
        Question::EncodeUnknown if matches!(job.progress.stage, Stage::Watch(_)) => words::LINGERS,
        Question::EncodeUnknown => words::UNKNOWN,
        Question::WhoIsIt(_) => words::who_is_it(job.who(), job.progress.lost.is_some()),
        Question::PlanChanged(change) => words::changed(change, job.user.is_some()),
    }
}

/// What a question says in a few words, for one line.
pub fn question_short(job: &Job, question: &Question) -> String {
    match question {
        Question::EncodeFailed(error) => errors::attempt_short(&error.into()).to_owned(),
        _ => question_words(job, question).what.to_lowercase(),
    }
}

fn block_words(ctx: &Ctx, job: &Job) -> (Role, Advice) {
    let encoder = job.encoder.as_ref().map_or("", |encoder| encoder.name.as_str());
    if let Some(unrecorded) = &job.unrecorded {
        return if unrecorded.is_failing {
            (Role::Warning, words::WRITTEN_NOT_RECORDED)
        } else {
            (Role::Good, words::WRITTEN_UNRECORDED)
        };
    }
    match &job.phase {
        // The card lies there written; what is still looked for is no business of the guest's.
        _ if job.lifecycle().needs_nobody() && job.lifecycle().is_done() => done_advice(ctx, job),
        _ if job.lifecycle().needs_nobody() => (Role::Plain, words::GIVEN_UP),
        Phase::Working if job.lifecycle().is_done() => (Role::Accent, words::TIDYING),
        Phase::Working => (Role::Accent, words::WORKING),
        Phase::Waiting { error, .. } => (Role::Warning, words::waits(error)),
        Phase::Queued => (Role::Accent, words::queued(encoder)),
        Phase::Placing { .. } if ctx.offline_since.is_some() => (Role::Warning, words::PLACE_OFFLINE),
        Phase::Placing { .. } => {
            (Role::Warning, words::place(job.takes_own_card(), job.who(), encoder, is_after_another(ctx, job)))
        }
        Phase::ReadingBack { .. } if job.current().is_some_and(|record| record.step == Step::Encode) => {
            (Role::Warning, words::CHECKING_CARD)
        }
        Phase::ReadingBack { .. } => (Role::Accent, words::CHECKING),
        // Nothing went wrong: it is only the clerk's turn.
        Phase::Asking(question @ Question::YourTurn) => (Role::Warning, question_words(job, question)),
        Phase::Asking(question) => (Role::Bad, question_words(job, question)),
        Phase::Ended(_) => (Role::Plain, words::GIVEN_UP),
    }
}

// Whether another guest's card was on the encoder so lately that it may lie there still, written or not.
fn is_after_another(ctx: &Ctx, job: &Job) -> bool {
    let last = job.encoder.as_ref().and_then(|encoder| ctx.jobs.last_on(&encoder.id));
    last.is_some_and(|last| {
        let is_another = last.who != job.who() && last.error != Some(AttemptCode::NoCard);
        is_another && ctx.at.duration_since(last.at) < LIES_THERE
    })
}

// The end that everyone waits for, with what the card opens and until when.
fn done_advice(ctx: &Ctx, job: &Job) -> (Role, Advice) {
    let has_card = job.order.card.writes();
    if let Some(trust) = &job.on_trust {
        return (Role::Warning, words::called_written(&trust.by));
    }
    if let Some(why) = why_nothing(ctx, job).filter(|_| has_card) {
        return (Role::Warning, Advice::new(words::WRITTEN_NOTHING, why));
    }
    if let Some((_, owner)) = ctx.wrote_over.as_ref().filter(|(id, _)| *id == job.id) {
        return (Role::Warning, words::wrote_over(owner));
    }
    if let Some(planned) = not_as_planned(ctx, job).filter(|_| has_card) {
        let now = words::written_below(&opens(ctx, job), &end_now(ctx, job));
        return (Role::Warning, words::not_as_planned(&now, &planned));
    }
    let what = if has_card { words::WRITTEN } else { words::SAVED };
    (Role::Good, Advice::new(what, words::written_below(&opens(ctx, job), &end_now(ctx, job))))
}

// What the plan said of room and end, where others changed these meanwhile and the card holds what they made of it.
fn not_as_planned(ctx: &Ctx, job: &Job) -> Option<String> {
    let user = job.user.as_ref()?;
    let person = ctx.directory.user(user)?;
    if ctx.directory.membership_load(user) != &Remote::Loaded(()) || ctx.read_back.contains(user) {
        return None;
    }
    let rooms = ctx.directory.rooms_of(user).join(", ");
    let planned = job.order.room.as_deref().unwrap_or_default();
    let end = person.user().will_end_at();
    // An end that was ordered and not taken is said as such.
    let is_other_end = job.order.schedule.is_none() && end != job.order.until && end != EndsAt::NotKnown;
    (rooms != planned || is_other_end).then(|| {
        let until = time::until(job.order.until, ctx.zone(), ctx.at);
        if planned.is_empty() { until } else { format!("{}, {until}", words::room(planned)) }
    })
}

// The end that the server told, which need not be the one that was ordered.
fn end_now(ctx: &Ctx, job: &Job) -> String {
    let said = |end| time::until(end, ctx.zone(), ctx.at);
    let Some(person) = job.user.as_ref().and_then(|user| ctx.directory.user(user)) else {
        return words::END_NOT_READ.to_owned();
    };
    let user = person.user();
    let end = user.will_end_at();
    let is_as_ordered = job.order.schedule.is_none_or(|ordered| end == ordered.ends_at.into());
    if is_as_ordered || end == EndsAt::NotKnown {
        said(end)
    } else if ctx.read_back.contains(&user.acs_user_id) {
        words::END_NOT_READ.to_owned()
    } else {
        words::end_kept(&time::end(end, ctx.zone(), ctx.at))
    }
}

// What the card opens now, as far as it is known: to be read out to the guest.
fn opens(ctx: &Ctx, job: &Job) -> Vec<String> {
    facts(&ctx.directory, job.user.as_ref(), &Changes::default(), EndsAt::Never).groups
}

// Why a written card opens nothing all the same.
fn why_nothing(ctx: &Ctx, job: &Job) -> Option<&'static str> {
    let user = job.user.as_ref()?;
    let person = ctx.directory.user(user)?;
    let groups_known = ctx.directory.membership_load(user) == &Remote::Loaded(());
    if person.user().is_suspended {
        Some(words::SUSPENDED)
    } else if person.user().ends_at().is_over(ctx.at) {
        Some(words::ENDED)
    } else if groups_known && opens(ctx, job).is_empty() {
        Some(words::OPENS_NOTHING)
    } else {
        None
    }
}

pub(super) fn view(state: &State, ctx: &Ctx, frame: &mut Frame, area: Rect) {
    let theme = ctx.theme();
    let Some(job) = ctx.jobs.get(state.id) else {
        let inner = dialog(frame, centered(area, WIDTH, 7), theme, Role::Accent, "");
        block(frame, inner, theme, Role::Accent, &words::WORKING.what, &words::WORKING.remedy);
        return;
    };
    let (role, Advice { what, remedy }) = block_words(ctx, job);
    let cells = usize::from(WIDTH.min(area.width).saturating_sub(6));
    let mut head = about(ctx, job, cells);
    head.insert(0, Line::default());
    head.push(Line::default());
    head.extend(job.steps.iter().map(|record| step_line(ctx, job, record, cells)));
    let keys = key_lines(&keys(state, ctx), cells, theme);
    let details: Vec<String> = if state.details { technical(job) } else { Vec::new() };
    let details: Vec<String> = details.iter().flat_map(|line| wrap(line, cells)).collect();
    let said = u16::try_from(wrap(&what, cells).len() + wrap(&remedy, cells).len()).unwrap_or(5);
    let wished = (said + 3).max(5);
    // Where there is little room, the rows around the chosen one, the words of the block and the keys stay.
    let most = usize::from(area.height).saturating_sub(4 + usize::from(said) + 3 + keys.len() + details.len()).max(2);
    let rows = choice_lines(&row_words(ctx, job), state.row(job, &rows(job)), cells, most, theme);
    let gap_below_rows = usize::from(!rows.is_empty());
    let tail = 2 + rows.len() + gap_below_rows + keys.len() + details.len();
    let height = u16::try_from(head.len() + tail).unwrap_or(u16::MAX).saturating_add(wished + 3);
    let place = centered(area, WIDTH, height);
    let inner = dialog(frame, place, theme, role, &title(job));
    let left = inner.height.saturating_sub(u16::try_from(tail).unwrap_or(u16::MAX));
    let block_height = wished.min(left.max(said)).min(inner.height.saturating_sub(2)).max(1);
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
    block(frame, block_area, theme, role, &what, &remedy);
    let mut lines = vec![Line::default()];
    lines.extend(rows);
    lines.extend((gap_below_rows > 0).then(Line::default));
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
    facts.push(if job.lifecycle().is_done() {
        end_now(ctx, job)
    } else {
        time::until(job.order.until, ctx.zone(), ctx.at)
    });
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
    // The step that writes the card is the current one until the record has it.
    let unrecorded = job.unrecorded.as_ref().filter(|_| matches!(record.state, StepState::Doing(_)));
    let state = unrecorded.map_or_else(|| record.state.clone(), |written| StepState::Done(written.at));
    let number = job.card_number.as_deref().or_else(|| unrecorded?.card_number.as_deref());
    let text = words::step(&record.step, matches!(state, StepState::Done(_)), encoder, number);
    let (glyph, role, when) = match state {
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

/// The rows of a job's dialog in words, the best first.
pub fn row_words(ctx: &Ctx, job: &Job) -> Vec<String> {
    rows(job).iter().map(|offer| offer_words(ctx, job, offer)).collect()
}

fn offer_words(ctx: &Ctx, job: &Job, offer: &Offer) -> String {
    let Offer::UseCandidate(one) = offer else { return words::offer(offer, job.user.is_some()) };
    let mut known: Vec<String> = one.contact.iter().cloned().collect();
    if let Some(person) = ctx.directory.user(&one.id) {
        let facts = facts(&ctx.directory, Some(&one.id), &Changes::default(), EndsAt::Never);
        known.extend(facts.rooms.iter().map(|room| words::room(room)));
        known.push(time::until(person.user().ends_at(), ctx.zone(), ctx.at));
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

pub(super) fn keys(state: &State, ctx: &Ctx) -> Vec<KeyHint> {
    let Some(job) = ctx.jobs.get(state.id) else { return vec![KeyHint::new("Esc", key_words::LEAVE)] };
    if job.lifecycle().needs_nobody() {
        return vec![KeyHint::new("Enter", key_words::DONE)];
    }
    let asks = job.asks().is_some();
    let rows = rows(job);
    let mut hints = Vec::new();
    if rows.len() > 1 {
        hints.push(KeyHint::new("Up Down", key_words::CHOOSE));
    }
    if state.row(job, &rows).is_some() {
        hints.push(KeyHint::new("Enter", key_words::DO));
    }
    for (key, offer) in [("Tab", Offer::OtherEncoder), ("x", Offer::Withdraw)] {
        if offers(job).contains(&offer) && !rows.contains(&offer) {
            hints.push(KeyHint::new(key, offer_words(ctx, job, &offer)));
        }
    }
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
