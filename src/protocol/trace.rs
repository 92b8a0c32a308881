//! The tree of an event's causes and effects, as the window gets it.

use std::sync::Arc;

pub use crate::replay::trace::{Trace, Traced};

use super::Ticket;

/// The tree of an event, or how far the search for it is.
#[derive(Clone, Debug, Default)]
pub struct TraceAt {
    /// Of which question.
    pub ticket: Ticket,
    /// Events of the log that were read.
    pub read: u64,
    /// The tree, when it is whole.
    pub tree: Option<Arc<Trace>>,
    /// Why there is none.
    pub failure: Option<String>,
}
