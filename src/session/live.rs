//! The live plot's samples. Pausing keeps the picture still while collecting goes on.

use std::collections::VecDeque;

use crate::limits::SAMPLES_MAX;
use crate::protocol::Sample;

/// The samples of the live throughput.
#[derive(Clone, Debug, Default)]
pub struct LivePane {
    samples: VecDeque<Sample>,
    paused_at: Option<usize>,
    missed: u64,
}

impl LivePane {
    /// The samples to draw, oldest first: all until the pause, where there is one.
    #[must_use]
    pub fn shown(&self) -> impl ExactSizeIterator<Item = &Sample> {
        self.samples.range(..self.paused_at.unwrap_or(self.samples.len()).min(self.samples.len()))
    }

    /// The newest sample on show.
    #[must_use]
    pub fn latest(&self) -> Option<&Sample> {
        self.shown().last()
    }

    /// The newest sample of all, also while paused.
    #[must_use]
    pub fn newest(&self) -> Option<&Sample> {
        self.samples.back()
    }

    /// Events that arrived since the pause, while paused.
    #[must_use]
    pub fn paused(&self) -> Option<u64> {
        self.paused_at.map(|_| self.missed)
    }

    /// Pauses or resumes.
    pub fn toggle_pause(&mut self) {
        self.paused_at = match self.paused_at {
            Some(_) => None,
            None => Some(self.samples.len()),
        };
        self.missed = 0;
    }

    /// Takes a sample.
    pub fn absorb(&mut self, sample: Sample) {
        self.missed += sample.events;
        self.samples.push_back(sample);
        if self.samples.len() > SAMPLES_MAX {
            self.samples.pop_front();
            self.paused_at = self.paused_at.map(|index| index.saturating_sub(1));
        }
    }
}
