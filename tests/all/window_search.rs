//! Search in the window, with its real workers: terms become chips, hits come as they are found, facets count them, and a
//! search that is left ends.

use std::path::{Path, PathBuf};

use egui::accesskit::Role;
use egui::{Key, Modifiers, vec2};
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable as _;
use eventscope::event::{Scope, StreamId, Value};
use eventscope::filter::{Name, Part};
use eventscope::gui::{Gui, prepare};
use eventscope::protocol::{Facet, Reply, SearchEnd, SearchFrom, SearchPart};
use eventscope::session::{Action, Command, SearchAction, SearchPane, Session};
use eventscope::store::sqlite::native::{Expected, NewEvent, Store};

use crate::support::desk::Desk;
use crate::support::ledger::{self, Ledger};

/// 3,000 events in 30 streams.
fn log_in(folder: &Path) -> PathBuf {
    let path = folder.join("shop.db");
    let mut store = Store::create(&path).unwrap();
    for stream in 0..30 {
        let events: Vec<NewEvent> = (0..100)
            .map(|n| {
                let kind = if n % 10 == 0 { "OrderPlaced" } else { "LineAdded" };
                let colour = ["red", "green", "blue"][n % 3];
                NewEvent::new(kind, format!(r#"{{"n":{n},"colour":"{colour}","note":{{"text":"Line {n}"}}}}"#))
            })
            .collect();
        store.append(&StreamId::new(&format!("order-{stream}")), Expected::None, &events).unwrap();
    }
    path
}

fn opened(path: &Path) -> Desk {
    let mut desk = Desk::new();
    desk.session.apply(Action::Open(path.to_string_lossy().into_owned()));
    desk.until("open", |session| session.log.is_some() && session.state_is_current() && session.density.is_some());
    desk
}

fn act(desk: &mut Desk, action: SearchAction) {
    desk.session.apply(Action::Search(action));
}

fn search(desk: &mut Desk, text: &str) {
    act(desk, SearchAction::SetText(text.to_owned()));
    act(desk, SearchAction::Start);
    whole(desk);
}

fn whole(desk: &mut Desk) {
    desk.until("the search", |session| session.search.word.ended == Some(SearchEnd::Whole));
}

fn chips(pane: &SearchPane) -> Vec<&str> {
    pane.chips.iter().map(eventscope::filter::Term::text).collect()
}

fn rows(session: &Session) -> Vec<u64> {
    session.search.hits.iter().map(|hit| hit.row).collect()
}

#[test]
fn terms_become_chips_and_hits_come_from_either_end() {
    let folder = tempfile::tempdir().unwrap();
    let mut desk = opened(&log_in(folder.path()));
    desk.session.apply(Action::Run(Command::Search));
    assert!(desk.session.search.open);
    act(&mut desk, SearchAction::SetText("type:OrderPlaced data.n>80 ".to_owned()));
    assert_eq!(chips(&desk.session.search), ["type:OrderPlaced", "data.n>80"]);
    assert_eq!(desk.session.search.text, "");
    whole(&mut desk);
    let expected: Vec<u64> = (0..30).map(|stream| stream * 100 + 90).collect();
    let newest: Vec<u64> = expected.iter().rev().copied().collect();
    assert_eq!(rows(&desk.session), newest);
    assert_eq!((desk.session.search.word.scanned, desk.session.search.word.of), (3_000, 3_000));
    act(&mut desk, SearchAction::Turn(SearchFrom::Oldest));
    whole(&mut desk);
    assert_eq!(rows(&desk.session), expected);

    act(&mut desk, SearchAction::Remove(0));
    whole(&mut desk);
    assert_eq!(desk.session.search.word.hits_total, 30 * 19);
    act(&mut desk, SearchAction::TakeBack);
    assert_eq!((desk.session.search.text.as_str(), desk.session.search.is_stale()), ("data.n>80", true));
}

#[test]
fn a_term_that_is_wrong_says_where_and_what_was_found_stays() {
    let folder = tempfile::tempdir().unwrap();
    let mut desk = opened(&log_in(folder.path()));
    desk.session.apply(Action::Run(Command::Search));
    search(&mut desk, "red");
    let hits = desk.session.search.hits.len();
    assert_eq!(hits, 1_020);
    act(&mut desk, SearchAction::SetText("data.n>".to_owned()));
    act(&mut desk, SearchAction::Start);
    let fault = desk.session.search.fault.clone().unwrap();
    assert_eq!(fault.to_string(), "filter stops at column 8: a value is missing after \">\"");
    assert_eq!(desk.session.search.hits.len(), hits);
    act(&mut desk, SearchAction::SetText(String::new()));
    assert!(desk.session.search.fault.is_none());
    search(&mut desk, "nothing-is-like-this");
    assert!(desk.session.search.hits.is_empty());
    assert_eq!(desk.session.search.word.scanned, 3_000);
}

#[test]
fn facets_count_all_hits_and_lead_to_fewer() {
    let folder = tempfile::tempdir().unwrap();
    let mut desk = opened(&log_in(folder.path()));
    desk.session.apply(Action::Run(Command::Search));
    search(&mut desk, "data.n>=50");
    let facets = desk.session.search.facets.clone();
    let of = |facet: &str| facets.iter().find(|counted| counted.facet.to_string() == facet).unwrap();
    let counts = |facet: &str| -> Vec<(String, u64)> {
        of(facet).values.iter().map(|value| (value.value.as_str().unwrap().to_owned(), value.events)).collect()
    };
    assert_eq!(counts("type"), [("LineAdded".to_owned(), 1_350), ("OrderPlaced".to_owned(), 150)]);
    assert_eq!(counts("data.colour"), [("blue".to_owned(), 510), ("red".to_owned(), 510), ("green".to_owned(), 480)]);
    assert_eq!((of("stream").distinct, of("month").values.len()), (30, 1));

    let facet = Facet::parse("data.colour").unwrap();
    act(&mut desk, SearchAction::Facet { facet: facet.clone(), value: Value::from("red"), excludes: true });
    whole(&mut desk);
    assert_eq!(desk.session.search.word.hits_total, 990);
    // The same the other way round takes the place of the first.
    act(&mut desk, SearchAction::Facet { facet, value: Value::from("red"), excludes: false });
    whole(&mut desk);
    assert_eq!(chips(&desk.session.search), ["data.n>=50", "data.colour=red"]);
    assert_eq!(desk.session.search.word.hits_total, 510);
}

#[test]
fn a_hit_is_previewed_where_the_cursor_stays_and_gone_to_with_enter() {
    let folder = tempfile::tempdir().unwrap();
    let mut desk = opened(&log_in(folder.path()));
    desk.session.apply(Action::ChooseScope(Scope::Stream(StreamId::new("order-3"))));
    desk.until("the stream", |session| session.events.extent == Some(100) && session.state_is_current());
    desk.session.apply(Action::Run(Command::FilterEvents));
    search(&mut desk, "\"Line 42\"");
    assert_eq!(rows(&desk.session), [42]);
    desk.until("the preview", |session| session.search.preview.is_some());
    assert_eq!((desk.session.cursor, desk.session.search.preview.as_ref().unwrap().row), (100, 42));
    act(&mut desk, SearchAction::Value { part: Part::Payload, pointer: "/colour".to_owned(), excludes: false });
    whole(&mut desk);
    assert_eq!(chips(&desk.session.search), ["\"Line 42\"", "data.colour=red"]);
    desk.session.apply(Action::Run(Command::CursorToSelection));
    desk.until("the hit", |session| session.state_is_current() && session.cursor == 43);
    assert!(!desk.session.search.open);
    assert_eq!(desk.session.scope, Scope::Stream(StreamId::new("order-3")));
    desk.session.apply(Action::Run(Command::Back));
    desk.until("back", |session| session.cursor == 100);

    desk.session.apply(Action::SelectRow(20));
    desk.until("the row", |session| session.events.row(20).is_some());
    desk.session.apply(Action::Run(Command::OnlyThisType));
    assert!(chips(&desk.session.search).contains(&"type:OrderPlaced"));
    desk.session.apply(Action::Search(SearchAction::Clear));
    assert!(desk.session.search.chips.is_empty() && !desk.session.search.has_answer());
}

#[test]
fn escape_stops_the_search_first_and_then_leaves_it() {
    let folder = tempfile::tempdir().unwrap();
    let mut desk = opened(&log_in(folder.path()));
    desk.session.apply(Action::Run(Command::Search));
    act(&mut desk, SearchAction::SetText("red".to_owned()));
    act(&mut desk, SearchAction::Start);
    assert!(desk.session.search.is_searching());
    desk.session.apply(Action::Run(Command::Escape));
    assert_eq!(desk.session.search.word.ended, Some(SearchEnd::Stopped));
    assert!(desk.session.search.open);
    desk.session.apply(Action::Run(Command::Escape));
    assert!(!desk.session.search.open);
    desk.session.apply(Action::Run(Command::Search));
    assert_eq!(chips(&desk.session.search), ["red"], "the terms stay");
    act(&mut desk, SearchAction::Start);
    whole(&mut desk);
    assert_eq!(desk.session.search.word.hits_total, 1_020);
}

#[test]
fn words_of_a_search_that_are_late_or_come_twice_change_nothing() {
    let ledger = Ledger::default();
    let mut session = ledger.at(31_406);
    session.apply(Action::Run(Command::Search));
    session.apply(Action::Search(SearchAction::SetText("overdraft".to_owned())));
    session.apply(Action::Search(SearchAction::Start));
    let asked = session.take_requests().into_iter().find_map(|request| match request {
        eventscope::protocol::Request::Search { generation, ticket, .. } => Some((generation, ticket)),
        _ => None,
    });
    let (generation, ticket) = asked.unwrap();
    let row = session.events.row(31_405).unwrap().clone();
    let part = |first: u64, scanned: u64, ended: Option<SearchEnd>| SearchPart {
        ticket,
        first,
        hits: vec![eventscope::protocol::SearchHit { row: first, event: row.clone() }],
        hits_total: first + 1,
        scanned,
        of: 100,
        ended,
        ..SearchPart::default()
    };
    let first = part(0, 10, None);
    let second = part(1, 20, None);
    for word in [&first, &first, &second, &first, &second] {
        session.absorb(Reply::Searched { generation, part: word.clone() });
    }
    assert_eq!(rows(&session), [0, 1]);
    assert_eq!(session.search.word.scanned, 20);
    let other = SearchPart { ticket: eventscope::protocol::Ticket(ticket.0 + 9), ..part(2, 90, None) };
    session.absorb(Reply::Searched { generation, part: other });
    assert_eq!(session.search.word.scanned, 20);
    session.absorb(Reply::Searched { generation, part: part(2, 100, Some(SearchEnd::Whole)) });
    session.absorb(Reply::Searched { generation, part: second });
    assert_eq!((rows(&session), session.search.word.ended.clone()), (vec![0, 1, 2], Some(SearchEnd::Whole)));
}

#[test]
fn what_may_follow_is_proposed() {
    let ledger = Ledger::default();
    let mut session = ledger.at(31_406);
    session.apply(Action::Run(Command::Search));
    let proposed = |session: &mut Session, text: &str| {
        session.apply(Action::Search(SearchAction::SetText(text.to_owned())));
        session.search_proposals()
    };
    assert!(proposed(&mut session, "ty").contains(&"type:".to_owned()));
    let types = proposed(&mut session, "-type:fee");
    assert!(types.iter().any(|proposal| proposal.starts_with("-type:Fee")), "{types:?}");
    session.apply(Action::Search(SearchAction::Take(0)));
    assert!(session.search.text.starts_with("-type:Fee"), "{}", session.search.text);
    assert!(proposed(&mut session, "").is_empty());
    session.apply(Action::Search(SearchAction::Name { name: Name::Stream, value: "a b".to_owned(), excludes: true }));
    assert_eq!(chips(&session.search), ["-stream:\"a b\""]);
}

#[test]
fn the_search_screen_is_reached_by_key_and_said_in_words() {
    let builder =
        Harness::builder().with_size(vec2(1_440.0, 900.0)).with_step_dt(1.0 / 60.0).with_context_setup(prepare);
    let mut harness = builder.build_ui_state(
        |ui, gui: &mut Gui| {
            gui.ui(ui);
            if !Ledger::default().serve(&mut gui.session).is_empty() {
                ui.ctx().request_repaint();
            }
        },
        Gui::with_clock(Ledger::default().at(31_406), ledger::clock),
    );
    harness.run();
    harness.key_press_modifiers(Modifiers::COMMAND | Modifiers::CTRL, Key::F);
    harness.run();
    assert!(harness.state().session.search.open);
    harness.get_by_label("Newest first");
    harness.get_by_role_and_label(Role::TextInput, "Search").type_text("kind:");
    harness.run();
    harness.key_press(Key::Enter);
    harness.run();
    assert!(harness.state().session.search.fault.is_some());
    harness.get_by_label_contains("Filter stops at column 1");
    harness.get_by_label("Close search").click();
    harness.run();
    assert!(!harness.state().session.search.open);
}
