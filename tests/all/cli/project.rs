//! `project`, and `state` with a reducer of the user's own.

use serde_json::json;

use super::{Folder, fields};

fn orders(folder: &Folder) -> &'static str {
    let lines = [
        r#"{"stream":"order-1","type":"Placed","data":{"n":1}}"#,
        r#"{"stream":"order-2","type":"Placed","data":{"n":2}}"#,
        r#"{"stream":"order-1","type":"Paid","data":{"n":3}}"#,
        r#"{"stream":"links","type":"$>","data":"2@order-1"}"#,
        r#"{"stream":"links","type":"$>","data":"9@order-1"}"#,
    ];
    let ran = folder.run_with(&["append", "orders.db", "--stdin"], &lines.join("\n"));
    assert_eq!(ran.code, 0, "{ran:?}");
    "orders.db"
}

fn file(folder: &Folder, name: &str, text: &str) -> String {
    std::fs::write(folder.path(name), text).unwrap();
    name.to_owned()
}

#[test]
fn a_projection_runs_over_its_own_sources() {
    let folder = Folder::new();
    let log = orders(&folder);
    let reducer = file(
        &folder,
        "sum.js",
        "fromCategory('order').foreachStream().when({ $init: () => ({ sum: 0 }), $any: (s, e) => { s.sum += e.body.n; \
         console.log(e.eventType); emit('out', 'Summed', { sum: s.sum }); } })",
    );
    let ran = folder.run(&["project", log, "--reducer", &reducer, "--partition", "order-1", "--json"]);
    assert_eq!(ran.code, 0, "{ran:?}");
    let object = ran.object();
    assert_eq!(fields(&object), "partition state shared_state result partitions emitted faults error logs warnings");
    assert_eq!(object["state"], json!({ "sum": 4 }));
    assert_eq!(object["result"], json!({ "sum": 4 }));
    assert_eq!(object["partitions"], json!(["order-1", "order-2"]));
    assert_eq!(object["logs"], json!(["Placed", "Placed", "Paid"]));
    assert_eq!(object["emitted"][2]["data"], json!({ "sum": 4 }));
    let ran =
        folder.run(&["project", log, "--reducer", &reducer, "--partition", "order-1", "--position", "2", "--json"]);
    assert_eq!(ran.object()["state"], json!({ "sum": 1 }));
    let ran = folder.run(&["project", log, "--reducer", &reducer, "--json"]);
    assert_eq!(ran.object()["state"], json!(null));
}

#[test]
fn links_in_a_stream_are_resolved() {
    let folder = Folder::new();
    let log = orders(&folder);
    let text =
        "fromStream('links').when({ $any: (s, e) => ({ of: e.streamId, at: e.sequenceNumber, type: e.eventType }) })";
    let reducer = file(&folder, "links.js", text);
    let object = folder.run(&["project", log, "--reducer", &reducer, "--json"]).object();
    assert_eq!(object["state"], json!({ "of": "order-1", "at": 2, "type": "Paid" }));
    assert_eq!(object["warnings"][0]["id"], "links-unavailable");
}

#[test]
fn a_refused_projection_is_an_answer() {
    let folder = Folder::new();
    let log = orders(&folder);
    let reducer = file(&folder, "bad.js", "fromAll().when({}).foreachStream()");
    let ran = folder.run(&["project", log, "--reducer", &reducer, "--json"]);
    assert_eq!(ran.code, 1, "{ran:?}");
    assert_eq!(ran.object()["error"], "definition");
    folder.run(&["project", log, "--reducer", "missing.js"]).failed(2, "missing.js");
}

#[test]
fn a_fault_is_listed_and_the_rest_goes_on() {
    let folder = Folder::new();
    let log = orders(&folder);
    let reducer = file(
        &folder,
        "throws.js",
        "fromAll().when({ $init: () => ({ n: 0 }), Placed: (s, e) => { s.n++; if (e.data.n === 2) { throw new Error('no'); } } })",
    );
    let ran = folder.run(&["project", log, "--reducer", &reducer, "--json"]);
    assert_eq!(ran.code, 0, "{ran:?}");
    let object = ran.object();
    assert_eq!(object["state"], json!({ "n": 1 }));
    assert_eq!(object["faults"][0]["index"], 1);
    assert_eq!(object["faults"][0]["callback"], "Placed");
    assert!(object["faults"][0]["message"].as_str().unwrap().contains("Error: no (throws.js:1:"), "{object}");
}

#[test]
fn a_stream_folds_with_a_file_or_what_the_workspace_binds() {
    let folder = Folder::new();
    let log = orders(&folder);
    file(&folder, "module.js", "export default (state, event) => ({ sum: (state.sum ?? 0) + event.data.n })");
    let state = |arguments: &[&str]| {
        let ran = folder.run(&[&["state", log, "--stream", "order-1", "--json"], arguments].concat());
        assert_eq!(ran.code, 0, "{ran:?}");
        ran.object()
    };
    let own = state(&["--reducer", "module.js"]);
    assert_eq!(own["state"], json!({ "sum": 4 }));
    assert!(own["reducer"].as_str().unwrap().starts_with("module.js "));
    assert_eq!(state(&[])["reducer"], "auto");
    file(&folder, "eventscope.toml", "[[reducer]]\nstreams = \"order-*\"\nfile = \"module.js\"\n");
    assert_eq!(state(&[]), own);
    assert_eq!(state(&["--reducer", "auto"])["reducer"], "auto");
    std::fs::create_dir(folder.path("other")).unwrap();
    file(&folder, "other/team.toml", "[[reducer]]\nstreams = \"*\"\nfile = \"../module.js\"\n");
    assert_eq!(state(&["--workspace", "other/team.toml"]), own);
    file(&folder, "eventscope.toml", "[[reducer]]\nstreams = 5\n");
    folder.run(&["state", log, "--stream", "order-1"]).failed(2, "eventscope.toml");
    folder.run(&["state", log, "--stream", "order-1", "--reducer", "nope"]).failed(2, "nope");
    folder.run(&["state", log, "--stream", "order-1", "--workspace", "nope.toml"]).failed(2, "nope.toml");
}

#[test]
fn a_stream_folds_with_rules() {
    let folder = Folder::new();
    let log = orders(&folder);
    file(&folder, "sum.toml", "[[rule]]\non = [\"Placed\", \"Paid\"]\nadd = { \"/sum\" = \"/data/n\" }\n");
    let ran = folder.run(&["state", log, "--stream", "order-1", "--reducer", "sum.toml", "--json"]);
    assert_eq!(ran.object()["state"], json!({ "sum": 4 }));
    file(&folder, "bad.toml", "[[rule]]\nin = 5\n");
    folder.run(&["state", log, "--stream", "order-1", "--reducer", "bad.toml"]).failed(2, "bad.toml");
}

#[test]
fn what_a_script_prints_is_shown_at_its_event() {
    let folder = Folder::new();
    let log = orders(&folder);
    file(
        &folder,
        "says.js",
        "export default (state, event) => { console.log('at', event.type, { n: event.data.n }); return {}; }",
    );
    let state = |version: &str| {
        let arguments = ["state", log, "--stream", "order-1", "--reducer", "says.js", "--version", version, "--json"];
        folder.run(&arguments).object()
    };
    assert_eq!(state("2")["console"], json!(["at Paid {\"n\":3}"]));
    assert_eq!(state("1")["console"], json!(["at Placed {\"n\":1}"]));
    assert!(state("0").get("console").is_none());
    let ran = folder.run(&["state", log, "--stream", "order-1", "--reducer", "says.js"]);
    assert!(ran.out.contains("console: at Paid"), "{ran:?}");
}
