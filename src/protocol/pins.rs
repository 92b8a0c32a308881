//! Pinned paths: their values at the cursor and shortly before.

use crate::event::StreamId;

/// The pinned paths of a stream at a position.
#[derive(Clone, PartialEq, Debug)]
pub struct PinsAt {
    /// The stream.
    pub stream: StreamId,
    /// How many of its events are folded.
    pub position: u64,
    /// The reducer.
    pub reducer: String,
    /// The paths, in the order that they were asked for.
    pub pins: Vec<PinAt>,
}

/// A pinned path at a position.
#[derive(Clone, PartialEq, Debug)]
pub struct PinAt {
    /// JSON pointer.
    pub path: String,
    /// The value one event before as short JSON; `None` where there was none.
    pub from: Option<String>,
    /// The value as short JSON; `None` where there is none.
    pub to: Option<String>,
    /// The value after each of the last events, the newest last: a number, or `None` where it was none. At most
    /// [`crate::limits::PIN_EVENTS`] and one.
    pub values: Vec<Option<f64>>,
}
