//! The Causation tab and the forms of a payload, as a person and a screen reader meet them.

use egui_kittest::kittest::Queryable as _;
use eventscope::event::{Scope, StreamId};
use eventscope::protocol::Request;
use eventscope::session::{Action, Command, EventForm, Tab};

use crate::gui::{busy, full, session, window};

#[test]
fn the_tree_says_who_caused_whom_and_how_long_it_took() {
    let harness = window(busy(Tab::Causation), full());
    for row in [
        "PaymentRequested in 3e07b1d4",
        "HoldPlaced in account-7c41f2d0, +45 ms after its cause",
        "PaymentSettled in 3e07b1d4, +37.4 s after its cause",
        "StatementLineAdded × 24 in 2026-07, +18 ms after its cause",
    ] {
        assert!(harness.query_by_label(row).is_some(), "{row}");
    }
    assert!(harness.query_by_label("StatementLineAdded in 2026-07, +19 ms after its cause").is_none());
}

#[test]
fn siblings_of_one_type_open_and_close() {
    let mut harness = window(busy(Tab::Causation), full());
    let group = "StatementLineAdded × 24 in 2026-07, +18 ms after its cause";
    let one = "StatementLineAdded in 2026-07, +19 ms after its cause";
    harness.get_by_label(group).click();
    harness.step();
    harness.step();
    assert!(harness.query_by_label(one).is_some());
    assert_eq!(session(&harness).causation.rows().len(), 6 + 24);
    harness.get_by_label(group).click();
    harness.step();
    harness.step();
    assert!(harness.query_by_label(one).is_none());
}

#[test]
fn choosing_an_event_of_the_tree_goes_to_its_stream() {
    let mut base = busy(Tab::Causation);
    base.apply(Action::GoToTraced(0));
    let asked = base.take_requests();
    assert_eq!(base.scope, Scope::Stream(StreamId::new("3e07b1d4")));
    let located =
        |request: &Request| matches!(request, Request::Locate { scope, .. } if scope.stream() == base.scope.stream());
    assert!(asked.iter().any(located), "{asked:?}");
    base.apply(Action::Run(Command::Back));
    assert_ne!(base.scope, Scope::Stream(StreamId::new("3e07b1d4")), "and back leads back");
}

#[test]
fn each_event_that_is_selected_is_asked_about_once() {
    let mut base = busy(Tab::Causation);
    base.take_requests();
    let asked = |requests: Vec<Request>| {
        requests
            .into_iter()
            .filter_map(|request| if let Request::Trace { row, .. } = request { Some(row) } else { None })
            .collect::<Vec<_>>()
    };
    base.apply(Action::SelectRow(7));
    assert_eq!(asked(base.take_requests()), [7]);
    base.apply(Action::SelectRow(7));
    base.apply(Action::Run(Command::TabState));
    base.apply(Action::SelectRow(8));
    assert_eq!(asked(base.take_requests()), Vec::<u64>::new());
    base.apply(Action::Run(Command::TabCausation));
    assert_eq!(asked(base.take_requests()), [8]);
}

#[test]
fn a_payload_is_shown_raw_decoded_and_upcast() {
    let mut harness = window(busy(Tab::Event), full());
    assert!(harness.query_by_label_contains("Payload zlib, JSON").is_some());
    harness.get_by_label("Raw").click();
    harness.step();
    harness.step();
    assert_eq!(session(&harness).event_form, EventForm::Raw);
    assert!(harness.query_by_label_contains("As stored").is_some());
    harness.get_by_label("Upcast").click();
    harness.step();
    harness.step();
    assert!(harness.query_by_label_contains("Upcast as reducers see it").is_some());
    assert!(harness.query_by_label_contains("/hold").is_some());
}
