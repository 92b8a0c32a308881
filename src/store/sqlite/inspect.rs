//! Looking at a file by hand, before SQLite does: so that a file that is no log is refused in plain words, and so that
//! the way to open it can be chosen.
//!
//! Never for a file that this process has open with locks: see [`super::in_use`].

use std::fs::{File, Metadata};
use std::io::{ErrorKind, Read};
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::error::{Error, Result};

/// First bytes of every SQLite file (its file format document, §1.3).
const MAGIC: &[u8; 16] = b"SQLite format 3\0";
/// First bytes of a rollback journal that holds a transaction (§3).
const JOURNAL_MAGIC: [u8; 8] = [0xd9, 0xd5, 0x05, 0xf9, 0x20, 0xa1, 0x63, 0xd7];
/// A `-wal` up to this size is a header without a frame (§4.1).
const WAL_HEADER_BYTES: u64 = 32;

/// How the file keeps its transactions, as its header says.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Journal {
    /// A write-ahead log.
    Wal,
    /// A rollback journal.
    Rollback,
}

/// What a file's header says.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Header {
    pub(super) journal: Journal,
    pub(super) application_id: u32,
}

/// A file beside the log: `orders.db-wal`.
pub(super) fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}

/// Bytes of the log's files.
pub(super) fn bytes_total(path: &Path) -> u64 {
    let size = |path: &Path| std::fs::metadata(path).map_or(0, |metadata| metadata.len());
    size(path) + size(&beside(path, "-wal"))
}

/// What tells two looks at one file apart.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Stamp {
    /// Device and file number: other ones are another file under the same name.
    identity: (u64, u64),
    bytes: u64,
    modified: Option<std::time::SystemTime>,
}

impl Stamp {
    fn of(metadata: &Metadata) -> Self {
        Self { identity: identity(metadata), bytes: metadata.len(), modified: metadata.modified().ok() }
    }
}

#[cfg(unix)]
fn identity(metadata: &Metadata) -> (u64, u64) {
    use std::os::unix::fs::MetadataExt;
    (metadata.dev(), metadata.ino())
}

#[cfg(not(unix))]
fn identity(_: &Metadata) -> (u64, u64) {
    (0, 0)
}

/// The log's files at one moment.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Stamps {
    main: Stamp,
    wal: Option<Stamp>,
    journal: Option<Stamp>,
}

impl Stamps {
    /// Looks, without opening anything.
    pub(super) fn look(path: &Path) -> Result<Self> {
        let metadata = std::fs::metadata(path).map_err(|error| unreachable(path, &error))?;
        let of = |suffix| std::fs::metadata(beside(path, suffix)).ok().map(|metadata| Stamp::of(&metadata));
        Ok(Self { main: Stamp::of(&metadata), wal: of("-wal"), journal: of("-journal") })
    }

    /// True where the `-wal` holds frames.
    pub(super) fn has_wal_content(&self) -> bool {
        self.wal.is_some_and(|wal| wal.bytes > WAL_HEADER_BYTES)
    }

    /// True where there is a `-wal`, even an empty one.
    pub(super) fn has_wal(&self) -> bool {
        self.wal.is_some()
    }

    /// Device and file number of the main file.
    pub(super) fn identity(&self) -> (u64, u64) {
        self.main.identity
    }

    /// True where nothing was written for so long that a later write must show in the times of the files, also on file
    /// systems that keep times to two seconds.
    pub(super) fn are_settled(&self) -> bool {
        self.are_older_than(Duration::from_millis(2_100))
    }

    /// The same for the file systems that logs lie on: their clocks tick every 1 to 10 milliseconds.
    pub(super) fn are_of_a_past_tick(&self) -> bool {
        self.are_older_than(Duration::from_millis(20))
    }

    fn are_older_than(&self, age_min: Duration) -> bool {
        let is_old = |stamp: &Stamp| match stamp.modified.map(|at| at.elapsed()) {
            Some(Ok(age)) => age > age_min,
            // A time to come was set by hand or by another clock: no write of now will have it.
            Some(Err(ahead)) => ahead.duration() > age_min,
            None => false,
        };
        is_old(&self.main) && self.wal.as_ref().is_none_or(is_old) && self.journal.as_ref().is_none_or(is_old)
    }
}

fn unreachable(path: &Path, error: &std::io::Error) -> Error {
    let shown = path.display();
    Error::Open(match error.kind() {
        ErrorKind::NotFound => format!("there is no file {shown} (check the path)"),
        ErrorKind::PermissionDenied => {
            format!("no permission to read {shown} (check the rights of the file and its folder)")
        }
        _ => format!("{shown}: {error}"),
    })
}

/// Reads and checks the header of a file that nobody in this process holds locks on.
///
/// # Errors
/// `Open` in plain words where it is no whole SQLite database.
pub(super) fn header(path: &Path) -> Result<Header> {
    let shown = path.display();
    let metadata = std::fs::metadata(path).map_err(|error| unreachable(path, &error))?;
    if metadata.is_dir() {
        return Err(Error::Open(format!("{shown} is a folder (name the file in it)")));
    }
    if !metadata.is_file() {
        return Err(Error::Open(format!("{shown} is no ordinary file (name a SQLite file)")));
    }
    let mut first = Vec::with_capacity(512);
    File::open(path)
        .and_then(|file| file.take(512).read_to_end(&mut first))
        .map_err(|error| unreachable(path, &error))?;
    if first.is_empty() {
        // A database whose first transaction is still in the -wal is a whole page, not nothing.
        return Err(Error::Open(format!(
            "{shown} is empty: it holds no database yet (let its program write to it first)"
        )));
    }
    if !first.starts_with(MAGIC) {
        return Err(Error::Open(format!("{shown} is no SQLite database: {}", seems(&first))));
    }
    let Some(header) = first.get(..100) else {
        return Err(truncated(path, metadata.len(), None));
    };
    let number =
        |at: usize| u64::from(u32::from_be_bytes([header[at], header[at + 1], header[at + 2], header[at + 3]]));
    let page_bytes = match u64::from(u16::from_be_bytes([header[16], header[17]])) {
        1 => 65_536,
        bytes => bytes,
    };
    if !(512..=65_536).contains(&page_bytes) || !page_bytes.is_power_of_two() {
        return Err(Error::Open(format!(
            "{shown} is damaged: its header names pages of {page_bytes} bytes (restore a copy)"
        )));
    }
    if metadata.len() < page_bytes {
        return Err(truncated(path, metadata.len(), Some(page_bytes)));
    }
    // The page count holds only where the change counter is the one that it was written with.
    if number(28) > 0 && number(24) == number(92) && number(28) * page_bytes > metadata.len() {
        let wal_may_hold_the_rest = header[19] == 2 && Stamps::look(path)?.has_wal_content();
        if !wal_may_hold_the_rest {
            return Err(truncated(path, metadata.len(), Some(number(28) * page_bytes)));
        }
    }
    if header[19] > 2 {
        return Err(Error::Open(format!(
            "{shown} is written in a newer SQLite format ({}) than this program reads",
            header[19]
        )));
    }
    let journal = if header[19] == 2 { Journal::Wal } else { Journal::Rollback };
    Ok(Header { journal, application_id: u32::try_from(number(68)).unwrap_or(0) })
}

/// True where a transaction was cut short and its rollback journal still stands beside the file.
pub(super) fn has_hot_journal(path: &Path) -> bool {
    let mut first = [0; 8];
    File::open(beside(path, "-journal"))
        .is_ok_and(|mut file| file.read_exact(&mut first).is_ok() && first == JOURNAL_MAGIC)
}

fn truncated(path: &Path, bytes: u64, expected: Option<u64>) -> Error {
    let shown = path.display();
    let expected = expected.map_or_else(String::new, |expected| format!(" of {expected}"));
    Error::Open(format!(
        "{shown} is cut off: {bytes}{expected} bytes are there (copy it again, with its -wal if it has one)"
    ))
}

/// What a file that is no SQLite database seems to be, by its first bytes.
fn seems(first: &[u8]) -> String {
    let by_magic: &[(&[u8], &str)] = &[
        (b"\x1f\x8b", "it seems to be compressed with gzip (unpack it first)"),
        (b"\x28\xb5\x2f\xfd", "it seems to be compressed with zstd (unpack it first)"),
        (b"PK\x03\x04", "it seems to be a zip archive (unpack it first)"),
        (b"PGDMP", "it seems to be a PostgreSQL dump (restore it into a server)"),
        (b"DUCK", "it seems to be something else"),
        (b"%PDF", "it seems to be a PDF"),
        (b"\x89PNG", "it seems to be a picture"),
        (b"\x7fELF", "it seems to be a program"),
        (&JOURNAL_MAGIC, "it is the rollback journal of one (name the file that it stands beside)"),
        (b"\x37\x7f\x06\x82", "it is the -wal of one (name the file that it stands beside)"),
        (b"\x37\x7f\x06\x83", "it is the -wal of one (name the file that it stands beside)"),
        (b"** This file contains an SQLite 2", "it is one of version 2, which this program does not read"),
    ];
    if let Some((_, words)) = by_magic.iter().find(|(magic, _)| first.starts_with(magic)) {
        return (*words).to_owned();
    }
    if first.get(8..12) == Some(b"DUCK") {
        return "it seems to be a DuckDB database".to_owned();
    }
    let text = String::from_utf8_lossy(first);
    let is_text = !text.chars().any(|char| char == '\0' || (char.is_control() && !char.is_whitespace()))
        && text.chars().filter(|char| *char == char::REPLACEMENT_CHARACTER).count() <= 1;
    match text.trim_start().chars().next() {
        _ if !is_text && first.iter().all(|byte| *byte == 0) => "it is full of zero bytes".to_owned(),
        _ if !is_text => "it seems to be encrypted or of another kind".to_owned(),
        Some('{' | '[') => "it seems to be JSON".to_owned(),
        _ if text.contains("CREATE TABLE") || text.contains("PRAGMA ") => {
            "it seems to be SQL text (load it with sqlite3 first)".to_owned()
        }
        _ => "it seems to be a text file".to_owned(),
    }
}
