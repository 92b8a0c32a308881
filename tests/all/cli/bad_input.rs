//! What cannot be opened: a clear sentence, the right exit code, never a panic.

use std::fs;

use super::{Folder, missing, numbered};

/// The commands that open a log to read it, each complete but for the log.
const READERS: &[&[&str]] = &[&["info"], &["streams"], &["events"], &["state", "--stream", "s"], &["tail"]];

/// Every reader must end with this code and sentence.
fn readers_fail(folder: &Folder, log: &str, code: i32, sentence: &str) {
    for reader in READERS {
        let arguments = [&reader[..1], &[log], &reader[1..]].concat();
        let ran = folder.run(&arguments);
        ran.failed(code, sentence);
        assert!(ran.err.starts_with("eventscope: ") && ran.err.lines().count() == 1, "{arguments:?}: {ran:?}");
        assert_eq!(ran.out, "", "{arguments:?}");
    }
}

#[test]
fn a_missing_file() {
    let folder = Folder::new();
    readers_fail(&folder, "missing.db", 3, "cannot open log: ");
    assert!(!folder.path("missing.db").exists());
}

#[test]
fn an_empty_file() {
    let folder = Folder::new();
    fs::write(folder.path("empty.db"), "").unwrap();
    readers_fail(&folder, "empty.db", 3, "cannot open log: ");
    assert_eq!(fs::metadata(folder.path("empty.db")).unwrap().len(), 0);
}

#[test]
fn a_text_file() {
    let folder = Folder::new();
    let text = "This is not a database, but it is longer than a database's header.\n".repeat(20);
    fs::write(folder.path("notes.txt"), &text).unwrap();
    readers_fail(&folder, "notes.txt", 3, "cannot open log: ");
    let append = ["append", "notes.txt", "--stream", "s", "--type", "T", "--data", "1"];
    folder.run(&append).failed(3, "cannot open log: ");
    assert_eq!(fs::read_to_string(folder.path("notes.txt")).unwrap(), text);
}

#[test]
fn a_directory() {
    let folder = Folder::new();
    fs::create_dir(folder.path("dir.db")).unwrap();
    readers_fail(&folder, "dir.db", 3, "cannot open log: ");
    folder.run(&["append", "dir.db", "--stream", "s", "--type", "T", "--data", "1"]).failed(3, "is a folder");
}

#[test]
fn a_database_without_events() {
    let folder = Folder::new();
    let database = rusqlite::Connection::open(folder.path("other.db")).unwrap();
    database
        .execute_batch("CREATE TABLE customers (id INTEGER, name TEXT); INSERT INTO customers VALUES (1, 'A')")
        .unwrap();
    drop(database);
    let before = fs::read(folder.path("other.db")).unwrap();
    readers_fail(&folder, "other.db", 3, "cannot open log: ");
    let append = ["append", "other.db", "--stream", "s", "--type", "T", "--data", "1"];
    folder.run(&append).failed(3, "never writes to a file that it did not create");
    assert_eq!(fs::read(folder.path("other.db")).unwrap(), before);
}

#[test]
fn a_truncated_database() {
    let folder = Folder::new();
    let lines = numbered(0..5_000, |_| "s".to_owned());
    assert_eq!(folder.run_with(&["append", "log.db", "--batch", "5000"], &lines).code, 0);
    let whole = fs::read(folder.path("log.db")).unwrap();
    for keep in [whole.len() / 2, 4_096, 1_000, 50] {
        fs::write(folder.path("cut.db"), &whole[..keep]).unwrap();
        for reader in READERS {
            let arguments = [&reader[..1], &["cut.db"], &reader[1..]].concat();
            let ran = folder.run(&arguments);
            assert!(ran.code == 3 || ran.code == 5, "{keep} bytes, {arguments:?}: {ran:?}");
            assert!(ran.err.starts_with("eventscope: ") && !ran.err.contains("panicked"), "{keep} bytes: {ran:?}");
        }
    }
}

#[test]
fn a_locked_database() {
    let folder = Folder::new();
    let log = folder.users();
    let other = rusqlite::Connection::open(folder.path(log)).unwrap();
    other.execute_batch("PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = DELETE; BEGIN EXCLUSIVE").unwrap();
    let ran = folder.run(&["info", log]);
    ran.failed(3, "another program holds a lock");
    let ran = folder.run(&["append", log, "--stream", "s", "--type", "T", "--data", "1"]);
    ran.failed(5, "another program holds a lock");
}

#[test]
#[cfg(unix)]
fn a_file_without_read_permission() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = Folder::new();
    let log = folder.users();
    fs::set_permissions(folder.path(log), fs::Permissions::from_mode(0o000)).unwrap();
    if fs::File::open(folder.path(log)).is_err() {
        readers_fail(&folder, log, 3, "cannot open log: ");
        return;
    }
    // Root may read everything: ask as somebody else.
    let binary = folder.path("eventscope");
    fs::copy(env!("CARGO_BIN_EXE_eventscope"), &binary).unwrap();
    let root = folder.path("").join("..");
    fs::set_permissions(&root, fs::Permissions::from_mode(0o777)).unwrap();
    let run = std::process::Command::new("setpriv")
        .args(["--reuid", "65534", "--regid", "65534", "--clear-groups"])
        .arg(&binary)
        .args(["info", log])
        .current_dir(folder.path(""))
        .output();
    match run {
        Ok(output) => {
            let text = String::from_utf8_lossy(&output.stderr).into_owned();
            assert_eq!(output.status.code(), Some(3), "{text}");
            assert!(text.starts_with("eventscope: cannot open log: "), "{text}");
        }
        Err(_) => missing("setpriv"),
    }
}

#[test]
fn a_window_without_a_display() {
    let folder = Folder::new();
    let log = folder.users();
    for arguments in [&[][..], &[log]] {
        let ran = folder.run(arguments);
        ran.failed(3, "there is no display");
        for command in ["demo", "info", "streams", "events", "state", "append"] {
            assert!(ran.err.contains(command), "{command}: {ran:?}");
        }
        assert_eq!(ran.err.lines().count(), 1);
    }
}
