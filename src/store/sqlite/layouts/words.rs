//! What several layouts ask a file, and the SQL that several of them are made of.

use std::collections::BTreeSet;

use rusqlite::Connection;

use super::super::fault::fault;
use super::super::schema::{Schema, Table, quoted};
use crate::error::Result;

/// Rows that are looked at to see what a column holds.
const ROWS_LOOKED_AT: u32 = 2_000;
/// Rows that are looked at to see whether ids tell streams apart: a tenth of a second at most.
const IDS_LOOKED_AT: u32 = 200_000;

/// About how many rows a table has: the newest row's number where it has one.
///
/// # Errors
/// As SQLite says.
pub(in crate::store::sqlite) fn rows(connection: &Connection, schema: &Schema, table: &str) -> Result<i64> {
    let what = match schema.table(table).and_then(Table::row_number) {
        Some(row_number) => format!("max({row_number})"),
        None => "count(*)".to_owned(),
    };
    let sql = format!("SELECT {what} FROM {}", quoted(table));
    connection
        .query_row(&sql, [], |row| row.get::<_, Option<i64>>(0))
        .map(Option::unwrap_or_default)
        .map_err(|error| fault(error, "recognise its tables"))
}

/// What orders a table's rows, as SQL over `e`: this column where it holds a whole number once each, else the row's own
/// number; nothing where the table has neither.
pub(super) fn order_by(table: &Table, column: &str) -> Option<String> {
    let is_number = table.column(column).is_some_and(|column| {
        let is_key = column.key_place == 1 && table.has_rowid && column.declared == "INTEGER";
        is_key || (column.declared.contains("INT") && table.is_unique_by_alone(&column.name))
    });
    if is_number { Some(format!("e.{column}")) } else { table.row_number().map(|row| format!("e.{row}")) }
}

/// The table beside one that has these columns, that of the most similar name where there are several.
pub(super) fn beside<'a>(schema: &'a Schema, events: &Table, columns: &[&str]) -> Option<&'a Table> {
    let alike =
        |table: &Table| table.name.bytes().zip(events.name.bytes()).take_while(|(one, other)| one == other).count();
    schema
        .tables
        .iter()
        .filter(|table| table.name != events.name && table.has(columns))
        .max_by_key(|table| alike(table))
}

/// True where, as far as one can see, no two streams have the same id, so that it names a stream alone. `id` and `full`
/// are SQL over `e`.
///
/// # Errors
/// As SQLite says.
pub(super) fn ids_are_unique(connection: &Connection, table: &Table, id: &str, full: &str) -> Result<bool> {
    let sql = format!(
        "SELECT NOT EXISTS (SELECT 1 FROM (SELECT DISTINCT id, full FROM \
         (SELECT {id} AS id, {full} AS full FROM {} e LIMIT {IDS_LOOKED_AT})) GROUP BY id HAVING count(*) > 1)",
        quoted(&table.name)
    );
    connection.query_row(&sql, [], |row| row.get(0)).map_err(|error| fault(error, "recognise its tables"))
}

/// What a column holds in the first rows, each value once.
///
/// # Errors
/// As SQLite says.
pub(super) fn values(connection: &Connection, from: &str, column: &str) -> Result<BTreeSet<String>> {
    let sql = format!("SELECT DISTINCT x FROM (SELECT {column} AS x FROM {from} LIMIT {ROWS_LOOKED_AT})");
    let read = |row: &rusqlite::Row<'_>| Ok(super::super::pages::text_of(row.get_ref(0)?).into_owned());
    connection
        .prepare(&sql)
        .and_then(|mut statement| statement.query_map([], read)?.collect())
        .map_err(|error| fault(error, "recognise its tables"))
}

/// What stands between the kind of a stream and its id in the names of streams: the first of the usual signs that
/// leaves few kinds.
pub(super) fn separator(names: &BTreeSet<String>) -> &'static str {
    const SIGNS: [&str; 6] = ["$", "|", "/", "::", ":", "-"];
    let fits = |sign: &&str| {
        let kinds: BTreeSet<&str> =
            names.iter().filter_map(|name| name.split_once(*sign)).map(|(kind, _)| kind).collect();
        let with = names.iter().filter(|name| name.contains(*sign)).count();
        with > 0 && with * 10 >= names.len() * 8 && (kinds.len() == 1 || kinds.len() * 3 <= with)
    };
    SIGNS.into_iter().find(fits).unwrap_or("-")
}

/// What stands before a sign, the whole where it is not in it.
pub(super) fn before(text: &str, sign: &str) -> String {
    format!("substr({text}, 1, instr({text} || '{sign}', '{sign}') - 1)")
}

/// What stands behind the last of some signs, the whole where there is none: rtrim takes off all that is none of them.
pub(super) fn behind_last(text: &str, signs: &[char]) -> String {
    format!("substr({text}, length({}) + 1)", upto_last(text, signs))
}

/// What stands up to the last of some signs, with it; empty where there is none.
pub(super) fn upto_last(text: &str, signs: &[char]) -> String {
    let others = signs.iter().fold(text.to_owned(), |text, sign| format!("replace({text}, '{sign}', '')"));
    format!("rtrim({text}, {others})")
}

/// The metadata with what another column says of an event, where that is not what it says of most: libraries keep the
/// version of an event's schema beside its metadata. `usual` is a list of SQL values.
pub(super) fn with_column(metadata: &str, column: &str, usual: &str) -> String {
    let name = column.trim_start_matches("e.");
    format!(
        "CASE WHEN coalesce({column}, '') IN ({usual}) THEN {metadata} \
         WHEN json_valid({metadata}) AND json_type({metadata}) = 'object' THEN json_set({metadata}, '$.{name}', {column}) \
         ELSE json_object('{name}', {column}) END"
    )
}

/// What `then` makes of a column that is JSON, nothing where it is none: a slip in one row must not end the query.
pub(super) fn where_json(column: &str, then: &str) -> String {
    format!("CASE WHEN json_valid({column}) THEN {then} END")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sign_of(names: &[&str]) -> &'static str {
        separator(&names.iter().map(|name| (*name).to_owned()).collect())
    }

    #[test]
    fn the_sign_between_kind_and_id_leaves_few_kinds() {
        assert_eq!(sign_of(&["Order|1-a", "Order|2-b", "User|3-c", "User|4", "User|5", "Order|6"]), "|");
        assert_eq!(sign_of(&["user::a-1", "user::b-2", "user::c-3"]), "::");
        assert_eq!(sign_of(&["A::B$1-2", "A::B$2-3", "A::B$3"]), "$");
        assert_eq!(sign_of(&["account/1-2", "account/2-3"]), "/");
        assert_eq!(sign_of(&["cart-1", "cart-2"]), "-");
        assert_eq!(sign_of(&["11111111-1", "22222222-2", "33333333-2"]), "-");
    }
}
