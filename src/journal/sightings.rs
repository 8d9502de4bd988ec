//! Leases whose end is further away than that of a lease taken now, because the clock was set back since. Whether their
//! holder lives can't be told by that time; it is told by watching, for as long as a lease lasts, whether the lease is
//! renewed.

use std::collections::HashMap;

use jiff::{SignedDuration, Timestamp};
use tokio::time::Instant;

use super::{Claim, Lease};

/// The leases of that kind, each with the moment since when it is seen unchanged.
#[derive(Debug, Default)]
pub(super) struct Sightings(HashMap<Claim, (Lease, Instant)>);

impl Sightings {
    /// Whether another holder's lease still counts at this time. One whose end is too far away counts until it was seen
    /// unchanged for `lasts`: a holder that lives renews it sooner.
    pub(super) fn still_counts(&mut self, lease: &Lease, at: Timestamp, lasts: SignedDuration) -> bool {
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
