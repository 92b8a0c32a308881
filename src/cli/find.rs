//! `find`: all intervals of versions in which a condition held, in one stream or in all of many.

use std::ops::ControlFlow;

use serde_json::{Map, Value};

use super::arguments::FindArguments;
use super::info::moment;
use super::output::{Align, Answer, Ending, Output, Printed, Table, counted, plain, thousands};
use super::progress::{Meter, cost, note};
use super::{replay_of, workspace_of};
use crate::error::Result;
use crate::event::StreamId;
use crate::limits::STREAMS_PAGE;
use crate::log::{Fault, StreamPage};
use crate::reducer::expression::Expression;
use crate::replay::Replay;
use crate::replay::find::{Condition, Found, Interval};
use crate::replay::scan::{Looks, Scanned, Step};

/// Prints the intervals as they end.
pub fn run(arguments: &FindArguments, output: &mut Output) -> Ending {
    let mut expression = Expression::compile(&arguments.when)?;
    let log = &arguments.log.locator();
    // The workspace file may bind another reducer to each stream.
    let bound = match arguments.reducer.reducer {
        Some(_) => None,
        None => Some(workspace_of(log, &arguments.reducer)?).filter(|it| it.path().is_some()),
    };
    let (mut replay, first) = replay_of(log, arguments.stream.as_deref().unwrap_or_default(), &arguments.reducer)?;
    let mut binding = bound.as_ref().and_then(|workspace| workspace.binding_of(first.as_str()));
    let mut search = Search::new(arguments.stream.is_none());
    if arguments.stream.is_some() {
        match replay.log().stream(&first)? {
            Some(info) => {
                search.meter = Meter::new(info.events);
                search.one(&mut replay, &first, &mut expression, output)?;
            }
            None => note(&format!("there is no stream \"{first}\" in this log")),
        }
    } else {
        let mut page =
            StreamPage { category: arguments.category.clone(), limit: STREAMS_PAGE, ..StreamPage::default() };
        loop {
            let streams = replay.log().streams(&page)?;
            for info in &streams {
                if let Some(workspace) = &bound
                    && workspace.binding_of(info.stream.as_str()) != binding
                {
                    binding = workspace.binding_of(info.stream.as_str());
                    replay.fold_with(workspace.reducer_of(info.stream.as_str())?);
                }
                search.one(&mut replay, &info.stream, &mut expression, output)?;
            }
            let Some(last) = streams.last() else { break };
            page.after = Some(last.stream.clone());
        }
    }
    search.end(output)
}

/// A search on its way, over one stream or many.
struct Search {
    many: bool,
    table: Table,
    meter: Meter,
    total: Found,
    /// The stream of the first fault.
    fault_in: Option<StreamId>,
    streams: u64,
}

impl Search {
    fn new(many: bool) -> Self {
        let mut columns = if many { vec![("STREAM", Align::Left)] } else { Vec::new() };
        columns.extend([
            ("FROM", Align::Right),
            ("TO", Align::Right),
            ("EVENTS", Align::Right),
            ("SET OFF BY", Align::Left),
            ("TIME", Align::Left),
        ]);
        Self {
            many,
            table: Table::new(&columns),
            meter: Meter::new(0),
            total: Found::default(),
            fault_in: None,
            streams: 0,
        }
    }

    fn one(
        &mut self,
        replay: &mut Replay,
        stream: &StreamId,
        expression: &mut Expression,
        output: &mut Output,
    ) -> Printed {
        let looks = Looks {
            event: expression.needs_event(),
            state: expression.needs_state(),
            before: expression.needs_before(),
        };
        let mut holds = |step: &Step<'_>| holds(expression, step).map_err(|error| error.to_string());
        let mut condition = Condition { looks, holds: &mut holds };
        let read_before = self.total.scanned.events;
        let (many, table, meter) = (self.many.then_some(stream), &mut self.table, &mut self.meter);
        let mut printed: Printed = Ok(());
        let found = replay.find(
            stream,
            0..u64::MAX,
            &mut condition,
            &mut |events| meter.tell(read_before + events),
            &mut |one| {
                printed = print(table, output, many, &one);
                if printed.is_ok() { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
            },
        )?;
        printed?;
        self.add(stream, found);
        Ok(())
    }

    fn add(&mut self, stream: &StreamId, found: Found) {
        let total = &mut self.total;
        if total.faults.is_empty() && !found.faults.is_empty() {
            self.fault_in = Some(stream.clone());
            total.faults = found.faults;
        }
        self.streams += 1;
        total.faults_total += found.faults_total;
        total.intervals += found.intervals;
        total.scanned = Scanned {
            events: total.scanned.events + found.scanned.events,
            bytes: total.scanned.bytes + found.scanned.bytes,
            faults: total.scanned.faults + found.scanned.faults,
            elapsed_us: total.scanned.elapsed_us + found.scanned.elapsed_us,
        };
    }

    fn end(mut self, output: &mut Output) -> Ending {
        self.meter.end();
        self.table.end(output)?;
        output.flush()?;
        if let Some(first) = self.total.faults.first() {
            note(&self.failures(first));
        }
        if self.total.intervals == 0 {
            note("at no version did the condition hold");
        }
        if !output.is_json() {
            let streams = if self.many { format!(" in {}", counted(self.streams, "stream")) } else { String::new() };
            let intervals = counted(self.total.intervals, "interval");
            note(&format!("{intervals}; {}{streams}", cost(&self.total.scanned)));
        }
        Ok(if self.total.intervals == 0 { Answer::No } else { Answer::Yes })
    }

    /// An expression that throws does not hold there, and that is said.
    fn failures(&self, first: &Fault) -> String {
        let version =
            first.version.map_or_else(|| format!("event {}", first.position + 1), |it| format!("version {it}"));
        let stream = self.fault_in.as_ref().filter(|_| self.many);
        let stream = stream.map(|stream| format!(" of {stream}")).unwrap_or_default();
        let (failed, all) = (thousands(self.total.faults_total), counted(self.total.scanned.events, "event"));
        format!("the condition failed at {failed} of {all}, first at {version}{stream}: {}", first.message)
    }
}

fn holds(expression: &mut Expression, step: &Step<'_>) -> Result<bool> {
    match step.event {
        Some(event) => expression.eval(event, step.state, step.before),
        None => expression.eval(&step.bare_event(), step.state, step.before),
    }
}

fn print(table: &mut Table, output: &mut Output, stream: Option<&StreamId>, interval: &Interval) -> Printed {
    if output.is_json() {
        let mut object = Map::new();
        if let Some(stream) = stream {
            object.insert("stream".to_owned(), stream.as_str().into());
        }
        object.insert("from_version".to_owned(), interval.from_version.into());
        let to = (!interval.holds_still).then_some(interval.to_version);
        object.insert("to_version".to_owned(), to.into());
        return output.object(&Value::Object(object));
    }
    let mut cells: Vec<String> = stream.map(|stream| stream.as_str().to_owned()).into_iter().collect();
    let to = if interval.holds_still { "still".to_owned() } else { interval.to_version.to_string() };
    cells.extend([
        interval.from_version.to_string(),
        to,
        thousands(interval.to_position - interval.from_position + 1),
        plain(&interval.event_type),
        interval.time.map(moment).unwrap_or_default(),
    ]);
    table.row(output, &cells)
}
