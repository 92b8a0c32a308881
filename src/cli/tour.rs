//! `demo` without a display: the main job as a tour in the terminal. Plain lines, the same in a pipe.
//!
//! It writes the wallet ledger, finds the account that was overdrawn, steps through its replay, keeps a snapshot, and
//! watches a writer at work. Nothing of what it prints is made up: it asks what the other commands ask.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::time::Instant;

use super::info::moment;
use super::output::{Align, Answer, Ending, Output, Printed, Table, counted, cut, plain, thousands};
use super::snapshots::operation;
use crate::error::{Error, Result};
use crate::event::{EventBatch, Resume, Scope, StreamId, Time, Value};
use crate::lab::wallet;
use crate::limits::PAGE_EVENTS_MAX;
use crate::log::{At, StreamPage};
use crate::reducer::{Reducer as _, auto::Auto};
use crate::replay::diff::diff;
use crate::replay::{Replay, snapshots};
use crate::store::sqlite::native::Store;
use crate::store::{self, EventLog, cache};

mod live;

/// Streams that the tour lists.
const STREAMS_SHOWN: u32 = 5;
/// Versions before and after the interesting one that the tour steps through.
const STEPS_AROUND: u64 = 2;
/// Changes of one step that are told.
const CHANGES_TOLD_MAX: usize = 3;
/// Characters of a line.
const LINE_CHARS_MAX: usize = 110;

/// A version at which a balance was below zero.
struct Overdrawn {
    stream: StreamId,
    version: i64,
    balance: Value,
}

/// Shows the tour.
pub fn run(output: &mut Output) -> Ending {
    output.line("Eventscope: point it at an event log, and see what happened, step by step, and why.")?;
    output.line("There is no display, so this is the tour in the terminal. With a display, the window opens.")?;
    let path = tour_path()?;
    let name = path.display().to_string();

    heading(output, 1, "A log: the ledger of a wallet, nine months of it")?;
    let started = Instant::now();
    let mut store = fresh(&path)?;
    let (_, writer) = wallet::write(&mut store, Time::now(), &mut |_| {})?;
    drop(store);
    let mut log = store::open(&name)?;
    show_log(&mut *log, output, started)?;

    heading(output, 2, "A question: was an account ever overdrawn?")?;
    let started = Instant::now();
    let (folded, found) = find_overdrawn(&mut *log)?;
    drop(log);
    output.line(format!(
        "   Folded {} of all accounts, looking at the balance after each, in {:.1} s:",
        counted(folded, "event"),
        started.elapsed().as_secs_f64()
    ))?;
    for one in &found {
        let (stream, balance) = (plain(one.stream.as_str()), &one.balance);
        output.line(format!("   {stream}: after version {} the balance is {balance}", one.version))?;
    }
    let Some(overdrawn) = found.first() else {
        return Err(Error::Other("the demo log holds no overdrawn account, and it should".to_owned()).into());
    };

    heading(output, 3, &format!("Step by step: {} around version {}", overdrawn.stream, overdrawn.version))?;
    let mut replay = Replay::open(&name, Box::new(Auto))?;
    show_steps(&mut replay, overdrawn, output)?;

    heading(output, 4, "A snapshot: the state is kept, and checked against a fresh fold")?;
    let label = Some("overdrawn".to_owned());
    let (snapshot, stored_in) = snapshots::take(&mut replay, &overdrawn.stream, Some(overdrawn.version), label)?;
    let (verdict, _) = snapshots::audit(&mut replay, &snapshot)?;
    let file = Path::new(&stored_in).file_name().map(|file| file.to_string_lossy().into_owned()).unwrap_or_default();
    output.line(format!(
        "   {} at version {}: kept in {file}, verdict {}",
        snapshot.stream,
        snapshot.version,
        verdict.word()
    ))?;
    drop(replay);

    heading(output, 5, "Live: another thread writes, this one watches")?;
    live::show(&path, writer, output)?;

    heading(output, 6, "Your turn")?;
    let stream = &overdrawn.stream;
    let (version, before) = (overdrawn.version, overdrawn.version - 1);
    for (command, purpose) in [
        (format!("eventscope state '{name}' --stream {stream} --version {before}"), "one step before"),
        (format!("eventscope find '{name}' --category account --when 'state.balance < 0'"), "ever below zero?"),
        (format!("eventscope blame '{name}' --stream {stream} --path /balance --version {version}"), "who set it"),
        (format!("eventscope events '{name}' --stream {stream} --after-version {before} --limit 2"), "what happened"),
        (format!("eventscope snapshots '{name}' --verify"), "the audit"),
        (format!("eventscope verify '{name}'"), "the log's integrity"),
    ] {
        output.line(format!("   {command}   # {purpose}"))?;
    }
    Ok(Answer::Yes)
}

fn heading(output: &mut Output, number: u32, title: &str) -> Printed {
    output.line("")?;
    output.line(format!("{number}. {}", plain(title)))?;
    // Each part is there to be read while the next one works.
    output.flush()
}

/// Where the tour's log lies: in the cache folder, so that the commands of the last part find it.
fn tour_path() -> Result<PathBuf> {
    let folder = cache::folder().unwrap_or_else(std::env::temp_dir).join("demo");
    std::fs::create_dir_all(&folder)
        .map_err(|error| Error::Other(format!("cannot create the folder {}: {error}", folder.display())))?;
    Ok(folder.join("tour.db"))
}

/// An empty log in place of the one that an earlier tour left.
fn fresh(path: &Path) -> Result<Store> {
    for suffix in ["", "-wal", "-shm", "-journal"] {
        let mut file = path.as_os_str().to_owned();
        file.push(suffix);
        match std::fs::remove_file(&file) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                let file = file.to_string_lossy();
                return Err(Error::Other(format!("cannot remove the log of an earlier tour: {error}: {file}")));
            }
            _ => {}
        }
    }
    Store::create(path)
}

fn show_log(log: &mut dyn EventLog, output: &mut Output, started: Instant) -> Printed {
    let totals = log.totals()?;
    output.line(format!(
        "   {} in {}, written and opened in {:.1} s: {}",
        counted(totals.events, "event"),
        counted(totals.streams, "stream"),
        started.elapsed().as_secs_f64(),
        log.info().locator
    ))?;
    if let (Some(first), Some(last)) = (totals.first_time, totals.last_time) {
        output.line(format!("   from {} to {}", moment(first), moment(last)))?;
    }
    output.line("")?;
    let mut table = Table::new(&[("   CATEGORY", Align::Left), ("STREAMS", Align::Right), ("EVENTS", Align::Right)]);
    for category in log.categories()? {
        let events = match category.events {
            Some(events) => events,
            None => log.extent(&Scope::Category(category.category.clone()))?,
        };
        table.row(output, &[format!("   {}", category.category), thousands(category.streams), thousands(events)])?;
    }
    table.end(output)?;
    output.line("")?;
    let mut table = Table::new(&[("   STREAM", Align::Left), ("EVENTS", Align::Right), ("LAST EVENT", Align::Left)]);
    let page = StreamPage { category: Some("account".to_owned()), limit: STREAMS_SHOWN, ..StreamPage::default() };
    for stream in log.streams(&page)? {
        let last = stream.last_time.map(moment).unwrap_or_default();
        table.row(output, &[format!("   {}", stream.stream), thousands(stream.events), last])?;
    }
    table.row(output, &["   …".to_owned(), String::new(), String::new()])?;
    table.end(output)
}

/// Folds every account, event by event, and gives how many events that were and where a balance was below zero.
fn find_overdrawn(log: &mut dyn EventLog) -> Result<(u64, Vec<Overdrawn>)> {
    let scope = Scope::Category("account".into());
    let decoder = log.decoder();
    let mut reducer = Auto;
    let mut states: HashMap<String, Value> = HashMap::new();
    let (mut folded, mut found) = (0, Vec::new());
    let mut resume = Resume::Start;
    let mut batch = EventBatch::new();
    loop {
        let end = log.read(&scope, &resume, PAGE_EVENTS_MAX, &mut batch)?;
        for raw in batch.iter() {
            let Ok(event) = decoder.event(&raw) else { continue };
            let state = states.entry(raw.stream.to_owned()).or_insert_with(|| reducer.empty());
            if reducer.fold(state, event).is_err() {
                continue;
            }
            folded += 1;
            let shown = reducer.show(state.clone());
            if let Some(balance) = shown.state.get("balance")
                && balance.as_f64().is_some_and(|balance| balance < 0.0)
                && let Some(version) = raw.version
            {
                found.push(Overdrawn { stream: StreamId::new(raw.stream), version, balance: balance.clone() });
            }
        }
        if end.at_end {
            return Ok((folded, found));
        }
        resume = end.next;
    }
}

fn show_steps(replay: &mut Replay, overdrawn: &Overdrawn, output: &mut Output) -> Printed {
    let scope = Scope::Stream(overdrawn.stream.clone());
    let middle = replay.log().position_of(&scope, &At::Version(overdrawn.version))?;
    let mut batch = EventBatch::new();
    let mut culprit = None;
    for position in middle.saturating_sub(STEPS_AROUND).max(1)..=middle + STEPS_AROUND {
        let folded = replay.state_at(&overdrawn.stream, position, &|| false)?;
        if folded.position < position {
            break;
        }
        let Some(version) = folded.version else { continue };
        replay.log().read(&scope, &Resume::AfterVersion(version - 1), 1, &mut batch)?;
        let event = batch.get(0);
        let event_type = event.map(|event| event.event_type.to_owned()).unwrap_or_default();
        let time = event.and_then(|event| event.time).map(moment).unwrap_or_default();
        let mark = if position == middle { "▶" } else { " " };
        output.line(format!(" {mark} version {version}  {}  {time}", plain(&event_type)))?;
        let changes = diff(&folded.before.state, &folded.shown.state);
        for change in changes.iter().take(CHANGES_TOLD_MAX) {
            output.line(format!("       {}", cut(&plain(&operation(change)), LINE_CHARS_MAX)))?;
        }
        if changes.len() > CHANGES_TOLD_MAX {
            output.line(format!("       and {} more", changes.len() - CHANGES_TOLD_MAX))?;
        }
        if position == middle {
            culprit = Some((event_type, folded.before.state, folded.shown.state));
        }
    }
    if let Some((event_type, before, state)) = culprit {
        output.line("")?;
        output.line(format!(
            "   The state after that {}, folded from {}:",
            plain(&event_type),
            counted(middle, "event")
        ))?;
        let pretty = serde_json::to_string_pretty(&state).map_err(std::io::Error::from)?;
        for line in pretty.lines() {
            output.line(format!("   {}", cut(&plain(line), LINE_CHARS_MAX)))?;
        }
        if let (Some(checked), Some(real)) = (state.get("checkedBalance"), before.get("balance")) {
            output.line(format!(
                "   Why: it was checked against a balance of {checked}, and by then the balance was {real}."
            ))?;
        }
    }
    Ok(())
}
