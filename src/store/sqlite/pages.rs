//! Pages of events by key: the SQL of a column map, and rows into a batch.

use std::borrow::Cow;

use rusqlite::types::{Value, ValueRef};
use rusqlite::{Connection, Row, ToSql};

use super::fault::fault;
use super::layouts::{Categories, Map, Names, Order, TimeForm};
use crate::error::{Error, Result};
use crate::event::{EventBatch, RawEvent, Resume, Scope, Seq, Time};
use crate::limits::{PAGE_BYTES_MAX, PAGE_EVENTS_MAX};
use crate::log::PageEnd;

/// How a category is found: through its streams where it is a small part of the log, else along the log.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(super) enum Path {
    /// Along the log, leaving out other categories.
    #[default]
    AlongLog,
    /// Through the table of streams of a native log.
    ThroughStreams,
}

impl Map {
    /// The columns of one event, in the order that [`push`] reads.
    pub(super) fn columns(&self) -> String {
        let or_null = |column: Option<&String>| column.map_or("NULL", String::as_str).to_owned();
        format!(
            "{}, {}, {}, {}, {}, {}, {}, {}, {}",
            self.key,
            self.stream,
            self.version,
            self.event_type,
            or_null(self.time.as_ref().map(|(column, _)| column)),
            or_null(self.id.as_ref()),
            self.data,
            or_null(self.metadata.as_ref()),
            or_null(Some(&self.category).filter(|_| self.categories == Categories::Column)),
        )
    }

    /// What stands behind FROM.
    pub(super) fn table_along(&self, path: Path, scope: &Scope) -> &str {
        match path {
            Path::AlongLog => self.source_of(scope),
            Path::ThroughStreams => "streams s CROSS JOIN events e ON e.stream_id = s.stream_id",
        }
    }

    /// ` WHERE …` of a scope and more conditions; `:stream` and `:category` are its parameters.
    pub(super) fn conditions(&self, scope: &Scope, more: &[&str]) -> String {
        let of_scope = match scope {
            Scope::Log => None,
            Scope::Category(_) => Some(self.of_category.as_str()),
            Scope::Stream(_) => Some(self.of_stream.as_str()),
        };
        let once = self.once.as_deref().filter(|_| scope.stream().is_none());
        let all: Vec<&str> =
            of_scope.into_iter().chain(self.filter.as_deref()).chain(once).chain(more.iter().copied()).collect();
        if all.is_empty() { String::new() } else { format!(" WHERE {}", all.join(" AND ")) }
    }

    /// The value that a scope's parameter takes, with the parameter's name.
    pub(super) fn parameter(&self, scope: &Scope) -> Option<(&'static str, Value)> {
        match scope {
            Scope::Log => None,
            Scope::Category(category) => Some((":category", Value::Text(category.to_string()))),
            Scope::Stream(stream) if self.of_stream.contains(":first") => {
                let key = self.directory.as_ref().and_then(|directory| directory.first_key(stream.as_str()));
                Some((":first", key.map_or(Value::Null, Value::Integer)))
            }
            Scope::Stream(stream) => Some((":stream", Value::Text(self.names.stored(stream.as_str())))),
        }
    }

    fn page_sql(&self, scope: &Scope, from: &Resume, path: Path) -> Result<String> {
        let (key, version) = (&self.key, &self.version);
        let columns = self.columns();
        let after = match (self.order_of(scope), from) {
            (_, Resume::Start) => None,
            (Order::Version, Resume::AfterVersion(_)) => Some(format!("{version} > :after")),
            (Order::Key, Resume::After(Seq::Number(_))) => Some(self.key_is(">", ":after")),
            // Within events of one version, and only there; events without one come first.
            (Order::Version, Resume::After(Seq::Number(_))) => {
                let here = format!("(SELECT {version} FROM {} WHERE {})", self.from, self.key_is("=", ":after"));
                Some(format!(
                    "(({version} IS {here} AND {key} > :after) OR {version} > {here} \
                     OR ({here} IS NULL AND {version} IS NOT NULL))"
                ))
            }
            (_, other) => return Err(no_place(other)),
        };
        let more: Vec<&str> = after.as_deref().into_iter().collect();
        if path == Path::ThroughStreams {
            // The keys alone first, out of an index: rows that do not reach the page are never read.
            let (from, conditions) = (self.table_along(path, scope), self.conditions(scope, &more));
            let keys = format!("SELECT {key} FROM {from}{conditions} ORDER BY {key} LIMIT :limit");
            return Ok(format!("SELECT {columns} FROM {} WHERE {key} IN ({keys}) ORDER BY {key}", self.from));
        }
        let order = match self.order_of(scope) {
            Order::Key => self.by_key(""),
            Order::Version => format!("{version}, {}", self.by_key("")),
        };
        let (from, conditions) = (self.source_of(scope), self.conditions(scope, &more));
        Ok(format!("SELECT {columns} FROM {from}{conditions} ORDER BY {order} LIMIT :limit"))
    }
}

/// The error of a place that no such log gave out.
pub(super) fn no_place(resume: &Resume) -> Error {
    Error::Input(format!("{resume:?} is no place in this log: it was given out by another one"))
}

/// Reads one page.
pub(super) fn read(
    connection: &Connection,
    map: &Map,
    scope: &Scope,
    from: &Resume,
    (limit, path): (u32, Path),
    into: &mut EventBatch,
) -> Result<PageEnd> {
    into.clear();
    let sql = map.page_sql(scope, from, path)?;
    let limit = limit.clamp(1, PAGE_EVENTS_MAX);
    let failed = |error| fault(error, "read events");
    let mut statement = connection.prepare_cached(&sql).map_err(failed)?;
    let scope_value = map.parameter(scope);
    let after = match from {
        Resume::After(Seq::Number(number)) => Some(*number),
        Resume::AfterVersion(version) => Some(*version),
        _ => None,
    };
    // One more than asked for tells whether the scope goes on, and with which version.
    let rows_max = i64::from(limit) + 1;
    let mut parameters: Vec<(&str, &dyn ToSql)> = vec![(":limit", &rows_max)];
    if let Some((name, value)) = &scope_value {
        parameters.push((name, value));
    }
    if let Some(after) = &after {
        parameters.push((":after", after));
    }
    let mut rows = statement.query(parameters.as_slice()).map_err(failed)?;
    let mut last: Option<(i64, Option<i64>)> = None;
    let mut end = PageEnd { next: from.clone(), at_end: true };
    while let Some(row) = rows.next().map_err(failed)? {
        let (key, version) = place_of(row).map_err(failed)?;
        if into.len() >= limit as usize || into.bytes_total() >= PAGE_BYTES_MAX {
            end.at_end = false;
            if map.order_of(scope) == Order::Version
                && let Some((last_key, last_version)) = last
                && last_version == version
            {
                end.next = Resume::After(Seq::Number(last_key));
            }
            return Ok(end);
        }
        push(row, map, into).map_err(failed)?;
        last = Some((key, version));
        end.next = match (map.order_of(scope), version) {
            (Order::Version, Some(version)) => Resume::AfterVersion(version),
            _ => Resume::After(Seq::Number(key)),
        };
    }
    Ok(end)
}

/// Reads the event with this key, if it is there.
pub(super) fn read_key(connection: &Connection, map: &Map, key: i64, into: &mut EventBatch) -> Result<()> {
    into.clear();
    let condition = map.key_is("=", ":key");
    let sql = format!("SELECT {} FROM {}{}", map.columns(), map.from, map.conditions(&Scope::Log, &[&condition]));
    one(connection, map, &sql, &[(":key", &key)], into)
}

/// Reads the last event of a scope, if it has any.
pub(super) fn read_last(connection: &Connection, map: &Map, scope: &Scope, into: &mut EventBatch) -> Result<()> {
    into.clear();
    let order = match map.order_of(scope) {
        Order::Key => map.by_key(" DESC"),
        Order::Version => format!("{} DESC, {}", map.version, map.by_key(" DESC")),
    };
    let (from, conditions) = (map.source_of(scope), map.conditions(scope, &[]));
    let sql = format!("SELECT {} FROM {from}{conditions} ORDER BY {order} LIMIT 1", map.columns());
    let value = map.parameter(scope);
    let parameters: Vec<(&str, &dyn ToSql)> = value.iter().map(|(name, value)| (*name, value as &dyn ToSql)).collect();
    one(connection, map, &sql, &parameters, into)
}

fn one(
    connection: &Connection,
    map: &Map,
    sql: &str,
    parameters: &[(&str, &dyn ToSql)],
    into: &mut EventBatch,
) -> Result<()> {
    let failed = |error| fault(error, "read an event");
    let mut statement = connection.prepare_cached(sql).map_err(failed)?;
    let mut rows = statement.query(parameters).map_err(failed)?;
    match rows.next().map_err(failed)? {
        Some(row) => push(row, map, into).map_err(failed),
        None => Ok(()),
    }
}

fn place_of(row: &Row<'_>) -> rusqlite::Result<(i64, Option<i64>)> {
    Ok((row.get(0)?, number_of(row.get_ref(2)?)))
}

/// Copies a row of [`Map::columns`] into the batch.
fn push(row: &Row<'_>, map: &Map, into: &mut EventBatch) -> rusqlite::Result<()> {
    let stored = text_of(row.get_ref(1)?);
    let stream = match map.names {
        Names::Plain => stored,
        Names::Uuid => Cow::Owned(map.names.shown(&stored)),
    };
    let id = match row.get_ref(5)? {
        ValueRef::Null => None,
        value => Some(text_of(value)),
    };
    let data = bytes_of(row.get_ref(6)?);
    let metadata = match row.get_ref(7)? {
        ValueRef::Null => None,
        value => Some(bytes_of(value)),
    };
    let time = map.time.as_ref().map(|(_, form)| row.get_ref(4).map(|value| time_of(value, *form))).transpose()?;
    let category = match row.get_ref(8)? {
        ValueRef::Null => None,
        value => Some(text_of(value)),
    };
    into.push(&RawEvent {
        seq: Seq::Number(row.get(0)?),
        stream: &stream,
        category: category.as_deref(),
        version: number_of(row.get_ref(2)?),
        event_type: &text_of(row.get_ref(3)?),
        time: time.flatten(),
        id: id.as_deref(),
        data: &data,
        metadata: metadata.as_deref(),
    });
    Ok(())
}

/// A value as text, whatever its type: a stranger's column may hold anything.
#[inline]
pub(super) fn text_of(value: ValueRef<'_>) -> Cow<'_, str> {
    match value {
        ValueRef::Null => Cow::Borrowed(""),
        ValueRef::Integer(number) => Cow::Owned(number.to_string()),
        ValueRef::Real(number) => Cow::Owned(number.to_string()),
        // The strict check is several times as fast as the one that mends.
        ValueRef::Text(bytes) | ValueRef::Blob(bytes) => {
            std::str::from_utf8(bytes).map_or_else(|_| String::from_utf8_lossy(bytes), Cow::Borrowed)
        }
    }
}

/// A value as bytes, whatever its type.
#[inline]
pub(super) fn bytes_of(value: ValueRef<'_>) -> Cow<'_, [u8]> {
    match value {
        ValueRef::Text(bytes) | ValueRef::Blob(bytes) => Cow::Borrowed(bytes),
        ValueRef::Null => Cow::Borrowed(&[]),
        other => Cow::Owned(text_of(other).into_owned().into_bytes()),
    }
}

/// A value as a whole number, where it is one.
#[inline]
pub(super) fn number_of(value: ValueRef<'_>) -> Option<i64> {
    match value {
        ValueRef::Integer(number) => Some(number),
        ValueRef::Text(bytes) => std::str::from_utf8(bytes).ok()?.trim().parse().ok(),
        _ => None,
    }
}

/// A value as a time.
pub(super) fn time_of(value: ValueRef<'_>, form: TimeForm) -> Option<Time> {
    match form {
        _ if matches!(value, ValueRef::Real(_)) => fraction_of(value, form),
        TimeForm::Nanoseconds => number_of(value).map(|number| Time(number.div_euclid(1_000))),
        TimeForm::JulianDays => fraction_of(value, form),
        TimeForm::Microseconds => number_of(value).map(Time),
        TimeForm::Milliseconds => number_of(value)?.checked_mul(1_000).map(Time),
        TimeForm::Seconds => number_of(value)?.checked_mul(1_000_000).map(Time),
        TimeForm::Text => Time::parse(value.as_str().ok()?),
    }
}

/// A number with a fraction as a time; nothing where it lies beyond all times.
fn fraction_of(value: ValueRef<'_>, form: TimeForm) -> Option<Time> {
    /// 1970-01-01 as a Julian day.
    const EPOCH_DAYS: f64 = 2_440_587.5;
    const DAY_US: f64 = 86_400e6;
    let number = match value {
        ValueRef::Real(number) => number,
        other => text_of(other).trim().parse::<f64>().ok()?,
    };
    let microseconds = match form {
        TimeForm::Nanoseconds => number / 1e3,
        TimeForm::Microseconds => number,
        TimeForm::Milliseconds => number * 1e3,
        TimeForm::Seconds => number * 1e6,
        TimeForm::JulianDays => (number - EPOCH_DAYS) * DAY_US,
        TimeForm::Text => return None,
    };
    #[expect(clippy::cast_possible_truncation, reason = "checked to be in range")]
    (microseconds.abs() < 9e18).then(|| Time(microseconds.round() as i64))
}
