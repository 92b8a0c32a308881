//! Reducers as a process: the yes, the protocol, and what a bad child cannot do. The children are shell scripts.
#![cfg(unix)]

use serde_json::{Value, json};

use super::{Folder, Ran};

const HELLO: &str = r#"read line; echo '{"protocol":"eventscope-reducer","version":1}'"#;
/// Gives the request's id in `$id`.
const NEXT: &str = r"read line || exit 0; id=${line#*:}; id=${id%%,*}";

struct Case {
    folder: Folder,
}

impl Case {
    /// A log of three events, and a reducer that runs this script.
    fn new(script: &str) -> Self {
        let folder = Folder::new();
        let lines =
            ["One", "Bad", "Two"].map(|name| json!({"stream": "a", "type": name, "data": {"n": name}}).to_string());
        assert_eq!(folder.run_with(&["append", "a.db", "--stdin"], &lines.join("\n")).code, 0);
        std::fs::write(folder.path("fold.sh"), script).unwrap();
        let text = "[process]\ncommand = [\"sh\", \"fold.sh\"]\ntimeout_ms = 1500\n";
        std::fs::write(folder.path("fold.toml"), text).unwrap();
        Self { folder }
    }

    fn run(&self, more: &[&str]) -> Ran {
        self.folder.run(&[&["state", "a.db", "--stream", "a", "--json", "--reducer", "fold.toml"], more].concat())
    }

    fn allowed(&self) -> Value {
        let ran = self.run(&["--allow-process"]);
        assert_eq!(ran.code, 0, "{ran:?}");
        ran.object()
    }
}

/// A child that does this for `Bad` and remembers the type else.
fn misbehaving(bad: &str) -> String {
    format!(
        "{HELLO}\nwhile :; do {NEXT}\ncase \"$line\" in *'\"type\":\"Bad\"'*) {bad} ;; \
         *'\"type\":\"Two\"'*) echo \"{{\\\"id\\\":$id,\\\"state\\\":{{\\\"last\\\":2,\\\"big\\\":9007199254740993.10}}}}\" ;; \
         *) echo \"{{\\\"id\\\":$id,\\\"state\\\":{{\\\"last\\\":1}},\\\"log\\\":[\\\"x\\\"]}}\" ;; esac\ndone\n"
    )
}

#[test]
fn nothing_runs_before_a_yes_and_the_yes_is_remembered_for_that_command() {
    let case = Case::new(&format!("touch ran\n{}", misbehaving("echo \"{\\\"id\\\":$id,\\\"state\\\":1}\"")));
    let ran = case.run(&[]);
    ran.failed(2, "--allow-process");
    assert!(ran.err.contains("sh fold.sh"), "{ran:?}");
    assert!(!case.folder.path("ran").exists(), "it ran without a yes");
    assert_eq!(case.allowed()["state"]["last"], 2);
    assert!(case.folder.path("ran").exists());
    let again = case.run(&[]);
    assert_eq!(again.code, 0, "{again:?}");
    std::fs::write(case.folder.path("fold.toml"), "[process]\ncommand = [\"sh\", \"./fold.sh\"]\n").unwrap();
    case.run(&[]).failed(2, "--allow-process");
    let workspace = "[[reducer]]\nstreams = \"*\"\nfile = \"fold.toml\"\n";
    std::fs::write(case.folder.path("eventscope.toml"), workspace).unwrap();
    case.folder.run(&["state", "a.db", "--stream", "a"]).failed(2, "--allow-process");
}

#[test]
fn a_bad_child_marks_the_event_and_the_next_one_folds() {
    for (bad, said) in [
        ("echo \"{\\\"id\\\":$id,\\\"error\\\":\\\"not before noon\\\"}\"", "not before noon"),
        ("echo oh dear >&2; exit 3", "exit status: 3"),
        ("kill -9 $$", "signal: 9"),
        ("echo nonsense", "no reply"),
        ("echo '{\"id\":77,\"state\":1}'", "answered 77"),
        ("echo \"{\\\"id\\\":$id}\"", "neither a state nor an error"),
        ("sleep 60", "within 1500 ms"),
        ("exec 1>&-; sleep 60", "ended"),
    ] {
        let object = Case::new(&misbehaving(bad)).allowed();
        let faults = object["faults"].as_array().unwrap();
        assert_eq!(faults.len(), 1, "{bad}: {object}");
        assert_eq!(faults[0]["version"], 2, "{bad}");
        assert!(faults[0]["message"].as_str().unwrap().contains(said), "{bad}: {object}");
        assert_eq!(object["state"].to_string(), r#"{"last":2,"big":9007199254740993.10}"#, "{bad}");
    }
}

#[test]
fn a_child_of_another_version_or_none_is_not_used() {
    for (script, said) in [
        (
            "read line; echo '{\"protocol\":\"eventscope-reducer\",\"version\":2}'; sleep 60",
            "speaks eventscope-reducer 2",
        ),
        ("read line; echo hello; sleep 60", "did not say hello"),
        ("exit 0", "ended"),
    ] {
        let object = Case::new(script).allowed();
        assert_eq!(object["faults"].as_array().unwrap().len(), 3, "{script}: {object}");
        assert!(object["faults"][0]["message"].as_str().unwrap().contains(said), "{script}: {object}");
    }
    let case = Case::new("");
    std::fs::write(case.folder.path("fold.toml"), "[process]\ncommand = [\"no-such-program\"]\n").unwrap();
    let object = case.allowed();
    assert!(object["faults"][0]["message"].as_str().unwrap().contains("cannot start no-such-program"), "{object}");
    for text in ["[process]\n", "[process]\ncommand = []\n", "[process]\ncommand = [\"a\"]\ntimeout_ms = 0\n"] {
        std::fs::write(case.folder.path("fold.toml"), text).unwrap();
        case.run(&["--allow-process"]).failed(2, "fold.toml");
    }
}

#[test]
fn the_example_in_python_folds() {
    let examples = concat!(env!("CARGO_MANIFEST_DIR"), "/assets/reducers/account.process.toml");
    if !std::process::Command::new("python3").arg("--version").output().is_ok_and(|output| output.status.success()) {
        super::missing("python3");
        return;
    }
    let folder = Folder::new();
    let lines = [
        json!({"stream": "a", "type": "Deposited", "data": {"amount": 1}}),
        json!({"stream": "a", "type": "AccountOpened", "data": {"owner": "Ann"}}),
        json!({"stream": "a", "type": "Deposited", "data": {"amount": 9_007_199_254_740_993_i64}}),
        json!({"stream": "a", "type": "Withdrawn", "data": {"amount": 2}}),
    ];
    let lines = lines.map(|line| line.to_string());
    assert_eq!(folder.run_with(&["append", "a.db", "--stdin"], &lines.join("\n")).code, 0);
    let ran = folder.run(&["state", "a.db", "--stream", "a", "--json", "--reducer", examples, "--allow-process"]);
    let object = ran.object();
    assert_eq!(object["state"].to_string(), r#"{"owner":"Ann","balance":9007199254740991}"#);
    assert!(object["faults"][0]["message"].as_str().unwrap().contains("TypeError"), "{object}");
}
