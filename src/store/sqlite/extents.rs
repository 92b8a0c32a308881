//! How many events a scope holds, and where its positions are, by counting: for logs whose keys may have gaps.
//!
//! What was counted is kept and extended from where it ended. Where a key has no gaps, a position is a sum; else a
//! milestone stands every so many events, found by one scan of the keys alone.

use rusqlite::{Connection, OptionalExtension, ToSql};

use super::fault::fault;
use super::layouts::{Map, Order};
use super::pages::Path;
use crate::error::Result;
use crate::event::{Resume, Scope, Seq};
use crate::limits::MILESTONE_EVERY_EVENTS;
use crate::log::Place;

/// What is known of one scope. It holds as long as the events before `upto` do.
#[derive(Clone, Debug, Default)]
pub(super) struct Extent {
    /// Events up to `upto`.
    pub(super) events: u64,
    /// How its events are found.
    pub(super) path: Path,
    /// The lowest key of the log, or version of the stream.
    first: Option<i64>,
    /// The highest key or version of the scope that is counted.
    upto: Option<i64>,
    /// How far the log (or the stream) was looked at: the scope may have ended long before.
    looked_to: Option<i64>,
    /// True where no key or version stands twice.
    is_distinct: bool,
    /// Places, in order: how many events stand before, and the key or version that they end with.
    milestones: Vec<(u64, i64)>,
    /// How far the milestones reach: events, and the key or version of the last of them.
    scanned: (u64, Option<i64>),
}

/// What a scope holds after a place.
struct New {
    last: Option<i64>,
    events: u64,
    distinct: u64,
}

impl Extent {
    /// Counts what is new.
    pub(super) fn extend(&mut self, connection: &Connection, map: &Map, scope: &Scope) -> Result<()> {
        let first = first(connection, map, scope).map_err(|error| fault(error, "find the first event"))?;
        if first != self.first {
            *self = Self::default();
        }
        if self.looked_to.is_none() {
            self.is_distinct = true;
            self.first = first;
        }
        self.extend_from_known(connection, map, scope)
    }

    /// What was counted elsewhere: the events of a category up to `upto`, in a log from `first` to `last`.
    pub(super) fn known(events: u64, upto: Option<i64>, (first, last): (Option<i64>, Option<i64>)) -> Self {
        Self { events, first, upto, looked_to: last, is_distinct: true, ..Self::default() }
    }

    /// Counts what is new, where the first event cannot have changed.
    pub(super) fn extend_from_known(&mut self, connection: &Connection, map: &Map, scope: &Scope) -> Result<()> {
        let end = last(connection, map, scope).map_err(|error| fault(error, "find the last event"))?;
        if end.is_none() || end == self.looked_to {
            return Ok(());
        }
        let new = new(connection, map, scope, (self.looked_to, end)).map_err(|error| fault(error, "count events"))?;
        if new.events > 0 {
            self.events += new.events;
            self.is_distinct &= new.distinct == new.events;
            self.upto = new.last;
        }
        // What was added between the two questions may be counted already.
        self.looked_to = end.max(self.upto);
        Ok(())
    }

    /// The nearest known place at or before a position.
    pub(super) fn locate(&mut self, connection: &Connection, map: &Map, scope: &Scope, position: u64) -> Result<Place> {
        let position = position.min(self.events);
        if position == 0 {
            return Ok(Place { position: 0, resume: Resume::Start });
        }
        if let Some(before) = self.sum(position) {
            return Ok(Place { position, resume: resume(map, scope, before) });
        }
        self.scan(connection, map, scope).map_err(|error| fault(error, "find positions"))?;
        let index = self.milestones.partition_point(|(at, _)| *at <= position);
        Ok(match index.checked_sub(1).and_then(|index| self.milestones.get(index)) {
            Some((at, before)) => Place { position: *at, resume: resume(map, scope, *before) },
            None => Place { position: 0, resume: Resume::Start },
        })
    }

    /// How many events stand at or before a key (or version, in a stream).
    pub(super) fn position_of(&mut self, connection: &Connection, map: &Map, scope: &Scope, at: i64) -> Result<u64> {
        if self.first.is_none_or(|first| at < first) {
            return Ok(0);
        }
        if self.upto.is_some_and(|upto| at >= upto) {
            return Ok(self.events);
        }
        if self.has_no_gaps() {
            return Ok(at.abs_diff(self.first.unwrap_or(at)) + 1);
        }
        self.scan(connection, map, scope).map_err(|error| fault(error, "find positions"))?;
        let index = self.milestones.partition_point(|(_, before)| *before <= at);
        let (base, after) = match index.checked_sub(1).and_then(|index| self.milestones.get(index)) {
            Some((base, before)) => (*base, Some(*before)),
            None => (0, None),
        };
        let (upto, sql_after) = (map.place_is(scope, "<=", ":upto"), map.place_is(scope, ">", ":after"));
        let mut more = vec![upto.as_str()];
        more.extend(after.is_some().then_some(sql_after.as_str()));
        let sql = format!("SELECT count(*) FROM {}{}", map.source_of(scope), map.conditions(scope, &more));
        let mut parameters: Vec<(&str, &dyn ToSql)> = vec![(":upto", &at)];
        if let Some(after) = &after {
            parameters.push((":after", after));
        }
        let counted: i64 = with_scope(map, scope, parameters, |parameters| {
            connection.prepare_cached(&sql)?.query_row(parameters, |row| row.get(0))
        })
        .map_err(|error| fault(error, "find a position"))?;
        Ok(base + u64::try_from(counted).unwrap_or(0))
    }

    fn has_no_gaps(&self) -> bool {
        match (self.first, self.upto) {
            (Some(first), Some(upto)) => self.is_distinct && upto.abs_diff(first).checked_add(1) == Some(self.events),
            _ => false,
        }
    }

    /// The key or version that ends the first `position` events, where that is a sum.
    fn sum(&self, position: u64) -> Option<i64> {
        if !self.has_no_gaps() {
            return None;
        }
        self.first?.checked_add(i64::try_from(position).ok()?.checked_sub(1)?)
    }

    /// Sets milestones up to the end.
    fn scan(&mut self, connection: &Connection, map: &Map, scope: &Scope) -> rusqlite::Result<()> {
        let (mut events, after) = self.scanned;
        if after == self.upto {
            return Ok(());
        }
        let order = map.ordering(scope);
        let sorted = if map.order_of(scope) == Order::Key { map.by_key("") } else { order.to_owned() };
        let (upto, sql_after) = (map.place_is(scope, "<=", ":upto"), map.place_is(scope, ">", ":after"));
        let mut more = vec![upto.as_str()];
        more.extend(after.is_some().then_some(sql_after.as_str()));
        let (from, conditions) = (map.table_along(self.path, scope), map.conditions(scope, &more));
        let sql = format!("SELECT {order} FROM {from}{conditions} ORDER BY {sorted}");
        let mut parameters: Vec<(&str, &dyn ToSql)> = vec![(":upto", &self.upto)];
        if let Some(after) = &after {
            parameters.push((":after", after));
        }
        let milestones = &mut self.milestones;
        let scanned = with_scope(map, scope, parameters, |parameters| {
            let mut statement = connection.prepare_cached(&sql)?;
            let mut rows = statement.query(parameters)?;
            let mut last = after;
            while let Some(row) = rows.next()? {
                let here: Option<i64> = row.get(0)?;
                // Never within events of one version.
                if let Some(before) = last
                    && here != last
                    && events - milestones.last().map_or(0, |(at, _)| *at) >= MILESTONE_EVERY_EVENTS
                {
                    milestones.push((events, before));
                }
                events += 1;
                last = here;
            }
            Ok((events, last))
        })?;
        self.scanned = scanned;
        Ok(())
    }
}

/// The first key of the log.
pub(super) fn first_key(connection: &Connection, map: &Map) -> rusqlite::Result<Option<i64>> {
    first(connection, map, &Scope::Log)
}

/// The first key of the log, or version of a stream.
fn first(connection: &Connection, map: &Map, scope: &Scope) -> rusqlite::Result<Option<i64>> {
    one_end(connection, map, scope, "")
}

/// The last key of the log, or version of a stream.
fn last(connection: &Connection, map: &Map, scope: &Scope) -> rusqlite::Result<Option<i64>> {
    one_end(connection, map, scope, " DESC")
}

fn one_end(connection: &Connection, map: &Map, scope: &Scope, direction: &str) -> rusqlite::Result<Option<i64>> {
    // A category lies anywhere in the log: its own ends would take a scan.
    let whole = if scope.stream().is_none() { &Scope::Log } else { scope };
    let (order, conditions) = (map.ordering(whole), map.conditions(whole, &[]));
    let sorted = match map.order_of(whole) {
        Order::Key => map.by_key(direction),
        Order::Version => format!("{order}{direction}"),
    };
    let sql = format!("SELECT {order} FROM {}{conditions} ORDER BY {sorted} LIMIT 1", map.source_of(whole));
    let end = with_scope(map, whole, Vec::new(), |parameters| {
        connection.prepare_cached(&sql)?.query_row(parameters, |row| row.get(0)).optional()
    })?;
    Ok(end.flatten())
}

/// What a scope holds between two places.
fn new(
    connection: &Connection,
    map: &Map,
    scope: &Scope,
    (after, upto): (Option<i64>, Option<i64>),
) -> rusqlite::Result<New> {
    let order = map.ordering(scope);
    let (sql_after, sql_upto) = (map.place_is(scope, ">", ":after"), map.place_is(scope, "<=", ":upto"));
    // From the start there is no condition: a bare count has its own shortcut. What was added meanwhile is then counted
    // too, so the end is asked for in the same statement.
    let more: &[&str] = if after.is_some() { &[&sql_after, &sql_upto] } else { &[] };
    let (from, conditions) = (map.source_of(scope), map.conditions(scope, more));
    let sql = match scope {
        Scope::Log => {
            format!(
                "SELECT (SELECT count(*) FROM {from}{conditions}), (SELECT max({order}) FROM {from}{conditions}), NULL"
            )
        }
        Scope::Category(_) => format!("SELECT count(*), max({order}), NULL FROM {from}{conditions}"),
        Scope::Stream(_) => format!("SELECT count(*), max({order}), count(DISTINCT {order}) FROM {from}{conditions}"),
    };
    let mut parameters: Vec<(&str, &dyn ToSql)> = Vec::new();
    if let Some(after) = &after {
        parameters.push((":after", after));
        parameters.push((":upto", &upto));
    }
    with_scope(map, scope, parameters, |parameters| {
        connection.prepare_cached(&sql)?.query_row(parameters, |row| {
            let number = |count: i64| u64::try_from(count).unwrap_or(0);
            let events = number(row.get(0)?);
            Ok(New { last: row.get(1)?, events, distinct: row.get::<_, Option<i64>>(2)?.map_or(events, number) })
        })
    })
}

fn resume(map: &Map, scope: &Scope, before: i64) -> Resume {
    match map.order_of(scope) {
        Order::Key => Resume::After(Seq::Number(before)),
        Order::Version => Resume::AfterVersion(before),
    }
}

/// Runs something with the scope's own parameter beside the others.
pub(super) fn with_scope<T>(
    map: &Map,
    scope: &Scope,
    parameters: Vec<(&str, &dyn ToSql)>,
    run: impl FnOnce(&[(&str, &dyn ToSql)]) -> rusqlite::Result<T>,
) -> rusqlite::Result<T> {
    let value = map.parameter(scope);
    let own = value.iter().map(|(name, value)| (*name, value as &dyn ToSql));
    let all: Vec<(&str, &dyn ToSql)> = parameters.into_iter().chain(own).collect();
    run(&all)
}
