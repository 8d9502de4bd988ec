//! What a job needs besides its own lease: the leases of its user and of its encoder.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Notify;

use super::api::Api;
use super::clock::Clock;
use super::encoders::Turn;
use super::leases::{Asked, HeldLease, LEASE};
use super::runner::{Going, LeaveJob, Runner};
use super::{Shared, Update, label};
use crate::domain::job::command::Ignored;
use crate::domain::job::event::Event;
use crate::domain::job::fold::replay;
use crate::domain::job::look::identity_of;
use crate::domain::job::order::Guest;
use crate::domain::job::{Job, JobId, Phase};
use crate::journal::{Claim, Holder, Journal, JournalError, Lease};
use crate::seam::types::{EncoderId, UserId};

/// How long after another process was found to have a lease it is asked for again.
const ASK_AGAIN: Duration = Duration::from_millis(500);

/// How long a process that used an encoder leaves it to another one that waits for it.
const YIELDED_FOR: Duration = Duration::from_millis(1500);

/// The user whose lease an order needs. A guest who is to be created has no id yet; name and contact stand for it, so
/// that two clerks don't create the same guest.
pub(super) fn subject(guest: &Guest) -> UserId {
    match guest {
        Guest::Existing(user) => user.id.clone(),
        Guest::New(new) => UserId::from(format!("new: {}", identity_of(new).key()).as_str()),
    }
}

impl<A: Api, J: Journal, C: Clock> Shared<A, J, C> {
    /// Takes a lease for a job, and renews it from then on. A lease that another job of this process has is held, as if
    /// another process had it.
    pub(super) async fn claim(&self, claim: Claim, lost: &Arc<Notify>) -> Result<HeldLease, JournalError> {
        if self.leases.has(&claim) {
            return Err(JournalError::Held { by: self.holder.clone(), until: self.clock.now() });
        }
        let asked = Asked::now(&self.clock);
        let lease = self.journal.claim(&claim, &self.holder, || self.clock.now(), LEASE).await?;
        Ok(self.leases.register(lease, asked, lost.clone()))
    }

    /// Keeps what the job tells of its guest and no server does, before the job is closed.
    pub(super) async fn remember(&self, job: &Job) -> Result<(), JournalError> {
        let Some(user) = job.user.clone().filter(|_| job.order.card.writes()) else { return Ok(()) };
        let mut guest = self.journal.remembered(&user).await?.unwrap_or_default();
        if guest.apply(job) {
            self.journal.remember(&user, &guest, self.clock.now()).await?;
            self.send_update(Update::Remembered { user, guest: Box::new(guest) });
        }
        Ok(())
    }

    /// Whether a holder is this process.
    pub(super) fn is_us(&self, holder: &Holder) -> bool {
        self.holder.id == holder.id
    }

    /// Whether no other open job may be writing on this encoder, to be asked with the encoder's lease in hand. A process
    /// that is gone has no lease but may have left an attempt pending; its intent stands in the journal, since that is
    /// appended before the call. Of a job that can't be read whole the journal tells only the readable part: for what
    /// came later, only the lease keeps others away.
    async fn is_free(&self, encoder: &EncoderId, but: JobId) -> bool {
        let Ok(open) = self.journal.open_jobs().await else { return false };
        let jobs = open.iter().filter(|history| history.job != but);
        let mut jobs = jobs.filter_map(|history| replay(history.job, &history.entries));
        jobs.all(|job| job.occupies() != Some(encoder))
    }

    /// This process has nothing more to do with the job; an update says why.
    pub(super) fn ignore(&self, job: JobId, why: Ignored) -> LeaveJob {
        self.known.let_go(job);
        self.send_update(Update::Ignored { job, why });
        LeaveJob
    }
}

impl<A: Api, J: Journal, C: Clock> Runner<A, J, C> {
    /// Makes sure that the job is still ours; leaves it otherwise.
    pub(super) async fn is_sure_of_job(&self) -> Going<()> {
        let shared = &self.shared;
        if self.lease.is_sure(&shared.journal, &shared.clock).await { Ok(()) } else { Err(self.taken_over()) }
    }

    pub(super) async fn is_sure_of_encoder(&self) -> bool {
        let shared = &self.shared;
        match &self.turn {
            Some(turn) => turn.lease.is_sure(&shared.journal, &shared.clock).await,
            None => false,
        }
    }

    /// The leases that must still be ours when a call is sent: of the job, its user and, to encode, the encoder. `None`
    /// when the encoder's lease is lost already.
    pub(super) fn needs(&self, is_encode: bool) -> Option<Vec<Lease>> {
        let users = self.users.iter().map(|(_, held)| held.lease.clone());
        let mut leases: Vec<Lease> = std::iter::once(self.lease.lease.clone()).chain(users).collect();
        if is_encode {
            leases.push(self.turn.as_ref()?.lease.lease.clone());
        }
        Some(leases)
    }

    /// The users whose leases the job needs: the one that its order names and, once created, the new user's id.
    pub(super) fn subjects(&self) -> Vec<UserId> {
        let user = self.job.user.clone().filter(|_| matches!(self.job.order.guest, Guest::New(_)));
        std::iter::once(subject(&self.job.order.guest)).chain(user).collect()
    }

    /// Whether the job has the leases of its users, after waiting for them as long as a process that is gone may hold
    /// them. When not, a question was appended or a decision came.
    pub(super) async fn has_user(&mut self) -> Going<bool> {
        let mut tries = LEASE.as_secs() * 2 + 2;
        loop {
            let mut holder = None;
            for user in self.subjects() {
                holder = holder.or(self.try_user(&user).await?.err());
            }
            let Some(holder) = holder else { return Ok(true) };
            // The lease of a process that is gone ends by itself.
            tries -= 1;
            if self.shared.is_us(&holder) || tries == 0 {
                let by = (!self.shared.is_us(&holder)).then(|| label(&holder));
                self.append(Event::GuestInWork { by }).await?;
                return Ok(false);
            }
            if self.unless_decided(tokio::time::sleep(ASK_AGAIN)).await?.is_none() {
                return Ok(false);
            }
        }
    }

    /// Takes the lease of a user, or gives the holder who has it.
    pub(super) async fn try_user(&mut self, user: &UserId) -> Going<Result<(), Holder>> {
        self.users.retain(|(_, held)| held.is_ours());
        if self.users.iter().any(|(id, _)| id == user) {
            return Ok(Ok(()));
        }
        match self.shared.claim(Claim::User(user.clone()), &self.lost).await {
            Ok(held) => {
                self.users.push((user.clone(), held));
                Ok(Ok(()))
            }
            Err(JournalError::Held { by, .. }) => Ok(Err(by)),
            Err(_) => Err(self.taken_over()),
        }
    }

    /// The encoder that the job is about to use and whose lease it lost.
    pub(super) fn lacks_encoder(&self) -> Option<EncoderId> {
        let encoder = self.job.holds_encoder().filter(|_| self.job.needs_encoder())?;
        let has_it = self.turn.as_ref().is_some_and(|turn| turn.is_for(encoder));
        (!has_it).then(|| encoder.clone())
    }

    /// Waits for the encoder: first for the jobs of this process, then for other processes.
    pub(super) async fn wait_for_encoder(&mut self, encoder: EncoderId) -> Going<()> {
        let shared = self.shared.clone();
        self.turn = None;
        let mut place = shared.encoders.take_free_place(&encoder);
        if place.is_none() {
            self.append(Event::Queued).await?;
            let Some(taken) = self.unless_decided(shared.encoders.wait_for_place(&encoder)).await? else {
                return Ok(());
            };
            place = taken;
        }
        let Some(place) = place else { return Ok(()) };
        if shared.known.is_wanted(&encoder) {
            // Another process waits for it and asks now.
            self.append(Event::Queued).await?;
            if self.unless_decided(tokio::time::sleep(YIELDED_FOR)).await?.is_none() {
                return Ok(());
            }
        }
        let lease = loop {
            let by = match shared.known.occupant(&encoder, self.job.id) {
                Some(occupant) => occupant.driver,
                None => match shared.claim(Claim::Encoder(encoder.clone()), &self.lost).await {
                    Ok(lease) if shared.is_free(&encoder, self.job.id).await => break lease,
                    Ok(_) => None,
                    Err(JournalError::Held { by, .. }) => Some(label(&by)),
                    Err(_) => return Err(self.taken_over()),
                },
            };
            match by {
                Some(by) if self.job.encoder_with.as_ref() != Some(&by) => {
                    self.append(Event::QueuedBehind { by }).await?;
                }
                None if self.job.phase != Phase::Queued => self.append(Event::Queued).await?,
                _ => {}
            }
            if self.unless_decided(tokio::time::sleep(ASK_AGAIN)).await?.is_none() {
                return Ok(());
            }
        };
        self.turn = Some(Turn { lease, place });
        self.append(Event::Granted).await
    }

    /// Gives the encoder's lease back when the job does not use it any more; takes it where a job that was taken up uses
    /// one.
    pub(super) async fn hold_encoder(&mut self) {
        let wanted = self.job.holds_encoder().cloned();
        if self.turn.as_ref().is_some_and(|turn| wanted.as_ref().is_none_or(|encoder| !turn.is_for(encoder))) {
            self.turn = None;
        }
        if let (Some(encoder), None) = (wanted, &self.turn)
            && let Some(place) = self.shared.encoders.take_free_place(&encoder)
        {
            // Another job may have it meanwhile: the attempt that runs there is followed all the same.
            let lease = self.shared.claim(Claim::Encoder(encoder), &self.lost).await;
            self.turn = lease.ok().map(|lease| Turn { lease, place });
        }
    }
}
