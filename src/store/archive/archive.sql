-- An archive of Eventscope, version 1: the oldest part of a native log, compressed, sealed, and never changed again.
--
-- A chunk holds events as zlib-compressed bytes; its hash is BLAKE3 over the hash of the chunk before and every field
-- of its events, so that the last one holds the whole archive.

PRAGMA application_id = 1163285569; -- 'EVTA'
PRAGMA user_version = 1;

CREATE TABLE chunks (
    first_position INTEGER PRIMARY KEY,
    last_position  INTEGER NOT NULL,
    hash           BLOB    NOT NULL,
    data           BLOB    NOT NULL
);

-- Which chunk holds which versions of a stream.
CREATE TABLE chunk_streams (
    stream         TEXT    NOT NULL,
    first_version  INTEGER NOT NULL,
    last_version   INTEGER NOT NULL,
    first_position INTEGER NOT NULL REFERENCES chunks,
    PRIMARY KEY (stream, first_version)
) WITHOUT ROWID;

-- How many events of a category a chunk holds.
CREATE TABLE chunk_categories (
    category       TEXT    NOT NULL,
    first_position INTEGER NOT NULL REFERENCES chunks,
    events         INTEGER NOT NULL,
    PRIMARY KEY (category, first_position)
) WITHOUT ROWID;

-- The first 8 bytes of the BLAKE3 hash of each id: an event that is appended again is found here too.
CREATE TABLE ids (
    hash           INTEGER NOT NULL,
    position       INTEGER NOT NULL,
    PRIMARY KEY (hash, position)
) WITHOUT ROWID;
