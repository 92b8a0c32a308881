//! `append`: all forms, all or nothing, and what is printed is kept.

use super::{Folder, fields, numbered};

#[test]
fn one_event_is_appended_and_its_place_printed() {
    let folder = Folder::new();
    let append = ["append", "log.db", "--stream", "cart-1", "--type", "ItemAdded", "--data", r#"{"n":1.50}"#, "--json"];
    let first = folder.run(&append).object();
    assert_eq!(fields(&first), "stream version position");
    assert_eq!(first.to_string(), r#"{"stream":"cart-1","version":1,"position":1}"#);
    let second = folder.run(&append).object();
    assert_eq!(second.to_string(), r#"{"stream":"cart-1","version":2,"position":2}"#);
    let events = folder.run(&["events", "log.db", "--json"]).objects();
    assert_eq!(events[1]["data"].to_string(), r#"{"n":1.50}"#);
    let text = folder.run(&append[..append.len() - 1]);
    assert_eq!(text.out, "cart-1 version 3 at position 3\n");
}

#[test]
fn durability_has_sqlite_s_words() {
    let folder = Folder::new();
    let append = ["append", "log.db", "--stream", "s", "--type", "T", "--data", "1", "--durability"];
    for level in ["full", "normal"] {
        assert_eq!(folder.run(&[&append[..], &[level]].concat()).code, 0, "{level}");
    }
    folder.run(&[&append[..], &["off"]].concat()).failed(2, "possible values: full, normal");
    assert_eq!(folder.run(&["events", "log.db", "--json"]).objects().len(), 2);
}

#[test]
fn metadata_and_id_are_kept() {
    let folder = Folder::new();
    let append = [
        "append",
        "log.db",
        "--stream",
        "s",
        "--type",
        "T",
        "--data",
        "1",
        "--metadata",
        r#"{"by":"me"}"#,
        "--id",
        "x1",
    ];
    assert_eq!(folder.run(&append).code, 0);
    let event = folder.run(&["events", "log.db", "--json"]).object();
    assert_eq!(event["metadata"].to_string(), r#"{"by":"me"}"#);
    assert_eq!(event["id"], "x1");
}

#[test]
fn the_same_id_twice_is_one_event() {
    let folder = Folder::new();
    let append = ["append", "log.db", "--stream", "s", "--type", "T", "--data", "{}", "--id", "x1", "--json"];
    let first = folder.run(&append).object();
    assert_eq!(folder.run(&append).object(), first);
    assert_eq!(folder.run(&["info", "log.db", "--json"]).object()["events"], 1);
}

#[test]
fn an_expected_version_holds_or_nothing_is_kept() {
    let folder = Folder::new();
    let append = |expected: &str| {
        folder.run(&[
            "append",
            "log.db",
            "--stream",
            "s",
            "--type",
            "T",
            "--data",
            "{}",
            "--expected-version",
            expected,
        ])
    };
    assert_eq!(append("none").code, 0);
    append("none").failed(4, "already has events");
    assert_eq!(append("1").code, 0);
    append("1").failed(4, "stream \"s\" is at version 2, not 1");
    assert_eq!(append("any").code, 0);
    append("some").failed(2, "expected version \"some\" is not a number");
    append("-1").failed(2, "expected version \"-1\" is not a number");
    assert_eq!(folder.run(&["info", "log.db", "--json"]).object()["events"], 3);
}

#[test]
fn json_lines_are_appended_a_batch_at_a_time() {
    let folder = Folder::new();
    let lines = numbered(1..26, |n| format!("s-{}", n % 3));
    let ran = folder.run_with(&["append", "log.db", "--stdin", "--batch", "10", "--json"], &lines);
    let objects = ran.objects();
    assert_eq!(objects.len(), 25);
    assert!(objects.iter().all(|object| fields(object) == "stream version position"));
    assert_eq!(objects[24].to_string(), r#"{"stream":"s-1","version":9,"position":25}"#);
}

#[test]
fn lines_are_read_without_an_option_where_input_is_no_terminal() {
    let folder = Folder::new();
    let ran = folder.run_with(&["append", "log.db", "--stream", "s", "--json"], "{\"type\":\"T\",\"data\":1}\n\n");
    assert_eq!(ran.object().to_string(), r#"{"stream":"s","version":1,"position":1}"#);
}

#[test]
fn a_malformed_line_ends_it_and_earlier_batches_stand() {
    let folder = Folder::new();
    let lines = "{\"stream\":\"s\",\"type\":\"T\",\"data\":1}\n{\"stream\":\"s\",\"type\":\"T\",\"data\":2}\n{\"stream\":\"s\"\n";
    let ran = folder.run_with(&["append", "log.db", "--stdin", "--batch", "2", "--json"], lines);
    ran.failed(2, "line 3 of standard input: not JSON");
    assert!(ran.err.contains("the 2 events before it are in the log"), "{ran:?}");
    assert_eq!(ran.out.lines().count(), 2);
    assert_eq!(folder.run(&["info", "log.db", "--json"]).object()["events"], 2);
}

#[test]
fn a_malformed_first_batch_makes_no_log() {
    let folder = Folder::new();
    folder.run_with(&["append", "log.db", "--stdin"], "{\n").failed(2, "line 1 of standard input: not JSON");
    folder.run(&["append", "log.db", "--stream", "s", "--type", "T", "--data", "{"]).failed(2, "--data is not JSON");
    let with_metadata = ["append", "log.db", "--stream", "s", "--type", "T", "--data", "1", "--metadata", "x"];
    folder.run(&with_metadata).failed(2, "--metadata is not JSON");
    assert!(!folder.path("log.db").exists());
}

#[test]
fn a_conflict_in_a_batch_keeps_nothing_of_it() {
    let folder = Folder::new();
    let lines = "{\"stream\":\"s\",\"type\":\"T\",\"data\":1}\n{\"stream\":\"s\",\"type\":\"T\",\"data\":2,\"expected_version\":7}\n";
    let ran = folder.run_with(&["append", "log.db", "--stdin", "--json"], lines);
    ran.failed(4, "lines 1 to 2 of standard input");
    assert_eq!(ran.out, "");
    assert_eq!(folder.run(&["info", "log.db", "--json"]).object()["events"], 0);
}

#[test]
fn options_that_do_not_go_together_are_a_usage_error() {
    let folder = Folder::new();
    for arguments in [
        &["append", "log.db", "--type", "T", "--data", "1"][..],
        &["append", "log.db", "--stream", "s", "--type", "T"],
        &["append", "log.db", "--stream", "s", "--data", "1"],
        &["append", "log.db", "--stdin", "--stream", "s", "--type", "T", "--data", "1"],
        &["append", "log.db", "--stdin", "--batch", "0"],
        &["append"],
    ] {
        folder.run(arguments).failed(2, "error:");
    }
    assert!(!folder.path("log.db").exists());
}
