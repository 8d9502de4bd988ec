//! Encoders are handed out one job at a time: among the jobs of this process in the order in which they asked, and to
//! one process at a time.

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

/// The first place in the queue of this process; dropping it lets the next job in.
#[derive(Debug)]
pub(super) struct QueuePlace {
    pub(super) encoder: EncoderId,
    _permit: OwnedSemaphorePermit,
}

/// The use of an encoder; dropping it lets the next job in, here or elsewhere.
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
    pub(super) fn try_take(&self, encoder: &EncoderId) -> Option<QueuePlace> {
        let permit = self.queue(encoder).try_acquire_owned().ok()?;
        Some(QueuePlace { encoder: encoder.clone(), _permit: permit })
    }

    /// Waits for the first place. `None` can't come: queues are never closed.
    pub(super) async fn take(&self, encoder: &EncoderId) -> Option<QueuePlace> {
        let permit = self.queue(encoder).acquire_owned().await.ok()?;
        Some(QueuePlace { encoder: encoder.clone(), _permit: permit })
    }
}
