//! The Causation tab: the tree of the event on show, its rows, and the way to each of its events.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::{Session, Tab};
use crate::event::Scope;
use crate::limits::SIBLINGS_FOLDED_FROM;
use crate::log::At;
use crate::protocol::{Request, Ticket, Trace, TraceAt, Traced};

/// The causation pane.
#[derive(Clone, Debug, Default)]
pub struct CausationPane {
    /// The newest whole answer; it may be of another event than is asked about.
    pub shown: Option<Arc<Trace>>,
    /// How far the search for the asked event is, or why it failed.
    pub word: TraceAt,
    /// Rows of several siblings that are open, by the place of the first.
    open: BTreeSet<usize>,
    asked: Option<(Scope, u64)>,
    ticket: Ticket,
}

/// One row of the tree.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct CausationRow {
    /// The place of its event, or of the first of its siblings.
    pub place: usize,
    /// How many siblings of one type it stands for: 1 for an event.
    pub count: usize,
    /// Whether it can be opened or closed, and is open.
    pub open: Option<bool>,
}

impl CausationPane {
    /// True while an answer is on its way.
    #[must_use]
    pub fn is_searching(&self) -> bool {
        self.asked.is_some() && self.word.tree.is_none() && self.word.failure.is_none()
    }

    /// The rows of the tree: many siblings of one type without effects are one row, until it is opened.
    #[must_use]
    pub fn rows(&self) -> Vec<CausationRow> {
        let Some(trace) = &self.shown else { return Vec::new() };
        let events = &trace.events;
        let mut rows = Vec::new();
        let mut place = 0;
        while place < events.len() {
            let alike = siblings(events, place);
            if alike < SIBLINGS_FOLDED_FROM {
                rows.push(CausationRow { place, count: 1, open: None });
                place += 1;
                continue;
            }
            let open = self.open.contains(&place);
            rows.push(CausationRow { place, count: alike, open: Some(open) });
            if open {
                rows.extend((place..place + alike).map(|place| CausationRow { place, count: 1, open: None }));
            }
            place += alike;
        }
        rows
    }

    /// Opens or closes the row of several siblings that begins here.
    pub fn toggle(&mut self, place: usize) {
        if !self.open.remove(&place) {
            self.open.insert(place);
        }
    }
}

/// How many events from here on are siblings of one type without effects of their own.
fn siblings(events: &[Traced], place: usize) -> usize {
    let Some(first) = events.get(place) else { return 1 };
    let is_alike = |(index, event): (usize, &Traced)| {
        let has_effects = events.get(index + 1).is_some_and(|next| next.depth > event.depth);
        event.parent == first.parent
            && event.depth == first.depth
            && event.event_type == first.event_type
            && first.parent.is_some()
            && !has_effects
    };
    events.iter().enumerate().skip(place).take_while(|at| is_alike((at.0, at.1))).count().max(1)
}

impl Session {
    /// Asks for the tree of the event on show, where the tab is open and it was not asked for.
    pub(super) fn ask_causation(&mut self) {
        if self.tab != Tab::Causation {
            return;
        }
        let Some(row) = self.detail_row() else { return };
        let about = (self.scope.clone(), row);
        if self.causation.asked.as_ref() == Some(&about) {
            return;
        }
        self.causation.ticket.0 += 1;
        let ticket = self.causation.ticket;
        self.causation.word = TraceAt { ticket, ..TraceAt::default() };
        self.causation.asked = Some(about);
        self.outbox.retain(|waiting| !matches!(waiting, Request::Trace { .. }));
        self.request(Request::Trace { generation: self.generation, ticket, scope: self.scope.clone(), row });
    }

    /// Another scope: what was asked will not be answered, what is shown stays until something newer is.
    pub(super) fn leave_causation(&mut self) {
        self.causation.asked = None;
        self.outbox.retain(|waiting| !matches!(waiting, Request::Trace { .. }));
    }

    pub(super) fn absorb_trace(&mut self, trace: &TraceAt) {
        if trace.ticket != self.causation.ticket {
            return;
        }
        if let Some(tree) = &trace.tree {
            let is_other = self.causation.shown.as_ref().is_none_or(|shown| shown.events != tree.events);
            if is_other {
                self.causation.open.clear();
            }
            self.causation.shown = Some(Arc::clone(tree));
        }
        self.causation.word = trace.clone();
    }

    /// Moves the cursor to an event of the tree, in its own stream where the scope does not hold it.
    pub(super) fn go_to_traced(&mut self, place: usize) {
        let Some(event) = self.causation.shown.as_ref().and_then(|shown| shown.events.get(place)).cloned() else {
            return;
        };
        let at = At::Seq(event.seq);
        let holds = match &self.scope {
            Scope::Log => true,
            Scope::Stream(stream) => *stream == event.stream,
            Scope::Category(_) => false,
        };
        self.remember_visit();
        if !holds {
            self.choose_scope(Scope::Stream(event.stream.clone()));
        }
        self.request(Request::Locate { generation: self.generation, scope: self.scope.clone(), at });
    }
}
