//! The find bar: a condition, and all intervals in which it held.

use super::{Action, Field, Session};
use crate::event::Scope;
use crate::limits::FIND_ROWS_MAX;
use crate::protocol::{FindEnd, FindFor, FoundPart, IntervalAt, Request, Ticket};

/// The find bar.
#[derive(Clone, Debug, Default)]
pub struct FindPane {
    /// True while the bar is open.
    pub open: bool,
    /// The condition as it is typed.
    pub text: String,
    /// What was asked for last.
    pub asked: Option<FindFor>,
    /// What was found so far, in order.
    pub intervals: Vec<IntervalAt>,
    /// The newest word of the search, without its intervals.
    pub word: FoundPart,
    /// The chosen interval.
    pub chosen: Option<usize>,
    /// True where the list was touched last: Enter then goes to the chosen interval.
    pub(super) enter_goes: bool,
    ticket: Option<Ticket>,
}

/// What a person does in the find bar.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum FindAction {
    /// The condition changed.
    SetText(String),
    /// Look for it.
    Start,
    /// Choose an interval: the cursor stays.
    Choose(usize),
    /// Move the cursor to where an interval begins.
    GoTo(usize),
    /// End the search; what it found stays.
    Stop,
    /// Close the bar.
    Close,
}

impl FindPane {
    /// True while the search goes on.
    #[must_use]
    pub fn is_searching(&self) -> bool {
        self.ticket.is_some() && self.word.ended.is_none()
    }

    /// True where there is a search, on its way or ended.
    #[must_use]
    pub fn has_answer(&self) -> bool {
        self.ticket.is_some()
    }

    /// Why the search cannot be.
    #[must_use]
    pub fn refused(&self) -> Option<&str> {
        match &self.word.ended {
            Some(FindEnd::Refused(why)) => Some(why),
            _ => None,
        }
    }
}

impl Session {
    pub(super) fn apply_find(&mut self, action: FindAction) {
        match action {
            FindAction::SetText(text) => self.find.text = text,
            FindAction::Start => self.start_find(),
            FindAction::Choose(index) => {
                if index < self.find.intervals.len() {
                    self.find.chosen = Some(index);
                    self.find.enter_goes = true;
                }
            }
            FindAction::GoTo(index) => self.go_to_interval(index),
            FindAction::Stop => self.stop_find(),
            FindAction::Close => self.close_find(),
        }
    }

    /// Opens the bar with the focus in it.
    pub(super) fn open_find(&mut self) {
        if self.log.is_none() {
            return;
        }
        self.find.open = true;
        self.wants_focus = Some(Field::Find);
    }

    pub(super) fn close_find(&mut self) {
        self.stop_find();
        self.find = FindPane { text: std::mem::take(&mut self.find.text), ..FindPane::default() };
    }

    fn start_find(&mut self) {
        let condition = self.find.text.trim().to_owned();
        if self.log.is_none() || condition.is_empty() {
            return;
        }
        let find = FindFor { scope: self.scope.clone(), condition };
        let ticket = self.next_task();
        let text = std::mem::take(&mut self.find.text);
        self.find =
            FindPane { open: true, text, asked: Some(find.clone()), ticket: Some(ticket), ..FindPane::default() };
        self.request(Request::Find { generation: self.generation, ticket, find });
    }

    /// Asks the same again: another reducer folds.
    pub(super) fn find_again(&mut self) {
        if self.find.asked.as_ref().is_some_and(|asked| asked.scope == self.scope) {
            self.start_find();
        }
    }

    pub(super) fn stop_find(&mut self) {
        if self.find.is_searching() {
            self.stop_task();
            self.find.word.ended = Some(FindEnd::Stopped);
        }
    }

    /// A ticket for a new search or run: what was on its way ends.
    pub(super) fn next_task(&mut self) -> Ticket {
        self.task.0 += 1;
        if self.find.is_searching() {
            self.find.word.ended = Some(FindEnd::Stopped);
        }
        self.breakpoints.running = None;
        self.forget_audit();
        self.task
    }

    pub(super) fn stop_task(&mut self) {
        self.task.0 += 1;
        self.request(Request::StopTask { ticket: self.task });
    }

    pub(super) fn absorb_found(&mut self, mut part: FoundPart) {
        if Some(part.ticket) != self.find.ticket {
            return;
        }
        // Words may come out of order, and twice: each interval counts once, and only the newest word counts.
        for interval in part.intervals.drain(..) {
            let place = |it: &IntervalAt| (it.stream.clone(), it.from_position);
            let at = self.find.intervals.binary_search_by_key(&place(&interval), place);
            if let Err(at) = at
                && self.find.intervals.len() < FIND_ROWS_MAX
            {
                self.find.intervals.insert(at, interval);
                if let Some(chosen) = self.find.chosen.as_mut().filter(|chosen| **chosen >= at) {
                    *chosen += 1;
                }
            }
        }
        let word = &mut self.find.word;
        if word.ended.is_none() && (part.ended.is_some() || part.elapsed_us >= word.elapsed_us) {
            *word = part;
        }
    }

    /// Chooses the next interval or the one before, from the chosen one on, else from the cursor on.
    pub(super) fn walk_intervals(&mut self, forward: bool) {
        let count = self.find.intervals.len();
        if count == 0 {
            self.say("No interval was found yet: Ctrl+Shift+F looks for a condition");
            return;
        }
        let here = self.cursor;
        let index = match (self.find.chosen, forward) {
            (Some(chosen), true) => (chosen + 1) % count,
            (Some(chosen), false) => (chosen + count - 1) % count,
            (None, true) => self.find.intervals.iter().position(|it| it.from_position > here).unwrap_or(0),
            (None, false) => self.find.intervals.iter().rposition(|it| it.from_position < here).unwrap_or(count - 1),
        };
        self.apply_find(FindAction::Choose(index));
    }

    /// What was found in one stream is left behind with it; what was found in many stays in hand.
    pub(super) fn leave_find(&mut self) {
        let left =
            self.find.asked.as_ref().is_some_and(|asked| asked.scope.stream().is_some() && asked.scope != self.scope);
        if left {
            self.stop_find();
            let (open, text) = (self.find.open, std::mem::take(&mut self.find.text));
            self.find = FindPane { open, text, ..FindPane::default() };
        }
    }

    fn go_to_interval(&mut self, index: usize) {
        let Some(interval) = self.find.intervals.get(index) else { return };
        let (stream, position) = (interval.stream.clone(), interval.from_position);
        self.apply_find(FindAction::Choose(index));
        self.remember_visit();
        self.following = false;
        self.play.direction = 0;
        self.go_to(Scope::Stream(stream), position);
    }

    /// Takes what the find bar does with Enter; false where it has nothing to do with it.
    pub(super) fn find_enter(&mut self) -> bool {
        let Some(chosen) = self.find.chosen.filter(|_| self.find.open && self.find.enter_goes) else { return false };
        self.apply(Action::Find(FindAction::GoTo(chosen)));
        true
    }

    /// The intervals of the stream that is the scope.
    pub fn intervals_on_strip(&self) -> impl Iterator<Item = &IntervalAt> {
        let stream = self.scope.stream();
        self.find.intervals.iter().filter(move |interval| self.find.open && Some(&interval.stream) == stream)
    }
}
