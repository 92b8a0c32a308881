//! How a log's file is opened so that nothing in its folder changes, and how that is kept true while others write.
//!
//! | the file | opened |
//! |---|---|
//! | a `-wal` file, somebody has it open | `mode=ro` with ordinary locks and a `-shm` that is not written, for one call at a time |
//! | nobody has it open, no events in the `-wal` | `immutable=1`: no lock is taken |
//! | nobody has it open, events in the `-wal` | the VFS without locks, with the index of the `-wal` in memory |
//! | a rollback journal | `mode=ro` with ordinary locks, taken per statement |
//!
//! An idle connection to a file with a `-wal` holds a lock on the file, and so keeps the last writer from checkpointing
//! and removing the `-wal` when it closes. That is why a live log is opened for each call anew (some 100 µs), and
//! between two calls nothing of it is held.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, InterruptHandle, OpenFlags};

use super::fault::fault;
use super::in_use::{Holder, InUse, Registry};
use super::inspect::{self, Journal, Stamps};
use super::native::APPLICATION_ID;
use crate::error::{Error, Result};
use crate::limits::{BUSY_MS, STATEMENTS_KEPT_MAX};
use crate::log::Access;
use crate::store::Stopper;

/// How often a call starts again because the files changed under it: with the pauses, for half a second at least.
const ATTEMPTS_MAX: u32 = 100;
/// The pause before a call starts again.
const PAUSE: Duration = Duration::from_millis(5);

/// How many failures are taken for a passing one.
const FAILURES_MAX: u32 = 4;

/// Whether the files can be read now.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Files {
    /// A connection stands.
    Ready,
    /// Somebody wrote in this very moment.
    Changing,
}

/// The ways to open a file.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Way {
    /// With ordinary locks, read-only.
    Locks,
    /// The same, and the index of the `-wal` is neither made nor written: not for a log that this process may write
    /// to, since the connections of one process share one index.
    LocksAside,
    /// As a file that does not change.
    Immutable,
    /// Without locks, with the index of the `-wal` in memory.
    PrivateIndex,
}

impl Way {
    fn takes_locks(self) -> bool {
        self.holder().is_some()
    }

    /// What a connection of this way is on the list as.
    fn holder(self) -> Option<Holder> {
        match self {
            Self::Locks => Some(Holder::Shares),
            Self::LocksAside => Some(Holder::Aside),
            Self::Immutable | Self::PrivateIndex => None,
        }
    }
}

struct Opened {
    way: Way,
    stamps: Stamps,
    journal: Journal,
    // Before the guard, so that it is closed first.
    connection: Option<Connection>,
    guard: Option<InUse>,
}

/// One log's file, opened when it is needed and in the way that is right at that moment.
pub(super) struct Link {
    path: PathBuf,
    opened: Option<Opened>,
    interrupt: Arc<Mutex<Option<InterruptHandle>>>,
    access: Access,
    journal: Journal,
    /// The main file of the last call.
    identity: (u64, u64),
    /// The files as the last call began, where their times were final then.
    seen: Option<Stamps>,
    /// True once somebody wrote to a file that is read with a rollback journal.
    is_written: bool,
}

impl Link {
    /// Looks at the file and opens it once, to see that it can be read.
    ///
    /// # Errors
    /// `Open`, in plain words.
    pub(super) fn open(path: &Path) -> Result<Self> {
        let mut link = Self {
            path: path.to_owned(),
            opened: None,
            interrupt: Arc::new(Mutex::new(None)),
            access: Access::AtRest,
            journal: Journal::Rollback,
            identity: (0, 0),
            seen: None,
            is_written: false,
        };
        link.call("read it", |connection| {
            connection
                .query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get::<_, i64>(0))
                .map_err(|error| fault(error, "read it"))
        })
        .map_err(|error| match error {
            Error::Open(_) => error,
            other => Error::Open(format!("{}: {other}", path.display())),
        })?;
        Ok(link)
    }

    /// The file.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// How the last call read it.
    pub(super) fn access(&self) -> Access {
        self.access
    }

    /// `wal` or `delete`.
    pub(super) fn journal(&self) -> &'static str {
        match self.journal {
            Journal::Wal => "wal",
            Journal::Rollback => "delete",
        }
    }

    /// Device and file number of the file that the last call read.
    pub(super) fn identity(&self) -> (u64, u64) {
        self.identity
    }

    /// True where nothing was written since the last call, as far as the times of the files can tell: no need to ask.
    pub(super) fn is_unchanged(&self) -> bool {
        let Ok(now) = Stamps::look(&self.path) else { return false };
        self.seen == Some(now)
    }

    /// Somebody else wrote since the log was opened: a file with a rollback journal shows that in no other way.
    pub(super) fn note_written(&mut self) {
        if self.journal == Journal::Rollback {
            self.is_written = true;
            self.access = Access::Live;
        }
    }

    /// Stops what runs now.
    pub(super) fn stopper(&self) -> Stopper {
        let interrupt = Arc::clone(&self.interrupt);
        Stopper::new(move || {
            if let Some(handle) = interrupt.lock().unwrap_or_else(PoisonError::into_inner).as_ref() {
                handle.interrupt();
            }
        })
    }

    /// Runs a piece of reading on a connection. Where the files changed under it, it runs again, so it must begin anew
    /// each time.
    ///
    /// # Errors
    /// What the reading fails with; `Open` where the file can no longer be opened.
    pub(super) fn call<T>(&mut self, doing: &str, mut read: impl FnMut(&Connection) -> Result<T>) -> Result<T> {
        let mut failures = 0;
        for _ in 0..ATTEMPTS_MAX {
            match self.ready(failures) {
                Ok(Files::Changing) => {}
                Err(error) if failures >= FAILURES_MAX || is_final(&error) => return Err(error),
                Err(_) => failures += 1,
                Ok(Files::Ready) => {
                    let connection = self.opened.as_ref().and_then(|opened| opened.connection.as_ref());
                    let closed = || Err(Error::Other(format!("cannot {doing}: the log is closed")));
                    let answer = connection.map_or_else(closed, &mut read);
                    let holds = self.rest();
                    match answer {
                        Ok(answer) if holds => return Ok(answer),
                        Ok(_) => {}
                        // A writer that closes takes the `-wal` away under a reader: that passes.
                        Err(error) if is_final(&error) || failures >= FAILURES_MAX => return Err(error),
                        Err(error) if holds && self.is_at_rest() => return Err(error),
                        Err(_) => failures += 1,
                    }
                }
            }
            std::thread::sleep(PAUSE);
        }
        let shown = self.path.display();
        Err(Error::Busy(format!("cannot {doing}: {shown} changes faster than it can be read (try again)")))
    }

    fn is_at_rest(&self) -> bool {
        self.opened.as_ref().is_some_and(|opened| !opened.way.takes_locks() || opened.journal == Journal::Rollback)
    }

    /// Sees to it that a connection stands that is right for the files as they are now.
    fn ready(&mut self, failures: u32) -> Result<Files> {
        let mut registry = Registry::lock();
        let stamps = Stamps::look(&self.path)?;
        if let Some(opened) = &self.opened {
            let is_right = match opened.way {
                Way::Locks | Way::LocksAside => stamps.identity() == opened.stamps.identity() && !stamps.has_wal(),
                Way::Immutable | Way::PrivateIndex => {
                    stamps == opened.stamps && !registry.holds(&self.path) && !is_locked_by_others(&self.path)
                }
            };
            if is_right {
                self.seen = Some(stamps).filter(Stamps::are_settled);
                return Ok(Files::Ready);
            }
        }
        self.close(&mut registry);
        let (way, journal) = match choose(&registry, &self.path, &stamps, failures) {
            Ok(chosen) => chosen,
            Err(error) => {
                // What looks cut off may be about to be written.
                let is_still = stamps.are_of_a_past_tick()
                    && Stamps::look(&self.path)? == stamps
                    && (registry.holds(&self.path) || !is_locked_by_others(&self.path));
                return if is_still { Err(error) } else { Ok(Files::Changing) };
            }
        };
        if !way.takes_locks() && !stamps.are_of_a_past_tick() {
            // A change of this very tick of the clock would not show.
            return Ok(Files::Changing);
        }
        let guard = way.holder().map(|holder| registry.hold_as(&self.path, holder));
        let connection = match connect(&self.path, way) {
            Ok(connection) => connection,
            Err(error) => {
                // The guard takes the list's lock itself.
                drop(registry);
                return Err(error);
            }
        };
        drop(registry);
        *self.interrupt.lock().unwrap_or_else(PoisonError::into_inner) = Some(connection.get_interrupt_handle());
        self.opened = Some(Opened { way, stamps, journal: Journal::Rollback, connection: Some(connection), guard });
        self.identity = stamps.identity();
        self.seen = Some(stamps).filter(Stamps::are_settled);
        let journal = match journal {
            Some(journal) => journal,
            None => match self.ask_journal() {
                Ok(journal) => journal,
                Err(error) => {
                    self.close(&mut Registry::lock());
                    return Err(error);
                }
            },
        };
        if let Some(opened) = &mut self.opened {
            opened.journal = journal;
        }
        self.journal = journal;
        self.access = match (way, journal) {
            (Way::PrivateIndex, _) => Access::AtRestWithWal,
            (way, Journal::Wal) if way.takes_locks() => Access::Live,
            _ if self.is_written => Access::Live,
            _ => Access::AtRest,
        };
        Ok(Files::Ready)
    }

    /// After a call: true where what was read holds.
    fn rest(&mut self) -> bool {
        let Some(opened) = &self.opened else { return true };
        match (opened.way, opened.journal) {
            // It holds no lock between two statements and can stay.
            (Way::Locks | Way::LocksAside, Journal::Rollback) => true,
            (Way::Locks | Way::LocksAside, Journal::Wal) => {
                self.close(&mut Registry::lock());
                true
            }
            (Way::Immutable | Way::PrivateIndex, _) => Stamps::look(&self.path).is_ok_and(|now| now == opened.stamps),
        }
    }

    fn ask_journal(&self) -> Result<Journal> {
        let Some(connection) = self.opened.as_ref().and_then(|opened| opened.connection.as_ref()) else {
            return Ok(Journal::Rollback);
        };
        let mode: String = connection
            .query_row("PRAGMA journal_mode", [], |row| row.get(0))
            .map_err(|error| fault(error, "read its journal mode"))?;
        Ok(if mode == "wal" { Journal::Wal } else { Journal::Rollback })
    }

    fn close(&mut self, registry: &mut Registry) {
        let Some(mut opened) = self.opened.take() else { return };
        *self.interrupt.lock().unwrap_or_else(PoisonError::into_inner) = None;
        if let Some(connection) = opened.connection.take() {
            match opened.way {
                Way::PrivateIndex => registry.close_quietly(&self.path, connection),
                Way::Locks | Way::LocksAside | Way::Immutable => drop(connection),
            }
        }
        if let Some(guard) = opened.guard.take() {
            registry.release(guard);
        }
    }
}

impl Drop for Link {
    fn drop(&mut self) {
        self.close(&mut Registry::lock());
    }
}

/// True where trying again is no use: the caller stopped it, a lock was waited for already, or the file is no log.
fn is_final(error: &Error) -> bool {
    error.is_stopped() || error.is_busy() || matches!(error, Error::Open(_) | Error::Input(_) | Error::Unsupported(_))
}

/// Chooses the way, and says the journal where the header was read for that.
fn choose(registry: &Registry, path: &Path, stamps: &Stamps, failures: u32) -> Result<(Way, Option<Journal>)> {
    if registry.holds(path) {
        let way = if registry.shares(path) || failures > 0 { Way::Locks } else { Way::LocksAside };
        return Ok((way, None));
    }
    let inspect::Header { journal, application_id } = inspect::header(path)?;
    let is_foreign = i64::from(application_id) != APPLICATION_ID;
    let locks = if is_foreign && failures == 0 { Way::LocksAside } else { Way::Locks };
    let is_in_use = is_locked_by_others(path);
    match journal {
        Journal::Rollback if !is_in_use && inspect::has_hot_journal(path) => Err(Error::Open(format!(
            "{} has a transaction that was cut short, in its -journal (open it once with the program that wrote it, or a \
             copy of both files with sqlite3)",
            path.display()
        ))),
        Journal::Rollback => Ok((locks, Some(journal))),
        Journal::Wal if is_in_use || cfg!(not(unix)) => Ok((locks, Some(journal))),
        Journal::Wal if stamps.has_wal_content() => Ok((Way::PrivateIndex, Some(journal))),
        Journal::Wal => Ok((Way::Immutable, Some(journal))),
    }
}

#[cfg(unix)]
use super::in_use::is_locked_by_others;

#[cfg(not(unix))]
fn is_locked_by_others(_: &Path) -> bool {
    false
}

/// Makes a connection. Nothing of the file is read yet, and so no lock is taken.
fn connect(path: &Path, way: Way) -> Result<Connection> {
    let parameters = match way {
        Way::Locks => "mode=ro",
        Way::LocksAside => "mode=ro&readonly_shm=1",
        Way::Immutable => "mode=ro&immutable=1",
        Way::PrivateIndex => "mode=ro&vfs=unix-none",
    };
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_URI | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let doing = format!("open {}", path.display());
    let connection =
        Connection::open_with_flags(uri(path, parameters)?, flags).map_err(|error| fault(error, &doing))?;
    harden(&connection, way).map_err(|error| fault(error, &doing))?;
    Ok(connection)
}

/// A stranger's file: its triggers and views do not run, its schema is not trusted, and nothing is written.
fn harden(connection: &Connection, way: Way) -> rusqlite::Result<()> {
    for (config, value) in [
        // Without locks SQLite takes itself for the last user of the file: where the `-wal` held no whole transaction
        // when it was read, closing would delete it, with what a writer has put into it since.
        (DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true),
        // Else a statement is planned anew for each value that is bound: half of what a short one costs.
        (DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true),
        (DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true),
        (DbConfig::SQLITE_DBCONFIG_TRUSTED_SCHEMA, false),
        (DbConfig::SQLITE_DBCONFIG_ENABLE_TRIGGER, false),
        (DbConfig::SQLITE_DBCONFIG_ENABLE_VIEW, false),
    ] {
        connection.set_db_config(config, value)?;
    }
    if way == Way::PrivateIndex {
        connection.pragma_update(None, "locking_mode", "EXCLUSIVE")?;
    }
    connection.busy_timeout(Duration::from_millis(BUSY_MS))?;
    // A mapped file that somebody cuts off ends the process.
    connection.pragma_update(None, "mmap_size", 0)?;
    connection.pragma_update(None, "query_only", true)?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS_KEPT_MAX);
    Ok(())
}

/// A SQLite URI of a path: what is no plain letter of a path is percent-encoded, byte by byte.
fn uri(path: &Path, parameters: &str) -> Result<String> {
    use std::fmt::Write;
    let whole = std::path::absolute(path).map_err(|error| Error::Open(format!("{}: {error}", path.display())))?;
    let mut uri = String::from("file://");
    if cfg!(windows) {
        uri.push('/');
    }
    for byte in whole.as_os_str().as_encoded_bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'-' | b'_' | b'.' | b'~' => uri.push(char::from(*byte)),
            b'\\' if cfg!(windows) => uri.push('/'),
            b':' if cfg!(windows) => uri.push(':'),
            other => {
                let _ = write!(uri, "%{other:02x}");
            }
        }
    }
    uri.push('?');
    uri.push_str(parameters);
    Ok(uri)
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use super::*;

    #[test]
    fn a_stopper_stops_what_runs_and_not_what_comes_after() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("log.db");
        Connection::open(&path).unwrap().execute_batch("CREATE TABLE x (y)").unwrap();
        let mut link = Link::open(&path).unwrap();
        let stopper = link.stopper();
        let is_done = Arc::new(Mutex::new(false));
        let stopping = std::thread::spawn({
            let is_done = Arc::clone(&is_done);
            move || {
                let begin = Instant::now();
                while !*is_done.lock().unwrap() && begin.elapsed().as_secs() < 60 {
                    stopper.stop();
                    std::thread::yield_now();
                }
            }
        });
        let endless = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n";
        let answer = link.call("count without end", |connection| {
            connection.query_row(endless, [], |row| row.get::<_, i64>(0)).map_err(|error| fault(error, "count"))
        });
        *is_done.lock().unwrap() = true;
        stopping.join().unwrap();
        assert!(answer.unwrap_err().is_stopped());
        let after = link.call("count", |connection| {
            connection.query_row("SELECT 7", [], |row| row.get::<_, i64>(0)).map_err(|error| fault(error, "count"))
        });
        assert_eq!(after.unwrap(), 7);
    }
}
