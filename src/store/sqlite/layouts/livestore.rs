//! npm `@livestore/livestore`: one log for a whole store, without streams and without times. The state that it derives
//! lies in another file.

use rusqlite::Connection;

use super::super::schema::{Schema, Table};
use super::{Confidence, Map, Order, Recognised};
use crate::error::Result;

const COLUMNS: &[&str] = &["seqNumGlobal", "seqNumClient", "name", "argsJson", "clientId", "sessionId"];

#[expect(clippy::unnecessary_wraps, reason = "one form for all layouts: others ask the file")]
pub(super) fn recognise(schema: &Schema, _: &Connection) -> Result<Vec<Recognised>> {
    let tables = schema.tables.iter().filter(|table| table.has(COLUMNS));
    Ok(tables.filter_map(|table| Some(recognised(table, table.row_number()?))).collect())
}

fn recognised(table: &Table, row: &str) -> Recognised {
    let kept = |name: &&str| table.column(name).is_some();
    let metadata: Vec<String> =
        ["clientId", "sessionId", "seqNumClient", "seqNumRebaseGeneration", "parentSeqNumGlobal", "schemaHash"]
            .iter()
            .filter(|name| kept(name))
            .map(|name| format!("'{name}', e.{name}"))
            .collect();
    let name = format!("'{}'", table.name.replace('\'', "''"));
    Recognised {
        layout: "livestore",
        title: "LiveStore's event log (npm @livestore/livestore 0.4)",
        table: table.name.clone(),
        evidence: vec![
            table.evidence(COLUMNS),
            format!("the store has one log and no streams: all is in the stream \"{}\"", table.name),
            "seqNumGlobal is the version; no column holds a time".to_owned(),
        ],
        confidence: Confidence(90),
        map: Map {
            stream: name.clone(),
            of_stream: format!(":stream = {name}"),
            directory: Some(super::super::directory::Directory::default()),
            version: "e.seqNumGlobal".to_owned(),
            in_stream: Order::Key,
            event_type: "e.name".to_owned(),
            data: "e.argsJson".to_owned(),
            metadata: Some(format!("json_object({})", metadata.join(", "))),
            ..Map::of(table, &format!("e.{row}")).by_category(&name)
        },
    }
}
