//! The cache folder: how large it is, and deleting it. What lies in it can be made again at any time. And how much
//! memory the program has held.

use std::path::Path;

use crate::protocol::CacheInfo;

/// What the cache files of all logs end in.
const CACHE_ENDING: &str = ".cache.db";

/// The cache folder and what lies in it.
#[must_use]
pub(super) fn cache_info() -> CacheInfo {
    let Some(folder) = crate::store::cache::folder() else { return CacheInfo::default() };
    let mut info = CacheInfo { folder: folder.display().to_string(), ..CacheInfo::default() };
    for (_, bytes) in files(&folder) {
        info.files += 1;
        info.bytes += bytes;
    }
    info
}

/// Deletes the cache files, and nothing else that may lie beside them. A log that is open goes on without.
pub(super) fn delete_cache() -> std::io::Result<CacheInfo> {
    if let Some(folder) = crate::store::cache::folder() {
        for (path, _) in files(&folder) {
            std::fs::remove_file(path)?;
        }
    }
    Ok(cache_info())
}

fn files(folder: &Path) -> Vec<(std::path::PathBuf, u64)> {
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    entries
        .flatten()
        .filter(|entry| entry.file_name().to_string_lossy().ends_with(CACHE_ENDING))
        .filter_map(|entry| Some((entry.path(), entry.metadata().ok()?.len())))
        .collect()
}

/// The most memory that this process has held, in bytes; `None` where the system does not tell.
#[must_use]
pub fn memory_held() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    line.split_whitespace().nth(1)?.parse::<u64>().ok().map(|kib| kib * 1_024)
}
