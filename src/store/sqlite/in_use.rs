//! Who has a file open: other processes, by their locks; this process, by its own list.
//!
//! POSIX locks belong to a process: opening and closing a file by hand drops the locks that SQLite holds on it
//! anywhere in the same process. So every connection of ours that takes locks is on one list, and a file on that list
//! is neither looked into by hand nor closed by a connection that takes no locks itself.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use rusqlite::Connection;

static REGISTRY: Mutex<Registry> = Mutex::new(Registry { in_use: Vec::new(), parked: Vec::new() });

/// The files that this process holds locks on.
pub(super) struct Registry {
    in_use: Vec<(PathBuf, Holder)>,
    /// Connections without locks that are done, and whose closing would drop the locks of another one.
    parked: Vec<(PathBuf, Connection)>,
}

/// What a connection with locks does to the index of a `-wal`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Holder {
    /// It may make and write it.
    Shares,
    /// It leaves it as it is.
    Aside,
}

impl Registry {
    /// The list, for as long as a file is looked into and opened.
    pub(super) fn lock() -> MutexGuard<'static, Self> {
        REGISTRY.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// True where a connection of this process takes locks on the file.
    pub(super) fn holds(&self, path: &Path) -> bool {
        let key = key(path);
        self.in_use.iter().any(|(held, _)| is_same_file(held, &key))
    }

    /// True where a connection of this process makes and writes the index of the file's `-wal`.
    pub(super) fn shares(&self, path: &Path) -> bool {
        let key = key(path);
        self.in_use.iter().any(|(held, holder)| *holder == Holder::Shares && is_same_file(held, &key))
    }

    /// Puts the file on the list, for a writer.
    pub(super) fn hold(&mut self, path: &Path) -> InUse {
        self.hold_as(path, Holder::Shares)
    }

    /// Puts the file on the list.
    pub(super) fn hold_as(&mut self, path: &Path, holder: Holder) -> InUse {
        let key = key(path);
        self.in_use.push((key.clone(), holder));
        InUse { key, holder }
    }

    /// Takes the file off the list again, for whoever holds the list already.
    pub(super) fn release(&mut self, mut guard: InUse) {
        // Dropping the guard would ask for the lock that the caller holds.
        let key = std::mem::take(&mut guard.key);
        self.let_go(&key, guard.holder);
        std::mem::forget(guard);
    }

    fn let_go(&mut self, key: &Path, holder: Holder) {
        if let Some(index) = self.in_use.iter().position(|(held, as_what)| held == key && *as_what == holder) {
            self.in_use.swap_remove(index);
        }
        if !self.in_use.iter().any(|(held, _)| is_same_file(held, key)) {
            self.parked.retain(|(held, _)| !is_same_file(held, key));
        }
    }

    /// Closes a connection that takes no locks, at once or when nobody's locks can be dropped by it.
    pub(super) fn close_quietly(&mut self, path: &Path, connection: Connection) {
        if self.holds(path) {
            self.parked.push((key(path), connection));
        } else {
            drop(connection);
        }
    }
}

/// Says that this process has a file open with locks, until it is dropped: drop it after the connection.
#[must_use = "the file counts as closed again when this is dropped"]
#[derive(Debug)]
pub struct InUse {
    key: PathBuf,
    holder: Holder,
}

impl Drop for InUse {
    fn drop(&mut self) {
        Registry::lock().let_go(&self.key, self.holder);
    }
}

/// Says that this process opens a file with locks: before the connection is made. The file need not exist yet.
pub fn register_in_use(path: &Path) -> InUse {
    Registry::lock().hold(path)
}

/// One name for a file, whether it exists or not.
fn key(path: &Path) -> PathBuf {
    if let Ok(whole) = path.canonicalize() {
        return whole;
    }
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    match (folder.canonicalize(), path.file_name()) {
        (Ok(folder), Some(name)) => folder.join(name),
        _ => path.to_owned(),
    }
}

fn is_same_file(one: &Path, other: &Path) -> bool {
    one == other || is_one_file(one, other)
}

#[cfg(unix)]
fn is_one_file(one: &Path, other: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    match (one.metadata(), other.metadata()) {
        (Ok(one), Ok(other)) => (one.dev(), one.ino()) == (other.dev(), other.ino()),
        _ => false,
    }
}

#[cfg(not(unix))]
fn is_one_file(_: &Path, _: &Path) -> bool {
    false
}

/// True where this process has the file open as a log: whoever opens and closes it by hand then takes its locks away.
#[must_use]
pub fn is_in_use(path: &Path) -> bool {
    Registry::lock().holds(path)
}

/// True where another process holds a lock on the log: on the file itself, or on the index of its `-wal`.
///
/// Only for a file that is not on the list.
#[cfg(unix)]
pub(super) fn is_locked_by_others(path: &Path) -> bool {
    /// The locks on the file: pending, reserved, shared (SQLite's `os.h`).
    const FILE_LOCKS: (u64, u64) = (0x4000_0000, 512);
    /// The locks on the `-shm`: eight of the index, then the one that every user of the index holds (`os_unix.c`).
    const SHM_LOCKS: (u64, u64) = (120, 9);
    is_locked(path, FILE_LOCKS) || is_locked(&super::inspect::beside(path, "-shm"), SHM_LOCKS)
}

#[cfg(unix)]
fn is_locked(path: &Path, (start, length): (u64, u64)) -> bool {
    use rustix::process::{Flock, FlockOffsetType, FlockType, fcntl_getlk};
    let Ok(file) = std::fs::File::open(path) else { return false };
    let asked = Flock { start, length, pid: None, typ: FlockType::WriteLock, offset_type: FlockOffsetType::Set };
    // A file system without locks answers with an error: nobody can hold one there.
    matches!(fcntl_getlk(&file, &asked), Ok(Some(_)))
}
