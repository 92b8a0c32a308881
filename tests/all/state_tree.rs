//! The state tree with a state of a megabyte and thirty thousand lines: walked, closed, searched and copied, and no
//! frame slow.

use std::time::Duration;

use eventscope::event::{Scope, StreamId};
use eventscope::session::{Action, Command, Region, Session};
use eventscope::store::native::{Expected, NewEvent, Store};
use serde_json::{Value, json};

use super::support::frames::{Frame, Frames};

/// 30,001 values below the root, 1 MB of JSON: 5,000 orders of five fields each.
fn large(orders: u64) -> Value {
    let order = |n: u64| {
        json!({ "id": n, "customer": format!("customer-{n:06} of the northern branch"), "total": n * 7,
                "state": if n.is_multiple_of(100) { "Overdue" } else { "paid" }, "note": "x".repeat(140) })
    };
    json!({ "orders": (0..orders).map(order).collect::<Vec<_>>() })
}

fn at_rest(session: &Session) -> bool {
    session.density.is_some() && session.state_is_current() && session.events.row(0).is_some()
}

/// The dearest of the frames that follow an action: the frame that does it, and those after it.
fn dearest(frames: &mut Frames, what: &str, action: Action, slowest: &mut Vec<(Duration, String)>) -> Frame {
    frames.apply(action);
    let mut last = frames.frame();
    for _ in 0..4 {
        slowest.push((last.cost.unwrap_or_default(), what.to_owned()));
        last = frames.frame();
    }
    last
}

#[test]
fn a_state_of_thirty_thousand_lines_is_walked_closed_searched_and_copied() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("large.db");
    let state = large(5_000);
    let mut changed = state.clone();
    changed["orders"][4_321]["total"] = json!(1);
    let mut store = Store::open_or_create(&path).unwrap();
    let stream = StreamId::new("book-1");
    let events = [&state, &changed].map(|data| NewEvent::new("Written", data.to_string()));
    store.append(&stream, Expected::None, &events).unwrap();

    let mut frames = Frames::new();
    frames.apply(Action::Open(path.to_string_lossy().into_owned()));
    frames.rest("the log is open", |session| session.log.is_some() && at_rest(session));
    frames.apply(Action::ChooseScope(Scope::Stream(stream)));
    frames.rest("the state is on show", at_rest);
    let lines = |frames: &Frames| frames.gui.session.state.visible().len();
    assert_eq!(lines(&frames), 30_002);
    assert!(state.to_string().len() > 1_000_000);
    let mut costs = Vec::new();
    frames.apply(Action::Focus(Region::Inspector));

    // Walking: to the end and back, a page at a time.
    for _ in 0..40 {
        dearest(&mut frames, "page down", Action::Run(Command::PageDown), &mut costs);
    }
    let row = frames.gui.session.state.selected_row().unwrap();
    assert!(row > 500, "{row}");

    // Changed paths.
    dearest(&mut frames, "only changed", Action::Run(Command::OnlyChanged), &mut costs);
    assert_eq!(lines(&frames), 4, "the root, the orders, the order, its total");
    dearest(&mut frames, "all", Action::Run(Command::OnlyChanged), &mut costs);

    // Closing and opening.
    dearest(&mut frames, "close", Action::ToggleNode("/orders/7".to_owned()), &mut costs);
    assert_eq!(lines(&frames), 30_002 - 5);
    dearest(&mut frames, "close", Action::ToggleNode("/orders".to_owned()), &mut costs);
    assert_eq!(lines(&frames), 2);

    // Searching: counted, from hit to hit, and what is closed opens around a hit.
    let frame = dearest(&mut frames, "search", Action::SetPathFilter("overDUE".to_owned()), &mut costs);
    assert_eq!(frames.gui.session.state.hits().len(), 50);
    assert!(frame.texts.iter().any(|(text, _)| text == "50"), "the count is not shown");
    dearest(&mut frames, "next hit", Action::SelectPath("/orders/150".to_owned()), &mut costs);
    let frame = dearest(&mut frames, "next hit", Action::Run(Command::NextHit), &mut costs);
    assert_eq!(frames.gui.session.state.selected.as_deref(), Some("/orders/200/state"));
    assert!(frame.texts.iter().any(|(text, _)| text == "3 of 50"), "{:?}", frame.texts);
    dearest(&mut frames, "hit before", Action::Run(Command::HitBefore), &mut costs);
    dearest(&mut frames, "hit before", Action::Run(Command::HitBefore), &mut costs);
    dearest(&mut frames, "hit before", Action::Run(Command::HitBefore), &mut costs);
    assert_eq!(
        frames.gui.session.state.selected.as_deref(),
        Some("/orders/4900/state"),
        "from the first on to the last"
    );
    dearest(&mut frames, "no search", Action::SetPathFilter(String::new()), &mut costs);

    // Copying: a value, its pointer, the whole state.
    let copied = |frames: &mut Frames, command| {
        frames.apply(Action::Run(command));
        frames.frame().copied
    };
    assert_eq!(copied(&mut frames, Command::CopyValue).as_deref(), Some("\"Overdue\""));
    assert_eq!(copied(&mut frames, Command::CopyPointer).as_deref(), Some("/orders/4900/state"));
    frames.apply(Action::SelectPath(String::new()));
    assert_eq!(copied(&mut frames, Command::CopyValue), Some(changed.to_string()));

    costs.sort();
    let slowest = costs.last().unwrap();
    println!("slowest frame: {:?} to {}", slowest.0, slowest.1);
    #[cfg(not(debug_assertions))]
    assert!(slowest.0 < Duration::from_millis(4), "{slowest:?}");
}
