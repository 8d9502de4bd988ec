//! E-mail addresses: what a person mistypes is told before the server refuses it.

/// Whether a text can be one e-mail address: a mailbox, one `@` and a host with at least two parts. Letters of all
/// scripts may stand in both; blanks, commas and quotation marks in neither.
pub fn is_email(text: &str) -> bool {
    let Some((mailbox, host)) = text.split_once('@') else { return false };
    let of_mailbox = |c: char| c.is_alphanumeric() || "!#$%&'*+-/=?^_`{|}~’".contains(c);
    let of_host = |c: char| c.is_alphanumeric() || c == '-';
    // Between two dots, and at the begin and the end, stands something.
    let parts_are = |text: &str, fits: &dyn Fn(char) -> bool| {
        text.split('.').all(|part| !part.is_empty() && part.chars().all(|c| fits(c) || is_mark(c)))
    };
    let last = host.rsplit('.').next().unwrap_or_default();
    text.len() <= 254
        && mailbox.len() <= 64
        && parts_are(mailbox, &of_mailbox)
        && host.contains('.')
        && parts_are(host, &of_host)
        && host.split('.').all(|part| part.len() <= 63 && !part.starts_with('-') && !part.ends_with('-'))
        && last.chars().count() > 1
        && !last.chars().all(|c| c.is_ascii_digit())
}

// An accent that is a character of its own, and the vowel signs of some scripts.
fn is_mark(c: char) -> bool {
    unicode_normalization::char::is_combining_mark(c)
}

#[cfg(test)]
mod tests {
    use super::is_email;
    use proptest::prelude::*;

    #[test]
    fn real_addresses_pass() {
        for address in [
            "jane@example.com",
            "jane.doe+desk@mail.example.co.uk",
            "o'doe@example.ie",
            "j_d-1@ex-ample.museum",
            "jörg@müller.de",
            "jo\u{308}rg@mu\u{308}ller.de",
            "jane@xn--mller-kva.de",
            "雪@例え.jp",
            "उदाहरण@डाटामेल.भारत",
            "1@2.info",
            "jane@example.photography",
        ] {
            assert!(is_email(address), "{address}");
        }
    }

    #[test]
    fn slips_do_not() {
        for address in [
            "",
            "jane",
            "jane@",
            "@example.com",
            "jane@@example.com",
            "a@@b",
            "a@b@c.de",
            "a..b@c.de",
            ".a@c.de",
            "a.@c.de",
            "x@.com",
            "x@y..com",
            "jane@example.com.",
            "jane@example",
            "jane@example.c",
            "jane@10.0.0.1",
            "jane@-x.com",
            "jane@x-.com",
            "jane doe@example.com",
            "jane@exam ple.com",
            "jane@example.com, john@example.com",
            "jane@example.com;john@example.com",
            "jane@example.com john@example.com",
            "<jane@example.com>",
            "\"jane\"@example.com",
            "mailto:jane@example.com",
            "jane@exa_mple.com",
        ] {
            assert!(!is_email(address), "{address}");
        }
        assert!(!is_email(&format!("{}@example.com", "x".repeat(65))));
        assert!(!is_email(&format!("x@{}.com", "y".repeat(64))));
    }

    proptest! {
        #[test]
        fn a_second_at_a_blank_or_a_double_dot_is_never_let_through(
            address in "[a-z]{1,8}@[a-z]{1,8}\\.[a-z]{2,6}", at in 0_usize..20, slip in "@|,|;| |\\.\\.|\t"
        ) {
            prop_assert!(is_email(&address));
            let at = at.min(address.len());
            let wrong = format!("{}{slip}{}", &address[..at], &address[at..]);
            prop_assert!(!is_email(&wrong), "{}", wrong);
        }
    }
}
