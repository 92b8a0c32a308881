//! Large states: writing one as JSON after each event costs more than all else. Where nothing speaks against it, the
//! state stays inside of the engine for some events, in proportion to its size, and is written afterwards.
//!
//! What speaks against it: partitions, shared state, transforms, long numbers. Where an event fails meanwhile, or the
//! state turns out to be what JSON does not keep, the events since it was written last are folded again one by one.

use rquickjs::{Function, Object, Value as Js};

use super::super::engine::Stop;
use super::super::values::{may_be_lossy, write};
use super::machine::{Delivered, Input, Machine};
use super::step::OneEvent;
use crate::limits::{DEFERRED_BYTES_MAX, DEFERRED_EVENTS_MAX, DEFERRED_NODES, PROJECTION_DEPTH_MAX, SCRIPT_TICKS_MAX};

/// The events since the state was written, and for how many more it need not be.
#[derive(Default)]
pub(super) struct Deferred {
    pending: Vec<Owned>,
    bytes: usize,
    left: usize,
}

/// An input that outlives its page.
struct Owned {
    stream: String,
    category: Option<String>,
    version: Option<i64>,
    event_type: String,
    id: Option<String>,
    data: Option<String>,
    is_json: bool,
    metadata: Option<String>,
    link_metadata: Option<String>,
    created: Option<String>,
    milliseconds: i64,
    seed: i32,
}

impl Owned {
    fn of(input: &Input<'_>) -> Self {
        let owned = |text: Option<&str>| text.map(str::to_owned);
        Self {
            stream: input.stream.to_owned(),
            category: owned(input.category),
            version: input.version,
            event_type: input.event_type.to_owned(),
            id: owned(input.id),
            data: owned(input.data),
            is_json: input.is_json,
            metadata: owned(input.metadata),
            link_metadata: owned(input.link_metadata),
            created: input.created.clone(),
            milliseconds: input.milliseconds,
            seed: input.seed,
        }
    }

    fn input(&self) -> Input<'_> {
        Input {
            stream: &self.stream,
            category: self.category.as_deref(),
            version: self.version,
            event_type: &self.event_type,
            id: self.id.as_deref(),
            data: self.data.as_deref(),
            is_json: self.is_json,
            metadata: self.metadata.as_deref(),
            link_metadata: self.link_metadata.as_deref(),
            created: self.created.clone(),
            milliseconds: self.milliseconds,
            seed: self.seed,
        }
    }
}

impl Deferred {
    /// A state of this many values was written, and is alive.
    pub(super) fn written(&mut self, nodes: usize) {
        self.pending.clear();
        self.bytes = 0;
        self.left = (nodes / DEFERRED_NODES).min(DEFERRED_EVENTS_MAX);
    }

    /// There is no live state.
    pub(super) fn none(&mut self) {
        *self = Self::default();
    }
}

impl Machine {
    /// Folds an event into the live state without writing it. None where that cannot be: then the state is as written.
    pub(super) fn deliver_deferred(&mut self, input: &Input<'_>) -> Option<Delivered> {
        let definition = &self.definition;
        let whole = !definition.by_stream && !definition.partition_by && !definition.bi_state;
        if self.deferred.left == 0 || !whole || definition.transforms > 0 || self.live.as_deref() != Some("") {
            self.write_live();
            return None;
        }
        let lossy = |text: Option<&str>| text.is_some_and(may_be_lossy);
        if lossy(input.data) || lossy(input.metadata) {
            self.write_live();
            return None;
        }
        let engine = self.engine.take()?;
        self.outbox().begin();
        let event = OneEvent { machine: &*self, engine: &engine, input, live: Some("") };
        let result = engine.run(SCRIPT_TICKS_MAX, |ctx, kit| event.run_live(ctx, kit));
        engine.take_console();
        let spent = result.as_ref().is_err_and(|failure| failure.spent);
        let mut delivered = Delivered { partition: Some(String::new()), ..Delivered::default() };
        let refused = {
            let mut outbox = self.outbox();
            delivered.logs = std::mem::take(&mut outbox.logs);
            delivered.emitted = std::mem::take(&mut outbox.emitted);
            outbox.fault.take().is_some()
        };
        if !spent {
            self.engine = Some(engine);
        }
        if result.is_err() || refused {
            self.catch_up();
            return None;
        }
        self.deferred.left -= 1;
        self.deferred.bytes += input.data.map_or(0, str::len) + input.metadata.map_or(0, str::len);
        self.deferred.pending.push(Owned::of(input));
        if self.deferred.left == 0 || self.deferred.bytes > DEFERRED_BYTES_MAX {
            self.write_live();
        }
        Some(delivered)
    }

    /// Writes what is alive: [`Machine::states`] holds all events afterwards. Call it before asking.
    pub fn settle(&mut self) {
        self.write_live();
        self.notice_clock_and_dice();
    }

    /// Writes the live state, where it stands for more than what was written.
    pub(super) fn write_live(&mut self) {
        if self.deferred.pending.is_empty() {
            return;
        }
        let Some(engine) = self.engine.take() else { return self.catch_up() };
        let written = engine.run(SCRIPT_TICKS_MAX, |ctx, kit| {
            let live: Js<'_> = kit.get("live")?;
            write(ctx, &live, None, PROJECTION_DEPTH_MAX)
        });
        let spent = written.as_ref().is_err_and(|failure| failure.spent);
        if !spent {
            self.engine = Some(engine);
        }
        match written {
            Ok(written) if written.plain => {
                self.states.insert(String::new(), written.value);
                self.deferred.written(written.nodes);
            }
            _ => self.catch_up(),
        }
    }

    /// Warns where a handler made or changed something global. Call it when all events are delivered.
    pub fn notice_globals(&self) {
        let Some(engine) = &self.engine else { return };
        let changed = engine.run(SCRIPT_TICKS_MAX, |_, kit| {
            let api: Object<'_> = kit.get("api")?;
            Ok(api.get::<_, Function<'_>>("changedGlobal")?.call::<_, String>(())?)
        });
        if let Ok(name) = changed
            && !name.is_empty()
        {
            self.warn("global-state", format!("{name} is kept outside of the state: a restart would lose it"));
        }
    }

    /// Warns where the script looked at the clock or threw dice: here both stand still at the event.
    fn notice_clock_and_dice(&self) {
        let Some(engine) = &self.engine else { return };
        let used = engine.run(SCRIPT_TICKS_MAX, |_, kit| {
            let used: Object<'_> = kit.get("used")?;
            Ok((used.get::<_, u32>("clock")? > 0, used.get::<_, u32>("random")? > 0))
        });
        let Ok((clock, random)) = used else { return };
        let unseen = |id: &str| !self.warnings().iter().any(|warning| warning.id == id);
        if clock && unseen("clock-used") {
            self.warn("clock-used", "the clock is that of the event here, and the server's own there");
        }
        if random && unseen("random-used") {
            self.warn("random-used", "random numbers are the same at every replay here, and not there");
        }
    }

    /// Folds the events since the last written state one by one. What they sent out is known already.
    fn catch_up(&mut self) {
        let pending = std::mem::take(&mut self.deferred.pending);
        self.deferred.none();
        self.live = None;
        for owned in &pending {
            self.work(&owned.input(), None);
            // Not deferred again before all of them are written.
            self.deferred.none();
        }
    }
}

impl OneEvent<'_> {
    /// The handler alone, on the live state.
    fn run_live<'js>(&self, ctx: &rquickjs::Ctx<'js>, kit: &Object<'js>) -> std::result::Result<(), Stop> {
        let api: Object<'_> = kit.get("api")?;
        let event = self.event(ctx, kit, &api)?;
        let live: Js<'_> = kit.get("live")?;
        self.enter(self.handler());
        let after: Js<'_> = api.get::<_, Function<'_>>("handle")?.call((live, event))?;
        if !after.is_undefined() {
            kit.set("live", after)?;
        }
        Ok(())
    }
}
