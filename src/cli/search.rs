//! `search`: the events that hold some words, or pass a filter.

use super::arguments::{PayloadForm, SearchArguments};
use super::events;
use super::output::{Ending, Output};

/// Prints the events as `events` does.
pub fn run(arguments: SearchArguments, output: &mut Output) -> Ending {
    let mut events = arguments.events;
    let terms = events.pick.filter.into_iter().chain(arguments.terms).collect::<Vec<_>>();
    events.pick.filter = Some(terms.join(" "));
    events::run_printing(&events, PayloadForm::default(), output)
}
