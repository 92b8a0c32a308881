//! Which reducer folds which stream: those that are not in use now wait here, compiled.

use std::collections::HashMap;

use super::{Replay, masked};
use crate::error::Result;
use crate::event::{Scope, StreamId};
use crate::reducer::{Bind, Reducer};

/// The reducers that are bound to streams. `None` stands for the replay's own, which folds all that is not one stream.
pub(super) struct Bound {
    bind: Box<dyn Bind>,
    idle: HashMap<Option<usize>, Box<dyn Reducer>>,
    current: Option<usize>,
}

impl Bound {
    pub(super) fn new(bind: Box<dyn Bind>) -> Self {
        Self { bind, idle: HashMap::new(), current: None }
    }
}

impl Replay {
    /// Makes the reducer of a scope the one in use.
    pub(super) fn take_up(&mut self, scope: &Scope) -> Result<()> {
        match scope {
            Scope::Stream(stream) => self.take_up_for(stream.as_str()),
            Scope::Category(_) | Scope::Log => self.switch(None, ""),
        }
    }

    /// The id of the reducer that folds a stream.
    ///
    /// # Errors
    /// `Input` where its text is refused.
    pub fn reducer_of(&mut self, stream: &StreamId) -> Result<&str> {
        self.take_up_for(stream.as_str())?;
        Ok(self.reducer_id())
    }

    /// Makes the reducer of a stream the one in use.
    pub(super) fn take_up_for(&mut self, stream: &str) -> Result<()> {
        match &self.bound {
            Some(bound) => self.switch(Some(bound.bind.binding(stream)), stream),
            None => Ok(()),
        }
    }

    fn switch(&mut self, wanted: Option<usize>, stream: &str) -> Result<()> {
        let Some(bound) = self.bound.as_mut().filter(|bound| bound.current != wanted) else { return Ok(()) };
        let next = match bound.idle.remove(&wanted) {
            Some(reducer) => reducer,
            None => masked::guard(bound.bind.reducer(stream)?, &self.decoder),
        };
        self.reducer_id = self.decoder.name_reducer(&next.id().0);
        let before = std::mem::replace(&mut self.reducer, next);
        bound.idle.insert(bound.current, before);
        bound.current = wanted;
        Ok(())
    }
}
