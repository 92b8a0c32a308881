//! Other processes: this test binary again, as a program that has a log open, or as a user with fewer rights.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use rusqlite::Connection;

const TASK: &str = "EVENTSCOPE_TEST_TASK";
const LOG: &str = "EVENTSCOPE_TEST_LOG";
const MARK: &str = "answer: ";

/// A program that has a database open and runs the SQL that it is told.
pub struct Client {
    child: Child,
    input: Option<ChildStdin>,
    output: BufReader<ChildStdout>,
}

impl Client {
    /// Starts it, with the database open.
    pub fn start(path: &Path) -> Self {
        let mut child = again("sql", path).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let (input, output) = (child.stdin.take(), BufReader::new(child.stdout.take().unwrap()));
        let mut client = Self { child, input, output };
        assert_eq!(client.answer(), "open");
        client
    }

    /// Runs one line of SQL: the first column of its first row, empty where there is none, or the error.
    pub fn sql(&mut self, sql: &str) -> String {
        writeln!(self.input.as_mut().unwrap(), "{}", sql.replace('\n', " ")).unwrap();
        self.answer()
    }

    /// Closes the database and ends.
    pub fn close(mut self) {
        drop(self.input.take());
        assert!(self.child.wait().unwrap().success());
    }

    /// Ends at once, as a crash does.
    pub fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    fn answer(&mut self) -> String {
        answer(&mut self.output).expect("the other process ended")
    }
}

/// Opens and reads a log as a user who owns nothing: what it holds and how it was opened, or why it cannot be opened.
/// `None` where this test runs without the right to become that user.
pub fn read_as_nobody(path: &Path) -> Option<String> {
    let this = again("read", path);
    let mut command = if is_root() {
        let mut command = Command::new("setpriv");
        command.args(["--reuid=65534", "--regid=65534", "--clear-groups", "--no-new-privs"]);
        command.arg(this.get_program()).args(this.get_args());
        for (name, value) in this.get_envs() {
            command.env(name, value.unwrap_or_default());
        }
        command
    } else {
        // The rights of files bind us as they are.
        this
    };
    let output = command.stderr(Stdio::null()).output().ok()?;
    answer(&mut output.stdout.as_slice())
}

fn is_root() -> bool {
    let output = Command::new("id").arg("-u").output().unwrap();
    output.stdout.starts_with(b"0\n")
}

/// This test binary, to run [`other_process`] alone.
fn again(task: &str, path: &Path) -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", "client::other_process", "--nocapture", "--test-threads=1"]);
    command.env(TASK, task).env(LOG, path);
    command
}

fn answer(output: &mut impl BufRead) -> Option<String> {
    let mut line = String::new();
    while output.read_line(&mut line).ok()? > 0 {
        if let Some((_, answer)) = line.trim_end_matches('\n').split_once(MARK) {
            return Some(answer.to_owned());
        }
        line.clear();
    }
    None
}

/// What the other process does; nothing in an ordinary run.
#[test]
fn other_process() {
    let (Ok(task), Some(path)) = (std::env::var(TASK), std::env::var_os(LOG)) else { return };
    let path = Path::new(&path);
    match task.as_str() {
        "sql" => run_sql(path),
        "read" => println!("{MARK}{}", read(path)),
        other => panic!("no task is named {other}"),
    }
}

fn run_sql(path: &Path) {
    let connection = Connection::open(path).unwrap();
    println!("{MARK}open");
    for line in std::io::stdin().lines() {
        let answer = connection.prepare(&line.unwrap()).and_then(|mut statement| {
            let mut rows = statement.query([])?;
            let first = match rows.next()? {
                Some(row) => row.get::<_, rusqlite::types::Value>(0)?,
                None => rusqlite::types::Value::Null,
            };
            while rows.next()?.is_some() {}
            Ok(first)
        });
        let text = match answer {
            Ok(rusqlite::types::Value::Null) => String::new(),
            Ok(rusqlite::types::Value::Integer(number)) => number.to_string(),
            Ok(other) => format!("{other:?}"),
            Err(error) => error.to_string(),
        };
        println!("{MARK}{}", text.replace('\n', " "));
    }
}

fn read(path: &Path) -> String {
    let read = || -> eventscope::error::Result<String> {
        let mut log = eventscope::store::open(path.to_str().unwrap())?;
        let events = crate::fixtures::all(log.as_mut(), &eventscope::event::Scope::Log, 100).len();
        Ok(format!("{events} events, {:?}", log.info().access))
    };
    read().unwrap_or_else(|error| format!("{} ({error})", error.exit_code()))
}
