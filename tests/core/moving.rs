//! Moving in the panes, and keeping the cursor while the world moves.

use keydesk::app::action::Action;
use keydesk::ui::list::Move;

use crate::desk::Desk;
use crate::support::driver::Driver;

#[test]
fn the_desk_shows_the_house() {
    let mut desk = Desk::open();
    println!("{}", desk.screen_text());
    desk.see("Hotel Aurora");
    desk.act(Action::Move(Move::Down));
    assert_eq!(desk.selected_name(), "Nils Andersson");
}
