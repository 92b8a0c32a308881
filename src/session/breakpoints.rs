//! Breakpoints: where a run stops, the run that is on its way, and why it stopped.

use std::sync::Arc;

use super::{Field, Session};
use crate::event::Scope;
use crate::protocol::{Breakpoint, Hit, Request, RunEnd, RunWord, Ticket, Way};

/// The breakpoints and the run.
#[derive(Clone, Debug, Default)]
pub struct BreakpointsPane {
    /// True while their list is shown in place of the types.
    pub shown: bool,
    /// They, the oldest first.
    pub list: Vec<SetBreakpoint>,
    /// The chosen one.
    pub chosen: Option<usize>,
    /// The text of one that is being added.
    pub draft: Option<String>,
    /// The run that is on its way.
    pub running: Option<Running>,
    /// How the last run ended, until it is dismissed or the cursor moves.
    pub stopped: Option<Stopped>,
}

/// A breakpoint that was set.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SetBreakpoint {
    /// Where it stops.
    pub at: Breakpoint,
    /// For one on a row: the row's stream and version, as they are shown.
    pub row: Option<(String, i64)>,
    /// False where it is off.
    pub enabled: bool,
}

/// A run on its way.
#[derive(Clone, PartialEq, Debug)]
pub struct Running {
    /// How far it is.
    pub word: RunWord,
    /// Which way it goes.
    pub way: Way,
    /// From where.
    pub from: u64,
    scope: Scope,
    breakpoints: Vec<Breakpoint>,
    names: Vec<String>,
}

/// How a run ended.
#[derive(Clone, PartialEq, Debug)]
pub struct Stopped {
    /// How.
    pub end: Arc<RunEnd>,
    /// Which way it went.
    pub way: Way,
    /// From where.
    pub from: u64,
    /// The breakpoints that hit, in words.
    pub names: Vec<String>,
    /// The cursor is here while this is told.
    at: Option<u64>,
}

/// What a person does about breakpoints.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum BreakpointAction {
    /// Show the list of breakpoints, or the types.
    Show(BreakpointsShown),
    /// Set one, or take it out where it is set already.
    Toggle(Breakpoint),
    /// Set one on a row of the event list, or take it out.
    ToggleRow(u64),
    /// Turn one on or off.
    Enable(usize),
    /// Take one out.
    Remove(usize),
    /// Choose one of the list.
    Choose(usize),
    /// The text of the new one changed.
    SetDraft(String),
    /// Add the one that is typed.
    Add,
    /// How the run ended was read.
    Dismiss,
}

/// What stands below the streams.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum BreakpointsShown {
    /// The types of the scope.
    Types,
    /// The breakpoints.
    Breakpoints,
}

impl SetBreakpoint {
    /// Where it stops, in words.
    #[must_use]
    pub fn name(&self) -> String {
        match (&self.row, &self.at) {
            (Some((_, version)), _) => format!("version = {version}"),
            (None, Breakpoint::Type(name)) => name.clone(),
            (None, Breakpoint::When(condition)) => condition.clone(),
            (None, Breakpoint::Change(path)) => {
                if path.is_empty() {
                    "/".to_owned()
                } else {
                    path.clone()
                }
            }
            (None, Breakpoint::Fault) => "a fault".to_owned(),
        }
    }

    /// Its kind, in words.
    #[must_use]
    pub fn kind(&self) -> String {
        let kind = match (&self.row, &self.at) {
            (Some((stream, _)), _) => format!("row of {stream}"),
            (None, Breakpoint::Type(_)) => "type".to_owned(),
            (None, Breakpoint::When(text)) if text.contains("event") || text.contains("before") => "payload".to_owned(),
            (None, Breakpoint::When(_)) => "state, when it becomes true".to_owned(),
            (None, Breakpoint::Change(_)) => "path, when its value changes".to_owned(),
            (None, Breakpoint::Fault) => "event that cannot be folded".to_owned(),
        };
        if self.enabled { kind } else { format!("{kind}, off") }
    }
}

impl Session {
    pub(super) fn apply_breakpoint(&mut self, action: BreakpointAction) {
        match action {
            BreakpointAction::Show(what) => self.breakpoints.shown = what == BreakpointsShown::Breakpoints,
            BreakpointAction::Toggle(at) => self.toggle_breakpoint(at, None),
            BreakpointAction::ToggleRow(row) => self.toggle_row_breakpoint(row),
            BreakpointAction::Enable(index) => {
                if let Some(one) = self.breakpoints.list.get_mut(index) {
                    one.enabled = !one.enabled;
                }
            }
            BreakpointAction::Remove(index) => {
                if index < self.breakpoints.list.len() {
                    self.breakpoints.list.remove(index);
                    self.breakpoints.chosen = None;
                }
            }
            BreakpointAction::Choose(index) => {
                self.breakpoints.chosen = (index < self.breakpoints.list.len()).then_some(index);
            }
            BreakpointAction::SetDraft(text) => {
                if let Some(draft) = &mut self.breakpoints.draft {
                    *draft = text;
                }
            }
            BreakpointAction::Add => self.add_draft(),
            BreakpointAction::Dismiss => self.breakpoints.stopped = None,
        }
    }

    /// Opens the list with the focus in the field of a new one.
    pub(super) fn draft_breakpoint(&mut self) {
        if self.log.is_some() {
            self.breakpoints.shown = true;
            self.breakpoints.draft.get_or_insert_default();
            self.wants_focus = Some(Field::Breakpoint);
        }
    }

    /// A path begins with a slash, `fault` is a fault, a plain name is a type, all else is a condition.
    fn add_draft(&mut self) {
        let Some(text) = self.breakpoints.draft.take() else { return };
        let text = text.trim().to_owned();
        let is_name = text.chars().all(|c| c.is_alphanumeric() || "_-:*?$".contains(c));
        let at = match text.as_str() {
            "" => return,
            "fault" => Breakpoint::Fault,
            path if path.starts_with('/') => Breakpoint::Change(text),
            _ if is_name => Breakpoint::Type(text),
            _ => Breakpoint::When(text),
        };
        if !self.breakpoints.list.iter().any(|one| one.at == at) {
            self.toggle_breakpoint(at, None);
        }
    }

    fn toggle_breakpoint(&mut self, at: Breakpoint, row: Option<(String, i64)>) {
        self.breakpoints.shown = true;
        let list = &mut self.breakpoints.list;
        if let Some(known) = list.iter().position(|one| one.at == at) {
            list.remove(known);
            self.breakpoints.chosen = None;
        } else if list.len() >= crate::limits::BREAKPOINTS_MAX {
            self.say("There are as many breakpoints as there can be: take one out first");
        } else {
            list.push(SetBreakpoint { at, row, enabled: true });
            self.breakpoints.chosen = Some(self.breakpoints.list.len() - 1);
        }
    }

    /// Sets a breakpoint on the selected row, else on the one at the cursor.
    pub(super) fn toggle_breakpoint_here(&mut self) {
        match self.detail_row() {
            Some(row) => self.toggle_row_breakpoint(row),
            None => self.say("Select a row first: then Ctrl+B sets a breakpoint on it"),
        }
    }

    fn toggle_row_breakpoint(&mut self, row: u64) {
        let Some(event) = self.events.row(row) else { return };
        let Some(at) = row_breakpoint(&event.seq) else { return };
        let version = event.version.unwrap_or_else(|| i64::try_from(row + 1).unwrap_or(i64::MAX));
        let shown = (event.stream.to_string(), version);
        self.toggle_breakpoint(at, Some(shown));
    }

    /// The breakpoint that is set on a row.
    #[must_use]
    pub fn breakpoint_on(&self, seq: &str) -> Option<&SetBreakpoint> {
        let at = row_breakpoint(seq)?;
        self.breakpoints.list.iter().find(|one| one.at == at)
    }

    /// Goes on to where a breakpoint hits.
    pub(super) fn run_to_breakpoint(&mut self, way: Way) {
        let on: Vec<&SetBreakpoint> = self.breakpoints.list.iter().filter(|one| one.enabled).collect();
        let (breakpoints, names): (Vec<_>, Vec<_>) = on.iter().map(|one| (one.at.clone(), one.name())).unzip();
        if breakpoints.is_empty() {
            self.draft_breakpoint();
            self.say("There is no breakpoint yet: type where to stop, or press Ctrl+B on a row");
            return;
        }
        self.run_on(way, breakpoints, names);
    }

    /// Goes on to where a pinned path changes; without pins, to where the selected one does.
    pub(super) fn run_to_change(&mut self, way: Way) {
        let mut paths = self.pins.paths.clone();
        if paths.is_empty() {
            paths.extend(self.path_in_hand());
        }
        if paths.is_empty() {
            self.say("Pin a path first, or select one: then C goes to its next change");
            return;
        }
        self.run_on(way, paths.iter().cloned().map(Breakpoint::Change).collect(), paths);
    }

    fn run_on(&mut self, way: Way, breakpoints: Vec<Breakpoint>, names: Vec<String>) {
        if self.log.is_none() || self.events.extent.is_none() {
            return;
        }
        self.following = false;
        self.play.direction = 0;
        self.breakpoints.stopped = None;
        let ticket = self.next_task();
        let (scope, from) = (self.scope.clone(), self.cursor);
        let word = RunWord { ticket, ..RunWord::default() };
        self.breakpoints.running =
            Some(Running { word, way, from, scope: scope.clone(), breakpoints: breakpoints.clone(), names });
        self.request(Request::RunOn { generation: self.generation, ticket, scope, from, way, breakpoints });
    }

    /// Ends the run; the cursor stays where it is.
    pub(super) fn stop_run(&mut self) {
        if self.breakpoints.running.take().is_some() {
            self.stop_task();
        }
    }

    pub(super) fn absorb_running(&mut self, word: RunWord) {
        if let Some(running) = self.running_of(word.ticket)
            && word.events >= running.word.events
        {
            running.word = word;
        }
    }

    pub(super) fn absorb_run_ended(&mut self, end: Arc<RunEnd>) {
        if self.running_of(end.ticket).is_none() {
            return;
        }
        let Some(running) = self.breakpoints.running.take() else { return };
        let in_scope = running.scope == self.scope;
        let names = end.hit.as_ref().map(|hit| names_of(hit, &running)).unwrap_or_default();
        if let Some(hit) = end.hit.as_ref().filter(|_| in_scope) {
            self.remember_visit();
            self.move_cursor(hit.position);
        }
        let at = end.hit.as_ref().filter(|_| in_scope).map(|hit| hit.position);
        self.breakpoints.stopped = Some(Stopped { end, way: running.way, from: running.from, names, at });
    }

    fn running_of(&mut self, ticket: Ticket) -> Option<&mut Running> {
        self.breakpoints.running.as_mut().filter(|running| running.word.ticket == ticket)
    }

    /// What was told of a stop is told no more once the cursor has moved on.
    pub(super) fn forget_stop(&mut self) {
        let cursor = self.cursor;
        if self.breakpoints.stopped.as_ref().is_some_and(|stopped| stopped.at.is_some_and(|at| at != cursor)) {
            self.breakpoints.stopped = None;
        }
    }
}

/// One row of the log, by the log's own key.
fn row_breakpoint(seq: &str) -> Option<Breakpoint> {
    let seq: i64 = seq.parse().ok()?;
    Some(Breakpoint::When(format!("event.position === {seq}")))
}

/// The breakpoints that hit, with what a path's value became.
fn names_of(hit: &Hit, running: &Running) -> Vec<String> {
    let name = |why: &crate::protocol::Why| {
        let name = running.names.get(why.breakpoint).cloned().unwrap_or_default();
        match running.breakpoints.get(why.breakpoint) {
            Some(Breakpoint::Change(_)) => {
                let text = |value: &Option<crate::event::Value>| {
                    value.as_ref().map_or_else(|| "absent".to_owned(), crate::protocol::short_text)
                };
                format!("{name} {} → {}", text(&why.from), text(&why.to))
            }
            Some(Breakpoint::Fault) => why.fault.clone().unwrap_or(name),
            _ => name,
        }
    };
    hit.why.iter().map(name).collect()
}
