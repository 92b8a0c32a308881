//! The live plot's samples. Pausing keeps the picture still while collecting goes on.
//!
//! The newest hour is kept as it was sampled, the newest day in steps of ten seconds.

use std::collections::VecDeque;
use std::sync::Arc;

use crate::event::StreamId;
use crate::limits::{LIVE_NAMES_MAX, LIVE_STEP_MS, LIVE_STEPS_MAX, SAMPLES_MAX};
use crate::protocol::Sample;

/// How much time the plots cover.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum LiveWindow {
    /// One minute.
    Minute,
    /// Two and a half minutes: a sample a point.
    #[default]
    Short,
    /// A quarter of an hour.
    Quarter,
    /// One hour.
    Hour,
    /// One day.
    Day,
    /// The history of the whole log, by the times of its events.
    History,
}

impl LiveWindow {
    /// All of them, the shortest first.
    pub const ALL: [Self; 6] = [Self::Minute, Self::Short, Self::Quarter, Self::Hour, Self::Day, Self::History];

    /// How it is called on screen.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Minute => "1 min",
            Self::Short => "2.5 min",
            Self::Quarter => "15 min",
            Self::Hour => "1 h",
            Self::Day => "24 h",
            Self::History => "All",
        }
    }

    /// Its length in milliseconds; `None` for the history, which is as long as it is.
    #[must_use]
    pub fn span_ms(self) -> Option<i64> {
        match self {
            Self::Minute => Some(60_000),
            Self::Short => Some(150_000),
            Self::Quarter => Some(900_000),
            Self::Hour => Some(3_600_000),
            Self::Day => Some(86_400_000),
            Self::History => None,
        }
    }

    /// The next longer one, or the next shorter one.
    #[must_use]
    pub fn next(self, longer: bool) -> Self {
        let index = Self::ALL.iter().position(|window| *window == self).unwrap_or(0);
        let index = if longer { (index + 1).min(Self::ALL.len() - 1) } else { index.saturating_sub(1) };
        Self::ALL[index]
    }
}

/// One moment of the live throughput: a sample, or several as one.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Moment {
    /// When it ended: milliseconds since 1970.
    pub at_ms: i64,
    /// How long it was.
    pub span_ms: u64,
    /// Events.
    pub events: u64,
    /// Bytes of payloads and metadata.
    pub bytes: u64,
    /// Events a second in its quietest sample.
    pub low: f64,
    /// Events a second in its busiest sample.
    pub peak: f64,
    /// Events by type, at most [`LIVE_NAMES_MAX`] types by name.
    pub by_type: Vec<(Arc<str>, u64)>,
    /// Events and bytes by stream, at most [`LIVE_NAMES_MAX`] streams.
    pub by_stream: Vec<(StreamId, u64, u64)>,
    /// Commits that Eventscope made: how many, the mean of p50 and the highest p99 in microseconds.
    pub commits: Option<(u64, u64, u64)>,
    /// The longest lag behind the writer, in milliseconds.
    pub lag_ms: Option<i64>,
}

impl Moment {
    /// The moment of one sample.
    #[must_use]
    pub fn of(sample: &Sample) -> Self {
        let rate = per_second(sample.events, sample.span_ms);
        Self {
            at_ms: sample.at_ms,
            span_ms: sample.span_ms,
            events: sample.events,
            bytes: sample.bytes,
            low: rate,
            peak: rate,
            by_type: sample.by_type.clone(),
            by_stream: sample.by_stream.clone(),
            commits: sample.commits,
            lag_ms: sample.lag_ms,
        }
    }

    /// Events a second over the whole moment.
    #[must_use]
    pub fn rate(&self) -> f64 {
        per_second(self.events, self.span_ms)
    }

    /// Bytes a second over the whole moment.
    #[must_use]
    pub fn bytes_rate(&self) -> f64 {
        per_second(self.bytes, self.span_ms)
    }

    /// Events in one commit, where commits are known.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "a mean of counts")]
    pub fn batch(&self) -> Option<f64> {
        self.commits.filter(|(count, ..)| *count > 0).map(|(count, ..)| self.events as f64 / count as f64)
    }

    /// Takes a later sample in.
    pub fn add(&mut self, sample: &Sample) {
        let rate = per_second(sample.events, sample.span_ms);
        if self.span_ms == 0 {
            *self = Self::of(sample);
            return;
        }
        self.at_ms = sample.at_ms;
        self.span_ms += sample.span_ms;
        self.events += sample.events;
        self.bytes += sample.bytes;
        self.low = self.low.min(rate);
        self.peak = self.peak.max(rate);
        for (name, count) in &sample.by_type {
            add_to(
                &mut self.by_type,
                |(known, _)| known == name,
                |entry| entry.1 += count,
                || (Arc::clone(name), *count),
            );
        }
        for (stream, events, bytes) in &sample.by_stream {
            add_to(
                &mut self.by_stream,
                |(known, ..)| known == stream,
                |entry| {
                    entry.1 += events;
                    entry.2 += bytes;
                },
                || (stream.clone(), *events, *bytes),
            );
        }
        self.commits = match (self.commits, sample.commits) {
            (Some((count, p50, p99)), Some((more, other, worst))) => {
                let all = count + more;
                let mean = (p50 * count + other * more).checked_div(all).unwrap_or(p50);
                Some((all, mean, p99.max(worst)))
            }
            (known, None) | (None, known) => known,
        };
        self.lag_ms = self.lag_ms.max(sample.lag_ms);
    }
}

/// Adds to the entry that is meant, or makes it while there is room.
fn add_to<T>(list: &mut Vec<T>, is: impl Fn(&T) -> bool, add: impl FnOnce(&mut T), fresh: impl FnOnce() -> T) {
    if let Some(entry) = list.iter_mut().find(|entry| is(entry)) {
        add(entry);
    } else if list.len() < LIVE_NAMES_MAX {
        list.push(fresh());
    }
}

#[expect(clippy::cast_precision_loss, reason = "rates of one sample")]
fn per_second(value: u64, span_ms: u64) -> f64 {
    if span_ms == 0 { 0.0 } else { value as f64 * 1_000.0 / span_ms as f64 }
}

/// The samples of the live throughput.
#[derive(Clone, Debug, Default)]
pub struct LivePane {
    /// How much time the throughput view covers.
    pub window: LiveWindow,
    /// True where the plots are shown as a table.
    pub table: bool,
    samples: VecDeque<Sample>,
    steps: VecDeque<Moment>,
    paused_at: Option<usize>,
    missed: u64,
    revision: u64,
}

impl LivePane {
    /// The samples to draw, oldest first: all until the pause, where there is one.
    #[must_use]
    pub fn shown(&self) -> impl ExactSizeIterator<Item = &Sample> {
        self.samples.range(..self.paused_at.unwrap_or(self.samples.len()).min(self.samples.len()))
    }

    /// Goes up with every change of what is shown.
    #[must_use]
    pub fn revision(&self) -> u64 {
        if self.paused_at.is_some() { u64::MAX } else { self.revision }
    }

    /// The newest sample on show.
    #[must_use]
    pub fn latest(&self) -> Option<&Sample> {
        self.shown().last()
    }

    /// The newest sample of all, also while paused.
    #[must_use]
    pub fn newest(&self) -> Option<&Sample> {
        self.samples.back()
    }

    /// Events that arrived since the pause, while paused.
    #[must_use]
    pub fn paused(&self) -> Option<u64> {
        self.paused_at.map(|_| self.missed)
    }

    /// The shown window in at most `columns` moments of equal length, oldest first, `None` where nothing was measured.
    /// The edges stand at whole multiples of a column's length, so that the picture moves by whole columns.
    #[must_use]
    pub fn columns(&self, span_ms: i64, columns: usize) -> Columns {
        let end_ms = self.latest().map_or(0, |sample| sample.at_ms);
        let count = i64::try_from(columns.max(1)).unwrap_or(1);
        let sample_ms = i64::try_from(crate::limits::SAMPLE_MS).unwrap_or(250);
        let wanted = (span_ms + count - 1) / count;
        let column_ms = (wanted + sample_ms - 1) / sample_ms * sample_ms;
        let last = end_ms.div_euclid(column_ms);
        let count = (span_ms + column_ms - 1) / column_ms;
        let first = last - count + 1;
        let mut found: Vec<Option<Moment>> = vec![None; usize::try_from(count).unwrap_or(0)];
        let mut quiet = true;
        let mut before: Option<usize> = None;
        let mut put = |at_ms: i64, is_quiet: bool, add: &mut dyn FnMut(&mut Moment)| {
            let Ok(index) = usize::try_from(at_ms.div_euclid(column_ms) - first) else {
                quiet = is_quiet;
                return;
            };
            // While nothing arrives nothing is told: the silence between two quiet samples is measured, not missing.
            if quiet
                && is_quiet
                && let Some(before) = before
            {
                for between in found.iter_mut().take(index).skip(before + 1) {
                    between.get_or_insert_with(|| Moment {
                        span_ms: u64::try_from(column_ms).unwrap_or(1),
                        ..Moment::default()
                    });
                }
            }
            quiet = is_quiet;
            before = Some(index);
            if let Some(slot) = found.get_mut(index) {
                add(slot.get_or_insert_default());
            }
        };
        let cut = end_ms;
        let oldest_sample = self.samples.front().map_or(i64::MAX, |sample| sample.at_ms);
        for step in self.steps.iter().filter(|step| step.at_ms < oldest_sample && step.at_ms <= cut) {
            put(step.at_ms, step.events == 0, &mut |moment| merge(moment, step));
        }
        for sample in self.shown() {
            put(sample.at_ms, sample.events == 0, &mut |moment| moment.add(sample));
        }
        Columns { first_ms: first * column_ms, column_ms, end_ms, moments: found }
    }

    /// Pauses or resumes.
    pub fn toggle_pause(&mut self) {
        self.paused_at = match self.paused_at {
            Some(_) => None,
            None => Some(self.samples.len()),
        };
        self.missed = 0;
        self.revision += 1;
    }

    /// Takes a sample.
    pub fn absorb(&mut self, sample: Sample) {
        self.missed += sample.events;
        self.revision += 1;
        let step_of = |at_ms: i64| at_ms.div_euclid(LIVE_STEP_MS);
        match self.steps.back_mut() {
            Some(step) if step_of(step.at_ms) == step_of(sample.at_ms) => step.add(&sample),
            _ => self.steps.push_back(Moment::of(&sample)),
        }
        if self.steps.len() > LIVE_STEPS_MAX {
            self.steps.pop_front();
        }
        self.samples.push_back(sample);
        if self.samples.len() > SAMPLES_MAX {
            self.samples.pop_front();
            self.paused_at = self.paused_at.map(|index| index.saturating_sub(1));
        }
    }
}

/// Takes several samples that are one already into another moment.
fn merge(moment: &mut Moment, step: &Moment) {
    if moment.span_ms == 0 {
        moment.clone_from(step);
        return;
    }
    let (low, peak) = (moment.low.min(step.low), moment.peak.max(step.peak));
    moment.add(&Sample {
        at_ms: step.at_ms,
        span_ms: step.span_ms,
        events: step.events,
        bytes: step.bytes,
        by_type: step.by_type.clone(),
        by_stream: step.by_stream.clone(),
        commits: step.commits,
        lag_ms: step.lag_ms,
        ..Sample::default()
    });
    (moment.low, moment.peak) = (low, peak);
}

/// A window of time in columns of equal length.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Columns {
    /// Where the first column begins: milliseconds since 1970.
    pub first_ms: i64,
    /// How long each is.
    pub column_ms: i64,
    /// When the newest sample ended.
    pub end_ms: i64,
    /// They, oldest first; `None` where nothing was measured.
    pub moments: Vec<Option<Moment>>,
}

impl Columns {
    /// All columns as one moment.
    #[must_use]
    pub fn total(&self) -> Moment {
        let mut total = Moment::default();
        for moment in self.moments.iter().flatten() {
            merge(&mut total, moment);
        }
        total
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample(at_ms: i64, events: u64) -> Sample {
        Sample {
            at_ms,
            span_ms: 250,
            events,
            bytes: events * 100,
            by_type: vec![("A".into(), events)],
            by_stream: vec![("s-1".into(), events, events * 100)],
            ..Sample::default()
        }
    }

    fn events(columns: &Columns) -> u64 {
        columns.moments.iter().flatten().map(|moment| moment.events).sum()
    }

    #[test]
    fn no_event_is_lost_whatever_the_window_and_its_columns() {
        let mut live = LivePane::default();
        for index in 1..=2_400 {
            live.absorb(sample(index * 250, u64::try_from(index % 7).unwrap()));
        }
        let within = |span: i64| {
            (1..=2_400_i64).filter(|i| i * 250 > 600_000 - span).map(|i| u64::try_from(i % 7).unwrap()).sum::<u64>()
        };
        for columns in [1, 7, 240, 600, 5_000] {
            let found = live.columns(600_000, columns);
            assert!(found.moments.len() <= columns.max(1) + 1, "{columns}: {}", found.moments.len());
            let missing = within(600_000).abs_diff(events(&found));
            assert!(missing <= 7 * u64::try_from(found.column_ms / 250).unwrap(), "{columns}: {missing}");
        }
    }

    #[test]
    fn a_column_of_many_samples_knows_its_lowest_and_its_highest() {
        let mut live = LivePane::default();
        for index in 0..240 {
            live.absorb(sample(index * 250, if index == 100 { 1_000 } else { 10 }));
        }
        let columns = live.columns(60_000, 10);
        let peak = columns.moments.iter().flatten().map(|moment| moment.peak).fold(0.0, f64::max);
        let low = columns.moments.iter().flatten().map(|moment| moment.low).fold(f64::MAX, f64::min);
        assert!((peak - 4_000.0).abs() < 1e-6 && (low - 40.0).abs() < 1e-6, "{low} {peak}");
    }

    #[test]
    fn a_gap_is_a_gap_and_silence_is_zero() {
        let mut live = LivePane::default();
        live.absorb(sample(250, 5));
        live.absorb(sample(500, 0));
        live.absorb(sample(30_000, 0));
        live.absorb(sample(30_250, 5));
        live.absorb(sample(59_000, 5));
        let columns = live.columns(60_000, 60);
        assert_eq!(columns.moments[15].as_ref().map(|moment| moment.events), Some(0), "it was quiet");
        assert_eq!(columns.moments[45], None, "nobody looked");
    }

    #[test]
    fn a_day_is_kept_in_steps_and_a_pause_holds_the_picture() {
        let mut live = LivePane::default();
        let samples = i64::try_from(SAMPLES_MAX).unwrap() + 4_000;
        for index in 1..=samples {
            live.absorb(sample(index * 250, 1));
        }
        let day = live.columns(86_400_000, 300);
        let lost = u64::try_from(samples).unwrap().abs_diff(events(&day));
        assert!(lost <= u64::try_from(LIVE_STEP_MS / 250 + day.column_ms / 250).unwrap(), "{lost}");
        live.toggle_pause();
        let before = live.columns(60_000, 100);
        for index in samples..samples + 1_240 {
            live.absorb(sample(index * 250, 1));
        }
        assert_eq!((live.columns(60_000, 100), live.paused()), (before, Some(1_240)));
        live.toggle_pause();
        assert_eq!(live.paused(), None);
    }
}
