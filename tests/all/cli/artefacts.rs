//! What is taken along: fixtures, tests in four languages, and repro bundles.

use std::process::Command;

use serde_json::{Value, json};

use super::{Folder, fields};

/// A stream whose texts try every language's quotes.
fn log(folder: &Folder) -> &'static str {
    let nasty = "\"quoted\" \\ \n\t\u{2028}\u{7f} ä 😀 ${x} {} */ #";
    let lines = [
        json!({"stream": "order-é 1", "type": "OrderPlaced", "data": {"total": 12, "note": nasty, "id": 9_007_199_254_740_993_u64},
            "metadata": {"by": "ana"}}),
        json!({"stream": "order-é 1", "type": "Order\"Paid", "data": {"total": 13}}),
        json!({"stream": "order-é 1", "type": "OrderShipped", "data": {"to": "x".repeat(70_000)}}),
    ];
    let lines: Vec<String> = lines.iter().map(Value::to_string).collect();
    let ran = folder.run_with(&["append", "orders.db", "--stdin"], &lines.join("\n"));
    assert_eq!(ran.code, 0, "{ran:?}");
    "orders.db"
}

fn export(folder: &Folder, kind: &str, file: &str, more: &[&str]) {
    let head = ["export", "orders.db", "--stream", "order-é 1", "--as", kind, "--to", file, "--json"];
    let ran = folder.run(&[&head[..], more].concat());
    assert_eq!(ran.code, 0, "{ran:?}");
    assert_eq!(fields(&ran.object()), "events format file");
}

fn read(folder: &Folder, file: &str) -> Value {
    serde_json::from_str(&std::fs::read_to_string(folder.path(file)).unwrap()).unwrap()
}

#[test]
fn a_fixture_is_a_slice_with_the_states_on_both_sides() {
    let folder = Folder::new();
    let log = log(&folder);
    export(&folder, "fixture", "f.json", &["--after-version", "1", "--version", "2"]);
    let fixture = read(&folder, "f.json");
    assert_eq!(fixture["events"].as_array().unwrap().len(), 1);
    assert_eq!(fixture["from"]["version"], 1);
    assert_eq!(fixture["from"]["state"]["id"].to_string(), "9007199254740993");
    let state = folder.run(&["state", log, "--stream", "order-é 1", "--version", "2", "--json"]).object();
    assert_eq!(fixture["expected"]["state"], state["state"]);
    assert_eq!((&fixture["expected"]["version"], &fixture["reducer"]), (&json!(2), &json!("auto")));
    folder.run(&["export", log, "--as", "fixture", "--to", "g.json"]).failed(2, "--stream");
    folder
        .run(&["export", log, "--as", "fixture", "--to", "f.json", "--stream", "order-é 1"])
        .failed(2, "exists already");
    folder
        .run(&["export", log, "--as", "fixture", "--to", "g.json", "--stream", "order-é 1", "--type", "X"])
        .failed(2, "all events of a stream");
    folder.run(&["export", log, "--as", "rust", "--to", "g.rs", "--stream", "nobody"]).failed(2, "nobody");
}

/// Runs a compiler where the machine has it.
fn compiles(folder: &Folder, program: &str, arguments: &[&str]) -> bool {
    let ran = Command::new(program).args(arguments).current_dir(folder.path("")).output();
    let Ok(ran) = ran else { return false };
    let said = String::from_utf8_lossy(&ran.stderr).into_owned() + &String::from_utf8_lossy(&ran.stdout);
    assert!(ran.status.success(), "{program} {arguments:?}: {said}");
    true
}

#[test]
fn the_test_of_each_language_compiles_and_asks_for_its_own_code() {
    let folder = Folder::new();
    log(&folder);
    for (kind, file) in [
        ("rust", "order_test.rs"),
        ("typescript", "order.test.ts"),
        ("python", "test_order.py"),
        ("java", "OrderTest.java"),
    ] {
        export(&folder, kind, file, &[]);
        let text = std::fs::read_to_string(folder.path(file)).unwrap();
        assert!(text.contains("9007199254740993") && text.contains("own code here"), "{kind}");
    }
    let rustc = std::env::var("RUSTC").unwrap_or_else(|_| "rustc".to_owned());
    let rust = ["--edition", "2024", "--test", "--emit", "metadata", "-o", "t.rmeta", "order_test.rs"];
    assert!(compiles(&folder, &rustc, &rust), "cargo's own compiler is there");
    compiles(&folder, "python3", &["-m", "py_compile", "test_order.py"]);
    if compiles(&folder, "javac", &["-version"]) {
        compiles(&folder, "javac", &["OrderTest.java"]);
    }
    // Without its types the TypeScript file is JavaScript.
    let typed = std::fs::read_to_string(folder.path("order.test.ts")).unwrap();
    let (head, rest) = typed.split_once("export interface RecordedEvent {").unwrap();
    let (_, rest) = rest.split_once("}\n").unwrap();
    let plain: Vec<&str> = head.lines().filter(|line| !line.starts_with("declare ")).chain(rest.lines()).collect();
    let mut plain = plain.join("\n");
    for types in [": RecordedEvent[]", ": string", ": unknown"] {
        assert!(plain.contains(types), "{types}");
        plain = plain.replace(types, "");
    }
    std::fs::write(folder.path("order.mjs"), plain).unwrap();
    compiles(&folder, "node", &["--check", "order.mjs"]);
}

#[test]
fn a_bundle_is_a_log_and_says_whether_it_holds() {
    let folder = Folder::new();
    log(&folder);
    let script = "export default (state, event) => ({ n: (state.n ?? 0) + 1, total: event.data.total ?? state.total })";
    std::fs::write(folder.path("n.js"), script).unwrap();
    export(&folder, "bundle", "repro.json", &["--reducer", "n.js", "--version", "2"]);
    std::fs::remove_file(folder.path("n.js")).unwrap();
    std::fs::remove_file(folder.path("orders.db")).unwrap();

    let checked = folder.run(&["check", "repro.json", "--json"]);
    assert_eq!(checked.code, 0, "{checked:?}");
    let object = checked.object();
    assert_eq!((&object["verdict"], &object["diff"]), (&json!("holds"), &json!([])));
    assert!(object["reducer"].as_str().unwrap().starts_with("n.js "), "{object}");
    // It is a log, read by every command, and its own reducer folds it.
    let info = folder.run(&["info", "repro.json", "--json"]).object();
    assert_eq!((&info["engine"], &info["events"], &info["read_only"]), (&json!("bundle"), &json!(2), &json!(true)));
    let state = folder.run(&["state", "repro.json", "--stream", "order-é 1", "--json"]).object();
    assert_eq!((&state["state"], &state["version"]), (&json!({"n": 2, "total": 13}), &json!(2)));
    let first = folder.run(&["state", "repro.json", "--stream", "order-é 1", "--version", "1", "--json"]).object();
    assert_eq!(first["state"], json!({"n": 1, "total": 12}));
    let events = folder.run(&["events", "repro.json", "--json"]).objects();
    assert_eq!(events[0]["data"]["id"].to_string(), "9007199254740993");
    assert_eq!(events[0]["metadata"], json!({"by": "ana"}));
    assert_eq!(folder.run(&["streams", "repro.json", "--json"]).objects().len(), 1);
    let blame = folder.run(&["blame", "repro.json", "--stream", "order-é 1", "--path", "/total", "--json"]).objects();
    assert_eq!(blame.len(), 2);
    let refused = folder.run(&["append", "repro.json", "--stream", "order-é 1", "--type", "X", "--data", "{}"]);
    assert_ne!(refused.code, 0, "a bundle is never written to");

    // Another reducer, or another state, does not hold.
    let auto = folder.run(&["check", "repro.json", "--reducer", "auto", "--json"]);
    assert_eq!((auto.code, &auto.object()["verdict"]), (1, &json!("differs")));
    let mut bundle = read(&folder, "repro.json");
    bundle["expected"]["state"]["total"] = json!(99);
    std::fs::write(folder.path("bug.json"), bundle.to_string()).unwrap();
    let bug = folder.run(&["check", "bug.json", "--json"]);
    assert_eq!(bug.code, 1);
    assert_eq!(bug.object()["diff"], json!([{"op": "replace", "path": "/total", "from": 99, "to": 13}]));
    let text = folder.run(&["check", "bug.json"]);
    assert!(text.out.contains("differs") && text.out.contains("/total 99 → 13"), "{text:?}");

    folder.run(&["check", "nobody.json"]).failed(3, "nobody.json");
    std::fs::write(folder.path("text.json"), "{}").unwrap();
    folder.run(&["check", "text.json"]).failed(3, "no bundle");
    std::fs::write(folder.path("new.json"), bundle.to_string().replace("_bundle\":1", "_bundle\":9")).unwrap();
    folder.run(&["check", "new.json"]).failed(3, "newer");
}

#[test]
fn a_bundle_says_what_it_should_be_and_keeps_what_could_not_be_folded() {
    let folder = Folder::new();
    let lines = [
        json!({"stream": "user-1", "type": "UserCreated", "data": {"name": "Alice"}}),
        json!({"stream": "user-1", "type": "UserDeleted", "data": {}}),
        json!({"stream": "user-1", "type": "UserRenamed", "data": {"name": "Bob"}}),
    ];
    let lines: Vec<String> = lines.iter().map(Value::to_string).collect();
    assert_eq!(folder.run_with(&["append", "u.db", "--stdin"], &lines.join("\n")).code, 0);
    let head = ["export", "u.db", "--stream", "user-1", "--as", "bundle", "--to"];
    assert_eq!(folder.run(&[&head[..], &["u.json"]].concat()).code, 0);
    let checked = folder.run(&["check", "u.json", "--json"]);
    assert_eq!((checked.code, checked.object()["faults"].as_array().unwrap().len()), (0, 1), "{checked:?}");
    std::fs::write(folder.path("wanted.json"), r#"{"name": "Bob"}"#).unwrap();
    assert_eq!(folder.run(&[&head[..], &["w.json", "--expect", "wanted.json"]].concat()).code, 0);
    assert_eq!(folder.run(&["check", "w.json"]).code, 1);
    let fixed = "export default (state, event) => event.type === 'UserDeleted' ? state : { ...state, ...event.data }";
    std::fs::write(folder.path("fixed.js"), fixed).unwrap();
    let held = folder.run(&["check", "w.json", "--reducer", "fixed.js"]);
    assert_eq!(held.code, 0, "{held:?}");
    folder.run(&[&head[..], &["x.json", "--after-version", "1"]].concat()).failed(2, "first event");
}

#[test]
fn what_is_masked_is_masked_in_every_file() {
    let folder = Folder::new();
    let line =
        json!({"stream": "user-1", "type": "UserCreated", "data": {"email": "ana@example.org", "n": 1}}).to_string();
    assert_eq!(folder.run_with(&["append", "m.db", "--stdin"], &line).code, 0);
    std::fs::write(folder.path("eventscope.toml"), "[mask]\npaths = [\"/email\"]\n").unwrap();
    let shown = folder.run(&["events", "m.db", "--json"]);
    assert!(!shown.out.contains("ana@example.org"), "{shown:?}");
    for kind in ["fixture", "rust", "typescript", "python", "java", "bundle"] {
        let file = format!("out-{kind}");
        let ran = folder.run(&["export", "m.db", "--stream", "user-1", "--as", kind, "--to", &file]);
        assert_eq!(ran.code, 0, "{ran:?}");
        let text = std::fs::read_to_string(folder.path(&file)).unwrap();
        assert!(!text.contains("ana@example.org") && !text.is_empty(), "{kind}: {text}");
    }
    let checked = folder.run(&["check", "out-bundle"]);
    assert_eq!(checked.code, 0, "{checked:?}");
}
