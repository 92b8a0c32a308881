//! Behaviour from the outside, in one binary: it links the window once.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on ends there")]

mod generate;
mod cli;
mod fixtures;
mod house_rules;
mod replay;
mod session;
mod store;
mod truth;
mod support;
