//! A projection as a reducer of one stream: the state that it gives where it sees no other stream.
//!
//! The reducer's own form of the state is `[states by partition, shared state]`.

use std::collections::BTreeMap;

use super::super::engine::push_line;
use super::category_of;
use super::machine::{Input, Machine};
use crate::error::{Error, Result};
use crate::event::{Event, RawEvent, Time, Value};
use crate::reducer::{Decode, FoldFault, Reducer, ReducerId, Shown};

/// A reducer that is a projection.
pub struct ProjectionReducer {
    id: ReducerId,
    machine: Machine,
    console: Vec<String>,
}

impl ProjectionReducer {
    /// Compiles a projection. `name` is the file's name, for messages.
    ///
    /// # Errors
    /// `Input` with the script's error, or with why KurrentDB would refuse it.
    pub fn compile(name: &str, text: &str) -> Result<Self> {
        let machine = Machine::compile(name, text).map_err(|error| match error {
            Error::Input(why) => Error::Input(format!("{name} is refused: {why}")),
            other => other,
        })?;
        let hash = blake3::hash(text.as_bytes()).to_hex();
        let id = ReducerId(format!("{name} {}", hash.get(..12).unwrap_or_default()));
        Ok(Self { id, machine, console: Vec::new() })
    }
}

impl ProjectionReducer {
    fn deliver(&mut self, index: usize, event: &Event<'_>) -> std::result::Result<(), FoldFault> {
        self.machine.place(index as u64, event.seq);
        let (_, seed) = super::super::moment(event.time, event.version, event.seq);
        let data = event.data.to_string();
        let metadata = event.metadata.as_ref().map(|stored| String::from_utf8_lossy(stored).into_owned());
        let input = Input {
            stream: event.stream,
            category: category_of(event.stream),
            version: event.version,
            event_type: event.event_type,
            id: event.id,
            data: Some(data.as_str()),
            is_json: true,
            metadata: metadata.as_deref(),
            link_metadata: None,
            created: event.time.map(created),
            milliseconds: event.time.map_or(0, Time::milliseconds),
            seed,
        };
        let delivered = self.machine.deliver(&input);
        for line in delivered.logs {
            push_line(&mut self.console, line);
        }
        delivered.fault.map_or(Ok(()), |(callback, message)| Err(fault(&callback, message)))
    }
}

impl Reducer for ProjectionReducer {
    fn id(&self) -> ReducerId {
        self.id.clone()
    }

    fn empty(&self) -> Value {
        Value::Null
    }

    fn fold(&mut self, state: &mut Value, event: Event<'_>) -> std::result::Result<(), FoldFault> {
        let (states, shared) = open(std::mem::take(state));
        self.machine.restore(states, shared);
        let folded = self.deliver(0, &event);
        self.machine.settle();
        *state = close(self.machine.states(), self.machine.shared());
        match self.machine.take_late().pop() {
            Some(late) => Err(fault(&late.callback, late.message)),
            None => folded,
        }
    }

    fn fold_run(&mut self, state: &mut Value, events: &[RawEvent<'_>], decode: &dyn Decode) -> Vec<(usize, FoldFault)> {
        let (states, shared) = open(std::mem::take(state));
        self.machine.restore(states, shared);
        let mut faults = Vec::new();
        for (index, raw) in events.iter().enumerate() {
            let folded = match decode.event(raw) {
                Ok(event) => self.deliver(index, &event),
                Err(why) => Err(FoldFault(why)),
            };
            if let Err(fault) = folded {
                faults.push((index, fault));
            }
        }
        self.machine.settle();
        *state = close(self.machine.states(), self.machine.shared());
        for late in self.machine.take_late() {
            let index = usize::try_from(late.index).unwrap_or(usize::MAX);
            faults.push((index, fault(&late.callback, late.message)));
        }
        faults.sort_by_key(|(index, _)| *index);
        faults
    }

    fn show(&self, state: Value) -> Shown {
        let (mut states, shared) = open(state);
        let definition = self.machine.definition();
        let own = if definition.partition_by || states.len() > 1 {
            (!states.is_empty()).then(|| Value::Object(states.into_iter().collect()))
        } else {
            states.pop_first().map(|(_, state)| state)
        };
        let state = match (own, shared) {
            (None, None) => Value::Null,
            (own, None) => own.unwrap_or(Value::Null),
            (own, Some(shared)) => serde_json::json!({ "state": own, "shared_state": shared }),
        };
        Shown { exists: !state.is_null(), state }
    }

    fn take_console(&mut self) -> Vec<String> {
        std::mem::take(&mut self.console)
    }
}

/// A time as KurrentDB writes it: seven digits of the second.
#[must_use]
pub fn created(time: Time) -> String {
    time.format("%Y-%m-%dT%H:%M:%S.%6f0Z")
}

fn fault(callback: &str, message: String) -> FoldFault {
    FoldFault(if callback.is_empty() { message } else { format!("{callback}: {message}") })
}

fn close(states: &BTreeMap<String, Value>, shared: Option<&Value>) -> Value {
    if states.is_empty() && shared.is_none() {
        return Value::Null;
    }
    let states = states.iter().map(|(key, state)| (key.clone(), state.clone())).collect();
    let shared = shared.map_or_else(|| Value::Array(Vec::new()), |shared| Value::Array(vec![shared.clone()]));
    Value::Array(vec![Value::Object(states), shared])
}

fn open(state: Value) -> (BTreeMap<String, Value>, Option<Value>) {
    let Value::Array(mut parts) = state else { return (BTreeMap::new(), None) };
    let shared = parts.pop().and_then(|mut shared| shared.as_array_mut().and_then(Vec::pop));
    match parts.pop() {
        Some(Value::Object(states)) => (states.into_iter().collect(), shared),
        _ => (BTreeMap::new(), shared),
    }
}
