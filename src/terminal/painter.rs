//! One frame, one write: a backend that collects what ratatui draws, and the painter that sends it off.

use std::io::{self, Write};

use crossterm::cursor::{Hide, MoveTo, Show};
use crossterm::queue;
use crossterm::style::Print;
use crossterm::terminal::{self, BeginSynchronizedUpdate, EndSynchronizedUpdate};
use ratatui::backend::{Backend, ClearType, CrosstermBackend, WindowSize};
use ratatui::buffer::Cell;
use ratatui::layout::{Position, Rect, Size};
use ratatui::{Frame, Terminal, TerminalOptions, Viewport};

use super::run::Screen;

/// Draws into any sink: one write for a frame that changes something, none for a frame that doesn't.
#[derive(Debug)]
pub struct Painter<W: Write> {
    terminal: Terminal<FrameBackend>,
    sink: W,
}

impl<W: Write> Painter<W> {
    /// A painter over a terminal of that size (columns, rows) that is blank and shows no cursor.
    ///
    /// # Errors
    /// None in practice: nothing is written yet.
    pub fn new(sink: W, (columns, rows): (u16, u16)) -> io::Result<Self> {
        let backend = FrameBackend { size: Size::new(columns, rows), ..FrameBackend::default() };
        let terminal = Terminal::with_options(backend, TerminalOptions { viewport: Viewport::Fullscreen })?;
        Ok(Self { terminal, sink })
    }

    /// The writer that the frames went to.
    pub fn sink(&self) -> &W {
        &self.sink
    }
}

impl<W: Write> Screen for Painter<W> {
    fn resize(&mut self, columns: u16, rows: u16) -> io::Result<()> {
        self.terminal.backend_mut().size = Size::new(columns, rows);
        // Not `clear()`, which wants to know where the cursor is: this blanks and redraws all without asking.
        self.terminal.resize(Rect::new(0, 0, columns, rows))
    }

    fn show(&mut self, bell: bool, view: &mut dyn FnMut(&mut Frame)) -> io::Result<()> {
        self.terminal.draw(|frame| view(frame))?;
        let frame = self.terminal.backend_mut().take_frame(bell)?;
        if frame.is_empty() { Ok(()) } else { self.sink.write_all(&frame) }
    }
}

/// Collects a frame. It never asks the terminal anything: an answer would come in between the keys.
#[derive(Debug, Default)]
struct FrameBackend {
    size: Size,
    clear: bool,
    cells: Vec<u8>,
    cursor: Option<Position>,
    cursor_visible: bool,
    /// Where the terminal shows its cursor, if it does.
    shown: Option<Position>,
}

impl FrameBackend {
    /// The bytes of the frame, ready for one write; none when it changes nothing.
    fn take_frame(&mut self, bell: bool) -> io::Result<Vec<u8>> {
        let cursor = self.cursor.filter(|_| self.cursor_visible);
        let mut frame = Vec::new();
        if !self.clear && self.cells.is_empty() && cursor == self.shown && !bell {
            return Ok(frame);
        }
        queue!(frame, BeginSynchronizedUpdate)?;
        if self.clear {
            queue!(frame, terminal::Clear(terminal::ClearType::All))?;
        }
        frame.append(&mut self.cells);
        match (self.shown, cursor) {
            (_, Some(Position { x, y })) => queue!(frame, MoveTo(x, y), Show)?,
            (Some(_), None) => queue!(frame, Hide)?,
            (None, None) => {}
        }
        if bell {
            queue!(frame, Print('\u{7}'))?;
        }
        queue!(frame, EndSynchronizedUpdate)?;
        self.clear = false;
        self.shown = cursor;
        Ok(frame)
    }
}

impl Backend for FrameBackend {
    type Error = io::Error;

    fn draw<'a, I>(&mut self, content: I) -> io::Result<()>
    where
        I: Iterator<Item = (u16, u16, &'a Cell)>,
    {
        // Asked for nothing, the inner backend would still write resets.
        let mut content = content.peekable();
        if content.peek().is_none() {
            return Ok(());
        }
        CrosstermBackend::new(&mut self.cells).draw(content)
    }

    fn hide_cursor(&mut self) -> io::Result<()> {
        self.cursor_visible = false;
        Ok(())
    }

    fn show_cursor(&mut self) -> io::Result<()> {
        self.cursor_visible = true;
        Ok(())
    }

    fn get_cursor_position(&mut self) -> io::Result<Position> {
        Ok(self.cursor.unwrap_or_default())
    }

    fn set_cursor_position<P: Into<Position>>(&mut self, position: P) -> io::Result<()> {
        self.cursor = Some(position.into());
        Ok(())
    }

    fn clear(&mut self) -> io::Result<()> {
        self.clear = true;
        self.cells.clear();
        Ok(())
    }

    fn clear_region(&mut self, _: ClearType) -> io::Result<()> {
        // A full screen is only ever cleared as a whole.
        self.clear()
    }

    fn size(&self) -> io::Result<Size> {
        Ok(self.size)
    }

    fn window_size(&mut self) -> io::Result<WindowSize> {
        Ok(WindowSize { columns_rows: self.size, pixels: Size::ZERO })
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Keeps each write apart.
    #[derive(Default)]
    struct Writes(Vec<Vec<u8>>);

    impl Write for Writes {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.push(bytes.to_vec());
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            panic!("a frame is one write; there is nothing to flush")
        }
    }

    fn painter() -> Painter<Writes> {
        Painter::new(Writes::default(), (20, 4)).unwrap()
    }

    /// Shows a frame and returns what was written for it.
    fn show(painter: &mut Painter<Writes>, text: &str, cursor: Option<(u16, u16)>, bell: bool) -> Vec<String> {
        painter
            .show(bell, &mut |frame| {
                frame.render_widget(text, frame.area());
                if let Some(position) = cursor {
                    frame.set_cursor_position(position);
                }
            })
            .unwrap();
        painter.sink.0.drain(..).map(|bytes| String::from_utf8(bytes).unwrap()).collect()
    }

    #[test]
    fn a_frame_with_a_cursor_is_one_write_in_a_synchronized_update() {
        let writes = show(&mut painter(), "hello", Some((3, 1)), true);
        let [frame] = writes.as_slice() else { panic!("{writes:?}") };
        assert!(frame.starts_with("\u{1b}[?2026h") && frame.ends_with("\u{7}\u{1b}[?2026l"), "{frame:?}");
        assert!(frame.contains("hello") && frame.contains("\u{1b}[2;4H\u{1b}[?25h"), "{frame:?}");
    }

    #[test]
    fn a_frame_that_changes_nothing_writes_nothing() {
        let mut painter = painter();
        for cursor in [None, Some((3, 1))] {
            assert_eq!(show(&mut painter, "hello", cursor, false).len(), 1);
            assert_eq!(show(&mut painter, "hello", cursor, false), [""; 0]);
        }
        assert_eq!(show(&mut painter, "hello", Some((4, 1)), false).len(), 1);
        assert_eq!(show(&mut painter, "hello", None, false), ["\u{1b}[?2026h\u{1b}[?25l\u{1b}[?2026l"]);
        assert_eq!(show(&mut painter, "hello", None, true), ["\u{1b}[?2026h\u{7}\u{1b}[?2026l"]);
    }

    #[test]
    fn a_new_size_redraws_all_in_one_write_and_asks_nothing() {
        let mut painter = painter();
        show(&mut painter, "hello", None, false);
        for size in [(10, 4), (30, 4), (20, 4)] {
            painter.resize(size.0, size.1).unwrap();
        }
        let writes = show(&mut painter, "hello", None, false);
        let [frame] = writes.as_slice() else { panic!("{writes:?}") };
        assert!(frame.starts_with("\u{1b}[?2026h\u{1b}[2J") && frame.contains("hello"), "{frame:?}");
        assert!(!frame.contains("[6n"), "{frame:?}");
    }

    #[test]
    fn any_size_can_be_drawn() {
        let mut painter = painter();
        for columns in 1..12 {
            for rows in 1..4 {
                painter.resize(columns, rows).unwrap();
                show(&mut painter, "wide 漢字 text", Some((50, 50)), false);
            }
        }
    }
}
