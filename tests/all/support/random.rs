//! Random logs and random reducers, and what a fold from zero makes of them.

use eventscope::event::{Event, EventBatch, Resume, Scope, StreamId, Value};
use eventscope::reducer::{FoldFault, Reducer, ReducerId, auto::Auto, javascript::Module};
use eventscope::store::EventLog;
use proptest::prelude::*;
use serde_json::json;

use super::fake_log::FakeEvent;

/// Which reducer a random case uses.
#[derive(Clone, Copy, Debug)]
pub enum Kind {
    Auto,
    Lists,
    Script,
}

/// A reducer with arrays that grow, shrink and change in the middle; it lends no state, as the trait does by itself.
struct Lists;

impl Reducer for Lists {
    fn id(&self) -> ReducerId {
        ReducerId("lists".to_owned())
    }

    fn empty(&self) -> Value {
        json!({"items": [], "k0": "at birth"})
    }

    fn fold(&mut self, state: &mut Value, event: Event<'_>) -> Result<(), FoldFault> {
        let index = event.data.get("at").and_then(Value::as_u64).unwrap_or_default();
        let index = usize::try_from(index).unwrap();
        if event.event_type == "UserDeleted" {
            *state = Value::Null;
            return Ok(());
        }
        if state.is_null() {
            *state = self.empty();
        }
        let items = state["items"].as_array_mut().unwrap();
        match event.event_type {
            "ItemRemoved" if index < items.len() => drop(items.remove(index)),
            "ItemRemoved" => return Err(FoldFault("no such item".to_owned())),
            "Touched" => items.push(json!({"v": event.data})),
            "UserRenamed" => items.insert(index.min(items.len()), json!({"v": index})),
            _ => state["n"] = event.data,
        }
        Ok(())
    }
}

const SCRIPT: &str = "export default (state, event) => {
    if (event.type === 'UserDeleted') return null;
    if (event.type === 'ItemRemoved') throw new Error('never');
    const now = state ?? {};
    if (event.type === 'Touched') return { ...now, items: [{ v: event.data }, ...(now.items ?? [])].slice(0, 3) };
    return { ...now, k0: event.type, 'a/b': event.version };
};";

pub fn reducer(kind: Kind) -> Box<dyn Reducer> {
    match kind {
        Kind::Auto => Box::new(Auto),
        Kind::Lists => Box::new(Lists),
        Kind::Script => Box::new(Module::compile("script", SCRIPT).unwrap()),
    }
}

/// One position by a fold from zero.
#[derive(Clone, Debug)]
pub struct Fold {
    pub version: i64,
    pub event_type: String,
    pub state: Value,
    pub fault: bool,
}

/// The state before the first event, and the states after each event, each folded from zero.
pub fn naive(log: &mut dyn EventLog, stream: &str, kind: Kind) -> (Value, Vec<Fold>) {
    let (decoder, scope) = (log.decoder(), Scope::Stream(StreamId::new(stream)));
    let (mut batch, mut resume, mut events) = (EventBatch::new(), Resume::Start, Vec::new());
    loop {
        let end = log.read(&scope, &resume, 7, &mut batch).unwrap();
        for raw in batch.iter() {
            // A log that numbers nothing is numbered from 1.
            let number = i64::try_from(events.len()).unwrap() + 1;
            events.push((raw.version.unwrap_or(number), raw.event_type.to_owned()));
        }
        if end.at_end {
            break;
        }
        resume = end.next;
    }
    let fold_to = |log: &mut dyn EventLog, position: usize| {
        let mut reducer = reducer(kind);
        let (mut state, mut fault, mut folded) = (reducer.empty(), false, 0);
        let (mut batch, mut resume) = (EventBatch::new(), Resume::Start);
        while folded < position {
            let end = log.read(&scope, &resume, 64, &mut batch).unwrap();
            for raw in batch.iter().take(position - folded) {
                folded += 1;
                let result = decoder.event(&raw).map(|event| reducer.fold(&mut state, event));
                fault = !matches!(result, Ok(Ok(())));
            }
            resume = end.next;
        }
        (reducer.show(state).state, fault)
    };
    let empty = fold_to(log, 0).0;
    let folds = events.into_iter().enumerate().map(|(index, (version, event_type))| {
        let (state, fault) = fold_to(log, index + 1);
        Fold { version, event_type, state, fault }
    });
    (empty, folds.collect())
}

pub fn at(state: &Value, pointer: &str) -> Option<Value> {
    if state.is_null() { None } else { state.pointer(pointer).cloned() }
}

pub fn event() -> impl Strategy<Value = FakeEvent> {
    let types = prop_oneof![
        1 => Just("UserCreated"),
        3 => Just("UserRenamed"),
        1 => Just("UserDeleted"),
        1 => Just("UserRestored"),
        3 => Just("ItemRemoved"),
        3 => Just("Touched"),
    ];
    let data = prop_oneof![
        (0..3_u8, "[a-c]{0,2}").prop_map(|(key, value)| format!("{{\"k{key}\":\"{value}\",\"at\":{key}}}")),
        (0..3_u8).prop_map(|key| format!("{{\"k{key}\":null,\"n\":{{\"k{key}\":{key}.50}},\"a/b\":[{key}]}}")),
        (0..3_u8).prop_map(|count| json!({"items": vec![json!({"v": count}); usize::from(count)]}).to_string()),
        Just(r#"{"n":null,"items":null,"at":1}"#.to_owned()),
        Just("7".to_owned()),
        Just("{not json".to_owned()),
    ];
    (prop_oneof![3 => Just("user-1"), 1 => Just("user-2")], types, data).prop_map(|(stream, event_type, data)| {
        FakeEvent { stream: stream.to_owned(), event_type: event_type.to_owned(), data }
    })
}
