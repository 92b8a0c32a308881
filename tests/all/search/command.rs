//! `search`, `facets`, and `--filter` and `--where` of `events`, `export` and `tail`.

use crate::cli::Folder;

fn orders(folder: &Folder) -> &'static str {
    let lines: Vec<String> = (0..40)
        .map(|number| {
            let event_type = if number % 2 == 0 { "OrderPlaced" } else { "OrderPaid" };
            serde_json::json!({
                "stream": format!("order-{}", number / 4), "type": event_type,
                "data": { "total": number, "who": if number % 5 == 0 { "Überzug" } else { "Ann" } },
                "metadata": { "user": number % 3 },
            })
            .to_string()
        })
        .collect();
    assert_eq!(folder.run_with(&["append", "orders.db", "--stdin"], &lines.join("\n")).code, 0);
    "orders.db"
}

#[test]
fn words_and_terms_find_events_and_nothing_found_is_no() {
    let folder = Folder::new();
    let log = orders(&folder);
    let found = |terms: &[&str]| {
        let ran = folder.run(&[&["search", log, "--json"], terms].concat());
        (ran.code, ran.objects().len())
    };
    assert_eq!(found(&["überzug"]), (0, 8));
    assert_eq!(found(&["überzug", "type:OrderPaid"]), (0, 4));
    assert_eq!(found(&["--", "-überzug"]), (0, 32));
    assert_eq!(found(&["ann -hidden"]), (0, 32));
    assert_eq!(found(&["data.total>=38"]), (0, 2));
    assert_eq!(found(&["--", "meta.user=1", "-stream:order-0"]), (0, 12));
    assert_eq!(found(&["nobody"]), (1, 0));
    let text = folder.run(&["search", log, "überzug"]);
    assert!(text.err.contains("8 hits of 40 scanned"), "{text:?}");
}

#[test]
fn a_filter_that_is_wrong_says_where() {
    let folder = Folder::new();
    let log = orders(&folder);
    let ran = folder.run(&["search", log, "ann", "data.total>"]);
    assert_eq!(ran.code, 2, "{ran:?}");
    assert!(ran.err.contains("filter stops at column 16: a value is missing after \">\""), "{ran:?}");
    assert_eq!(folder.run(&["events", log, "--where", "event."]).code, 2);
}

#[test]
fn where_looks_at_event_state_and_before() {
    let folder = Folder::new();
    let log = orders(&folder);
    let count = |arguments: &[&str]| folder.run(&[&["events", log, "--json"], arguments].concat()).objects().len();
    assert_eq!(count(&["--where", "event.data.total >= 38"]), 2);
    assert_eq!(count(&["--where", "state.total % 4 === 3"]), 10);
    assert_eq!(count(&["--where", "before === null"]), 10);
    assert_eq!(count(&["--where", "before === null", "--filter", "überzug"]), 2);
    assert_eq!(count(&["--where", "event.version > 1", "--stream", "order-3", "--limit", "2"]), 2);
    assert_eq!(count(&["--where", "before.total === 4", "--after-position", "5"]), 1);
}

#[test]
fn export_and_tail_take_the_same_filter() {
    let folder = Folder::new();
    let log = orders(&folder);
    assert_eq!(
        folder.run(&["export", log, "--to", "some.jsonl", "--filter", "überzug", "--where", "state.total > 20"]).code,
        0
    );
    let exported = std::fs::read_to_string(folder.path("some.jsonl")).unwrap();
    assert_eq!(exported.lines().count(), 3, "{exported}");
    let tailed = folder.run(&["tail", log, "--from-start", "--filter", "überzug", "--limit", "3", "--json"]);
    assert_eq!(tailed.objects().len(), 3);
}

#[test]
fn what_cannot_be_decoded_is_counted() {
    let folder = Folder::new();
    let log = orders(&folder);
    let database = rusqlite::Connection::open(folder.path(log)).unwrap();
    let broken = "INSERT INTO events (stream_id, version, type, time, id, data)
                  SELECT stream_id, 5, type, time, 'x', '{\"total\": ' FROM events WHERE stream_id = 1 AND version = 4";
    database.execute(broken, []).unwrap();
    drop(database);
    let ran = folder.run(&["search", log, "überzug"]);
    assert!(ran.err.contains("1 event could not be decoded and was not searched"), "{ran:?}");
    assert_eq!(folder.run(&["search", log, "is:undecodable", "--json"]).objects().len(), 1);
}

#[test]
fn facets_count_by_type_and_by_value() {
    let folder = Folder::new();
    let log = orders(&folder);
    let ran = folder.run(&["facets", log, "--by", "type", "--by", "data.who", "--filter", "data.total<10", "--json"]);
    let counts: Vec<String> = ran
        .objects()
        .iter()
        .map(|line| format!("{} {} {}", line["facet"].as_str().unwrap(), line["value"], line["events"]))
        .collect();
    let expected = ["type \"OrderPaid\" 5", "type \"OrderPlaced\" 5", "data.who \"Ann\" 8", "data.who \"Überzug\" 2"];
    assert_eq!(counts, expected);
    assert_eq!(folder.run(&["facets", log, "--by", "colour"]).code, 2);
}

#[test]
fn a_workspace_file_that_is_named_says_how_to_read() {
    let folder = Folder::new();
    let database = rusqlite::Connection::open(folder.path("odd.db")).unwrap();
    database
        .execute_batch(
            "CREATE TABLE history (who TEXT, what TEXT, body TEXT);
             INSERT INTO history VALUES ('a-1', 'Made', '{\"n\":1}'), ('a-1', 'Kept', '{\"n\":2}');",
        )
        .unwrap();
    drop(database);
    assert_eq!(folder.run(&["events", "odd.db"]).code, 3);
    let mapping = "[mapping]\ntable = \"history\"\nstream = \"who\"\ntype = \"what\"\npayload = \"body\"\n";
    std::fs::write(folder.path("map.toml"), mapping).unwrap();
    let before = std::fs::read(folder.path("odd.db")).unwrap();
    for command in [
        &["info"][..],
        &["streams"],
        &["events"],
        &["state", "--stream", "a-1"],
        &["diff", "--stream", "a-1", "--from", "0"],
        &["blame", "--stream", "a-1", "--path", "/n"],
        &["find", "--when", "state.n > 1"],
        &["verify"],
        &["snapshots"],
        &["facets"],
        &["export", "--to", "odd.jsonl"],
        &["tail", "--from-start", "--limit", "2"],
    ] {
        let ran = folder.run(&[command, &["odd.db", "--workspace", "map.toml"]].concat());
        assert!(ran.code <= 1 && !ran.out.is_empty(), "{command:?}: {ran:?}");
    }
    let imported = folder.run(&["import", "copy.db", "--from", "odd.db", "--workspace", "map.toml"]);
    assert_eq!(imported.code, 0, "{imported:?}");
    assert_eq!(folder.run(&["events", "odd.db", "--workspace", "none.toml"]).code, 2);
    assert_eq!(std::fs::read(folder.path("odd.db")).unwrap(), before);
}

#[test]
fn what_is_masked_is_never_found() {
    let folder = Folder::new();
    let log = orders(&folder);
    std::fs::write(folder.path("mask.toml"), "[mask]\nkeys = [\"who\"]\nmetadata = [\"/user\"]\n").unwrap();
    let codes = |arguments: &[&str]| {
        let plain = folder.run(arguments);
        let masked = folder.run(&[arguments, &["--workspace", "mask.toml"]].concat());
        assert!(!masked.out.contains("berzug"), "{masked:?}");
        (plain.code, masked.code)
    };
    for arguments in [
        &["search", log, "überzug"][..],
        &["search", log, "data.who=Ann"],
        &["search", log, "meta.user=1"],
        &["events", log, "--where", "event.data.who === 'Überzug'"],
        &["events", log, "--where", "event.metadata.user === 1"],
        &["events", log, "--where", "state.who === 'Überzug' || before.who === 'Überzug'"],
        &["facets", log, "--by", "data.who", "--filter", "data.who:Ü*"],
        &["tail", log, "--from-start", "--limit", "0", "--filter", "überzug"],
    ] {
        let expected = if arguments[0] == "tail" { (0, 0) } else { (0, 1) };
        assert_eq!(codes(arguments), expected, "{arguments:?}");
    }
    let facets = folder.run(&["facets", log, "--by", "data.who", "--workspace", "mask.toml", "--json"]);
    assert_eq!(facets.objects().len(), 1);
    assert_eq!(facets.object()["value"], "[masked]");
}
