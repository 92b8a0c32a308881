//! Latencies of the commits that Eventscope itself makes, from the thread that writes to the one that samples.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// Latencies kept between two samples; more than a machine commits in a quarter of a second.
const LATENCIES_MAX: usize = 100_000;

/// Commit latencies since the last sample.
#[derive(Default)]
pub(super) struct Commits(Mutex<Vec<u64>>);

impl Commits {
    pub(super) fn note(&self, latency: Duration) {
        let mut latencies = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if latencies.len() < LATENCIES_MAX {
            latencies.push(u64::try_from(latency.as_micros()).unwrap_or(u64::MAX));
        }
    }

    /// How many there were, and p50 and p99 in microseconds; forgets them.
    pub(super) fn take(&self) -> Option<(u64, u64, u64)> {
        let mut latencies = std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner));
        if latencies.is_empty() {
            return None;
        }
        latencies.sort_unstable();
        let at = |percent: usize| latencies[(latencies.len() * percent / 100).min(latencies.len() - 1)];
        Some((latencies.len() as u64, at(50), at(99)))
    }
}
