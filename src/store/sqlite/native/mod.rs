//! The native log: the one log that Eventscope creates, and the only one that it ever writes to.
//!
//! Its rules (append-only, gapless, totals) stand in `native.sql` as triggers, so that they bind every client. This
//! module is a client too: it adds expected versions, batches that are kept whole or not at all, and appends that may
//! be repeated.

use std::fs::File;
use std::io::{ErrorKind, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags, TransactionBehavior};

use super::fault::fault;
use super::in_use::{InUse, Registry};
use super::inspect;
use crate::error::{Error, Result};
use crate::limits;

mod append;
pub mod bare;
mod check;
mod ids;
mod read;
mod sealing;
mod shared;
mod snapshot;
mod trim;
mod wal;

use sealing::Sealing;
use trim::Cold;
use wal::Wal;

pub use append::{Append, Appended, Expected, NewEvent};
pub(crate) use check::parse;
pub use ids::Ids;
pub use read::{StoredEvent, Subscription};
pub use shared::SharedStore;
pub use snapshot::NewSnapshot;
pub(crate) use snapshot::{Kept, marks};
pub use trim::Pointer;
pub(crate) use trim::{archived_to, pointers};

/// The schema, as other programs may read it too.
pub const SCHEMA: &str = include_str!("native.sql");
/// The schema version that this program writes.
pub const SCHEMA_VERSION: i64 = 1;
/// `EVTS`: the mark in the file's header by which a native log is known.
pub const APPLICATION_ID: i64 = 0x4556_5453;

/// Where the header holds the application id, four bytes, big-endian (SQLite's file format, §1.3).
const APPLICATION_ID_AT: u64 = 68;

/// A native log, open for writing. One connection: an append from another thread needs a `Store` of its own, or a
/// [`SharedStore`].
///
/// ```
/// use eventscope::event::StreamId;
/// use eventscope::store::native::{Expected, NewEvent, NewSnapshot, Store};
///
/// # fn main() -> eventscope::error::Result<()> {
/// # let folder = tempfile::tempdir()?;
/// # let path = folder.path().join("orders.db");
/// let mut store = Store::open_or_create(&path)?;
/// let order = StreamId::new("order-1");
/// let placed = NewEvent::new("OrderPlaced", r#"{"total":12.50}"#);
/// let paid = NewEvent::new("OrderPaid", r#"{"paid":true}"#);
/// store.append(&order, Expected::None, &[placed, paid.clone()])?;
///
/// // Nobody else may have appended since: the stream must stand at version 2.
/// store.append(&order, Expected::Version(2), &[NewEvent::new("OrderShipped", "{}")])?;
/// assert!(store.append(&order, Expected::Version(2), &[paid]).is_err());
///
/// let events = store.read_stream(&order, 1, 100)?;
/// assert_eq!(events.iter().map(|event| event.version).collect::<Vec<_>>(), [2, 3]);
/// assert_eq!(store.read_all(0, 100)?.len(), 3);
///
/// // What is new, as often as you like.
/// let mut news = store.subscribe(2);
/// assert_eq!(news.poll(&mut store, 100)?.len(), 1);
/// assert!(news.poll(&mut store, 100)?.is_empty());
///
/// store.snapshot(&NewSnapshot {
///     stream: order,
///     version: 3,
///     name: None,
///     reducer: "my own, version 1".to_owned(),
///     event_hash: None,
///     state: serde_json::json!({"total": 12.5, "paid": true, "shipped": true}),
/// })?;
/// # Ok(())
/// # }
/// ```
pub struct Store {
    sealing: Sealing,
    ids: Ids,
    cold: Cold,
    wal: Wal,
    // Before the guard, so that it is closed first.
    connection: Connection,
    path: PathBuf,
    _guard: InUse,
}

/// When an append counts as kept, named as SQLite names it (`PRAGMA synchronous`).
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Durability {
    /// When it is on the disk: it survives a loss of power.
    #[default]
    Full,
    /// When the operating system has it: it survives the death of the process, and a loss of power may cost the newest
    /// appends, but never tears one.
    Normal,
}

impl Store {
    /// Creates a log. The file must not exist yet, or be empty (0 bytes).
    ///
    /// The schema is one transaction: if the program dies in the middle, no log is there, and this can be repeated.
    ///
    /// # Errors
    /// `Open` where something else stands there, or the place cannot be written to.
    pub fn create(path: &Path) -> Result<Self> {
        let path = absolute(path)?;
        match std::fs::metadata(&path) {
            Ok(metadata) if metadata.is_dir() => return Err(open_error("is a directory, not a file", &path)),
            Ok(metadata) if metadata.len() > 0 => {
                return Err(open_error("the file already exists (append to it, or choose another name)", &path));
            }
            Ok(_) => {}
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            Err(error) => return Err(open_error(&error.to_string(), &path)),
        }
        // The list is held from the look at the file until the connection is on it: see `in_use`.
        let mut registry = Registry::lock();
        // Made here, so that it is known whether a failure leaves a file behind that nobody had.
        let made = match File::create_new(&path) {
            Ok(_) => true,
            Err(error) if error.kind() == ErrorKind::AlreadyExists => false,
            Err(error) => return Err(open_error(&format!("the file cannot be created: {error}"), &path)),
        };
        let guard = registry.hold(&path);
        drop(registry);
        let created = nothing_left_beside(&path)
            .and_then(|()| connect(&path))
            .and_then(|connection| lay_out(connection, &path, guard));
        if created.is_err() && made && length(&path) == Some(0) {
            // Best effort: the error itself says more than a second one about an empty file.
            let _ = std::fs::remove_file(&path);
        }
        created
    }

    /// Opens a log that exists.
    ///
    /// # Errors
    /// `Open` where there is no file, it is not a native log, or a newer Eventscope wrote it.
    pub fn open(path: &Path) -> Result<Self> {
        let path = absolute(path)?;
        let guard = recognise(&path)?;
        let connection = connect(&path)?;
        let version = pragma_number(&connection, "user_version", &path)?;
        if version == 0 {
            // The program that created it died in the middle, and SQLite has just undone its transaction.
            return Err(open_error("it was never finished (create it again)", &path));
        }
        if version > SCHEMA_VERSION {
            let text = format!(
                "its schema version is {version}, and this Eventscope knows {SCHEMA_VERSION} (use a newer Eventscope)"
            );
            return Err(open_error(&text, &path));
        }
        write_ahead(connection, path, guard)
    }

    /// Opens the log, or creates it where there is no file or an empty one.
    ///
    /// # Errors
    /// As [`Store::open`] and [`Store::create`].
    pub fn open_or_create(path: &Path) -> Result<Self> {
        if length(path).is_some_and(|length| length > 0) {
            match Self::open(path) {
                // Left by a creator that died, and empty now.
                Err(Error::Open(_)) if length(path) == Some(0) => {}
                other => return other,
            }
        }
        match Self::create(path) {
            // Another process was quicker.
            Err(Error::Open(_)) if recognise(path).is_ok() => Self::open(path),
            other => other,
        }
    }

    /// The file, as an absolute path.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// When an append counts as kept: [`Durability::Full`] unless told.
    ///
    /// # Errors
    /// `Other`.
    pub fn set_durability(&mut self, durability: Durability) -> Result<()> {
        let level = match durability {
            Durability::Full => "FULL",
            Durability::Normal => "NORMAL",
        };
        self.connection
            .pragma_update(None, "synchronous", level)
            .map_err(|error| fault(error, "set how durable appends are"))
    }

    /// Seals every event that no seal covers yet; dropping the store does the same.
    ///
    /// # Errors
    /// As [`Store::append`].
    pub fn seal(&mut self) -> Result<()> {
        self.write("seal events", |writing| writing.sealing.seal_all(writing.connection))?;
        Ok(())
    }

    /// Waits until the thread that moves the `-wal` into the log has nothing to do: what is measured next on the same disk
    /// is not disturbed by it.
    pub fn settle(&mut self) {
        self.wal.settle(&self.connection);
    }

    /// How long a statement waits for another connection's lock: [`limits::BUSY_MS`] unless told.
    ///
    /// # Errors
    /// `Other`.
    pub fn wait_for_locks(&self, wait: Duration) -> Result<()> {
        self.connection.busy_timeout(wait).map_err(|error| fault(error, "set how long to wait for locks"))
    }
}

impl Drop for Store {
    fn drop(&mut self) {
        if self.sealing.is_open() {
            // A log that is held by another writer now is sealed by that one.
            let _ = self.wait_for_locks(Duration::ZERO).and_then(|()| self.seal());
        }
        self.wal.stop();
    }
}

/// Checks that a native log stands there, before a connection that could write is made; the file counts as in use
/// from then on.
fn recognise(path: &Path) -> Result<InUse> {
    let mut registry = Registry::lock();
    let application_id = if registry.holds(path) {
        // A file that this process holds locks on may not be looked into by hand, and is read with locks already.
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let reader = Connection::open_with_flags(path, flags).map_err(|error| open_fault(error, path))?;
        pragma_number(&reader, "application_id", path)?
    } else {
        inspect::header(path)?;
        application_id_by_hand(path).map_err(|error| open_error(&error.to_string(), path))?
    };
    if application_id == APPLICATION_ID {
        return Ok(registry.hold(path));
    }
    drop(registry);
    let whose = match super::open(&path.to_string_lossy()) {
        Ok(log) => format!("it is a log of another kind ({})", log.info().layout_title),
        Err(_) => "it is no event log".to_owned(),
    };
    Err(open_error(
        &format!(
            "{whose}, and Eventscope never writes to a file that it did not create (give a new name to start a log of \
             your own)"
        ),
        path,
    ))
}

fn application_id_by_hand(path: &Path) -> std::io::Result<i64> {
    let mut file = File::open(path)?;
    file.seek(SeekFrom::Start(APPLICATION_ID_AT))?;
    let mut bytes = [0; 4];
    file.read_exact(&mut bytes)?;
    Ok(i64::from(u32::from_be_bytes(bytes)))
}

/// A connection that reads and writes, with the limits that hold for every writer.
fn connect(path: &Path) -> Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags).map_err(|error| open_fault(error, path))?;
    // SQLite opens a write-protected file without a word, and fails at the first append.
    if connection.is_readonly("main").map_err(|error| open_fault(error, path))? {
        return Err(open_error("the file is write-protected (check its permissions)", path));
    }
    let setup = || -> rusqlite::Result<()> {
        connection.busy_timeout(Duration::from_millis(limits::BUSY_MS))?;
        connection.set_prepared_statement_cache_capacity(limits::STATEMENTS_KEPT_MAX);
        // Else SQLite prepares some statements anew for every value that is bound, in case its statistics differ.
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
        // What triggers and foreign keys see to, this writer does itself, with fewer look-ups; they bind all others.
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_TRIGGER, false)?;
        connection.pragma_update(None, "foreign_keys", false)?;
        connection.pragma_update(None, "cache_size", -i64::from(limits::WRITER_CACHE_KIB))?;
        connection.pragma_update(None, "synchronous", "FULL")
    };
    setup().map_err(|error| open_fault(error, path))?;
    Ok(connection)
}

/// Lays the schema out in one transaction, unless another process was quicker.
fn lay_out(mut connection: Connection, path: &Path, guard: InUse) -> Result<Store> {
    let doing = format!("create the log {}", path.display());
    let failed = |error| fault(error, &doing);
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(failed)?;
    let tables: i64 =
        transaction.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0)).map_err(failed)?;
    if tables > 0 {
        return Err(open_error("the file already exists (append to it, or choose another name)", path));
    }
    transaction.execute_batch(SCHEMA).map_err(failed)?;
    transaction.commit().map_err(failed)?;
    write_ahead(connection, path.to_owned(), guard)
}

/// Turns write-ahead logging on: readers and the writer do not wait for each other.
fn write_ahead(mut connection: Connection, path: PathBuf, guard: InUse) -> Result<Store> {
    let doing = format!("open {} for writing", path.display());
    let failed = |error| fault(error, &doing);
    let mode: String =
        connection.pragma_update_and_check(None, "journal_mode", "WAL", |row| row.get(0)).map_err(failed)?;
    if mode != "wal" {
        return Err(Error::Unsupported(format!(
            "cannot {doing}: its file system offers no write-ahead log (put the log on a local disk)"
        )));
    }
    connection
        .pragma_update_and_check(None, "journal_size_limit", limits::WAL_KEPT_BYTES_MAX, |_| Ok(()))
        .map_err(failed)?;
    let wal = Wal::take_over(&mut connection, &path).map_err(failed)?;
    Ok(Store {
        sealing: Sealing::default(),
        ids: Ids::default(),
        cold: Cold::default(),
        wal,
        connection,
        path,
        _guard: guard,
    })
}

fn pragma_number(connection: &Connection, name: &str, path: &Path) -> Result<i64> {
    connection.pragma_query_value(None, name, |row| row.get(0)).map_err(|error| open_fault(error, path))
}

/// Absolute, so that names which SQLite reads as something else (`:memory:`, an empty one) are files too.
fn absolute(path: &Path) -> Result<PathBuf> {
    std::path::absolute(path).map_err(|error| open_error(&error.to_string(), path))
}

/// Refuses a name beside which a `-wal` stands without its database: SQLite would delete it, and what it holds.
fn nothing_left_beside(path: &Path) -> Result<()> {
    let left = inspect::beside(path, "-wal");
    // In this order: the `-wal` of a process that creates the same log just now has a database that is not empty.
    if length(&left).is_some_and(|length| length > 0) && length(path) == Some(0) {
        let text = format!("what another database left stands beside it (move it away): {}", left.display());
        return Err(Error::Open(text));
    }
    Ok(())
}

/// Bytes of a file; `None` where there is none.
fn length(path: &Path) -> Option<u64> {
    std::fs::metadata(path).ok().map(|metadata| metadata.len())
}

fn open_fault(error: rusqlite::Error, path: &Path) -> Error {
    fault(error, &format!("open {}", path.display()))
}

fn open_error(why: &str, path: &Path) -> Error {
    Error::Open(format!("{why}: {}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::StreamId;

    /// The database's own bound on its size fails exactly as a full disk does.
    #[test]
    fn a_full_disk_keeps_nothing_and_says_so() {
        let folder = tempfile::tempdir().unwrap();
        let mut store = Store::create(&folder.path().join("log.db")).unwrap();
        let event = |data: String| NewEvent {
            id: None,
            event_type: "T".to_owned(),
            time: None,
            data: data.into_bytes(),
            metadata: None,
        };
        let stream = StreamId::new("a");
        store.append(&stream, Expected::None, &[event("1".to_owned())]).unwrap();
        let pages = pragma_number(&store.connection, "page_count", &store.path).unwrap();
        store.connection.pragma_update_and_check(None, "max_page_count", pages + 2, |_| Ok(())).unwrap();
        let big = format!("\"{}\"", "x".repeat(1 << 20));
        let error = store.append(&stream, Expected::Any, &[event("2".to_owned()), event(big)]).unwrap_err();
        assert!(error.to_string().contains("the disk is full, nothing was kept"), "{error}");
        let appended = store.append(&stream, Expected::Version(1), &[event("2".to_owned())]).unwrap();
        assert_eq!(appended.last_position, 2);
    }
}
