//! One pass over a category or the whole log in which each stream has a state of its own.
//!
//! The states of the streams that were met last are held, up to so many bytes. One that was let go, or that
//! stands before where the pass began, is folded as a seek folds it: from its nearest checkpoint.

use std::borrow::Cow;
use std::collections::HashMap;
use std::ops::Range;
use std::time::Instant;

use super::Replay;
use super::scan::{Looks, Pace, Progress, Scanned, Step, Visit};
use crate::error::{Error, Result};
use crate::event::{EventBatch, RawEvent, Scope, StreamId, Value};
use crate::limits::{FOLD_LOOK_UP_EVERY_EVENTS, PAGE_EVENTS_MAX};
use crate::log::At;

/// Bytes that a stream's state takes besides its values.
const MEMBER_BYTES: usize = 256;
/// How many times its text a value takes in memory, about.
const VALUE_BYTES_A_BYTE: usize = 4;

/// The states of many streams.
#[derive(Default)]
struct Crowd {
    members: HashMap<Box<str>, Member>,
    bytes: usize,
    clock: u64,
    bytes_max: usize,
    /// True where a stream that is not here may have been met before.
    forgetful: bool,
}

struct Member {
    state: Value,
    bytes: usize,
    used: u64,
}

impl Crowd {
    /// Takes a stream's state out, to be put back.
    fn take(&mut self, stream: &str) -> Option<Member> {
        let member = self.members.get_mut(stream)?;
        self.bytes -= member.bytes;
        Some(Member { state: std::mem::take(&mut member.state), bytes: std::mem::take(&mut member.bytes), used: 0 })
    }

    fn put(&mut self, stream: &str, mut member: Member) {
        self.clock += 1;
        self.bytes += member.bytes;
        member.used = self.clock;
        match self.members.get_mut(stream) {
            Some(place) => *place = member,
            None => drop(self.members.insert(stream.into(), member)),
        }
        if self.bytes > self.bytes_max {
            self.forget_half();
        }
    }

    /// Lets the half go that was not met for longest.
    fn forget_half(&mut self) {
        let mut used: Vec<u64> = self.members.values().map(|member| member.used).collect();
        let middle = used.len() / 2;
        let (_, &mut middle, _) = used.select_nth_unstable(middle);
        self.members.retain(|_, member| member.used >= middle);
        self.bytes = self.members.values().map(|member| member.bytes).sum();
        self.forgetful = true;
    }
}

impl Replay {
    /// Looks at the events of a scope from one position to another, or to its end, in order, each with the states of its
    /// own stream around it. Of one stream it is [`Replay::scan_in`].
    ///
    /// # Errors
    /// `Stopped` where `progress` broke; else as the log.
    pub fn scan_each(
        &mut self,
        scope: &Scope,
        range: Range<u64>,
        looks: Looks,
        progress: Progress<'_>,
        visit: &mut dyn Visit,
    ) -> Result<Scanned> {
        if scope.stream().is_some() {
            return self.scan_in(scope, range, looks, progress, visit);
        }
        let started = Instant::now();
        self.notice_other_history(scope)?;
        let mut crowd = Crowd { bytes_max: self.spacing.streams_bytes, forgetful: range.start > 0, ..Crowd::default() };
        let (mut scanned, mut position) = (Scanned::default(), range.start);
        let place = self.log.locate(scope, position)?;
        let (mut skip, mut resume) = (position - place.position, place.resume);
        let (mut batch, mut pace) = (EventBatch::new(), Pace::begin());
        'pages: while position < range.end {
            let read = scanned.events;
            if progress(read).is_break() {
                return Err(Error::Stopped);
            }
            let wanted = (range.end - position).saturating_add(skip).min(FOLD_LOOK_UP_EVERY_EVENTS);
            let limit = u32::try_from(wanted).unwrap_or(PAGE_EVENTS_MAX).min(PAGE_EVENTS_MAX);
            let end = self.log.read(scope, &resume, limit, &mut batch)?;
            for raw in batch.iter() {
                if skip > 0 {
                    skip -= 1;
                    continue;
                }
                if looks.folds() && pace.is_slow() && progress(scanned.events).is_break() {
                    return Err(Error::Stopped);
                }
                position += 1;
                scanned.events += 1;
                scanned.bytes += raw.data.len() as u64;
                let mut go_on = |_| progress(read);
                let flow = self.one_of_crowd(&mut crowd, position, raw, looks, &mut go_on, visit)?;
                scanned.faults += u64::from(flow.1);
                if flow.0 {
                    break 'pages;
                }
            }
            if end.at_end || batch.is_empty() {
                break;
            }
            resume = end.next;
        }
        scanned.elapsed_us = u64::try_from(started.elapsed().as_micros()).unwrap_or(u64::MAX);
        Ok(scanned)
    }

    /// Folds one event into its stream's state and shows it. Gives whether the pass ends, and whether it was a fault.
    fn one_of_crowd(
        &mut self,
        crowd: &mut Crowd,
        position: u64,
        raw: RawEvent<'_>,
        looks: Looks,
        progress: Progress<'_>,
        visit: &mut dyn Visit,
    ) -> Result<(bool, bool)> {
        let mut member = Member { state: Value::Null, bytes: 0, used: 0 };
        if looks.folds() {
            self.take_up_for(raw.stream)?;
            member = match crowd.take(raw.stream) {
                Some(member) => member,
                None => self.member_before(&raw, crowd.forgetful, progress)?,
            };
            visit.before(&self.reducer.peek(&member.state));
        }
        let before = if looks.before { self.reducer.peek(&member.state).into_owned() } else { Value::Null };
        let (event, fault) = self.take_in(&raw, looks, &mut member.state);
        let console = if looks.folds() { self.reducer.take_console() } else { Vec::new() };
        let shown = if looks.folds() { self.reducer.peek(&member.state) } else { Cow::Owned(Value::Null) };
        let step = Step {
            position,
            raw,
            event: event.as_ref(),
            before: &before,
            state: &shown,
            fault: fault.as_deref(),
            console: &console,
            decoder: &self.decoder,
        };
        let ends = visit.visit(&step).is_break();
        drop(shown);
        if looks.folds() {
            // Never less than it is: what an event brought may be in the state.
            member.bytes += raw.data.len() * VALUE_BYTES_A_BYTE;
            crowd.put(raw.stream, member);
        }
        Ok((ends, fault.is_some()))
    }

    /// The state of an event's stream before it.
    fn member_before(&mut self, raw: &RawEvent<'_>, forgetful: bool, progress: Progress<'_>) -> Result<Member> {
        if !forgetful {
            return Ok(Member { state: self.reducer.empty(), bytes: MEMBER_BYTES + raw.stream.len(), used: 0 });
        }
        let scope = Scope::Stream(StreamId::new(raw.stream));
        let position = self.log.position_of(&scope, &At::Seq(raw.seq))?.saturating_sub(1);
        let state = self.own_state_at(&scope, position, progress)?;
        let text = if position == 0 { 0 } else { serde_json::to_string(&state).map_or(0, |text| text.len()) };
        Ok(Member { state, bytes: MEMBER_BYTES + raw.stream.len() + text * VALUE_BYTES_A_BYTE, used: 0 })
    }
}
