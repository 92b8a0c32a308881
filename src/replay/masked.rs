//! A reducer whose states are shown without what is masked: the events that it folds are masked already, and so is what a
//! state has by another name.

use std::borrow::Cow;

use crate::event::{Event, RawEvent, Value};
use crate::payload::Decoder;
use crate::reducer::{Decode, FoldFault, Reducer, ReducerId, Shown};

struct Masked {
    reducer: Box<dyn Reducer>,
    decoder: Decoder,
}

/// The reducer as it is where nothing is masked.
pub(super) fn guard(reducer: Box<dyn Reducer>, decoder: &Decoder) -> Box<dyn Reducer> {
    if decoder.is_masking() { Box::new(Masked { reducer, decoder: decoder.clone() }) } else { reducer }
}

impl Reducer for Masked {
    fn id(&self) -> ReducerId {
        self.reducer.id()
    }

    fn empty(&self) -> Value {
        self.reducer.empty()
    }

    fn fold(&mut self, state: &mut Value, event: Event<'_>) -> Result<(), FoldFault> {
        self.reducer.fold(state, event)
    }

    fn fold_run(&mut self, state: &mut Value, events: &[RawEvent<'_>], decode: &dyn Decode) -> Vec<(usize, FoldFault)> {
        self.reducer.fold_run(state, events, decode)
    }

    fn show(&self, state: Value) -> Shown {
        let shown = self.reducer.show(state);
        Shown { state: self.decoder.masked(shown.state), ..shown }
    }

    fn peek<'a>(&self, state: &'a Value) -> Cow<'a, Value> {
        Cow::Owned(self.decoder.masked(self.reducer.peek(state).into_owned()))
    }

    fn take_console(&mut self) -> Vec<String> {
        self.reducer.take_console()
    }
}
