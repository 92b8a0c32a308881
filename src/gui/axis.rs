//! The time axis of the strip: positions to time and back, and where its ticks stand.

use std::borrow::Cow;

use crate::event::Time;
use crate::protocol::Density;

/// The strip's axis. Where the log has times it is an axis of time, else one of positions.
#[derive(Clone)]
pub struct Axis<'a> {
    /// All of the time that the scope covers.
    whole: Option<(i64, i64)>,
    /// The part that is shown.
    shown: Option<(i64, i64)>,
    /// Known (position, time) pairs in rising order.
    times: Cow<'a, [(u64, Time)]>,
    events: u64,
}

/// A tick: how far across it stands (0 to 1), and its words.
#[derive(Clone, PartialEq, Debug)]
pub struct Tick {
    /// 0 to 1.
    pub share: f32,
    /// What stands at it.
    pub label: String,
}

impl<'a> Axis<'a> {
    /// The axis of a scope with so many events.
    #[must_use]
    pub fn new(density: Option<&'a Density>, events: u64) -> Self {
        let known = density.and_then(|density| Some((density.first?.0, density.last?.0, density)));
        let known = known.filter(|(first, last, density)| last > first && !density.times.is_empty());
        let whole = known.map(|(first, last, _)| (first, last));
        let times = known.map_or(Cow::Borrowed(&[][..]), |(.., density)| Cow::Borrowed(density.times.as_slice()));
        Self { whole, shown: whole, times, events }
    }

    /// The same, showing a part of the time, of which more may be known.
    #[must_use]
    pub fn zoomed(mut self, span: (Time, Time), part: Option<&Density>) -> Self {
        if self.whole.is_none() || span.1 <= span.0 {
            return self;
        }
        self.shown = Some((span.0.0, span.1.0));
        if let Some((part, (first, last))) =
            part.and_then(|part| Some((part, (part.times.first()?, part.times.last()?))))
        {
            let before = self.times.iter().filter(|(position, time)| *position < first.0 && *time <= first.1);
            let after = self.times.iter().filter(|(position, time)| *position > last.0 && *time >= last.1);
            self.times = Cow::Owned(before.chain(&part.times).chain(after).copied().collect());
        }
        self
    }

    /// The span of time that is shown, where there is one.
    fn span(&self) -> Option<(i64, i64)> {
        self.shown
    }

    /// True where it is an axis of time.
    #[must_use]
    pub fn has_time(&self) -> bool {
        self.span().is_some()
    }

    /// The time at a position, between the known ones.
    #[must_use]
    pub fn time_at(&self, position: u64) -> Option<Time> {
        let (first, last) = self.whole?;
        let times = &self.times;
        let after = times.partition_point(|(known, _)| *known <= position);
        let before = after.checked_sub(1).and_then(|index| times.get(index)).map_or((0, first), |(p, t)| (*p, t.0));
        let after = times.get(after).map_or((self.events.max(before.0), last.max(before.1)), |(p, t)| (*p, t.0));
        Some(Time(between(before, after, position).clamp(first, last.max(first))))
    }

    /// How far across a time stands: 0 to 1 where it is shown; a little outside of that where it is not.
    #[must_use]
    #[expect(clippy::cast_precision_loss, clippy::cast_possible_truncation, reason = "a share of the strip's width")]
    pub fn share_of_time(&self, time: Time) -> Option<f32> {
        let (first, last) = self.span()?;
        let share = (i128::from(time.0) - i128::from(first)) as f64 / (last - first) as f64;
        let (least, most) = if self.shown == self.whole { (0.0, 1.0) } else { (-0.5, 1.5) };
        Some(share.clamp(least, most) as f32)
    }

    /// The time this far across; `None` on an axis of positions.
    #[must_use]
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        reason = "a pointer is as exact as its pixels"
    )]
    pub fn time_at_share(&self, share: f32) -> Option<Time> {
        let (first, last) = self.span()?;
        Some(Time(first + (f64::from(share.clamp(0.0, 1.0)) * (last - first) as f64) as i64))
    }

    /// The share of a time between two ends, for what has a span of its own.
    #[must_use]
    pub fn places(&self, span: Option<(Time, Time)>, count: usize) -> Vec<f32> {
        let ends = span.map(|(first, last)| (first.0, last.0)).or(self.whole);
        let count = i64::try_from(count.max(1)).unwrap_or(1);
        (0..=count)
            .map(|index| match (ends, self.shown) {
                (Some((first, last)), Some(_)) => {
                    let at = i128::from(first)
                        + (i128::from(last) - i128::from(first)) * i128::from(index) / i128::from(count);
                    self.raw_share(i64::try_from(at).unwrap_or(last))
                }
                #[expect(clippy::cast_precision_loss, reason = "some hundred buckets")]
                _ => index as f32 / count as f32,
            })
            .collect()
    }

    #[expect(clippy::cast_precision_loss, clippy::cast_possible_truncation, reason = "a share of the strip's width")]
    fn raw_share(&self, time: i64) -> f32 {
        let Some((first, last)) = self.shown else { return 0.0 };
        ((i128::from(time) - i128::from(first)) as f64 / (last - first).max(1) as f64) as f32
    }

    /// How far across a position stands, 0 to 1. `exact` is the time of the event there, where it is known.
    #[must_use]
    #[expect(clippy::cast_precision_loss, clippy::cast_possible_truncation, reason = "a share of the strip's width")]
    pub fn share_of(&self, position: u64, exact: Option<Time>) -> f32 {
        if position == 0 && self.shown == self.whole {
            return 0.0;
        }
        let time = exact.or_else(|| self.time_at(position));
        if let Some(share) = time.and_then(|time| self.share_of_time(time)) {
            return share;
        }
        if self.events == 0 { 0.0 } else { (position as f64 / self.events as f64).min(1.0) as f32 }
    }

    /// The position this far across, 0 to 1.
    #[must_use]
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a pointer cannot be more exact than its pixels"
    )]
    pub fn position_at(&self, share: f32) -> u64 {
        let share = f64::from(share.clamp(0.0, 1.0));
        let Some((first, last)) = self.span() else { return (share * self.events as f64).round() as u64 };
        if share >= 1.0 && self.shown == self.whole {
            return self.events;
        }
        let time = first + (share * (last - first) as f64) as i64;
        let (whole_first, whole_last) = self.whole.unwrap_or((first, last));
        let times = &self.times;
        let after = times.partition_point(|(_, known)| known.0 <= time);
        let before = after.checked_sub(1).and_then(|index| times.get(index));
        let before = before.map_or((whole_first, 0), |(p, t)| (t.0, *p));
        let after = times.get(after);
        let after = after.map_or((whole_last.max(before.0), self.events.max(before.1)), |(p, t)| (t.0, *p));
        if after.0 <= before.0 {
            return before.1;
        }
        let part = (time - before.0) as f64 / (after.0 - before.0) as f64;
        before.1 + (part * (after.1 - before.1) as f64).round() as u64
    }

    /// Ticks at round times, or at round positions, at most `most` of them.
    #[must_use]
    pub fn ticks(&self, most: usize) -> Vec<Tick> {
        match self.span() {
            Some((first, last)) => time_ticks(first, last, most),
            None => position_ticks(self.events, most),
        }
    }
}

/// The time at `position` on the line between two known (position, time) pairs.
#[expect(clippy::cast_precision_loss, clippy::cast_possible_truncation, reason = "an estimate between two known times")]
fn between(before: (u64, i64), after: (u64, i64), position: u64) -> i64 {
    if after.0 <= before.0 {
        return before.1;
    }
    let part = (position.saturating_sub(before.0)) as f64 / (after.0 - before.0) as f64;
    before.1 + (part.min(1.0) * (after.1 - before.1) as f64) as i64
}

const SECOND: i64 = 1_000_000;
const MINUTE: i64 = 60 * SECOND;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;
/// Round spans of time shorter than a month.
const STEPS: [i64; 22] = [
    SECOND / 1_000,
    SECOND / 200,
    SECOND / 100,
    SECOND / 20,
    SECOND / 10,
    SECOND / 2,
    SECOND,
    5 * SECOND,
    15 * SECOND,
    30 * SECOND,
    MINUTE,
    5 * MINUTE,
    15 * MINUTE,
    30 * MINUTE,
    HOUR,
    3 * HOUR,
    6 * HOUR,
    12 * HOUR,
    DAY,
    2 * DAY,
    7 * DAY,
    14 * DAY,
];
/// Round spans of months.
const MONTHS: [i32; 8] = [1, 3, 6, 12, 24, 60, 120, 600];

/// Ticks at round times between two instants in microseconds, at most `most` of them.
#[must_use]
pub fn time_ticks(first: i64, last: i64, most: usize) -> Vec<Tick> {
    // Round times are those of the zone that is shown.
    let offset = super::words::offset_us(Time(first));
    let (first, last) = (first.saturating_add(offset), last.saturating_add(offset));
    let most = i64::try_from(most.max(1)).unwrap_or(1);
    let span = last - first;
    if let Some(step) = STEPS.into_iter().find(|step| span / step < most && (*step >= SECOND || span < 2 * SECOND)) {
        let pattern = match step {
            ..SECOND => "%H:%M:%S%.3f",
            SECOND..MINUTE => "%H:%M:%S",
            MINUTE..DAY => "%H:%M",
            _ => "%-d %b",
        };
        let start = first.div_euclid(step) + i64::from(first.rem_euclid(step) > 0);
        let ticks = (start..=last.div_euclid(step)).map(|index| Time(index * step));
        return ticks.map(|time| tick(first, last, time, pattern)).collect();
    }
    let step = MONTHS.into_iter().find(|step| span / (i64::from(*step) * 30 * DAY) < most).unwrap_or(600);
    let mut ticks = Vec::new();
    let start = Time(first);
    let number = |pattern: &str| start.format(pattern).parse::<i32>().unwrap_or(1);
    let mut month = number("%Y") * 12 + number("%-m") - 1;
    while ticks.len() < 1_000 {
        let (year, of_year) = (month.div_euclid(12), month.rem_euclid(12) + 1);
        let Some(time) = Time::parse(&format!("{year:04}-{of_year:02}-01")) else { break };
        if time.0 > last {
            break;
        }
        if time.0 >= first && month.rem_euclid(step) == 0 {
            ticks.push(tick(first, last, time, if of_year == 1 { "%Y" } else { "%b" }));
        }
        month += 1;
    }
    ticks
}

#[expect(clippy::cast_precision_loss, clippy::cast_possible_truncation, reason = "a share of the strip's width")]
fn tick(first: i64, last: i64, time: Time, pattern: &str) -> Tick {
    Tick { share: ((time.0 - first) as f64 / (last - first) as f64) as f32, label: time.format(pattern) }
}

#[expect(clippy::cast_precision_loss, clippy::cast_possible_truncation, reason = "a share of the strip's width")]
fn position_ticks(events: u64, most: usize) -> Vec<Tick> {
    let most = most.max(1) as u64;
    let mut step = 1_u64;
    let mut factors = [2, 5, 10].into_iter().cycle();
    let mut power = 1_u64;
    while events / step > most {
        let factor = factors.next().unwrap_or(10);
        step = power.saturating_mul(factor);
        if factor == 10 {
            power = step;
        }
        if step > u64::MAX / 10 {
            break;
        }
    }
    let label = |position: u64| super::words::thousands(position);
    (0..=events / step)
        .map(|index| Tick { share: ((index * step) as f64 / events.max(1) as f64) as f32, label: label(index * step) })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn density(times: &[(u64, &str)]) -> Density {
        let times: Vec<(u64, Time)> = times.iter().map(|(p, t)| (*p, Time::parse(t).unwrap())).collect();
        Density {
            first: times.first().map(|(_, t)| *t),
            last: times.last().map(|(_, t)| *t),
            times,
            ..Density::default()
        }
    }

    #[test]
    fn positions_and_shares_answer_each_other() {
        let density = density(&[(0, "2026-02-01"), (900, "2026-03-01"), (1_000, "2026-10-20")]);
        let axis = Axis::new(Some(&density), 1_000);
        for position in [0, 1, 450, 899, 950, 1_000] {
            let back = axis.position_at(axis.share_of(position, None));
            assert!(back.abs_diff(position) <= 1, "{position} {back}");
        }
        assert_eq!((axis.position_at(0.0), axis.position_at(1.0)), (0, 1_000));
    }

    #[test]
    fn a_log_without_times_has_an_axis_of_positions() {
        let axis = Axis::new(None, 40_000);
        assert!(!axis.has_time());
        assert_eq!((axis.position_at(0.5), axis.share_of(10_000, None)), (20_000, 0.25));
        let labels: Vec<String> = axis.ticks(5).into_iter().map(|tick| tick.label).collect();
        assert_eq!(labels, ["0", "10,000", "20,000", "30,000", "40,000"]);
        assert_eq!((Axis::new(None, 0).position_at(0.7), Axis::new(None, 0).ticks(5).len()), (0, 1));
    }

    #[test]
    fn ticks_stand_at_round_times() {
        let labels = |from: &str, to: &str| {
            let density = density(&[(0, from), (10, to)]);
            Axis::new(Some(&density), 10).ticks(9).into_iter().map(|tick| tick.label).collect::<Vec<_>>()
        };
        assert_eq!(labels("2025-12-20", "2026-05-02"), ["2026", "Feb", "Mar", "Apr", "May"]);
        assert_eq!(
            labels("2026-07-19T10:02:00Z", "2026-07-19T10:31:00Z"),
            ["10:05", "10:10", "10:15", "10:20", "10:25", "10:30"]
        );
        assert_eq!(
            labels("2026-07-19T10:00:00Z", "2026-07-19T10:00:03Z"),
            ["10:00:00", "10:00:01", "10:00:02", "10:00:03"]
        );
        assert_eq!(labels("2026-07-19T10:00:00.01Z", "2026-07-19T10:00:00.02Z").len(), 3);
        assert!(labels("1900-01-01", "2100-01-01").len() <= 9);
    }

    #[test]
    fn events_that_arrive_after_the_density_was_made_stand_at_its_end() {
        let density = density(&[(0, "2026-02-01"), (100, "2026-03-01")]);
        let axis = Axis::new(Some(&density), 150);
        assert!((axis.share_of(150, None) - 1.0).abs() < 1e-6);
        assert_eq!(axis.position_at(1.0), 150);
    }
}
