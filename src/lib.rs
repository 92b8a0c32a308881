//! Eventscope: point it at an event log, and see what happened, step by step, and why the state is what it is.
//!
//! # The idea
//! The **log** is the truth, and the viewer never writes to a log that it did not create: that is true by type. A
//! **reducer** is a pure function from (state, event) to state. **Replay** answers one question, *the state at position
//! p*; checkpoints only make the answer fast. A **session** is all that the person is looking at, as plain data. The
//! window draws a session and returns actions, workers answer requests, and the command line is the same library
//! without a window.
//!
//! # The map, from the ground up
//! A module uses what stands above it here, and nothing below; a test reads every `use` and holds them to it.
//!
//! | module | what it is |
//! |---|---|
//! | [`limits`] | every bound in the program, with the sum that it comes from |
//! | [`event`], [`log`], [`error`] | the words: an event, a stream, a scope, a place in a log, a snapshot, what can go wrong |
//! | [`visible`] | a log's text as it may be shown: what hides or steers is written out |
//! | [`reducer`] | how events become state: auto, rules, JavaScript, a process |
//! | [`payload`] | bytes as stored → JSON, brought up to date, without what is masked: all payloads pass here |
//! | [`store`] | where events live: the trait [`store::EventLog`], the native store, the layouts of libraries, the cache |
//! | [`workspace`] | `eventscope.toml`: what a team agrees on for its log |
//! | [`replay`] | any position, fast, of a stream, a category or the log; diff, blame, find, breakpoints, what-if, causes and effects, tests |
//! | [`lab`] | made-up logs and measurements |
//! | [`protocol`] | what crosses a thread |
//! | [`worker`], [`session`] | named threads that answer; the person's view as plain data. Neither knows the other |
//! | [`gui`], [`cli`] | the window, and the commands |
//!
//! A Rust program that wants an event store begins at [`store::native::Store`].

pub mod cli;
pub mod error;
pub mod event;
pub mod filter;
pub mod gui;
pub mod lab;
pub mod limits;
pub mod locator;
pub mod log;
pub mod payload;
pub mod protocol;
pub mod reducer;
pub mod replay;
pub mod session;
pub mod store;
pub mod visible;
pub mod worker;
pub mod workspace;
