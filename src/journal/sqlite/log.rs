//! Whether SQLite's write-ahead log holds more than SQLite will read. SQLite reads a log up to the first frame that is
//! not right and takes no notice of what follows; a log that was cut short is an earlier state, but one that goes on
//! behind its damage held transactions that were confirmed. The format is that of <https://sqlite.org/walformat.html>.

use std::fs;
use std::io;
use std::path::Path;

const HEADER: usize = 32;
const FRAME_HEADER: usize = 24;
const SMALLEST_PAGE: usize = 512;
const LARGEST_PAGE: usize = 65_536;

/// Whether confirmed transactions stand behind damage in the log. The file must not be open anywhere in this process.
///
/// # Errors
/// What the operating system says.
pub(super) fn is_broken_off(log: &Path) -> io::Result<bool> {
    match fs::read(log) {
        Ok(bytes) => Ok(goes_on_behind_damage(&bytes)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}

fn goes_on_behind_damage(log: &[u8]) -> bool {
    let Some((header, frames)) = log.split_at_checked(HEADER) else { return false };
    let page = number(header, 8) as usize;
    let is_known = number(header, 0) & !1 == 0x377F_0682 && (SMALLEST_PAGE..=LARGEST_PAGE).contains(&page);
    let mut sum = LogChecksum { is_big: number(header, 0) & 1 == 1, state: (0, 0) };
    sum.add(&header[..24]);
    if !is_known || sum.state != (number(header, 24), number(header, 28)) {
        // Without its head nothing of a log is read.
        return frames.len() > FRAME_HEADER + SMALLEST_PAGE;
    }
    let salts = &header[16..24];
    let mut is_right = true;
    let mut ends_behind = false;
    for frame in frames.chunks_exact(FRAME_HEADER + page) {
        // The frames of before the log began anew have other salts.
        let is_of_this_log = &frame[8..16] == salts;
        if is_right {
            sum.add(&frame[..8]);
            sum.add(&frame[FRAME_HEADER..]);
            is_right = is_of_this_log && sum.state == (number(frame, 16), number(frame, 20));
        } else if is_of_this_log && ends_behind {
            // The transaction before this frame was on the disk before this one was written.
            return true;
        }
        // The last frame of a transaction says how large the file is then.
        ends_behind |= !is_right && is_of_this_log && number(frame, 4) != 0;
    }
    false
}

fn number(bytes: &[u8], at: usize) -> u32 {
    bytes.get(at..at + 4).and_then(|four| four.try_into().ok()).map_or(0, u32::from_be_bytes)
}

/// The checksum that runs through the whole log.
struct LogChecksum {
    is_big: bool,
    state: (u32, u32),
}

impl LogChecksum {
    fn add(&mut self, bytes: &[u8]) {
        let (mut one, mut two) = self.state;
        for pair in bytes.chunks_exact(8) {
            let word = |at| {
                let number = number(pair, at);
                if self.is_big { number } else { number.swap_bytes() }
            };
            one = one.wrapping_add(word(0)).wrapping_add(two);
            two = two.wrapping_add(word(4)).wrapping_add(one);
        }
        self.state = (one, two);
    }
}
