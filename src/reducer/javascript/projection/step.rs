//! One event on its way through the callbacks: partition, `$init`, `$created`, handler, transforms.

use rquickjs::{Ctx, Function, Object, Value as Js};

use super::super::engine::{Engine, Stop};
use super::super::values::{Exact, may_be_lossy, read, write};
use super::machine::{Input, Machine};
use crate::event::Value;
use crate::limits::{PROJECTION_DEPTH_MAX, SCRIPT_TICKS_MAX, SCRIPT_TICKS_SLOW, STATE_LARGE_BYTES, STATE_LARGE_NODES};

/// Events whose transforms are watched for changes of what they are given.
const WATCHED_MAX: u32 = 256;

/// What an event left behind.
pub(super) struct After {
    pub(super) partition: String,
    pub(super) state: Value,
    pub(super) shared: Value,
    pub(super) result: Value,
    pub(super) plain: bool,
    pub(super) nodes: usize,
}

/// One event, and what it meets.
pub(super) struct OneEvent<'a> {
    pub(super) machine: &'a Machine,
    pub(super) engine: &'a Engine,
    pub(super) input: &'a Input<'a>,
    pub(super) live: Option<&'a str>,
}

impl OneEvent<'_> {
    /// Runs the callbacks. None where the event has no partition.
    pub(super) fn run<'js>(
        &mut self,
        ctx: &Ctx<'js>,
        kit: &Object<'js>,
        deleted: Option<&str>,
    ) -> std::result::Result<Option<After>, Stop> {
        let definition = &self.machine.definition;
        let api: Object<'_> = kit.get("api")?;
        self.tell_time(kit)?;
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
            let shared = if let Some(shared) = &self.machine.shared {
                read(ctx, shared)?
            } else {
                self.enter("$initShared");
                api.get::<_, Function<'_>>("initShared")?.call(())?
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
        self.notice_slow();
        self.notice_large(&written.value, written.nodes);
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
            let given = passing.clone();
            let transform: Function<'_> = api.get("transform")?;
            for index in 0..definition.transforms {
                if passing.is_null() || passing.is_undefined() {
                    break;
                }
                self.enter("transform");
                passing = transform.call((passing, u32::try_from(index).unwrap_or(u32::MAX)))?;
            }
            self.notice_slow();
            // Looking costs as much as the transform: only at the first events.
            if self.machine.watched.get() < WATCHED_MAX {
                self.machine.watched.set(self.machine.watched.get() + 1);
                let left = write(ctx, &given, None, PROJECTION_DEPTH_MAX + 1).map(|written| written.value);
                let was = read(ctx, &copied).and_then(|again| write(ctx, &again, None, PROJECTION_DEPTH_MAX + 1));
                if let (Ok(left), Ok(was)) = (left, was)
                    && left != was.value
                {
                    let told =
                        "a transform changes the state that it is given: on KurrentDB that leaks into the next event";
                    self.machine.warn("transform-mutates", told);
                    self.machine.watched.set(WATCHED_MAX);
                }
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
        Ok(After { partition, state: own, shared, result, plain, nodes: written.nodes })
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
        if let Some(state) = self.machine.states.get(partition) {
            return Ok((read(ctx, state)?, false));
        }
        self.enter("$init");
        Ok((api.get::<_, Function<'_>>("init")?.call(())?, true))
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

    /// The event of an unpartitioned projection, with the clock and the dice at it.
    pub(super) fn event<'js>(
        &self,
        ctx: &Ctx<'js>,
        kit: &Object<'js>,
        api: &Object<'js>,
    ) -> std::result::Result<Js<'js>, Stop> {
        self.tell_time(kit)?;
        let category = category_or_null(ctx, self.machine.definition.category.as_deref())?;
        Ok(api.get::<_, Function<'_>>("makeEvent")?.call((self.given(ctx)?, "", category))?)
    }

    fn tell_time(&self, kit: &Object<'_>) -> rquickjs::Result<()> {
        #[expect(clippy::cast_precision_loss, reason = "JavaScript's times are doubles")]
        let milliseconds = self.input.milliseconds as f64;
        kit.get::<_, Function<'_>>("at")?.call::<_, ()>((milliseconds, self.input.seed))
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
    pub(super) fn enter(&self, callback: &str) {
        self.notice_slow();
        self.engine.refill(SCRIPT_TICKS_MAX);
        callback.clone_into(&mut self.machine.outbox().callback);
    }

    /// Warns where the state is half of what KurrentDB takes, or more.
    fn notice_large(&self, state: &Value, nodes: usize) {
        let texts = |value: &Value| value.as_str().map_or(0, str::len);
        let outer: usize = match state {
            Value::Object(map) => map.values().map(texts).sum(),
            Value::Array(items) => items.iter().map(texts).sum(),
            other => texts(other),
        };
        if (nodes >= STATE_LARGE_NODES || outer >= STATE_LARGE_BYTES) && state.to_string().len() > STATE_LARGE_BYTES {
            self.machine.warn("state-large", "the state has more than 8 MiB, and KurrentDB refuses more than 16");
        }
    }

    /// Warns where the callback that ran last took long.
    pub(super) fn notice_slow(&self) {
        if SCRIPT_TICKS_MAX.saturating_sub(self.engine.ticks_left()) > SCRIPT_TICKS_SLOW {
            let callback = self.machine.outbox().callback.clone();
            self.machine
                .warn("slow-callback", format!("{callback} takes about as long as KurrentDB allows, or longer"));
        }
    }

    pub(super) fn handler(&self) -> &str {
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
