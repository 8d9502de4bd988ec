//! Roles instead of colours, and the glyphs with their ASCII stand-ins.

use ratatui::style::{Color, Modifier, Style};

/// How many colours the terminal is trusted with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Colors {
    /// None: `NO_COLOR` is set, or the terminal has none.
    None,
    /// The eight colours that every terminal has.
    Eight,
    /// Sixteen colours, as the terminal defines them.
    Sixteen,
    /// The terminal's own sixteen, and greys between them for what lies behind text.
    Many,
}

const DEEP_BLUE: Color = Color::Indexed(24);
const GREY: Color = Color::Indexed(238);

/// What a style is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Text without any meaning of its own.
    Plain,
    /// What has the focus or is moving.
    Accent,
    /// What is well, or done.
    Good,
    /// What needs a person soon.
    Warning,
    /// What is wrong: nothing goes on without a person.
    Bad,
    /// What matters less than the rest.
    Dim,
    /// What stands out without being a state.
    Strong,
}

/// The look of the desk: colours and glyphs.
#[derive(Clone, Copy, Debug)]
pub struct Theme {
    /// Colours that may be used.
    pub colors: Colors,
    /// Whether only ASCII may be drawn.
    pub ascii: bool,
}

impl Theme {
    /// The style of a role. The background is left to the terminal.
    pub fn style(self, role: Role) -> Style {
        let style = Style::new();
        if self.colors == Colors::None {
            return match role {
                Role::Plain | Role::Good => style,
                Role::Dim => style.add_modifier(Modifier::DIM),
                Role::Bad => style.add_modifier(Modifier::BOLD | Modifier::UNDERLINED),
                Role::Accent | Role::Warning | Role::Strong => style.add_modifier(Modifier::BOLD),
            };
        }
        match role {
            Role::Plain => style,
            Role::Accent => style.fg(Color::Cyan),
            Role::Good => style.fg(Color::Green),
            Role::Warning => style.fg(Color::Yellow),
            Role::Bad => style.fg(Color::Red),
            Role::Dim if self.colors == Colors::Eight => style,
            Role::Dim => style.fg(Color::DarkGray),
            Role::Strong => style.add_modifier(Modifier::BOLD),
        }
    }

    /// The style of a role, in bold.
    pub fn bold(self, role: Role) -> Style {
        self.style(role).add_modifier(Modifier::BOLD)
    }

    /// A block of colour that is read from two metres: the text on the role's colour.
    pub fn block(self, role: Role) -> Style {
        if self.colors == Colors::None {
            return Style::new().add_modifier(Modifier::REVERSED);
        }
        match role {
            Role::Good => Style::new().fg(Color::Black).bg(Color::Green),
            Role::Warning => Style::new().fg(Color::Black).bg(Color::Yellow),
            Role::Bad => Style::new().fg(self.white()).bg(Color::Red),
            Role::Accent => Style::new().fg(Color::Black).bg(Color::Cyan),
            Role::Plain | Role::Dim | Role::Strong => self.key(),
        }
    }

    /// The row under the cursor, in the pane that has the focus and in the others.
    pub fn highlight(self, focused: bool) -> Style {
        match (self.colors, focused) {
            (Colors::None, true) => Style::new().add_modifier(Modifier::REVERSED | Modifier::BOLD),
            (Colors::None, false) => Style::new().add_modifier(Modifier::UNDERLINED),
            (Colors::Many, true) => Style::new().fg(Color::White).bg(DEEP_BLUE).add_modifier(Modifier::BOLD),
            (_, true) => Style::new().fg(self.white()).bg(Color::Blue).add_modifier(Modifier::BOLD),
            (Colors::Eight, false) => Style::new().fg(Color::Black).bg(Color::White),
            (Colors::Sixteen, false) => Style::new().fg(Color::White).bg(Color::DarkGray),
            (Colors::Many, false) => Style::new().fg(Color::White).bg(GREY),
        }
    }

    /// A field that can be typed into, with and without the focus.
    pub fn field(self, focused: bool) -> Style {
        match (self.colors, focused) {
            (Colors::None, _) => Style::new().add_modifier(Modifier::UNDERLINED),
            (Colors::Many, true) => Style::new().fg(Color::White).bg(DEEP_BLUE),
            (_, true) => Style::new().fg(self.white()).bg(Color::Blue),
            (Colors::Eight, false) => Style::new().fg(Color::Black).bg(Color::White),
            (Colors::Sixteen, false) => Style::new().fg(Color::White).bg(Color::DarkGray),
            (Colors::Many, false) => Style::new().fg(Color::White).bg(GREY),
        }
    }

    /// A key cap in the key line.
    pub fn key(self) -> Style {
        match self.colors {
            Colors::None => Style::new().add_modifier(Modifier::REVERSED),
            Colors::Eight => Style::new().fg(Color::Black).bg(Color::White),
            Colors::Sixteen => Style::new().fg(Color::White).bg(Color::DarkGray).add_modifier(Modifier::BOLD),
            Colors::Many => Style::new().fg(Color::White).bg(GREY).add_modifier(Modifier::BOLD),
        }
    }

    /// The glyph; where the terminal has ASCII alone, what stands for it there.
    pub fn glyph(self, glyph: Glyph) -> &'static str {
        let (fine, plain) = glyph.forms();
        if self.ascii { plain } else { fine }
    }

    fn white(self) -> Color {
        if self.colors == Colors::Eight { Color::Gray } else { Color::White }
    }
}

/// Every mark on the screen that is not a letter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Glyph {
    /// All is well: an encoder that is ready, a card that is current.
    Ok,
    /// There is none, or it is not known.
    Hollow,
    /// Created, and not written to a card.
    Dotted,
    /// Work goes on, here or elsewhere.
    Working,
    /// A person should look at this.
    Attention,
    /// It can do nothing until someone mends it.
    Stopped,
    /// A step, or a whole job, is done.
    Check,
    /// The step that is being done.
    Current,
    /// A step that is not begun, a group that the user is not in.
    Dot,
    /// Will be added with the next save.
    Plus,
    /// Will be taken away with the next save.
    Minus,
    /// The encoder that this desk writes cards on.
    Star,
    /// It failed, or was given up.
    Cross,
    /// The one that is chosen of several.
    Chosen,
    /// A row that is shown only because the cursor stands on it.
    Kept,
    /// Between facts on one line.
    Between,
    /// Where a text is cut off.
    Ellipsis,
}

impl Glyph {
    fn forms(self) -> (&'static str, &'static str) {
        match self {
            Self::Ok => ("●", "o"),
            Self::Hollow => ("○", "-"),
            Self::Dotted => ("◌", "+"),
            Self::Working => ("◍", "@"),
            Self::Attention => ("▲", "!"),
            Self::Stopped => ("■", "#"),
            Self::Check => ("✓", "v"),
            Self::Current | Self::Chosen => ("▸", ">"),
            Self::Dot => ("·", "."),
            Self::Plus => ("+", "+"),
            Self::Minus => ("−", "-"),
            Self::Star => ("★", "*"),
            Self::Cross => ("✗", "x"),
            Self::Kept => ("→", ">"),
            Self::Between => ("·", "-"),
            Self::Ellipsis => ("…", "~"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_glyph_is_one_cell_and_its_stand_in_is_ascii() {
        for glyph in [
            Glyph::Ok,
            Glyph::Hollow,
            Glyph::Dotted,
            Glyph::Working,
            Glyph::Attention,
            Glyph::Stopped,
            Glyph::Check,
            Glyph::Current,
            Glyph::Dot,
            Glyph::Plus,
            Glyph::Minus,
            Glyph::Star,
            Glyph::Cross,
            Glyph::Chosen,
            Glyph::Kept,
            Glyph::Between,
            Glyph::Ellipsis,
        ] {
            let (fine, plain) = glyph.forms();
            assert_eq!(unicode_width::UnicodeWidthStr::width(fine), 1, "{fine}");
            assert!(plain.is_ascii() && plain.len() == 1);
        }
    }
}
