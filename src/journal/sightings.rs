//! Leases that seem to end later than one that would be taken now: the clock was set back since. Their holder may live
//! and renew them by the new time at its next beat, or be gone; that is told by watching them, without any clock.

use std::collections::HashMap;

use jiff::{SignedDuration, Timestamp};
use tokio::time::Instant;

use super::{Claim, Lease};

/// The leases of that kind that were met, each as it was and since when it is seen unchanged.
#[derive(Debug, Default)]
pub(super) struct Sightings(HashMap<Claim, (Lease, Instant)>);

impl Sightings {
    /// Whether someone else's lease holds for one who asks at this time. One that ends too late holds until it was seen
    /// unchanged for as long as leases last: a holder who lives renews it sooner.
    pub(super) fn holds(&mut self, lease: &Lease, at: Timestamp, lasts: SignedDuration) -> bool {
        if lease.until.duration_since(at) <= lasts {
            self.0.remove(&lease.claim);
            return lease.until > at;
        }
        let now = Instant::now();
        match self.0.get(&lease.claim) {
            Some((seen, since)) if seen == lease => now.duration_since(*since) < lasts.unsigned_abs(),
            _ => {
                self.0.insert(lease.claim.clone(), (lease.clone(), now));
                true
            }
        }
    }
}
