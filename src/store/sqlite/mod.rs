//! Event logs in SQLite files.

use crate::error::Result;
use crate::store::EventLog;

pub mod fault;
pub mod native;

/// Opens a SQLite file to read it.
///
/// # Errors
/// `Open`.
pub fn open(path: &str) -> Result<Box<dyn EventLog>> {
    let _ = path;
    todo!()
}
