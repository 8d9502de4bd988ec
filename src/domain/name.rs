//! Names as a reception says them: family name first, where the name allows.

use super::search_form::search_form;

const PARTICLES: [&str; 30] = [
    "af", "al", "ap", "av", "bin", "ben", "da", "dal", "de", "degli", "dei", "del", "della", "den", "der", "di", "do",
    "dos", "du", "el", "ibn", "la", "le", "ten", "ter", "van", "vom", "von", "zu", "zur",
];
const SUFFIXES: [&str; 8] = ["jr", "jr.", "sr", "sr.", "ii", "iii", "iv", "phd"];

/// "Jane Doe" becomes "Doe, Jane"; "Ludwig van Beethoven" "van Beethoven, Ludwig". A name of one word, one that
/// has a comma already, and one in a script that puts the family name first anyway stay as they are.
pub fn reception_name(full_name: &str) -> String {
    if full_name.contains(',') || full_name.chars().any(is_east_asian) {
        return full_name.to_owned();
    }
    let words: Vec<&str> = full_name.split_whitespace().collect();
    let mut end = words.len();
    while end > 1 && is_suffix(words[end - 1], end) {
        end -= 1;
    }
    if end < 2 {
        return full_name.to_owned();
    }
    let mut family = end - 1;
    while family > 1 && PARTICLES.contains(&words[family - 1].to_lowercase().as_str()) {
        family -= 1;
    }
    let given = words[..family].join(" ");
    let mut name = format!("{}, {given}", words[family..end].join(" "));
    for suffix in &words[end..] {
        name.push(' ');
        name.push_str(suffix);
    }
    name
}

// What stands behind a whole name: "Jr.", or the number of a companion, "(2)".
fn is_suffix(word: &str, words: usize) -> bool {
    let is_number = word.starts_with('(') && word.ends_with(')');
    is_number || words > 2 && SUFFIXES.contains(&word.to_lowercase().as_str())
}

// Kana, Han and Hangul.
fn is_east_asian(c: char) -> bool {
    matches!(c, '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{9fff}' | '\u{ac00}'..='\u{d7a3}' | '\u{20000}'..='\u{3ffff}')
}

/// The key that a list of names is sorted by: folded, with a small particle left in place ("van Beethoven" under v).
pub fn sort_key(reception_name: &str) -> String {
    search_form(reception_name).chars().filter(|c| *c != '\'' && *c != '-').collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_family_name_comes_first_where_the_name_allows() {
        for (full, said) in [
            ("Jane Doe", "Doe, Jane"),
            ("Ludwig van Beethoven", "van Beethoven, Ludwig"),
            ("Maria de la Cruz", "de la Cruz, Maria"),
            ("Martin King Jr.", "King, Martin Jr."),
            ("Sinéad O'Doe", "O'Doe, Sinéad"),
            ("Jane Doe (2)", "Doe, Jane (2)"),
            ("Cher (2)", "Cher (2)"),
            ("Cher", "Cher"),
            ("Doe, Jane", "Doe, Jane"),
            ("De Niro", "Niro, De"),
            ("佐藤雪", "佐藤雪"),
            ("佐藤 雪", "佐藤 雪"),
            ("김 민준", "김 민준"),
            ("", ""),
        ] {
            assert_eq!(reception_name(full), said);
        }
    }

    #[test]
    fn a_quote_or_a_hyphen_does_not_tear_a_list_apart() {
        assert_eq!(sort_key("O'Doe, Sinéad"), "odoe, sinead");
    }
}
