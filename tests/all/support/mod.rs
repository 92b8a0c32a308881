//! What several tests use.

pub mod desk;
pub mod fake_log;
pub mod frames;
pub mod ledger;
pub mod random;
