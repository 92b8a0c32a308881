//! The time strip: the part of time that it shows, the range that is chosen in it, and its table twin.

use std::sync::Arc;

use super::Session;
use crate::event::Time;
use crate::limits::STRIP_SPAN_US_MIN;
use crate::protocol::{Density, Request};

/// The time strip.
#[derive(Clone, Debug, Default)]
pub struct StripPane {
    /// The part of time that is shown, from its start to its end; `None`: all of it.
    pub span: Option<(Time, Time)>,
    /// The density of that part, once it is known.
    pub zoomed: Option<Arc<Density>>,
    /// True where its numbers are shown as a table.
    pub table: bool,
}

/// How much of its length a step of zooming leaves.
const STEP: f64 = 0.5;

impl Session {
    /// All of the time that the scope covers, where its events have times.
    fn whole_span(&self) -> Option<(Time, Time)> {
        let density = self.density.as_ref()?;
        let (first, last) = (density.first?, density.last?);
        (last > first).then_some((first, last))
    }

    /// The part of time that the strip shows.
    #[must_use]
    pub fn strip_span(&self) -> Option<(Time, Time)> {
        self.strip.span.or_else(|| self.whole_span())
    }

    /// Zooms by a step around the cursor, where that is in view, else around the middle.
    pub(super) fn zoom_step(&mut self, closer: bool) {
        let Some((first, last)) = self.strip_span() else {
            if self.log.is_some() {
                self.say("These events have no times to zoom into");
            }
            return;
        };
        let cursor = self.cursor_row().and_then(|row| self.events.row(row)).and_then(|event| event.time);
        let at = cursor.filter(|time| (first..=last).contains(time));
        let middle = Time(first.0 / 2 + last.0 / 2);
        self.zoom_strip(if closer { STEP } else { 1.0 / STEP }, at.unwrap_or(middle));
    }

    /// Shows `factor` times as much time around an instant, which stays where it is.
    #[expect(clippy::cast_precision_loss, clippy::cast_possible_truncation, reason = "a span of time on screen")]
    pub(super) fn zoom_strip(&mut self, factor: f64, at: Time) {
        let Some((first, last)) = self.strip_span() else { return };
        let length = (last.0 - first.0) as f64;
        let wanted = (length * factor).max(STRIP_SPAN_US_MIN as f64);
        let share = ((at.0 - first.0) as f64 / length).clamp(0.0, 1.0);
        let start = at.0 as f64 - wanted * share;
        self.show_span(start as i64, wanted as i64);
    }

    /// Moves the part that is shown by a share of its length: later where positive.
    #[expect(clippy::cast_precision_loss, clippy::cast_possible_truncation, reason = "a span of time on screen")]
    pub(super) fn pan_strip(&mut self, share: f64) {
        let Some((first, last)) = self.strip.span else { return };
        let length = last.0 - first.0;
        self.show_span(first.0.saturating_add((length as f64 * share) as i64), length);
    }

    /// Shows the range that is chosen, or all of the time where it is shown already, or none is chosen.
    pub(super) fn zoom_to_range(&mut self) {
        let times = self.events.range.and_then(|(from, to)| {
            let density = self.density.as_ref()?;
            Some((density.time_at(from + 1)?, density.time_at(to)?))
        });
        match times {
            Some((from, to)) if self.strip.span != Some((from, to)) && to > from => {
                self.show_span(from.0, to.0 - from.0);
            }
            _ => self.show_all(),
        }
    }

    pub(super) fn show_all(&mut self) {
        self.strip.span = None;
        self.strip.zoomed = None;
    }

    fn show_span(&mut self, start: i64, length: i64) {
        let Some((first, last)) = self.whole_span() else { return };
        if length >= last.0 - first.0 {
            self.show_all();
            return;
        }
        let start = start.clamp(first.0, last.0 - length);
        let span = (Time(start), Time(start + length));
        if self.strip.span == Some(span) {
            return;
        }
        self.strip.span = Some(span);
        self.outbox.retain(|waiting| !matches!(waiting, Request::Density { span: Some(_), .. }));
        let (generation, scope) = (self.generation, self.scope.clone());
        self.request(Request::Density { generation, scope, span: Some(span) });
    }

    pub(super) fn absorb_density(&mut self, span: Option<(Time, Time)>, density: Arc<Density>) {
        match span {
            None => self.density = Some(density),
            Some(_) if span == self.strip.span => self.strip.zoomed = Some(density),
            Some(_) => {}
        }
    }

    /// Chooses a range of positions: the events behind `from` up to and with `to`. An empty one chooses none.
    pub(super) fn choose_range(&mut self, range: Option<(u64, u64)>) {
        let events = self.events.events();
        let range = range.map(|(from, to)| (from.min(to).min(events), from.max(to).min(events)));
        self.events.range = range.filter(|(from, to)| from < to);
        self.events.keep_in_range();
        if let Some((from, to)) = self.events.range {
            if self.events.selected.is_some_and(|row| !(from..to).contains(&row)) {
                self.events.selected = None;
            }
            self.following = false;
        }
        self.ask_rows();
    }

    /// The range begins, or ends, at the cursor.
    pub(super) fn range_at_cursor(&mut self, start: bool) {
        if self.log.is_none() {
            return;
        }
        let (from, to) = self.events.range.unwrap_or((0, self.events.events()));
        let cursor = self.cursor;
        self.choose_range(Some(if start { (cursor, to.max(cursor)) } else { (from.min(cursor), cursor) }));
    }
}
