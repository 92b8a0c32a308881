//! *Rules*: a table that says what each type of event does to the state, in TOML.
//!
//! ```toml
//! [[rule]]
//! on = "AccountOpened"                      # a type, a pattern with * and ?, or a list of them
//! set = { "/owner" = "/data/owner", "/balance" = { value = 0 } }
//!
//! [[rule]]
//! on = "Withdrawn"
//! add = { "/balance" = "-/data/amount" }    # a minus in front: subtracts
//! push = { "/movements" = "/data" }
//!
//! [[rule]]
//! on = "ItemChanged"
//! merge = { "/items/{/data/sku}" = "/data" } # braces: a key out of the event
//!
//! [[rule]]
//! on = "AccountClosed"
//! delete = true
//! ```
//!
//! On the left stands a JSON pointer into the state (`""` is the whole of it); objects on the way are made. On the right
//! stands a pointer into the event (`type`, `data`, `stream`, `version`, `time`, `id`, `metadata`), or `{ value = … }`.
//!
//! | key | does |
//! |---|---|
//! | `set` | sets the value |
//! | `merge` | merges it by RFC 7396: objects key by key, null removes a key |
//! | `add` | adds a number, with every digit; where there is none yet, to 0 |
//! | `push` | appends to a list; where there is none yet, to an empty one |
//! | `remove` | a list of pointers, or `{ "/list" = "/data/x" }`: the items of a list that equal the value, or the key of an object; `{ from = "/data/sku", key = "sku" }` looks at that key of each item |
//! | `delete` | the entity does not exist any more |
//!
//! All rules that match apply, in the order of the file; within one rule the keys apply in the order of this table. What
//! the event does not have, or cannot be done, marks the event, and the state stays as it was. Types without a rule
//! change nothing.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::Deserialize;

use super::pattern::matches;
use super::{FoldFault, Reducer, ReducerId, Shown, auto, decimal};
use crate::error::{Error, Result};
use crate::event::{Event, Value};

/// A reducer that is a table of rules.
pub struct Rules {
    id: ReducerId,
    rules: Vec<Rule>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    rule: Vec<Rule>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Rule {
    on: OneOrMore,
    #[serde(default)]
    set: BTreeMap<String, Source>,
    #[serde(default)]
    merge: BTreeMap<String, Source>,
    #[serde(default)]
    add: BTreeMap<String, Source>,
    #[serde(default)]
    push: BTreeMap<String, Source>,
    #[serde(default)]
    remove: Removal,
    #[serde(default)]
    delete: bool,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum OneOrMore {
    One(String),
    More(Vec<String>),
}

/// Where a value comes from.
#[derive(Deserialize)]
#[serde(untagged)]
enum Source {
    Pointer(String),
    Literal(Literal),
    Keyed(Keyed),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Literal {
    value: Value,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Keyed {
    from: String,
    key: String,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Removal {
    Pointers(Vec<String>),
    Items(BTreeMap<String, Source>),
}

impl Default for Removal {
    fn default() -> Self {
        Self::Pointers(Vec::new())
    }
}

impl Rules {
    /// Reads a table of rules. `name` is the file's name, for messages.
    ///
    /// # Errors
    /// `Input` with the place where it is malformed.
    pub fn parse(name: &str, text: &str) -> Result<Self> {
        let file: File = toml::from_str(text).map_err(|error| Error::Input(format!("{name}: {error}")))?;
        for rule in &file.rule {
            rule.check().map_err(|why| Error::Input(format!("{name}: {why}")))?;
        }
        let hash = blake3::hash(text.as_bytes()).to_hex();
        let id = ReducerId(format!("{name} {}", hash.get(..12).unwrap_or_default()));
        Ok(Self { id, rules: file.rule })
    }
}

impl Rule {
    fn handles(&self, event_type: &str) -> bool {
        match &self.on {
            OneOrMore::One(pattern) => matches(pattern, event_type),
            OneOrMore::More(patterns) => patterns.iter().any(|pattern| matches(pattern, event_type)),
        }
    }

    /// Finds slips that no event could make good.
    fn check(&self) -> std::result::Result<(), String> {
        let pointer = |text: &str| {
            if text.is_empty() || text.starts_with('/') {
                Ok(())
            } else {
                Err(format!("\"{text}\" is no JSON pointer: it must be empty or begin with /"))
            }
        };
        let named = [("set", &self.set), ("merge", &self.merge), ("add", &self.add), ("push", &self.push)];
        for (name, table) in named {
            for (to, from) in table {
                pointer(to)?;
                match from {
                    Source::Pointer(from) if name == "add" => pointer(from.strip_prefix('-').unwrap_or(from))?,
                    Source::Pointer(from) => pointer(from)?,
                    Source::Literal(Literal { value }) if name == "add" && !value.is_number() => {
                        return Err(format!("add needs a number, not {value}"));
                    }
                    Source::Literal(_) => {}
                    Source::Keyed(_) => return Err(format!("only remove takes from and key, not {name}")),
                }
            }
        }
        match &self.remove {
            Removal::Pointers(pointers) => pointers.iter().try_for_each(|text| pointer(text)),
            Removal::Items(table) => table.iter().try_for_each(|(to, from)| {
                pointer(to)?;
                match from {
                    Source::Pointer(from) | Source::Keyed(Keyed { from, .. }) => pointer(from),
                    Source::Literal(_) => Ok(()),
                }
            }),
        }
    }

    fn apply(&self, state: &mut Value, event: &Value) -> std::result::Result<(), String> {
        for (to, from) in &self.set {
            *place(state, to, event)? = from.value(event)?;
        }
        for (to, from) in &self.merge {
            auto::merge(place(state, to, event)?, from.value(event)?);
        }
        for (to, from) in &self.add {
            add(place(state, to, event)?, to, from, event)?;
        }
        for (to, from) in &self.push {
            let list = place(state, to, event)?;
            if list.is_null() {
                *list = Value::Array(Vec::new());
            }
            let items = list.as_array_mut().ok_or_else(|| format!("{to} is no list that could be pushed to"))?;
            items.push(from.value(event)?);
        }
        match &self.remove {
            Removal::Pointers(pointers) => {
                for pointer in pointers {
                    remove(state, &filled(pointer, event)?);
                }
            }
            Removal::Items(table) => {
                for (to, from) in table {
                    remove_items(place(state, to, event)?, to, from, event)?;
                }
            }
        }
        if self.delete {
            *state = Value::Null;
        }
        Ok(())
    }
}

impl Source {
    fn value(&self, event: &Value) -> std::result::Result<Value, String> {
        match self {
            Self::Literal(Literal { value }) => Ok(value.clone()),
            Self::Pointer(pointer) | Self::Keyed(Keyed { from: pointer, .. }) => {
                event.pointer(pointer).cloned().ok_or_else(|| format!("the event has no {pointer}"))
            }
        }
    }
}

fn add(slot: &mut Value, to: &str, from: &Source, event: &Value) -> std::result::Result<(), String> {
    let (value, negate) = match from {
        Source::Pointer(pointer) => match pointer.strip_prefix('-') {
            Some(pointer) => (Source::Pointer(pointer.to_owned()).value(event)?, true),
            None => (from.value(event)?, false),
        },
        other => (other.value(event)?, false),
    };
    let Value::Number(other) = value else { return Err(format!("{value} is no number that could be added to {to}")) };
    let one = match slot {
        Value::Null => serde_json::Number::from(0),
        Value::Number(one) => one.clone(),
        found => return Err(format!("{to} is {found}, no number that could be added to")),
    };
    let sum = decimal::sum(&one, &other, negate).ok_or_else(|| format!("{one} and {other} have too many digits"))?;
    *slot = Value::Number(sum);
    Ok(())
}

/// The place of a pointer in the state. Objects on the way are made.
fn place<'a>(state: &'a mut Value, pointer: &str, event: &Value) -> std::result::Result<&'a mut Value, String> {
    let mut slot = state;
    for step in filled(pointer, event)? {
        if slot.is_null() {
            *slot = Value::Object(serde_json::Map::new());
        }
        slot = match slot {
            Value::Object(map) => map.entry(step).or_insert(Value::Null),
            Value::Array(items) => {
                let count = items.len();
                let item = step.parse::<usize>().ok().and_then(|index| items.get_mut(index));
                item.ok_or_else(|| format!("the list at {pointer} has {count} items and no item {step}"))?
            }
            other => return Err(format!("{pointer} leads through {other}, which holds nothing")),
        };
    }
    Ok(slot)
}

fn remove(state: &mut Value, steps: &[String]) {
    let Some((last, way)) = steps.split_last() else {
        *state = Value::Null;
        return;
    };
    let mut slot = state;
    for step in way {
        let next = match slot {
            Value::Object(map) => map.get_mut(step),
            Value::Array(items) => step.parse::<usize>().ok().and_then(|index| items.get_mut(index)),
            _ => None,
        };
        match next {
            Some(next) => slot = next,
            None => return,
        }
    }
    match slot {
        Value::Object(map) => {
            map.shift_remove(last);
        }
        Value::Array(items) => {
            if let Some(index) = last.parse::<usize>().ok().filter(|index| *index < items.len()) {
                items.remove(index);
            }
        }
        _ => {}
    }
}

fn remove_items(slot: &mut Value, to: &str, from: &Source, event: &Value) -> std::result::Result<(), String> {
    let value = from.value(event)?;
    match (slot, from) {
        (Value::Array(items), Source::Keyed(Keyed { key, .. })) => {
            items.retain(|item| item.get(key) != Some(&value));
        }
        (Value::Array(items), _) => items.retain(|item| *item != value),
        (Value::Object(map), _) => {
            map.shift_remove(&as_key(&value).ok_or_else(|| format!("{value} is no key of {to}"))?);
        }
        (Value::Null, _) => {}
        (other, _) => return Err(format!("{to} is {other}: nothing can be removed from it")),
    }
    Ok(())
}

/// The steps of a pointer, with what stands in braces taken out of the event.
fn filled(pointer: &str, event: &Value) -> std::result::Result<Vec<String>, String> {
    let mut steps = Vec::new();
    let mut rest = pointer;
    while let Some(after) = rest.strip_prefix('/') {
        if let Some((inner, after)) = after.strip_prefix('{').and_then(|inner| inner.split_once('}')) {
            let value = event.pointer(inner).ok_or_else(|| format!("the event has no {inner}"))?;
            steps.push(as_key(value).ok_or_else(|| format!("{value} at {inner} is no key"))?);
            rest = after;
        } else {
            let end = after.find('/').unwrap_or(after.len());
            steps.push(after[..end].replace("~1", "/").replace("~0", "~"));
            rest = &after[end..];
        }
    }
    if rest.is_empty() { Ok(steps) } else { Err(format!("\"{pointer}\" is no JSON pointer")) }
}

fn as_key(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(flag) => Some(flag.to_string()),
        _ => None,
    }
}

impl Reducer for Rules {
    fn id(&self) -> ReducerId {
        self.id.clone()
    }

    fn empty(&self) -> Value {
        Value::Null
    }

    fn fold(&mut self, state: &mut Value, event: Event<'_>) -> std::result::Result<(), FoldFault> {
        let matching: Vec<&Rule> = self.rules.iter().filter(|rule| rule.handles(event.event_type)).collect();
        if matching.is_empty() {
            return Ok(());
        }
        let seen = super::as_json(event);
        let mut after = state.clone();
        for rule in matching {
            if after.is_null() {
                after = Value::Object(serde_json::Map::new());
            }
            rule.apply(&mut after, &seen).map_err(FoldFault)?;
        }
        *state = after;
        Ok(())
    }

    fn show(&self, state: Value) -> Shown {
        Shown { exists: !state.is_null(), state }
    }

    fn reopen(&self, shown: &Value, _first: &Event<'_>) -> Option<Value> {
        Some(shown.clone())
    }

    fn peek<'a>(&self, state: &'a Value) -> Cow<'a, Value> {
        Cow::Borrowed(state)
    }
}
