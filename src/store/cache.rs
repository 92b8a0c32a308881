//! Checkpoints in the user's cache folder: disposable, never truth. Delete the folder at any time.
//!
//! Nothing here fails for its caller: a cache that cannot be read is thrown away, one that cannot be written stays in
//! memory. What is read back is checked against the log by the replay, which asks for the hash of the event that a
//! checkpoint stands after.

use std::path::{Path, PathBuf};

use rusqlite::{Connection, OptionalExtension as _, params};

const SCHEMA_VERSION: i64 = 1;

const SCHEMA: &str = "
CREATE TABLE IF NOT EXISTS checkpoints (
    stream       TEXT    NOT NULL,
    reducer      TEXT    NOT NULL,
    position     INTEGER NOT NULL,
    event_hash   BLOB    NOT NULL,
    faults_total INTEGER NOT NULL,
    faults       TEXT    NOT NULL,
    state        BLOB    NOT NULL,
    PRIMARY KEY (stream, reducer, position)
) WITHOUT ROWID;
";

/// A state that makes seeking fast.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Checkpoint {
    /// How many events of the stream are folded.
    pub position: u64,
    /// Hash of the event that it stands after.
    pub event_hash: [u8; 32],
    /// Events before it that could not be folded.
    pub faults_total: u64,
    /// Those of them that are kept with their text, as JSON.
    pub faults: String,
    /// The state in the reducer's own form, as JSON text.
    pub state: Vec<u8>,
}

/// The cache of one log.
pub struct Cache {
    connection: Connection,
}

impl Cache {
    /// The cache of the log at this path or address.
    #[must_use]
    pub fn open_for(locator: &str) -> Option<Self> {
        let file = folder().map(|folder| {
            let place = crate::locator::Locator::parse(locator);
            let mut name = std::fs::canonicalize(place.file()).map_or_else(|_| locator.into(), PathBuf::into_os_string);
            // Another table, or another mapping, is another log.
            if let Some(choices) = locator.strip_prefix(&place.path) {
                name.push(choices);
            }
            let hash = blake3::hash(name.as_encoded_bytes()).to_hex();
            folder.join(format!("{}.cache.db", &hash[..16]))
        });
        file.and_then(|file| Self::open_file(&file)).or_else(Self::open_memory)
    }

    /// The cache in this file; `None` where there can be none.
    #[must_use]
    pub fn open_file(file: &Path) -> Option<Self> {
        std::fs::create_dir_all(file.parent()?).ok()?;
        if let Some(cache) = Self::prepare(Connection::open(file).ok()?) {
            return Some(cache);
        }
        // Damaged, or of another version: it holds nothing that cannot be made again.
        std::fs::remove_file(file).ok()?;
        Self::prepare(Connection::open(file).ok()?)
    }

    fn open_memory() -> Option<Self> {
        Self::prepare(Connection::open_in_memory().ok()?)
    }

    fn prepare(connection: Connection) -> Option<Self> {
        connection.busy_timeout(std::time::Duration::from_millis(100)).ok()?;
        // A cache that is lost with the power is no loss.
        connection.pragma_update(None, "journal_mode", "MEMORY").ok()?;
        connection.pragma_update(None, "synchronous", "OFF").ok()?;
        let version: i64 = connection.pragma_query_value(None, "user_version", |row| row.get(0)).ok()?;
        if version != 0 && version != SCHEMA_VERSION {
            return None;
        }
        connection.execute_batch(SCHEMA).ok()?;
        connection.pragma_update(None, "user_version", SCHEMA_VERSION).ok()?;
        Some(Self { connection })
    }

    /// The newest checkpoint at or before a position.
    #[must_use]
    pub fn nearest(&self, stream: &str, reducer: &str, position: u64) -> Option<Checkpoint> {
        let position = i64::try_from(position).ok()?;
        self.connection
            .prepare_cached(
                "SELECT position, event_hash, faults_total, faults, state FROM checkpoints
                  WHERE stream = ?1 AND reducer = ?2 AND position <= ?3 ORDER BY position DESC LIMIT 1",
            )
            .ok()?
            .query_row(params![stream, reducer, position], |row| {
                Ok(Checkpoint {
                    position: row.get::<_, i64>(0)?.cast_unsigned(),
                    event_hash: row.get(1)?,
                    faults_total: row.get::<_, i64>(2)?.cast_unsigned(),
                    faults: row.get(3)?,
                    state: row.get(4)?,
                })
            })
            .optional()
            .ok()
            .flatten()
    }

    /// Keeps a checkpoint.
    pub fn keep(&self, stream: &str, reducer: &str, checkpoint: &Checkpoint) {
        let Ok(position) = i64::try_from(checkpoint.position) else { return };
        let kept =
            self.connection.prepare_cached("INSERT OR REPLACE INTO checkpoints VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)");
        if let Ok(mut statement) = kept {
            // A full disk or a lock costs speed later, nothing else.
            let _ = statement.execute(params![
                stream,
                reducer,
                position,
                checkpoint.event_hash,
                checkpoint.faults_total.cast_signed(),
                checkpoint.faults,
                checkpoint.state,
            ]);
        }
    }

    /// Drops the checkpoints of a stream from a position on: the log no longer holds what they stand after.
    pub fn drop_from(&self, stream: &str, position: u64) {
        let position = i64::try_from(position).unwrap_or(i64::MAX);
        let dropped = self.connection.prepare_cached("DELETE FROM checkpoints WHERE stream = ?1 AND position >= ?2");
        if let Ok(mut statement) = dropped {
            let _ = statement.execute(params![stream, position]);
        }
    }
}

/// The cache folder: `EVENTSCOPE_CACHE_DIR`, else `eventscope` in the user's cache folder.
#[must_use]
pub fn folder() -> Option<PathBuf> {
    match std::env::var_os("EVENTSCOPE_CACHE_DIR") {
        Some(folder) => Some(PathBuf::from(folder)),
        None => dirs::cache_dir().map(|folder| folder.join("eventscope")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn checkpoint(position: u64) -> Checkpoint {
        Checkpoint {
            position,
            event_hash: [7; 32],
            faults_total: 1,
            faults: "[]".to_owned(),
            state: position.to_string().into_bytes(),
        }
    }

    #[test]
    fn the_nearest_checkpoint_is_found_and_stale_ones_are_dropped() {
        let cache = Cache::open_memory().unwrap();
        for position in [64, 128, 256] {
            cache.keep("a", "auto", &checkpoint(position));
        }
        assert_eq!(cache.nearest("a", "auto", 255), Some(checkpoint(128)));
        assert_eq!(cache.nearest("a", "auto", 63), None);
        assert_eq!(cache.nearest("a", "other", 300), None);
        cache.drop_from("a", 128);
        assert_eq!(cache.nearest("a", "auto", 300), Some(checkpoint(64)));
    }

    #[test]
    fn a_damaged_cache_is_thrown_away() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("x.cache.db");
        std::fs::write(&file, b"not a database at all, but long enough to be read as one").unwrap();
        let cache = Cache::open_file(&file).unwrap();
        cache.keep("a", "auto", &checkpoint(1));
        assert_eq!(Cache::open_file(&file).unwrap().nearest("a", "auto", 1), Some(checkpoint(1)));
    }
}
