//! The tabs of the inspector, and in which form the Event tab shows payloads.

/// The tabs of the inspector.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Tab {
    /// The state at the cursor.
    #[default]
    State,
    /// What changed between two positions.
    Diff,
    /// The selected event.
    Event,
    /// Who set a value.
    Blame,
    /// The snapshots of the stream.
    Snapshots,
    /// What caused the event, and what it caused.
    Causation,
}

/// In which form the Event tab shows a payload.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum EventForm {
    /// The stored bytes.
    Raw,
    /// What they say.
    #[default]
    Decoded,
    /// What reducers see.
    Upcast,
}
