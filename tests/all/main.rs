//! Behaviour from the outside, in one binary: it links the window once.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on ends there")]

mod archive;
mod bench;
mod breakpoints;
mod cli;
mod client;
mod contract;
mod crash;
mod crash_all;
mod desktop;
mod exchange;
#[cfg(feature = "parquet")]
mod exchange_parquet;
mod fixtures;
mod generate;
mod gui;
mod gui_commands;
mod gui_palette;
mod gui_pictures;
mod gui_throughput;
mod hostile;
mod house_rules;
mod layout_versions;
mod layouts;
mod live;
mod masks;
mod opening;
mod reducers;
mod replay;
mod session;
mod shared_store;
mod snapshots;
mod store;
mod store_model;
mod support;
mod truth;
mod verify;
mod whatif;
mod why;
mod window_reducers;
mod window_why;
mod workers;
