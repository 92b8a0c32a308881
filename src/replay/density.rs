//! Events over time by type: what the time strip draws.
//!
//! A short scope is read whole. A long one is sampled at evenly spaced positions: the time between two samples says how
//! dense the events between them are, and the types of a few events at each say of what types. That takes some hundred
//! page reads, whatever the length; `exact` says which it was.

use std::collections::HashMap;
use std::sync::Arc;

use crate::error::{Error, Result};
use crate::event::{EventBatch, Scope, Time};
use crate::limits::{DENSITY_BUCKETS, DENSITY_READ_WHOLE_EVENTS, DENSITY_SAMPLES, PAGE_EVENTS_MAX};
use crate::log::At;
use crate::payload::Decoder;
use crate::store::EventLog;

/// Types that are drawn by name; the others are one.
const TYPES_NAMED: usize = 4;
/// Events whose type is read at each sample.
const EVENTS_A_SAMPLE: u32 = 8;

/// Buckets over a span of time, each with its events by type.
#[derive(Clone, Debug, Default)]
pub struct Density {
    /// The start of the first bucket.
    pub first: Option<Time>,
    /// The end of the last bucket.
    pub last: Option<Time>,
    /// The most frequent types, at most four; the last entry of each bucket counts all others.
    pub types: Vec<Arc<str>>,
    /// For each bucket: events of each of `types`, then of all others.
    pub buckets: Vec<Vec<f32>>,
    /// Known (position, time) pairs in rising order, at most some hundred: they map the cursor to time and back.
    pub times: Vec<(u64, Time)>,
    /// False where the counts are estimated from samples.
    pub exact: bool,
    /// All types of the scope with their counts, the most frequent first; estimated as `exact` says.
    pub by_type: Vec<(Arc<str>, u64)>,
}

impl Density {
    /// The time at a position, between the known ones by straight lines; `None` where no time is known.
    #[must_use]
    pub fn time_at(&self, position: u64) -> Option<Time> {
        let after = self.times.partition_point(|(known, _)| *known < position);
        match (after.checked_sub(1).and_then(|before| self.times.get(before)), self.times.get(after)) {
            (Some(before), Some(after)) => Some(between(*before, *after, position)),
            (Some((_, time)), None) | (None, Some((_, time))) => Some(*time),
            (None, None) => None,
        }
    }

    /// The position at a time: how many events stand at or before it, as far as the known ones tell.
    #[must_use]
    pub fn position_at(&self, time: Time) -> Option<u64> {
        let after = self.times.partition_point(|(_, known)| *known <= time);
        match (after.checked_sub(1).and_then(|before| self.times.get(before)), self.times.get(after)) {
            (Some((from, start)), Some((to, end))) => {
                let span = i128::from(end.0) - i128::from(start.0);
                let part = i128::from(time.0) - i128::from(start.0);
                let positions = i128::from(to - from) * part / span.max(1);
                Some(from + u64::try_from(positions).unwrap_or(0))
            }
            (Some((position, _)), None) => Some(*position),
            (None, Some((position, _))) => Some(position.saturating_sub(1)),
            (None, None) => None,
        }
    }
}

fn between(before: (u64, Time), after: (u64, Time), position: u64) -> Time {
    let span = i128::from(after.0 - before.0).max(1);
    let part = i128::from(position - before.0);
    let time = i128::from(before.1.0) + (i128::from(after.1.0) - i128::from(before.1.0)) * part / span;
    Time(i64::try_from(time).unwrap_or(before.1.0))
}

/// An event of the sample: how many events it stands for, its time and its type.
struct Sampled {
    position: u64,
    time: Option<Time>,
    event_type: Arc<str>,
    weight: f32,
}

/// The density of a scope over its time, or over a part of it.
///
/// # Errors
/// `Stopped` where `stop` said so; else as the log.
pub fn density(
    log: &mut dyn EventLog,
    scope: &Scope,
    span: Option<(Time, Time)>,
    stop: &dyn Fn() -> bool,
) -> Result<Density> {
    let (start, end) = match span {
        None => (0, log.extent(scope)?),
        Some((first, last)) => {
            let before = log.position_of(scope, &At::Time(Time(first.0.saturating_sub(1))))?;
            (before, log.position_of(scope, &At::Time(last))?.max(before))
        }
    };
    let events = end - start;
    let mut names: HashMap<String, Arc<str>> = HashMap::new();
    let exact = events <= DENSITY_READ_WHOLE_EVENTS;
    let sampled = if exact {
        read(log, scope, start, events, 1.0, &mut names, stop)?
    } else {
        let mut sampled = Vec::new();
        #[expect(clippy::cast_precision_loss, reason = "a weight of an estimate")]
        let weight = events as f32 / (DENSITY_SAMPLES as f32 * EVENTS_A_SAMPLE as f32);
        for index in 0..DENSITY_SAMPLES {
            let last = index + 1 == DENSITY_SAMPLES;
            let count = u64::from(EVENTS_A_SAMPLE);
            let at = start + if last { events - count } else { events / DENSITY_SAMPLES * index };
            sampled.extend(read(log, scope, at, count, weight, &mut names, stop)?);
        }
        sampled
    };
    Ok(summarise(&sampled, exact, span))
}

/// Reads the events from `first` on.
fn read(
    log: &mut dyn EventLog,
    scope: &Scope,
    first: u64,
    count: u64,
    weight: f32,
    names: &mut HashMap<String, Arc<str>>,
    stop: &dyn Fn() -> bool,
) -> Result<Vec<Sampled>> {
    let decoder = log.decoder();
    let mut found = Vec::new();
    let mut batch = EventBatch::new();
    let place = log.locate(scope, first)?;
    let (mut position, mut resume) = (place.position, place.resume);
    while position < first + count {
        if stop() {
            return Err(Error::Stopped);
        }
        let limit = u32::try_from(first + count - position).unwrap_or(u32::MAX).min(PAGE_EVENTS_MAX);
        let page = log.read(scope, &resume, limit, &mut batch)?;
        for raw in batch.iter() {
            if position >= first {
                let name = match names.get(raw.event_type) {
                    Some(name) => Arc::clone(name),
                    None => Arc::clone(names.entry(raw.event_type.to_owned()).or_insert_with(|| raw.event_type.into())),
                };
                let time = raw.time.or_else(|| time_in_payload(&decoder, &raw));
                found.push(Sampled { position: position + 1, time, event_type: name, weight });
            }
            position += 1;
        }
        if page.at_end || batch.is_empty() {
            break;
        }
        resume = page.next;
    }
    Ok(found)
}

fn time_in_payload(decoder: &Decoder, raw: &crate::event::RawEvent<'_>) -> Option<Time> {
    decoder.event(raw).ok().and_then(|event| event.time)
}

fn summarise(sampled: &[Sampled], exact: bool, span: Option<(Time, Time)>) -> Density {
    let mut counts: HashMap<&Arc<str>, f64> = HashMap::new();
    for event in sampled {
        *counts.entry(&event.event_type).or_default() += f64::from(event.weight);
    }
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a count, rounded")]
    let mut by_type: Vec<(Arc<str>, u64)> =
        counts.into_iter().map(|(name, count)| (Arc::clone(name), count.round() as u64)).collect();
    by_type.sort_by(|(name, count), (other, others)| others.cmp(count).then_with(|| name.cmp(other)));
    let types: Vec<Arc<str>> = by_type.iter().take(TYPES_NAMED).map(|(name, _)| Arc::clone(name)).collect();

    // A clock that went backwards must not fold the axis: times only rise.
    let mut times: Vec<(u64, Time)> = Vec::new();
    for event in sampled {
        if let Some(time) = event.time {
            let time = times.last().map_or(time, |(_, last)| time.max(*last));
            times.push((event.position, time));
        }
    }
    let ends = times.first().zip(times.last()).map(|((_, first), (_, last))| (*first, *last));
    let Some((first, last)) = span.or(ends) else {
        return Density { types, exact, by_type, ..Density::default() };
    };
    let buckets = fill(sampled, &times, &types, first, last, exact);
    let step = (times.len() / 512).max(1);
    let newest = times.last().copied();
    let mut times: Vec<(u64, Time)> = times.into_iter().step_by(step).collect();
    if times.last() != newest.as_ref() {
        times.extend(newest);
    }
    Density { first: Some(first), last: Some(last), types, buckets, times, exact, by_type }
}

/// Counts into buckets. A sample stands for the events up to the next one: they are spread evenly over the time between.
fn fill(
    sampled: &[Sampled],
    times: &[(u64, Time)],
    types: &[Arc<str>],
    first: Time,
    last: Time,
    exact: bool,
) -> Vec<Vec<f32>> {
    let mut buckets = vec![vec![0.0; types.len() + 1]; DENSITY_BUCKETS];
    let span = (i128::from(last.0) - i128::from(first.0)).max(1);
    // Where a time lies on the axis, in buckets.
    #[expect(clippy::cast_precision_loss, reason = "a place among a few hundred buckets")]
    let place = |time: Time| {
        let part = (i128::from(time.0) - i128::from(first.0)) as f64 / span as f64;
        (part * DENSITY_BUCKETS as f64).max(0.0).min(DENSITY_BUCKETS as f64 - 1e-6)
    };
    let slot_of = |name: &Arc<str>| types.iter().position(|known| known == name).unwrap_or(types.len());
    let mut timed = times.iter().map(|(_, time)| *time);
    let mut last_time = first;
    let group_events = if exact { 1 } else { EVENTS_A_SAMPLE as usize };
    for group in sampled.chunks(group_events) {
        let start = last_time;
        for event in group {
            if event.time.is_some()
                && let Some(time) = timed.next()
            {
                last_time = time;
            }
        }
        // What a sample stands for lies evenly between the sample before and this one; an event lies at its time.
        let to = place(last_time);
        let from = if exact { to } else { place(start) };
        for (bucket, share) in shares(from, to) {
            for event in group {
                buckets[bucket][slot_of(&event.event_type)] += event.weight * share;
            }
        }
    }
    buckets
}

/// The buckets that an interval covers, each with its part of it.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a place among a few hundred buckets")]
fn shares(from: f64, to: f64) -> impl Iterator<Item = (usize, f32)> {
    let (first, last) = (from as usize, to as usize);
    (first..=last.max(first)).map(move |bucket| {
        #[expect(clippy::cast_precision_loss, reason = "a few hundred buckets")]
        let (start, end) = (bucket as f64, bucket as f64 + 1.0);
        let covered = (to.min(end) - from.max(start)).max(0.0);
        let share = if to > from { covered / (to - from) } else { 1.0 };
        (bucket.min(DENSITY_BUCKETS - 1), share as f32)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sampled(position: u64, time: i64, event_type: &str) -> Sampled {
        Sampled { position, time: Some(Time(time)), event_type: event_type.into(), weight: 1.0 }
    }

    #[test]
    fn every_event_is_in_one_bucket() {
        let events: Vec<Sampled> = (0..1_000_u32)
            .map(|n| sampled(u64::from(n) + 1, i64::from(n) * i64::from(n), if n % 3 == 0 { "A" } else { "B" }))
            .collect();
        let density = summarise(&events, true, None);
        let total: f32 = density.buckets.iter().flatten().sum();
        assert!((total - 1_000.0).abs() < 0.5, "{total}");
        assert_eq!(density.by_type, [("B".into(), 666), ("A".into(), 334)]);
        assert_eq!((density.first, density.last), (Some(Time(0)), Some(Time(999 * 999))));
    }

    #[test]
    fn samples_of_an_even_log_give_an_even_strip() {
        let events: Vec<Sampled> = (0..DENSITY_SAMPLES)
            .flat_map(|index| (0..u64::from(EVENTS_A_SAMPLE)).map(move |n| index * 10_000 + n))
            .map(|n| sampled(n + 1, i64::try_from(n).unwrap() * 500, "A"))
            .collect();
        let density = summarise(&events, false, None);
        let totals: Vec<f32> = density.buckets.iter().map(|bucket| bucket.iter().sum()).collect();
        let even = totals.iter().sum::<f32>() / 480.0;
        assert_eq!(totals.len(), 480);
        // The first sample stands at the start and has no room before it.
        assert!(totals[1..].iter().all(|total| (total - even).abs() < even * 0.05), "{totals:?}");
    }

    #[test]
    fn position_and_time_lead_to_each_other() {
        let events: Vec<Sampled> =
            (0..5_000_u32).map(|n| sampled(u64::from(n) + 1, i64::from(n) * 1_000, "A")).collect();
        let density = summarise(&events, true, None);
        for position in [1, 77, 2_500, 4_999, 5_000] {
            let time = density.time_at(position).unwrap();
            assert!(density.position_at(time).unwrap().abs_diff(position) <= 1, "{position}");
        }
        assert_eq!(density.position_at(Time(-5)), Some(0));
        assert_eq!(density.position_at(Time(i64::MAX)), Some(5_000));
    }

    #[test]
    fn a_log_without_times_still_has_types() {
        let density =
            summarise(&[Sampled { position: 1, time: None, event_type: "A".into(), weight: 1.0 }], true, None);
        assert_eq!((density.by_type.len(), density.buckets.len(), density.time_at(1)), (1, 0, None));
    }
}
