//! What SQLite says, in words: the one place where its errors become ours.

use std::path::Path;

use rusqlite::ffi;
use rusqlite::ffi::ErrorCode;

use crate::error::Error;

/// Bytes free on a disk, below which a write that failed has met its end.
#[cfg(unix)]
const FULL_BELOW_BYTES: u64 = 1 << 20;

/// The error of a statement, with what was being done (`read events`, `append to stream "x"`) in front.
///
/// `Busy` where another connection held a lock for too long, `Stopped` where the statement was interrupted, `Corrupt`
/// where the file is damaged or no database, `Other` for the rest: a full disk, a read-only folder, a lost file.
#[must_use]
#[expect(clippy::needless_pass_by_value, reason = "made for map_err, which hands over the error")]
pub fn fault(error: rusqlite::Error, doing: &str) -> Error {
    let Some(code) = error.sqlite_error() else {
        return Error::Other(format!("cannot {doing}: {error}"));
    };
    match code.code {
        ErrorCode::OperationInterrupted => Error::Stopped,
        ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked => Error::Busy(format!(
            "cannot {doing}: another program holds a lock on the file (try again when it has finished its transaction)"
        )),
        ErrorCode::DatabaseCorrupt => Error::Corrupt(format!(
            "cannot {doing}: the file is damaged (restore a copy, or rescue what is left with sqlite3's .recover)"
        )),
        ErrorCode::NotADatabase => Error::Corrupt(format!("cannot {doing}: the file is no SQLite database")),
        ErrorCode::DiskFull => {
            Error::Other(format!("cannot {doing}: the disk is full, nothing was kept (free some space and try again)"))
        }
        ErrorCode::ReadOnly => {
            Error::Other(format!("cannot {doing}: the file or its folder is read-only (check the permissions of both)"))
        }
        ErrorCode::PermissionDenied => Error::Other(format!("cannot {doing}: permission denied")),
        ErrorCode::CannotOpen => Error::Other(format!(
            "cannot {doing}: the file, or one beside it, cannot be opened (check that it exists, and the permissions \
             of its folder)"
        )),
        ErrorCode::SystemIoFailure => Error::Other(format!(
            "cannot {doing}: the disk reports an error ({})",
            ffi::code_to_str(code.extended_code)
        )),
        ErrorCode::OutOfMemory => Error::Other(format!("cannot {doing}: out of memory")),
        ErrorCode::TooBig => Error::Other(format!("cannot {doing}: a value is larger than SQLite can hold")),
        _ => Error::Other(format!("cannot {doing}: {error}")),
    }
}

/// The same for a write to this file: where SQLite only knows that the disk refused, the file system may say why.
#[must_use]
pub fn write_fault(error: rusqlite::Error, doing: &str, path: &Path) -> Error {
    let is_refused = error.sqlite_error().is_some_and(|code| code.code == ErrorCode::SystemIoFailure);
    match refusal(path).filter(|_| is_refused) {
        Some(why) => Error::Other(format!("cannot {doing}: {why}")),
        None => fault(error, doing),
    }
}

/// Why a file system takes no more bytes, where it says so.
#[cfg(unix)]
fn refusal(path: &Path) -> Option<&'static str> {
    let system = rustix::fs::statvfs(path).ok()?;
    if system.f_flag.contains(rustix::fs::StatVfsMountFlags::RDONLY) {
        Some("its file system has become read-only (see what the system says about the disk, and mount it anew)")
    } else if system.f_bavail.saturating_mul(system.f_frsize) < FULL_BELOW_BYTES {
        Some("the disk is full, nothing was kept (free some space and try again)")
    } else {
        None
    }
}

#[cfg(not(unix))]
fn refusal(_: &Path) -> Option<&'static str> {
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn failure(code: i32) -> rusqlite::Error {
        rusqlite::Error::SqliteFailure(ffi::Error::new(code), None)
    }

    #[test]
    fn what_the_caller_can_act_on_has_its_own_kind() {
        assert!(fault(failure(ffi::SQLITE_BUSY), "read").is_busy());
        assert!(fault(failure(ffi::SQLITE_LOCKED), "read").is_busy());
        assert!(fault(failure(ffi::SQLITE_INTERRUPT), "read").is_stopped());
        assert!(fault(failure(ffi::SQLITE_CORRUPT), "read").is_corrupt());
        assert!(fault(failure(ffi::SQLITE_NOTADB), "read").is_corrupt());
        let full = fault(failure(ffi::SQLITE_FULL), "append").to_string();
        assert!(full.starts_with("cannot append: the disk is full"), "{full}");
    }
}
