//! Eventscope: point it at an event log, and see what happened, step by step, and why the state is what it is.

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
pub mod worker;
pub mod workspace;
