//! Behaviour from the outside, in one binary: it links the window once.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on ends there")]

mod fixtures;
mod generate;
mod house_rules;
mod replay;
mod session;
mod store;
mod support;
mod truth;
mod workers;
