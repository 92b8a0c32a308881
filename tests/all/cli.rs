//! The command line, driven as other programs drive it: the built binary, its output and its exit code.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde_json::Value;
use tempfile::TempDir;

mod append;
mod artefacts;
mod bad_input;
mod lab;
mod moving;
mod process;
mod project;
mod reading;
mod snapshots;
mod why;

/// A folder for one test, with a cache and a data folder of its own.
pub struct Folder {
    folder: TempDir,
}

/// How a run ended.
#[derive(Debug)]
pub struct Ran {
    /// The exit code.
    pub code: i32,
    /// Standard output.
    pub out: String,
    /// Standard error.
    pub err: String,
}

impl Folder {
    /// An empty folder.
    pub fn new() -> Self {
        let folder = TempDir::new().unwrap();
        std::fs::create_dir(folder.path().join("logs")).unwrap();
        Self { folder }
    }

    /// A path for a log.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join("logs").join(name)
    }

    /// The command, without a display.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_eventscope"));
        command
            .current_dir(self.folder.path().join("logs"))
            .args(arguments)
            .env("EVENTSCOPE_CACHE_DIR", self.folder.path().join("cache"))
            .env("EVENTSCOPE_DATA_DIR", self.folder.path().join("data"))
            .env("EVENTSCOPE_CONFIG_DIR", self.folder.path().join("config"))
            .env_remove("DISPLAY")
            .env_remove("WAYLAND_DISPLAY")
            .env_remove("WAYLAND_SOCKET")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    /// Runs a command to its end.
    pub fn run(&self, arguments: &[&str]) -> Ran {
        Ran::of(self.command(arguments).output().unwrap())
    }

    /// Runs a command with text on standard input.
    pub fn run_with(&self, arguments: &[&str], input: &str) -> Ran {
        let mut child = self.command(arguments).stdin(Stdio::piped()).spawn().unwrap();
        let mut stdin = child.stdin.take().unwrap();
        let input = input.to_owned();
        // A command that refuses its input closes it early: that is for the exit code to say.
        let writer = std::thread::Builder::new().name("input".to_owned()).spawn(move || {
            let _ = stdin.write_all(input.as_bytes());
        });
        let ran = Ran::of(child.wait_with_output().unwrap());
        writer.unwrap().join().unwrap();
        ran
    }

    /// A log with the three events of a user who is created, renamed and deleted.
    pub fn users(&self) -> &'static str {
        let lines = [
            r#"{"stream":"user-1","type":"UserCreated","data":{"userId":1,"name":"Alice"}}"#,
            r#"{"stream":"user-1","type":"UserNameUpdated","data":{"userId":1,"name":"Alicia"}}"#,
            r#"{"stream":"user-1","type":"UserDeleted","data":{"userId":1}}"#,
        ];
        let ran = self.run_with(&["append", "users.db", "--stdin"], &lines.join("\n"));
        assert_eq!(ran.code, 0, "{ran:?}");
        "users.db"
    }
}

impl Ran {
    fn of(output: Output) -> Self {
        Self {
            code: output.status.code().unwrap_or(-1),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        }
    }

    /// The JSON objects that were printed, one a line.
    pub fn objects(&self) -> Vec<Value> {
        assert_eq!(self.err, "", "{self:?}");
        self.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    /// The one JSON object that was printed.
    pub fn object(&self) -> Value {
        let mut objects = self.objects();
        assert_eq!(objects.len(), 1, "{self:?}");
        objects.remove(0)
    }

    /// Checks that it failed with this code and one sentence that says so.
    pub fn failed(&self, code: i32, sentence: &str) {
        assert_eq!(self.code, code, "{self:?}");
        assert!(self.err.contains(sentence), "{sentence}: {self:?}");
        assert!(!self.err.contains("panicked"), "{self:?}");
    }
}

/// The names of an object's fields, in order.
pub fn fields(object: &Value) -> String {
    object.as_object().unwrap().keys().cloned().collect::<Vec<_>>().join(" ")
}

/// JSON lines for `append`: one event for each number, whose payload is the number.
pub fn numbered(numbers: std::ops::Range<u64>, stream: impl Fn(u64) -> String) -> String {
    let line = |n| serde_json::json!({ "stream": stream(n), "type": "T", "data": n }).to_string();
    numbers.map(line).collect::<Vec<_>>().join("\n")
}

/// Fails the test because something that it needs is missing; without `EVENTSCOPE_REQUIRE_ALL` it is passed over.
pub fn missing(what: &str) {
    assert!(std::env::var_os("EVENTSCOPE_REQUIRE_ALL").is_none(), "{what} is needed and not there");
    let _ = writeln!(std::io::stderr(), "passed over: {what} is not there");
}

/// The names and bytes of all files of a folder.
pub fn contents(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let mut files: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap())
        .map(|entry| (entry.file_name().to_string_lossy().into_owned(), std::fs::read(entry.path()).unwrap()))
        .collect();
    files.sort();
    files
}
