//! A terminal's screen that shows a synchronized update as a whole, as a real terminal does.

/// Begins and ends a synchronized update.
pub const BEGIN: &[u8] = b"\x1b[?2026h";
pub const END: &[u8] = b"\x1b[?2026l";

/// What the program wrote so far, and the screen that it makes.
pub struct Emulator {
    parser: vt100::Parser,
    log: Vec<u8>,
    /// How much of the log is on the screen.
    shown: usize,
    bells: usize,
}

impl Emulator {
    pub fn new(columns: u16, rows: u16) -> Self {
        let parser = vt100::Parser::new(size(rows), size(columns), 0);
        Self { parser, log: Vec::new(), shown: 0, bells: 0 }
    }

    pub fn resize(&mut self, columns: u16, rows: u16) {
        self.parser.set_size(size(rows), size(columns));
    }

    /// Takes bytes as they come; an update that has begun shows when it has ended.
    pub fn take(&mut self, bytes: &[u8]) {
        self.log.extend_from_slice(bytes);
        loop {
            let open = &self.log[self.shown..];
            let show = match find(open, BEGIN) {
                Some(0) => match find(open, END) {
                    Some(end) => end + END.len(),
                    None => return,
                },
                Some(begin) => begin,
                // A mark may be torn at the end.
                None => open.len() - (1..BEGIN.len()).rev().find(|&n| open.ends_with(&BEGIN[..n])).unwrap_or(0),
            };
            if show == 0 {
                return;
            }
            let visible = &self.log[self.shown..self.shown + show];
            self.bells += visible.split(|&byte| byte == 7).count() - 1;
            self.parser.process(visible);
            self.shown += show;
        }
    }

    pub fn screen(&self) -> &vt100::Screen {
        self.parser.screen()
    }

    /// Everything that was written, byte for byte.
    pub fn log(&self) -> &[u8] {
        &self.log
    }

    /// How much of it is on the screen.
    pub fn shown(&self) -> usize {
        self.shown
    }

    /// How often the bell rang.
    pub fn bells(&self) -> usize {
        self.bells
    }
}

/// Splits what was written into its frames; fails when anything stands outside of a synchronized update.
pub fn frames(mut bytes: &[u8]) -> Vec<&[u8]> {
    let mut frames = Vec::new();
    while !bytes.is_empty() {
        assert!(bytes.starts_with(BEGIN), "outside of a frame: {:?}", String::from_utf8_lossy(bytes));
        let end = find(bytes, END).expect("the last frame has ended") + END.len();
        frames.push(&bytes[..end]);
        bytes = &bytes[end..];
    }
    frames
}

pub fn find(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    bytes.windows(wanted.len()).position(|window| window == wanted)
}

fn size(length: u16) -> std::num::NonZeroU16 {
    std::num::NonZeroU16::new(length).expect("a screen has a size")
}
