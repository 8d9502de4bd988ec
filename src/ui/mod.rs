//! Looks only: roles of colour, glyphs, layout and small widgets. Nothing here knows what a guest is.

pub mod ascii;
pub mod block;
pub mod choices;
pub mod frame;
pub mod layout;
pub mod list;
pub mod text;
pub mod theme;
