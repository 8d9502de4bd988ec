//! Phone numbers: typed as people write them, sent as E.164.

use phonenumber::country::Id;

/// What is wrong with a phone number that was typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PhoneError {
    /// It starts without `+` and no default country is set.
    NoCountry,
    /// It is no number that can be called.
    NotANumber,
}

/// A country that numbers without `+` belong to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Country(Id);

impl Country {
    /// Takes an ISO 3166 code of two letters.
    #[must_use]
    pub fn new(code: &str) -> Option<Self> {
        code.trim().to_uppercase().parse().ok().map(Self)
    }
}

/// Reads a phone number and gives it as E.164; nothing typed is `None`.
///
/// # Errors
/// What is wrong with it.
pub fn e164(text: &str, country: Option<Country>) -> Result<Option<String>, PhoneError> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(None);
    }
    // The parser would read letters as the keys of an old phone.
    if text.chars().any(char::is_alphabetic) {
        return Err(PhoneError::NotANumber);
    }
    let text = text.strip_prefix("00").map_or_else(|| text.to_owned(), |rest| format!("+{rest}"));
    if !text.starts_with('+') && country.is_none() {
        return Err(PhoneError::NoCountry);
    }
    let number = phonenumber::parse(country.map(|country| country.0), &text).map_err(|_| PhoneError::NotANumber)?;
    // Lengths of E.164: the guide's own sample number is of a fictional range, so no plan of numbers is asked.
    let written = number.format().mode(phonenumber::Mode::E164).to_string();
    if (8..=16).contains(&written.len()) { Ok(Some(written)) } else { Err(PhoneError::NotANumber) }
}

#[cfg(test)]
mod tests {
    use super::*;

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
        ] {
            assert_eq!(e164(text, country), sent.map(|sent: Option<&str>| sent.map(str::to_owned)), "{text}");
        }
    }
}
