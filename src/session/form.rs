//! In which form the Event tab shows payloads.

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
