//! `snapshots`: lists them, or folds the events again and compares.

use serde_json::{Value, json};

use super::arguments::SnapshotsArguments;
use super::info::moment;
use super::output::{Align, Answer, Ending, Output, Table, bytes, counted};
use crate::error::Result;
use crate::event::StreamId;
use crate::log::Snapshot;
use crate::reducer;
use crate::replay::diff::Operation;
use crate::replay::snapshots::{Verdict, audit, list};
use crate::replay::{Replay, diff};

/// Operations of a diff that the table for people tells.
const OPERATIONS_TOLD_MAX: usize = 3;

/// Prints the snapshots, those of the log and those of its companion file.
pub fn run(arguments: &SnapshotsArguments, output: &mut Output) -> Ending {
    let mut replay = Replay::open(&arguments.log.log, reducer::by_name("auto")?)?;
    let stream = arguments.stream.as_deref().map(StreamId::new);
    let snapshots = list(replay.log(), stream.as_ref())?;
    let mut table = table(arguments.verify);
    let mut drifted = 0;
    for snapshot in &snapshots {
        let audited = if arguments.verify { Some(audit_one(&mut replay, snapshot)?) } else { None };
        if audited.as_ref().is_some_and(|(verdict, _)| *verdict == Verdict::Drift) {
            drifted += 1;
        }
        if output.is_json() {
            output.object(&object(snapshot, audited.as_ref()))?;
        } else {
            table.row(output, &cells(snapshot, audited.as_ref()))?;
        }
    }
    if !output.is_json() {
        table.end(output)?;
        let drift = match (arguments.verify, drifted) {
            (false, _) => String::new(),
            (true, 0) => ", none has drifted".to_owned(),
            (true, count) => format!(", {count} drifted"),
        };
        output.line(format!("{}{drift}", counted(snapshots.len() as u64, "snapshot")))?;
    }
    Ok(if drifted == 0 { Answer::Yes } else { Answer::No })
}

/// A snapshot that cannot be decoded is no state that a fold gives; it does not end the audit of the others.
fn audit_one(replay: &mut Replay, snapshot: &Snapshot) -> Result<(Verdict, Vec<Operation>)> {
    if snapshot.state.is_err() && snapshot.reducer.as_deref() == Some(replay.reducer_id()) {
        return Ok((Verdict::Drift, Vec::new()));
    }
    audit(replay, snapshot)
}

fn object(snapshot: &Snapshot, audited: Option<&(Verdict, Vec<Operation>)>) -> Value {
    json!({
        "stream": snapshot.stream.as_str(),
        "version": snapshot.version,
        "reducer": snapshot.reducer,
        "source": snapshot.source,
        "verdict": audited.map(|(verdict, _)| verdict.word()),
        "diff": audited.map(|(_, operations)| operations),
    })
}

fn table(with_verdict: bool) -> Table {
    let mut columns = vec![
        ("STREAM", Align::Left),
        ("VERSION", Align::Right),
        ("NAME", Align::Left),
        ("REDUCER", Align::Left),
        ("SOURCE", Align::Left),
        ("SIZE", Align::Right),
        ("TAKEN", Align::Left),
    ];
    if with_verdict {
        columns.extend([("VERDICT", Align::Left), ("DIFFERENCE", Align::Left)]);
    }
    Table::new(&columns)
}

fn cells(snapshot: &Snapshot, audited: Option<&(Verdict, Vec<Operation>)>) -> Vec<String> {
    let mut cells = vec![
        snapshot.stream.as_str().to_owned(),
        snapshot.version.to_string(),
        snapshot.name.clone().unwrap_or_default(),
        snapshot.reducer.clone().unwrap_or_default(),
        snapshot.source.clone(),
        bytes(snapshot.bytes),
        snapshot.time.map(moment).unwrap_or_default(),
    ];
    if let Some((verdict, operations)) = audited {
        cells.push(verdict.word().to_owned());
        cells.push(match &snapshot.state {
            Err(why) if *verdict == Verdict::Drift => format!("the snapshot cannot be decoded: {why}"),
            _ => told(operations),
        });
    }
    cells
}

/// The first operations in words.
fn told(operations: &[Operation]) -> String {
    let mut parts: Vec<String> = operations.iter().take(OPERATIONS_TOLD_MAX).map(operation).collect();
    if operations.len() > OPERATIONS_TOLD_MAX {
        parts.push(format!("{} more", operations.len() - OPERATIONS_TOLD_MAX));
    }
    parts.join("; ")
}

/// One change in words: `/balance 5 → 7`.
pub fn operation(operation: &diff::Operation) -> String {
    match operation.op {
        "add" => format!("{} added: {}", operation.path, operation.to),
        "remove" => format!("{} removed: {}", operation.path, operation.from),
        _ => format!("{} {} → {}", operation.path, operation.from, operation.to),
    }
}
