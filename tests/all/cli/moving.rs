//! Events on the move by command: import, export, archive; and snapshots by policy.

use super::{Folder, fields};

#[test]
fn what_is_exported_is_imported_and_the_filters_hold() {
    let folder = Folder::new();
    let log = folder.users();
    let exported = folder.run(&["export", log, "--to", "all.jsonl", "--json"]).object();
    assert_eq!(fields(&exported), "events format file");
    assert_eq!((exported["events"].as_u64(), exported["format"].as_str()), (Some(3), Some("jsonl")));
    let imported = folder.run(&["import", "copy.db", "--from", "all.jsonl", "--json"]).object();
    assert_eq!(fields(&imported), "events repeated resumed_after renumbered");
    let events = |log: &str| folder.run(&["events", log, "--json"]).out;
    assert_eq!(events("copy.db"), events(log));
    // Again: nothing is new, and a file that exists is not written over.
    assert_eq!(folder.run(&["import", "copy.db", "--from", log, "--json"]).object()["repeated"], 3);
    assert_eq!(folder.run(&["export", log, "--to", "all.jsonl"]).code, 2);
    let some = ["export", log, "--to", "some.csv", "--type", "UserDeleted", "--json"];
    assert_eq!(folder.run(&some).object()["events"], 1);
    let csv = std::fs::read_to_string(folder.path("some.csv")).unwrap();
    assert!(csv.starts_with("position,stream,version,type,time,id,data,metadata\r\n3,user-1,3,UserDeleted,"), "{csv}");
}

#[test]
fn what_cannot_be_moved_is_said() {
    let folder = Folder::new();
    let log = folder.users();
    std::fs::write(folder.path("bad.jsonl"), "{\"stream\":\"s\"").unwrap();
    std::fs::write(folder.path("data.bin"), "x").unwrap();
    let cases: [(&[&str], i32, &str); 6] = [
        (&["import", "new.db", "--from", "bad.jsonl"], 2, "line 1: it is not JSON"),
        (&["import", "new.db", "--from", "none.jsonl"], 3, "none.jsonl"),
        (&["import", "new.db", "--from", "data.bin"], 2, "give --format"),
        (&["export", log, "--to", "file.xyz"], 2, "does not tell a format"),
        (&["archive", log, "--before", "yesterday", "--to", "a"], 2, "is no time"),
        (&["archive", "none.db", "--before", "2026-01-01", "--to", "a"], 3, "none.db"),
    ];
    for (arguments, code, expected) in cases {
        let ran = folder.run(arguments);
        assert!(ran.code == code && ran.err.contains(expected), "{arguments:?}: {ran:?}");
    }
    assert!(!folder.path("new.db").exists());
}

#[test]
fn an_archive_is_part_of_the_log() {
    let folder = Folder::new();
    let log = folder.users();
    let before = folder.run(&["events", log, "--json"]).out;
    assert_eq!(folder.run(&["archive", log, "--before", "2000-01-01", "--to", "old.archive"]).code, 1);
    let arguments = ["archive", log, "--before", "2999-01-01", "--to", "old.archive", "--trim", "--json"];
    let archived = folder.run(&arguments).object();
    assert_eq!(fields(&archived), "events archive verified trimmed");
    assert_eq!(archived["trimmed"], 2);
    assert_eq!(folder.run(&["events", log, "--json"]).out, before);
    let info = folder.run(&["info", log, "--json"]).object();
    assert!(info["evidence"].to_string().contains("positions 1 to 2 are read from the archive"), "{info}");
    let state = folder.run(&["state", log, "--stream", "user-1", "--version", "2", "--json"]).object();
    assert_eq!(state["state"]["name"], "Alicia");
    assert_eq!(folder.run(&["verify", log]).code, 0);
}

#[test]
fn the_policy_takes_the_snapshots_that_are_due() {
    let folder = Folder::new();
    let log = folder.users();
    let taken = folder.run(&["snapshot", log, "--every", "2", "--json"]).objects();
    assert_eq!(taken.len(), 1);
    assert_eq!((taken[0]["stream"].as_str(), taken[0]["version"].as_i64()), (Some("user-1"), Some(2)));
    assert_eq!(folder.run(&["snapshot", log, "--every", "2", "--json"]).objects().len(), 0);
    assert_eq!(folder.run(&["snapshot", log, "--every", "0"]).code, 2);
    assert_eq!(folder.run(&["snapshots", log, "--verify"]).code, 0);
}

/// What a build without Parquet says, and what one with it does.
#[test]
fn parquet_is_there_where_it_was_built_in() {
    let folder = Folder::new();
    let log = folder.users();
    let exported = folder.run(&["export", log, "--to", "all.parquet"]);
    if cfg!(feature = "parquet") {
        assert_eq!(exported.code, 0, "{exported:?}");
        let imported = folder.run(&["import", "new.db", "--from", "all.parquet", "--json"]).object();
        assert_eq!(imported["events"].as_u64(), Some(3));
    } else {
        assert!(exported.code != 0 && exported.err.contains("--features parquet"), "{exported:?}");
        assert!(!folder.path("all.parquet").exists() && !folder.path("all.parquet.part").exists());
        let imported = folder.run(&["import", "new.db", "--from", log, "--format", "parquet"]);
        assert!(imported.code != 0 && imported.err.contains("--features parquet"), "{imported:?}");
        assert!(!folder.path("new.db").exists());
    }
}
