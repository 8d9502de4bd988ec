//! A list that scrolls: where its window starts, kept so that the cursor is always in it.

#![allow(missing_docs, reason = "a doc stands only where the name does not say all")]

/// Which rows of a list are in sight.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Window {
    /// The first row that is shown.
    pub top: usize,
}

impl Window {
    /// Moves the window so that the cursor stands in it and no room is wasted.
    pub fn follow(&mut self, cursor: usize, len: usize, height: usize) {
        if height == 0 {
            return;
        }
        if cursor < self.top {
            self.top = cursor;
        } else if cursor >= self.top + height {
            self.top = cursor + 1 - height;
        }
        self.top = self.top.min(len.saturating_sub(height));
    }
}

/// A movement in a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Move {
    Up,
    Down,
    PageUp,
    PageDown,
    /// To the first row.
    Home,
    /// To the last row.
    End,
}

impl Move {
    /// The row that a movement leads to.
    pub fn apply(self, cursor: usize, len: usize, height: usize) -> usize {
        let last = len.saturating_sub(1);
        let page = height.saturating_sub(1).max(1);
        match self {
            Self::Up => cursor.saturating_sub(1),
            Self::Down => cursor + 1,
            Self::PageUp => cursor.saturating_sub(page),
            Self::PageDown => cursor + page,
            Self::Home => 0,
            Self::End => last,
        }
        .min(last)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn the_cursor_is_always_in_the_window(
            moves in prop::collection::vec(0u8..6, 0..40), len in 0usize..50, height in 1usize..12
        ) {
            let (mut window, mut cursor) = (Window::default(), 0);
            for step in moves {
                let step = [Move::Up, Move::Down, Move::PageUp, Move::PageDown, Move::Home, Move::End][step as usize];
                cursor = step.apply(cursor, len, height);
                window.follow(cursor, len, height);
                prop_assert!(cursor < len.max(1));
                prop_assert!(window.top <= cursor && cursor < window.top + height);
                prop_assert!(window.top + height <= len.max(height));
            }
        }
    }
}
