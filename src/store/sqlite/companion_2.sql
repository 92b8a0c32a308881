-- From schema version 1 of the companion to version 2.

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
PRAGMA user_version = 2;
