//! `facets`: how many events there are of each kind, of all or of those that are picked.

use std::ops::ControlFlow;

use serde_json::{Value, json};

use super::arguments::FacetsArguments;
use super::output::{Align, Answer, Ending, Output, Printed, Table, counted, thousands};
use super::pick::{pass, tell_what_was_left_out};
use super::progress::note;
use crate::event::{Resume, Scope};
use crate::replay::search::facets::{Counted, Facet, Facets};
use crate::store;

/// Prints the counts, the most frequent value of each facet first.
pub fn run(arguments: &FacetsArguments, output: &mut Output) -> Ending {
    let by = arguments.by.iter().map(|text| Facet::parse(text)).collect::<Result<Vec<_>, _>>()?;
    let locator = arguments.log.locator();
    let mut log = store::open(&locator)?;
    let wanted = arguments.pick.wanted(&locator, &Resume::Start)?;
    let mut facets = Facets::new(log.decoder(), &by);
    let seen = pass(
        &mut *log,
        (Scope::Log, Resume::Start),
        wanted,
        &mut |raw| {
            facets.count(raw);
            Ok(ControlFlow::Continue(()))
        },
        &mut || Ok(()),
    )?;
    for counted in facets.counted(arguments.limit) {
        print(&counted, output)?;
    }
    output.flush()?;
    tell_what_was_left_out(&seen);
    if !output.is_json() {
        note(&format!("{} of {} scanned", counted(seen.hits, "event"), thousands(seen.scanned)));
    }
    Ok(if seen.hits == 0 { Answer::No } else { Answer::Yes })
}

fn print(counted: &Counted, output: &mut Output) -> Printed {
    if output.is_json() {
        for one in &counted.values {
            output.object(&json!({
                "facet": counted.facet.to_string(),
                "value": one.value,
                "events": one.events,
                "exact": counted.is_exact,
            }))?;
        }
        return Ok(());
    }
    let facet = counted.facet.to_string();
    let mut table = Table::new(&[(facet.as_str(), Align::Left), ("EVENTS", Align::Right)]);
    for one in &counted.values {
        let value = match &one.value {
            Value::String(text) => text.clone(),
            value => value.to_string(),
        };
        table.row(output, &[value, thousands(one.events)])?;
    }
    table.end(output)?;
    let more = counted.distinct - counted.values.len() as u64;
    let rest = [
        (more > 0).then(|| format!("{} more values with {}", thousands(more), counted_events(counted.other))),
        (counted.without > 0).then(|| format!("{} without a value", counted_events(counted.without))),
        (!counted.is_exact).then(|| "more values than are kept: counts are at least these".to_owned()),
    ];
    let rest: Vec<String> = rest.into_iter().flatten().collect();
    if !rest.is_empty() {
        output.line(format!("({})", rest.join("; ")))?;
    }
    output.line("")
}

fn counted_events(count: u64) -> String {
    counted(count, "event")
}
