//! KurrentDB's projections, unchanged: selectors, handlers, partitions, shared state, transforms, and what they emit.
//!
//! The rules are those of engine V1 of KurrentDB 26.2. What differs on purpose: nothing is written, a fault marks its
//! event and the projection goes on, every event starts from the JSON of the state before it, transforms get a copy,
//! a clock and dice that stand at the event, and numbers that are only copied keep every digit.

mod deferred;
mod definition;
mod host;
mod machine;
mod reducer;
mod step;

pub use definition::{Definition, category_of};
pub use host::Emitted;
pub use machine::{Delivered, Input, LateFault, Machine, Warning};
pub use reducer::{ProjectionReducer, created};
