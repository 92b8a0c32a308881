-- The native event log of Eventscope, schema version 1.
--
-- Any program may write to it through plain SQL: INSERT INTO event_log (stream, type, data) VALUES (…) appends one
-- event with the next version of its stream, a new id and the time now; give version to expect one. SELECT from
-- event_log reads. The triggers keep the log append-only, gapless and its totals right, whoever the client is.
--
-- time is in microseconds since 1970-01-01 UTC. data and metadata are JSON text.

PRAGMA application_id = 1163285587; -- 'EVTS'
PRAGMA user_version = 1;

CREATE TABLE streams (
    stream_id     INTEGER PRIMARY KEY,
    name          TEXT    NOT NULL UNIQUE CHECK (length(name) > 0),
    category      TEXT    NOT NULL GENERATED ALWAYS AS (substr(name, 1, instr(name || '-', '-') - 1)) VIRTUAL,
    -- Totals, kept by the triggers below.
    events        INTEGER NOT NULL DEFAULT 0,
    last_version  INTEGER NOT NULL DEFAULT 0,
    last_position INTEGER NOT NULL DEFAULT 0,
    last_time     INTEGER,
    -- How many of its events are in an archive.
    archived      INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX streams_by_category ON streams (category, name);

CREATE TABLE events (
    position  INTEGER PRIMARY KEY CHECK (position > 0), -- order in the log: 1, 2, 3, … without gaps
    stream_id INTEGER NOT NULL REFERENCES streams,
    version   INTEGER NOT NULL,                    -- order in the stream: 1, 2, 3, … without gaps
    type      TEXT    NOT NULL CHECK (length(type) > 0),
    time      INTEGER NOT NULL CHECK (typeof(time) = 'integer'),
    id        TEXT    NOT NULL UNIQUE CHECK (length(id) > 0),
    data      TEXT    NOT NULL,
    metadata  TEXT,
    UNIQUE (stream_id, version)
);

CREATE TABLE snapshots (
    snapshot_id INTEGER PRIMARY KEY,
    stream_id   INTEGER NOT NULL REFERENCES streams,
    version     INTEGER NOT NULL,                  -- the state after this version
    name        TEXT,
    reducer     TEXT    NOT NULL,
    event_hash  BLOB,                              -- BLAKE3 of the event that it stands after
    time        INTEGER NOT NULL,
    state                NOT NULL                  -- JSON text; behind zlib, as a blob, where it is large
);
CREATE INDEX snapshots_by_stream ON snapshots (stream_id, version);

-- Hashes over ranges of events, each with the one before it in it: what was changed behind these triggers shows.
-- Eventscope seals what it appends, and what others appended since. Its source says how: src/store/seal.rs.
CREATE TABLE seals (
    last_position  INTEGER PRIMARY KEY,
    first_position INTEGER NOT NULL,               -- one more than the last position of the seal before
    hash           BLOB    NOT NULL,               -- BLAKE3 of the hash before, and every field of every event
    marks          BLOB    NOT NULL                -- CRC-32 of each event: names the one that differs
);

-- Where the oldest part of the log is, once it was archived: written by Eventscope alone.
CREATE TABLE archives (
    last_position  INTEGER PRIMARY KEY,
    first_position INTEGER NOT NULL,
    file           TEXT    NOT NULL,               -- beside the log, or an absolute path
    hash           BLOB    NOT NULL,               -- of the archive's last chunk, which holds all others
    time           INTEGER NOT NULL
);

CREATE TRIGGER events_append BEFORE INSERT ON events BEGIN
    -- Before the row, so that INSERT OR REPLACE cannot push an older event out either.
    SELECT RAISE(ABORT, 'version conflict: the next version of a stream is its last version plus one')
     WHERE NEW.version IS NOT (SELECT last_version + 1 FROM streams WHERE stream_id = NEW.stream_id);
    SELECT RAISE(ABORT, 'events are appended: the next position is the last position plus one')
     WHERE NEW.position <> -1 AND NEW.position IS NOT (SELECT coalesce(max(position), 0) + 1 FROM events);
    SELECT RAISE(ABORT, 'an event with this id is already in the log')
     WHERE EXISTS (SELECT 1 FROM events WHERE id = NEW.id);
END;

CREATE TRIGGER events_total AFTER INSERT ON events BEGIN
    UPDATE streams
       SET events = events + 1, last_version = NEW.version, last_position = NEW.position, last_time = NEW.time
     WHERE stream_id = NEW.stream_id;
END;

CREATE TRIGGER events_no_update BEFORE UPDATE ON events BEGIN
    SELECT RAISE(ABORT, 'events are immutable: append a new event that corrects this one');
END;

CREATE TRIGGER events_no_delete BEFORE DELETE ON events BEGIN
    SELECT RAISE(ABORT, 'events are immutable: they cannot be deleted');
END;

CREATE TRIGGER streams_no_delete BEFORE DELETE ON streams BEGIN
    SELECT RAISE(ABORT, 'streams cannot be deleted: their events are immutable');
END;

CREATE TRIGGER streams_no_rename BEFORE UPDATE OF stream_id, name ON streams BEGIN
    SELECT RAISE(ABORT, 'streams cannot be renamed: their events are immutable');
END;

CREATE TRIGGER streams_no_archive BEFORE UPDATE OF archived ON streams BEGIN
    SELECT RAISE(ABORT, 'events are archived by Eventscope, which has verified the archive (eventscope archive)');
END;

CREATE TRIGGER streams_append BEFORE INSERT ON streams BEGIN
    SELECT RAISE(ABORT, 'a stream with this name is already in the log')
     WHERE EXISTS (SELECT 1 FROM streams WHERE name = NEW.name OR stream_id = NEW.stream_id);
    SELECT RAISE(ABORT, 'a new stream has no events: its totals are kept by the log itself')
     WHERE NEW.events <> 0 OR NEW.last_version <> 0 OR NEW.last_position <> 0 OR NEW.last_time IS NOT NULL
        OR NEW.archived <> 0;
END;

CREATE TRIGGER streams_total BEFORE UPDATE OF events, last_version, last_position, last_time ON streams BEGIN
    -- Only the step that an event makes which stands in the log and is not counted yet.
    SELECT RAISE(ABORT, 'the totals of a stream are kept by the log itself')
     WHERE NEW.events IS NOT OLD.events + 1 OR NEW.last_version IS NOT OLD.last_version + 1
        OR NOT EXISTS (SELECT 1 FROM events
                        WHERE position = NEW.last_position AND stream_id = NEW.stream_id
                          AND version = NEW.last_version AND time = NEW.last_time);
END;

CREATE TRIGGER seals_append BEFORE INSERT ON seals BEGIN
    SELECT RAISE(ABORT, 'seals follow one another: this one does not begin where the last one ends, or ends nowhere')
     WHERE NEW.first_position IS NOT (SELECT coalesce(max(last_position), 0) + 1 FROM seals)
        OR NEW.last_position < NEW.first_position OR NEW.last_position > (SELECT max(position) FROM events)
        OR length(NEW.hash) <> 32 OR length(NEW.marks) <> 4 * (NEW.last_position - NEW.first_position + 1);
END;

CREATE TRIGGER seals_no_update BEFORE UPDATE ON seals BEGIN
    SELECT RAISE(ABORT, 'seals are immutable');
END;

CREATE TRIGGER seals_no_delete BEFORE DELETE ON seals BEGIN
    SELECT RAISE(ABORT, 'seals are immutable: they cannot be deleted');
END;

CREATE TRIGGER archives_no_insert BEFORE INSERT ON archives BEGIN
    SELECT RAISE(ABORT, 'events are archived by Eventscope, which has verified the archive (eventscope archive)');
END;

CREATE TRIGGER archives_no_update BEFORE UPDATE ON archives BEGIN
    SELECT RAISE(ABORT, 'the pointer to an archive is immutable');
END;

CREATE TRIGGER archives_no_delete BEFORE DELETE ON archives BEGIN
    SELECT RAISE(ABORT, 'the pointer to an archive cannot be deleted: it stands for events');
END;

-- One flat table for people and programs that speak SQL.
CREATE VIEW event_log AS
SELECT e.position, s.name AS stream, e.version, e.type, e.time, e.id, e.data, e.metadata
  FROM events e JOIN streams s USING (stream_id);

CREATE TRIGGER event_log_insert INSTEAD OF INSERT ON event_log BEGIN
    INSERT INTO streams (name) SELECT NEW.stream WHERE NOT EXISTS (SELECT 1 FROM streams WHERE name = NEW.stream);
    INSERT INTO events (stream_id, version, type, time, id, data, metadata)
    SELECT stream_id,
           coalesce(NEW.version, last_version + 1),
           NEW.type,
           -- SQL's clock ticks in milliseconds, and a writer's in microseconds: an event of the same tick has the time of
           -- the stream's last event, so that times do not go backwards.
           coalesce(NEW.time, (
               SELECT CASE WHEN last_time BETWEEN now * 1000 AND now * 1000 + 1999 THEN last_time ELSE now * 1000 END
                 FROM (SELECT CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER) AS now))),
           coalesce(NEW.id, lower(hex(randomblob(4)) || '-' || hex(randomblob(2)) || '-4' || substr(hex(randomblob(2)), 2)
               || '-a' || substr(hex(randomblob(2)), 2) || '-' || hex(randomblob(6)))),
           NEW.data,
           NEW.metadata
      FROM streams WHERE name = NEW.stream;
END;
