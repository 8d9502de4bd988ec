//! A person at the desk: presses and looks. The same flow runs against the model and against the real binary.

use keydesk::keys::key::Key;

/// One way to work with a desk, wherever it runs.
pub trait Driver {
    /// Presses a key.
    fn key(&mut self, key: Key);

    /// Pastes a text.
    fn paste(&mut self, text: &str);

    /// Gives the window another size.
    fn resize(&mut self, columns: u16, rows: u16);

    /// Waits until the screen fulfils `wanted`; fails with the screen and the name of what was wanted.
    fn wait_until(&mut self, what: &str, wanted: &mut dyn FnMut(&str) -> bool);

    /// The screen as lines of text, once all that is certain has been drawn.
    fn screen_text(&mut self) -> String;

    /// Presses a key by its name: `Up`, `Ctrl-S`, `F2`, `c`.
    fn press(&mut self, name: &str) {
        self.key(name.parse().unwrap_or_else(|error| panic!("{error}")));
    }

    /// Does what the row of the dialog says that stands at this place, counted from 0.
    fn do_row(&mut self, row: usize) {
        self.press("Home");
        for _ in 0..row {
            self.press("Down");
        }
        self.press("Enter");
    }

    /// Types a text, key by key.
    fn type_text(&mut self, text: &str) {
        for c in text.chars() {
            self.key(Key::char(c));
        }
    }

    /// Waits until these words are on the screen.
    fn see(&mut self, words: &str) {
        self.wait_until(&format!("{words:?}"), &mut |screen| screen.contains(words));
    }

    /// Waits until these words are gone from the screen.
    fn see_no(&mut self, words: &str) {
        self.wait_until(&format!("no {words:?}"), &mut |screen| !screen.contains(words));
    }
}
