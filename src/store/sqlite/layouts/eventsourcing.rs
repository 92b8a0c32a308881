//! Python `eventsourcing`: a table of events for each application, and one of snapshots with the same columns.
//!
//! The tables are named after the application (`stored_events`, `orders_events`). The table of snapshots is WITHOUT
//! ROWID and its topics end in `:Snapshot`.

use rusqlite::{Connection, OptionalExtension};

use super::super::fault::fault;
use super::super::schema::{Schema, Table, quoted};
use super::{Categories, Confidence, Map, Names, Order, Recognised, SnapshotMap, TotalsFrom};
use crate::error::{Error, Result};
use crate::payload::Decoder;
use crate::payload::crypt::Key;

const COLUMNS: &[&str] = &["originator_id", "originator_version", "topic", "state"];

/// The part of a topic behind the module: `Order.OrderPlaced`.
const TYPE: &str = "substr(e.topic, instr(e.topic, ':') + 1)";

/// What stands before the last dot of the type: rtrim takes off all that is no dot. The whole where it has no dot.
const CATEGORY: &str = "CASE WHEN instr(TYPE, '.') THEN
    substr(rtrim(TYPE, replace(TYPE, '.', '')), 1, length(rtrim(TYPE, replace(TYPE, '.', ''))) - 1) ELSE TYPE END";

/// The same as a question: the type begins with the category and a dot, and has no dot after that.
const OF_CATEGORY: &str = "((substr(TYPE, 1, length(:category) + 1) = :category || '.'
    AND instr(substr(TYPE, length(:category) + 2), '.') = 0) OR (TYPE = :category AND instr(TYPE, '.') = 0))";

struct Candidate<'a> {
    table: &'a Table,
    row_number: &'static str,
    first: Option<(String, String)>,
    /// A table with the same columns that holds no events, where there is just one.
    snapshots: Option<&'a Table>,
}

pub(super) fn recognise(schema: &Schema, connection: &Connection) -> Result<Vec<Recognised>> {
    let mut candidates = Vec::new();
    for table in schema.tables.iter().filter(|table| table.has(COLUMNS)) {
        let Some(row_number) = table.row_number() else { continue };
        let candidate = look(connection, table, row_number).map_err(|error| fault(error, "recognise its tables"))?;
        let holds_events = match &candidate.first {
            Some((_, topic)) => topic.contains(':') && !is_snapshot(topic),
            None => !table.name.ends_with("snapshots"),
        };
        if holds_events {
            candidates.push(candidate);
        }
    }
    if candidates.is_empty() {
        return Ok(Vec::new());
    }
    let others: Vec<&Table> = schema
        .tables
        .iter()
        .filter(|table| table.has(COLUMNS) && !candidates.iter().any(|candidate| candidate.table.name == table.name))
        .collect();
    if let ([candidate], [other]) = (candidates.as_mut_slice(), others.as_slice()) {
        candidate.snapshots = Some(other);
    }
    let key = Key::from_environment().map_err(Error::Open)?;
    Ok(candidates.iter().map(|candidate| recognised(schema, candidate, key.as_ref())).collect())
}

fn recognised(schema: &Schema, chosen: &Candidate<'_>, key: Option<&Key>) -> Recognised {
    let table = chosen.table;
    let mut evidence = vec![table.evidence(COLUMNS)];
    if let Some((_, topic)) = &chosen.first {
        evidence.push(format!("topics have the form module:Class.Event, as \"{topic}\""));
    }
    if table.is_unique_by(&["originator_id", "originator_version"]) {
        evidence.push("originator_id and originator_version are a unique key".to_owned());
    }
    let snapshots = snapshots_beside(schema, table).or(chosen.snapshots);
    if let Some(beside) = snapshots {
        evidence.push(format!("table \"{}\" has the same columns and holds the snapshots", beside.name));
    }
    let is_uuid = chosen.first.as_ref().is_some_and(|(id, _)| crate::event::uuid_with_dashes(id).is_some());
    Recognised {
        layout: "eventsourcing",
        title: "Python eventsourcing (PyPI eventsourcing 9)",
        table: table.name.clone(),
        evidence,
        confidence: Confidence(if chosen.first.is_some() { 90 } else { 60 }),
        map: Map {
            from: format!("{} e", quoted(&table.name)),
            key: format!("e.{}", chosen.row_number),
            stream: "e.originator_id".to_owned(),
            full_stream: None,
            directory: None,
            from_stream: None,
            places: None,
            in_stream: Order::Version,
            once: None,
            of_stream: "e.originator_id = :stream".to_owned(),
            names: if is_uuid { Names::Uuid } else { Names::Plain },
            version: "e.originator_version".to_owned(),
            event_type: TYPE.to_owned(),
            category: CATEGORY.replace("TYPE", TYPE),
            of_category: OF_CATEGORY.replace("TYPE", TYPE),
            categories: Categories::Type,
            time: None,
            id: None,
            data: "e.state".to_owned(),
            metadata: None,
            filter: None,
            totals: TotalsFrom::Counting,
            snapshots: snapshots.map(|beside| SnapshotMap {
                from: format!("{} n", quoted(&beside.name)),
                stream: "n.originator_id".to_owned(),
                full_stream: None,
                version_of_event: None,
                version: "n.originator_version".to_owned(),
                name: None,
                reducer: None,
                event_hash: None,
                time: None,
                state: "n.state".to_owned(),
                source: "eventsourcing",
            }),
            decoder: Decoder::eventsourcing().with_key(key.cloned()),
        },
    }
}

fn look<'a>(connection: &Connection, table: &'a Table, row_number: &'static str) -> rusqlite::Result<Candidate<'a>> {
    let name = quoted(&table.name);
    let first = connection
        .query_row(&format!("SELECT originator_id, topic FROM {name} ORDER BY {row_number} LIMIT 1"), [], |row| {
            let text = |index| row.get_ref(index).map(super::super::pages::text_of);
            Ok((text(0)?.into_owned(), text(1)?.into_owned()))
        })
        .optional()?;
    Ok(Candidate { table, row_number, first, snapshots: None })
}

fn is_snapshot(topic: &str) -> bool {
    topic.ends_with(":Snapshot") || topic.ends_with("Snapshot") && !topic.contains('.')
}

/// The table of snapshots of an application: the same columns, WITHOUT ROWID, and the same name but for its end.
fn snapshots_beside<'a>(schema: &'a Schema, events: &Table) -> Option<&'a Table> {
    let prefix = events.name.strip_suffix("events")?;
    let name = format!("{prefix}snapshots");
    schema.table(&name).filter(|table| table.has(COLUMNS) && table.name != events.name)
}
