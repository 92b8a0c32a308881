//! The tables of a file, as far as a layout is recognised by them. Views, virtual tables and shadow tables are none.

use rusqlite::Connection;

use super::fault::fault;
use crate::error::Result;

/// Tables that are looked at: a file with more is no event log of one application.
const TABLES_MAX: usize = 2_000;

/// What the file holds.
#[derive(Debug, Default)]
pub(super) struct Schema {
    /// `PRAGMA application_id`.
    pub(super) application_id: i64,
    /// `PRAGMA user_version`.
    pub(super) user_version: i64,
    /// Ordinary tables, by name.
    pub(super) tables: Vec<Table>,
}

/// One ordinary table.
#[derive(Debug)]
pub(super) struct Table {
    /// Its name, as it was created.
    pub(super) name: String,
    /// Its columns, in order.
    pub(super) columns: Vec<Column>,
    /// False for a table WITHOUT ROWID.
    pub(super) has_rowid: bool,
    /// Column sets that are unique by an index, the primary key among them.
    pub(super) unique: Vec<Vec<String>>,
}

/// One column.
#[derive(Debug)]
pub(super) struct Column {
    /// Its name, as it was created.
    pub(super) name: String,
    /// Its declared type in upper case, empty where there is none.
    pub(super) declared: String,
    /// Its place in the primary key from 1, 0 where it is not in it.
    pub(super) key_place: i64,
}

impl Schema {
    /// Reads it from the file.
    ///
    /// # Errors
    /// As SQLite says.
    pub(super) fn read(connection: &Connection) -> Result<Self> {
        Self::query(connection).map_err(|error| fault(error, "read the tables of the file"))
    }

    fn query(connection: &Connection) -> rusqlite::Result<Self> {
        let number = |sql: &str| connection.query_row(sql, [], |row| row.get(0));
        let mut schema = Self {
            application_id: number("PRAGMA application_id")?,
            user_version: number("PRAGMA user_version")?,
            tables: Vec::new(),
        };
        let mut list = connection.prepare(
            "SELECT name, wr FROM pragma_table_list WHERE schema = 'main' AND type = 'table' AND name NOT LIKE 'sqlite\\_%' \
             ESCAPE '\\' ORDER BY name LIMIT ?1",
        )?;
        let mut rows = list.query([i64::try_from(TABLES_MAX).unwrap_or(i64::MAX)])?;
        while let Some(row) = rows.next()? {
            let name: String = row.get(0)?;
            let columns = columns(connection, &name)?;
            let unique = unique(connection, &name)?;
            schema.tables.push(Table { name, columns, has_rowid: row.get::<_, i64>(1)? == 0, unique });
        }
        Ok(schema)
    }

    /// The table of this name.
    pub(super) fn table(&self, name: &str) -> Option<&Table> {
        self.tables.iter().find(|table| table.name.eq_ignore_ascii_case(name))
    }

    /// The names, for a message: at most a dozen.
    pub(super) fn names(&self) -> String {
        const SHOWN_MAX: usize = 12;
        let mut names: Vec<_> = self.tables.iter().take(SHOWN_MAX).map(|table| table.name.as_str()).collect();
        if self.tables.len() > SHOWN_MAX {
            names.push("…");
        }
        names.join(", ")
    }
}

impl Table {
    /// The column of this name.
    pub(super) fn column(&self, name: &str) -> Option<&Column> {
        self.columns.iter().find(|column| column.name.eq_ignore_ascii_case(name))
    }

    /// True where it has all of these columns.
    pub(super) fn has(&self, names: &[&str]) -> bool {
        names.iter().all(|name| self.column(name).is_some())
    }

    /// True where these columns are unique together by an index, in this order first.
    pub(super) fn is_unique_by(&self, names: &[&str]) -> bool {
        self.unique.iter().any(|columns| {
            columns.len() >= names.len()
                && columns.iter().zip(names).all(|(column, name)| column.eq_ignore_ascii_case(name))
        })
    }

    /// True where this column alone is unique by an index.
    pub(super) fn is_unique_by_alone(&self, name: &str) -> bool {
        self.unique.iter().any(|columns| columns.len() == 1 && columns[0].eq_ignore_ascii_case(name))
    }

    /// The name of the hidden row number, which a column of the same name may hide.
    pub(super) fn row_number(&self) -> Option<&'static str> {
        if !self.has_rowid {
            return None;
        }
        ["rowid", "_rowid_", "oid"].into_iter().find(|name| self.column(name).is_none())
    }

    /// A sentence that names the columns: `table "events" has columns a, b, c`.
    pub(super) fn evidence(&self, names: &[&str]) -> String {
        format!("table \"{}\" has columns {}", self.name, names.join(", "))
    }
}

/// A name as SQL writes it.
pub(super) fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

fn columns(connection: &Connection, table: &str) -> rusqlite::Result<Vec<Column>> {
    let mut list = connection.prepare_cached("SELECT name, type, pk FROM pragma_table_xinfo(?1)")?;
    let columns = list.query_map([table], |row| {
        Ok(Column {
            name: row.get(0)?,
            declared: row.get::<_, Option<String>>(1)?.unwrap_or_default().to_ascii_uppercase(),
            key_place: row.get(2)?,
        })
    })?;
    columns.collect()
}

fn unique(connection: &Connection, table: &str) -> rusqlite::Result<Vec<Vec<String>>> {
    let mut list = connection.prepare_cached(
        "SELECT i.name, c.name FROM pragma_index_list(?1) i, pragma_index_info(i.name) c \
         WHERE i.\"unique\" AND NOT i.partial ORDER BY i.seq, c.seqno",
    )?;
    let mut rows = list.query([table])?;
    let mut indexes: Vec<(String, Vec<String>)> = Vec::new();
    while let Some(row) = rows.next()? {
        let index: String = row.get(0)?;
        let column = row.get::<_, Option<String>>(1)?.unwrap_or_default();
        match indexes.last_mut() {
            Some((before, columns)) if *before == index => columns.push(column),
            _ => indexes.push((index, vec![column])),
        }
    }
    Ok(indexes.into_iter().map(|(_, columns)| columns).collect())
}
