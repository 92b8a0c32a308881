//! Reducers from the outside: what they make of events, and what a hostile one cannot do.

use eventscope::event::{Event, Seq, Time, Value, category_of};
use eventscope::reducer::{Reducer, Shown};

mod hostile;
mod module;
mod projection;
mod rules;
mod runs;

/// A reducer, the state it holds, and what went wrong.
pub struct Bench {
    reducer: Box<dyn Reducer>,
    state: Value,
    version: i64,
}

impl Bench {
    /// A bench with nothing folded.
    pub fn of(reducer: impl Reducer + 'static) -> Self {
        let state = reducer.empty();
        Self { reducer: Box::new(reducer), state, version: 0 }
    }

    /// Folds one event of the stream `account-1`; the message where it is a fault.
    pub fn fold(&mut self, event_type: &str, data: &str) -> Result<(), String> {
        self.version += 1;
        let stream = "account-1";
        let event = Event {
            seq: Seq::Number(100 + self.version),
            stream,
            category: category_of(stream),
            version: Some(self.version),
            event_type,
            time: Some(Time(1_700_000_000_000_000)),
            id: Some("7f"),
            data: serde_json::from_str(data).unwrap(),
            metadata: Some(br#"{"by":"ann"}"#.into()),
        };
        let before = self.state.clone();
        let result = self.reducer.fold(&mut self.state, event).map_err(|fault| fault.0);
        if result.is_err() {
            assert_eq!(self.state, before, "a fault changes nothing");
        }
        result
    }

    /// The state as a person sees it.
    pub fn shown(&self) -> Shown {
        self.reducer.show(self.state.clone())
    }

    /// The state as text, with every digit.
    pub fn text(&self) -> String {
        self.shown().state.to_string()
    }

    /// What the console said.
    pub fn console(&mut self) -> Vec<String> {
        self.reducer.take_console()
    }
}
