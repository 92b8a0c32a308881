//! How many events a scope holds, and where its positions are, by counting: for logs whose keys may have gaps.
//!
//! What was counted is kept and extended from where it ended. Where a key has no gaps, a position is a sum; else a
//! milestone stands every so many events, found by one scan of the keys alone.

use rusqlite::{Connection, OptionalExtension, ToSql};

use super::fault::fault;
use super::layouts::Map;
use super::pages::{Order, Path, order_of};
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
    /// The lowest key or version.
    first: Option<i64>,
    /// The highest one that is counted.
    upto: Option<i64>,
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
        if self.upto.is_some() && first != self.first {
            *self = Self::default();
        }
        if self.upto.is_none() {
            self.is_distinct = true;
            self.first = first;
        }
        self.extend_from_known(connection, map, scope)
    }

    /// What was counted elsewhere: the events of a category, all of them from `first` to `upto`.
    pub(super) fn known(events: u64, first: Option<i64>, upto: Option<i64>) -> Self {
        Self { events, first, upto, is_distinct: true, ..Self::default() }
    }

    /// Counts what is new, where the first event cannot have changed.
    pub(super) fn extend_from_known(&mut self, connection: &Connection, map: &Map, scope: &Scope) -> Result<()> {
        let new = new(connection, map, scope, self.upto).map_err(|error| fault(error, "count events"))?;
        if new.events > 0 {
            self.events += new.events;
            self.is_distinct &= new.distinct == new.events;
            self.upto = new.last;
        }
        Ok(())
    }

    /// The nearest known place at or before a position.
    pub(super) fn locate(&mut self, connection: &Connection, map: &Map, scope: &Scope, position: u64) -> Result<Place> {
        let position = position.min(self.events);
        if position == 0 {
            return Ok(Place { position: 0, resume: Resume::Start });
        }
        if let Some(before) = self.sum(position) {
            return Ok(Place { position, resume: resume(scope, before) });
        }
        self.scan(connection, map, scope).map_err(|error| fault(error, "find positions"))?;
        let index = self.milestones.partition_point(|(at, _)| *at <= position);
        Ok(match index.checked_sub(1).and_then(|index| self.milestones.get(index)) {
            Some((at, before)) => Place { position: *at, resume: resume(scope, *before) },
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
        let order = ordering(map, scope);
        let upto = format!("{order} <= :upto");
        let sql_after = format!("{order} > :after");
        let mut more = vec![upto.as_str()];
        more.extend(after.is_some().then_some(sql_after.as_str()));
        let sql = format!("SELECT count(*) FROM {}{}", map.from, map.conditions(scope, &more));
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
        let order = ordering(map, scope);
        let (upto, sql_after) = (format!("{order} <= :upto"), format!("{order} > :after"));
        let mut more = vec![upto.as_str()];
        more.extend(after.is_some().then_some(sql_after.as_str()));
        let (from, conditions) = (map.from_along(self.path), map.conditions(scope, &more));
        let sql = format!("SELECT {order} FROM {from}{conditions} ORDER BY {order}");
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

/// The first key or version of a scope.
fn first(connection: &Connection, map: &Map, scope: &Scope) -> rusqlite::Result<Option<i64>> {
    let order = ordering(map, scope);
    let sql = format!("SELECT {order} FROM {}{} ORDER BY {order} LIMIT 1", map.from, map.conditions(scope, &[]));
    let first = with_scope(map, scope, Vec::new(), |parameters| {
        connection.prepare_cached(&sql)?.query_row(parameters, |row| row.get(0)).optional()
    })?;
    Ok(first.flatten())
}

/// What a scope holds after a place.
fn new(connection: &Connection, map: &Map, scope: &Scope, after: Option<i64>) -> rusqlite::Result<New> {
    let order = ordering(map, scope);
    let sql_after = format!("{order} > :after");
    let more: &[&str] = if after.is_some() { &[sql_after.as_str()] } else { &[] };
    let conditions = map.conditions(scope, more);
    let from = &map.from;
    let mut sql = format!("SELECT count(*), max({order}), count(DISTINCT {order}) FROM {from}{conditions}");
    if order_of(scope) == Order::Key {
        // A key stands once. Two questions: a bare count and an index's end each have their own shortcut.
        sql = format!(
            "SELECT (SELECT count(*) FROM {from}{conditions}), (SELECT max({order}) FROM {from}{conditions}), NULL"
        );
    }
    let parameters: Vec<(&str, &dyn ToSql)> = after.iter().map(|after| (":after", after as &dyn ToSql)).collect();
    with_scope(map, scope, parameters, |parameters| {
        connection.prepare_cached(&sql)?.query_row(parameters, |row| {
            let number = |count: i64| u64::try_from(count).unwrap_or(0);
            let events = number(row.get(0)?);
            Ok(New { last: row.get(1)?, events, distinct: row.get::<_, Option<i64>>(2)?.map_or(events, number) })
        })
    })
}

fn ordering<'a>(map: &'a Map, scope: &Scope) -> &'a str {
    match order_of(scope) {
        Order::Key => &map.key,
        Order::Version => &map.version,
    }
}

fn resume(scope: &Scope, before: i64) -> Resume {
    match order_of(scope) {
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
