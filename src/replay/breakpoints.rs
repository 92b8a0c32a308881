//! Breakpoints and watchpoints: where the replay stops next, forwards or backwards, and why.
//!
//! Whether a breakpoint hits at an event depends on that event and the states around it alone, never on where the replay
//! came from. So going backwards finds what going forwards from the first event would have found: it looks through the
//! log piece by piece, each piece forwards from a kept state.

use std::ops::{ControlFlow, Range};
use std::time::Instant;

use serde::{Deserialize, Serialize};

use super::Replay;
use super::blame::{at, check_pointer};
use super::scan::{Looks, Progress, Step, Visit};
use crate::error::{Error, Result};
use crate::event::{Scope, Seq, StreamId, Time, Value};
use crate::limits::{BREAKPOINTS_MAX, FAULTS_KEPT_MAX};
use crate::log::{At, Fault};
use crate::reducer::expression::Expression;
use crate::reducer::pattern::matches;

/// Where the replay is to stop.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Breakpoint {
    /// At every event of this type; `*` is any text, `?` any one character.
    Type(String),
    /// At a condition ([`Expression`]). Over `state` alone, it stops where the condition becomes true; a condition that
    /// looks at `event` or `before` stops at every event at which it holds.
    When(String),
    /// Where the value at this JSON pointer changes, comes or goes: a watchpoint.
    Change(String),
    /// At every event that cannot be decoded or folded.
    Fault,
}

/// Which way the replay goes on.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Way {
    /// To the next hit after the position.
    Forward,
    /// To the last hit before the position.
    Back,
}

/// Whose state the conditions look at, in a category or the whole log.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fold {
    /// That of the event's own stream.
    #[default]
    Each,
    /// The one state that all events of the scope are folded into.
    Together,
}

/// Where a breakpoint hit.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Hit {
    /// How many events of the scope are folded there, the one that set it off included.
    pub position: u64,
    /// The event's stream.
    pub stream: String,
    /// How many events of that stream are folded there.
    pub in_stream: u64,
    /// The event's version; its number in the stream where the log numbers none.
    pub version: i64,
    /// True where the log numbers its events.
    pub numbered: bool,
    /// The log's own key, as text.
    pub seq: String,
    /// The event's type.
    pub event_type: String,
    /// When, in microseconds since 1970.
    pub time_us: Option<i64>,
    /// Which breakpoints, and why: at least one.
    pub why: Vec<Why>,
}

/// One breakpoint that hit.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Why {
    /// Its index in the list that was given.
    pub breakpoint: usize,
    /// For a watchpoint, the value before; `None` where there was none.
    pub from: Option<Value>,
    /// For a watchpoint, the value after; `None` where there is none any more.
    pub to: Option<Value>,
    /// For a fault, why the event could not be decoded or folded.
    pub fault: Option<String>,
}

/// How far a run is.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize)]
pub struct Looked {
    /// Events that were looked at.
    pub events: u64,
    /// Events that there are to look at, in all.
    pub of: u64,
}

/// How a run ended.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Run {
    /// Where it stopped; `None` where nothing hits before the end.
    pub hit: Option<Hit>,
    /// How far it looked.
    pub looked: Looked,
    /// Events at which a condition itself failed, at most [`FAULTS_KEPT_MAX`]: it did not hold there.
    pub faults: Vec<Fault>,
    /// How many there are.
    pub faults_total: u64,
    /// Microseconds that it took.
    pub elapsed_us: u64,
}

/// Breakpoints, compiled.
pub struct Armed {
    points: Vec<Point>,
    looks: Looks,
}

enum Point {
    Type(String),
    Event(Box<Expression>),
    State(Box<Expression>),
    Change(String),
    Fault,
}

impl Armed {
    /// Compiles breakpoints.
    ///
    /// # Errors
    /// `Input` where a condition is no expression or a path no JSON pointer, and where there are none or too many.
    pub fn new(breakpoints: &[Breakpoint]) -> Result<Self> {
        if breakpoints.is_empty() {
            return Err(Error::Input("there is no breakpoint (give a condition, a type, or a path)".to_owned()));
        }
        if breakpoints.len() > BREAKPOINTS_MAX {
            return Err(Error::Input(format!("{} breakpoints, at most {BREAKPOINTS_MAX}", breakpoints.len())));
        }
        let mut looks = Looks { event: false, state: false, before: false };
        let points = breakpoints.iter().map(|breakpoint| Point::of(breakpoint, &mut looks)).collect::<Result<_>>()?;
        Ok(Self { points, looks })
    }

    /// True where some breakpoint looks at states, so that events are folded.
    #[must_use]
    pub fn folds(&self) -> bool {
        self.looks.folds()
    }
}

impl Point {
    fn of(breakpoint: &Breakpoint, looks: &mut Looks) -> Result<Self> {
        Ok(match breakpoint {
            Breakpoint::Type(pattern) => Self::Type(pattern.clone()),
            Breakpoint::When(text) => {
                let expression = Box::new(Expression::compile(text)?);
                looks.event |= expression.needs_event();
                looks.state |= expression.needs_state();
                looks.before |= expression.needs_before();
                let of_state = expression.needs_state() && !expression.needs_event() && !expression.needs_before();
                if of_state { Self::State(expression) } else { Self::Event(expression) }
            }
            Breakpoint::Change(pointer) => {
                check_pointer(pointer)?;
                looks.state = true;
                Self::Change(pointer.clone())
            }
            Breakpoint::Fault => {
                looks.state = true;
                Self::Fault
            }
        })
    }
}

/// What a point takes of the state before an event.
#[derive(Clone, PartialEq, Debug)]
enum Taken {
    Nothing,
    Value(Option<Value>),
    Holds(bool),
}

struct Watcher<'a> {
    points: &'a mut [Point],
    taken: Vec<Taken>,
    stops_at_first: bool,
    hit: Option<(Hit, Seq)>,
    faults: Vec<Fault>,
    faults_total: u64,
}

impl Visit for Watcher<'_> {
    fn before(&mut self, state: &Value) {
        for (point, taken) in self.points.iter_mut().zip(&mut self.taken) {
            match point {
                Point::Change(pointer) => {
                    let now = at(state, pointer);
                    if !matches!(taken, Taken::Value(known) if known.as_ref() == now) {
                        *taken = Taken::Value(now.cloned());
                    }
                }
                // A condition that fails does not hold; it is told at the event at which it failed.
                Point::State(expression) => *taken = Taken::Holds(expression.eval_state(state).unwrap_or(false)),
                Point::Type(_) | Point::Event(_) | Point::Fault => {}
            }
        }
    }

    fn visit(&mut self, step: &Step<'_>) -> ControlFlow<()> {
        let mut why = Vec::new();
        for (index, (point, taken)) in self.points.iter_mut().zip(&self.taken).enumerate() {
            let plain = Why { breakpoint: index, from: None, to: None, fault: None };
            let holds = match point {
                Point::Type(pattern) => Ok(matches(pattern, step.raw.event_type)),
                Point::Fault => {
                    if let Some(fault) = step.fault {
                        why.push(Why { fault: Some(fault.to_owned()), ..plain });
                    }
                    continue;
                }
                Point::Event(expression) => match step.event {
                    Some(event) => expression.eval(event, step.state, step.before),
                    None => expression.eval(&step.bare_event(), step.state, step.before),
                },
                Point::State(expression) => {
                    let held = matches!(taken, Taken::Holds(true));
                    expression.eval_state(step.state).map(|holds| holds && !held)
                }
                Point::Change(pointer) => {
                    let now = at(step.state, pointer);
                    if let Taken::Value(from) = taken
                        && from.as_ref() != now
                    {
                        why.push(Why { from: from.clone(), to: now.cloned(), ..plain });
                    }
                    continue;
                }
            };
            match holds {
                Ok(true) => why.push(plain),
                Ok(false) => {}
                Err(error) => {
                    self.faults_total += 1;
                    if self.faults.len() < FAULTS_KEPT_MAX {
                        let (position, message) = (step.position - 1, error.to_string());
                        self.faults.push(Fault { position, version: step.raw.version, message });
                    }
                }
            }
        }
        if why.is_empty() {
            return ControlFlow::Continue(());
        }
        self.hit = Some((hit_at(step, why), step.raw.seq));
        if self.stops_at_first { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    }
}

fn hit_at(step: &Step<'_>, why: Vec<Why>) -> Hit {
    Hit {
        position: step.position,
        stream: step.raw.stream.to_owned(),
        in_stream: step.position,
        version: step.version(),
        numbered: step.raw.version.is_some(),
        seq: step.raw.seq.to_string(),
        event_type: step.raw.event_type.to_owned(),
        time_us: step.time().map(|Time(microseconds)| microseconds),
        why,
    }
}

/// Hears now and then how far a run is, and ends it where it breaks.
pub type RunProgress<'a> = &'a mut dyn FnMut(Looked) -> ControlFlow<()>;

/// A run on its way.
struct Running<'a> {
    scope: &'a Scope,
    fold: Fold,
    run: Run,
    hit: Option<(Hit, Seq)>,
}

impl Replay {
    /// Goes on from a position of a scope to where any breakpoint hits: forwards to the first event after the position,
    /// backwards to the last event before it at which one does. A hit at the position itself is passed over.
    ///
    /// # Errors
    /// `Stopped` where `progress` broke; else as the log.
    pub fn run_on(
        &mut self,
        scope: &Scope,
        from: u64,
        way: Way,
        armed: &mut Armed,
        fold: Fold,
        progress: RunProgress<'_>,
    ) -> Result<Run> {
        let started = Instant::now();
        let extent = self.log.extent(scope)?;
        let of = match way {
            Way::Forward => extent.saturating_sub(from),
            Way::Back => from.min(extent.saturating_add(1)).saturating_sub(1),
        };
        let run = Run { looked: Looked { events: 0, of }, ..Run::default() };
        let mut running = Running { scope, fold, run, hit: None };
        match way {
            Way::Forward => self.look_through(&mut running, from..u64::MAX, armed, true, progress)?,
            Way::Back => self.look_back(&mut running, of, armed, progress)?,
        }
        let mut run = running.run;
        if let Some((mut hit, seq)) = running.hit {
            if scope.stream().is_none() {
                let stream = Scope::Stream(StreamId::new(&hit.stream));
                hit.in_stream = self.log.position_of(&stream, &At::Seq(seq))?;
                if !hit.numbered {
                    hit.version = i64::try_from(hit.in_stream).unwrap_or(i64::MAX);
                }
            }
            run.hit = Some(hit);
        }
        run.elapsed_us = u64::try_from(started.elapsed().as_micros()).unwrap_or(u64::MAX);
        Ok(run)
    }

    /// Piece by piece from the end, so that a near hit is found soon.
    fn look_back(
        &mut self,
        running: &mut Running<'_>,
        from: u64,
        armed: &mut Armed,
        progress: RunProgress<'_>,
    ) -> Result<()> {
        let one_state = running.scope.stream().is_some() || running.fold == Fold::Together;
        let apart = self.spacing.checkpoint_events;
        let (mut end, mut piece) = (from, apart);
        let mut prepared = false;
        while end > 0 && running.hit.is_none() {
            // Pieces begin where checkpoints stand.
            let mut start = end.saturating_sub(piece).next_multiple_of(apart);
            if start >= end {
                start -= apart;
            }
            if one_state && armed.folds() {
                start = self.known_before(running, start, &mut prepared, progress)?;
            } else {
                // Each piece folds the streams that it meets up to where it begins: twice as long, half as often.
                piece = piece.saturating_mul(2);
            }
            self.look_through(running, start..end, armed, false, progress)?;
            end = start;
        }
        Ok(())
    }

    /// A position near this one or before it whose state is known, so that looking on from it folds nothing twice. The
    /// first time, all is folded up to here where nothing near is known: that keeps checkpoints for all the pieces.
    fn known_before(
        &mut self,
        running: &Running<'_>,
        start: u64,
        prepared: &mut bool,
        progress: RunProgress<'_>,
    ) -> Result<u64> {
        let looked = running.run.looked;
        self.notice_other_history(running.scope)?;
        self.take_up(running.scope)?;
        let known = self.begin(running.scope, start)?.position;
        if *prepared || start - known <= self.spacing.checkpoint_events {
            return Ok(known);
        }
        *prepared = true;
        self.own_state_at(running.scope, start, &mut |_| progress(looked))?;
        Ok(self.begin(running.scope, start)?.position)
    }

    fn look_through(
        &mut self,
        running: &mut Running<'_>,
        range: Range<u64>,
        armed: &mut Armed,
        stops_at_first: bool,
        progress: RunProgress<'_>,
    ) -> Result<()> {
        let looks = armed.looks;
        let taken = vec![Taken::Nothing; armed.points.len()];
        let points = &mut armed.points;
        let mut watcher = Watcher { points, taken, stops_at_first, hit: None, faults: Vec::new(), faults_total: 0 };
        let before = running.run.looked;
        let mut told = |events: u64| progress(Looked { events: before.events + events, ..before });
        let told: Progress<'_> = &mut told;
        let scanned = match running.fold {
            Fold::Each => self.scan_each(running.scope, range, looks, told, &mut watcher)?,
            Fold::Together => self.scan_in(running.scope, range, looks, told, &mut watcher)?,
        };
        running.hit = watcher.hit;
        let run = &mut running.run;
        run.looked.events += scanned.events;
        run.faults_total += watcher.faults_total;
        run.faults.extend(watcher.faults);
        run.faults.truncate(FAULTS_KEPT_MAX);
        Ok(())
    }
}
