//! What happens at random: orders, faults, cards that are not written, processes that end or stand still.

use std::time::Duration;

use keydesk::domain::job::order::{CardWork, Guest, NewGuest, Order};
use keydesk::seam::error::{ErrorKind, SeamError};

use super::{Run, brief};
use crate::support::engine_desk::{existing, named};
use crate::support::fake_api::{Deed, Encode, Fault, error};
use crate::support::journal_store::JournalStore;

const ENCODERS: [&str; 3] = ["front", "bar", "spa"];
const CALLS: [&str; 7] = [
    "create_user",
    "add_to_group",
    "remove_from_group",
    "create_credential",
    "delete_credential",
    "encode",
    "credentials_of",
];

/// No more guests than so many stand at the desks.
const CROWD: usize = 12;

impl<S: JournalStore> Run<S> {
    fn order(&mut self) -> Order {
        let encoder = self.rng.one_of(&ENCODERS);
        let is_new = self.guests < 4 || self.rng.once_in(3);
        let mut order = if is_new {
            // Two clerks may be about to create the same guest.
            if !self.rng.once_in(6) {
                self.guests += 1;
            }
            let number = self.guests.max(1);
            let guest = NewGuest {
                full_name: format!("Guest {number:05}"),
                phone_number: Some(format!("+1555{number:07}")),
                email_address: None,
                known_namesakes: Vec::new(),
            };
            Order { guest: Guest::New(guest), add: vec![named("lounge")], ..existing("nobody", CardWork::New) }
        } else {
            let world = self.fake.world();
            let (user, _) = self.rng.one_of(&world.users);
            let card = world.cards.iter().find(|card| card.user == user);
            let work = match card {
                None => CardWork::New,
                Some(card) if !card.is_issued => CardWork::EncodeAgain(card.id.clone()),
                Some(card) if self.rng.once_in(2) => CardWork::Replace(card.id.clone()),
                Some(card) if self.rng.once_in(2) => CardWork::Update(card.id.clone()),
                Some(_) => CardWork::None,
            };
            let mut order = existing(user.as_str(), work);
            let groups = ["lounge", "pool", "sauna"];
            order.add = vec![named(self.rng.one_of(&groups))];
            order
        };
        if order.card != CardWork::None {
            order.encoder = Some(named(encoder));
        }
        order
    }

    pub fn start(&mut self) {
        let place = self.rng.below(2);
        let is_waiting = self.guests > 0 && self.fake.world().users.is_empty();
        if self.processes[place].is_none() || is_waiting || self.shown() >= CROWD {
            return;
        }
        let order = self.order();
        let what = format!("{} {:?}", order.guest.name(), order.card);
        let Some(process) = &mut self.processes[place] else { return };
        let id = process.desk.start(order);
        self.ordered.push(id);
        self.note(format!("{place} starts {}: {what}", id.0));
    }

    pub fn fault(&mut self) {
        let kinds = [ErrorKind::Broken, ErrorKind::TimedOut, ErrorKind::Server, ErrorKind::Unreadable];
        let kind = self.rng.one_of(&kinds);
        let time = Duration::from_millis(self.rng.below(40_000) as u64);
        let key = error(ErrorKind::Unauthorized);
        let fault = match self.rng.below(13) {
            0 => Fault::Refuse("invalid_input"),
            1 => Fault::Fail(error(kind)),
            2 | 3 => Fault::DoneBut(error(kind)),
            4 => Fault::Late(Duration::from_millis(self.rng.below(25_000) as u64)),
            5 => Fault::Fail(error(ErrorKind::Unreachable)),
            6 => Fault::Slow(time),
            7 => Fault::SlowAnswer(time),
            8 => Fault::Down(key, time),
            9 => Fault::Before(Deed::BridgeDown(time)),
            10 => self.rng.one_of(&[Fault::Before, Fault::After])(Deed::CredentialDeleted),
            11 => Fault::Fail(SeamError { retry_after: Some(Duration::from_secs(5)), ..error(ErrorKind::Limited) }),
            _ => Fault::Fail(error(ErrorKind::Limited)),
        };
        let call = self.rng.one_of(&CALLS);
        self.note(format!("{call} will {}", brief(&fault)));
        self.fake.fault(call, fault);
    }

    pub fn encode(&mut self) {
        let seconds = Duration::from_secs(1 + self.rng.below(20) as u64);
        let errors = ["no_credential_on_encoder", "encoding_interrupted", "encoder_not_online", "credential_deleted"];
        let encode = match self.rng.below(3) {
            0 => Encode::Fails(seconds, self.rng.one_of(&errors)),
            _ => Encode::Written(seconds),
        };
        self.fake.world().encodes.push_back(encode);
    }

    /// A process ends, in one way or another, or only stands still for a while.
    pub async fn end_or_freeze(&mut self) {
        let place = self.rng.below(2);
        let time = Duration::from_secs(1 + self.rng.below(30) as u64);
        let Some(process) = self.processes[place].take() else { return };
        match self.rng.below(3) {
            0 => {
                self.note(format!("{place} is killed"));
                self.kills += 1;
                process.journal.kill();
                drop(process);
            }
            1 => {
                self.note(format!("{place} is closed"));
                process.desk.handle.stop().await;
            }
            _ => {
                self.note(format!("{place} is frozen for {time:?}"));
                process.journal.freeze(time);
                self.processes[place] = Some(process);
            }
        }
    }
}
