//! Snapshots by command: taken, listed, audited.

use super::{Folder, fields};

#[test]
fn a_snapshot_is_taken_listed_and_sound() {
    let folder = Folder::new();
    let log = folder.users();
    let taken =
        folder.run(&["snapshot", log, "--stream", "user-1", "--version", "2", "--name", "before", "--json"]).object();
    assert_eq!(fields(&taken), "stream version reducer stored_in");
    assert_eq!((taken["stream"].as_str(), taken["version"].as_i64()), (Some("user-1"), Some(2)));
    assert!(taken["stored_in"].as_str().unwrap().ends_with("users.db"), "{taken}");
    assert_eq!(folder.run(&["snapshot", log, "--stream", "user-1"]).code, 0);

    let listed = folder.run(&["snapshots", log, "--json"]).objects();
    assert_eq!(listed.len(), 2);
    assert_eq!(fields(&listed[0]), "stream version reducer source verdict diff");
    assert_eq!(listed[0]["verdict"], serde_json::Value::Null);
    assert_eq!(listed[0]["source"], "eventscope");

    let audited = folder.run(&["snapshots", log, "--verify", "--json"]);
    assert_eq!(audited.code, 0);
    for snapshot in audited.objects() {
        assert_eq!(snapshot["verdict"], "sound", "{snapshot}");
        assert_eq!(snapshot["diff"], serde_json::json!([]));
    }
    assert_eq!(folder.run(&["snapshots", log, "--stream", "user-2", "--json"]).objects().len(), 0);
    assert_eq!(folder.run(&["info", log, "--json"]).object()["snapshots"], 2);
}

#[test]
fn a_snapshot_that_no_fold_gives_has_drifted() {
    let folder = Folder::new();
    let log = folder.users();
    assert_eq!(folder.run(&["snapshot", log, "--stream", "user-1", "--version", "2"]).code, 0);
    let database = rusqlite::Connection::open(folder.path(log)).unwrap();
    database.execute("UPDATE snapshots SET state = json_set(state, '$.name', 'Mallory')", []).unwrap();
    drop(database);
    let audited = folder.run(&["snapshots", log, "--verify", "--json"]);
    assert_eq!(audited.code, 1);
    let snapshot = audited.object();
    assert_eq!(snapshot["verdict"], "drift");
    let expected = serde_json::json!([{ "op": "replace", "path": "/name", "from": "Mallory", "to": "Alicia" }]);
    assert_eq!(snapshot["diff"], expected);
    assert_eq!(folder.run(&["snapshots", log, "--json"]).code, 0);
    let text = folder.run(&["snapshots", log, "--verify"]);
    assert!(text.out.contains("/name \"Mallory\" → \"Alicia\"") && text.out.contains("1 drifted"), "{text:?}");
}

#[test]
fn a_snapshot_by_another_reducer_is_not_compared() {
    let folder = Folder::new();
    let log = folder.users();
    assert_eq!(folder.run(&["snapshot", log, "--stream", "user-1", "--version", "2"]).code, 0);
    let database = rusqlite::Connection::open(folder.path(log)).unwrap();
    database.execute("UPDATE snapshots SET reducer = 'mine:1', state = '{}'", []).unwrap();
    drop(database);
    let audited = folder.run(&["snapshots", log, "--verify", "--json"]);
    assert_eq!(audited.code, 0);
    assert_eq!(audited.object()["verdict"], "other reducer");
}

#[test]
fn a_snapshot_needs_a_version_that_is_there() {
    let folder = Folder::new();
    let log = folder.users();
    folder.run(&["snapshot", log, "--stream", "user-1", "--version", "9"]).failed(2, "has versions 1 to 3");
    folder.run(&["snapshot", log, "--stream", "user-1", "--version", "0"]).failed(2, "has versions 1 to 3");
    folder.run(&["snapshot", log, "--stream", "nobody"]).failed(2, "nobody");
    assert_eq!(folder.run(&["snapshots", log, "--json"]).objects().len(), 0);
}

#[test]
fn people_are_told_what_each_saves_and_where_the_next_pays() {
    let folder = Folder::new();
    let lines = super::numbered(0..5_000, |n| if n % 5 == 0 { "short-1".to_owned() } else { "long-1".to_owned() });
    assert_eq!(folder.run_with(&["append", "n.db", "--stdin"], &lines).code, 0);
    for version in ["100", "150"] {
        assert_eq!(folder.run(&["snapshot", "n.db", "--stream", "long-1", "--version", version]).code, 0);
    }
    let listed = folder.run(&["snapshots", "n.db"]);
    for told in [" 100 events", " 50 events", "2 snapshots\n", "measured: 4,000 events of long-1 folded in"] {
        assert!(listed.out.contains(told), "{told}: {listed:?}");
    }
    assert!(listed.out.contains("the next pays: long-1 at version 4000 saves folding 3,850 events"), "{listed:?}");
    // A drifted one saves nothing: what was its work is to be folded again.
    let database = rusqlite::Connection::open(folder.path("n.db")).unwrap();
    database.execute("UPDATE snapshots SET state = '{}' WHERE version = 150", []).unwrap();
    drop(database);
    let audited = folder.run(&["snapshots", "n.db", "--verify"]);
    assert_eq!(audited.code, 1);
    assert!(audited.out.contains("saves folding 3,900 events") && !audited.out.contains(" 50 events"), "{audited:?}");
    let short = folder.run(&["snapshots", "n.db", "--stream", "short-1"]);
    assert!(short.out.contains("0 snapshots") && short.out.contains("of short-1 folded in"), "{short:?}");
}

#[test]
fn a_state_is_never_taken_from_a_snapshot_that_drifted() {
    let folder = Folder::new();
    let log = folder.users();
    assert_eq!(folder.run(&["snapshot", log, "--stream", "user-1", "--version", "1"]).code, 0);
    let database = rusqlite::Connection::open(folder.path(log)).unwrap();
    database.execute("UPDATE snapshots SET state = json_set(state, '$.mark', 'Mallory')", []).unwrap();
    drop(database);
    assert_eq!(folder.run(&["snapshots", log, "--verify"]).code, 1);
    for version in ["1", "2"] {
        let state = folder.run(&["state", log, "--stream", "user-1", "--version", version, "--json"]).object();
        assert_eq!(state["state"].get("mark"), None, "{state}");
    }
}

#[test]
fn a_snapshot_is_taken_and_audited_by_a_reducer_of_your_own() {
    let folder = Folder::new();
    let log = folder.users();
    std::fs::write(folder.path("n.js"), "export default (state, event) => ({ n: (state.n ?? 0) + 1 })").unwrap();
    std::fs::write(folder.path("eventscope.toml"), "[[reducer]]\nstreams = \"user-*\"\nfile = \"n.js\"\n").unwrap();
    // The workspace file beside the log binds it; --reducer says another one.
    let taken = folder.run(&["snapshot", log, "--stream", "user-1", "--version", "2", "--json"]).object();
    assert!(taken["reducer"].as_str().unwrap().starts_with("n.js "), "{taken}");
    let auto = folder.run(&["snapshot", log, "--stream", "user-1", "--version", "2", "--reducer", "auto", "--json"]);
    assert_eq!(auto.object()["reducer"], "auto");
    let verdicts = |more: &[&str]| {
        let listed = folder.run(&[&["snapshots", log, "--verify", "--json"], more].concat()).objects();
        listed.iter().map(|one| one["verdict"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(verdicts(&[]), ["sound", "other reducer"]);
    assert_eq!(verdicts(&["--reducer", "auto"]), ["other reducer", "sound"]);
    std::fs::write(folder.path("w.toml"), "[[reducer]]\nstreams = \"*\"\nname = \"auto\"\n").unwrap();
    assert_eq!(verdicts(&["--workspace", "w.toml"]), ["other reducer", "sound"]);
    folder.run(&["snapshot", log, "--stream", "user-1", "--reducer", "nobody.js"]).failed(2, "nobody.js");
    // The policy, with the reducer of each stream: a snapshot after the last multiple that it has passed.
    let due = folder.run(&["snapshot", log, "--every", "3", "--json"]).objects();
    assert_eq!((due.len(), &due[0]["version"]), (1, &serde_json::json!(3)));
    assert_eq!(folder.run(&["snapshot", log, "--every", "3", "--json"]).objects().len(), 0, "nothing is due again");
    assert_eq!(folder.run(&["snapshot", log, "--every", "3", "--reducer", "auto", "--json"]).objects().len(), 1);
}

#[test]
fn the_policy_holds_for_a_log_of_others_and_its_snapshots_are_begun_from() {
    let folder = Folder::new();
    let lines = super::numbered(0..900, |_| "long-1".to_owned());
    assert_eq!(folder.run_with(&["append", "own.db", "--stdin"], &lines).code, 0);
    let database = rusqlite::Connection::open(folder.path("foreign.db")).unwrap();
    database
        .execute_batch(&format!(
            "CREATE TABLE my_events (id INTEGER PRIMARY KEY, stream TEXT, version INTEGER, type TEXT, payload TEXT);
             ATTACH '{}' AS own;
             INSERT INTO my_events SELECT position, stream, version, type, data FROM own.event_log",
            folder.path("own.db").display()
        ))
        .unwrap();
    drop(database);
    let mapping = "[mapping]\ntable = \"my_events\"\nstream = \"stream\"\nversion = \"version\"\ntype = \"type\"\npayload = \"payload\"\n";
    std::fs::write(folder.path("eventscope.toml"), mapping).unwrap();
    let taken = folder.run(&["snapshot", "foreign.db", "--every", "400", "--json"]).objects();
    assert_eq!((taken.len(), &taken[0]["version"]), (1, &serde_json::json!(800)));
    assert!(taken[0]["stored_in"].as_str().unwrap().contains("companions"), "{taken:?}");
    assert_eq!(folder.run(&["snapshot", "foreign.db", "--every", "400", "--json"]).objects().len(), 0);
    let state = folder.run(&["state", "foreign.db", "--stream", "long-1", "--json"]).object();
    std::fs::remove_file(folder.path("eventscope.toml")).unwrap();
    let own = folder.run(&["state", "own.db", "--stream", "long-1", "--json"]).object();
    assert_eq!(state["state"], own["state"]);
}
