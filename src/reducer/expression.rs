//! Conditions: a JavaScript expression over `event`, `state` and `before`.
//!
//! `event` has `type`, `data`, `stream`, `category`, `version`, `position`, `time`, `id` and `metadata`; `state` is the
//! state after the event and `before` the one before it, null where the entity does not exist. The condition holds
//! where the value is truthy. Asking for a property of null or undefined (`state.balance` where there is no state) is
//! no error: the condition does not hold.

use std::borrow::Cow;

use rquickjs::{Function, Value as Js};

use super::javascript::engine::{Engine, Failure, Stop, check_size};
use super::javascript::plain_event;
use super::javascript::values::read;
use crate::error::{Error, Result};
use crate::event::{Event, Value};
use crate::limits::SCRIPT_TICKS_MAX;

/// A compiled condition. One belongs to one thread at a time.
pub struct Expression {
    text: String,
    engine: Option<Engine>,
    says_event: bool,
    says_state: bool,
    says_before: bool,
    /// The keys of `state` that the text names, where it says `state` in no other way.
    state_keys: Option<Vec<String>>,
    before_keys: Option<Vec<String>>,
    /// What a condition over the state alone said last.
    last: Option<(Value, bool)>,
}

impl Expression {
    /// Compiles an expression.
    ///
    /// # Errors
    /// `Input` with the engine's words where it is not an expression.
    pub fn compile(text: &str) -> Result<Self> {
        check_size(text)?;
        if text.trim().is_empty() {
            return Err(Error::Input("the condition is empty".to_owned()));
        }
        let engine = start(text)?;
        // A name may hide behind an escape or `eval`: then all three are handed in.
        let hidden = text.contains('\\') || says(text, "eval") || says(text, "arguments");
        let keys = |name: &str| if hidden { None } else { keys_of(text, name) };
        Ok(Self {
            state_keys: keys("state"),
            before_keys: keys("before"),
            last: None,
            engine: Some(engine),
            says_event: hidden || says(text, "event"),
            says_state: hidden || says(text, "state"),
            says_before: hidden || says(text, "before"),
            text: text.to_owned(),
        })
    }

    /// The text that was compiled.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// True where the expression looks at the state after or before the event: without, nothing needs to be folded.
    #[must_use]
    pub fn needs_state(&self) -> bool {
        self.says_state || self.says_before
    }

    /// True where the expression looks at the event.
    #[must_use]
    pub fn needs_event(&self) -> bool {
        self.says_event
    }

    /// True where the expression looks at the state before the event.
    #[must_use]
    pub fn needs_before(&self) -> bool {
        self.says_before
    }

    /// True where the condition holds. The states are as a person sees them ([`super::Shown::state`]).
    ///
    /// # Errors
    /// `Input` where the expression throws, other than for a property of null or undefined, or takes too long.
    pub fn eval(&mut self, event: &Event<'_>, state: &Value, before: &Value) -> Result<bool> {
        let state = if self.says_state { seen(state, self.state_keys.as_deref()) } else { Cow::Owned(Value::Null) };
        let before = if self.says_before { seen(before, self.before_keys.as_deref()) } else { Cow::Owned(Value::Null) };
        self.call(Some(event), &state, &before)
    }

    /// True where a condition over the state alone holds; `event` and `before` are null. What it looks at is compared
    /// with what it looked at last, and the answer remembered.
    ///
    /// # Errors
    /// As [`Expression::eval`].
    pub fn eval_state(&mut self, state: &Value) -> Result<bool> {
        if self.state_keys.is_none() {
            return self.call(None, state, &Value::Null);
        }
        let state = seen(state, self.state_keys.as_deref());
        if let Some((known, holds)) = &self.last
            && *known == *state
        {
            return Ok(*holds);
        }
        let holds = self.call(None, &state, &Value::Null)?;
        self.last = Some((state.into_owned(), holds));
        Ok(holds)
    }

    fn call(&mut self, event: Option<&Event<'_>>, state: &Value, before: &Value) -> Result<bool> {
        let engine = match self.engine.take() {
            Some(engine) => engine,
            None => start(&self.text)?,
        };
        let result = engine.run(SCRIPT_TICKS_MAX, |ctx, kit| {
            let nothing = || Js::new_undefined(ctx.clone());
            let event = match event {
                Some(event) if self.says_event => plain_event(ctx, kit, event)?,
                Some(_) => nothing(),
                None => Js::new_null(ctx.clone()),
            };
            let state = if self.says_state { read(ctx, state)? } else { nothing() };
            let before = if self.says_before { read(ctx, before)? } else { nothing() };
            let condition: Function<'_> = kit.get("condition")?;
            Ok(condition.call::<_, bool>((event, state, before))?)
        });
        engine.take_console();
        match result {
            Ok(holds) => {
                self.engine = Some(engine);
                Ok(holds)
            }
            Err(Failure { missing: true, .. }) => {
                self.engine = Some(engine);
                Ok(false)
            }
            Err(failure) => Err(Error::Input(format!("condition `{}`: {}", self.text, failure.message))),
        }
    }
}

/// What an expression sees of a state: the keys that it names, in their order, or all of it.
fn seen<'a>(state: &'a Value, keys: Option<&[String]>) -> Cow<'a, Value> {
    match (state, keys) {
        (Value::Object(map), Some(keys)) if map.len() > keys.len() => {
            let named = map.iter().filter(|(key, _)| keys.iter().any(|named| named == *key));
            Cow::Owned(Value::Object(named.map(|(key, value)| (key.clone(), value.clone())).collect()))
        }
        _ => Cow::Borrowed(state),
    }
}

/// The keys that a text takes of the object with this name, where it is sure to take nothing else: each mention is
/// followed by `.key`, `?.key` or `['key']`, and no key is one that every object inherits.
fn keys_of(text: &str, name: &str) -> Option<Vec<String>> {
    let in_word = |c: char| c.is_alphanumeric() || c == '_' || c == '$';
    let mut keys = Vec::new();
    for (at, _) in text.match_indices(name) {
        let (head, tail) = (&text[..at], &text[at + name.len()..]);
        if head.ends_with(in_word) || tail.starts_with(in_word) {
            continue;
        }
        let head = head.trim_end();
        if head.ends_with('.') && !head.ends_with("...") {
            // A property of that name of something else.
            continue;
        }
        let tail = tail.trim_start();
        let tail = tail.strip_prefix('?').filter(|rest| rest.starts_with('.')).unwrap_or(tail);
        let key = if let Some(rest) = tail.strip_prefix('.') {
            let rest = rest.trim_start();
            let end = rest.find(|c| !in_word(c)).unwrap_or(rest.len());
            &rest[..end]
        } else {
            let rest = tail.strip_prefix('[')?.trim_start();
            let quote = rest.chars().next().filter(|c| matches!(c, '\'' | '"'))?;
            let rest = &rest[1..];
            let end = rest.find(quote)?;
            rest[end + 1..].trim_start().strip_prefix(']')?;
            &rest[..end]
        };
        if key.is_empty() || INHERITED.contains(&key) {
            return None;
        }
        keys.push(key.to_owned());
    }
    Some(keys)
}

/// What every object has without having it.
const INHERITED: [&str; 12] = [
    "constructor",
    "hasOwnProperty",
    "isPrototypeOf",
    "propertyIsEnumerable",
    "toLocaleString",
    "toString",
    "valueOf",
    "__proto__",
    "__defineGetter__",
    "__defineSetter__",
    "__lookupGetter__",
    "__lookupSetter__",
];

fn start(text: &str) -> Result<Engine> {
    let engine = Engine::new()?;
    engine
        .run(SCRIPT_TICKS_MAX, |ctx, kit| {
            kit.get::<_, Function<'_>>("harden")?.call::<_, ()>(())?;
            // The line breaks keep a comment at the end from swallowing the bracket. `1); (2` fits between round
            // brackets and not between square ones.
            let source = format!("(function (event, state, before) {{ 'use strict'; return !!(\n{text}\n); }})");
            let condition: Function<'_> = ctx.eval(source)?;
            let list = format!("(function (event, state, before) {{ 'use strict'; return [\n{text}\n]; }})");
            ctx.eval::<Function<'_>, _>(list)?;
            kit.set("condition", condition)?;
            Ok::<(), Stop>(())
        })
        .map_err(|failure| Error::Input(format!("condition `{text}` is not an expression: {}", failure.message)))?;
    Ok(engine)
}

/// True where the text holds this name as a word.
fn says(text: &str, name: &str) -> bool {
    let in_word = |c: char| c.is_alphanumeric() || c == '_' || c == '$';
    text.match_indices(name).any(|(at, _)| {
        let after = &text[at + name.len()..];
        !text[..at].chars().next_back().is_some_and(in_word) && !after.chars().next().is_some_and(in_word)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::Seq;
    use serde_json::json;

    fn event(data: Value) -> Event<'static> {
        Event {
            seq: Seq::Number(7),
            stream: "account-1",
            category: "account",
            version: Some(3),
            event_type: "Withdrawn",
            time: None,
            id: None,
            data,
            metadata: None,
        }
    }

    fn holds(text: &str, state: &Value) -> Result<bool> {
        Expression::compile(text)?.eval(&event(json!({"amount": 5})), state, &json!({"balance": 10}))
    }

    #[test]
    fn a_condition_sees_event_state_and_before() {
        let state = json!({"balance": -1});
        for (text, expected) in [
            ("state.balance < 0", true),
            ("state.balance >= 0", false),
            ("before.balance - event.data.amount === 5", true),
            ("event.type === 'Withdrawn' && event.version === 3 && event.position === 7 // the end", true),
            ("event.stream.startsWith('account') ? 1 : 0", true),
            ("''", false),
        ] {
            assert_eq!(holds(text, &state).unwrap(), expected, "{text}");
        }
    }

    #[test]
    fn where_there_is_no_state_nothing_holds() {
        assert!(!holds("state.balance < 0", &Value::Null).unwrap());
        assert!(!holds("state.a.b.c", &json!({})).unwrap());
        assert!(holds("state === null", &Value::Null).unwrap());
    }

    #[test]
    fn a_condition_sees_only_the_keys_that_it_names() {
        let keys = |text: &str| keys_of(text, "state");
        let named = |list: &[&str]| Some(list.iter().map(|key| (*key).to_owned()).collect::<Vec<_>>());
        assert_eq!(keys("state.balance < 0 && state ?. [ 'x' ]"), None);
        assert_eq!(keys("state.balance < 0 && state?.limit"), named(&["balance", "limit"]));
        assert_eq!(keys("state['a b'].c === event.data.state"), named(&["a b"]));
        assert_eq!(keys("laststate.x + states.y"), named(&[]));
        for all in
            ["state", "'a' in state", "({...state})", "[state].length", "state[k]", "state.toString()", "f(state)"]
        {
            assert_eq!(keys(all), None, "{all}");
        }
        let state = json!({"big": {"x": 1}, "balance": -1, "k": [1, 2]});
        for (text, expected) in [
            ("state.balance < 0", true),
            ("Object.keys(state).length === 3", true),
            ("(s => s.big.x)(state) === 1", true),
            ("state.k.length === 2 && state.nobody === undefined", true),
            ("state.hasOwnProperty('big') && state.balance < 0", true),
        ] {
            assert_eq!(holds(text, &state).unwrap(), expected, "{text}");
        }
    }

    #[test]
    fn what_is_no_condition_is_refused() {
        for text in ["", "state.balance <", "1; 2", "1); (2", "return 1", "}", "if (1) {}"] {
            assert!(matches!(Expression::compile(text), Err(Error::Input(_))), "{text}");
        }
        assert!(holds("stat.balance", &Value::Null).is_err(), "a name that is not there is a slip");
    }

    #[test]
    fn an_endless_condition_ends_and_the_next_one_works() {
        let mut expression =
            Expression::compile("(() => { while (event.data.amount === 5) {} return true; })()").unwrap();
        assert!(expression.eval(&event(json!({"amount": 5})), &Value::Null, &Value::Null).is_err());
        assert!(expression.eval(&event(json!({"amount": 6})), &Value::Null, &Value::Null).unwrap());
    }
}
