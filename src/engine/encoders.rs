//! Encoders are handed out one job at a time, in the order in which jobs asked.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::seam::types::EncoderId;

/// The queues of all encoders.
#[derive(Debug, Default)]
pub(super) struct Encoders {
    queues: Mutex<HashMap<EncoderId, Arc<Semaphore>>>,
}

/// The use of an encoder; dropping it lets the next job in.
#[derive(Debug)]
pub(super) struct Turn {
    pub(super) encoder: EncoderId,
    _permit: OwnedSemaphorePermit,
}

impl Encoders {
    fn queue(&self, encoder: &EncoderId) -> Arc<Semaphore> {
        let mut queues = self.queues.lock().unwrap_or_else(PoisonError::into_inner);
        queues.entry(encoder.clone()).or_insert_with(|| Arc::new(Semaphore::new(1))).clone()
    }

    /// Takes the encoder if nobody uses it or waits for it.
    pub(super) fn try_take(&self, encoder: &EncoderId) -> Option<Turn> {
        let permit = self.queue(encoder).try_acquire_owned().ok()?;
        Some(Turn { encoder: encoder.clone(), _permit: permit })
    }

    /// Waits for the encoder. `None` can't come: queues are never closed.
    pub(super) async fn take(&self, encoder: &EncoderId) -> Option<Turn> {
        let permit = self.queue(encoder).acquire_owned().await.ok()?;
        Some(Turn { encoder: encoder.clone(), _permit: permit })
    }
}
