//! Phone numbers: typed as people write them, sent as E.164.

use phonelib::{ParseError, PhoneNumber, PhoneNumberType, countries_by_code, country_by_code};
use unicode_normalization::UnicodeNormalization;

/// What is wrong with a phone number that was typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PhoneError {
    /// It starts without `+` or `00` and no default country is set.
    NoCountry,
    /// No country has the calling code that it starts with.
    UnknownCallingCode,
    /// Its country has no numbers of this many digits.
    WrongLength,
    /// It can be read as a number of two countries, or of one in two ways.
    Unclear,
    /// It ends in an extension, which E.164 has no place for.
    Extension,
    /// It is no number that can be called.
    NotANumber,
}

impl From<ParseError> for PhoneError {
    fn from(error: ParseError) -> Self {
        match error {
            ParseError::MissingCallingCode => Self::NoCountry,
            ParseError::UnknownCountryCode => Self::UnknownCallingCode,
            ParseError::InvalidLength | ParseError::TooLong => Self::WrongLength,
            _ => Self::NotANumber,
        }
    }
}

/// A country whose way of dialling is used to read numbers without `+`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Country(&'static str);

impl Country {
    /// Takes an ISO 3166 code of two letters; `None` when no country with phones has it.
    #[must_use]
    pub fn new(code: &str) -> Option<Self> {
        // The library's code for networks of no country is "001".
        country_by_code(code.trim()).map(|country| Self(country.code)).filter(|country| country.0.len() == 2)
    }
}

/// Reads a phone number and gives it as E.164: `+` and 7 to 15 digits. Nothing typed is `None`.
///
/// A number without `+` is read as it is dialled in `country`, with that country's prefixes for calls within it and
/// abroad; `00` before a calling code is understood everywhere.
///
/// # Errors
/// What is wrong with it.
pub fn e164(text: &str, country: Option<Country>) -> Result<Option<String>, PhoneError> {
    let text = plain(text);
    let text = text.trim();
    if text.is_empty() {
        return Ok(None);
    }
    // The library leaves an extension out without a word, and reads letters as the keys of an old phone.
    if let Some(at) = text.find(|c: char| c.is_alphabetic() || "#*,;".contains(c)) {
        return Err(if is_extension(&text[at..]) { PhoneError::Extension } else { PhoneError::NotANumber });
    }
    let number = if text.contains('+') || (country.is_none() && text.starts_with("00")) {
        international(text)?
    } else {
        as_dialled(text, country.ok_or(PhoneError::NoCountry)?)?
    };
    // It must mean the same to whoever reads it next.
    let is_final = (8..=16).contains(&number.len()) && international(&number).is_ok_and(|again| again == number);
    if is_final { Ok(Some(number)) } else { Err(PhoneError::WrongLength) }
}

/// The text in the plain forms of its characters, without those that only steer the direction of writing: numbers that
/// are pasted have them.
fn plain(text: &str) -> String {
    let steers = |c: &char| matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}');
    text.nfkc().filter(|c| !steers(c)).map(|c| if c == '\u{2010}' { '-' } else { c }).collect()
}

/// Reads a number that begins with `+` or `00`.
fn international(text: &str) -> Result<String, PhoneError> {
    match PhoneNumber::try_parse(text) {
        Ok(number) => Ok(number.e164().to_owned()),
        Err(error) => {
            let digits = digits(text);
            let national = digits.strip_prefix("00").unwrap_or(&digits).strip_prefix('1').unwrap_or_default();
            north_american(national, error)
        }
    }
}

/// Reads a number as it is dialled in a country. Some also write `00` where another prefix leads abroad, or the
/// country's own calling code without `+`.
fn as_dialled(text: &str, country: Country) -> Result<String, PhoneError> {
    let digits = digits(text);
    let plans = countries_by_code(country.0);
    let calling_code = plans.first().map_or(0, |plan| plan.prefix);
    // An area with several codes: a number without its code can't be completed.
    if digits.len() == 7 && plans.len() > 1 {
        return Err(PhoneError::WrongLength);
    }
    let dialled = PhoneNumber::try_parse_with_country(text, country.0);
    if text.starts_with("00") {
        return match (dialled, international(text)) {
            // The library takes Australia's 0011 everywhere; elsewhere it is 001 and a number that begins with 1.
            (Ok(dialled), _)
                if digits.starts_with("0011") && calling_code != 61 && !dialled.e164().starts_with("+1") =>
            {
                Err(PhoneError::Unclear)
            }
            (Ok(dialled), Ok(other)) if dialled.e164() != other && dialled.country_code() != calling_code => {
                Err(PhoneError::Unclear)
            }
            (_, Ok(other)) => Ok(other),
            (dialled, Err(error)) => dialled.map(|number| number.e164().to_owned()).map_err(|_| error),
        };
    }
    match dialled {
        Ok(dialled) => {
            let is_known = |number: &PhoneNumber| number.phone_type() != PhoneNumberType::Unknown;
            let is_mobile = dialled.is_mobile() && digits.len() <= 10;
            // "4930 12345678" in Germany: with the country, or in the town of 04930?
            let behind_its_code = PhoneNumber::parse(&format!("+{digits}"))
                .filter(|other| other.country_code() == calling_code && is_known(other) && *other != dialled);
            match behind_its_code {
                Some(_) if is_known(&dialled) && !is_mobile => Err(PhoneError::Unclear),
                Some(other) if !is_known(&dialled) => Ok(other.e164().to_owned()),
                _ => Ok(dialled.e164().to_owned()),
            }
        }
        Err(error) if calling_code.to_string().starts_with('1') => {
            north_american(digits.strip_prefix('1').unwrap_or(&digits), error)
        }
        Err(error) => Err(error.into()),
    }
}

fn digits(text: &str) -> String {
    text.chars().filter(char::is_ascii_digit).collect()
}

/// Whether a text that follows a number is an extension: a word or sign for it, then only its digits.
fn is_extension(text: &str) -> bool {
    let text = text.to_lowercase();
    let marks = ["extension", "extn", "ext", ";ext", "x", "p", "w", "#", "*", ",", ";"];
    let ends_in_digits = |rest: &str| {
        let rest = rest.trim_start_matches(|c: char| " .:=-,".contains(c));
        rest.chars().all(|c| c.is_ascii_digit())
    };
    marks.iter().any(|mark| text.strip_prefix(mark).is_some_and(ends_in_digits))
}

/// Takes a number that the library refused for its area code, when it has the shape of all North American ones: the
/// library knows which codes were in use when it was made, and new ones come every year.
fn north_american(national: &str, refused: ParseError) -> Result<String, PhoneError> {
    let starts_right = |at: usize| national.as_bytes().get(at).is_some_and(|digit| (b'2'..=b'9').contains(digit));
    // A number behind a dialled 1 is refused for its length, as it was read with the 1 first.
    let may_be_new = matches!(refused, ParseError::InvalidAreaCode | ParseError::InvalidLength);
    if may_be_new && national.len() == 10 && starts_right(0) && starts_right(3) {
        Ok(format!("+1{national}"))
    } else {
        Err(refused.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn numbers_are_read_as_people_write_them() {
        let germany = Country::new("de");
        assert!(germany.is_some());
        for (text, country, sent) in [
            ("", None, Ok(None)),
            ("+1 555 555 0100", None, Ok(Some("+15555550100"))),
            ("030 123 456 78", germany, Ok(Some("+493012345678"))),
            ("0049 30 12345678", None, Ok(Some("+493012345678"))),
            ("030 12345678", None, Err(PhoneError::NoCountry)),
            ("+49 30 call me", None, Err(PhoneError::NotANumber)),
            ("+1", germany, Err(PhoneError::NotANumber)),
            ("+49 (0)30 / 123-456.78", None, Ok(Some("+493012345678"))),
            ("(0049) 30 12345678", germany, Ok(Some("+493012345678"))),
            // As a telephone's address book gives it.
            ("\u{202a}+49\u{a0}30\u{2011}12345678\u{202c}", None, Ok(Some("+493012345678"))),
            ("+999 1234567", germany, Err(PhoneError::UnknownCallingCode)),
            ("+49 30 12345678 12345678", germany, Err(PhoneError::WrongLength)),
            ("112", germany, Err(PhoneError::WrongLength)),
            ("+1 111 111 1111", None, Err(PhoneError::NotANumber)),
            ("1+555 555 0100", None, Err(PhoneError::NotANumber)),
        ] {
            assert_eq!(e164(text, country), sent.map(|sent: Option<&str>| sent.map(str::to_owned)), "{text}");
        }
    }

    #[test]
    fn each_country_dials_in_its_own_way() {
        for (code, text, sent) in [
            ("AU", "0011 44 20 7946 0101", "+442079460101"),
            ("AU", "00 44 20 7946 0101", "+442079460101"),
            ("AU", "(02) 5550 1234", "+61255501234"),
            ("US", "011 44 20 7946 0101", "+442079460101"),
            ("US", "(555) 555-0100", "+15555550100"),
            ("CA", "1 555 555 0100", "+15555550100"),
            ("DE", "001 555 555 0100", "+15555550100"),
            ("AG", "555 0101", "+12685550101"),
            ("IT", "06 1234 5678", "+390612345678"),
            ("IT", "393 331 2345", "+393933312345"),
            ("IN", "91123 45678", "+919112345678"),
            ("ES", "612 345 678", "+34612345678"),
            ("ES", "34 612 345 678", "+34612345678"),
            ("PT", "212 345 678", "+351212345678"),
            ("DK", "32 12 34 56", "+4532123456"),
            ("RU", "8 916 123-45-67", "+79161234567"),
            ("RU", "8 10 44 20 7946 0101", "+442079460101"),
            ("HU", "06 1 234 5678", "+3612345678"),
            ("JP", "010 44 20 7946 0101", "+442079460101"),
            ("BR", "0015 44 20 7946 0101", "+442079460101"),
            ("HK", "001 1 202 555 0101", "+12025550101"),
        ] {
            assert_eq!(e164(text, Country::new(code)), Ok(Some(sent.to_owned())), "{code} {text}");
        }
    }

    #[test]
    fn what_can_be_read_in_two_ways_is_asked_for_with_its_country() {
        for (code, text) in [
            ("DE", "4930 12345678"),
            ("IT", "39 333 123 4567"),
            ("SG", "001 55 5555 0101"),
            ("TH", "001 1 202 555 0101"),
        ] {
            assert_eq!(e164(text, Country::new(code)), Err(PhoneError::Unclear), "{code} {text}");
        }
        assert_eq!(e164("555 0101", Country::new("DO")), Err(PhoneError::WrongLength));
    }

    #[test]
    fn an_extension_is_refused_and_never_dropped() {
        for end in
            [" ext. 12", " Ext 12", "x12", " x 12", " extension: 12", ";ext=12", "#12", ",,12", " * 12", "w12", " x"]
        {
            for start in ["+49 30 12345678", "030 12345678", "0049 30 12345678"] {
                assert_eq!(
                    e164(&format!("{start}{end}"), Country::new("DE")),
                    Err(PhoneError::Extension),
                    "{start}{end}"
                );
            }
        }
    }

    #[test]
    fn a_country_is_two_letters() {
        for (code, is_one) in
            [("DE", true), (" de ", true), ("DEU", false), ("49", false), ("001", false), ("", false), ("ZZ", false)]
        {
            assert_eq!(Country::new(code).is_some(), is_one, "{code:?}");
        }
    }

    fn countries() -> impl Strategy<Value = Option<Country>> {
        prop::sample::select(phonelib::countries().iter().map(|country| Country::new(country.code)).collect::<Vec<_>>())
    }

    proptest! {
        #[test]
        fn what_is_sent_is_e164_and_reads_the_same_again(
            text in prop_oneof!["\\PC*", "(\\+|00|0|1|8|011)?[0-9]{1,4}[ 0-9()/.-]{0,16}(x[0-9]*)?"],
            country in countries(),
            other in countries(),
        ) {
            if let Ok(Some(sent)) = e164(&text, country) {
                let digits = sent.strip_prefix('+').unwrap_or_default();
                prop_assert!((7..=15).contains(&digits.len()) && digits.bytes().all(|c| c.is_ascii_digit()), "{}", sent);
                prop_assert_eq!(e164(&sent, other), Ok(Some(sent)));
            }
        }
    }
}
