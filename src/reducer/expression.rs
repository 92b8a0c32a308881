//! Conditions: a JavaScript expression over `event`, `state` and `before`.
//!
//! `event` has `type`, `data`, `stream`, `category`, `version`, `position`, `time`, `id` and `metadata`; `state` is the
//! state after the event and `before` the one before it, null where the entity does not exist. The condition holds
//! where the value is truthy. Asking for a property of null or undefined (`state.balance` where there is no state) is
//! no error: the condition does not hold.

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
        Ok(Self {
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
        let engine = match self.engine.take() {
            Some(engine) => engine,
            None => start(&self.text)?,
        };
        let result = engine.run(SCRIPT_TICKS_MAX, |ctx, kit| {
            let nothing = || Js::new_undefined(ctx.clone());
            let event = if self.says_event { plain_event(ctx, kit, event)? } else { nothing() };
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
