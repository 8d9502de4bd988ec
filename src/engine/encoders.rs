//! An encoder is used by one job at a time. The jobs of this process wait for it in the order in which they asked; among
//! processes its lease decides.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::leases::HeldLease;
use crate::seam::types::EncoderId;

/// The queues of all encoders, among the jobs of this process.
#[derive(Debug, Default)]
pub(super) struct Encoders {
    queues: Mutex<HashMap<EncoderId, Arc<Semaphore>>>,
}

/// The first place in this process's queue for an encoder; dropping it wakes the next job.
#[derive(Debug)]
pub(super) struct QueuePlace {
    pub(super) encoder: EncoderId,
    _permit: OwnedSemaphorePermit,
}

/// The right to use an encoder: its lease and the first place in the queue. Dropping it gives both back.
#[derive(Debug)]
pub(super) struct Turn {
    pub(super) lease: HeldLease,
    pub(super) place: QueuePlace,
}

impl Turn {
    /// Whether it is for this encoder, and nobody is known to have taken it.
    pub(super) fn is_for(&self, encoder: &EncoderId) -> bool {
        self.place.encoder == *encoder && self.lease.is_ours()
    }
}

impl Encoders {
    fn queue(&self, encoder: &EncoderId) -> Arc<Semaphore> {
        let mut queues = self.queues.lock().unwrap_or_else(PoisonError::into_inner);
        queues.entry(encoder.clone()).or_insert_with(|| Arc::new(Semaphore::new(1))).clone()
    }

    /// Takes the first place if no job of this process has it or waits for it.
    pub(super) fn take_free_place(&self, encoder: &EncoderId) -> Option<QueuePlace> {
        let permit = self.queue(encoder).try_acquire_owned().ok()?;
        Some(QueuePlace { encoder: encoder.clone(), _permit: permit })
    }

    /// Waits for the first place. `None` can't come: queues are never closed.
    pub(super) async fn wait_for_place(&self, encoder: &EncoderId) -> Option<QueuePlace> {
        let permit = self.queue(encoder).acquire_owned().await.ok()?;
        Some(QueuePlace { encoder: encoder.clone(), _permit: permit })
    }
}
