//! How events become state: pure functions, without clock, randomness or log.

use std::borrow::Cow;

use crate::event::{Event, RawEvent, Value};

pub mod auto;
mod decimal;
mod envelope;
pub mod expression;
pub mod javascript;
mod patch;
pub mod pattern;
pub mod process;
pub mod rules;

/// The name and hash of a reducer: an edit of its text misses the old checkpoints by itself.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct ReducerId(pub String);

/// Why an event could not be folded. The state stays as it was.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("{0}")]
pub struct FoldFault(pub String);

/// A state as a person sees it.
#[derive(Clone, PartialEq, Debug)]
pub struct Shown {
    /// False where the entity does not exist: not yet, or not any more.
    pub exists: bool,
    /// The state; null where it does not exist.
    pub state: Value,
}

/// A pure left fold. Same events, same bytes, on every machine.
pub trait Reducer: Send {
    /// Name and hash.
    fn id(&self) -> ReducerId;

    /// The state before any event, in the reducer's own form.
    fn empty(&self) -> Value;

    /// Folds one event into the state.
    ///
    /// # Errors
    /// A fault where the event makes no sense to this reducer; the state must then be as before.
    fn fold(&mut self, state: &mut Value, event: Event<'_>) -> Result<(), FoldFault>;

    /// Folds events one after another, which some reducers do faster than one by one, with the same outcome. A fault
    /// leaves the state as before its event, and the next event folds. Gives the faults, each with the event's index.
    fn fold_run(&mut self, state: &mut Value, events: &[RawEvent<'_>], decode: &dyn Decode) -> Vec<(usize, FoldFault)> {
        fold_each(self, state, events, decode)
    }

    /// The state as a person sees it, out of the reducer's own form.
    fn show(&self, state: Value) -> Shown {
        Shown { exists: !state.is_null(), state }
    }

    /// The state of [`Reducer::show`], without taking it: a pass over many events looks after each of them. A reducer
    /// whose own form holds that state lends it, and saves a copy.
    fn peek<'a>(&self, state: &'a Value) -> Cow<'a, Value> {
        Cow::Owned(self.show(state.clone()).state)
    }

    /// The reducer's own form of a state that it showed, where that holds all of it: what a snapshot kept goes on from
    /// there. `first` is the stream's first event. None where the state shown is not the whole.
    fn reopen(&self, shown: &Value, first: &Event<'_>) -> Option<Value> {
        let _ = (shown, first);
        None
    }

    /// What scripts printed since the last call: `console.log`.
    fn take_console(&mut self) -> Vec<String> {
        Vec::new()
    }
}

/// Which reducer folds which stream.
pub trait Bind: Send {
    /// The number of what binds this stream: where two streams have the same, one reducer folds both.
    fn binding(&self, stream: &str) -> usize;

    /// The reducer of this stream, made anew.
    ///
    /// # Errors
    /// `Input` where its text is refused.
    fn reducer(&self, stream: &str) -> crate::error::Result<Box<dyn Reducer>>;
}

/// How the payloads of a log become events.
pub trait Decode {
    /// The event, decoded.
    ///
    /// # Errors
    /// Why its payload cannot be decoded.
    fn event<'a>(&self, raw: &RawEvent<'a>) -> Result<Event<'a>, String>;

    /// The payload as it is, where it is JSON text without further rules, if it is JSON at all.
    fn text<'a>(&self, raw: &RawEvent<'a>) -> Option<&'a str>;

    /// The category of the event's stream.
    fn category<'a>(&self, raw: &RawEvent<'a>) -> &'a str;
}

/// [`Reducer::fold_run`] one by one.
pub(crate) fn fold_each(
    reducer: &mut (impl Reducer + ?Sized),
    state: &mut Value,
    events: &[RawEvent<'_>],
    decode: &dyn Decode,
) -> Vec<(usize, FoldFault)> {
    let mut faults = Vec::new();
    for (index, raw) in events.iter().enumerate() {
        let folded = match decode.event(raw) {
            Ok(event) => reducer.fold(state, event),
            Err(why) => Err(FoldFault(why)),
        };
        if let Err(fault) = folded {
            faults.push((index, fault));
        }
    }
    faults
}

/// An event as one JSON object: `type data stream category version position time id metadata`.
pub(crate) fn as_json(event: Event<'_>) -> Value {
    let metadata = event.metadata.map_or(Value::Null, |stored| {
        serde_json::from_slice(&stored).unwrap_or_else(|_| Value::String(String::from_utf8_lossy(&stored).into_owned()))
    });
    let position = event.seq.number().map_or_else(|| Value::from(event.seq.to_string()), Value::from);
    let mut object = serde_json::Map::with_capacity(9);
    for (name, value) in [
        ("type", Value::from(event.event_type)),
        ("data", event.data),
        ("stream", Value::from(event.stream)),
        ("category", Value::from(event.category)),
        ("version", event.version.map_or(Value::Null, Value::from)),
        ("position", position),
        ("time", event.time.map_or(Value::Null, |time| Value::from(time.to_string()))),
        ("id", event.id.map_or(Value::Null, Value::from)),
        ("metadata", metadata),
    ] {
        object.insert(name.to_owned(), value);
    }
    Value::Object(object)
}

/// The reducer of this name: only `auto` is built in.
///
/// # Errors
/// `Input` where there is none of this name.
pub fn by_name(name: &str) -> crate::error::Result<Box<dyn Reducer>> {
    match name {
        "auto" => Ok(Box::new(auto::Auto)),
        other => Err(crate::error::Error::Input(format!("no reducer is named \"{other}\" (the one there is: auto)"))),
    }
}
