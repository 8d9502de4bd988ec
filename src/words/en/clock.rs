//! What is said of a clock that differs from the server's.

use jiff::SignedDuration;

use crate::words::Advice;

/// The clock is right again.
pub const AGREES: &str = "the clock is right again";

/// The header: "CLOCK 24 h AHEAD".
pub fn short(ahead: SignedDuration) -> String {
    let side = if ahead.is_positive() { "AHEAD" } else { "BEHIND" };
    format!("CLOCK {} {side}", amount(ahead))
}

/// The whole sentence. A desk that runs follows its clock forward only.
pub fn advice(ahead: SignedDuration) -> Advice {
    let amount = amount(ahead);
    if ahead.is_positive() {
        let what = format!("This PC's clock is {amount} ahead of the server: departures would be wrong.");
        Advice::new(what, "Set the clock, then start keydesk again.")
    } else {
        let what = format!("This PC's clock is {amount} behind the server: departures would be wrong.");
        Advice::new(what, "Set the clock.")
    }
}

/// "5 min", "24 h", "3 days": rounded to the nearest.
fn amount(ahead: SignedDuration) -> String {
    let minutes = (ahead.abs().as_secs() + 30) / 60;
    match minutes {
        0..120 => format!("{minutes} min"),
        120..2880 => format!("{} h", (minutes + 30) / 60),
        _ => format!("{} days", (minutes + 720) / 1440),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_amount_is_told_in_a_unit_that_fits() {
        for (seconds, said) in [
            (121, "CLOCK 2 min AHEAD"),
            (-151, "CLOCK 3 min BEHIND"),
            (24 * 3600 + 7, "CLOCK 24 h AHEAD"),
            (-3 * 86_400, "CLOCK 3 days BEHIND"),
        ] {
            assert_eq!(short(SignedDuration::from_secs(seconds)), said);
        }
        assert_eq!(
            advice(SignedDuration::from_hours(24)).to_string(),
            "This PC's clock is 24 h ahead of the server: departures would be wrong. Set the clock, then start keydesk again."
        );
    }
}
