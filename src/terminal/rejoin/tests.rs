use super::*;
use crate::terminal::input::HOLD;
use proptest::prelude::*;

/// Sequences as terminals send them after the Esc, with the key that they stand for.
fn known() -> Vec<(String, Key)> {
    let mut known = Vec::new();
    let letters = [
        ('A', KeyCode::Up),
        ('B', KeyCode::Down),
        ('C', KeyCode::Right),
        ('D', KeyCode::Left),
        ('H', KeyCode::Home),
        ('F', KeyCode::End),
        ('P', KeyCode::F(1)),
        ('Q', KeyCode::F(2)),
        ('S', KeyCode::F(4)),
    ];
    for (letter, code) in letters {
        known.push((format!("[{letter}"), Key::plain(code)));
        known.push((format!("O{letter}"), Key::plain(code)));
        for held in 2..=8 {
            known.push((format!("[1;{held}{letter}"), with(code, held)));
        }
    }
    let numbers = [
        (1, KeyCode::Home),
        (2, KeyCode::Insert),
        (3, KeyCode::Delete),
        (4, KeyCode::End),
        (5, KeyCode::PageUp),
        (6, KeyCode::PageDown),
        (15, KeyCode::F(5)),
        (17, KeyCode::F(6)),
        (21, KeyCode::F(10)),
        (24, KeyCode::F(12)),
        (34, KeyCode::F(17)),
    ];
    for (number, code) in numbers {
        known.push((format!("[{number}~"), Key::plain(code)));
        known.push((format!("[{number};5~"), with(code, 5)));
    }
    known.push(("[Z".into(), Key::plain(KeyCode::BackTab)));
    known.push(("[[C".into(), Key::plain(KeyCode::F(3))));
    known
}

fn with(code: KeyCode, held: u8) -> Key {
    let bits = held - 1;
    Key { code, shift: bits & 1 != 0, alt: bits & 2 != 0, ctrl: bits & 4 != 0 }
}

fn esc() -> Input {
    Input::Key(Key::plain(KeyCode::Esc))
}

fn typed(c: char) -> Input {
    Input::Key(Key::char(c))
}

fn drain(rejoin: &mut Rejoin) -> Vec<Input> {
    std::iter::from_fn(|| rejoin.pop()).collect()
}

/// What comes out when each input comes that many milliseconds after the one before it, and then nothing.
fn replay(inputs: impl IntoIterator<Item = (u64, Input)>) -> Vec<Input> {
    let mut rejoin = Rejoin::new(HOLD);
    let mut at = Instant::now();
    for (after, input) in inputs {
        at += Duration::from_millis(after);
        rejoin.push(at, input);
    }
    while let Some(deadline) = rejoin.deadline() {
        rejoin.expire(deadline);
    }
    drain(&mut rejoin)
}

fn torn(text: &str, gap: u64) -> Vec<(u64, Input)> {
    std::iter::once((gap, esc())).chain(text.chars().map(|c| (gap, typed(c)))).collect()
}

#[test]
fn every_known_sequence_is_put_together_again() {
    for (text, key) in known() {
        assert_eq!(replay(torn(&text, 49)), [Input::Key(key)], "Esc {text}");
    }
}

#[test]
fn an_esc_alone_is_held_and_then_comes_once() {
    let mut rejoin = Rejoin::new(HOLD);
    let at = Instant::now();
    rejoin.push(at, esc());
    rejoin.expire(at + HOLD.mul_f32(0.99));
    assert_eq!(drain(&mut rejoin), []);
    rejoin.expire(at + HOLD);
    assert_eq!(drain(&mut rejoin), [esc()]);
    assert_eq!(rejoin.deadline(), None);
}

#[test]
fn an_esc_that_starts_no_sequence_comes_before_what_follows() {
    assert_eq!(replay([(0, esc()), (1, typed('q'))]), [esc(), typed('q')]);
    assert_eq!(replay([(0, esc()), (1, esc())]), [esc(), esc()]);
    assert_eq!(replay([(0, esc()), (1, typed('O')), (1, typed('k'))]), [esc(), typed('O'), typed('k')]);
    let up = Input::Key(Key::plain(KeyCode::Up));
    assert_eq!(replay([(0, esc()), (1, up.clone())]), [esc(), up]);
}

#[test]
fn what_comes_too_late_was_typed() {
    assert_eq!(replay([(0, esc()), (50, typed('[')), (1, typed('A'))]), [esc(), typed('['), typed('A')]);
    assert_eq!(replay([(0, esc()), (1, typed('[')), (50, typed('A'))]), [esc(), typed('['), typed('A')]);
}

#[test]
fn a_resize_in_the_middle_of_a_sequence_disturbs_nothing() {
    let inputs = [(0, esc()), (1, Input::Resize(80, 24)), (1, typed('[')), (1, typed('A'))];
    assert_eq!(replay(inputs), [Input::Resize(80, 24), Input::Key(Key::plain(KeyCode::Up))]);
}

#[test]
fn a_sequence_that_means_nothing_here_is_swallowed_whole() {
    assert_eq!(replay(torn("[99~", 1)), []);
    assert_eq!(replay(torn("[?62;4c", 1)), []);
}

#[test]
fn a_paste_without_its_head_is_never_read_as_enter() {
    let enter = || Input::Key(Key::plain(KeyCode::Enter));
    let mut inputs = torn("[200~Jane", 1);
    inputs.push((1, enter()));
    inputs.push((1, typed('x')));
    // Once with the end mark torn like the start, once with the end mark lost.
    let unmarked = replay(inputs.clone());
    inputs.extend(torn("[201~", 1));
    inputs.push((1, enter()));
    assert_eq!(unmarked, [Input::Paste("Jane x".into())]);
    assert_eq!(replay(inputs), [Input::Paste("Jane x".into()), enter()]);
}

#[test]
fn a_key_that_is_no_text_ends_a_collected_paste() {
    let mut inputs = torn("[200~ab", 1);
    inputs.push((1, Input::Key(Key::ctrl('s'))));
    assert_eq!(replay(inputs), [Input::Paste("ab".into()), Input::Key(Key::ctrl('s'))]);
}

#[test]
fn text_behind_a_forged_end_mark_stays_in_the_paste() {
    let enter = Input::Key(Key::plain(KeyCode::Enter));
    let inputs = [(0, Input::Paste("a".into())), (0, typed('q')), (0, enter.clone()), (500, enter.clone())];
    assert_eq!(replay(inputs), [Input::Paste("aq ".into()), enter]);
}

#[test]
fn an_endless_paste_is_cut() {
    let pieces = (0..3).map(|_| (1, Input::Paste("x".repeat(PASTE_LIMIT))));
    assert_eq!(replay(pieces), [Input::Paste("x".repeat(PASTE_LIMIT))]);
}

fn ordinary() -> impl Strategy<Value = Input> {
    prop_oneof![
        any::<char>().prop_filter("typed", |c| !c.is_control()).prop_map(typed),
        prop_oneof![Just('['), Just('O'), Just('A'), Just('~'), Just('1')].prop_map(typed),
        prop::sample::select(known()).prop_map(|(_, key)| Input::Key(key)),
        (0..26u8).prop_map(|n| Input::Key(Key::ctrl(char::from(b'a' + n)))),
        (1..300u16, 1..100u16).prop_map(|(columns, rows)| Input::Resize(columns, rows)),
    ]
}

proptest! {
    /// Whole and torn sequences among ordinary typing come out as if none had been torn.
    #[test]
    fn a_torn_line_gives_the_same_keys(
        steps in prop::collection::vec((ordinary(), prop::option::of(prop::sample::select(known()))), 0..20),
        gaps in prop::collection::vec(0..50u64, 200),
    ) {
        let mut gaps = gaps.into_iter().cycle();
        let (mut sent, mut meant) = (Vec::new(), Vec::new());
        for (input, sequence) in steps {
            meant.push(input.clone());
            sent.push((gaps.next().unwrap_or(0), input));
            if let Some((text, key)) = sequence {
                meant.push(Input::Key(key));
                sent.extend(torn(&text, 0).into_iter().map(|(_, input)| (gaps.next().unwrap_or(0), input)));
            }
        }
        prop_assert_eq!(replay(sent), meant);
    }

    /// Without an Esc nothing is ever held back.
    #[test]
    fn ordinary_typing_passes_at_once(inputs in prop::collection::vec((0..200u64, ordinary()), 0..40)) {
        let mut rejoin = Rejoin::new(HOLD);
        let mut at = Instant::now();
        for (after, input) in inputs {
            at += Duration::from_millis(after);
            rejoin.push(at, input.clone());
            prop_assert_eq!(rejoin.pop(), Some(input));
            prop_assert_eq!(rejoin.deadline(), None);
        }
    }

    /// Whatever comes and whenever: nothing is held for ever, and what was typed is there, in order.
    #[test]
    fn nothing_typed_is_lost(inputs in prop::collection::vec((0..80u64, prop_oneof![Just(esc()), "[a-zN]".prop_map(|s| typed(s.chars().next().unwrap_or('a')))]), 0..40)) {
        let sent: Vec<_> = inputs.iter().map(|(_, input)| input.clone()).collect();
        prop_assert_eq!(replay(inputs), sent);
    }
}

#[test]
fn a_late_answer_of_the_terminal_is_nobodys_typing() {
    let alt = |c| Input::Key(Key::alt(c));
    let typed = |text: &str| text.chars().map(|c| Input::Key(Key::char(c))).collect::<Vec<_>>();
    let bell = Input::Key(Key::ctrl('g'));
    let esc = Input::Key(Key::plain(KeyCode::Esc));
    let begins = [vec![alt(']')], vec![alt('P')], vec![alt('_')], [vec![esc.clone()], typed("]")].concat()];
    let ends = [vec![bell], vec![alt('\\')], [vec![esc], typed("\\")].concat()];
    for begin in &begins {
        for end in &ends {
            let mut rejoin = Rejoin::new(HOLD);
            let start = Instant::now();
            let inputs = [begin.clone(), typed("11;rgb:1e1e/1e1e/2e2e"), end.clone(), typed("Doe")].concat();
            for (place, input) in (0..).zip(inputs) {
                rejoin.push(start + Duration::from_micros(place), input);
            }
            rejoin.finish();
            let out: Vec<Input> = std::iter::from_fn(|| rejoin.pop()).collect();
            assert_eq!(out, typed("Doe"), "{begin:?} {end:?}");
        }
    }
}

#[test]
fn what_is_typed_after_an_answer_without_an_end_counts() {
    let mut rejoin = Rejoin::new(HOLD);
    let start = Instant::now();
    rejoin.push(start, Input::Key(Key::alt(']')));
    rejoin.push(start, Input::Key(Key::char('1')));
    rejoin.push(start + Duration::from_millis(60), Input::Key(Key::char('D')));
    assert_eq!((rejoin.pop(), rejoin.pop()), (Some(Input::Key(Key::char('D'))), None));
}
