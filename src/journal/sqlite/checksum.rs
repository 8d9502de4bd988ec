//! Checksums of rows. SQLite notices damage to its own structure but not to the values in it: with a flipped bit a row
//! could name another guest.

use super::Scope;
use super::store::JobRow;
use crate::domain::job::JobId;
use crate::journal::Holder;

pub(super) fn entry_checksum(job: JobId, seq: u64, text: &str) -> i64 {
    checksum(&[job.0.as_bytes(), &seq.to_be_bytes(), text.as_bytes()])
}

/// Of a row of `jobs`. One without a batch has the checksum that it had before there were batches.
pub(super) fn job_checksum(scope: &Scope, job: JobId, row: &JobRow) -> i64 {
    let (length, last_at, state) = (row.length.to_be_bytes(), row.last_at.to_be_bytes(), row.state.to_be_bytes());
    let mut parts: Vec<&[u8]> =
        vec![scope.endpoint.as_bytes(), scope.system.as_bytes(), job.0.as_bytes(), &length, &last_at, &state];
    parts.extend(row.batch.as_ref().map(|batch| batch.as_bytes().as_slice()));
    checksum(&parts)
}

pub(super) fn guest_checksum(scope: &Scope, user: &str, remembered: &str, at: i64) -> i64 {
    checksum(&[
        scope.endpoint.as_bytes(),
        scope.system.as_bytes(),
        user.as_bytes(),
        remembered.as_bytes(),
        &at.to_be_bytes(),
    ])
}

pub(super) fn claim_checksum(scope: &Scope, kind: &str, name: &str, holder: &Holder, until: i64) -> i64 {
    checksum(&[
        scope.endpoint.as_bytes(),
        scope.system.as_bytes(),
        kind.as_bytes(),
        name.as_bytes(),
        holder.id.as_bytes(),
        holder.label.as_bytes(),
        &until.to_be_bytes(),
    ])
}

/// FNV-1a of 64 bits, over the lengths too so that nothing can move from one part to the next. Each step can be undone,
/// so one changed byte always changes the sum.
fn checksum(parts: &[&[u8]]) -> i64 {
    let mut sum: u64 = 0xcbf2_9ce4_8422_2325;
    for part in parts {
        for byte in (part.len() as u64).to_be_bytes().iter().chain(*part) {
            sum = (sum ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }
    sum.cast_signed()
}

#[cfg(test)]
mod tests {
    use super::checksum;

    #[test]
    fn the_checksum_stays_what_files_hold() {
        assert_eq!(checksum(&[]).cast_unsigned(), 0xcbf2_9ce4_8422_2325);
        assert_eq!(checksum(&[b"Jane", b"Doe"]), -37_906_440_574_228_112);
        assert_ne!(checksum(&[b"Jane", b"Doe"]), checksum(&[b"JaneD", b"oe"]));
    }
}
