//! The projection at work: an event goes through deletion, filters, partition, `$init`, `$created`, its handler and the
//! transforms. A fault on the way changes nothing but the lines that were logged.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use rquickjs::{Ctx, Exception, Function, Object, Value as Js};

use super::super::engine::{Engine, Failure, Stop, check_size};
use super::super::values::{Exact, may_be_lossy, read, write};
use super::definition::Definition;
use crate::error::{Error, Result};
use crate::event::Value;
use crate::limits::{EMITTED_PER_EVENT_MAX, PROJECTION_DEPTH_MAX, SCRIPT_TICKS_MAX};

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

/// An event or a link that the projection would have written.
#[derive(Clone, PartialEq, Debug)]
pub struct Emitted {
    /// The callback that emitted it: a type's name, `$any`, `$created`, `partitionBy`, …
    pub callback: String,
    /// The stream.
    pub stream: String,
    /// The type: `$>` for a link, `$@` for a link to a stream.
    pub event_type: String,
    /// The body.
    pub data: Option<Value>,
    /// The text of a link.
    pub link: Option<String>,
    /// The metadata.
    pub metadata: Option<Value>,
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

#[derive(Default)]
struct Outbox {
    emitted: Vec<Emitted>,
    logs: Vec<String>,
    warnings: BTreeMap<&'static str, (u64, String)>,
    callback: String,
    fault: Option<String>,
    exact: Exact,
}

type Shared = Arc<Mutex<Outbox>>;

/// A projection with the states of its partitions.
pub struct Machine {
    name: String,
    text: String,
    definition: Definition,
    engine: Option<Engine>,
    outbox: Shared,
    /// The partition whose live state the runtime still holds.
    live: Option<String>,
    states: BTreeMap<String, Value>,
    results: BTreeMap<String, Value>,
    shared: Option<Value>,
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
            states: BTreeMap::new(),
            results: BTreeMap::new(),
            shared: None,
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

    /// The states by partition; without partitions, under the empty name.
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
        self.states = states;
        self.shared = shared;
    }

    fn outbox(&self) -> std::sync::MutexGuard<'_, Outbox> {
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
        self.work(input, None)
    }

    fn work(&mut self, input: &Input<'_>, deleted: Option<&str>) -> Delivered {
        let engine = match self.engine.take() {
            Some(engine) => engine,
            None => match self.start() {
                Ok((engine, _)) => engine,
                Err(error) => {
                    return Delivered { fault: Some((String::new(), error.to_string())), ..Delivered::default() };
                }
            },
        };
        {
            let mut outbox = self.outbox();
            outbox.emitted.clear();
            outbox.logs.clear();
            outbox.fault = None;
            outbox.exact = Exact::default();
            outbox.callback.clear();
        }
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

/// What an event left behind.
struct After {
    partition: String,
    state: Value,
    shared: Value,
    result: Value,
    plain: bool,
}

struct OneEvent<'a> {
    machine: &'a Machine,
    engine: &'a Engine,
    input: &'a Input<'a>,
    live: Option<&'a str>,
}

impl OneEvent<'_> {
    fn run<'js>(
        &mut self,
        ctx: &Ctx<'js>,
        kit: &Object<'js>,
        deleted: Option<&str>,
    ) -> std::result::Result<Option<After>, Stop> {
        let definition = &self.machine.definition;
        let api: Object<'_> = kit.get("api")?;
        #[expect(clippy::cast_precision_loss, reason = "JavaScript's times are doubles")]
        let milliseconds = self.input.milliseconds as f64;
        kit.get::<_, Function<'_>>("at")?.call::<_, ()>((milliseconds, self.input.seed))?;
        let given = self.given(ctx)?;
        let make: Function<'_> = api.get("makeEvent")?;
        let category = definition.category.as_deref();
        let partition = match deleted {
            Some(stream) => stream.to_owned(),
            None if definition.by_stream => {
                self.input.stream.strip_prefix("$$").unwrap_or(self.input.stream).to_owned()
            }
            None if definition.partition_by => {
                self.enter("partitionBy");
                let event: Js<'_> = make.call((given.clone(), "", category_or_null(ctx, category)?))?;
                let key: Js<'_> = api.get::<_, Function<'_>>("key")?.call((event,))?;
                match key.as_string() {
                    Some(key) => key.to_string()?,
                    None => return Ok(None),
                }
            }
            None => String::new(),
        };
        let exact = self.exact(&partition);
        self.machine.outbox().exact = exact;
        let (own, fresh) = self.load(ctx, kit, &api, &partition)?;
        let mut state = if definition.bi_state {
            let shared = match &self.machine.shared {
                Some(shared) => read(ctx, shared)?,
                None => {
                    self.enter("$initShared");
                    api.get::<_, Function<'_>>("initShared")?.call(())?
                }
            };
            api.get::<_, Function<'_>>("pair")?.call((own, shared))?
        } else {
            own
        };
        if let Some(stream) = deleted {
            self.enter("$deleted");
            api.get::<_, Function<'_>>("deleted")?.call::<_, ()>((state.clone(), stream))?;
        } else {
            if fresh && definition.created {
                self.enter("$created");
                let event: Js<'_> = make.call((given.clone(), partition.as_str(), ""))?;
                api.get::<_, Function<'_>>("created")?.call::<_, ()>((state.clone(), event))?;
            }
            self.enter(self.handler());
            let event: Js<'_> = make.call((given, partition.as_str(), category_or_null(ctx, category)?))?;
            let after: Js<'_> = api.get::<_, Function<'_>>("handle")?.call((state.clone(), event))?;
            if !after.is_undefined() {
                state = after;
            }
        }
        self.finish(ctx, kit, &api, partition, state).map(Some)
    }

    /// Writes the state as JSON, and runs the transforms on a copy of it.
    fn finish<'js>(
        &mut self,
        ctx: &Ctx<'js>,
        kit: &Object<'js>,
        api: &Object<'js>,
        partition: String,
        state: Js<'js>,
    ) -> std::result::Result<After, Stop> {
        let definition = &self.machine.definition;
        let written = {
            // A getter in the state runs the script, which may log: the outbox is not held meanwhile.
            let exact = std::mem::take(&mut self.machine.outbox().exact);
            let written = write(ctx, &state, Some(&exact), PROJECTION_DEPTH_MAX + usize::from(definition.bi_state));
            let lossy = exact.is_needed();
            self.machine.outbox().exact = exact;
            let mut written = written?;
            written.plain &= !lossy;
            written
        };
        if let Some(changed) = &written.changed {
            self.machine.warn("state-not-json", format!("JSON does not keep {changed}"));
        }
        let (own, shared) = if definition.bi_state {
            match written.value {
                Value::Array(mut parts) => {
                    parts.resize(parts.len().max(2), Value::Null);
                    let shared = parts.swap_remove(1);
                    (parts.swap_remove(0), shared)
                }
                _ => return Err(Stop::Said("a handler with shared state must return the pair".to_owned())),
            }
        } else {
            (written.value, Value::Null)
        };
        let mut result = Value::Null;
        if definition.transforms > 0 {
            let copied =
                if definition.bi_state { Value::Array(vec![own.clone(), shared.clone()]) } else { own.clone() };
            let mut passing = read(ctx, &copied)?;
            let transform: Function<'_> = api.get("transform")?;
            for index in 0..definition.transforms {
                if passing.is_null() || passing.is_undefined() {
                    break;
                }
                self.enter("transform");
                passing = transform.call((passing, u32::try_from(index).unwrap_or(u32::MAX)))?;
            }
            let exact = std::mem::take(&mut self.machine.outbox().exact);
            let written = write(ctx, &passing, Some(&exact), PROJECTION_DEPTH_MAX + 1);
            self.machine.outbox().exact = exact;
            result = written?.value;
        }
        let plain = written.plain && !definition.bi_state;
        if plain {
            kit.set("live", state)?;
        }
        Ok(After { partition, state: own, shared, result, plain })
    }

    /// The state of the partition, and whether `$init` made it just now.
    fn load<'js>(
        &self,
        ctx: &Ctx<'js>,
        kit: &Object<'js>,
        api: &Object<'js>,
        partition: &str,
    ) -> std::result::Result<(Js<'js>, bool), Stop> {
        if self.live == Some(partition) {
            return Ok((kit.get("live")?, false));
        }
        match self.machine.states.get(partition) {
            Some(state) => Ok((read(ctx, state)?, false)),
            None => {
                self.enter("$init");
                Ok((api.get::<_, Function<'_>>("init")?.call(())?, true))
            }
        }
    }

    /// The long numbers that the state and the payload hold.
    fn exact(&self, partition: &str) -> Exact {
        let mut exact = Exact::default();
        if self.live != Some(partition)
            && let Some(state) = self.machine.states.get(partition)
        {
            exact.add(state);
        }
        if let Some(shared) = &self.machine.shared {
            exact.add(shared);
        }
        for text in [self.input.data.filter(|_| self.input.is_json), self.input.metadata].into_iter().flatten() {
            if may_be_lossy(text)
                && let Ok(value) = serde_json::from_str(text)
            {
                exact.add(&value);
            }
        }
        exact
    }

    fn given<'js>(&self, ctx: &Ctx<'js>) -> rquickjs::Result<Object<'js>> {
        let input = self.input;
        let given = Object::new(ctx.clone())?;
        let null = || Js::new_null(ctx.clone());
        let set = |name: &str, value: Option<&str>| match value {
            Some(text) => given.set(name, text),
            None => given.set(name, null()),
        };
        set("created", input.created.as_deref())?;
        set("bodyRaw", input.data.filter(|data| !data.is_empty()))?;
        set("metadataRaw", input.metadata.filter(|metadata| !metadata.is_empty()))?;
        set("streamId", Some(input.stream))?;
        set("eventId", input.id)?;
        set("eventType", Some(input.event_type))?;
        set("linkMetadataRaw", input.link_metadata)?;
        given.set("isJson", input.is_json && input.data.is_some_and(|data| !data.is_empty()))?;
        #[expect(clippy::cast_precision_loss, reason = "JavaScript's numbers are doubles")]
        match input.version {
            Some(version) => given.set("sequenceNumber", version as f64)?,
            None => given.set("sequenceNumber", null())?,
        }
        Ok(given)
    }

    /// The callback that runs now: each has an allowance of its own.
    fn enter(&self, callback: &str) {
        self.engine.refill(SCRIPT_TICKS_MAX);
        callback.clone_into(&mut self.machine.outbox().callback);
    }

    fn handler(&self) -> &str {
        let definition = &self.machine.definition;
        if definition.types.iter().any(|name| name == self.input.event_type) { self.input.event_type } else { "$any" }
    }
}

fn category_or_null<'js>(ctx: &Ctx<'js>, category: Option<&str>) -> rquickjs::Result<Js<'js>> {
    match category {
        Some(category) => Ok(rquickjs::String::from_str(ctx.clone(), category)?.into_value()),
        None => Ok(Js::new_null(ctx.clone())),
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
    let (mut depth, mut deepest, mut in_string, mut escaped) = (0_usize, 0, false, false);
    for byte in data.bytes() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_string => escaped = true,
            b'"' => in_string = !in_string,
            b'{' | b'[' if !in_string => {
                depth += 1;
                deepest = deepest.max(depth);
            }
            b'}' | b']' if !in_string => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    deepest <= PROJECTION_DEPTH_MAX && serde_json::from_str::<serde::de::IgnoredAny>(data).is_ok()
}

fn warn(outbox: &Shared, id: &'static str, message: String) {
    let mut outbox = outbox.lock().unwrap_or_else(PoisonError::into_inner);
    outbox.warnings.entry(id).or_insert((0, message)).0 += 1;
}

/// What the prelude may ask of us.
fn host<'js>(ctx: &Ctx<'js>, outbox: &Shared) -> rquickjs::Result<Object<'js>> {
    let host = Object::new(ctx.clone())?;
    let kept = Arc::clone(outbox);
    let write_json = move |ctx: Ctx<'js>, value: Js<'js>| -> rquickjs::Result<String> {
        let exact = std::mem::take(&mut kept.lock().unwrap_or_else(PoisonError::into_inner).exact);
        let written = write(&ctx, &value, Some(&exact), PROJECTION_DEPTH_MAX);
        kept.lock().unwrap_or_else(PoisonError::into_inner).exact = exact;
        match written {
            Ok(written) => Ok(written.value.to_string()),
            Err(Stop::Js(error)) => Err(error),
            Err(Stop::Said(message)) => {
                kept.lock().unwrap_or_else(PoisonError::into_inner).fault = Some(message.clone());
                Err(Exception::throw_type(&ctx, &message))
            }
        }
    };
    host.set("write", Function::new(ctx.clone(), write_json)?)?;
    let kept = Arc::clone(outbox);
    let fault = move |ctx: Ctx<'js>, message: String| -> rquickjs::Result<()> {
        kept.lock().unwrap_or_else(PoisonError::into_inner).fault.get_or_insert(message.clone());
        Err(Exception::throw_type(&ctx, &message))
    };
    host.set("fault", Function::new(ctx.clone(), fault)?)?;
    let kept = Arc::clone(outbox);
    let log = move |line: String| {
        let mut outbox = kept.lock().unwrap_or_else(PoisonError::into_inner);
        super::super::engine::push_line(&mut outbox.logs, line);
    };
    host.set("log", Function::new(ctx.clone(), log)?)?;
    let kept = Arc::clone(outbox);
    let emit = move |ctx: Ctx<'js>,
                     stream: String,
                     event_type: String,
                     data: Option<String>,
                     link: Option<String>,
                     metadata: Option<String>|
          -> rquickjs::Result<()> {
        let mut outbox = kept.lock().unwrap_or_else(PoisonError::into_inner);
        if outbox.emitted.len() >= EMITTED_PER_EVENT_MAX {
            let message = format!("more than {EMITTED_PER_EVENT_MAX} events emitted for one event");
            outbox.fault.get_or_insert(message.clone());
            return Err(Exception::throw_type(&ctx, &message));
        }
        let json = |text: Option<String>| text.and_then(|text| serde_json::from_str(&text).ok());
        let callback = outbox.callback.clone();
        outbox
            .warnings
            .entry("emit-recorded")
            .or_insert((0, "what is emitted is recorded and never written".to_owned()))
            .0 += 1;
        outbox.emitted.push(Emitted { callback, stream, event_type, data: json(data), link, metadata: json(metadata) });
        Ok(())
    };
    host.set("emit", Function::new(ctx.clone(), emit)?)?;
    let kept = Arc::clone(outbox);
    let notice = move |id: String, message: String| {
        let id = match id.as_str() {
            "copyTo-empty" => "copyTo-empty",
            "console-missing" => "console-missing",
            _ => return,
        };
        warn(&kept, id, message);
    };
    host.set("warn", Function::new(ctx.clone(), notice)?)?;
    Ok(host)
}
