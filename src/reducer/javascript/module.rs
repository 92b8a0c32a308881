//! The plain module: `export default (state, event) => state`.
//!
//! The event has `type`, `data`, `stream`, `category`, `version`, `position`, `time` (RFC 3339), `id` and `metadata`,
//! and neither it nor its payload can be changed (what is nested in the payload is the event's own copy). The first state is `export const initial` (a value, or a function that gives one); without
//! it `{}`, or undefined where the function gives its first parameter a default. The function returns the next state;
//! null says that the entity does not exist. Returning undefined or a promise, throwing, and breaking a limit mark the
//! event, and the state stays as it was.
//!
//! The reducer's own form of the state is `[state]`, and null before the first event.

use std::borrow::Cow;
use std::collections::HashMap;

use rquickjs::function::Args;
use rquickjs::{Ctx, Function, Module as JsModule, Object, Value as Js};

use super::engine::{Engine, Failure, Stop, check_size, push_line};
use super::values::{Exact, may_be_lossy, read, write, write_without};
use super::{moment, position};
use crate::error::{Error, Result};
use crate::event::{Event, RawEvent, Time, Value};
use crate::limits::{PAYLOAD_DEPTH_MAX, SCRIPT_STATE_DEPTH_MAX, SCRIPT_TICKS_MAX};
use crate::reducer::{Decode, FoldFault, Reducer, ReducerId, Shown, fold_each};

/// A reducer that is a JavaScript module.
pub struct Module {
    id: ReducerId,
    name: String,
    text: String,
    engine: Option<Engine>,
    console: Vec<String>,
}

impl Module {
    /// Compiles a module. `name` is the file's name, for messages.
    ///
    /// # Errors
    /// `Input` with the script's error where it cannot be compiled, or has no default export that is a function.
    pub fn compile(name: &str, text: &str) -> Result<Self> {
        check_size(text)?;
        let hash = blake3::hash(text.as_bytes()).to_hex();
        let id = ReducerId(format!("{name} {}", hash.get(..12).unwrap_or_default()));
        let mut module = Self { id, name: name.to_owned(), text: text.to_owned(), engine: None, console: Vec::new() };
        module.engine = Some(module.start()?);
        Ok(module)
    }

    fn start(&self) -> Result<Engine> {
        let engine = Engine::new()?;
        engine
            .run(SCRIPT_TICKS_MAX, |ctx, kit| {
                ctx.globals().set("console", kit.get::<_, Object<'_>>("console")?)?;
                let declared = JsModule::declare(ctx.clone(), self.name.as_str(), self.text.as_str())?;
                let (evaluated, promise) = declared.eval()?;
                promise.finish::<Js<'_>>()?;
                let reduce: Js<'_> = evaluated.get("default").unwrap_or_else(|_| {
                    let _ = ctx.catch();
                    Js::new_undefined(ctx.clone())
                });
                let Some(reduce) = reduce.as_function().cloned() else {
                    return Err(Stop::Said(
                        "the module has no default export that is a function (export default (state, event) => state)"
                            .to_owned(),
                    ));
                };
                let initial: Js<'_> = evaluated.get("initial").unwrap_or_else(|_| {
                    let _ = ctx.catch();
                    Js::new_undefined(ctx.clone())
                });
                let takes_state = reduce.get::<_, i32>("length")? > 0;
                kit.set("takesState", takes_state)?;
                kit.set("initial", initial)?;
                kit.set("reduce", reduce)?;
                kit.get::<_, Function<'_>>("harden")?.call::<_, ()>(())?;
                Ok(())
            })
            .map_err(|failure| Error::Input(format!("{}: {}", self.name, failure.message)))?;
        Ok(engine)
    }

    fn step(&mut self, state: &Value, event: &Event<'_>) -> std::result::Result<Value, Failure> {
        let engine = match self.engine.take() {
            Some(engine) => engine,
            None => self.start().map_err(|error| Failure::new(error.to_string()))?,
        };
        let mut exact = Exact::default();
        exact.add(state);
        exact.add(&event.data);
        let result = engine.run(SCRIPT_TICKS_MAX, |ctx, kit| {
            let before = match state.as_array().and_then(|parts| parts.first()) {
                Some(state) => read(ctx, state)?,
                None => first_state(ctx, kit)?,
            };
            let event = plain_event(ctx, kit, event)?;
            let reduce: Function<'_> = kit.get("reduce")?;
            let after: Js<'_> = reduce.call((before, event))?;
            if after.is_undefined() {
                return Err(Stop::Said("the reducer returned undefined: return the state".to_owned()));
            }
            if after.is_promise() {
                return Err(Stop::Said("the reducer returned a promise: a reducer cannot wait".to_owned()));
            }
            Ok(write(ctx, &after, Some(&exact), SCRIPT_STATE_DEPTH_MAX)?.value)
        });
        for line in engine.take_console() {
            push_line(&mut self.console, line);
        }
        if !result.as_ref().is_err_and(|failure| failure.spent) {
            self.engine = Some(engine);
        }
        result
    }
}

/// Where nothing goes wrong, the state stays inside of the engine from event to event, and payloads are parsed there.
impl Module {
    /// Folds a run at once. None where a script failed, printed, or built what JSON does not keep, or a number needs
    /// care: then the run is folded one by one, from the same state.
    fn fold_fast(&mut self, state: &Value, events: &[RawEvent<'_>], decode: &dyn Decode) -> Option<Value> {
        if events.len() < 2 {
            return None;
        }
        let mut exact = Exact::default();
        exact.add(state);
        let texts: Vec<&str> = events.iter().filter_map(|raw| decode.text(raw)).collect();
        if exact.is_needed() || texts.len() < events.len() || texts.iter().any(|text| !is_simple(text)) {
            return None;
        }
        let engine = self.engine.take()?;
        let result = engine.run(SCRIPT_TICKS_MAX, |ctx, kit| {
            let mut live = match state.as_array().and_then(|parts| parts.first()) {
                Some(state) => read(ctx, state)?,
                None => first_state(ctx, kit)?,
            };
            let mut run = Run::new(ctx, kit)?;
            for (raw, text) in events.iter().zip(&texts) {
                engine.refill(SCRIPT_TICKS_MAX);
                let data = ctx.json_parse(*text)?;
                live = run.step(live, raw, decode.category(raw), data)?;
                if live.is_undefined() || live.is_promise() {
                    return Ok(None);
                }
            }
            let written = write_without(ctx, &live, None, SCRIPT_STATE_DEPTH_MAX, Some(&run.event))?;
            Ok(written.plain.then_some(written.value))
        });
        let printed = !engine.take_console().is_empty();
        if !result.as_ref().is_err_and(|failure| failure.spent) {
            self.engine = Some(engine);
        }
        result.ok().flatten().filter(|_| !printed)
    }
}

/// True for a payload that the engine parses as we would: not empty, not deep, no byte order mark, no half of
/// a surrogate pair, no long number.
fn is_simple(text: &str) -> bool {
    let bytes = text.as_bytes();
    let brackets = bytes.iter().filter(|byte| matches!(byte, b'{' | b'[')).count();
    !bytes.is_empty()
        && !bytes.starts_with(b"\xEF\xBB\xBF")
        && brackets <= PAYLOAD_DEPTH_MAX
        && !text.contains("\\ud")
        && !text.contains("\\uD")
        && !may_be_lossy(text)
}

/// A run inside of the engine: what is the same from event to event crosses the border once.
struct Run<'js> {
    ctx: Ctx<'js>,
    event: Js<'js>,
    begin: Function<'js>,
    step: Function<'js>,
    null: Js<'js>,
    stream: Option<(String, String)>,
    types: HashMap<String, Js<'js>>,
}

impl<'js> Run<'js> {
    fn new(ctx: &Ctx<'js>, kit: &Object<'js>) -> rquickjs::Result<Self> {
        #[expect(clippy::cast_possible_truncation, reason = "microseconds of our own, as a double")]
        let rfc3339 = Function::new(ctx.clone(), |microseconds: f64| Time(microseconds as i64).to_string())?;
        let reduce: Js<'_> = kit.get("reduce")?;
        let run: Object<'_> = kit.get::<_, Function<'_>>("run")?.call((reduce, rfc3339))?;
        Ok(Self {
            ctx: ctx.clone(),
            event: run.get("event")?,
            begin: run.get("begin")?,
            step: run.get("step")?,
            null: Js::new_null(ctx.clone()),
            stream: None,
            types: HashMap::new(),
        })
    }

    #[expect(clippy::cast_precision_loss, reason = "JavaScript's numbers are doubles")]
    fn step(
        &mut self,
        state: Js<'js>,
        raw: &RawEvent<'_>,
        category: &str,
        data: Js<'js>,
    ) -> std::result::Result<Js<'js>, Stop> {
        let ctx = &self.ctx;
        let same = self.stream.as_ref().is_some_and(|(one, other)| one == raw.stream && other == category);
        if !same {
            self.begin.call::<_, ()>((raw.stream, category))?;
            self.stream = Some((raw.stream.to_owned(), category.to_owned()));
        }
        let event_type = if let Some(known) = self.types.get(raw.event_type) {
            known.clone()
        } else {
            let made = rquickjs::String::from_str(ctx.clone(), raw.event_type)?.into_value();
            self.types.insert(raw.event_type.to_owned(), made.clone());
            made
        };
        let metadata = match raw.metadata {
            Some(stored) => read(ctx, &metadata_of(stored))?,
            None => self.null.clone(),
        };
        let (_, seed) = moment(raw.time, raw.version, raw.seq);
        let mut arguments = Args::new(ctx.clone(), 9);
        arguments.push_arg(state)?;
        arguments.push_arg(event_type)?;
        arguments.push_arg(or_null(ctx, raw.version.map(|version| version as f64))?)?;
        arguments.push_arg(position(ctx, raw.seq)?)?;
        arguments.push_arg(or_null(ctx, raw.id)?)?;
        arguments.push_arg(data)?;
        arguments.push_arg(metadata)?;
        arguments.push_arg(or_null(ctx, raw.time.map(|time| time.0 as f64))?)?;
        arguments.push_arg(seed)?;
        Ok(self.step.call_arg(arguments)?)
    }
}

fn metadata_of(stored: &[u8]) -> Value {
    serde_json::from_slice(stored).unwrap_or_else(|_| Value::String(String::from_utf8_lossy(stored).into_owned()))
}

/// The state that the first event finds.
pub(super) fn first_state<'js>(ctx: &Ctx<'js>, kit: &Object<'js>) -> std::result::Result<Js<'js>, Stop> {
    let initial: Js<'_> = kit.get("initial")?;
    if let Some(make) = initial.as_function() {
        return Ok(make.call(())?);
    }
    if initial.is_undefined() {
        let takes_state: bool = kit.get("takesState")?;
        return Ok(if takes_state { Object::new(ctx.clone())?.into_value() } else { initial });
    }
    // Each stream begins with its own copy.
    let written = write(ctx, &initial, None, SCRIPT_STATE_DEPTH_MAX)?;
    read(ctx, &written.value)
}

/// The event as a module and an expression see it.
pub(crate) fn plain_event<'js>(
    ctx: &Ctx<'js>,
    kit: &Object<'js>,
    event: &Event<'_>,
) -> std::result::Result<Js<'js>, Stop> {
    let (milliseconds, seed) = moment(event.time, event.version, event.seq);
    let metadata = event.metadata.as_deref().map_or(Value::Null, metadata_of);
    #[expect(clippy::cast_precision_loss, reason = "JavaScript's numbers are doubles")]
    let version = event.version.map(|version| version as f64);
    let make: Function<'_> = kit.get("event")?;
    let mut arguments = Args::new(ctx.clone(), 11);
    arguments.push_arg(event.event_type)?;
    arguments.push_arg(event.stream)?;
    arguments.push_arg(event.category)?;
    arguments.push_arg(or_null(ctx, version)?)?;
    arguments.push_arg(position(ctx, event.seq)?)?;
    arguments.push_arg(or_null(ctx, event.time.map(|time| time.to_string()))?)?;
    arguments.push_arg(or_null(ctx, event.id)?)?;
    arguments.push_arg(read(ctx, &event.data)?)?;
    arguments.push_arg(read(ctx, &metadata)?)?;
    arguments.push_arg(milliseconds)?;
    arguments.push_arg(seed)?;
    Ok(make.call_arg(arguments)?)
}

/// Null, where there is none: absent is not undefined.
fn or_null<'js, T: rquickjs::IntoJs<'js>>(ctx: &Ctx<'js>, value: Option<T>) -> rquickjs::Result<Js<'js>> {
    match value {
        Some(value) => value.into_js(ctx),
        None => Ok(Js::new_null(ctx.clone())),
    }
}

impl Reducer for Module {
    fn id(&self) -> ReducerId {
        self.id.clone()
    }

    fn empty(&self) -> Value {
        Value::Null
    }

    fn fold(&mut self, state: &mut Value, event: Event<'_>) -> std::result::Result<(), FoldFault> {
        let after = self.step(state, &event).map_err(|failure| FoldFault(failure.message))?;
        *state = Value::Array(vec![after]);
        Ok(())
    }

    fn fold_run(&mut self, state: &mut Value, events: &[RawEvent<'_>], decode: &dyn Decode) -> Vec<(usize, FoldFault)> {
        if let Some(after) = self.fold_fast(state, events, decode) {
            *state = Value::Array(vec![after]);
            return Vec::new();
        }
        fold_each(self, state, events, decode)
    }

    fn show(&self, state: Value) -> Shown {
        let state = match state {
            Value::Array(mut parts) if parts.len() == 1 => parts.swap_remove(0),
            _ => Value::Null,
        };
        Shown { exists: !state.is_null(), state }
    }

    fn reopen(&self, shown: &Value, _first: &Event<'_>) -> Option<Value> {
        Some(Value::Array(vec![shown.clone()]))
    }

    fn peek<'a>(&self, state: &'a Value) -> Cow<'a, Value> {
        match state.as_array().map(Vec::as_slice) {
            Some([state]) => Cow::Borrowed(state),
            _ => Cow::Owned(Value::Null),
        }
    }

    fn take_console(&mut self) -> Vec<String> {
        std::mem::take(&mut self.console)
    }
}
