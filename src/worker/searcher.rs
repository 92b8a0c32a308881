//! The searcher: looks through the log for events that pass a filter, and counts what they are. It has the log open for
//! itself, so that no row and no state waits for it.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;
use std::time::{Duration, Instant};

use crossbeam_channel::Receiver;

use super::{Outlet, mapper, rows, sentence};
use crate::error::{Error, Result};
use crate::event::{EventBatch, Value};
use crate::filter::{Filter, Name, Part, Place, Step};
use crate::limits::{FACET_PATHS_MAX, FACET_SAMPLE_EVENTS, FACET_VALUES_SHOWN, SEARCH_HITS_MAX, TASK_TELLS_EVERY_MS};
use crate::payload::Decoder;
use crate::protocol::{Generation, Reply, Request, SearchEnd, SearchFor, SearchFrom, SearchHit, SearchPart, Ticket};
use crate::replay::search::facets::{Facet, Facets};
use crate::replay::search::{Search, Wanted};
use crate::store::EventLog;

/// A value that has more kinds than this in the first hits is no facet.
const KINDS_MAX: usize = 12;

pub(super) fn run(requests: &Receiver<Request>, outlet: &Outlet) {
    let mut locator: Option<String> = None;
    let mut log: Option<Box<dyn EventLog>> = None;
    for request in requests {
        match request {
            Request::Open { generation, locator: opened } if outlet.shared.is_newest_opening(generation) => {
                (locator, log) = (Some(opened), None);
            }
            Request::Close => (locator, log) = (None, None),
            Request::Search { generation, ticket, search } => {
                let mut job = Job::new(outlet, generation, ticket);
                let ended = job.run(&mut log, locator.as_deref(), &search);
                job.end(ended);
            }
            other => mapper::hear(outlet, &other),
        }
    }
}

/// A search on its way.
struct Job<'a> {
    outlet: &'a Outlet,
    generation: Generation,
    part: SearchPart,
    listed: u64,
    facets: Option<Facets>,
    /// The first hits: they tell what to count by.
    sample: EventBatch,
    started: Instant,
    told: Instant,
}

impl<'a> Job<'a> {
    fn new(outlet: &'a Outlet, generation: Generation, ticket: Ticket) -> Self {
        let now = Instant::now();
        Self {
            outlet,
            generation,
            part: SearchPart { ticket, ..SearchPart::default() },
            listed: 0,
            facets: None,
            sample: EventBatch::new(),
            started: now,
            told: now,
        }
    }

    fn is_over(&self) -> bool {
        !self.outlet.shared.is_newest_search(self.part.ticket) || !self.outlet.shared.is_newest_log(self.generation)
    }

    fn run(&mut self, log: &mut Option<Box<dyn EventLog>>, locator: Option<&str>, wanted: &SearchFor) -> Result<()> {
        if self.is_over() {
            return Err(Error::Stopped);
        }
        let filter = Filter::parse(&wanted.filter)?;
        if log.is_none() {
            let locator = locator.ok_or_else(|| Error::Other("no log is open".to_owned()))?;
            let opened = crate::store::open(locator)?;
            self.outlet.shared.register("searcher", opened.as_ref());
            *log = Some(opened);
        }
        let Some(log) = log.as_mut() else { return Ok(()) };
        let decoder = log.decoder();
        self.part.of = log.extent(&wanted.scope)?;
        let sought = Wanted { filter, condition: None, states: None };
        let mut search = match wanted.from {
            SearchFrom::Oldest => Search::new(log.as_ref(), wanted.scope.clone(), crate::event::Resume::Start, sought),
            SearchFrom::Newest => Search::back(log.as_ref(), wanted.scope.clone(), self.part.of, sought),
        };
        self.tell();
        while !search.is_over() {
            if self.is_over() {
                return Err(Error::Stopped);
            }
            search.page(log.as_mut(), &mut |row, raw| {
                if self.listed < SEARCH_HITS_MAX {
                    self.listed += 1;
                    self.part.hits.push(SearchHit { row, event: rows::row(&decoder, raw) });
                }
                match &mut self.facets {
                    Some(facets) => facets.count(raw),
                    None => self.sample.push(raw),
                }
                ControlFlow::Continue(())
            })?;
            let seen = search.seen();
            self.part.scanned = seen.scanned;
            self.part.of = self.part.of.max(seen.scanned);
            self.part.hits_total = seen.hits;
            self.part.undecodable = seen.undecodable;
            let is_due = self.told.elapsed() >= Duration::from_millis(TASK_TELLS_EVERY_MS);
            // The first hits are told at once.
            let is_first = self.part.first == 0 && !self.part.hits.is_empty();
            if self.sample.len() >= FACET_SAMPLE_EVENTS || is_due || is_first {
                self.count_sample(&decoder);
            }
            if is_due || is_first {
                self.tell();
            }
        }
        self.count_sample(&decoder);
        Ok(())
    }

    /// Chooses what to count by, once there are hits, and counts those.
    fn count_sample(&mut self, decoder: &Decoder) {
        if self.facets.is_none() && !self.sample.is_empty() {
            let mut by = vec![Facet::Name(Name::Type), Facet::Name(Name::Stream)];
            by.extend(paths(decoder, &self.sample).into_iter().map(Facet::Value));
            by.push(Facet::Month);
            self.facets = Some(Facets::new(decoder.clone(), &by));
        }
        if let Some(facets) = &mut self.facets {
            self.sample.iter().for_each(|raw| facets.count(&raw));
            self.sample.clear();
        }
    }

    fn tell(&mut self) {
        self.told = Instant::now();
        self.part.elapsed_us = u64::try_from(self.started.elapsed().as_micros()).unwrap_or(u64::MAX);
        self.part.facets = self.facets.as_ref().map(|facets| facets.counted(FACET_VALUES_SHOWN));
        let hits = std::mem::take(&mut self.part.hits);
        let told = hits.len() as u64;
        let part = SearchPart { hits, ..self.part.clone() };
        self.part.first += told;
        self.outlet.send(Reply::Searched { generation: self.generation, part });
    }

    fn end(mut self, ended: Result<()>) {
        self.part.ended = Some(match ended {
            Ok(()) => SearchEnd::Whole,
            Err(error) if error.is_stopped() => SearchEnd::Stopped,
            Err(error) => SearchEnd::Failed(sentence(&error.to_string())),
        });
        self.tell();
    }
}

/// Paths of the payload, and one of the metadata, whose values are of few kinds: those that most events have.
fn paths(decoder: &Decoder, sample: &EventBatch) -> Vec<Place> {
    let mut found: BTreeMap<(Part, Vec<String>), (usize, BTreeSet<String>)> = BTreeMap::new();
    let events = sample.len().min(FACET_SAMPLE_EVENTS);
    for raw in sample.iter().take(events) {
        let decoded = decoder.decode(&raw);
        for (part, root) in [(Part::Payload, decoded.data.as_ref().ok()), (Part::Metadata, Some(&decoded.metadata))] {
            let Some(Value::Object(fields)) = root else { continue };
            for (key, value) in fields {
                if value.is_array() || value.is_object() || value.is_null() {
                    continue;
                }
                let (count, kinds) = found.entry((part, vec![key.clone()])).or_default();
                *count += 1;
                kinds.insert(value.to_string());
            }
        }
    }
    let mut likely: Vec<_> = found
        .into_iter()
        .filter(|(_, (count, kinds))| *count * 3 >= events && kinds.len() <= KINDS_MAX.min(1 + *count / 2))
        .collect();
    likely.sort_by_key(|((part, _), (count, kinds))| (*part, std::cmp::Reverse(*count), kinds.len()));
    let of = |part: Part, most: usize| likely.iter().filter(move |((of, _), _)| *of == part).take(most);
    of(Part::Payload, FACET_PATHS_MAX - 1)
        .chain(of(Part::Metadata, 1))
        .map(|((part, keys), _)| Place { part: *part, steps: keys.iter().cloned().map(Step::Key).collect() })
        .collect()
}
