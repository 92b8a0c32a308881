//! *Process*: the team's own code in any language, as a child process that speaks JSON lines.
//!
//! The protocol is told in `assets/reducers/PROCESS.md`. This module starts the child and talks to it; whether it may
//! run at all is asked elsewhere, before. A child that crashes, answers nonsense or does not answer in time marks the
//! event and is started anew for the next one.

use std::borrow::Cow;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::PathBuf;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use crossbeam_channel::{Receiver, RecvTimeoutError, Sender, bounded};
use serde::Deserialize;
use serde_json::json;

use super::javascript::engine::push_line;
use super::{FoldFault, Reducer, ReducerId, Shown};
use crate::error::{Error, Result};
use crate::event::{Event, Value};
use crate::limits::{INPUT_LINE_BYTES_MAX, PROCESS_RESTARTS_MAX, PROCESS_TIMEOUT_MS, PROCESS_TIMEOUT_MS_MAX};

/// The version of the protocol that this program speaks.
pub const PROTOCOL_VERSION: u64 = 1;
const PROTOCOL: &str = "eventscope-reducer";

/// What to run.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ProcessCommand {
    /// The program and its arguments; never a shell.
    pub command: Vec<String>,
    /// The folder that it runs in.
    pub folder: PathBuf,
    /// Milliseconds that it may take for one event, 1 to [`PROCESS_TIMEOUT_MS_MAX`].
    pub timeout_ms: u64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    process: Table,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    command: Vec<String>,
    timeout_ms: Option<u64>,
}

impl ProcessCommand {
    /// Reads `[process]` of a reducer's file, where it has one. The command runs in `folder`.
    ///
    /// # Errors
    /// `Input` where it is malformed.
    pub fn parse(name: &str, text: &str, folder: PathBuf) -> Result<Option<Self>> {
        let malformed = |error: toml::de::Error| Error::Input(format!("{name}: {error}"));
        let table: toml::Table = toml::from_str(text).map_err(malformed)?;
        if !table.contains_key("process") {
            return Ok(None);
        }
        let File { process } = table.try_into().map_err(malformed)?;
        if process.command.first().is_none_or(String::is_empty) {
            return Err(Error::Input(format!("{name}: the command is empty")));
        }
        let timeout_ms = process.timeout_ms.unwrap_or(PROCESS_TIMEOUT_MS);
        if !(1..=PROCESS_TIMEOUT_MS_MAX).contains(&timeout_ms) {
            return Err(Error::Input(format!("{name}: timeout_ms must be 1 to {PROCESS_TIMEOUT_MS_MAX}")));
        }
        Ok(Some(Self { command: process.command, folder, timeout_ms }))
    }
}

/// A reducer that is a child process.
pub struct Process {
    id: ReducerId,
    name: String,
    command: ProcessCommand,
    running: Option<Running>,
    console: Arc<Mutex<Vec<String>>>,
    started: u64,
    next_id: u64,
}

struct Running {
    child: Child,
    requests: Sender<String>,
    replies: Receiver<std::result::Result<String, String>>,
}

#[derive(Deserialize)]
struct Hello {
    protocol: String,
    version: u64,
}

#[derive(Deserialize)]
struct Reply {
    id: u64,
    // Absent is not null: a reply without a state is no reply.
    #[serde(default, deserialize_with = "present")]
    state: Option<Value>,
    error: Option<String>,
    #[serde(default)]
    log: Vec<String>,
}

fn present<'de, D: serde::Deserializer<'de>>(deserializer: D) -> std::result::Result<Option<Value>, D::Error> {
    Value::deserialize(deserializer).map(Some)
}

impl Process {
    /// A reducer that runs this command. `name` is the file's name; `fingerprint` is what changes with the team's code.
    /// Nothing is started before the first event.
    #[must_use]
    pub fn new(name: &str, command: ProcessCommand, fingerprint: &[u8]) -> Self {
        let hash = blake3::hash(fingerprint).to_hex();
        let id = ReducerId(format!("{name} {}", hash.get(..12).unwrap_or_default()));
        let console = Arc::new(Mutex::new(Vec::new()));
        Self { id, name: name.to_owned(), command, running: None, console, started: 0, next_id: 0 }
    }

    fn start(&mut self) -> std::result::Result<Running, String> {
        if self.started > PROCESS_RESTARTS_MAX {
            return Err(format!("the process failed {PROCESS_RESTARTS_MAX} times and is not started again"));
        }
        self.started += 1;
        let shown = self.command.command.join(" ");
        let (program, arguments) = self.command.command.split_first().ok_or("the command is empty")?;
        let mut command = Command::new(program);
        command.args(arguments).current_dir(&self.command.folder);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        #[cfg(unix)]
        std::os::unix::process::CommandExt::process_group(&mut command, 0);
        let mut child = command.spawn().map_err(|error| format!("cannot start {shown}: {error}"))?;
        let (Some(stdin), Some(stdout), Some(stderr)) = (child.stdin.take(), child.stdout.take(), child.stderr.take())
        else {
            return Err(format!("{shown} has no standard streams"));
        };
        let (requests, to_write) = bounded::<String>(1);
        let (to_read, replies) = bounded(1);
        let console = Arc::clone(&self.console);
        let failed = |error: std::io::Error| format!("cannot start a thread: {error}");
        thread::Builder::new()
            .name("process input".to_owned())
            .spawn(move || write_lines(stdin, &to_write))
            .map_err(failed)?;
        thread::Builder::new()
            .name("process output".to_owned())
            .spawn(move || read_lines(stdout, &to_read))
            .map_err(failed)?;
        thread::Builder::new()
            .name("process errors".to_owned())
            .spawn(move || keep_lines(stderr, &console))
            .map_err(failed)?;
        let mut running = Running { child, requests, replies };
        let hello = json!({ "protocol": PROTOCOL, "version": PROTOCOL_VERSION, "reducer": self.name });
        let answer = match running.ask(hello.to_string(), self.command.timeout_ms) {
            Ok(answer) => answer,
            Err(why) => return Err(self.ended(running, &why)),
        };
        match serde_json::from_str::<Hello>(&answer) {
            Ok(hello) if hello.protocol == PROTOCOL && hello.version == PROTOCOL_VERSION => Ok(running),
            Ok(hello) => {
                running.kill();
                let (protocol, version) = (hello.protocol, hello.version);
                Err(format!("the process speaks {protocol} {version}, not {PROTOCOL} {PROTOCOL_VERSION}"))
            }
            Err(_) => {
                running.kill();
                Err(format!("the process did not say hello as {PROTOCOL} {PROTOCOL_VERSION}: {}", short(&answer)))
            }
        }
    }

    fn step(&mut self, state: &Value, event: Event<'_>) -> std::result::Result<Value, String> {
        let mut running = match self.running.take() {
            Some(running) => running,
            None => self.start()?,
        };
        self.next_id += 1;
        let id = self.next_id;
        let request = json!({ "id": id, "state": state, "event": super::as_json(event) });
        let answer = match running.ask(request.to_string(), self.command.timeout_ms) {
            Ok(answer) => answer,
            Err(why) => return Err(self.ended(running, &why)),
        };
        let reply: Reply = match serde_json::from_str(&answer) {
            Ok(reply) => reply,
            Err(error) => {
                running.kill();
                return Err(format!("the process answered what is no reply ({error}): {}", short(&answer)));
            }
        };
        if reply.id != id {
            running.kill();
            return Err(format!("the process answered {} where {id} was asked", reply.id));
        }
        // It is in step: an error is the event's, not the process's.
        self.running = Some(running);
        let mut console = self.console.lock().unwrap_or_else(PoisonError::into_inner);
        for line in reply.log {
            push_line(&mut console, line);
        }
        match (reply.error, reply.state) {
            (Some(error), _) => Err(error),
            (None, Some(state)) => Ok(state),
            (None, None) => Err("the process answered with neither a state nor an error".to_owned()),
        }
    }

    /// Why the process did not answer, with how it ended and the last thing that it complained of.
    fn ended(&self, mut running: Running, why: &str) -> String {
        let status = running.kill();
        let status = if why.is_empty() {
            status.map_or_else(|| "the process ended".to_owned(), |status| format!("the process ended: {status}"))
        } else {
            why.to_owned()
        };
        let last = self.console.lock().unwrap_or_else(PoisonError::into_inner).last().cloned();
        last.map_or_else(|| status.clone(), |line| format!("{status}; it said: {}", short(&line)))
    }
}

impl Running {
    /// Sends a line and waits for the one that answers it. An empty error says that the process ended by itself.
    fn ask(&mut self, line: String, timeout_ms: u64) -> std::result::Result<String, String> {
        if self.requests.send(line).is_err() {
            return Err(String::new());
        }
        match self.replies.recv_timeout(Duration::from_millis(timeout_ms)) {
            Ok(answer) => answer,
            Err(RecvTimeoutError::Timeout) => Err(format!("the process did not answer within {timeout_ms} ms")),
            Err(RecvTimeoutError::Disconnected) => Err(String::new()),
        }
    }

    /// Ends the process and what it started. Gives how it had ended, where it had by itself.
    fn kill(&mut self) -> Option<std::process::ExitStatus> {
        // A child that closed its output is about to end: its own status says more than ours would.
        let mut ended = None;
        for _ in 0..50 {
            ended = self.child.try_wait().ok().flatten();
            if ended.is_some() || self.replies.try_recv() != Err(crossbeam_channel::TryRecvError::Disconnected) {
                break;
            }
            thread::sleep(Duration::from_millis(2));
        }
        #[cfg(unix)]
        if let Some(group) = i32::try_from(self.child.id()).ok().and_then(rustix::process::Pid::from_raw) {
            // It may have ended by itself, and its group with it.
            let _ = rustix::process::kill_process_group(group, rustix::process::Signal::KILL);
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
        ended
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.kill();
    }
}

impl Reducer for Process {
    fn id(&self) -> ReducerId {
        self.id.clone()
    }

    fn empty(&self) -> Value {
        Value::Null
    }

    fn fold(&mut self, state: &mut Value, event: Event<'_>) -> std::result::Result<(), FoldFault> {
        *state = self.step(state, event).map_err(FoldFault)?;
        Ok(())
    }

    fn show(&self, state: Value) -> Shown {
        Shown { exists: !state.is_null(), state }
    }

    fn reopen(&self, shown: &Value, _first: &Event<'_>) -> Option<Value> {
        Some(shown.clone())
    }

    fn peek<'a>(&self, state: &'a Value) -> Cow<'a, Value> {
        Cow::Borrowed(state)
    }

    fn take_console(&mut self) -> Vec<String> {
        std::mem::take(&mut *self.console.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

fn write_lines(mut stdin: ChildStdin, lines: &Receiver<String>) {
    for mut line in lines {
        line.push('\n');
        // A child that does not listen has ended, or will be ended: who waits for its answer finds out.
        if stdin.write_all(line.as_bytes()).and_then(|()| stdin.flush()).is_err() {
            return;
        }
    }
}

fn read_lines(stdout: impl Read, answers: &Sender<std::result::Result<String, String>>) {
    let mut reader = BufReader::new(stdout);
    loop {
        let mut line = Vec::new();
        let limit = INPUT_LINE_BYTES_MAX as u64;
        match reader.by_ref().take(limit).read_until(b'\n', &mut line) {
            Ok(0) | Err(_) => return,
            Ok(_) => {}
        }
        let answer = if line.last() != Some(&b'\n') && line.len() as u64 >= limit {
            Err("the process answered with a line that is too long".to_owned())
        } else {
            String::from_utf8(line).map_err(|_| "the process answered with what is not UTF-8".to_owned())
        };
        if answer.as_ref().is_ok_and(|line| line.trim().is_empty()) {
            continue;
        }
        if answers.send(answer).is_err() {
            return;
        }
    }
}

fn keep_lines(stderr: impl Read, console: &Mutex<Vec<String>>) {
    let mut reader = BufReader::new(stderr);
    loop {
        let mut line = Vec::new();
        match reader.by_ref().take(1 << 16).read_until(b'\n', &mut line) {
            Ok(0) | Err(_) => return,
            Ok(_) => {}
        }
        let line = String::from_utf8_lossy(&line).trim_end().to_owned();
        push_line(&mut console.lock().unwrap_or_else(PoisonError::into_inner), line);
    }
}

/// The beginning of what a process said.
fn short(text: &str) -> String {
    text.trim().chars().take(200).collect()
}
