//! Folds that begin at a snapshot which somebody kept, here or elsewhere.
//!
//! One is begun from only where the reducer that made it is the one in use, its seal holds (state, reducer and event belong
//! together, and every event before it was folded), the log still holds its event, and the reducer can tell its own form
//! from what it showed. It then becomes a checkpoint. A library's own snapshot never is: it has no such reducer.

use super::Replay;
use super::kept::KeptState;
use super::{Fold, snapshots};
use crate::error::Result;
use crate::event::{EventBatch, Scope};
use crate::log::{At, snapshot_seal};

/// States in memory that a fold may be away from its beginning before snapshots are looked at: asking costs as much.
const FAR_STATES: u64 = 2;

impl Replay {
    /// The newest sound snapshot at or before a position, where it is nearer than `better_than`.
    pub(super) fn begin_from_snapshot(
        &mut self,
        scope: &Scope,
        position: u64,
        better_than: u64,
    ) -> Result<Option<Fold>> {
        let near = better_than + FAR_STATES * self.spacing.state_events > position;
        let Some(stream) = scope.stream().filter(|_| !near && !self.decoder.is_masking()) else { return Ok(None) };
        // Without them it takes longer, and that is all.
        let Ok(mut kept) = snapshots::stored(self.log.as_mut(), Some(stream)) else { return Ok(None) };
        kept.retain(|one| one.reducer.as_deref() == Some(&self.reducer_id) && one.seal.is_some());
        kept.sort_by_key(|one| std::cmp::Reverse(one.version));
        for snapshot in kept {
            let (Some(seal), Some(hash), Ok(state)) = (snapshot.seal, snapshot.event_hash, snapshot.state) else {
                continue;
            };
            let stands_after = self.log.position_of(scope, &At::Version(snapshot.version))?;
            if stands_after > position || stands_after <= better_than {
                continue;
            }
            let version = Some(snapshot.version);
            let holds = seal == snapshot_seal(&self.reducer_id, &hash, &state)
                && self.event_at(scope, stands_after - 1)? == Some((version, hash));
            let mut batch = EventBatch::new();
            let first = if holds { self.raw_at(scope, 0, &mut batch)? } else { None };
            let Some(raw) = first else { continue };
            let Ok(first) = self.decoder.event(&raw) else { continue };
            let Some(own) = self.reducer.reopen(&state, &first) else { continue };
            let fold = Fold {
                position: stands_after,
                version,
                state: own,
                event_hash: Some(hash),
                faults: Vec::new(),
                faults_total: 0,
            };
            self.keep_checkpoint(scope, &KeptState::of(&fold, hash));
            return Ok(Some(fold));
        }
        Ok(None)
    }
}
