//! The reducers of many streams, each made once.

use std::collections::HashMap;

use super::Workspace;
use crate::error::Result;
use crate::reducer::{Reducer, Reducers};

/// The reducers that a workspace binds to streams.
pub struct BoundReducers {
    workspace: Workspace,
    made: HashMap<Option<usize>, Box<dyn Reducer>>,
}

impl BoundReducers {
    /// Those of a workspace.
    #[must_use]
    pub fn new(workspace: Workspace) -> Self {
        Self { workspace, made: HashMap::new() }
    }
}

impl Reducers for BoundReducers {
    fn of(&mut self, stream: &str) -> Result<&mut dyn Reducer> {
        let reducer = match self.made.entry(self.workspace.binding_of(stream)) {
            std::collections::hash_map::Entry::Occupied(made) => made.into_mut(),
            std::collections::hash_map::Entry::Vacant(place) => place.insert(self.workspace.reducer_of(stream)?),
        };
        Ok(reducer.as_mut())
    }
}
