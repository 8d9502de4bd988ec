//! A person at the real desk.

use std::ops::{Deref, DerefMut};
use std::thread;
use std::time::Duration;

use keydesk::keys::action::ACTIONS;
use keydesk::keys::key::Key;

use crate::support::driver::Driver;
use crate::support::pty::{DEADLINE, Ended, Launch, Pty, wait_until};

/// The key that every simulator accepts.
pub const KEY: &str = "seam_simulator_key";

/// Longer than Enter is ignored after something changed under the finger.
const A_MOMENT: Duration = Duration::from_millis(450);

/// How wide the pane of the users is.
const USERS: usize = 64;

pub struct Desk(Pty);

/// The first key of the action of this name, so that a flow never names a literal key.
fn key_of(action: &str) -> Option<Key> {
    let row = ACTIONS.iter().find(|row| row.words.name == action)?;
    // A key that works everywhere does so wherever the focus is.
    let everywhere = row.bindings.iter().find(|binding| binding.pane.is_none());
    everywhere.or(row.bindings.first())?.keys.first().copied()
}

impl Deref for Desk {
    type Target = Pty;

    fn deref(&self) -> &Pty {
        &self.0
    }
}

impl DerefMut for Desk {
    fn deref_mut(&mut self) -> &mut Pty {
        &mut self.0
    }
}

/// The desk of a hotel whose server has this address.
pub fn launch(url: &str) -> Launch {
    Launch::keydesk().env("SEAM_API_KEY", KEY).args(["--endpoint", url, "--encoder", "Front Desk"])
}

/// The demo, quick.
pub fn demo() -> Launch {
    Launch::keydesk().args(["demo", "--card-delay", "100", "--write-time", "100", "--sync-delay", "100"])
}

impl Desk {
    /// A desk of the hotel at this address, with all guests on the screen.
    pub fn at(url: &str) -> Self {
        Self::shown(launch(url))
    }

    pub fn shown(launch: Launch) -> Self {
        let mut desk = Self::unseen(launch);
        desk.see("Front Desk");
        desk.see_row("Álvarez, Lucía", "card ok");
        desk
    }

    /// A desk that may still be empty.
    pub fn unseen(launch: Launch) -> Self {
        Self(launch.start())
    }

    /// Does an action by its name.
    pub fn act(&mut self, action: &str) {
        self.key(key_of(action).unwrap_or_else(|| panic!("no key for the action {action:?}")));
    }

    /// Does an action that has no key.
    pub fn act_by_name(&mut self, name: &str) {
        self.act("All actions");
        self.see_title("All actions");
        self.type_text(name);
        self.see(name);
        self.enter();
        self.see_no_title("All actions");
    }

    /// Presses Enter as a person does: not in the moment in which something else appeared.
    pub fn enter(&mut self) {
        thread::sleep(A_MOMENT);
        self.press("Enter");
    }

    /// Puts the cursor on a guest, and waits until this group of the guest is shown.
    pub fn choose(&mut self, search: &str, row: &str, group: &str) {
        self.act("Go to users");
        self.act("Search");
        self.type_text(search);
        // Seen even where this guest was chosen before: a key that follows Esc too soon would be another key.
        let field = format!("/  {search}");
        self.see(&field);
        self.see(&format!("Credentials of {row}"));
        self.press("Tab");
        self.press("Esc");
        self.see_no(&field);
        self.see("Álvarez, Lucía");
        self.see(&format!("✓ {group}"));
    }

    /// Marks a group of the chosen guest in or out.
    pub fn stage(&mut self, group: &str, mark: &str) {
        self.act("Go to access groups");
        self.act("Search");
        self.type_text(group);
        self.see_no("Conference");
        self.press("Tab");
        self.act("Group in or out");
        self.see(mark);
        self.press("Esc");
        self.see("Conference");
    }

    /// Waits until a guest's row says this.
    pub fn see_row(&mut self, guest: &str, words: &str) {
        self.wait_until(&format!("{guest}: {words:?}"), &mut |screen| {
            row(screen, guest).is_some_and(|row| row.contains(words))
        });
    }

    /// Waits until the block of a card says that it is written.
    pub fn see_written(&mut self) {
        let is_written = |line: &str| line.contains("  WRITTEN  ") || line.contains("WRITTEN, BUT OPENS NOTHING");
        self.wait_until("the block WRITTEN", &mut |screen| screen.lines().any(is_written));
    }

    /// Waits until a dialog of this title is there.
    pub fn see_title(&mut self, title: &str) {
        self.see(&format!("┏ {title} ━"));
    }

    pub fn see_no_title(&mut self, title: &str) {
        self.see_no(&format!("┏ {title} ━"));
    }

    /// Waits until nothing is drawn any more.
    pub fn rest(&self) {
        wait_until("the desk rests", || {
            let before = self.bytes().len();
            thread::sleep(Duration::from_millis(700));
            self.bytes().len() == before
        });
    }

    /// Leaves, and everything is as it was before.
    pub fn leave(mut self) {
        self.act("Leave keydesk");
        assert_eq!(self.wait_for_end(DEADLINE), Ended::Code(0));
        self.assert_restored();
    }
}

fn row(screen: &str, guest: &str) -> Option<String> {
    let left = |line: &str| line.chars().take(USERS).collect::<String>();
    screen.lines().map(left).find(|line| line.contains(guest))
}
