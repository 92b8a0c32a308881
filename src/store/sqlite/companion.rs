//! The companion file: what the user keeps about a log that Eventscope may not write. Made only when something is kept.
//!
//! It lies in the user's data folder, never beside the log, and is found by the log's real path.

use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::{Connection, OpenFlags, Row, TransactionBehavior, params};

use super::bookmarks;
use super::fault::fault;
use super::native::{Kept, NewSnapshot, marks};
use crate::error::{Error, Result};
use crate::event::{StreamId, Time};
use crate::limits;
use crate::log::{Bookmark, Snapshot};

const SCHEMA: &str = include_str!("companion.sql");
const FROM_1: &str = include_str!("companion_2.sql");
const SCHEMA_VERSION: i64 = 2;
/// The environment variable that names another folder for what the user keeps.
pub const DATA_DIR_VARIABLE: &str = "EVENTSCOPE_DATA_DIR";
/// Bytes of the log's name that the companion's name repeats; file systems allow 255 in all.
const NAME_BYTES_KEPT_MAX: usize = 100;

/// The companion file of one log.
pub struct Companion {
    connection: Connection,
    path: PathBuf,
    writable: bool,
    has_bookmarks: bool,
}

impl Companion {
    /// Opens the companion of a log to read it; `None` where nothing was kept yet.
    ///
    /// # Errors
    /// `Open` where the log's path cannot be resolved, or a newer Eventscope wrote the companion.
    pub fn open_for(log_path: &Path) -> Result<Option<Self>> {
        Self::open_in(&data_folder()?, log_path)
    }

    /// Opens the companion of a log to keep something in it, and makes it where there is none.
    ///
    /// # Errors
    /// `Open` as [`Companion::open_for`]; `Other` where the data folder cannot be written to.
    pub fn create_for(log_path: &Path) -> Result<Self> {
        Self::create_in(&data_folder()?, log_path)
    }

    /// [`Companion::open_for`] with the data folder given.
    ///
    /// # Errors
    /// As [`Companion::open_for`].
    pub fn open_in(data_folder: &Path, log_path: &Path) -> Result<Option<Self>> {
        let path = companion_path(data_folder, &real_path(log_path)?);
        if !path.exists() {
            return Ok(None);
        }
        let connection = connect(&path, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
        match schema_version(&connection, &path)? {
            // A process died before it had kept anything.
            0 => Ok(None),
            version @ 1..=SCHEMA_VERSION => {
                Ok(Some(Self { connection, path, writable: false, has_bookmarks: version >= 2 }))
            }
            version => Err(newer(version, &path)),
        }
    }

    /// [`Companion::create_for`] with the data folder given.
    ///
    /// # Errors
    /// As [`Companion::create_for`].
    pub fn create_in(data_folder: &Path, log_path: &Path) -> Result<Self> {
        let log_path = real_path(log_path)?;
        let path = companion_path(data_folder, &log_path);
        let doing = format!("create the companion file {}", path.display());
        let failed = |error| fault(error, &doing);
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder)
                .map_err(|error| Error::Other(format!("cannot create the folder {}: {error}", folder.display())))?;
        }
        let mut connection = connect(&path, OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE)?;
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(failed)?;
        match schema_version(&transaction, &path)? {
            0 => {
                transaction.execute_batch(SCHEMA).map_err(failed)?;
                transaction
                    .execute("INSERT INTO log (path) VALUES (?1)", [log_path.to_string_lossy()])
                    .map_err(failed)?;
            }
            1 => transaction.execute_batch(FROM_1).map_err(failed)?,
            SCHEMA_VERSION => {}
            version => return Err(newer(version, &path)),
        }
        transaction.commit().map_err(failed)?;
        Ok(Self { connection, path, writable: true, has_bookmarks: true })
    }

    /// The file.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Keeps a snapshot. Whether the log has this version is for the caller to know.
    ///
    /// # Errors
    /// `Input` where a name is empty or too long; `Unsupported` where the companion was opened to read.
    pub fn keep_snapshot(&mut self, snapshot: &NewSnapshot) -> Result<()> {
        self.keep(snapshot, Kept::Bare)
    }

    /// Keeps a snapshot as it was folded, or as it is given.
    pub(crate) fn keep(&mut self, snapshot: &NewSnapshot, kept: Kept) -> Result<()> {
        if !self.writable {
            return Err(Error::Unsupported("cannot keep a snapshot: the companion file is open to read".to_owned()));
        }
        snapshot.check()?;
        self.connection
            .execute(
                "INSERT INTO snapshots (stream, version, name, reducer, event_hash, time, state)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
                params![
                    snapshot.stream.as_str(),
                    snapshot.version,
                    snapshot.name,
                    snapshot.reducer,
                    snapshot.mark(kept),
                    Time::now().0,
                    snapshot.state.to_string()
                ],
            )
            .map_err(|error| fault(error, &format!("keep a snapshot in {}", self.path.display())))?;
        Ok(())
    }

    /// The bookmarks, in the order in which they were set.
    ///
    /// # Errors
    /// As every read: `Busy`, `Corrupt`, `Other`.
    pub fn bookmarks(&self) -> Result<Vec<Bookmark>> {
        if self.has_bookmarks { bookmarks::all(&self.connection) } else { Ok(Vec::new()) }
    }

    /// Keeps a bookmark, or its new note.
    ///
    /// # Errors
    /// `Unsupported` where the companion was opened to read.
    pub fn keep_bookmark(&mut self, mark: &Bookmark) -> Result<()> {
        self.check_writable()?;
        bookmarks::keep(&self.connection, mark)
    }

    /// Takes a bookmark away; nothing where there is none.
    ///
    /// # Errors
    /// `Unsupported` where the companion was opened to read.
    pub fn remove_bookmark(&mut self, mark: &Bookmark) -> Result<()> {
        self.check_writable()?;
        bookmarks::remove(&self.connection, mark)
    }

    fn check_writable(&self) -> Result<()> {
        if self.writable {
            return Ok(());
        }
        Err(Error::Unsupported("cannot keep a bookmark: the companion file is open to read".to_owned()))
    }

    /// The snapshots of one stream or of all: by stream, oldest version first.
    ///
    /// # Errors
    /// As every read: `Busy`, `Corrupt`, `Other`.
    pub fn snapshots(&self, stream: Option<&StreamId>) -> Result<Vec<Snapshot>> {
        let failed = |error| fault(error, &format!("read the snapshots in {}", self.path.display()));
        let mut select = self
            .connection
            .prepare_cached(
                "SELECT stream, version, name, reducer, event_hash, time, state FROM snapshots
                  WHERE ?1 IS NULL OR stream = ?1 ORDER BY stream, version, snapshot_id",
            )
            .map_err(failed)?;
        let rows = select.query_map([stream.map(StreamId::as_str)], snapshot).map_err(failed)?;
        rows.collect::<rusqlite::Result<Vec<_>>>().map_err(failed)
    }
}

fn snapshot(row: &Row<'_>) -> rusqlite::Result<Snapshot> {
    let stream: String = row.get(0)?;
    let mark: Option<Vec<u8>> = row.get(4)?;
    let (event_hash, seal) = marks(&mark.unwrap_or_default());
    let state: String = row.get(6)?;
    Ok(Snapshot {
        stream: StreamId::new(&stream),
        version: row.get(1)?,
        name: row.get(2)?,
        reducer: row.get(3)?,
        source: "eventscope".to_owned(),
        time: Some(Time(row.get(5)?)),
        bytes: state.len() as u64,
        event_hash,
        seal,
        state: super::native::parse(&state).map_err(|error| error.to_string()),
    })
}

fn connect(path: &Path, flags: OpenFlags) -> Result<Connection> {
    let failed = |error| fault(error, &format!("open the companion file {}", path.display()));
    let connection = Connection::open_with_flags(path, flags | OpenFlags::SQLITE_OPEN_NO_MUTEX).map_err(failed)?;
    connection.busy_timeout(Duration::from_millis(limits::BUSY_MS)).map_err(failed)?;
    Ok(connection)
}

fn schema_version(connection: &Connection, path: &Path) -> Result<i64> {
    connection
        .pragma_query_value(None, "user_version", |row| row.get(0))
        .map_err(|error| fault(error, &format!("open the companion file {}", path.display())))
}

fn newer(version: i64, path: &Path) -> Error {
    Error::Open(format!(
        "its companion file has schema version {version}, and this Eventscope knows {SCHEMA_VERSION} (use a newer \
         Eventscope): {}",
        path.display()
    ))
}

/// Where everything lies that the user keeps.
fn data_folder() -> Result<PathBuf> {
    if let Some(folder) = std::env::var_os(DATA_DIR_VARIABLE).filter(|folder| !folder.is_empty()) {
        return Ok(PathBuf::from(folder));
    }
    dirs::data_dir()
        .map(|folder| folder.join("eventscope"))
        .ok_or_else(|| Error::Other(format!("there is no data folder for this user (name one in {DATA_DIR_VARIABLE})")))
}

fn real_path(log_path: &Path) -> Result<PathBuf> {
    std::fs::canonicalize(log_path).map_err(|error| Error::Open(format!("{error}: {}", log_path.display())))
}

/// The log's name, so that people find it, and 16 hex digits of a hash of its path, so that there is only one.
fn companion_path(data_folder: &Path, log_path: &Path) -> PathBuf {
    let name = log_path.file_name().unwrap_or_default().to_string_lossy();
    let kept = name.char_indices().take_while(|(at, c)| at + c.len_utf8() <= NAME_BYTES_KEPT_MAX).map(|(_, c)| c);
    let name: String = kept.collect();
    let hash = blake3::hash(log_path.as_os_str().as_encoded_bytes()).to_hex();
    let digits = hash.get(..16).unwrap_or_default();
    data_folder.join("companions").join(format!("{name}-{digits}.db"))
}
