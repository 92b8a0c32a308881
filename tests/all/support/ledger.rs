//! A ledger that exists only as replies: it answers every request of a session at once, from arithmetic, so that the
//! window can be looked at and tested without a thread, a file or a clock.

mod density;

use std::sync::Arc;

use eventscope::event::{Scope, Seq, StreamId, Time};
use eventscope::log::{Access, At, CategoryInfo, LogInfo, Snapshot, StreamInfo, Totals};
use eventscope::protocol::{
    BlameAt, BlameRow, CacheInfo, Change, DiffAt, DiffFor, EventDetail, EventRow, FoldedBy, Generation, ReducersInfo,
    Reply, Request, RowChange, Sample, StateAt, StateLines, Ticket, Trace, TraceAt, Traced,
};
use eventscope::replay::trace::Links;
use eventscope::session::{Action, Session};
use serde_json::{Value, json};

use density::density;

/// The stream that most tests look at.
pub const STREAM: &str = "account-7c41f2d0";
/// How many events it holds.
pub const STREAM_EVENTS: u64 = 48_213;
/// How many events the log holds.
pub const LOG_EVENTS: u64 = 10_482_316;
/// 19 July 2026, 14:32:29.816.
pub const NOON: i64 = 1_784_471_549_816_000;

const TYPES: [(&str, u64); 11] = [
    ("MoneyDeposited", 14_203),
    ("MoneyWithdrawn", 9_877),
    ("HoldPlaced", 9_442),
    ("HoldCaptured", 6_412),
    ("HoldReleased", 3_028),
    ("TransferSent", 2_114),
    ("TransferReceived", 1_602),
    ("FeeCharged", 801),
    ("InterestPaid", 402),
    ("LimitChanged", 201),
    ("AccountSnapshotted", 131),
];
const STREAMS: [&str; 7] = ["7c41f2d0", "02be91aa", "e1d07745", "5f3a06c8", "b8824e19", "9a10cc3f", "41ee7b02"];

/// The clock of pictures: a moment after the newest event.
pub fn clock() -> Time {
    Time(NOON + 8_000_000_000_000)
}

/// A number that looks drawn by lot and is always the same.
fn lot(seed: u64) -> u64 {
    let mixed = seed.wrapping_add(0x9e37_79b9_7f4a_7c15).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    (mixed ^ (mixed >> 29)).wrapping_mul(0x94d0_49bb_1331_11eb) >> 16
}

/// The ledger, and how much it has grown.
#[derive(Clone, Debug)]
pub struct Ledger {
    /// Events of the stream.
    pub events: u64,
    /// True for a log that Eventscope did not make.
    pub foreign: bool,
}

impl Default for Ledger {
    fn default() -> Self {
        Self { events: STREAM_EVENTS, foreign: true }
    }
}

impl Ledger {
    /// What the log says about itself.
    pub fn info(&self) -> LogInfo {
        LogInfo {
            locator: "/home/ana/ledger.db".to_owned(),
            name: "ledger.db".to_owned(),
            engine: "sqlite",
            layout: if self.foreign { "eventsourcing" } else { "native" }.to_owned(),
            layout_title: if self.foreign { "eventsourcing 9.x layout" } else { "Eventscope's own" }.to_owned(),
            evidence: vec!["table stored_events".to_owned(), "columns originator_id, originator_version".to_owned()],
            access: Access::Live,
            read_only: self.foreign,
            journal: "wal",
            bytes_total: 5_100_000_000,
            capabilities: eventscope::log::Capabilities {
                event_ids: true,
                times: true,
                metadata: true,
                stores_snapshots: !self.foreign,
            },
        }
    }

    fn extent(&self, scope: &Scope) -> u64 {
        match scope {
            Scope::Log => LOG_EVENTS + self.events - STREAM_EVENTS,
            Scope::Category(_) => 3_200_000,
            Scope::Stream(stream) if stream.as_str() == STREAM => self.events,
            Scope::Stream(_) => 5_000,
        }
    }

    /// A row, by its number alone.
    pub fn row(scope: &Scope, row: u64) -> EventRow {
        let (event_type, payload) = event(row);
        let stream = match scope {
            Scope::Stream(stream) => stream.clone(),
            _ => StreamId::new(&format!("account-{}", STREAMS[usize::try_from(lot(row) % 7).unwrap()])),
        };
        let version = if scope.stream().is_some() { row + 1 } else { row / 7 + 1 };
        EventRow {
            seq: (8_214_070 + row * 6).to_string(),
            stream,
            version: i64::try_from(version).ok(),
            event_type: event_type.into(),
            time: Some(time_of(row)),
            payload,
            fault: (row == 31_390 && scope.stream().is_some())
                .then(|| "176 bytes, not decoded: no known compression".to_owned()),
        }
    }

    /// The state after `position` events, with what the last of them changed.
    pub fn state(scope: &Scope, position: u64) -> StateAt {
        let before = value(position.saturating_sub(1));
        let after = value(position);
        let lines = if position == 0 { StateLines::default() } else { StateLines::between(&before, &after) };
        let stream = scope.stream().cloned().or_else(|| (position > 0).then(|| Self::row(scope, position - 1).stream));
        StateAt {
            scope: scope.clone(),
            position,
            in_stream: position,
            stream,
            version: i64::try_from(position).ok().filter(|version| *version > 0),
            exists: position > 0,
            changed: lines.changed,
            lines,
            bytes: 2_100,
            reducer: "auto 1".to_owned(),
            by: FoldedBy::default(),
            faults: Vec::new(),
            faults_total: 0,
            folded: 238,
            from_version: i64::try_from(position.saturating_sub(238)).ok(),
            elapsed_us: 400,
        }
    }

    fn detail(scope: &Scope, row: u64) -> EventDetail {
        let shown = Self::row(scope, row);
        let data = json!({"holdId": "h-9f31", "amount": 85.99, "currency": "EUR", "merchant": {"id": "M-2207", "country": null}, "auth": "A71-5530"});
        let undecoded = shown.fault.is_some();
        EventDetail {
            row,
            seq: shown.seq,
            stream: shown.stream,
            version: shown.version,
            event_type: shown.event_type,
            time: shown.time,
            id: Some("5b0e9d6a-63c1-4c55-a0de-0d7a1e107f12".to_owned()),
            bytes: 118,
            decoded_by: if undecoded { "not decoded" } else { "zlib, JSON" }.to_owned(),
            data: if undecoded { StateLines::default() } else { StateLines::of(&data) },
            upcast: Ok(undecoded
                .then_some(())
                .map_or_else(|| Some(StateLines::of(&json!({"hold": "h-9f31", "amount": 85.99}))), |()| None)),
            masked: false,
            raw: (0..118_u8).map(|byte| byte.wrapping_mul(37)).collect(),
            fault: shown.fault,
            metadata: StateLines::of(&json!({"correlationId": "pay-7720", "actor": "svc-cards", "schema": 1})),
            json: data.to_string(),
        }
    }

    /// A payment that was requested, held and settled, and led to the event, which led to a fee and 24 lines.
    fn trace(scope: &Scope, row: u64, ticket: Ticket) -> TraceAt {
        let shown = Self::row(scope, row);
        let begun = shown.time.unwrap_or(Time(0)).0 - 37_465_000;
        let event = |place: usize, kind: &str, stream: &StreamId, after_ms: i64, parent: Option<usize>, depth| Traced {
            seq: Seq::Number(i64::try_from(place).unwrap()),
            stream: stream.clone(),
            version: Some(7),
            event_type: Arc::from(kind),
            time: Some(Time(begun + after_ms * 1_000)),
            id: Some(format!("e{place}")),
            links: Links { cause: parent.map(|parent| format!("e{parent}")), whole: Some("pay-7720".to_owned()) },
            parent,
            depth,
        };
        let transfer = StreamId::new("3e07b1d4");
        let mut events = vec![
            event(0, "PaymentRequested", &transfer, 0, None, 0),
            event(1, "HoldPlaced", &shown.stream, 45, Some(0), 1),
            event(2, "PaymentSettled", &transfer, 37_454, Some(1), 2),
            event(3, &shown.event_type, &shown.stream, 37_465, Some(2), 3),
            event(4, "FeeCharged", &shown.stream, 37_476, Some(3), 4),
        ];
        events.extend((0..24).map(|n| {
            event(
                5 + usize::try_from(n).unwrap(),
                "StatementLineAdded",
                &StreamId::new("2026-07"),
                37_483 + n,
                Some(3),
                4,
            )
        }));
        let tree =
            Trace { events, target: 3, correlation: Some("pay-7720".to_owned()), read: 214_806, ..Trace::default() };
        TraceAt { ticket, read: tree.read, tree: Some(Arc::new(tree)), failure: None }
    }

    fn snapshots(stream: &StreamId) -> Vec<Snapshot> {
        let kept = [
            (9_870, "before migration"),
            (28_160, "quarter close"),
            (31_398, "before limit change"),
            (34_900, "since august"),
        ];
        let snapshot = |(version, name): (i64, &str)| Snapshot {
            stream: stream.clone(),
            version,
            name: Some(name.to_owned()),
            reducer: Some("auto 1".to_owned()),
            source: "eventscope".to_owned(),
            time: Some(time_of(u64::try_from(version).unwrap())),
            bytes: 2_000 + u64::try_from(version).unwrap() / 100,
            event_hash: None,
            seal: None,
            state: if version == 9_870 { Err("unknown encoding".to_owned()) } else { Ok(Value::Null) },
        };
        if stream.as_str() == STREAM { kept.map(snapshot).to_vec() } else { Vec::new() }
    }

    /// The honest answer to a request.
    #[expect(clippy::too_many_lines, reason = "one arm a request")]
    pub fn answer(&self, request: Request) -> Vec<Reply> {
        match request {
            Request::Open { generation, locator } if locator.contains("missing") => vec![Reply::OpenFailed {
                generation,
                message: format!("Cannot open log: no such file: {locator}"),
                locator,
            }],
            Request::Open { generation, .. } | Request::OpenDemo { generation } => {
                vec![Reply::Opened { generation, info: Arc::new(self.info()), demo: false, time: Time(NOON) }]
            }
            Request::Changes { generation, stream, first, count } => {
                let changes = (first..first + count).map(|row| RowChange::Paths(row % 5 + 1)).collect();
                vec![Reply::Changes { generation, stream, first, changes, reducer: "auto 1".to_owned() }]
            }
            Request::Locate { generation, scope, at } => {
                let position = match at {
                    At::Version(number) | At::Seq(Seq::Number(number)) => {
                        number.unsigned_abs().min(self.extent(&scope))
                    }
                    _ => 0,
                };
                vec![Reply::Located { generation, scope, position }]
            }
            Request::Overview { generation } => vec![Reply::Overview {
                generation,
                elapsed_ms: 0,
                totals: Totals {
                    events: self.extent(&Scope::Log),
                    streams: 214_806,
                    categories: 4,
                    snapshots: 4,
                    first_time: Some(time_of(0)),
                    last_time: Some(clock()),
                },
                categories: categories(),
            }],
            Request::Streams { generation, page } => {
                vec![Reply::Streams { generation, streams: streams(&page), page }]
            }
            Request::Extent { generation, scope, as_of } => {
                let events = self.extent(&scope);
                // A share of the one scope is the same share of the other.
                let as_of = as_of.map(|(other, position)| position * events / self.extent(&other).max(1));
                vec![Reply::Extent { generation, events, scope, as_of }]
            }
            Request::Density { generation, scope, span } => {
                let density = Arc::new(density(self.extent(&scope)));
                vec![Reply::Density { generation, scope, span, density }]
            }
            Request::Rows { generation, scope, first, count } => {
                let end = (first + count).min(self.extent(&scope));
                let rows = (first..end).map(|row| Self::row(&scope, row)).collect();
                vec![Reply::Rows { generation, scope, first, rows }]
            }
            Request::Detail { generation, scope, row } => {
                let detail = Arc::new(Self::detail(&scope, row));
                vec![Reply::Detail { generation, scope, detail }]
            }
            Request::Trace { generation, ticket, scope, row } => {
                let trace = Arc::new(Self::trace(&scope, row, ticket));
                vec![Reply::Traced { generation, trace }]
            }
            Request::Seek { generation, ticket, scope, position } => {
                vec![Reply::State { generation, ticket, state: Arc::new(Self::state(&scope, position)) }]
            }
            Request::Diff { generation, asked, .. } => {
                vec![Reply::Diff { generation, diff: Arc::new(Self::diff(asked)) }]
            }
            Request::Blame { generation, stream, path, .. } => {
                vec![Reply::Blame { generation, blame: Arc::new(Self::blame(stream, path)) }]
            }
            Request::Snapshots { generation, stream } => {
                vec![Reply::Snapshots { generation, snapshots: Self::snapshots(&stream), stream }]
            }
            Request::Snapshot { generation, stream, version, name } => vec![Reply::SnapshotTaken {
                generation,
                snapshot: Snapshot {
                    stream,
                    version,
                    name,
                    reducer: Some("auto 1".to_owned()),
                    source: "eventscope".to_owned(),
                    time: Some(Time(NOON)),
                    bytes: 2_100,
                    event_hash: None,
                    seal: None,
                    state: Ok(Value::Null),
                },
                stored_in: "ledger.db.eventscope".to_owned(),
            }],
            Request::UseReducer { generation, choice } => {
                let reducers = Arc::new(ReducersInfo { choice, ..ReducersInfo::default() });
                vec![Reply::Reducers { generation, reducers }]
            }
            Request::LoadBookmarks { generation, .. } => vec![Reply::Bookmarks { generation, bookmarks: Vec::new() }],
            Request::LoadView { generation, .. } => vec![Reply::View { generation, view: None }],
            Request::CacheInfo => vec![Reply::Cache(CacheInfo {
                folder: "/home/ana/.cache/eventscope".to_owned(),
                files: 3,
                bytes: 61_000_000,
            })],
            _ => Vec::new(),
        }
    }

    /// The balance is the position, and where A is the empty state all of it is new.
    fn diff(asked: DiffFor) -> DiffAt {
        let state = |position: u64| match position {
            0 => Value::Null,
            _ => json!({"balance": position, "owner": "Ana", "limits": {"day": 500, "step": position / 1_000}}),
        };
        let (from, to) = (asked.from.position, asked.to.position);
        let lines = StateLines::between(&state(from), &state(to));
        let changed = lines.lines.iter().enumerate().filter(|(_, line)| line.change != Change::Same);
        let version = |position: u64| (position > 0).then_some(i64::try_from(position).unwrap());
        let time = |position: u64| position.checked_sub(1).map(time_of);
        DiffAt {
            from_version: version(from),
            from_time: time(from),
            to_version: version(to),
            to_time: time(to),
            changed: changed.map(|(index, _)| u32::try_from(index).unwrap()).collect(),
            set_at: version(to).filter(|_| from < to).map(|version| (1, version)).into_iter().collect(),
            between: vec![("MoneyDeposited".into(), 956), ("MoneyWithdrawn".into(), 665)],
            lines,
            hidden: 0,
            matched: Vec::new(),
            moved: Vec::new(),
            patch: Some("[]".to_owned()),
            reducer: "auto 1".to_owned(),
            folded: 120,
            elapsed_us: 900,
            asked,
        }
    }

    /// Every hundredth event of the stream sets every path.
    fn blame(stream: StreamId, path: String) -> BlameAt {
        let value = |n: i64| Some(n.to_string());
        let rows = (1..=482_i64).rev().map(|n| BlameRow {
            position: u64::try_from(n * 100).unwrap(),
            version: n * 100,
            event_type: if n % 3 == 0 { "MoneyWithdrawn" } else { "MoneyDeposited" }.into(),
            time: Some(Time(NOON + n)),
            from: if n == 1 { None } else { value(n - 1) },
            to: value(n),
            number: Some(f64::from(i32::try_from(n).unwrap())),
            delta: (n > 1).then(|| "+1".to_owned()),
        });
        BlameAt {
            stream,
            path,
            reducer: "auto 1".to_owned(),
            last_version: Some(48_213),
            rows: rows.collect(),
            left_out: 0,
            events: 48_213,
            elapsed_us: 21_000,
        }
    }

    /// Answers everything that the session asks for, until it asks for nothing more. Returns what it asked for.
    pub fn serve(&self, session: &mut Session) -> Vec<Request> {
        let mut asked = Vec::new();
        for _ in 0..1_000 {
            let requests = session.take_requests();
            if requests.is_empty() {
                return asked;
            }
            for request in requests {
                asked.push(request.clone());
                for reply in self.answer(request) {
                    session.absorb(reply);
                }
            }
        }
        panic!("the session never comes to rest: {asked:?}");
    }

    /// A session that looks at the whole log.
    pub fn opened(&self) -> Session {
        let mut session = Session::new();
        session.apply(Action::Open("/home/ana/ledger.db".to_owned()));
        self.serve(&mut session);
        session
    }

    /// A session that looks at [`STREAM`] at a position, with its category open and two minutes of samples.
    pub fn at(&self, position: u64) -> Session {
        let mut session = self.opened();
        for action in [
            Action::ToggleCategory("account".to_owned()),
            Action::ChooseScope(Scope::Stream(StreamId::new(STREAM))),
            Action::Viewport { rows: 25 },
        ] {
            session.apply(action);
            self.serve(&mut session);
        }
        session.apply(Action::MoveCursor(position));
        self.serve(&mut session);
        let generation = newest_generation(&session);
        for index in 0..600 {
            session.absorb(Reply::Sample { generation, sample: self.sample(index) });
        }
        session
    }

    /// Lets the session hear that the log grew, and by how much.
    pub fn grow(&self, session: &mut Session, index: u64) {
        let generation = newest_generation(session);
        session.absorb(Reply::Grew { generation });
        session.absorb(Reply::Sample { generation, sample: self.sample(index) });
        self.serve(session);
    }

    fn sample(&self, index: u64) -> Sample {
        let wave = 300 + lot(index) % 90 + if index % 97 < 4 { 60 } else { 0 };
        Sample {
            at_ms: NOON / 1_000 + i64::try_from(index).unwrap() * 250,
            span_ms: 250,
            events: wave,
            bytes: wave * 540,
            by_type: vec![
                ("MoneyDeposited".into(), wave * 4 / 10),
                ("MoneyWithdrawn".into(), wave * 3 / 10),
                ("HoldPlaced".into(), wave * 2 / 10),
                ("FeeCharged".into(), wave - wave * 4 / 10 - wave * 3 / 10 - wave * 2 / 10),
            ],
            by_stream: vec![
                (StreamId::new(STREAM), wave / 5, wave * 108),
                ("account-02be91aa".into(), wave / 8, wave * 67),
            ],
            commits: Some((
                wave / 10,
                2_400 + lot(index) % 500,
                4_800 + lot(index * 7) % 2_600 * (1 + u64::from(index.is_multiple_of(41)) * 4),
            )),
            lag_ms: Some(38),
            events_total: self.extent(&Scope::Log),
            bytes_total: 5_100_000_000,
        }
    }
}

/// The generation of a session, learned from what it asks for when its scope is chosen again.
fn newest_generation(session: &Session) -> Generation {
    let mut copy = session.clone();
    copy.take_requests();
    copy.apply(Action::MoveCursor(session.cursor));
    let asked = copy.take_requests();
    asked
        .iter()
        .find_map(|request| match request {
            Request::Seek { generation, .. } => Some(*generation),
            _ => None,
        })
        .unwrap_or_default()
}

fn time_of(row: u64) -> Time {
    // One event in 340 s on average, from 1 February on; some come at once.
    let base = 1_769_904_000_000_000_i64 + i64::try_from(row.min(1_000_000)).unwrap() * 455_000_000;
    Time(base + i64::try_from(lot(row) % 420_000_000).unwrap())
}

fn event(row: u64) -> (&'static str, Vec<(String, String)>) {
    let draw = lot(row * 3 + 1) % 48_213;
    let mut sum = 0;
    let found = TYPES.iter().find(|(_, count)| {
        sum += count;
        draw < sum
    });
    let (name, _) = found.copied().unwrap_or(TYPES[0]);
    let pair = |key: &str, value: String| (key.to_owned(), value);
    let amount = format!("{}.{:02}", lot(row) % 240, lot(row + 9) % 100);
    let payload = match name {
        "HoldPlaced" | "HoldCaptured" => {
            vec![pair("holdId", format!("\"h-{:04x}\"", lot(row) % 65_536)), pair("amount", amount)]
        }
        "HoldReleased" => {
            vec![pair("holdId", format!("\"h-{:04x}\"", lot(row) % 65_536)), pair("reason", "\"expired\"".to_owned())]
        }
        "TransferSent" => vec![pair("to", "\"02be91aa\"".to_owned()), pair("amount", amount)],
        "TransferReceived" => vec![pair("from", "\"e1d07745\"".to_owned()), pair("amount", amount)],
        "FeeCharged" => vec![pair("kind", "\"atm\"".to_owned()), pair("amount", "1.50".to_owned())],
        "MoneyWithdrawn" => vec![pair("amount", amount), pair("atm", "\"A-114\"".to_owned())],
        "LimitChanged" => vec![pair("daily", "2500.00".to_owned())],
        _ => vec![pair("amount", amount), pair("source", "\"payroll\"".to_owned())],
    };
    (name, payload)
}

/// The state after so many events: a few counters move, and the holds come and go.
fn value(position: u64) -> Value {
    if position == 0 {
        return Value::Null;
    }
    let holds: Vec<Value> = (0..position % 4).map(|hold| json!({"id": format!("h-9f{hold}{}", position % 3), "amount": 12.5 + f64::from(u32::try_from(hold).unwrap())})).collect();
    json!({
        "id": "7c41f2d0-9b1e-4c55-a0de",
        "owner": "cust-20418",
        "currency": "EUR",
        "status": "active",
        "balance": 1_198 + position % 97,
        "available": 1_144.41,
        "holds": holds,
        "limits": {"daily": 2500, "single": 1000, "usedToday": 200 + position % 11},
        "counters": {"deposits": 9_812, "withdrawals": 6_438, "captures": position / 8, "openHolds": position % 4, "reversals": 37},
        "frozen": false,
        "closedAt": null
    })
}

fn categories() -> Vec<CategoryInfo> {
    let category = |(name, streams, seconds): (&str, u64, i64)| CategoryInfo {
        category: name.into(),
        streams,
        events: Some(streams * 49),
        last_time: Some(Time(clock().0 - seconds * 1_000_000)),
    };
    [("account", 148_220, 0), ("customer", 4_611, 4), ("statement", 71, 10_800), ("transfer", 61_904, 0)]
        .map(category)
        .to_vec()
}

fn streams(page: &eventscope::log::StreamPage) -> Vec<StreamInfo> {
    let category = page.category.clone().unwrap_or_else(|| "account".to_owned());
    let wanted = page.contains.clone().unwrap_or_default().to_lowercase();
    let all = STREAMS.iter().enumerate().map(|(index, name)| {
        let index = u64::try_from(index).unwrap();
        StreamInfo {
            stream: StreamId::new(&format!("{category}-{name}")),
            category: category.as_str().into(),
            events: if index == 0 { STREAM_EVENTS } else { 40_000 / (index + 1) },
            first_version: Some(1),
            last_version: i64::try_from(STREAM_EVENTS).ok(),
            last_time: Some(Time(clock().0 - i64::try_from(index * index * index).unwrap() * 1_000_000)),
        }
    });
    let mut found: Vec<StreamInfo> = all.filter(|info| info.stream.as_str().to_lowercase().contains(&wanted)).collect();
    if page.after.is_some() {
        found.clear();
    }
    // A page that is full says that there are more.
    if page.category.is_some() && page.after.is_none() {
        found.truncate(page.limit as usize);
    }
    found
}
