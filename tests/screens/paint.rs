//! A buffer as text: alone, or with the role of each cell on a line below.

use ratatui::buffer::{Buffer, Cell};
use ratatui::style::{Color, Modifier};
use unicode_width::UnicodeWidthStr;

/// The text of a buffer, without the blanks at the ends of its lines.
pub fn plain(buffer: &Buffer) -> String {
    rows(buffer).map(|cells| text(&cells)).collect::<Vec<_>>().join("\n")
}

/// The text, and below each line what its cells mean: `.` plain, `a`ccent, `g`ood, `w`arning, `b`ad, `d`im, `s`trong;
/// capitals where the role is the background, `H` the row under the cursor, `K` grey (a key, a field, another pane's
/// row), `R` reversed.
pub fn painted(buffer: &Buffer) -> String {
    rows(buffer)
        .map(|cells| {
            let roles: String = cells.iter().map(role).collect();
            let roles = roles.trim_end();
            if roles.is_empty() { text(&cells) } else { format!("{}\n{roles}", text(&cells)) }
        })
        .collect::<Vec<_>>()
        .join("\n")
}

fn rows(buffer: &Buffer) -> impl Iterator<Item = Vec<Cell>> + '_ {
    let width = usize::from(buffer.area.width);
    buffer.content().chunks(width).map(|row| {
        let mut cells = Vec::new();
        let mut skip = 0;
        for cell in row {
            if skip == 0 {
                cells.push(cell.clone());
                skip = cell.symbol().width().max(1);
            }
            skip -= 1;
        }
        cells
    })
}

fn text(cells: &[Cell]) -> String {
    cells.iter().map(Cell::symbol).collect::<String>().trim_end().to_owned()
}

fn role(cell: &Cell) -> char {
    let bold = cell.modifier.contains(Modifier::BOLD);
    match (cell.bg, cell.fg) {
        (Color::Green, _) => 'G',
        (Color::Yellow, _) => 'W',
        (Color::Red, _) => 'B',
        (Color::Cyan, _) => 'A',
        (Color::Blue, _) => 'H',
        (Color::Reset, _) if cell.modifier.contains(Modifier::REVERSED) => 'R',
        (Color::Reset, _) if cell.symbol() == " " => ' ',
        (Color::Reset, Color::Green) => 'g',
        (Color::Reset, Color::Yellow) => 'w',
        (Color::Reset, Color::Red) => 'b',
        (Color::Reset, Color::Cyan) => 'a',
        (Color::Reset, Color::Reset) if cell.modifier.contains(Modifier::UNDERLINED) => 'u',
        (Color::Reset, Color::Reset) if cell.modifier.contains(Modifier::DIM) => 'd',
        (Color::Reset, Color::Reset) if bold => 's',
        (Color::Reset, Color::Reset) => '.',
        (Color::Reset, _) => 'd',
        _ => 'K',
    }
}
