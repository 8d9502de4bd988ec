//! Where everything stands, by the size of the terminal.

#![allow(missing_docs, reason = "a doc stands only where the name does not say all")]

use ratatui::layout::Rect;

/// The smallest terminal that the desk fits.
pub const SMALLEST: (u16, u16) = (60, 18);

/// The areas of the screen, in cells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Areas {
    /// The first line: hotel, alarms, operator, hour.
    pub header: Rect,
    pub users: Rect,
    pub groups: Rect,
    pub credentials: Rect,
    pub encoders: Rect,
    /// Activity; `None` where it has no room beside the encoders.
    pub activity: Option<Rect>,
    /// The last line: the keys that do something here.
    pub keys: Rect,
}

/// The areas of a terminal, with room for so many encoders where that can be; `None` when it is too small.
pub fn areas(area: Rect, encoders: usize) -> Option<Areas> {
    if area.width < SMALLEST.0 || area.height < SMALLEST.1 {
        return None;
    }
    let most = if area.height >= 34 { area.height / 4 } else { 6 };
    let bottom = u16::try_from(encoders).unwrap_or(u16::MAX).saturating_add(2).clamp(5, most.max(5));
    let middle = area.height - 2 - bottom;
    // A name, rooms and a state need their cells before anything else does; where there is room, the end of the stay too.
    let left = if area.width >= 116 {
        part(area.width, 8, 15).min(64)
    } else {
        part(area.width, 21, 50).max(part(area.width, 11, 20).min(42))
    };
    let right = area.width - left;
    let credentials = part(middle, 2, 5).clamp(5, 9);
    let (x, y) = (area.x, area.y);
    let wide = area.width >= 100;
    let encoders_width = if wide { part(area.width, 31, 50) } else { area.width };
    Some(Areas {
        header: Rect::new(x, y, area.width, 1),
        users: Rect::new(x, y + 1, left, middle),
        groups: Rect::new(x + left, y + 1, right, middle - credentials),
        credentials: Rect::new(x + left, y + 1 + middle - credentials, right, credentials),
        encoders: Rect::new(x, y + 1 + middle, encoders_width, bottom),
        activity: wide.then(|| Rect::new(x + encoders_width, y + 1 + middle, area.width - encoders_width, bottom)),
        keys: Rect::new(x, y + area.height - 1, area.width, 1),
    })
}

fn part(cells: u16, of: u16, whole: u16) -> u16 {
    (u32::from(cells) * u32::from(of) / u32::from(whole)) as u16
}

/// A dialog of a wished size in the middle, never larger than the area without its header and key line.
pub fn centered(area: Rect, width: u16, height: u16) -> Rect {
    let width = width.min(area.width);
    let height = height.min(area.height.saturating_sub(2).max(1)).min(area.height);
    Rect::new(area.x + (area.width - width) / 2, area.y + (area.height - height) / 2, width, height)
}

/// What is inside of a frame.
pub fn inside(area: Rect) -> Rect {
    Rect::new(area.x + 1, area.y + 1, area.width.saturating_sub(2), area.height.saturating_sub(2)).intersection(area)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn every_place_lies_inside_and_none_overlaps(width in 1u16..5000, height in 1u16..2000, encoders in 0usize..40) {
            let area = Rect::new(0, 0, width, height);
            let Some(desk) = areas(area, encoders) else {
                prop_assert!(width < SMALLEST.0 || height < SMALLEST.1);
                return Ok(());
            };
            let mut places =
                vec![desk.header, desk.users, desk.groups, desk.credentials, desk.encoders, desk.keys];
            places.extend(desk.activity);
            let cells: u32 = places.iter().map(|place| place.area()).sum();
            prop_assert_eq!(cells, area.area());
            for (at, place) in places.iter().enumerate() {
                prop_assert_eq!(place.intersection(area), *place);
                prop_assert!(places[at + 1..].iter().all(|other| !place.intersects(*other)));
            }
            prop_assert!(desk.users.height >= 7 && desk.groups.height >= 4 && desk.credentials.height >= 3);
        }
    }
}
