//! Generated logs: the same plan is the same log, and every log is a good one.

use std::path::Path;

use eventscope::error::Error;
use eventscope::event::Time;
use eventscope::lab::generate::{Plan, generate};
use eventscope::lab::wallet::{self, LiveWriter, Planted, Spot};
use eventscope::store::sqlite::native::Store;
use rusqlite::Connection;

/// Every event of a log, whole, in order.
fn rows(path: &Path) -> Vec<String> {
    let client = Connection::open(path).unwrap();
    let sql =
        "SELECT position || '|' || stream || '|' || version || '|' || type || '|' || time || '|' || id || '|' || data
                      || '|' || coalesce(metadata, '-') FROM event_log ORDER BY position";
    let mut statement = client.prepare(sql).unwrap();
    let rows = statement.query_map([], |row| row.get(0)).unwrap();
    rows.map(Result::unwrap).collect()
}

fn make(path: &Path, plan: Plan) -> Vec<u64> {
    let mut heard = Vec::new();
    generate(&mut Store::create(path).unwrap(), &plan, &mut |made| heard.push(made)).unwrap();
    heard
}

#[test]
fn the_same_plan_is_the_same_log() {
    let folder = tempfile::tempdir().unwrap();
    let plan = Plan { events: 3_000, streams: 40, payload_bytes: 200, seed: 7 };
    let (one, two, three) = (folder.path().join("1.db"), folder.path().join("2.db"), folder.path().join("3.db"));
    make(&one, plan);
    make(&two, plan);
    make(&three, Plan { seed: 8, ..plan });
    assert_eq!(rows(&one), rows(&two));
    assert_ne!(rows(&one), rows(&three));
    // Other programs count on these bytes too: a change here is a change of every reproducible log.
    assert_eq!(
        blake3::hash(rows(&one).join("\n").as_bytes()).to_hex().as_str(),
        "a736b841cbecdeef80c29346ef4dad50e1b16f63aa4c19dbad3a9ed59c64ac4d"
    );
}

#[test]
fn a_plan_is_kept_to_the_letter() {
    for (events, streams, payload_bytes) in
        [(0, 5, 0), (1, 1, 0), (3, 10, 300), (500, 1, 250), (5_000, 4_999, 0), (12_345, 100, 1_000)]
    {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("log.db");
        let heard = make(&path, Plan { events, streams, payload_bytes, seed: 1 });
        assert_eq!(heard.last().copied().unwrap_or_default(), events);
        assert!(heard.is_sorted());
        let client = Connection::open(&path).unwrap();
        let found: [i64; 4] = client
            .query_row(
                "SELECT count(*), count(DISTINCT stream_id), coalesce(min(length(CAST(data AS BLOB))), 0),
                        coalesce(max(length(CAST(data AS BLOB))), 0) FROM events",
                [],
                |row| Ok([row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?]),
            )
            .unwrap();
        let [made, begun, shortest, longest] = found.map(|count| u64::try_from(count).unwrap());
        assert_eq!((made, begun), (events, streams.min(events)));
        if payload_bytes >= 200 {
            assert_eq!((shortest, longest), (payload_bytes as u64, payload_bytes as u64));
        }
    }
}

#[test]
fn streams_are_of_unlike_length() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("log.db");
    make(&path, Plan { events: 20_000, streams: 1_000, payload_bytes: 0, seed: 3 });
    let client = Connection::open(&path).unwrap();
    let (longest, small): (i64, i64) = client
        .query_row("SELECT max(events), count(*) FILTER (WHERE events <= 10) FROM streams", [], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })
        .unwrap();
    assert!(longest > 1_000, "{longest}");
    assert!(small > 300, "{small}");
}

#[test]
fn the_same_plan_again_changes_nothing_and_another_is_a_conflict() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("log.db");
    let plan = Plan { events: 500, streams: 10, payload_bytes: 0, seed: 7 };
    make(&path, plan);
    let before = rows(&path);
    let mut store = Store::open(&path).unwrap();
    generate(&mut store, &plan, &mut |_| ()).unwrap();
    assert_eq!(rows(&path), before);
    let error = generate(&mut store, &Plan { seed: 8, ..plan }, &mut |_| ()).unwrap_err();
    assert!(matches!(error, Error::Conflict(_)), "{error:?}");
    assert_eq!(rows(&path), before);
    let none = generate(&mut store, &Plan { streams: 0, ..plan }, &mut |_| ()).unwrap_err();
    assert!(matches!(none, Error::Input(_)), "{none:?}");
}

/// When the demo log of these tests ends: 2026-10-01 12:00 UTC.
const END: Time = Time(1_790_856_000_000_000);

fn demo(path: &Path, end: Time) -> (Planted, LiveWriter) {
    wallet::write(&mut Store::create(path).unwrap(), end, &mut |_| ()).unwrap()
}

/// One column of text, whole numbers as text too.
fn column(path: &Path, sql: &str) -> Vec<String> {
    let client = Connection::open(path).unwrap();
    let mut statement = client.prepare(sql).unwrap();
    let rows = statement.query_map([], |row| row.get(0)).unwrap();
    rows.map(Result::unwrap).collect()
}

fn spot(spot: &Spot) -> String {
    format!("{} {}", spot.stream, spot.version)
}

#[test]
fn the_demo_is_nine_months_of_a_wallet() {
    let folder = tempfile::tempdir().unwrap();
    let (one, two) = (folder.path().join("1.db"), folder.path().join("2.db"));
    demo(&one, END);
    demo(&two, END);
    let events = rows(&one);
    assert_eq!(events.len() as u64, wallet::EVENTS);
    assert!(events == rows(&two), "the same end is not the same log");

    let categories = column(&one, "SELECT DISTINCT category FROM streams ORDER BY 1");
    assert_eq!(categories, ["account", "customer", "statement", "transfer"]);
    let types = column(&one, "SELECT DISTINCT type FROM events ORDER BY 1");
    assert!(types.len() >= 20, "{types:?}");
    let client = Connection::open(&one).unwrap();
    let (first, last): (i64, i64) =
        client.query_row("SELECT min(time), max(time) FROM events", [], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
    let day = 86_400_000_000;
    assert!(last <= END.0 && last > END.0 - day, "{}", Time(last));
    assert!((first - (END.0 - 274 * day)).abs() < day, "{}", Time(first));
}

/// Balances follow from amounts, but where a bug says otherwise: the payloads are not decoration.
#[test]
fn every_balance_is_the_sum_of_what_was_booked() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("log.db");
    demo(&path, END);
    let wrong = column(
        &path,
        "WITH booked AS (
           SELECT stream, version, round(json_extract(data, '$.balance') * 100) AS balance,
                  sum(CASE WHEN type IN ('MoneyDeposited', 'TransferReceived', 'InterestPaid') THEN 1
                           WHEN type IN ('MoneyWithdrawn', 'TransferSent', 'FeeCharged', 'HoldCaptured') THEN -1
                           ELSE 0 END * coalesce(round(json_extract(data, '$.amount') * 100), 0))
                      OVER (PARTITION BY stream ORDER BY version) AS summed
             FROM event_log WHERE stream LIKE 'account-%')
         SELECT stream || ' ' || version FROM booked WHERE balance <> summed",
    );
    assert!(wrong.is_empty(), "{wrong:?}");
    // Two digits after the point, always.
    let rough = column(
        &path,
        "SELECT data FROM event_log WHERE stream LIKE 'account-%' AND NOT data GLOB '*\"balance\":*.[0-9][0-9],*'",
    );
    assert!(rough.is_empty(), "{:?}", rough.first());
    // What is available is the balance without the holds that are open.
    let held = column(
        &path,
        "WITH moved AS (
           SELECT stream, version, round((json_extract(data, '$.balance') - json_extract(data, '$.available')) * 100) AS held,
                  sum(CASE type WHEN 'HoldPlaced' THEN round(json_extract(data, '$.holds.' || key || '.amount') * 100)
                                WHEN 'HoldCaptured' THEN -placed WHEN 'HoldReleased' THEN -placed ELSE 0 END)
                      OVER (PARTITION BY stream ORDER BY version) AS summed
             FROM (SELECT e.stream, e.version, e.type, e.data, h.key,
                          (SELECT round(json_extract(p.data, '$.holds.' || h.key || '.amount') * 100) FROM event_log p
                            WHERE p.id = json_extract(e.metadata, '$.causationId')) AS placed
                     FROM event_log e LEFT JOIN json_each(e.data, '$.holds') h
                    WHERE e.stream LIKE 'account-%'))
         SELECT stream || ' ' || version FROM moved WHERE held <> coalesce(summed, 0)",
    );
    assert!(held.is_empty(), "{held:?}");
}

#[test]
fn each_planted_bug_is_there_once_and_where_it_is_said_to_be() {
    for end in [END, Time(1_773_000_000_000_000), Time(1_800_000_000_000_001)] {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("log.db");
        let (planted, _) = demo(&path, end);
        let negative = column(
            &path,
            "SELECT stream || ' ' || version FROM event_log
              WHERE json_extract(data, '$.balance') < 0 OR json_extract(data, '$.available') < 0",
        );
        assert_eq!(negative, [spot(&planted.overdrawn)]);
        let twice = column(
            &path,
            "SELECT stream || ' ' || max(version) FROM event_log WHERE type = 'TransferReceived'
              GROUP BY json_extract(data, '$.transferId') HAVING count(*) > 1",
        );
        assert_eq!(twice, [spot(&planted.received_twice)]);
        let stale = column(
            &path,
            "SELECT stream || ' ' || version FROM (
               SELECT stream, version, type, json_extract(data, '$.previousName') AS believed,
                      lag(json_extract(data, '$.name')) OVER (PARTITION BY stream ORDER BY version) AS name
                 FROM event_log WHERE type IN ('CustomerRegistered', 'CustomerRenamed'))
              WHERE type = 'CustomerRenamed' AND believed <> name",
        );
        assert_eq!(stale, [spot(&planted.stale_name)]);
    }
}

#[test]
fn the_live_writer_goes_on_with_the_story() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("log.db");
    let (planted, mut live) = demo(&path, END);
    let mut store = Store::open(&path).unwrap();
    let mut appended = 0;
    for _ in 0..2_000 {
        let batch = live.next_batch();
        assert!(!batch.is_empty() && batch.iter().all(|append| !append.events.is_empty()));
        appended += batch.iter().map(|append| append.events.len()).sum::<usize>();
        store.append_all(&batch).unwrap();
    }
    assert_eq!(rows(&path).len(), usize::try_from(wallet::EVENTS).unwrap() + appended);
    let negative =
        column(&path, "SELECT stream || ' ' || version FROM event_log WHERE json_extract(data, '$.balance') < 0");
    assert_eq!(negative, [spot(&planted.overdrawn)]);
}
