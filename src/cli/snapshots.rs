//! `snapshots`: lists them, or folds the events again and compares.

use serde_json::{Value, json};

use super::arguments::SnapshotsArguments;
use super::info::moment;
use super::output::{Align, Answer, Ending, Output, Printed, Table, bytes, counted, plain};
use super::progress::{Meter, duration};
use super::replay_over;
use crate::error::Result;
use crate::event::StreamId;
use crate::limits::{COST_EVENTS_MIN, COST_FOLD_US, COST_SAVED_US_MIN};
use crate::log::Snapshot;
use crate::replay::cost::{Advice, Unsaved, advise, measure, savings};
use crate::replay::diff::Operation;
use crate::replay::snapshots::{Audited, Verdict, audit_stream, list};
use crate::replay::{Replay, diff};
use crate::store::stream_named;

/// Operations of a diff that the table for people tells.
const OPERATIONS_TOLD_MAX: usize = 3;

/// Streams that are looked at for the one whose next snapshot pays most.
const UNSAVED_TOLD_MAX: usize = 3;

/// A snapshot, what its audit found, and what it saves.
struct Row {
    snapshot: Snapshot,
    audited: Option<Audited>,
    saves: Option<u64>,
}

/// Prints the snapshots, those of the log and those of its companion file.
pub fn run(arguments: &SnapshotsArguments, output: &mut Output) -> Ending {
    let (mut replay, _) = replay_over(&arguments.log.locator(), None, None, &arguments.reducer, false)?;
    let stream = arguments.stream.as_deref().map(|name| stream_named(replay.log(), name)).transpose()?;
    let mut snapshots = list(replay.log(), stream.as_ref())?;
    snapshots.sort_by(|one, other| (&one.stream, one.version).cmp(&(&other.stream, other.version)));
    let audited = if arguments.verify { audit_all(&mut replay, &snapshots)? } else { vec![None; snapshots.len()] };
    let drifted = audited.iter().flatten().filter(|(verdict, _)| *verdict == Verdict::Drift).count();
    if output.is_json() {
        for (snapshot, audited) in snapshots.iter().zip(&audited) {
            output.object(&object(snapshot, audited.as_ref()))?;
        }
    } else {
        tell(&mut replay, stream.as_ref(), snapshots, audited, drifted, output)?;
    }
    Ok(if drifted == 0 { Answer::Yes } else { Answer::No })
}

/// Folds each stream once, past all its snapshots.
fn audit_all(replay: &mut Replay, snapshots: &[Snapshot]) -> Result<Vec<Option<Audited>>> {
    let mut audited = Vec::with_capacity(snapshots.len());
    let mut meter = Meter::new(0);
    for of_stream in snapshots.chunk_by(|one, other| one.stream == other.stream) {
        let Some(first) = of_stream.first() else { continue };
        let all: Vec<&Snapshot> = of_stream.iter().collect();
        let (found, _) = audit_stream(replay, &first.stream, &all, &mut |events| meter.tell(events))?;
        audited.extend(found.into_iter().map(Some));
    }
    meter.end();
    Ok(audited)
}

/// For people: what each saves, too, and where the next one pays.
fn tell(
    replay: &mut Replay,
    stream: Option<&StreamId>,
    snapshots: Vec<Snapshot>,
    audited: Vec<Option<Audited>>,
    drifted: usize,
    output: &mut Output,
) -> Printed {
    let count = snapshots.len() as u64;
    // Without an audit, that it would be sound is taken for granted.
    let mut judged = Vec::with_capacity(snapshots.len());
    for (snapshot, found) in snapshots.into_iter().zip(&audited) {
        let own = snapshot.reducer.as_deref() == Some(replay.reducer_of(&snapshot.stream)?);
        let usable = own && found.as_ref().is_none_or(|(verdict, _)| *verdict == Verdict::Sound);
        judged.push((snapshot, usable));
    }
    let snapshots = judged;
    let savings = savings(replay, &snapshots)?;
    let advice = advise(replay, stream, &snapshots, UNSAVED_TOLD_MAX)?;
    let verify = audited.iter().any(Option::is_some);
    let mut table = table(verify);
    for (((snapshot, _), audited), saves) in snapshots.into_iter().zip(audited).zip(savings) {
        table.row(output, &cells(&Row { snapshot, audited, saves }))?;
    }
    table.end(output)?;
    let drift = match (verify, drifted) {
        (false, _) => String::new(),
        (true, 0) => ", none has drifted".to_owned(),
        (true, count) => format!(", {count} drifted"),
    };
    output.line(format!("{}{drift}", counted(count, "snapshot")))?;
    output.flush()?;
    tell_advice(replay, &advice, output)
}

/// What folding costs, measured now, and where the next snapshot pays.
fn tell_advice(replay: &mut Replay, advice: &Advice, output: &mut Output) -> Printed {
    let Some(most) = advice.unsaved.first() else { return Ok(()) };
    let Some(cost) = measure(replay, &most.stream, &mut |_| std::ops::ControlFlow::Continue(()))? else {
        return Ok(());
    };
    let events = counted(most.events, "event");
    if cost.events < COST_EVENTS_MIN {
        return output.line(format!("no other would pay: a load folds {events} at most"));
    }
    let (folds, name) = (counted(cost.events, "event"), plain(cost.stream.as_str()));
    let (fold, load) = (duration(cost.fold_us), duration(cost.load_us));
    output.line(format!("measured: {folds} of {name} folded in {fold}; a state loaded in {load}"))?;
    let pays = |one: &&Unsaved| one.events >= cost.pays_from() && cost.of(one.events) >= COST_SAVED_US_MIN;
    for one in advice.unsaved.iter().filter(pays) {
        let (events, saved) = (counted(one.events, "event"), duration(cost.of(one.events)));
        let at = one.version.map_or_else(String::new, |version| format!(" at version {version}"));
        output.line(format!("the next pays: {}{at} saves folding {events}, {saved}", plain(one.stream.as_str())))?;
    }
    if !advice.unsaved.iter().any(|one| pays(&one)) {
        output.line(format!("no other would pay: a load folds {events} at most"))?;
    }
    if advice.cut {
        output.line("there are more streams than were looked through")?;
    }
    let every = counted(cost.every(), "event");
    output.line(format!("one every {every} keeps the fold of a load under {}", duration(COST_FOLD_US)))
}

fn object(snapshot: &Snapshot, audited: Option<&Audited>) -> Value {
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
        ("SAVES", Align::Right),
    ];
    if with_verdict {
        columns.extend([("VERDICT", Align::Left), ("DIFFERENCE", Align::Left)]);
    }
    Table::new(&columns)
}

fn cells(Row { snapshot, audited, saves }: &Row) -> Vec<String> {
    let mut cells = vec![
        snapshot.stream.as_str().to_owned(),
        snapshot.version.to_string(),
        snapshot.name.clone().unwrap_or_default(),
        snapshot.reducer.clone().unwrap_or_default(),
        snapshot.source.clone(),
        bytes(snapshot.bytes),
        snapshot.time.map(moment).unwrap_or_default(),
        saves.map(|events| counted(events, "event")).unwrap_or_default(),
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
