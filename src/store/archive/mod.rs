//! Tiering: the older part of a native log in a compressed, sealed file, and out of the hot one only once that file was
//! verified event by event.
//!
//! A crash at any point leaves every event in at least one place: the archive is written under another name, put on the
//! disk, compared with the log, and only then named and pointed to, in the transaction that removes the events.

use std::path::{Path, PathBuf};

use crate::error::{Error, Result};
use crate::event::{EventBatch, Resume, Scope, Seq, Time};
use crate::limits::PAGE_EVENTS_MAX;
use crate::log::LogInfo;
use crate::store::EventLog;
use crate::store::native::{Pointer, Store};
use crate::store::seal::event_hash;

mod chunk;
mod file;
mod writer;

pub use file::ArchiveFile;
use writer::Writer;

/// What archiving did.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Archived {
    /// Events in the archive.
    pub events: u64,
    /// The first and the last position in it.
    pub first: i64,
    /// The last position in it.
    pub last: i64,
    /// Events that were compared with the log, after they were read from the archive: all.
    pub verified: u64,
    /// Events that were removed from the hot file.
    pub trimmed: u64,
}

/// Archives the events before a time: all that stand before the first event at or after it. The newest event of the log
/// always stays in it. `None` where there are none to archive.
///
/// Where the file exists and is an archive of this log that begins where the hot events do, it is verified and used.
///
/// # Errors
/// `Unsupported` where the log is not native; `Input` where the file exists and is something else; `Corrupt` where the
/// archive does not hold what the log does; as every read and write.
pub fn archive(
    log_path: &Path,
    before: Time,
    to: &Path,
    trim: bool,
    progress: &mut dyn FnMut(u64),
) -> Result<Option<Archived>> {
    // What is open is sealed first, so that seals hold over both parts.
    let mut store = Store::open(log_path)?;
    store.seal()?;
    let first = store.first_position()?;
    let mut log = crate::store::open(&log_path.to_string_lossy())?;
    check_native(log.info())?;
    if !to.exists() && !write(&mut *log, first, before, to, progress)? {
        return Ok(None);
    }
    let mut file = ArchiveFile::open(to)?;
    if file.first != first {
        return Err(Error::Input(format!(
            "{} exists and begins at position {}, and the events that are not archived begin at {first} (choose another \
             name)",
            to.display(),
            file.first
        )));
    }
    let verified = compare(&mut *log, &mut file)?;
    let trimmed = if trim {
        let pointer = Pointer { first, last: file.last, file: pointer_to(log_path, to)?, hash: file.hash.clone() };
        store.trim(&pointer)?
    } else {
        0
    };
    Ok(Some(Archived { events: verified, first, last: file.last, verified, trimmed }))
}

fn check_native(info: &LogInfo) -> Result<()> {
    if info.layout == "native" {
        Ok(())
    } else {
        Err(Error::Unsupported(
            "only a log that Eventscope made can be archived: others are never written to".to_owned(),
        ))
    }
}

/// Writes the archive under another name, and gives it its own when it is on the disk. False where there is nothing.
fn write(log: &mut dyn EventLog, first: i64, before: Time, to: &Path, progress: &mut dyn FnMut(u64)) -> Result<bool> {
    let mut part = to.as_os_str().to_owned();
    part.push(".part");
    let part = PathBuf::from(part);
    // What a run that was interrupted has left.
    let _ = std::fs::remove_file(&part);
    let head = log.head()?.last;
    let mut writer: Option<Writer> = None;
    let (mut batch, mut from, mut events) = (EventBatch::new(), after(first), 0);
    'pages: loop {
        let end = log.read(&Scope::Log, &from, PAGE_EVENTS_MAX, &mut batch)?;
        for raw in batch.iter() {
            if raw.time.is_none_or(|time| time >= before) || Some(raw.seq) >= head {
                break 'pages;
            }
            match &mut writer {
                Some(writer) => writer.push(&raw)?,
                None => writer.insert(Writer::create(&part)?).push(&raw)?,
            }
            events += 1;
        }
        progress(events);
        if end.at_end {
            break;
        }
        from = end.next;
    }
    let Some(writer) = writer else { return Ok(false) };
    writer.finish(&part)?;
    std::fs::rename(&part, to)
        .map_err(|error| Error::Other(format!("cannot name the archive {}: {error}", to.display())))?;
    sync_folder(to)?;
    Ok(true)
}

/// Compares every event of the archive with the log.
fn compare(log: &mut dyn EventLog, file: &mut ArchiveFile) -> Result<u64> {
    let (mut batch, mut from, mut at) = (EventBatch::new(), after(file.first), 0);
    let mut events = 0;
    file.verify(|archived| {
        if at == batch.len() {
            from = log.read(&Scope::Log, &from, PAGE_EVENTS_MAX, &mut batch)?.next;
            at = 0;
        }
        let is_same =
            batch.get(at).is_some_and(|hot| hot.seq == archived.seq && event_hash(&hot) == event_hash(archived));
        if !is_same {
            return Err(Error::Corrupt(format!(
                "the archive does not hold what the log holds at position {}: nothing was removed",
                archived.seq
            )));
        }
        (at, events) = (at + 1, events + 1);
        Ok(())
    })?;
    Ok(events)
}

fn after(first: i64) -> Resume {
    if first <= 1 { Resume::Start } else { Resume::After(Seq::Number(first - 1)) }
}

/// How the log names its archive: by its bare name where both lie in one folder, so that they can move together.
fn pointer_to(log: &Path, archive: &Path) -> Result<String> {
    let real =
        |path: &Path| std::fs::canonicalize(path).map_err(|error| Error::Other(format!("{error}: {}", path.display())));
    let (log, archive) = (real(log)?, real(archive)?);
    let is_beside = log.parent() == archive.parent();
    let name = if is_beside { archive.file_name().map(PathBuf::from) } else { None };
    Ok(name.unwrap_or(archive).to_string_lossy().into_owned())
}

/// Opens the archives that a log points to.
///
/// # Errors
/// `Open` where one is missing, `Corrupt` where it is not the one that was verified.
pub(crate) fn open_all(log: &Path, pointers: &[Pointer]) -> Result<Vec<ArchiveFile>> {
    pointers.iter().map(|pointer| open_one(log, pointer)).collect()
}

fn open_one(log: &Path, pointer: &Pointer) -> Result<ArchiveFile> {
    let named = Path::new(&pointer.file);
    let folder = log.parent().unwrap_or(Path::new(""));
    // Where it was, or beside the log, if both were moved.
    let beside = folder.join(named.file_name().unwrap_or_default());
    let path = if named.is_absolute() && named.exists() { named.to_owned() } else { beside };
    let file = ArchiveFile::open(&path)?;
    if (file.first, file.last) != (pointer.first, pointer.last) || file.hash != pointer.hash {
        return Err(Error::Corrupt(format!("{} is not the archive that this log points to", path.display())));
    }
    Ok(file)
}

fn sync_folder(path: &Path) -> Result<()> {
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    #[cfg(unix)]
    std::fs::File::open(folder)?.sync_all()?;
    #[cfg(not(unix))]
    let _ = folder;
    Ok(())
}
