//! How libraries lay their events out in tables. A layout is data more than code: what it is recognised by, and a map
//! from its columns to our words ([`Map`]). The reader is the same for all.

use rusqlite::Connection;

use super::schema::Schema;
use crate::error::{Error, Result};

mod aett;
mod check;
mod cqrs_es;
mod emmett;
mod eventcore;
mod evento;
mod eventsource_py;
mod eventsourcing;
mod guess;
mod laravel;
mod livestore;
mod map;
mod mapping;
mod native;
mod pekko;
mod rails;
mod sample;
mod words;

pub use check::{MapPart, PartCheck, Verdict};
pub use mapping::{Columns, Mapping};

pub(super) use check::check;
pub(super) use sample::ROWS_LOOKED_AT;
pub(super) use words::rows;

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

/// Finds the layout of a file: the first that is mapped, else the surest, and among equals the largest. `table` asks for
/// the log in that table.
///
/// # Errors
/// `Open` with the tables' names where none fits.
pub(super) fn recognise(connection: &Connection, table: Option<&str>, mappings: &[Mapping]) -> Result<Recognised> {
    let schema = Schema::read(connection)?;
    let is_wanted = |mapping: &&Mapping| table.is_none_or(|table| mapping.table.eq_ignore_ascii_case(table));
    if let Some(mapping) = mappings.iter().find(is_wanted) {
        let mut said = vec![format!("the workspace file maps table \"{}\"", mapping.table)];
        let others: Vec<String> = mappings
            .iter()
            .filter(|other| other.table != mapping.table)
            .map(|other| format!("\"{}\"", other.table))
            .collect();
        if !others.is_empty() {
            said.push(format!(
                "it maps others, too, that are not shown: {} (open the file with ?table=NAME behind its name)",
                others.join(", ")
            ));
        }
        return mapping.recognised(&schema, connection, (Confidence(100), said));
    }
    if table.is_none()
        && let Some(native) = native::recognise(&schema, connection)?.pop()
    {
        // It has a mark, and no other log beside it: to look further would cost more, the larger it is.
        return Ok(native);
    }
    let mut found = Vec::new();
    for recognise in ALL {
        for recognised in recognise(&schema, connection)? {
            let events = words::rows(connection, &schema, &recognised.table)?;
            found.push((recognised, events));
        }
    }
    for guess in guess::guess(&schema, connection)? {
        let is_known = found.iter().any(|(known, _)| known.table == guess.mapping.table);
        if !is_known && (guess.confidence >= guess::SURE || table == Some(&guess.mapping.table)) {
            let mut evidence = vec![format!("no known library: guessed, {} of 100 sure", guess.confidence.0)];
            evidence.extend(schema.table(&guess.mapping.table).map(|table| table.evidence(&guess.mapping.naming())));
            evidence.extend(guess.evidence);
            let events = words::rows(connection, &schema, &guess.mapping.table)?;
            found.push((guess.mapping.recognised(&schema, connection, (guess.confidence, evidence))?, events));
        }
    }
    found.sort_by_key(|(recognised, events)| std::cmp::Reverse((*events > 0, recognised.confidence, *events)));
    let shown =
        |(other, events): &(Recognised, i64)| format!("\"{}\" ({}, about {events} rows)", other.table, other.layout);
    if let Some(wanted) = table {
        let index = found.iter().position(|(recognised, _)| recognised.table.eq_ignore_ascii_case(wanted));
        let Some(index) = index else {
            let known: Vec<String> = found.iter().map(shown).collect();
            let logs = if known.is_empty() { "none".to_owned() } else { known.join(", ") };
            return Err(Error::Open(format!(
                "table \"{wanted}\" is no event log that is known (the file's logs: {logs})"
            )));
        };
        found[..=index].rotate_right(1);
    }
    let mut found = found.into_iter();
    let Some((mut best, _)) = found.next() else {
        let tables = match schema.tables.len() {
            0 => "the database has no tables".to_owned(),
            _ => format!("no table looks like an event log (tables: {})", schema.names()),
        };
        return Err(Error::Open(format!(
            "{tables}; {KNOWN}; another table can be described in eventscope.toml (see eventscope map)"
        )));
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

/// The mapping of a file's tables as far as it can be guessed, as TOML with what it rests on; the surest first, the
/// others as comments.
///
/// # Errors
/// `Open` where no table looks like an event log in the least.
pub(super) fn map_text(connection: &Connection) -> Result<String> {
    let schema = Schema::read(connection)?;
    let mut text = String::new();
    for guess in guess::guess(&schema, connection)? {
        let head = format!("table \"{}\": {} of 100 sure", guess.mapping.table, guess.confidence.0);
        let facts = std::iter::once(head).chain(guess.evidence).map(|fact| format!("# {fact}\n"));
        let is_first = text.is_empty();
        text.extend(facts);
        let lines = guess.mapping.to_toml();
        text.extend(lines.lines().map(|line| if is_first { format!("{line}\n") } else { format!("# {line}\n") }));
        text.push('\n');
    }
    if text.is_empty() {
        return Err(Error::Open(format!(
            "no table looks like an event log (tables: {}); write a [mapping] by hand: table, stream, version, type, \
             time, payload, metadata",
            schema.names()
        )));
    }
    text.truncate(text.trim_end().len());
    Ok(text)
}

/// The guesses of a file, the surest first: how sure each is, and what it rests on.
///
/// # Errors
/// As SQLite says.
pub(super) fn guesses(schema: &Schema, connection: &Connection) -> Result<Vec<(Mapping, u8, Vec<String>)>> {
    let guesses = guess::guess(schema, connection)?.into_iter();
    Ok(guesses.map(|guess| (guess.mapping, guess.confidence.0, guess.evidence)).collect())
}

/// The paths of values inside of a table's JSON that nearly every row has.
///
/// # Errors
/// As SQLite says.
pub(super) fn paths(connection: &Connection, table: &super::schema::Table) -> Result<Vec<String>> {
    let samples = sample::samples(connection, table)?;
    Ok(samples.into_iter().filter(|sample| sample.is_path).map(|sample| sample.name).collect())
}
