//! npm `@livestore/livestore`: one log for a whole store, without streams and without times. The state that it derives
//! lies in another file.

use rusqlite::Connection;

use super::super::schema::{Schema, Table};
use super::{Confidence, Map, Order, Recognised, TimeForm};
use crate::error::Result;

const COLUMNS: &[&str] = &["seqNumGlobal", "seqNumClient", "name", "argsJson", "clientId", "sessionId"];
/// Up to version 0.2, in the table `mutation_log`.
const OLDER: &[&str] = &["idGlobal", "idLocal", "parentIdGlobal", "mutation", "argsJson", "schemaHash"];

const METADATA: [&str; 8] = [
    "clientId",
    "sessionId",
    "seqNumClient",
    "seqNumRebaseGeneration",
    "parentSeqNumGlobal",
    "idLocal",
    "parentIdGlobal",
    "schemaHash",
];

#[expect(clippy::unnecessary_wraps, reason = "one form for all layouts: others ask the file")]
pub(super) fn recognise(schema: &Schema, _: &Connection) -> Result<Vec<Recognised>> {
    let tables = schema.tables.iter().filter(|table| table.has(COLUMNS) || table.has(OLDER));
    Ok(tables.filter_map(|table| Some(recognised(table, table.row_number()?))).collect())
}

fn recognised(table: &Table, row: &str) -> Recognised {
    let kept = |name: &&str| table.column(name).is_some();
    let is_older = !table.has(COLUMNS);
    let (columns, version, event_type) =
        if is_older { (OLDER, "idGlobal", "mutation") } else { (COLUMNS, "seqNumGlobal", "name") };
    let metadata: Vec<String> =
        METADATA.iter().filter(|name| kept(name)).map(|name| format!("'{name}', e.{name}")).collect();
    let time = table.column("createdAt").map(|_| ("e.createdAt".to_owned(), TimeForm::Text));
    let said_of_time = if time.is_some() { "createdAt is the time" } else { "no column holds a time" };
    let name = format!("'{}'", table.name.replace('\'', "''"));
    Recognised {
        layout: "livestore",
        title: "LiveStore's event log (npm @livestore/livestore 0.2 to 0.4)",
        table: table.name.clone(),
        evidence: vec![
            table.evidence(columns),
            format!("the store has one log and no streams: all is in the stream \"{}\"", table.name),
            format!("{version} is the version; {said_of_time}"),
        ],
        confidence: Confidence(90),
        map: Map {
            stream: name.clone(),
            of_stream: format!(":stream = {name}"),
            directory: Some(super::super::directory::Directory::default()),
            version: format!("e.{version}"),
            time,
            in_stream: Order::Key,
            event_type: format!("e.{event_type}"),
            data: "e.argsJson".to_owned(),
            metadata: Some(format!("json_object({})", metadata.join(", "))),
            ..Map::of(table, &format!("e.{row}")).by_category(&name)
        },
    }
}
