//! The columns of the event list: chosen by the person, and kept.

use eventscope::protocol::{Preferences, Request};
use eventscope::session::Action;

use super::support::frames::Frames;
use super::support::ledger::Ledger;

#[test]
fn a_column_that_is_hidden_is_not_drawn_and_the_choice_is_kept() {
    let mut session = Ledger::default().at(31_406);
    session.take_requests();
    let mut frames = Frames::of(session);
    let heads = |frames: &mut Frames| {
        frames.frame();
        let texts: Vec<String> = frames.frame().texts.into_iter().map(|(text, _)| text).collect();
        ["Seq", "Version", "Delta", "Payload"].map(|head| texts.iter().any(|text| text == head))
    };
    assert_eq!(heads(&mut frames), [true; 4]);
    let hidden_columns = vec!["Delta".to_owned(), "Position".to_owned(), "Payload".to_owned()];
    frames.apply(Action::SetPreferences(Preferences {
        hidden_columns: hidden_columns.clone(),
        ..Preferences::default()
    }));
    assert_eq!(heads(&mut frames), [false, true, false, false]);
    let kept = frames.gui.session.take_requests().into_iter().rev().find_map(|request| match request {
        Request::SaveSettings(settings) => Some(settings.preferences.hidden_columns),
        _ => None,
    });
    assert_eq!(kept, Some(hidden_columns));
    assert!(frames.frame().spoken.iter().any(|name| name == "Columns"), "no way to the menu");
}
