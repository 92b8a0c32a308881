//! Out of any log, a page at a time: a file is there when it is whole.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use super::{Format, Record, writer};
use crate::error::{Error, Result};
use crate::event::{EventBatch, RawEvent, Resume, Scope};
use crate::limits::PAGE_EVENTS_MAX;
use crate::store::EventLog;

/// Which events leave.
pub struct Filter<'a> {
    /// In which scope.
    pub scope: Scope,
    /// After which place.
    pub from: Resume,
    /// Which of them.
    pub passes: &'a mut dyn FnMut(&RawEvent<'_>) -> Result<bool>,
    /// At most how many.
    pub limit: u64,
}

/// Writes events to a file, which is put in its place when all of it is on the disk; how many there are.
///
/// # Errors
/// `Input` where the file exists; `Corrupt` where a payload cannot be decoded; as every read and write. No file is left.
pub fn export(
    log: &mut dyn EventLog,
    filter: &mut Filter<'_>,
    format: Format,
    to: &Path,
    progress: &mut dyn FnMut(u64),
) -> Result<u64> {
    if to.exists() {
        return Err(Error::Input(format!("{} exists (choose another name, or move it away)", to.display())));
    }
    let mut part = to.as_os_str().to_owned();
    part.push(".part");
    let part = PathBuf::from(part);
    let failed = |error: std::io::Error| Error::Other(format!("cannot write {}: {error}", part.display()));
    let written = File::create(&part).map_err(failed).and_then(|file| {
        let mut buffer = BufWriter::with_capacity(1 << 20, file);
        let events = write(log, filter, format, &mut buffer, progress)?;
        let file = buffer.into_inner().map_err(|error| failed(error.into_error()))?;
        file.sync_all().map_err(failed)?;
        Ok(events)
    });
    let done = written.and_then(|events| {
        std::fs::rename(&part, to).map_err(failed)?;
        Ok(events)
    });
    if done.is_err() {
        // Best effort: the error itself says more than a second one about what is left.
        let _ = std::fs::remove_file(&part);
    }
    done
}

fn write(
    log: &mut dyn EventLog,
    filter: &mut Filter<'_>,
    format: Format,
    to: &mut dyn Write,
    progress: &mut dyn FnMut(u64),
) -> Result<u64> {
    let mut writer = writer(format)?;
    let (decoder, is_native) = (log.decoder(), log.info().layout == "native");
    let (mut batch, mut from, mut events) = (EventBatch::new(), filter.from.clone(), 0);
    'pages: loop {
        let end = log.read(&filter.scope, &from, PAGE_EVENTS_MAX, &mut batch)?;
        for raw in batch.iter() {
            if events == filter.limit {
                break 'pages;
            }
            if !(filter.passes)(&raw)? {
                continue;
            }
            writer.write(&Record::from_raw(&raw, &decoder, is_native)?, to)?;
            events += 1;
        }
        progress(events);
        if end.at_end {
            break;
        }
        from = end.next;
    }
    writer.finish(to)?;
    Ok(events)
}
