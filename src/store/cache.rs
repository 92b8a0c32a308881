//! Checkpoints, milestones, stream totals in the user's cache folder; never truth.
