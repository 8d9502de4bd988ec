//! The text of a file, however an editor saved it: UTF-8 with or without a mark, UTF-16 with one.

use super::problem::SettingFault;

/// Why the bytes of a file are no text that can be read for certain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum EncodingError {
    /// UTF-16, but with half a character in it or without its mark.
    Utf16,
    /// Some older encoding, such as Latin-1; the first line that shows it, from 1 on.
    NotUtf8(usize),
}

/// Reads the bytes of a file as text. The mark at its begin is left out.
pub(super) fn decode(bytes: &[u8]) -> Result<String, EncodingError> {
    let utf16 = |bytes: &[u8], unit: fn([u8; 2]) -> u16| {
        let (pairs, rest) = bytes.as_chunks::<2>();
        let units: Vec<u16> = pairs.iter().map(|pair| unit(*pair)).collect();
        String::from_utf16(&units).ok().filter(|_| rest.is_empty()).ok_or(EncodingError::Utf16)
    };
    match bytes {
        [0xff, 0xfe, rest @ ..] => utf16(rest, u16::from_le_bytes),
        [0xfe, 0xff, rest @ ..] => utf16(rest, u16::from_be_bytes),
        [0xef, 0xbb, 0xbf, rest @ ..] => utf8(rest),
        // No text holds this; of Latin letters in UTF-16 it is every other byte.
        bytes if bytes.contains(&0) => Err(EncodingError::Utf16),
        bytes => utf8(bytes),
    }
}

fn utf8(bytes: &[u8]) -> Result<String, EncodingError> {
    let text = std::str::from_utf8(bytes).map_err(|error| {
        let before = &bytes[..error.valid_up_to()];
        EncodingError::NotUtf8(memchr::memchr_iter(b'\n', before).count() + 1)
    })?;
    Ok(text.to_owned())
}

/// What is wrong with the encoding of a file, after the words that name it.
pub(super) fn fault(names: &str, error: EncodingError) -> SettingFault {
    let what = match error {
        EncodingError::Utf16 => format!("{names} seems to be saved as UTF-16, and not whole"),
        EncodingError::NotUtf8(line) => format!("{names} is not saved as UTF-8 (line {line} shows it)"),
    };
    SettingFault::new(what, "Open it in an editor and save it as UTF-8.")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_the_same_in_each_encoding_that_is_certain() {
        let text = "[desk]\r\noperator = 'José 雪 𝄞'\r\n";
        let le: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let be: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
        for bytes in [
            text.as_bytes().to_vec(),
            [b"\xef\xbb\xbf", text.as_bytes()].concat(),
            [b"\xff\xfe", &le[..]].concat(),
            [b"\xfe\xff", &be[..]].concat(),
        ] {
            assert_eq!(decode(&bytes).as_deref(), Ok(text));
        }
        assert_eq!(decode(b"").as_deref(), Ok(""));
    }

    #[test]
    fn what_is_not_certain_is_not_read() {
        assert_eq!(decode(b"a\nb = 'Jos\xe9'\n"), Err(EncodingError::NotUtf8(2)));
        assert_eq!(decode(b"\xef\xbb\xbfJos\xe9"), Err(EncodingError::NotUtf8(1)));
        assert_eq!(decode(b"s\0e\0a\0m\0"), Err(EncodingError::Utf16));
        assert_eq!(decode(b"\xff\xfes\0e"), Err(EncodingError::Utf16));
        assert_eq!(decode(b"\xff\xfe\x00\xd8"), Err(EncodingError::Utf16));
    }
}
