//! Event logs in SQLite files.
//!
//! `connect` opens a file so that nothing in its folder changes; `layouts` recognises whose tables these are and maps
//! their columns; `reader` reads them all through that map. `native` is the log that we write ourselves.

use crate::error::Result;
use crate::store::EventLog;

mod bookmarks;
pub mod companion;
mod connect;
mod counted;
mod directory;
mod extents;
pub mod fault;
mod growth;
mod hot;
mod in_use;
mod inspect;
mod kept;
mod layouts;
pub mod native;
mod pages;
mod payloads;
mod reader;
mod schema;
pub mod survey;
mod tiered;

pub use in_use::{InUse, is_in_use, register_in_use};
pub use layouts::{Columns, Mapping};
pub use reader::{SqliteLog, map_text};
pub use tiered::TieredLog;

/// Opens a SQLite file to read it.
///
/// # Errors
/// `Open`, in plain words, with what to do.
pub fn open(path: &str) -> Result<Box<dyn EventLog>> {
    let log = SqliteLog::open(path)?;
    if log.info().layout == "native" { Ok(Box::new(TieredLog::new(log)?)) } else { Ok(Box::new(log)) }
}
