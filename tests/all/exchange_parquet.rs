//! Parquet: every byte comes back, other tools' files are understood, and damage is an error.

use std::path::{Path, PathBuf};

use eventscope::error::Error;
use eventscope::event::{Resume, Scope, Time};
use eventscope::lab::generate::{Plan, generate};
use eventscope::store::exchange::{Filter, Format, Imported, export, import};
use eventscope::store::native::{Store, StoredEvent};

use super::exchange::difficult;
use super::fixtures;

fn export_to(log: &Path, to: &Path) {
    let mut filter = Filter { scope: Scope::Log, from: Resume::Start, passes: &mut |_| Ok(true), limit: u64::MAX };
    export(fixtures::open(log).as_mut(), &mut filter, Format::Parquet, to, &mut |_| ()).unwrap();
}

fn events(log: &Path) -> Vec<StoredEvent> {
    Store::open(log).unwrap().read_all(0, 1_000_000).unwrap()
}

fn place() -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().to_owned();
    (folder, path)
}

#[test]
fn parquet_brings_every_byte_back() {
    let (_folder, place) = place();
    let (small, large) = (place.join("small.db"), place.join("large.db"));
    difficult(&small);
    // More than one row group.
    let plan = Plan { events: 120_000, streams: 300, payload_bytes: 40, seed: 5 };
    generate(&mut Store::create(&large).unwrap(), &plan, &mut |_| ()).unwrap();
    for log in [&small, &large] {
        let (file, again) = (log.with_extension("parquet"), log.with_extension("again.db"));
        export_to(log, &file);
        let imported = import(&again, &file, None, &mut |_| ()).unwrap();
        let kept = events(&again);
        assert_eq!(imported, Imported { events: kept.len() as u64, ..Imported::default() });
        assert!(kept == events(log), "{}", log.display());
        // Whatever its name is, and into a log that has them.
        let renamed = place.join("renamed");
        std::fs::copy(&file, &renamed).unwrap();
        let repeated = import(log, &renamed, None, &mut |_| ()).unwrap();
        assert_eq!((repeated.events, repeated.repeated), (kept.len() as u64, kept.len() as u64));
    }
}

#[test]
fn a_file_of_pyarrow_is_understood() {
    let (_folder, place) = place();
    let fixture = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/parquet/pyarrow.parquet");
    let log = place.join("log.db");
    let imported = import(&log, &fixture, None, &mut |_| ()).unwrap();
    assert!(imported.renumbered && imported.events == 4, "{imported:?}");
    let kept = events(&log);
    let shown: Vec<_> = kept
        .iter()
        .map(|event| {
            let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
            (event.stream.to_string(), event.version, event.event_type.as_str(), text(&event.data))
        })
        .collect();
    let expected = [
        ("order-1", 1, "Placed", "{\"total\":12.50}"),
        ("order-2", 1, "Placed", "{ \"total\" : 3 }"),
        ("order-1", 2, "Paid", "{\"paid\":true}"),
        ("order-1", 3, "Shipped", "{}"),
    ];
    assert_eq!(
        shown,
        expected.map(|(stream, version, kind, data)| (stream.to_owned(), version, kind, data.to_owned()))
    );
    // Nanoseconds there, microseconds here.
    assert_eq!(kept[3].time, Time(1_767_225_603_000_000));
    assert_eq!(kept[1].metadata.as_deref(), Some(&b"{\"by\":\"me\"}"[..]));
}

#[test]
fn a_damaged_file_is_an_error_and_imports_nothing() {
    let (_folder, place) = place();
    let (log, file, damaged) = (place.join("log.db"), place.join("all.parquet"), place.join("damaged.parquet"));
    let plan = Plan { events: 200, streams: 10, payload_bytes: 20, seed: 6 };
    generate(&mut Store::create(&log).unwrap(), &plan, &mut |_| ()).unwrap();
    export_to(&log, &file);
    let (whole, expected) = (std::fs::read(&file).unwrap(), events(&log));
    let mut chance = fastrand::Rng::with_seed(7);
    let mut refused = 0;
    for round in 0..300 {
        let mut bytes = whole.clone();
        if round % 5 == 0 {
            bytes.truncate(chance.usize(..bytes.len()));
        } else {
            // The end holds the description of all the rest.
            let from = if round % 2 == 0 { bytes.len().saturating_sub(1_500) } else { 0 };
            for _ in 0..=round % 3 {
                let at = chance.usize(from..bytes.len());
                bytes[at] = chance.u8(..);
            }
        }
        std::fs::write(&damaged, &bytes).unwrap();
        let new = place.join(format!("{round}.db"));
        match import(&new, &damaged, Some(Format::Parquet), &mut |_| ()) {
            // What was changed meant nothing, such as a statistic.
            Ok(_) => {
                let kept: Vec<_> =
                    events(&new).into_iter().map(|event| (event.stream, event.version, event.data)).collect();
                let all = expected.iter().map(|event| (event.stream.clone(), event.version, event.data.clone()));
                assert_eq!(kept, all.collect::<Vec<_>>(), "round {round}");
            }
            Err(error) => {
                refused += 1;
                let is_expected = matches!(error, Error::Corrupt(_) | Error::Input(_) | Error::Unsupported(_));
                assert!(is_expected || matches!(error, Error::Conflict(_)), "round {round}: {error:?}");
                assert!(!new.exists(), "round {round}");
            }
        }
    }
    assert!(refused > 150, "{refused}");
}
