//! What the plots of the throughput view show, worked out once for each new sample and not for each frame.

use std::sync::Arc;

use crate::event::StreamId;
use crate::protocol::Density;
use crate::session::{Columns, LivePane, LiveWindow, Moment};

use super::plot::Span;

/// Types that the stacked plot tells apart; the others are one layer.
const LAYERS: usize = 5;
/// Streams that the list shows.
const STREAMS: usize = 8;
/// Bars of a stream's activity.
const BARS: usize = 24;

/// One layer of the stacked plot: a type (`None`: all others) and its events a second in each column.
pub type Layer = (Option<Arc<str>>, Vec<Option<f64>>);

/// A stream of the list.
#[derive(Clone, Debug)]
pub struct Hot {
    /// The stream.
    pub stream: StreamId,
    /// Events a second.
    pub rate: f64,
    /// Bytes a second.
    pub bytes_rate: f64,
    /// Its part of all events, 0 to 1.
    pub share: f64,
    /// Its events over the window.
    pub bars: Vec<u64>,
}

/// What the plots show.
#[derive(Clone, Debug)]
pub struct Data {
    /// The part of time.
    pub span: Span,
    /// The columns, oldest first.
    pub moments: Vec<Option<Moment>>,
    /// The whole window as one.
    pub total: Moment,
    /// By type, the most frequent first.
    pub layers: Vec<Layer>,
    /// The busiest streams.
    pub streams: Vec<Hot>,
    /// Streams that were written to, as far as they were told apart.
    pub streams_active: usize,
    /// True where it is the log's history and not what was watched.
    pub history: bool,
}

impl Data {
    /// The data of a window, in so many columns.
    #[must_use]
    pub fn of(live: &LivePane, history: Option<&Density>, columns: usize) -> Self {
        let (columns, history) = match live.window.span_ms() {
            Some(span) => (live.columns(span, columns), false),
            None => (columns_of(history), true),
        };
        let total = columns.total();
        let span = Span {
            first_ms: columns.first_ms,
            column_ms: columns.column_ms.max(1),
            columns: columns.moments.len(),
            ends_now: live.window != LiveWindow::History,
        };
        let layers = layers(&columns, &total);
        let streams = streams(&columns, &total);
        let streams_active = total.by_stream.len();
        Self { span, moments: columns.moments, total, layers, streams, streams_active, history }
    }

    /// The unit that rates of events are told in, and how many seconds it has: a long history is told by the hour or day.
    #[must_use]
    pub fn unit(&self) -> (&'static str, f64) {
        let peak = self.moments.iter().flatten().map(|moment| moment.peak).fold(0.0, f64::max);
        let units = [("second", 1.0), ("minute", 60.0), ("hour", 3_600.0), ("day", 86_400.0)];
        if !self.history || peak <= 0.0 {
            return units[0];
        }
        units.into_iter().find(|(_, seconds)| peak * seconds >= 2.0).unwrap_or(units[3])
    }

    /// The unit of [`Data::unit`] in a letter or three.
    #[must_use]
    pub fn unit_sign(&self) -> &'static str {
        match self.unit().0 {
            "minute" => "min",
            "hour" => "h",
            "day" => "d",
            _ => "s",
        }
    }

    /// A value of each column.
    pub fn values(&self, of: impl Fn(&Moment) -> Option<(f64, f64)>) -> Vec<Option<(f64, f64)>> {
        self.moments.iter().map(|moment| moment.as_ref().and_then(&of)).collect()
    }
}

/// The history of the log as columns.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "counts of events in a bucket")]
fn columns_of(density: Option<&Density>) -> Columns {
    let Some((density, (first, last))) = density.and_then(|density| Some((density, (density.first?, density.last?))))
    else {
        return Columns::default();
    };
    let (first_ms, last_ms) = (first.milliseconds(), last.milliseconds());
    let count = i64::try_from(density.buckets.len().max(1)).unwrap_or(1);
    let column_ms = ((last_ms - first_ms) / count).max(1);
    let moments = density.buckets.iter().enumerate().map(|(index, bucket)| {
        let events = bucket.iter().sum::<f32>();
        #[expect(clippy::cast_precision_loss, reason = "the length of a bucket")]
        let seconds = column_ms as f64 / 1_000.0;
        let rate = f64::from(events) / seconds;
        let named = density.types.iter().zip(bucket).map(|(name, count)| (Arc::clone(name), count.round() as u64));
        Some(Moment {
            at_ms: first_ms + column_ms * (i64::try_from(index).unwrap_or(0) + 1),
            span_ms: column_ms.unsigned_abs(),
            events: events.round() as u64,
            low: rate,
            peak: rate,
            by_type: named.collect(),
            ..Moment::default()
        })
    });
    Columns { first_ms, column_ms, end_ms: last_ms, moments: moments.collect() }
}

#[expect(clippy::cast_precision_loss, reason = "rates of events")]
fn layers(columns: &Columns, total: &Moment) -> Vec<Layer> {
    let mut types = total.by_type.clone();
    types.sort_by(|(name, count), (other, others)| others.cmp(count).then_with(|| name.cmp(other)));
    types.truncate(LAYERS);
    let rate = |moment: &Moment, events: u64| events as f64 * 1_000.0 / (moment.span_ms.max(1) as f64);
    let count_of = |moment: &Moment, name: &Arc<str>| {
        moment.by_type.iter().find(|(known, _)| known == name).map_or(0, |(_, count)| *count)
    };
    let mut layers: Vec<Layer> = types
        .iter()
        .map(|(name, _)| {
            let of = |moment: &Moment| rate(moment, count_of(moment, name));
            (Some(Arc::clone(name)), columns.moments.iter().map(|moment| moment.as_ref().map(of)).collect())
        })
        .collect();
    let others = |moment: &Moment| {
        let named: u64 = types.iter().map(|(name, _)| count_of(moment, name)).sum();
        moment.events.saturating_sub(named)
    };
    if columns.moments.iter().flatten().any(|moment| others(moment) > 0) {
        let of = |moment: &Moment| rate(moment, others(moment));
        layers.push((None, columns.moments.iter().map(|moment| moment.as_ref().map(of)).collect()));
    }
    layers
}

#[expect(clippy::cast_precision_loss, reason = "rates of events")]
fn streams(columns: &Columns, total: &Moment) -> Vec<Hot> {
    let mut streams = total.by_stream.clone();
    streams.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.as_str().cmp(b.0.as_str())));
    streams.truncate(STREAMS);
    let seconds = (total.span_ms.max(1) as f64) / 1_000.0;
    let count = columns.moments.len().max(1);
    streams
        .into_iter()
        .map(|(stream, events, bytes)| {
            let mut bars = vec![0; BARS];
            for (index, moment) in columns.moments.iter().enumerate() {
                let found = moment.iter().flat_map(|moment| &moment.by_stream).find(|(known, ..)| *known == stream);
                bars[(index * BARS / count).min(BARS - 1)] += found.map_or(0, |(_, events, _)| *events);
            }
            Hot {
                stream,
                rate: events as f64 / seconds,
                bytes_rate: bytes as f64 / seconds,
                share: events as f64 / (total.events.max(1) as f64),
                bars,
            }
        })
        .collect()
}
