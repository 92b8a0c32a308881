-- The companion of a log that Eventscope may not write: what the user keeps about it. Schema version 2: version 1 had no bookmarks.
--
-- time is in microseconds since 1970-01-01 UTC. state is JSON text.

PRAGMA application_id = 1163285571; -- 'EVTC'
PRAGMA user_version = 2;

-- Which log this belongs to, for people who look into the folder; the file's name is what it is found by.
CREATE TABLE log (
    path TEXT NOT NULL
);

CREATE TABLE snapshots (
    snapshot_id INTEGER PRIMARY KEY,
    stream      TEXT    NOT NULL CHECK (length(stream) > 0),
    version     INTEGER NOT NULL,                  -- the state after this version
    name        TEXT,
    reducer     TEXT    NOT NULL,
    event_hash  BLOB,                              -- BLAKE3 of the event that it stands after
    time        INTEGER NOT NULL,
    state       TEXT    NOT NULL
);
CREATE INDEX snapshots_by_stream ON snapshots (stream, version);

-- A place that the user wants to find again: the event with this key of the log, in this stream.
CREATE TABLE bookmarks (
    bookmark_id INTEGER PRIMARY KEY,
    stream      TEXT    NOT NULL,
    version     INTEGER,
    seq         TEXT    NOT NULL,
    event_type  TEXT    NOT NULL,
    time        INTEGER,
    note        TEXT    NOT NULL,
    UNIQUE (stream, seq)
);
