//! The view in which a log was left, one small file for each log in the user's configuration folder; and the bookmarks
//! of a log, in its companion file.

use std::path::{Path, PathBuf};

use crate::error::{Error, Result};
use crate::limits::VIEWS_KEPT_MAX;
use crate::protocol::{Bookmark, KeptView};
use crate::store::sqlite::companion::Companion;

/// The view that was kept of a log; `None` where none was, or it cannot be read.
#[must_use]
pub(super) fn load(locator: &str) -> Option<KeptView> {
    let text = std::fs::read(file(locator)?).ok()?;
    serde_json::from_slice(&text).ok()
}

/// Keeps the view of a log, or forgets it.
///
/// # Errors
/// `Other` where the folder cannot be written to.
pub fn keep(locator: &str, view: Option<&KeptView>) -> Result<()> {
    let Some(file) = file(locator) else { return Ok(()) };
    let Some(view) = view else {
        return match std::fs::remove_file(&file) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error.into()),
            _ => Ok(()),
        };
    };
    let text = serde_json::to_vec_pretty(view).map_err(|error| Error::Other(error.to_string()))?;
    if let Some(folder) = file.parent() {
        std::fs::create_dir_all(folder)?;
        if !file.exists() {
            forget_oldest(folder);
        }
    }
    // Another window must never read half a file.
    let fresh = file.with_extension(format!("{}.tmp", std::process::id()));
    std::fs::write(&fresh, text)?;
    std::fs::rename(fresh, file)?;
    Ok(())
}

/// Makes room for one more.
fn forget_oldest(folder: &Path) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    let mut kept: Vec<(std::time::SystemTime, PathBuf)> =
        entries.flatten().filter_map(|entry| Some((entry.metadata().ok()?.modified().ok()?, entry.path()))).collect();
    kept.sort();
    let too_many = kept.len().saturating_sub(VIEWS_KEPT_MAX - 1);
    for (_, path) in kept.into_iter().take(too_many) {
        // One that stays is no harm.
        let _ = std::fs::remove_file(path);
    }
}

fn file(locator: &str) -> Option<PathBuf> {
    let name = std::fs::canonicalize(locator).map_or_else(|_| locator.into(), PathBuf::into_os_string);
    let hash = blake3::hash(name.as_encoded_bytes()).to_hex();
    Some(super::keeper::folder()?.join("views").join(format!("{}.json", &hash[..16])))
}

/// The bookmarks of a log.
///
/// # Errors
/// As opening the companion file.
pub(super) fn bookmarks(locator: &str) -> Result<Vec<Bookmark>> {
    match Companion::open_for(&path_of(locator))? {
        Some(companion) => companion.bookmarks(),
        None => Ok(Vec::new()),
    }
}

/// Keeps a bookmark, and makes the companion file where there is none.
///
/// # Errors
/// As making the companion file.
pub(super) fn keep_bookmark(locator: &str, bookmark: &Bookmark) -> Result<()> {
    Companion::create_for(&path_of(locator))?.keep_bookmark(bookmark)
}

/// Takes a bookmark away.
///
/// # Errors
/// As opening the companion file.
pub(super) fn remove_bookmark(locator: &str, bookmark: &Bookmark) -> Result<()> {
    Companion::create_for(&path_of(locator))?.remove_bookmark(bookmark)
}

/// The file of a log, without the table that its address may name.
fn path_of(locator: &str) -> PathBuf {
    crate::locator::Locator::parse(locator).file().to_owned()
}
