//! The commands that make logs: `generate` and the tour of `demo`; and what `verify` finds in one that was damaged.

use super::{Folder, fields};

#[test]
fn the_same_seed_gives_the_same_log() {
    let folder = Folder::new();
    let generate = |log: &str, seed: &str| {
        let ran = folder.run(&["generate", log, "--events", "500", "--streams", "20", "--seed", seed, "--json"]);
        assert_eq!(ran.object()["events"], 500);
        folder.run(&["events", log, "--json"]).out
    };
    let one = generate("one.db", "7");
    assert_eq!(one, generate("two.db", "7"));
    assert_ne!(one, generate("three.db", "8"));
    let info = folder.run(&["info", "one.db", "--json"]).object();
    assert_eq!((info["events"].as_u64(), info["streams"].as_u64()), (Some(500), Some(20)));
}

#[test]
fn payloads_are_as_long_as_asked_for() {
    let folder = Folder::new();
    let generate = ["generate", "log.db", "--events", "50", "--streams", "5", "--payload-bytes", "1000"];
    assert_eq!(folder.run(&generate).code, 0);
    for event in folder.run(&["events", "log.db", "--json"]).objects() {
        assert_eq!(event["data"].to_string().len(), 1000, "{event}");
    }
    folder.run(&["generate", "none.db", "--streams", "0"]).failed(2, "--streams");
}

#[test]
fn a_sound_log_has_no_findings() {
    let folder = Folder::new();
    assert_eq!(folder.run(&["generate", "log.db", "--events", "2000", "--streams", "50"]).code, 0);
    let ran = folder.run(&["verify", "log.db", "--json"]);
    assert_eq!((ran.code, ran.out.as_str()), (0, ""));
    let text = folder.run(&["verify", "log.db"]);
    assert!(text.out.contains("2,000 events in 50 streams checked: nothing was found"), "{text:?}");
    // What it is sealed with can be asked for later, and another log has another.
    let anchor = text.out.split("sealed up to ").nth(1).unwrap().split(' ').next().unwrap();
    assert_eq!(folder.run(&["verify", "log.db", "--anchor", anchor]).code, 0);
    assert_eq!(folder.run(&["generate", "other.db", "--events", "2000", "--seed", "9"]).code, 0);
    let other = folder.run(&["verify", "other.db", "--anchor", anchor, "--json"]);
    assert_eq!((other.code, other.objects().len()), (1, 1), "{other:?}");
    assert_eq!(other.object()["kind"].as_str(), Some("seal"));
    folder.run(&["verify", "log.db", "--anchor", "5:xyz"]).failed(2, "is no anchor");
}

#[test]
fn a_deleted_event_is_found() {
    let folder = Folder::new();
    assert_eq!(folder.run(&["generate", "log.db", "--events", "200", "--streams", "5"]).code, 0);
    let database = rusqlite::Connection::open(folder.path("log.db")).unwrap();
    database.execute_batch("DROP TRIGGER events_no_delete; DELETE FROM events WHERE position = 100").unwrap();
    drop(database);
    let ran = folder.run(&["verify", "log.db", "--json"]);
    assert_eq!(ran.code, 1);
    let findings = ran.objects();
    assert!(!findings.is_empty());
    for finding in &findings {
        assert_eq!(fields(finding), "kind stream version detail");
    }
    assert_eq!(folder.run(&["verify", "log.db"]).code, 1);
}

#[test]
fn the_tour_shows_the_main_job_without_a_display() {
    let folder = Folder::new();
    let ran = folder.run(&["demo"]);
    assert_eq!((ran.code, ran.err.as_str()), (0, ""), "{ran:?}");
    for shown in [
        "50,000 events",
        "account",
        "customer",
        "the balance is -",
        "▶ version",
        "verdict sound",
        "events/s",
        "commits",
        "eventscope state",
    ] {
        assert!(ran.out.contains(shown), "{shown}: {}", ran.out);
    }
    // The log that the tour leaves is a log like any other.
    let log = folder.path("").join("../cache/demo/tour.db");
    let log = log.to_str().unwrap();
    let info = folder.run(&["info", log, "--json"]).object();
    assert!(info["events"].as_u64().unwrap() > 50_000);
    assert_eq!(folder.run(&["snapshots", log, "--verify"]).code, 0);
    assert_eq!(folder.run(&["demo"]).code, 0, "the tour can be taken again");
}

#[test]
fn a_screenshot_is_a_picture_of_the_size_asked_for() {
    let folder = Folder::new();
    let log = folder.users();
    let shot = ["screenshot", log, "--out", "a.png", "--size", "900x600", "--stream", "user-1", "--version", "2"];
    let ran = folder.run(&shot);
    assert_eq!((ran.code, ran.err.as_str()), (0, ""), "{ran:?}");
    let png = std::fs::read(folder.path("a.png")).unwrap();
    assert_eq!(&png[..8], b"\x89PNG\r\n\x1a\n");
    // Width and height stand in the first chunk, big-endian.
    let side = |at: usize| u32::from_be_bytes(png[at..at + 4].try_into().unwrap());
    assert_eq!((side(16), side(20)), (900, 600));
    folder.run(&["screenshot", "missing.db", "--out", "b.png"]).failed(3, "cannot open log: ");
    folder.run(&["screenshot", log, "--out", "b.png", "--size", "0x5"]).failed(2, "--size");
    assert!(!folder.path("b.png").exists());
}
