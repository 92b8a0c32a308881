//! When things happen: by day more than by night, on workdays more than at weekends, more from month to month.

use crate::event::Time;

const HOUR_US: i64 = 3_600_000_000;
/// How busy each hour of a day is.
const DAY: [u64; 24] = [2, 1, 1, 1, 1, 2, 6, 14, 22, 26, 28, 32, 38, 34, 28, 27, 30, 36, 40, 34, 26, 18, 10, 5];

/// Spreads a number of events over a span of time.
pub(super) struct Clock {
    start: Time,
    end: Time,
    events: u64,
    /// The weight of all hours up to and with this one.
    weights: Vec<u64>,
}

impl Clock {
    pub(super) fn new(end: Time, events: u64, days: i64) -> Self {
        let hours = days * 24;
        let start = Time(end.0 - hours * HOUR_US);
        let mut sum = 0;
        let weights = (0..hours)
            .map(|hour| {
                let hours_since_1970 = (start.0 + hour * HOUR_US).div_euclid(HOUR_US);
                let of_day = usize::try_from(hours_since_1970.rem_euclid(24)).unwrap_or_default();
                // 1970-01-01 was a Thursday; 0 is Sunday here.
                let of_week = (hours_since_1970.div_euclid(24) + 4).rem_euclid(7);
                let weekend = if of_week == 0 || of_week == 6 { 60 } else { 100 };
                let growth = 100 + 150 * u64::try_from(hour).unwrap_or_default() / hours.unsigned_abs().max(1);
                sum += DAY.get(of_day).copied().unwrap_or_default() * weekend * growth;
                sum
            })
            .collect();
        Self { start, end, events, weights }
    }

    /// When the event with this index (from 0) happens; the end, for all after the last.
    pub(super) fn time_of(&self, index: u64) -> Time {
        let total = self.weights.last().copied().unwrap_or_default();
        let target = u128::from(total) * u128::from(index.min(self.events)) / u128::from(self.events.max(1));
        let target = u64::try_from(target).unwrap_or_default();
        let hour = self.weights.partition_point(|weight| *weight <= target);
        let before = hour.checked_sub(1).and_then(|hour| self.weights.get(hour)).copied().unwrap_or_default();
        let Some(through) = self.weights.get(hour) else { return self.end };
        let part =
            u128::from(target - before) * u128::from(HOUR_US.unsigned_abs()) / u128::from((through - before).max(1));
        let hours = i64::try_from(hour).unwrap_or_default() * HOUR_US;
        Time(self.start.0 + hours + i64::try_from(part).unwrap_or_default())
    }

    pub(super) fn start(&self) -> Time {
        self.start
    }

    pub(super) fn end(&self) -> Time {
        self.end
    }
}
