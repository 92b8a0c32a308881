//! `streams`: the streams by name, a page at a time.

use serde_json::json;

use super::arguments::StreamsArguments;
use super::info::moment;
use super::output::{Align, Answer, Ending, Output, Printed, Table, counted, thousands};
use crate::event::StreamId;
use crate::limits::STREAMS_PAGE;
use crate::log::{StreamInfo, StreamPage};
use crate::store::{self, EventLog};

/// Prints the streams.
pub fn run(arguments: &StreamsArguments, output: &mut Output) -> Ending {
    let mut log = store::open(&arguments.log.locator())?;
    let category = arguments.category.as_deref();
    if output.is_json() {
        each_stream(&mut *log, category, &mut |stream| {
            output.object(&json!({
                "stream": stream.stream.as_str(),
                "category": &*stream.category,
                "events": stream.events,
                "first_version": stream.first_version,
                "last_version": stream.last_version,
                "last_time": stream.last_time.map(|time| time.to_string()),
            }))
        })?;
        return Ok(Answer::Yes);
    }
    let mut table = Table::new(&[
        ("STREAM", Align::Left),
        ("CATEGORY", Align::Left),
        ("EVENTS", Align::Right),
        ("VERSIONS", Align::Left),
        ("LAST EVENT", Align::Left),
    ]);
    let mut streams = 0;
    let mut events = 0;
    each_stream(&mut *log, category, &mut |stream| {
        streams += 1;
        events += stream.events;
        table.row(output, &cells(stream))
    })?;
    table.end(output)?;
    output.line(format!("{}, {}", counted(streams, "stream"), counted(events, "event")))?;
    Ok(Answer::Yes)
}

/// Calls `each` with every stream of a category, or of the log, by name.
pub fn each_stream(
    log: &mut dyn EventLog,
    category: Option<&str>,
    each: &mut dyn FnMut(&StreamInfo) -> Printed,
) -> Printed {
    let mut after: Option<StreamId> = None;
    loop {
        let page = StreamPage { category: category.map(str::to_owned), contains: None, after, limit: STREAMS_PAGE };
        let streams = log.streams(&page)?;
        for stream in &streams {
            each(stream)?;
        }
        match streams.last() {
            Some(last) if streams.len() >= STREAMS_PAGE as usize => after = Some(last.stream.clone()),
            _ => return Ok(()),
        }
    }
}

fn cells(stream: &StreamInfo) -> [String; 5] {
    let versions = match (stream.first_version, stream.last_version) {
        (Some(first), Some(last)) => format!("{first} to {last}"),
        _ => String::new(),
    };
    [
        stream.stream.as_str().to_owned(),
        stream.category.to_string(),
        thousands(stream.events),
        versions,
        stream.last_time.map(moment).unwrap_or_default(),
    ]
}
