//! Events of older forms: brought up to date before anybody folds them, shown as they are stored, decoded and upcast.

use std::fs;

use serde_json::{Value, json};

use crate::cli::{Folder, fields};
use crate::fixtures;

const RULES: &str = r#"
[[upcast]]
type = "Priced"
version = 1
to = 2
set = { "/amount" = "/data/price", "/currency" = { value = "EUR" } }
remove = ["/price"]

[[upcast]]
type = "Priced"
version = 2
to = 3
file = "priced.js"
"#;

const SCRIPT: &str = "export default (data, event) => {
    if (!data.currency) throw new Error(`no currency in ${event.type}`);
    return { money: { amount: data.amount, currency: data.currency }, seen: event.metadata?.schema_version ?? 1 };
};";

/// A log with all three versions, a payload that the second upcaster cannot take, and large numbers.
fn log(folder: &Folder) -> &'static str {
    let lines: Vec<String> = [
        json!({"stream": "item-1", "type": "Priced", "data": {"price": 12_345_678_901_234_567_u64}}),
        json!({"stream": "item-1", "type": "Priced", "data": {"amount": 2, "currency": "USD"}, "metadata": {"schema_version": "v2.0"}}),
        json!({"stream": "item-1", "type": "Priced", "data": {"money": {"amount": 3, "currency": "CHF"}}, "metadata": {"schema_version": 3}}),
        json!({"stream": "item-1", "type": "Named", "data": {"name": "x", "price": 1}}),
        json!({"stream": "item-1", "type": "Priced", "data": {"amount": 4}, "metadata": {"schema_version": 2}}),
    ]
    .map(|line| line.to_string())
    .into();
    let ran = folder.run_with(&["append", "items.db", "--stdin"], &lines.join("\n"));
    assert_eq!(ran.code, 0, "{ran:?}");
    fs::write(folder.path("priced.js"), SCRIPT).unwrap();
    "items.db"
}

fn events(folder: &Folder, log: &str, form: &str) -> Vec<Value> {
    folder.run(&["events", log, "--json", "--as", form]).objects()
}

#[test]
fn each_event_is_shown_as_stored_as_decoded_and_upcast() {
    let folder = Folder::new();
    let log = log(&folder);
    let before = events(&folder, log, "decoded");
    fs::write(folder.path("eventscope.toml"), RULES).unwrap();
    assert_eq!(events(&folder, log, "decoded"), before, "what is stored stays what it is");
    assert_eq!(folder.run(&["events", log, "--json"]).objects(), before, "and that is what is shown");
    let raw = events(&folder, log, "raw");
    assert_eq!(raw[0]["text"], r#"{"price":12345678901234567}"#);
    assert_eq!((raw[0]["raw"].as_str().unwrap().get(..4), &raw[0]["data"]), (Some("7b22"), &Value::Null));
    let upcast = events(&folder, log, "upcast");
    let data: Vec<&Value> = upcast.iter().map(|event| &event["data"]).collect();
    let money = |amount: u64, currency: &str| json!({"amount": amount, "currency": currency});
    assert_eq!(
        *data[0],
        json!({"money": money(12_345_678_901_234_567, "EUR"), "seen": 1}),
        "one after the other, every digit"
    );
    assert_eq!(*data[1], json!({"money": money(2, "USD"), "seen": "v2.0"}));
    assert_eq!(*data[2], json!({"money": money(3, "CHF")}), "up to date already");
    assert_eq!(*data[3], json!({"name": "x", "price": 1}), "another type");
    assert!(data[4].is_null());
    let fault = upcast[4]["decode_error"].as_str().unwrap();
    assert!(
        fault.contains("upcaster of Priced of version 2 to version 3 failed") && fault.contains("no currency"),
        "{fault}"
    );
    let table = folder.run(&["events", log, "--as", "raw"]);
    assert!(table.out.contains("{\"price\":12345678901234567}"), "{table:?}");
}

#[test]
fn reducers_see_what_is_up_to_date_and_a_failure_marks_its_event() {
    let folder = Folder::new();
    let log = log(&folder);
    fs::write(folder.path("last.js"), "export default (state, event) => ({ ...state, ...event.data })").unwrap();
    for reducer in ["auto", "last.js"] {
        let state = || folder.run(&["state", log, "--stream", "item-1", "--reducer", reducer, "--json"]).object();
        let _ = fs::remove_file(folder.path("eventscope.toml"));
        let plain = state();
        fs::write(folder.path("eventscope.toml"), RULES).unwrap();
        let upcast = state();
        assert_eq!(upcast["state"]["money"], json!({"amount": 3, "currency": "CHF"}));
        assert_eq!(upcast["state"].get("amount"), None, "the old form is nowhere: {upcast}");
        assert_eq!(plain["state"]["amount"], 4);
        assert_eq!(upcast["faults"].as_array().unwrap().len(), 1);
        assert_eq!(upcast["faults"][0]["version"], 5);
        assert_ne!(upcast["reducer"], plain["reducer"], "checkpoints and snapshots are kept apart");
    }
}

#[test]
fn the_first_event_that_an_upcaster_fails_on_is_reported() {
    let folder = Folder::new();
    let log = log(&folder);
    assert_eq!(folder.run(&["upcasts", log]).out.trim(), "the workspace file has no [[upcast]] for this log");
    fs::write(folder.path("eventscope.toml"), RULES).unwrap();
    let ran = folder.run(&["upcasts", log, "--json"]);
    assert_eq!(ran.code, 1);
    let reports = ran.objects();
    assert_eq!(fields(&reports[0]), "type version to events failed first");
    assert_eq!(
        (&reports[0]["events"], &reports[0]["failed"], &reports[0]["first"]),
        (&json!(1), &json!(0), &Value::Null)
    );
    assert_eq!((&reports[1]["events"], &reports[1]["failed"]), (&json!(3), &json!(1)));
    let first = &reports[1]["first"];
    assert_eq!((&first["position"], &first["version"], &first["stream"]), (&json!(5), &json!(5), &json!("item-1")));
    assert!(first["error"].as_str().unwrap().contains("no currency in Priced"), "{first}");
    let text = folder.run(&["upcasts", log]);
    assert!(text.out.contains("3 events, 1 failed") && text.out.contains("first at position 5"), "{text:?}");
    let info = folder.run(&["info", log, "--json"]).object()["evidence"].to_string();
    assert!(info.contains("upcasts Priced of version 1 to version 2"), "{info}");
}

#[test]
fn libraries_say_the_version_of_a_schema_each_in_its_own_place() {
    let cases = [
        ("sqlite-es", "sqlite-es-0.5.0", "events", "event_version", "2.0", "/metadata/event_version"),
        (
            "laravel-event-sourcing",
            "laravel-event-sourcing",
            "stored_events",
            "event_version",
            "2",
            "/metadata/event_version",
        ),
        (
            "emmett-sqlite",
            "emmett-sqlite-0.42.4",
            "emt_messages",
            "message_schema_version",
            "2",
            "/metadata/message_schema_version",
        ),
    ];
    for (library, name, table, column, version, place) in cases {
        let folder = Folder::new();
        let path = fixtures::copy(library, name, &folder.path(""));
        let writer = rusqlite::Connection::open(&path).unwrap();
        writer.execute(&format!("UPDATE {table} SET {column} = ?1 WHERE rowid = 2"), [version]).unwrap();
        drop(writer);
        let log = format!("{name}.sqlite");
        for more in ["", &format!("version_at = \"{place}\"\n")] {
            let rule = format!(
                "[[upcast]]\ntype = \"*\"\nversion = 2\n{more}set = {{ \"\" = {{ value = {{ new = true }} }} }}\n"
            );
            fs::write(folder.path("eventscope.toml"), rule).unwrap();
            let events = folder.run(&["events", &log, "--json", "--as", "upcast", "--limit", "3"]).objects();
            let new: Vec<bool> = events.iter().map(|event| event["data"] == json!({"new": true})).collect();
            assert_eq!(new, [false, true, false], "{name}");
        }
    }
}

#[test]
fn a_masked_value_is_masked_under_its_new_name_too() {
    let folder = Folder::new();
    let line = json!({"stream": "user-1", "type": "Joined", "data": {"email": "ada@secret.example"}}).to_string();
    assert_eq!(folder.run_with(&["append", "users.db", "--stdin"], &line).code, 0);
    let rules = "[mask]\nkeys = [\"email\"]\n[[upcast]]\ntype = \"Joined\"\nset = { \"/contact\" = \"/data/email\" }\n";
    fs::write(folder.path("eventscope.toml"), rules).unwrap();
    for form in ["raw", "decoded", "upcast"] {
        let ran = folder.run(&["events", "users.db", "--json", "--as", form]);
        assert!(ran.code == 0 && !ran.out.contains("secret") && !ran.out.contains("736563726574"), "{form}: {ran:?}");
    }
    assert_eq!(events(&folder, "users.db", "upcast")[0]["data"]["contact"], "[masked]");
}

#[test]
fn a_slip_in_an_upcaster_is_refused() {
    let folder = Folder::new();
    let log = log(&folder);
    fs::write(folder.path("broken.js"), "export default (").unwrap();
    fs::write(folder.path("none.js"), "(data) => data").unwrap();
    let cases = [
        ("set = { \"/a\" = \"/data/b\" }", "type is missing"),
        ("type = \"X\"", "does nothing"),
        ("type = \"X\"\nfile = \"nothing.js\"", "cannot read"),
        ("type = \"X\"\nfile = \"broken.js\"", "broken.js"),
        ("type = \"X\"\nfile = \"none.js\"", "exports nothing"),
        ("type = \"X\"\nfile = \"priced.js\"\nset = { \"/a\" = \"/data/b\" }", "either a file or"),
        ("type = \"X\"\nset = { \"a\" = \"/data/b\" }", "JSON pointer"),
        ("type = \"X\"\nrename = { \"/a\" = \"/data/b\" }", "rename is not known"),
        ("type = \"X\"\nversion = true\nremove = [\"/a\"]", "version"),
    ];
    for (entry, why) in cases {
        fs::write(folder.path("eventscope.toml"), format!("[[upcast]]\n{entry}\n")).unwrap();
        folder.run(&["events", log]).failed(3, why);
    }
}
