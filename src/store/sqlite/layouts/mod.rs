//! How libraries lay their events out in tables. A layout is data more than code: what it is recognised by, and a map
//! from its columns to our words ([`Map`]). The reader is the same for all.

use rusqlite::Connection;

use super::schema::Schema;
use crate::error::{Error, Result};

mod aett;
mod cqrs_es;
mod emmett;
mod eventcore;
mod evento;
mod eventsource_py;
mod eventsourcing;
mod laravel;
mod livestore;
mod map;
mod native;
mod pekko;
mod rails;
mod words;

pub(super) use map::{
    Categories, Confidence, Map, Names, Order, Places, Recognised, SnapshotMap, TimeForm, TotalsFrom,
};

/// What finds the logs of one layout in a file: one for each table of events.
type Recogniser = fn(&Schema, &Connection) -> Result<Vec<Recognised>>;

const ALL: [Recogniser; 12] = [
    native::recognise,
    emmett::recognise,
    eventsourcing::recognise,
    cqrs_es::recognise,
    eventcore::recognise,
    eventsource_py::recognise,
    rails::recognise,
    laravel::recognise,
    pekko::recognise,
    evento::recognise,
    aett::recognise,
    livestore::recognise,
];

/// The known layouts, for messages.
const KNOWN: &str = "known are the logs of Eventscope, aett and NEventStore, Akka and Pekko, cqrs-es, Emmett, eventcore, \
                     evento, eventsource-py, Python's eventsourcing, Laravel, LiveStore, and Rails Event Store";

/// Finds the layout of a file: the surest, and among equals the largest. `table` asks for the log in that table.
///
/// # Errors
/// `Open` with the tables' names where none fits.
pub(super) fn recognise(connection: &Connection, table: Option<&str>) -> Result<Recognised> {
    let schema = Schema::read(connection)?;
    let mut found = Vec::new();
    for recognise in ALL {
        for recognised in recognise(&schema, connection)? {
            let events = words::rows(connection, &schema, &recognised.table)?;
            found.push((recognised, events));
        }
    }
    found.sort_by_key(|(recognised, events)| std::cmp::Reverse((*events > 0, recognised.confidence, *events)));
    let shown = |(other, events): &(Recognised, i64)| {
        format!("\"{}\" ({}, about {events} rows)", other.table, other.layout)
    };
    if let Some(wanted) = table {
        let index = found.iter().position(|(recognised, _)| recognised.table.eq_ignore_ascii_case(wanted));
        let Some(index) = index else {
            let known: Vec<String> = found.iter().map(shown).collect();
            let logs = if known.is_empty() { "none".to_owned() } else { known.join(", ") };
            return Err(Error::Open(format!("table \"{wanted}\" is no event log that is known (the file's logs: {logs})")));
        };
        found[..=index].rotate_right(1);
    }
    let mut found = found.into_iter();
    let Some((mut best, _)) = found.next() else {
        let tables = match schema.tables.len() {
            0 => "the database has no tables".to_owned(),
            _ => format!("no table looks like an event log (tables: {})", schema.names()),
        };
        return Err(Error::Open(format!("{tables}; {KNOWN}")));
    };
    let others: Vec<_> = found.filter(|(other, _)| other.table != best.table).collect();
    if let Some((other, _)) = others.first() {
        let list: Vec<String> = others.iter().map(shown).collect();
        best.evidence.push(format!(
            "of several event logs in the file this is shown; not shown: {} (open the file with ?table={} behind its name)",
            list.join(", "),
            other.table
        ));
    }
    Ok(best)
}
