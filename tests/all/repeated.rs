//! A real library's log made larger by repeating its own rows with fresh ids, as the library would have written them.

use rusqlite::Connection;

/// Where the ids of a log stand: its tables, and what stands in each column of a repeated row. `?1` is the number of the
/// repetition.
pub struct Repeated {
    pub folder: &'static str,
    pub name: &'static str,
    /// The table of events, then those beside it.
    tables: &'static [(&'static str, &'static [(&'static str, &'static str)])],
}

const NEW: &str = "NULL";

pub const LOGS: [Repeated; 12] = [
    Repeated {
        folder: "emmett-sqlite",
        name: "emmett-sqlite-0.42.4",
        tables: &[(
            "emt_messages",
            &[
                ("stream_id", "stream_id || '-' || ?1"),
                ("message_id", "message_id || '-' || ?1"),
                ("global_position", NEW),
            ],
        )],
    },
    Repeated {
        folder: "eventsourcing",
        name: "eventsourcing-9.5.6-plain",
        tables: &[("stored_events", &[("originator_id", "printf('%08x', ?1) || substr(originator_id, 9)")])],
    },
    Repeated {
        folder: "sqlite-es",
        name: "sqlite-es-0.5.0",
        tables: &[("events", &[("aggregate_id", "aggregate_id || '-' || ?1")])],
    },
    Repeated {
        folder: "eventcore-sqlite",
        name: "eventcore-sqlite-2.1.0",
        tables: &[(
            "eventcore_events",
            &[("stream_id", "stream_id || '-' || ?1"), ("event_id", "event_id || '-' || ?1")],
        )],
    },
    Repeated {
        folder: "eventsource-py",
        name: "eventsource-py-0.8.1",
        tables: &[(
            "events",
            &[
                ("global_position", NEW),
                ("event_id", "event_id || '-' || ?1"),
                ("aggregate_id", "aggregate_id || '-' || ?1"),
            ],
        )],
    },
    Repeated {
        folder: "rails-event-store",
        name: "rails-event-store",
        tables: &[
            ("event_store_events", &[("id", NEW), ("event_id", "event_id || '-' || ?1")]),
            (
                "event_store_events_in_streams",
                &[("id", NEW), ("event_id", "event_id || '-' || ?1"), ("stream", "stream || '-' || ?1")],
            ),
        ],
    },
    Repeated {
        folder: "laravel-event-sourcing",
        name: "laravel-event-sourcing",
        tables: &[("stored_events", &[("id", NEW), ("aggregate_uuid", "aggregate_uuid || '-' || ?1")])],
    },
    Repeated {
        folder: "pekko-persistence-jdbc",
        name: "pekko-persistence-jdbc",
        tables: &[("event_journal", &[("ordering", NEW), ("persistence_id", "persistence_id || '-' || ?1")])],
    },
    Repeated {
        folder: "evento",
        name: "evento-2.0.0-alpha.38",
        tables: &[("event", &[("id", "id || '-' || ?1"), ("aggregator_id", "aggregator_id || '-' || ?1")])],
    },
    Repeated {
        folder: "aett-sqlite",
        name: "aett-sqlite-2.1.0",
        tables: &[(
            "commits",
            &[
                ("CheckpointNumber", NEW),
                ("StreamId", "StreamId || '-' || ?1"),
                ("StreamIdOriginal", "StreamIdOriginal || '-' || ?1"),
            ],
        )],
    },
    Repeated {
        folder: "livestore",
        name: "livestore-0.4.0-eventlog",
        tables: &[("eventlog", &[("seqNumGlobal", "seqNumGlobal + ?1 * 100000")])],
    },
    Repeated {
        folder: "own-table",
        name: "own-table",
        tables: &[("my_app_events", &[("nr", NEW), ("thing", "thing || '-' || ?1")])],
    },
];

impl Repeated {
    /// The statements that write the rows of the log as it was once more, as repetition `?1`. `last` is the number of the
    /// last row of each table as it was.
    pub fn statements(&self, connection: &Connection) -> Vec<String> {
        let one = |(table, fresh): &(&str, &[(&str, &str)])| {
            let mut list = connection.prepare("SELECT name FROM pragma_table_xinfo(?1) WHERE hidden = 0").unwrap();
            let names: Vec<String> = list.query_map([table], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
            let values: Vec<String> = names
                .iter()
                .map(|name| {
                    let given = fresh.iter().find(|(column, _)| *column == name);
                    given.map_or_else(|| format!("\"{name}\""), |(_, value)| (*value).to_owned())
                })
                .collect();
            let last: i64 =
                connection.query_row(&format!("SELECT max(rowid) FROM {table}"), [], |row| row.get(0)).unwrap();
            let names: Vec<String> = names.iter().map(|name| format!("\"{name}\"")).collect();
            format!(
                "INSERT INTO {table} ({}) SELECT {} FROM {table} WHERE rowid <= {last} AND ?1 > 0 ORDER BY rowid",
                names.join(", "),
                values.join(", ")
            )
        };
        self.tables.iter().map(one).collect()
    }
}

/// Repeats the rows of a log so many times, each repetition in one transaction.
pub fn repeat(connection: &mut Connection, log: &Repeated, times: i64) {
    let statements = log.statements(connection);
    for number in 1..=times {
        let transaction = connection.transaction().unwrap();
        for statement in &statements {
            transaction.prepare_cached(statement).unwrap().execute([number]).unwrap();
        }
        transaction.commit().unwrap();
    }
}
