//! The projection at work: an event goes through deletion, filters, partition, `$init`, `$created`, its handler and the
//! transforms. A fault on the way changes nothing but the lines that were logged.

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError};

use rquickjs::{Function, Object, Value as Js};

use super::super::engine::{Engine, Failure, check_size};
use super::deferred::Deferred;
use super::definition::Definition;
use super::host::{Emitted, Outbox, Shared, host, warn};
use super::step::OneEvent;
use crate::error::{Error, Result};
use crate::event::Value;
use crate::limits::{PROJECTION_DEPTH_MAX, SCRIPT_TICKS_MAX};

const PRELUDE: &str = include_str!("prelude.js");

/// One event, as it comes out of the projection's sources.
#[derive(Clone, Debug)]
pub struct Input<'a> {
    /// The stream that holds the event itself.
    pub stream: &'a str,
    /// The category, where the stream has one.
    pub category: Option<&'a str>,
    /// Its number in that stream.
    pub version: Option<i64>,
    /// Its type.
    pub event_type: &'a str,
    /// Its id.
    pub id: Option<&'a str>,
    /// Its payload as text, where it has one.
    pub data: Option<&'a str>,
    /// True where the payload is JSON, or meant to be.
    pub is_json: bool,
    /// Its metadata as text.
    pub metadata: Option<&'a str>,
    /// The metadata of the link that led to it.
    pub link_metadata: Option<&'a str>,
    /// When: ISO 8601 with seven digits of the second.
    pub created: Option<String>,
    /// The same in milliseconds since 1970.
    pub milliseconds: i64,
    /// Its place in the log, for the dice.
    pub seed: i32,
}

/// What one event did.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Delivered {
    /// The partition that it reached; none where it was filtered.
    pub partition: Option<String>,
    /// What it would have written.
    pub emitted: Vec<Emitted>,
    /// What it logged.
    pub logs: Vec<String>,
    /// The callback that failed, and why. Then the state is as before.
    pub fault: Option<(String, String)>,
}

/// Something that differs from KurrentDB, or that a person should know.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Warning {
    /// A short name, always the same.
    pub id: &'static str,
    /// What it is about, in words.
    pub message: String,
    /// How often.
    pub count: u64,
}

/// A projection with the states of its partitions.
pub struct Machine {
    name: String,
    text: String,
    pub(super) definition: Definition,
    pub(super) engine: Option<Engine>,
    outbox: Shared,
    /// The partition whose live state the runtime still holds.
    pub(super) live: Option<String>,
    pub(super) deferred: Deferred,
    pub(super) states: BTreeMap<String, Value>,
    results: BTreeMap<String, Value>,
    pub(super) shared: Option<Value>,
    /// Events whose transforms were watched for changes of what they are given.
    pub(super) watched: std::cell::Cell<u32>,
}

impl Machine {
    /// Runs the script once, to learn what it defines.
    ///
    /// # Errors
    /// `Input` with the reason where the script fails or KurrentDB would refuse the definition.
    pub fn compile(name: &str, text: &str) -> Result<Self> {
        check_size(text)?;
        let mut machine = Self {
            name: name.to_owned(),
            text: text.to_owned(),
            definition: Definition::default(),
            engine: None,
            outbox: Shared::default(),
            live: None,
            deferred: Deferred::default(),
            states: BTreeMap::new(),
            results: BTreeMap::new(),
            shared: None,
            watched: std::cell::Cell::new(0),
        };
        let (engine, definition) = machine.start()?;
        machine.engine = Some(engine);
        machine.definition = definition;
        machine.warn_of_definition();
        Ok(machine)
    }

    /// What the script defines.
    #[must_use]
    pub fn definition(&self) -> &Definition {
        &self.definition
    }

    /// The states by partition, as of the last [`Machine::settle`]; without partitions, under the empty name.
    #[must_use]
    pub fn states(&self) -> &BTreeMap<String, Value> {
        &self.states
    }

    /// The state that all partitions share, once an event has made one.
    #[must_use]
    pub fn shared(&self) -> Option<&Value> {
        self.shared.as_ref()
    }

    /// The result of a partition: its state, or what the transforms made of it.
    #[must_use]
    pub fn result(&self, partition: &str) -> Option<&Value> {
        if self.definition.transforms > 0 { self.results.get(partition) } else { self.states.get(partition) }
    }

    /// What was noticed so far.
    #[must_use]
    pub fn warnings(&self) -> Vec<Warning> {
        let outbox = self.outbox();
        let warning = |(id, (count, message)): (&&'static str, &(u64, String))| Warning {
            id,
            message: message.clone(),
            count: *count,
        };
        outbox.warnings.iter().map(warning).collect()
    }

    /// Notices something.
    pub fn warn(&self, id: &'static str, message: impl Into<String>) {
        warn(&self.outbox, id, message.into());
    }

    /// What the script logged while it was read.
    #[must_use]
    pub fn take_logs(&self) -> Vec<String> {
        std::mem::take(&mut self.outbox().logs)
    }

    /// Goes on from these states, as [`Machine::states`] and [`Machine::shared`] gave them.
    pub fn restore(&mut self, states: BTreeMap<String, Value>, shared: Option<Value>) {
        self.live = None;
        self.deferred.none();
        self.states = states;
        self.shared = shared;
    }

    pub(super) fn outbox(&self) -> std::sync::MutexGuard<'_, Outbox> {
        self.outbox.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn start(&self) -> Result<(Engine, Definition)> {
        let engine = Engine::new()?;
        let outbox = Arc::clone(&self.outbox);
        let made = engine
            .run(SCRIPT_TICKS_MAX, |ctx, kit| {
                let host = host(ctx, &outbox)?;
                let prelude: Function<'_> = ctx.eval(PRELUDE)?;
                let api: Object<'_> = prelude.call((host, kit.clone()))?;
                kit.set("api", api.clone())?;
                api.get::<_, Function<'_>>("begin")?.call::<_, ()>(())?;
                let mut options = rquickjs::context::EvalOptions::default();
                options.strict = false;
                options.filename = Some(self.name.clone());
                ctx.eval_with_options::<Js<'_>, _>(self.text.as_str(), options)?;
                Ok(api.get::<_, Function<'_>>("end")?.call::<_, String>(())?)
            })
            .map_err(|failure| Error::Input(failure.message))?;
        let made: Value = serde_json::from_str(&made).map_err(|error| Error::Other(error.to_string()))?;
        Ok((engine, Definition::of(&made)))
    }

    fn warn_of_definition(&self) {
        let definition = &self.definition;
        if definition.any_before_named {
            self.warn(
                "any-never-runs",
                "$any stands before a named handler: it never runs, and its events are dropped",
            );
        }
        if definition.any_after_named {
            self.warn(
                "any-with-named",
                "KurrentDB's V1 engine refuses $any after named handlers; move it to its own projection",
            );
        }
        for name in &definition.ignored {
            self.warn("handler-not-a-function", format!("{name} in when() is no function, and no handler"));
        }
        if definition.reorder_events {
            self.warn(
                "option-no-effect",
                "events are read in the order of the log: reorderEvents and processingLag do nothing",
            );
        }
        if definition.include_links && !(definition.all && definition.all_events) {
            self.warn("option-no-effect", "$includeLinks matters only for fromAll with all events");
        }
        if definition.bi_state && !definition.by_stream && !definition.partition_by {
            self.warn("shared-unpartitioned", "KurrentDB keeps own and shared state in one place without partitions");
        }
        if definition.category.is_some() || definition.streams.iter().any(|name| name.starts_with("$ce-")) {
            self.warn("category-needs-system-projection", "on KurrentDB this needs the system projection $by_category");
        }
        if definition.transforms > 0 || definition.output {
            self.warn("v2-differs", "KurrentDB's V2 engine runs no transforms and writes no results");
        }
    }

    /// A stream of this name (`$ce-…`, `$et-…`) is in the log: it is read, and not derived.
    pub fn reads_as_it_is(&mut self, name: &str) {
        if !self.definition.held.iter().any(|held| held == name) {
            self.definition.held.push(name.to_owned());
        }
    }

    /// Takes an event that a link in one of the source streams led to.
    pub fn deliver_resolved(&mut self, input: &Input<'_>) -> Delivered {
        self.filtered(input)
    }

    /// Takes one event of the log. Events that the projection does not see give an empty answer.
    pub fn deliver(&mut self, input: &Input<'_>) -> Delivered {
        if !self.definition.source_has(input.stream, input.category, input.event_type) && deletion(input).is_none() {
            return Delivered::default();
        }
        if let Some(stream) = deletion(input) {
            let category = if input.stream == stream { input.category } else { super::category_of(stream) };
            if self.definition.deleted && self.definition.covers(stream, category) {
                return self.work(input, Some(stream));
            }
            if !self.definition.all || !self.definition.source_has(input.stream, input.category, input.event_type) {
                return Delivered::default();
            }
        }
        self.filtered(input)
    }

    fn filtered(&mut self, input: &Input<'_>) -> Delivered {
        if !self.definition.handles(input.event_type) {
            return Delivered::default();
        }
        if input.is_json && !input.data.is_some_and(is_sound) && input.event_type != "$streamDeleted" {
            return Delivered::default();
        }
        self.deliver_deferred(input).unwrap_or_else(|| self.work(input, None))
    }

    pub(super) fn work(&mut self, input: &Input<'_>, deleted: Option<&str>) -> Delivered {
        let engine = match self.engine.take() {
            Some(engine) => engine,
            None => match self.start() {
                Ok((engine, _)) => engine,
                Err(error) => {
                    return Delivered { fault: Some((String::new(), error.to_string())), ..Delivered::default() };
                }
            },
        };
        self.outbox().begin();
        self.deferred.none();
        let live = self.live.take();
        let mut event = OneEvent { machine: &*self, engine: &engine, input, live: live.as_deref() };
        let result = engine.run(SCRIPT_TICKS_MAX, |ctx, kit| event.run(ctx, kit, deleted));
        engine.take_console();
        let mut delivered = Delivered::default();
        let host_fault = {
            let mut outbox = self.outbox();
            delivered.logs = std::mem::take(&mut outbox.logs);
            delivered.emitted = std::mem::take(&mut outbox.emitted);
            outbox.fault.take().map(|fault| (outbox.callback.clone(), fault))
        };
        let spent = result.as_ref().is_err_and(|failure| failure.spent);
        match (result, host_fault) {
            (Ok(Some(after)), None) => {
                if after.plain {
                    self.live = Some(after.partition.clone());
                    self.deferred.written(after.nodes);
                }
                if self.definition.transforms > 0 {
                    self.results.insert(after.partition.clone(), after.result);
                }
                if self.definition.bi_state {
                    self.shared = Some(after.shared);
                }
                self.states.insert(after.partition.clone(), after.state);
                delivered.partition = Some(after.partition);
            }
            (Ok(None), None) => {}
            (Ok(_), Some(fault)) => delivered.fault = Some(fault),
            (Err(_), Some(fault)) if !spent => delivered.fault = Some(fault),
            (Err(Failure { message, .. }), _) => {
                let callback = self.outbox().callback.clone();
                delivered.fault = Some((callback, message));
            }
        }
        if delivered.fault.is_some() {
            delivered.emitted.clear();
            self.warn("would-fault-here", "KurrentDB would stop at the first fault; what comes after it is suspect");
        }
        if !spent {
            self.engine = Some(engine);
        }
        delivered
    }
}

/// The stream that this event deletes, if it does.
fn deletion<'a>(input: &Input<'a>) -> Option<&'a str> {
    if input.event_type == "$streamDeleted" && !input.stream.starts_with('$') {
        return Some(input.stream);
    }
    if input.event_type != "$metadata" {
        return None;
    }
    let stream = input.stream.strip_prefix("$$")?;
    let value: Value = serde_json::from_str(input.data?).ok()?;
    let before = value.get("$tb")?.as_i64()?;
    (before == i64::MAX).then_some(stream)
}

/// True for JSON that KurrentDB's validation lets pass.
fn is_sound(data: &str) -> bool {
    crate::event::nesting(data) <= PROJECTION_DEPTH_MAX && serde_json::from_str::<serde::de::IgnoredAny>(data).is_ok()
}
