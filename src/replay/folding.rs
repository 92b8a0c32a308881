//! Several reducers over one log: each keeps the states that it has in memory while another one folds.

use super::kept::Kept;
use super::{Replay, masked};
use crate::reducer::Reducer;

/// A reducer with the states that it keeps in memory.
pub struct Folding {
    reducer: Box<dyn Reducer>,
    reducer_id: String,
    kept: Kept,
    /// True where it shows nothing that is masked: it has folded in a replay before.
    guarded: bool,
}

impl Folding {
    /// A reducer that has folded nothing yet.
    #[must_use]
    pub fn new(reducer: Box<dyn Reducer>) -> Self {
        let reducer_id = reducer.id().0;
        Self { reducer, reducer_id, kept: Kept::default(), guarded: false }
    }

    /// The reducer's name and hash.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.reducer_id
    }
}

impl Replay {
    /// Folds with another reducer from now on, and gives the one that folded until now.
    pub fn exchange(&mut self, folding: Folding) -> Folding {
        let Folding { mut reducer, mut reducer_id, kept, guarded } = folding;
        if !guarded {
            reducer_id = self.decoder.name_reducer(&reducer_id);
            reducer = masked::guard(reducer, &self.decoder);
        }
        Folding {
            reducer: std::mem::replace(&mut self.reducer, reducer),
            reducer_id: std::mem::replace(&mut self.reducer_id, reducer_id),
            kept: std::mem::replace(&mut self.kept, kept),
            guarded: true,
        }
    }
}
