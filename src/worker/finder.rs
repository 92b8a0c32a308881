//! The finder: what may take long and can be stopped. It has the log open for itself, so that no state waits for it.

use std::cell::RefCell;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crossbeam_channel::Receiver;

use super::folder::Folder;
use super::{Outlet, auditor, runner, sentence};
use crate::error::{Error, Result};
use crate::event::{Scope, StreamId, Time};
use crate::limits::{FIND_ROWS_MAX, STREAMS_PAGE, TASK_TELLS_EVERY_MS};
use crate::log::StreamPage;
use crate::protocol::{FindEnd, FindFor, FoundPart, Generation, IntervalAt, ReducerChoice, Reply, Request, Ticket};
use crate::reducer::expression::Expression;
use crate::replay::find::{Condition, Interval};
use crate::replay::scan::{Looks, Step};

/// The log that tasks look through, opened when the first one comes.
#[derive(Default)]
pub(super) struct Bench {
    locator: Option<String>,
    choice: ReducerChoice,
    together: bool,
    folder: Option<Folder>,
}

impl Bench {
    /// Takes what every worker hears: another log, another reducer.
    pub(super) fn hear(&mut self, outlet: &Outlet, request: &Request) {
        match request {
            Request::Open { generation, locator } if outlet.shared.is_newest_opening(*generation) => {
                *self = Self { locator: Some(locator.clone()), ..Self::default() };
            }
            Request::Close => *self = Self::default(),
            Request::UseReducer { choice, .. } => {
                self.choice = choice.clone();
                if let Some(folder) = &mut self.folder {
                    folder.choose(choice.clone());
                }
            }
            Request::FoldTogether { together, .. } => {
                self.together = *together;
                if let Some(folder) = &mut self.folder {
                    folder.together = *together;
                }
            }
            // The yes is remembered by the replayer; a program that may run now is found with the next opening.
            Request::AllowProcess { .. } => self.folder = None,
            _ => {}
        }
    }

    /// The log with its reducers as they are saved now.
    pub(super) fn folder(&mut self, outlet: &Outlet, worker: &'static str) -> Result<&mut Folder> {
        if self.folder.is_none() {
            let locator = self.locator.as_deref().ok_or_else(|| Error::Other("no log is open".to_owned()))?;
            let opened = Folder::open(locator, self.choice.clone());
            let mut opened = opened.ok_or_else(|| Error::Open(format!("cannot open log: {locator}")))?;
            outlet.shared.register(worker, opened.replay.log());
            opened.together = self.together;
            self.folder = Some(opened);
        }
        let folder = self.folder.as_mut().ok_or_else(|| Error::Other("no log is open".to_owned()))?;
        folder.refresh();
        Ok(folder)
    }
}

pub(super) fn run(requests: &Receiver<Request>, outlet: &Outlet) {
    let mut bench = Bench::default();
    for request in requests {
        bench.hear(outlet, &request);
        match request {
            Request::Find { generation, ticket, find } => {
                let mut search = Search::new(outlet, generation, ticket);
                let ended = search.run(&mut bench, &find);
                search.end(ended);
            }
            Request::RunOn { generation, ticket, scope, from, way, breakpoints } => {
                let asked = runner::Asked { generation, ticket, scope, from, way, breakpoints };
                runner::run_on(outlet, &mut bench, &asked);
            }
            Request::Audit { generation, ticket, stream } => {
                auditor::audit(outlet, &mut bench, generation, ticket, stream);
            }
            _ => {}
        }
    }
}

/// A search on its way.
struct Search<'a> {
    outlet: &'a Outlet,
    generation: Generation,
    ticket: Ticket,
    part: FoundPart,
    listed: usize,
    started: Instant,
    told: Instant,
}

/// The number that a condition compares, and which way is farther beyond.
struct Compared {
    pointer: String,
    lower: bool,
}

impl<'a> Search<'a> {
    fn new(outlet: &'a Outlet, generation: Generation, ticket: Ticket) -> Self {
        let part = FoundPart { ticket, ..FoundPart::default() };
        Self { outlet, generation, ticket, part, listed: 0, started: Instant::now(), told: Instant::now() }
    }

    fn run(&mut self, bench: &mut Bench, find: &FindFor) -> Result<()> {
        if self.is_over() {
            return Err(Error::Stopped);
        }
        let mut expression = Expression::compile(&find.condition)?;
        let folder = bench.folder(self.outlet, "finder")?;
        self.part.of = folder.replay.log().extent(&find.scope)?;
        self.tell();
        let category = match &find.scope {
            Scope::Stream(stream) => return self.stream(folder, stream, &mut expression),
            Scope::Category(category) => Some(category.to_string()),
            Scope::Log => None,
        };
        let mut page = StreamPage { category, limit: STREAMS_PAGE, ..StreamPage::default() };
        loop {
            let streams = folder.replay.log().streams(&page)?;
            let Some(last) = streams.last() else { return Ok(()) };
            page.after = Some(last.stream.clone());
            for info in &streams {
                self.stream(folder, &info.stream, &mut expression)?;
            }
        }
    }

    fn stream(&mut self, folder: &mut Folder, stream: &StreamId, expression: &mut Expression) -> Result<()> {
        if let Err(by) = folder.ready(stream)
            && expression.needs_state()
        {
            let why = by.file.unwrap_or_default();
            return Err(Error::Input(format!("the reducer of {stream} cannot be used: {why}")));
        }
        let looks = Looks {
            event: expression.needs_event(),
            state: expression.needs_state(),
            before: expression.needs_before(),
        };
        let scanned_before = self.part.scanned;
        let (outlet, generation, ticket) = (self.outlet, self.generation, self.ticket);
        let stop = || !outlet.shared.is_newest_task(ticket) || !outlet.shared.is_newest_log(generation);
        let tracker = RefCell::new(Tracker { compared: compared(expression.text()), ..Tracker::default() });
        let search = RefCell::new(&mut *self);
        let mut holds = |step: &Step<'_>| {
            let held = match step.event {
                _ if stop() => return Ok(false),
                Some(event) => expression.eval(event, step.state, step.before),
                None => expression.eval(&step.bare_event(), step.state, step.before),
            };
            tracker.borrow_mut().note(step, matches!(held, Ok(true)));
            held.map_err(|error| error.to_string())
        };
        let mut progress = |events: u64| {
            let mut search = search.borrow_mut();
            search.part.scanned = scanned_before + events;
            search.tell_now_and_then();
            if stop() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        };
        let mut tell = |interval: Interval| {
            if stop() {
                return ControlFlow::Break(());
            }
            let (extreme, until) = tracker.borrow_mut().end_of_interval();
            search.borrow_mut().add(stream, &interval, extreme, until);
            ControlFlow::Continue(())
        };
        let mut condition = Condition { looks, holds: &mut holds };
        let found = folder.replay.find(stream, 0..u64::MAX, &mut condition, &mut progress, &mut tell)?;
        self.part.versions += tracker.into_inner().versions;
        if stop() {
            return Err(Error::Stopped);
        }
        self.part.scanned = scanned_before + found.scanned.events;
        self.part.failed += found.faults_total;
        if self.part.failure.is_none() {
            self.part.failure = found.faults.into_iter().next().map(|fault| fault.message);
        }
        self.tell_now_and_then();
        Ok(())
    }

    fn add(&mut self, stream: &StreamId, interval: &Interval, extreme: Option<String>, until: Option<Time>) {
        self.part.intervals_total += 1;
        if self.listed >= FIND_ROWS_MAX {
            return;
        }
        self.listed += 1;
        self.part.intervals.push(IntervalAt {
            stream: stream.clone(),
            from_position: interval.from_position,
            from_version: interval.from_version,
            event_type: Arc::from(&*interval.event_type),
            time: interval.time,
            to_position: interval.to_position,
            to_version: interval.to_version,
            still: interval.holds_still,
            until,
            extreme,
        });
    }

    fn is_over(&self) -> bool {
        !self.outlet.shared.is_newest_task(self.ticket) || !self.outlet.shared.is_newest_log(self.generation)
    }

    fn tell_now_and_then(&mut self) {
        if self.told.elapsed() >= Duration::from_millis(TASK_TELLS_EVERY_MS) {
            self.tell();
        }
    }

    /// Says what was found since the last word.
    fn tell(&mut self) {
        self.told = Instant::now();
        self.part.elapsed_us = u64::try_from(self.started.elapsed().as_micros()).unwrap_or(u64::MAX);
        let rest = FoundPart { intervals: Vec::new(), ..self.part.clone() };
        let part = std::mem::replace(&mut self.part, rest);
        self.outlet.send(Reply::Found { generation: self.generation, part });
    }

    fn end(&mut self, ended: Result<()>) {
        self.part.ended = Some(match ended {
            Ok(()) => FindEnd::Whole,
            Err(error) if error.is_stopped() => FindEnd::Stopped,
            Err(error) => FindEnd::Refused(sentence(&error.to_string())),
        });
        self.tell();
    }
}

/// What the interval that is open has seen.
#[derive(Default)]
struct Tracker {
    compared: Option<Compared>,
    farthest: Option<(f64, String)>,
    last_time: Option<Time>,
    versions: u64,
}

impl Tracker {
    fn note(&mut self, step: &Step<'_>, held: bool) {
        self.last_time = step.time().or(self.last_time);
        if !held {
            return;
        }
        self.versions += 1;
        let Some(compared) = &self.compared else { return };
        let Some(value) = step.state.pointer(&compared.pointer) else { return };
        let Some(number) = value.as_f64() else { return };
        let beyond = match &self.farthest {
            Some((known, _)) if compared.lower => number < *known,
            Some((known, _)) => number > *known,
            None => true,
        };
        if beyond {
            self.farthest = Some((number, value.to_string()));
        }
    }

    /// The value farthest beyond, and when it was over: at the event that was looked at last.
    fn end_of_interval(&mut self) -> (Option<String>, Option<Time>) {
        (self.farthest.take().map(|(_, text)| text), self.last_time)
    }
}

/// The path of `state.a.b < 0` and the like; `None` where the condition compares anything else.
fn compared(text: &str) -> Option<Compared> {
    let at = text.find(['<', '>'])?;
    let (left, right) = text.split_at(at);
    let path = left.trim().strip_prefix("state.")?;
    let names: Vec<&str> = path.split('.').collect();
    let is_name = |name: &&str| !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || c == '_' || c == '$');
    let right_side = right.trim_start_matches(['<', '>', '=']).trim();
    let is_number = right_side.parse::<f64>().is_ok();
    (names.iter().all(is_name) && is_number)
        .then(|| Compared { pointer: format!("/{}", names.join("/")), lower: right.starts_with('<') })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_condition_that_compares_one_number_is_understood() {
        let pointer = |text| compared(text).map(|it| (it.pointer, it.lower));
        assert_eq!(pointer("state.balance < 0"), Some(("/balance".to_owned(), true)));
        assert_eq!(pointer("state.limits.day>=2.5"), Some(("/limits/day".to_owned(), false)));
        for text in
            ["state.a < state.b", "before.a < 0", "state.a() < 1", "state.a === 1", "state.a < 1 || state.b > 2"]
        {
            assert_eq!(pointer(text), None, "{text}");
        }
    }
}
