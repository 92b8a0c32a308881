//! The commands that read: fields, order, filters, states.

use std::io::{BufRead as _, BufReader};

use serde_json::{Value, json};

use super::{Folder, contents, fields, numbered};

/// Eight events in four streams of two categories.
fn mixed(folder: &Folder) -> &'static str {
    let lines: Vec<String> = ["a-1", "b-1", "a-2", "a-1", "b-1", "a-1", "b-2", "a-1"]
        .iter()
        .enumerate()
        .map(|(index, stream)| {
            let event_type = if index % 2 == 0 { "Even" } else { "Odd" };
            serde_json::json!({ "stream": stream, "type": event_type, "data": { "n": index } }).to_string()
        })
        .collect();
    assert_eq!(folder.run_with(&["append", "mixed.db", "--stdin"], &lines.join("\n")).code, 0);
    "mixed.db"
}

#[test]
fn a_user_who_was_deleted_does_not_exist() {
    let folder = Folder::new();
    let log = folder.users();
    let at = |version: &str| folder.run(&["state", log, "--stream", "user-1", "--version", version, "--json"]).object();
    let first = at("1");
    assert_eq!(fields(&first), "stream version exists state reducer faults");
    assert_eq!(first["state"]["name"], "Alice");
    let second = at("2");
    assert_eq!(second["version"], 2);
    assert_eq!(second["exists"], true);
    assert_eq!(second["state"]["name"], "Alicia");
    let third = at("3");
    assert_eq!(third["exists"], false);
    assert_eq!(third["state"], serde_json::Value::Null);
    assert_eq!(third["faults"], serde_json::json!([]));
    let last = folder.run(&["state", log, "--stream", "user-1", "--json"]).object();
    assert_eq!(last, third);
    let text = folder.run(&["state", log, "--stream", "user-1"]);
    assert!(text.out.starts_with("user-1 does not exist after version 3"), "{text:?}");
}

#[test]
fn before_the_first_event_nothing_exists() {
    let folder = Folder::new();
    let log = folder.users();
    let before = folder.run(&["state", log, "--stream", "user-1", "--version", "0", "--json"]).object();
    assert_eq!((before["exists"].as_bool(), before["version"].as_i64()), (Some(false), Some(0)));
    let long_ago = folder.run(&["state", log, "--stream", "user-1", "--time", "2001-01-01", "--json"]).object();
    assert_eq!(long_ago["exists"], false);
    let nobody = folder.run(&["state", log, "--stream", "user-2", "--json"]);
    assert_eq!(nobody.code, 0);
    assert_eq!(nobody.object()["state"], serde_json::Value::Null);
}

#[test]
fn a_version_or_time_that_makes_no_sense_is_a_usage_error() {
    let folder = Folder::new();
    let log = folder.users();
    let state = |option: &str, value: &str| folder.run(&["state", log, "--stream", "user-1", option, value]);
    state("--version", "4").failed(2, "stream user-1 has versions 1 to 3, not 4");
    state("--version", "-2").failed(2, "stream user-1 has versions 1 to 3, not -2");
    state("--time", "yesterday").failed(2, "\"yesterday\" is not a time");
    state("--reducer", "magic").failed(2, "no reducer is named \"magic\"");
    folder.run(&["state", log]).failed(2, "--stream");
    folder.run(&["state", log, "--stream", "user-1", "--version", "1", "--time", "2026-01-01"]).failed(2, "--time");
}

#[test]
fn a_state_at_a_time_holds_all_events_up_to_it() {
    let folder = Folder::new();
    let log = folder.users();
    let events = folder.run(&["events", log, "--json"]).objects();
    let time = events[0]["time"].as_str().unwrap();
    let there = folder.run(&["state", log, "--stream", "user-1", "--time", time, "--json"]).object();
    let same_time = events.iter().filter(|event| event["time"].as_str() == Some(time)).count();
    assert_eq!(there["version"], same_time);
}

#[test]
fn info_says_what_it_is() {
    let folder = Folder::new();
    let log = mixed(&folder);
    let info = folder.run(&["info", log, "--json"]).object();
    assert_eq!(
        fields(&info),
        "engine layout evidence events streams categories snapshots read_only first_time last_time"
    );
    assert_eq!(info["engine"], "sqlite");
    assert_eq!(info["layout"], "native");
    assert_eq!(info["read_only"], false);
    assert_eq!(
        (info["events"].as_u64(), info["streams"].as_u64(), info["categories"].as_u64()),
        (Some(8), Some(4), Some(2))
    );
    assert!(!info["evidence"].as_array().unwrap().is_empty());
    assert!(info["first_time"].as_str().unwrap().ends_with('Z'));
    let text = folder.run(&["info", log]);
    assert!(text.out.contains("8 events in 4 streams of 2 categories"), "{text:?}");
}

#[test]
fn streams_are_listed_by_name_with_their_totals() {
    let folder = Folder::new();
    let log = mixed(&folder);
    let streams = folder.run(&["streams", log, "--json"]).objects();
    assert_eq!(fields(&streams[0]), "stream category events first_version last_version last_time");
    let brief: Vec<String> = streams
        .iter()
        .map(|s| {
            format!("{} {} {} {} {}", s["stream"], s["category"], s["events"], s["first_version"], s["last_version"])
        })
        .collect();
    assert_eq!(brief, [r#""a-1" "a" 4 1 4"#, r#""a-2" "a" 1 1 1"#, r#""b-1" "b" 2 1 2"#, r#""b-2" "b" 1 1 1"#]);
    assert_eq!(folder.run(&["streams", log, "--category", "b", "--json"]).objects().len(), 2);
    assert_eq!(folder.run(&["streams", log, "--category", "none", "--json"]).objects().len(), 0);
    let text = folder.run(&["streams", log]);
    assert!(text.out.ends_with("4 streams, 8 events\n"), "{text:?}");
}

#[test]
fn more_streams_than_a_page_are_all_listed_once() {
    let folder = Folder::new();
    let lines = numbered(0..450, |n| format!("s-{n}"));
    assert_eq!(folder.run_with(&["append", "log.db"], &lines).code, 0);
    let mut names: Vec<String> =
        folder.run(&["streams", "log.db", "--json"]).objects().iter().map(|s| s["stream"].to_string()).collect();
    assert_eq!(names.len(), 450);
    names.dedup();
    assert_eq!(names.len(), 450);
}

#[test]
fn events_come_in_order_and_through_every_filter() {
    let folder = Folder::new();
    let log = mixed(&folder);
    let positions = |options: &[&str]| -> Vec<u64> {
        let arguments = [&["events", log, "--json"], options].concat();
        folder.run(&arguments).objects().iter().map(|event| event["position"].as_u64().unwrap()).collect()
    };
    assert_eq!(positions(&[]), [1, 2, 3, 4, 5, 6, 7, 8]);
    assert_eq!(positions(&["--stream", "a-1"]), [1, 4, 6, 8]);
    assert_eq!(positions(&["--category", "b"]), [2, 5, 7]);
    assert_eq!(positions(&["--type", "Odd"]), [2, 4, 6, 8]);
    assert_eq!(positions(&["--stream", "a-1", "--after-version", "2"]), [6, 8]);
    assert_eq!(positions(&["--after-position", "5"]), [6, 7, 8]);
    assert_eq!(positions(&["--stream", "a-1", "--after-position", "4"]), [6, 8]);
    assert_eq!(positions(&["--category", "a", "--after-position", "3", "--type", "Odd", "--limit", "2"]), [4, 6]);
    assert_eq!(positions(&["--limit", "3"]), [1, 2, 3]);
    assert_eq!(positions(&["--limit", "0"]), [0; 0]);
    assert_eq!(positions(&["--stream", "nobody"]), [0; 0]);
    assert_eq!(positions(&["--stream", "a-1", "--category", "b"]), [0; 0]);
    folder.run(&["events", log, "--after-version", "2"]).failed(2, "--stream");
    let held = folder.run(&["events", log, "--where", "event.data.n > 5", "--json"]);
    let held: Vec<u64> = held.objects().iter().map(|event| event["position"].as_u64().unwrap()).collect();
    assert_eq!(held, [7, 8]);
}

#[test]
fn an_event_has_its_fields_in_order() {
    let folder = Folder::new();
    let log = mixed(&folder);
    let event = folder.run(&["events", log, "--limit", "1", "--json"]).object();
    assert_eq!(fields(&event), "position stream version type time id data metadata");
    assert_eq!(event["data"].to_string(), r#"{"n":0}"#);
    assert_eq!(event["metadata"], serde_json::Value::Null);
}

#[test]
fn more_events_than_a_page_are_all_printed_once() {
    let folder = Folder::new();
    let lines = numbered(0..3_000, |_| "s".to_owned());
    assert_eq!(folder.run_with(&["append", "log.db"], &lines).code, 0);
    for options in [&[][..], &["--stream", "s"], &["--category", "s"], &["--type", "T"]] {
        let events = folder.run(&[&["events", "log.db", "--json"], options].concat()).objects();
        let data: Vec<u64> = events.iter().map(|event| event["data"].as_u64().unwrap()).collect();
        assert_eq!(data, (0..3_000).collect::<Vec<_>>(), "{options:?}");
    }
}

#[test]
fn a_name_cannot_steer_the_terminal() {
    let folder = Folder::new();
    let line = r#"{"stream":"a\u001b[2J","type":"T\u0007","data":"\u001b[31m"}"#;
    assert_eq!(folder.run_with(&["append", "log.db"], line).code, 0);
    for command in ["streams", "events", "verify"] {
        let ran = folder.run(&[command, "log.db"]);
        assert!(!ran.out.contains('\u{1b}') && !ran.out.contains('\u{7}'), "{command}: {ran:?}");
    }
}

#[test]
fn a_closed_pipe_ends_it_quietly() {
    let folder = Folder::new();
    let lines = numbered(0..20_000, |_| "s".to_owned());
    assert_eq!(folder.run_with(&["append", "log.db", "--batch", "20000"], &lines).code, 0);
    let mut child = folder.command(&["events", "log.db", "--json"]).spawn().unwrap();
    let mut first = String::new();
    BufReader::with_capacity(64, child.stdout.take().unwrap()).read_line(&mut first).unwrap();
    assert!(first.starts_with("{\"position\":1,"), "{first}");
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(0));
    assert!(output.stderr.is_empty());
}

#[test]
fn tail_prints_what_another_process_appends() {
    let folder = Folder::new();
    let log = folder.users();
    let mut child = folder.command(&["tail", log, "--from-start", "--limit", "4", "--json"]).spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    for version in 1..=3 {
        let event: serde_json::Value = serde_json::from_str(&lines.next().unwrap().unwrap()).unwrap();
        assert_eq!(event["version"], version);
    }
    let append = ["append", log, "--stream", "user-2", "--type", "UserCreated", "--data", r#"{"name":"Bob"}"#];
    assert_eq!(folder.run(&append).code, 0);
    let event: serde_json::Value = serde_json::from_str(&lines.next().unwrap().unwrap()).unwrap();
    assert_eq!(fields(&event), "position stream version type time id data metadata");
    assert_eq!(event["stream"], "user-2");
    assert!(lines.next().is_none());
    assert_eq!(child.wait().unwrap().code(), Some(0));
}

#[test]
fn tail_begins_at_the_end() {
    let folder = Folder::new();
    let log = folder.users();
    let child = folder.command(&["tail", log, "--limit", "1", "--json"]).spawn().unwrap();
    // When it has opened the log cannot be seen from here: append until it has seen one.
    let append = ["append", log, "--stream", "later-1", "--type", "Later", "--data", "1"];
    let mut child = child;
    let deadline = std::time::Instant::now() + std::time::Duration::from_secs(30);
    while child.try_wait().unwrap().is_none() {
        assert!(std::time::Instant::now() < deadline, "tail saw nothing");
        assert_eq!(folder.run(&append).code, 0);
    }
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(0));
    assert!(String::from_utf8(output.stdout).unwrap().contains("\"stream\":\"later-1\""));
}

#[test]
fn reading_changes_no_file() {
    let folder = Folder::new();
    let log = folder.users();
    let logs = folder.path("");
    let before = contents(&logs);
    for arguments in [&["info", log][..], &["streams", log], &["events", log], &["state", log, "--stream", "user-1"]] {
        assert_eq!(folder.run(arguments).code, 0);
    }
    assert_eq!(contents(&logs), before);
}

#[test]
fn the_readme_and_the_help_name_every_command() {
    let folder = Folder::new();
    let help = folder.run(&["--help"]);
    assert_eq!(help.code, 0);
    let readme = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/README.md")).unwrap();
    let commands: Vec<&str> = help
        .out
        .lines()
        .skip_while(|line| *line != "Commands:")
        .skip(1)
        .take_while(|line| !line.is_empty())
        .filter(|line| line.starts_with("  ") && !line.starts_with("   "))
        .filter_map(|line| line.split_whitespace().next())
        .filter(|command| *command != "help")
        .collect();
    assert!(commands.len() >= 12, "{commands:?}");
    for command in commands {
        assert!(readme.contains(&format!("| `{command}")), "the README does not name {command}");
        assert_eq!(folder.run(&[command, "--help"]).code, 0);
    }
}

#[test]
fn a_stream_is_found_by_the_id_that_stands_at_the_end_of_its_name() {
    let folder = Folder::new();
    let line = |stream: &str, data: &str| format!(r#"{{"stream":"{stream}","type":"T","data":{data}}}"#);
    let lines = [line("Order-7c", r#"{"n":1}"#), line("Bed-9", r#"{"n":2}"#), line("Patient-9", r#"{"n":3}"#)];
    assert_eq!(folder.run_with(&["append", "ids.db", "--stdin"], &lines.join("\n")).code, 0);

    let state = folder.run(&["state", "ids.db", "--stream", "7c", "--json"]).object();
    assert_eq!((state["stream"].as_str(), state["state"]["n"].as_i64()), (Some("Order-7c"), Some(1)));
    let events = folder.run(&["events", "ids.db", "--stream", "7c", "--json"]).objects();
    assert_eq!(events.len(), 1);
    assert_eq!(folder.run(&["blame", "ids.db", "--stream", "7c", "--path", "/n"]).code, 0);
    assert_eq!(folder.run(&["find", "ids.db", "--stream", "7c", "--when", "state.n == 1"]).code, 0);
    assert_eq!(folder.run(&["snapshot", "ids.db", "--stream", "7c"]).code, 0);
    let across = folder.run(&["diff", "ids.db", "--stream", "7c", "--to-stream", "Bed-9", "--json"]).objects();
    assert_eq!(across[0]["path"], "/n");

    let torn = folder.run(&["state", "ids.db", "--stream", "9"]);
    assert_eq!(torn.code, 2);
    assert!(torn.err.contains("Bed-9 and Patient-9"), "{torn:?}");
    // A part of an id is none.
    assert_eq!(folder.run(&["state", "ids.db", "--stream", "c", "--json"]).object()["exists"], false);
}

#[test]
fn a_category_and_the_whole_log_fold_into_one_state_and_positions_are_one_cursor() {
    let folder = Folder::new();
    let booked =
        |stream: &str, amount: i64| json!({"stream": stream, "type": "Booked", "data": {"amount": amount}}).to_string();
    let lines = [
        booked("account-1", 5),
        booked("cart-1", 100),
        booked("account-2", 7),
        booked("account-1", 1),
        booked("account-2", 2),
    ];
    assert_eq!(folder.run_with(&["append", "l.db", "--stdin"], &lines.join("\n")).code, 0);
    std::fs::write(
        folder.path("sum.js"),
        "export default (state, event) => ({ sum: (state.sum ?? 0) + event.data.amount, last: event.stream })",
    )
    .unwrap();
    let state = |more: &[&str]| {
        let ran = folder.run(&[&["state", "l.db", "--reducer", "sum.js", "--json"], more].concat());
        assert_eq!(ran.code, 0, "{ran:?}");
        ran.object()
    };
    let all = state(&["--category", "account"]);
    assert_eq!(all["state"], json!({"sum": 15, "last": "account-2"}));
    assert_eq!((&all["category"], &all["events"], &all["stream"]), (&json!("account"), &json!(4), &Value::Null));
    assert_eq!(state(&["--category", "account", "--position", "3"])["state"], json!({"sum": 12, "last": "account-2"}));
    assert_eq!(state(&["--whole-log", "--position", "4"])["state"], json!({"sum": 113, "last": "account-1"}));
    assert_eq!(state(&["--whole-log", "--position", "0"])["exists"], false);
    // As of the same instant, each stream.
    for (stream, sum, version) in [("account-1", 5, 1), ("account-2", 7, 1), ("cart-1", 100, 1)] {
        let there = state(&["--stream", stream, "--position", "3"]);
        assert_eq!((&there["state"]["sum"], &there["version"]), (&json!(sum), &json!(version)), "{stream}");
    }
    assert_eq!(state(&["--stream", "account-2", "--position", "2"])["version"], Value::Null);
    let text = folder.run(&["state", "l.db", "--whole-log", "--reducer", "sum.js"]);
    assert!(text.out.starts_with("the log after event 5 (5 events"), "{text:?}");
    folder.run(&["state", "l.db"]).failed(2, "--stream");
    folder.run(&["state", "l.db", "--category", "account", "--version", "1"]).failed(2, "--version");
}
