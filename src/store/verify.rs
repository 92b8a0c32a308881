//! Does a log keep what it promises? Versions without gaps or duplicates, ids that are unique, times that do not go
//! backwards, payloads that can be decoded, causes that exist, totals that are true.
//!
//! One pass in the log's own order with one small record for each stream; ids are kept as hashes, and where there are
//! more than [`limits::VERIFY_IDS_KEPT_MAX`] of them the log is read again for each further part of them. Works for any [`EventLog`].

use std::collections::{BTreeMap, HashMap, HashSet};

use crate::error::Result;
use crate::event::{EventBatch, RawEvent, Resume, Scope, Seq, StreamId, Time, Value};
use crate::limits;
use crate::log::StreamPage;
use crate::payload::Decoder;
use crate::store::anchor::Anchor;
use crate::store::{EventLog, seal};

/// How often totals that differ are compared anew, in case somebody has just appended.
const TOTALS_ATTEMPTS_MAX: u32 = 3;
/// Orphans from which on it is asked whether causes name events in this log at all.
const ORPHANS_ALONE_MAX: u64 = 16;
/// Where metadata names the event that caused this one.
const CAUSATION_KEYS: [&str; 3] = ["causationId", "$causationId", "causation_id"];
/// Where libraries keep what it belongs to, in the same order.
const CORRELATION_KEYS: [&str; 3] = ["correlationId", "$correlationId", "correlation_id"];
/// What all of these keys contain: metadata without it is not parsed.
const CAUSATION_MARK: &[u8] = b"ausation";

/// Something that is not as it should be.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Finding {
    /// `gap`, `duplicate`, `time`, `undecodable`, `orphan`, `totals`, or `seal`.
    pub kind: &'static str,
    /// In which stream; `None` where it concerns the log.
    pub stream: Option<StreamId>,
    /// At which version.
    pub version: Option<i64>,
    /// What is wrong, in words.
    pub detail: String,
}

/// What was looked at.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct VerifySummary {
    /// Events that were read.
    pub events: u64,
    /// Streams that they are in.
    pub streams: u64,
    /// Findings that were reported.
    pub findings: u64,
    /// Events that a seal covers, from the first one on; 0 where the log has no seals.
    pub sealed: u64,
    /// The newest seal; `None` where the log has no seals. Kept outside of the log, it proves later that nobody has
    /// rewritten what is before it.
    pub anchor: Option<Anchor>,
    /// Causes that metadata names, where none of them is an event of this log: they name something else, such as
    /// commands, and that is no fault of the log. 0 where some are events.
    pub causes_elsewhere: u64,
}

/// Reads the whole log, as it stands now, and reports what is wrong with it, each thing once.
///
/// # Errors
/// As every read of the log: `Busy`, `Corrupt`, `Stopped`, `Other`.
pub fn verify(log: &mut dyn EventLog, report: &mut dyn FnMut(Finding)) -> Result<VerifySummary> {
    verify_keeping(log, report, limits::VERIFY_IDS_KEPT_MAX)
}

/// [`verify`] with the number of ids that one pass holds given.
fn verify_keeping(log: &mut dyn EventLog, report: &mut dyn FnMut(Finding), ids_max: u64) -> Result<VerifySummary> {
    let mut findings = 0;
    let mut report = |finding| {
        findings += 1;
        report(finding);
    };
    let mut summary = VerifySummary::default();
    // What is appended while we read is left for the next time.
    let head = log.head()?.last;
    let events = log.totals()?.events;
    let parts = events.div_ceil(ids_max).max(1);
    let mut pass = Pass::new(log.decoder(), log.info().layout == "native");
    let mut ids = Ids::new(0, parts);
    let mut seals = seal::Checker::default();
    each_page(log, head, |log, batch| {
        seals.fetch(log, batch)?;
        for raw in batch {
            seals.look(raw);
            pass.look(raw, &mut report);
            ids.look(raw, &pass.decoder, &mut report);
        }
        Ok(())
    })?;
    for broken in seals.end(log, head)? {
        report(Finding { kind: "seal", stream: broken.stream, version: broken.version, detail: broken.detail });
    }
    summary.sealed = seals.sealed();
    summary.anchor = seals.newest();
    let (mut causes, mut causes_are_elsewhere) = (0, false);
    for part in 0..parts {
        if part > 0 {
            ids = Ids::new(part, parts);
            each(log, head, |raw| ids.look(raw, &pass.decoder, &mut report))?;
        }
        causes += ids.causes;
        if part == 0 {
            // One part of all hashes is a fair sample.
            causes_are_elsewhere = ids.resolved == 0 && ids.causes > ORPHANS_ALONE_MAX;
        }
        if !causes_are_elsewhere && ids.resolved < ids.causes {
            each(log, head, |raw| ids.look_for_cause(raw, &pass.decoder, &mut report))?;
        }
    }
    drop(ids);
    if causes_are_elsewhere {
        summary.causes_elsewhere = causes;
    }
    summary.events = pass.events;
    summary.streams = pass.streams.len() as u64;
    for (stream, doubt) in std::mem::take(&mut pass.doubts) {
        look_at_versions(log, &stream, doubt, &mut report)?;
    }
    if pass.is_native {
        compare_totals(log, &pass, &mut report)?;
    }
    summary.findings = findings;
    Ok(summary)
}

/// Calls with each event up to and with `head`, in the log's order.
fn each(log: &mut dyn EventLog, head: Option<Seq>, mut look: impl FnMut(&RawEvent<'_>)) -> Result<()> {
    each_page(log, head, |_, page| {
        page.iter().for_each(&mut look);
        Ok(())
    })
}

/// [`each`], a page at a time and with the log at hand.
fn each_page(
    log: &mut dyn EventLog,
    head: Option<Seq>,
    mut look: impl FnMut(&mut dyn EventLog, &[RawEvent<'_>]) -> Result<()>,
) -> Result<()> {
    let Some(head) = head else { return Ok(()) };
    let (mut batch, mut from) = (EventBatch::new(), Resume::Start);
    loop {
        let end = log.read(&Scope::Log, &from, limits::PAGE_EVENTS_MAX, &mut batch)?;
        let page: Vec<RawEvent<'_>> = batch.iter().take_while(|raw| raw.seq <= head).collect();
        look(log, &page)?;
        if end.at_end || page.len() < batch.len() {
            return Ok(());
        }
        from = end.next;
    }
}

/// A name or an id, short enough to keep millions.
fn short(text: &str) -> u128 {
    let mut first = [0; 16];
    first.copy_from_slice(&blake3::hash(text.as_bytes()).as_bytes()[..16]);
    u128::from_le_bytes(first)
}

fn finding(kind: &'static str, raw: &RawEvent<'_>, detail: String) -> Finding {
    let stream = (!raw.stream.is_empty()).then(|| StreamId::new(raw.stream));
    Finding { kind, stream, version: raw.version, detail }
}

/// What is known of a stream so far.
#[derive(Clone, Copy, Default)]
struct Seen {
    events: u64,
    last_version: Option<i64>,
    last_time: Option<Time>,
}

/// The one look at everything but ids.
struct Pass {
    decoder: Decoder,
    is_native: bool,
    events: u64,
    last_number: i64,
    streams: HashMap<u128, Seen>,
    /// Streams whose versions do not follow one another in the log's order, and the event at which that showed.
    doubts: BTreeMap<StreamId, Finding>,
}

impl Pass {
    fn new(decoder: Decoder, is_native: bool) -> Self {
        Self { decoder, is_native, events: 0, last_number: 0, streams: HashMap::new(), doubts: BTreeMap::new() }
    }

    fn look(&mut self, raw: &RawEvent<'_>, report: &mut dyn FnMut(Finding)) {
        self.events += 1;
        let time = match self.decoder.event(raw) {
            Ok(event) => event.time,
            Err(fault) => {
                report(finding("undecodable", raw, format!("the payload cannot be decoded: {fault}")));
                raw.time
            }
        };
        if let Some(number) = raw.seq.number().filter(|_| self.is_native) {
            if number != self.last_number + 1 {
                let detail = format!("position {number} follows {}", self.last_number);
                report(Finding { kind: "gap", stream: None, version: None, detail });
            }
            self.last_number = number;
        }
        let seen = self.streams.entry(short(raw.stream)).or_default();
        seen.events += 1;
        if let (Some(before), Some(now)) = (seen.last_time, time)
            && now < before
        {
            report(finding("time", raw, format!("{now} is earlier than {before}, the time of the event before it")));
        }
        seen.last_time = time.or(seen.last_time);
        if let Some(version) = raw.version.filter(|_| !raw.stream.is_empty()) {
            let follows = match seen.last_version {
                Some(last) => last.checked_add(1) == Some(version),
                None => version == 0 || version == 1,
            };
            if !follows {
                let last = seen.last_version;
                let kind = if last.is_some_and(|last| version <= last) { "duplicate" } else { "gap" };
                let after = last.map_or_else(|| "is the first".to_owned(), |last| format!("follows {last}"));
                let doubt = finding(kind, raw, format!("version {version} {after}"));
                let stream = StreamId::new(raw.stream);
                if self.doubts.len() < limits::VERIFY_DOUBTS_KEPT_MAX {
                    self.doubts.entry(stream).or_insert(doubt);
                } else if !self.doubts.contains_key(&stream) {
                    report(doubt);
                }
            }
            seen.last_version = seen.last_version.max(Some(version));
        }
    }
}

/// The ids of one part of all ids.
struct Ids {
    part: u128,
    parts: u128,
    seen: HashSet<u128>,
    /// Causes that events named, and how many of those had been seen before their effect.
    causes: u64,
    resolved: u64,
}

impl Ids {
    fn new(part: u64, parts: u64) -> Self {
        Self { part: u128::from(part), parts: u128::from(parts), seen: HashSet::new(), causes: 0, resolved: 0 }
    }

    fn is_ours(&self, id: u128) -> bool {
        id % self.parts == self.part
    }

    fn look(&mut self, raw: &RawEvent<'_>, decoder: &Decoder, report: &mut dyn FnMut(Finding)) {
        let Some(text) = raw.id else { return };
        let id = short(text);
        if self.is_ours(id) && !self.seen.insert(id) {
            report(finding("duplicate", raw, format!("the id \"{text}\" belongs to an earlier event too")));
        }
        if let Some(cause) = cause_of(raw, decoder).map(|(cause, _)| short(&cause)).filter(|cause| self.is_ours(*cause))
        {
            self.causes += 1;
            self.resolved += u64::from(self.seen.contains(&cause));
        }
    }

    /// Once all ids of this part are known.
    fn look_for_cause(&self, raw: &RawEvent<'_>, decoder: &Decoder, report: &mut dyn FnMut(Finding)) {
        if raw.id.is_none() {
            return;
        }
        // What began a whole correlation is a command or a request: no log of events holds it.
        if let Some((text, _)) = cause_of(raw, decoder).filter(|(_, begins)| !begins) {
            let cause = short(&text);
            if self.is_ours(cause) && !self.seen.contains(&cause) {
                report(finding("orphan", raw, format!("its cause \"{text}\" is no event of this log")));
            }
        }
    }
}

/// The id of the event that caused this one, where its metadata says so, and whether it is that of the correlation.
fn cause_of(raw: &RawEvent<'_>, decoder: &Decoder) -> Option<(String, bool)> {
    let metadata = raw.metadata?;
    if !metadata.windows(CAUSATION_MARK.len()).any(|window| window == CAUSATION_MARK) {
        return None;
    }
    let metadata = match serde_json::from_slice::<Value>(metadata) {
        Ok(value) if !decoder.is_masking() => value,
        // Stored in another form: only the decoder knows it.
        _ => decoder.decode(raw).metadata,
    };
    let cause = CAUSATION_KEYS.iter().find_map(|key| metadata.get(key)?.as_str())?;
    let correlation = CORRELATION_KEYS.iter().find_map(|key| metadata.get(key)?.as_str());
    (!cause.is_empty()).then(|| (cause.to_owned(), correlation == Some(cause)))
}

/// Reads one stream by version and says what is wrong with its numbering; `doubt` is what showed in the log's order.
fn look_at_versions(
    log: &mut dyn EventLog,
    stream: &StreamId,
    doubt: Finding,
    report: &mut dyn FnMut(Finding),
) -> Result<()> {
    let scope = Scope::Stream(stream.clone());
    let (mut batch, mut from, mut found) = (EventBatch::new(), Resume::Start, false);
    let mut last: Option<i64> = None;
    loop {
        let end = log.read(&scope, &from, limits::PAGE_EVENTS_MAX, &mut batch)?;
        for raw in batch.iter() {
            let Some(version) = raw.version else { continue };
            let wrong = match last {
                Some(last) if version == last => Some(("duplicate", format!("version {version} stands there twice"))),
                Some(last) if last.checked_add(1) == Some(version) => None,
                Some(last) => Some(("gap", format!("version {version} follows {last}"))),
                None if version == 0 || version == 1 => None,
                None => Some(("gap", format!("version {version} is the first"))),
            };
            if let Some((kind, detail)) = wrong {
                found = true;
                report(finding(kind, &raw, detail));
            }
            last = Some(version);
        }
        if end.at_end {
            break;
        }
        from = end.next;
    }
    if !found {
        // By version all is well, but the log's order is another one.
        let detail = format!("in the order of the log, {}", doubt.detail);
        report(Finding { detail, ..doubt });
    }
    Ok(())
}

/// Compares the totals that a native log keeps with its events.
fn compare_totals(log: &mut dyn EventLog, pass: &Pass, report: &mut dyn FnMut(Finding)) -> Result<()> {
    let mut page = StreamPage { limit: limits::STREAMS_PAGE, ..StreamPage::default() };
    let mut listed = 0;
    loop {
        let streams = log.streams(&page)?;
        let Some(last) = streams.last() else { break };
        page.after = Some(last.stream.clone());
        for info in streams {
            let Some(seen) = pass.streams.get(&short(info.stream.as_str())) else {
                // It has begun while we read, or is counted without having an event.
                compare_stream(log, &info.stream, report)?;
                continue;
            };
            listed += 1;
            let same =
                (info.events, info.last_version, info.last_time) == (seen.events, seen.last_version, seen.last_time);
            if !same {
                compare_stream(log, &info.stream, report)?;
            }
        }
    }
    let missing = (pass.streams.len() as u64).saturating_sub(listed);
    if missing > 0 {
        let detail = format!("{missing} streams have events and are not in the list of streams");
        report(Finding { kind: "totals", stream: None, version: None, detail });
    }
    Ok(())
}

/// Compares one stream's totals with its events once more, each time with what stands there now.
fn compare_stream(log: &mut dyn EventLog, stream: &StreamId, report: &mut dyn FnMut(Finding)) -> Result<()> {
    let mut detail = String::new();
    for _ in 0..TOTALS_ATTEMPTS_MAX {
        let told = log.stream(stream)?;
        let told = told.map_or((0, None, None), |info| (info.events, info.last_version, info.last_time));
        let seen = count(log, stream)?;
        let seen = (seen.events, seen.last_version, seen.last_time);
        if told == seen {
            return Ok(());
        }
        let version = |version: Option<i64>| version.map_or_else(|| "none".to_owned(), |version| version.to_string());
        detail = format!(
            "its totals say {} events up to version {}, it holds {} up to version {}",
            told.0,
            version(told.1),
            seen.0,
            version(seen.1)
        );
        if (told.0, told.1) == (seen.0, seen.1) {
            let time = |time: Option<Time>| time.map_or_else(|| "none".to_owned(), |time| time.to_string());
            detail = format!("its totals say that it ends at {}, it ends at {}", time(told.2), time(seen.2));
        }
    }
    report(Finding { kind: "totals", stream: Some(stream.clone()), version: None, detail });
    Ok(())
}

fn count(log: &mut dyn EventLog, stream: &StreamId) -> Result<Seen> {
    let scope = Scope::Stream(stream.clone());
    let (mut batch, mut from, mut seen) = (EventBatch::new(), Resume::Start, Seen::default());
    loop {
        let end = log.read(&scope, &from, limits::PAGE_EVENTS_MAX, &mut batch)?;
        for raw in batch.iter() {
            seen.events += 1;
            seen.last_version = raw.version;
            seen.last_time = raw.time;
        }
        if end.at_end {
            return Ok(seen);
        }
        from = end.next;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lab::generate::{Plan, generate};
    use crate::store::sqlite::native::{Expected, NewEvent, Store};

    /// More ids than one pass holds, down to one: each part finds what is its own, and nothing is found twice.
    #[test]
    fn parts_of_the_ids_find_what_the_whole_finds() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("log.db");
        let mut store = Store::create(&path).unwrap();
        let plan = Plan { events: 300, streams: 5, payload_bytes: 0, seed: 2 };
        generate(&mut store, &plan, &mut |_| ()).unwrap();
        for cause in ["lost", "gone"] {
            let event = NewEvent {
                id: None,
                event_type: "T".to_owned(),
                time: None,
                data: b"{}".to_vec(),
                metadata: Some(format!("{{\"causationId\":\"{cause}\"}}").into_bytes()),
            };
            store.append(&StreamId::new("effect-1"), Expected::Any, &[event]).unwrap();
        }
        for ids_max in [1_000_000, 100, 7] {
            let mut log = crate::store::open(&path.to_string_lossy()).unwrap();
            let mut found = Vec::new();
            let summary = verify_keeping(log.as_mut(), &mut |finding| found.push(finding), ids_max).unwrap();
            let mut notes: Vec<_> = found.iter().map(|one| (one.kind, one.version)).collect();
            notes.sort_unstable();
            assert_eq!(notes, [("orphan", Some(1)), ("orphan", Some(2))], "{ids_max}");
            assert_eq!(summary, VerifySummary { events: 302, streams: 6, findings: 2, ..VerifySummary::default() });
        }
    }
}
