//! Where in the scope one stands, and moving there.

use super::{Region, Session, Tab, Visit};
use crate::event::Scope;
use crate::limits::ROWS_PAGE;
use crate::protocol::Request;

/// Steps a second that *faster* and *slower* walk through.
const SPEEDS: [u32; 10] = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000];

impl Session {
    pub(super) fn ask_rows(&mut self) {
        for page in self.events.pages_wanted() {
            self.request(Request::Rows {
                generation: self.generation,
                scope: self.scope.clone(),
                first: page * ROWS_PAGE,
                count: ROWS_PAGE,
            });
        }
        self.ask_changes();
    }

    pub(super) fn move_cursor(&mut self, position: u64) {
        let position = position.min(self.events.events());
        self.events.selected = None;
        self.blame.selected = None;
        self.cursor = position;
        // At the newest event the instant is now, in every scope.
        self.forget_stop();
        self.instant = (position < self.events.events()).then(|| (self.scope.clone(), position));
        self.ticket.0 += 1;
        self.request(Request::Seek {
            generation: self.generation,
            ticket: self.ticket,
            scope: self.scope.clone(),
            position,
        });
        self.events.bring_into_view(position.saturating_sub(1));
        self.ask_rows();
        self.ask_detail();
    }

    pub(super) fn step(&mut self, by: i64) {
        self.following = false;
        self.play.direction = 0;
        self.move_cursor(self.cursor.saturating_add_signed(by));
    }

    pub(super) fn play(&mut self, direction: i8) {
        if self.play.direction != 0 {
            self.play.direction = 0;
            return;
        }
        self.following = false;
        if direction > 0 && self.cursor >= self.events.events() {
            self.move_cursor(0);
        }
        if direction < 0 && self.cursor == 0 {
            self.move_cursor(self.events.events());
        }
        self.play.direction = direction;
        self.play.due = 0.0;
    }

    pub(super) fn tick(&mut self, elapsed_ms: u64) {
        if self.play.direction == 0 {
            return;
        }
        #[expect(clippy::cast_precision_loss, reason = "milliseconds of one frame")]
        let elapsed = elapsed_ms.min(1_000) as f64;
        self.play.due += elapsed * f64::from(self.play.speed) / 1_000.0;
        // The cursor moves as states arrive: a slow fold slows the play and drops no step.
        if !self.state_is_current() {
            self.play.due = self.play.due.min(f64::from(self.play.speed) / 10.0 + 1.0);
            return;
        }
        #[expect(clippy::cast_possible_truncation, reason = "at most speed × 1 s")]
        let steps = self.play.due.floor() as i64;
        if steps < 1 {
            return;
        }
        self.play.due -= self.play.due.floor();
        let to = self.cursor.saturating_add_signed(steps * i64::from(self.play.direction)).min(self.events.events());
        if let Some((first, last)) = self.events.range {
            // A range is played again and again.
            let forward = self.play.direction > 0;
            let inside = if forward { to <= last && self.cursor < last } else { to >= first && self.cursor > first };
            let again = if forward { first } else { last };
            self.move_cursor(if inside || !(first..=last).contains(&self.cursor) && to != 0 { to } else { again });
            return;
        }
        self.move_cursor(to);
        if to == 0 || (to == self.events.events() && self.play.direction > 0) {
            self.play.direction = 0;
        }
    }

    pub(super) fn select_row(&mut self, row: u64) {
        let listed = self.events.listed();
        let row = row.clamp(listed.start, listed.end.saturating_sub(1).max(listed.start));
        self.events.selected = Some(row);
        self.find.enter_goes = false;
        self.region = Region::Events;
        self.events.bring_into_view(row);
        self.ask_rows();
        self.ask_detail();
    }

    pub(super) fn page_step(&self) -> i64 {
        i64::try_from(self.events.rows_shown.max(2) - 1).unwrap_or(i64::MAX)
    }

    pub(super) fn select_by(&mut self, by: i64) {
        if self.search.open {
            self.walk_hits(by);
        } else if self.region == Region::Streams {
            let last = self.streams.rows().len().saturating_sub(1);
            let by = isize::try_from(by).unwrap_or_default();
            self.streams.highlighted = self.streams.highlighted.saturating_add_signed(by).min(last);
        } else if self.walks_state() {
            self.state.select_by(by);
        } else if self.events.events() > 0 {
            let from = self.detail_row().unwrap_or(0);
            let first_move = self.detail_row().is_none();
            self.following = false;
            self.select_row_keeping_region(if first_move { 0 } else { from.saturating_add_signed(by) });
        }
    }

    /// True where the keys of lists walk in the state.
    fn walks_state(&self) -> bool {
        self.region == Region::Inspector && self.tab == Tab::State && !self.state.visible().is_empty()
    }

    pub(super) fn select_row_keeping_region(&mut self, row: u64) {
        let region = self.region;
        self.select_row(row);
        self.region = region;
    }

    pub(super) fn go_to_selection(&mut self) {
        if self.snapshot_dialog.is_some() {
            self.take_snapshot();
        } else if self.reducer.dialog.is_some() {
            self.confirm_reducer();
        } else if self.search_enter() || self.find_enter() {
            // It went there.
        } else if self.region == Region::Streams {
            self.choose_highlighted();
        } else if self.walks_state() {
            if let Some(pointer) = self.state.selected.clone() {
                self.state.toggle(pointer);
            }
        } else if let Some(row) = self.events.selected {
            self.remember_visit();
            self.following = false;
            self.play.direction = 0;
            self.move_cursor(row + 1);
        }
    }

    pub(super) fn travel(&mut self, backwards: bool) {
        let (from, to) =
            if backwards { (&mut self.back, &mut self.forward) } else { (&mut self.forward, &mut self.back) };
        let Some(visit) = from.pop() else { return };
        to.push(Visit { scope: self.scope.clone(), cursor: self.cursor });
        self.following = false;
        self.play.direction = 0;
        self.go_to(visit.scope, visit.cursor);
    }

    pub(super) fn go_to(&mut self, scope: Scope, position: u64) {
        if scope == self.scope {
            self.move_cursor(position);
        } else {
            self.choose_scope(scope);
            self.landing = Some(position);
        }
    }

    pub(super) fn ask_detail(&mut self) {
        let Some(row) = self.detail_row() else {
            self.detail = None;
            return;
        };
        if self.tab == Tab::Event && self.detail.as_ref().is_none_or(|detail| detail.row != row) {
            self.request(Request::Detail { generation: self.generation, scope: self.scope.clone(), row });
        }
        self.ask_causation();
    }

    pub(super) fn copy_event(&mut self) {
        let wanted = self.detail_row();
        match &self.detail {
            Some(detail) if Some(detail.row) == wanted => {
                self.copied = Some(detail.json.clone());
                self.say("Copied the event as JSON");
            }
            _ => {
                self.choose_tab(Tab::Event);
                if wanted.is_some() {
                    self.say("The event is being read: copy again when it is on show");
                }
            }
        }
    }
}

pub(super) fn next_speed(speed: u32, faster: bool) -> u32 {
    let next = if faster {
        SPEEDS.iter().copied().find(|&step| step > speed)
    } else {
        SPEEDS.iter().copied().rev().find(|&step| step < speed)
    };
    next.unwrap_or(speed)
}
