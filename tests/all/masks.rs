//! What the workspace file masks leaves by no exit: each command, each format, each kind of log.

use std::fs;

use serde_json::{Value, json};

use crate::cli::{Folder, Ran};
use crate::fixtures;

const SECRETS: [&str; 6] = ["ada@secret.example", "4111222233334444", "backdoor-lane", "10.9.8.7", "tok-77", "s3cr3t"];

const MASK: &str = r#"
[mask]
keys = ["email", "*token"]
paths = ["/address/street"]
metadata = ["/remote_ip"]
values = ['\b4\d{15}\b', 's3cr3t']
"#;

const REDUCER: &str = "export default (state, event) => ({ ...state, contact: event.data.email ?? state.contact, \
    from: event.metadata?.remote_ip ?? state.from, last: event.data.note, card: event.data.card });";

/// A log with secrets in every place where one can be, and snapshots that were taken before anybody masked.
fn log(folder: &Folder) -> &'static str {
    let lines: Vec<String> = [
        json!({"stream": "user-1", "type": "UserRegistered", "metadata": {"remote_ip": "10.9.8.7", "session_token": "tok-77"},
            "data": {"email": "ada@secret.example", "address": {"street": "backdoor-lane", "city": "Bonn"}, "level": 1}}),
        json!({"stream": "user-1", "type": "UserNoted", "metadata": {"remote_ip": "10.9.8.7"},
            "data": {"note": "paid with 4111222233334444 today", "card": 4_111_222_233_334_444_u64, "level": 2,
                "inner": "{\"email\":\"ada@secret.example\"}", "s3cr3t": {"x": 1}}}),
        json!({"stream": "user-1", "type": "UserNoted", "data": {"email": "new-ada@secret.example", "apiToken": ["tok-77"], "level": 3}}),
    ]
    .map(|line| line.to_string())
    .into();
    let ran = folder.run_with(&["append", "users.db", "--stdin"], &lines.join("\n"));
    assert_eq!(ran.code, 0, "{ran:?}");
    fs::write(folder.path("contact.js"), REDUCER).unwrap();
    assert_eq!(folder.run(&["snapshot", "users.db", "--stream", "user-1", "--name", "before"]).code, 0);
    "users.db"
}

fn leaks(ran: &Ran) -> Vec<&'static str> {
    SECRETS.into_iter().filter(|secret| ran.out.contains(secret) || ran.err.contains(secret)).collect()
}

#[test]
fn no_command_tells_what_is_masked() {
    let folder = Folder::new();
    let log = log(&folder);
    let on = ["--stream", "user-1"];
    let projection = "fromAll().when({ $any: (s, e) => ({ ...s, who: e.data.email, email: 's3cr3t' }) })";
    fs::write(folder.path("all.js"), projection).unwrap();
    let commands: Vec<Vec<&str>> = vec![
        vec!["events", log],
        vec!["state", log, on[0], on[1]],
        vec!["state", log, on[0], on[1], "--version", "1"],
        vec!["state", log, on[0], on[1], "--reducer", "contact.js"],
        vec!["diff", log, on[0], on[1], "--from", "1"],
        vec!["diff", log, on[0], on[1], "--from", "0", "--reducer", "contact.js"],
        vec!["blame", log, on[0], on[1], "--path", "/email"],
        vec!["blame", log, on[0], on[1], "--path", "/contact", "--reducer", "contact.js"],
        vec!["blame", log, on[0], on[1], "--path", "/address"],
        vec!["find", log, on[0], on[1], "--when", "state.level > 1"],
        vec!["snapshots", log],
        vec!["snapshots", log, "--verify"],
        vec!["snapshot", log, on[0], on[1], "--name", "after"],
        vec!["project", log, "--reducer", "all.js"],
        vec!["verify", log],
        vec!["trace", log, "--event", "2"],
        vec!["break", log, on[0], on[1], "--on", "state.level > 1"],
        vec!["whatif", log, on[0], on[1], "--skip", "2"],
        vec!["whatif", log, on[0], on[1], "--skip", "2", "--version", "3"],
        vec!["facets", log, "--by", "data.email", "--by", "data.card"],
        vec!["events", log, "--where", "event.data.level > 0"],
        vec!["search", log, "ada"],
    ];
    let shows: Vec<bool> = commands.iter().map(|command| !leaks(&folder.run(command)).is_empty()).collect();
    assert!(shows.iter().filter(|shows| **shows).count() >= 9, "without masks there is something to see: {shows:?}");
    fs::write(folder.path("eventscope.toml"), MASK).unwrap();
    for command in &commands {
        for json in [false, true] {
            let command: Vec<&str> = command.iter().copied().chain(json.then_some("--json")).collect();
            let ran = folder.run(&command);
            assert!(ran.code <= 1, "{command:?}: {ran:?}");
            assert_eq!(leaks(&ran), Vec::<&str>::new(), "{command:?}: {ran:?}");
        }
    }
    let state = folder.run(&["state", log, on[0], on[1], "--json"]).object();
    assert_eq!(state["state"]["email"], "[masked]");
    assert_eq!(state["state"]["address"], json!({"street": "[masked]", "city": "Bonn"}));
    assert_eq!((&state["state"]["level"], &state["state"]["card"]), (&json!(3), &json!("[masked]")));
    assert_eq!(state["state"]["note"], "paid with [masked] today");
    let contact = folder.run(&["state", log, on[0], on[1], "--reducer", "contact.js", "--json"]).object();
    assert_eq!(contact["state"]["contact"], "[masked]", "by another name too");
    assert_eq!(contact["state"]["from"], "[masked]");
    // What a search sees is what is shown: the secret itself is not found.
    for secret in ["ada@secret.example", "backdoor-lane", "4111222233334444", "s3cr3t"] {
        let hits = folder.run(&["search", log, secret, "--json"]);
        assert_eq!(hits.out.trim(), "", "{secret}: {hits:?}");
    }
    let found =
        folder.run(&["find", log, on[0], on[1], "--when", "state.email === 'new-ada@secret.example'", "--json"]);
    assert_eq!((found.code, found.out.trim()), (1, ""));
}

#[test]
fn an_explicit_flag_shows_everything_and_leaves_nothing_behind() {
    let folder = Folder::new();
    let log = log(&folder);
    fs::write(folder.path("eventscope.toml"), MASK).unwrap();
    for command in [
        vec!["events", log],
        vec!["state", log, "--stream", "user-1"],
        vec!["blame", log, "--stream", "user-1", "--path", "/email"],
    ] {
        let shown = folder.run(&[&command[..], &["--unmask", "--json"]].concat());
        assert!(shown.code == 0 && !leaks(&shown).is_empty(), "{command:?}: {shown:?}");
        let masked = folder.run(&[&command[..], &["--json"]].concat());
        assert_eq!(leaks(&masked), Vec::<&str>::new(), "{command:?}");
    }
}

#[test]
fn no_export_carries_what_is_masked() {
    let folder = Folder::new();
    let log = log(&folder);
    for name in ["out.jsonl", "out.csv", "out.json"] {
        assert_eq!(folder.run(&["export", log, "--to", name]).code, 0);
        let text = fs::read_to_string(folder.path(name)).unwrap();
        assert!(SECRETS.iter().any(|secret| text.contains(secret)), "{name}: {text}");
    }
    fs::write(folder.path("eventscope.toml"), MASK).unwrap();
    for name in ["masked.jsonl", "masked.csv", "masked.json"] {
        assert_eq!(folder.run(&["export", log, "--to", name]).code, 0);
        let text = fs::read_to_string(folder.path(name)).unwrap();
        assert!(text.contains("[masked]") && !SECRETS.iter().any(|secret| text.contains(secret)), "{name}: {text}");
    }
    for kind in ["fixture", "rust", "typescript", "python", "java", "bundle"] {
        let name = format!("masked.{kind}");
        let ran = folder.run(&["export", log, "--to", &name, "--as", kind, "--stream", "user-1"]);
        assert_eq!(ran.code, 0, "{ran:?}");
        let bytes = fs::read(folder.path(&name)).unwrap();
        let leaks = |secret: &&str| bytes.windows(secret.len()).any(|part| part == secret.as_bytes());
        assert_eq!(SECRETS.iter().filter(|secret| leaks(secret)).count(), 0, "{kind}");
    }
    // And it is a log again.
    assert_eq!(folder.run(&["import", "copy.db", "--from", "masked.jsonl"]).code, 0);
    assert_eq!(folder.run(&["events", "copy.db", "--json"]).objects().len(), 3);
}

#[test]
fn bytes_that_nobody_can_read_are_hidden_too() {
    for (library, name, text) in
        [("evento", "evento-2.0.0-alpha.38", "with the text"), ("eventsourcing", "eventsourcing-9.5.6-zlib-aes", "")]
    {
        let folder = Folder::new();
        fixtures::copy(library, name, &folder.path(""));
        let log = format!("{name}.sqlite");
        let plain = folder.run(&["events", &log, "--json", "--limit", "40"]);
        assert!(plain.out.contains(text));
        let stored: Vec<String> =
            plain.objects().iter().filter_map(|event| Some(event["raw"].as_str()?.to_owned())).collect();
        assert!(!stored.is_empty());
        fs::write(folder.path("eventscope.toml"), "[mask]\nkeys = [\"anything\"]\n").unwrap();
        let masked = folder.run(&["events", &log, "--json", "--limit", "40"]);
        assert!(!stored.iter().any(|bytes| bytes.len() > 4 && masked.out.contains(bytes)), "{name}");
        assert!(!masked.out.contains("with the text"), "{name}");
        let undecoded: Vec<Value> = masked.objects().into_iter().filter(|event| event.get("raw").is_some()).collect();
        assert!(undecoded.iter().all(|event| event["raw"] == "[masked]" && event["data"].is_null()));
        assert_eq!(undecoded.len(), stored.len());
        let snapshots = folder.run(&["snapshots", &log, "--json"]);
        assert!(!snapshots.out.contains("with the text"));
    }
}

#[test]
fn what_masks_are_on_is_said_and_a_slip_in_them_is_refused() {
    let folder = Folder::new();
    let log = log(&folder);
    fs::write(folder.path("eventscope.toml"), MASK).unwrap();
    let evidence = folder.run(&["info", log, "--json"]).object()["evidence"].to_string();
    assert!(evidence.contains("masks parts of payloads"), "{evidence}");
    for slip in ["[mask]\nkey = [\"email\"]", "[mask]\npaths = [\"email\"]", "[mask]\nvalues = [\"(\"]"] {
        fs::write(folder.path("eventscope.toml"), slip).unwrap();
        let ran = folder.run(&["events", log]);
        assert_eq!(ran.code, 3, "{slip}: {ran:?}");
        assert!(ran.err.contains("[mask]") && leaks(&ran).is_empty(), "{ran:?}");
    }
}
