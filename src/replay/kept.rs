//! States in memory around where the user is: what makes a step back fold at most 64 events.

use std::collections::{BTreeMap, HashMap};

use super::Fold;
use crate::event::Scope;
use crate::limits::STATES_KEPT_BYTES_MAX;
use crate::log::Fault;

/// A state as bytes: decoding it is several times cheaper than cloning a value.
#[derive(Clone)]
pub(super) struct KeptState {
    pub(super) position: u64,
    pub(super) version: Option<i64>,
    pub(super) event_hash: [u8; 32],
    pub(super) faults: Vec<Fault>,
    pub(super) faults_total: u64,
    pub(super) state: Vec<u8>,
}

impl KeptState {
    pub(super) fn of(fold: &Fold, event_hash: [u8; 32]) -> Self {
        Self {
            position: fold.position,
            version: fold.version,
            event_hash,
            faults: fold.faults.clone(),
            faults_total: fold.faults_total,
            state: serde_json::to_vec(&fold.state).unwrap_or_default(),
        }
    }

    fn bytes(&self) -> usize {
        self.state.len() + self.faults.iter().map(|fault| fault.message.len() + 64).sum::<usize>() + 128
    }
}

#[derive(Default)]
struct OfScope {
    used: u64,
    states: BTreeMap<u64, KeptState>,
}

/// The states of the scopes that were looked at last, bounded in bytes.
#[derive(Default)]
pub(super) struct Kept {
    scopes: HashMap<Scope, OfScope>,
    bytes: usize,
    clock: u64,
}

impl Kept {
    pub(super) fn nearest(&mut self, scope: &Scope, position: u64) -> Option<KeptState> {
        self.clock += 1;
        let of_scope = self.scopes.get_mut(scope)?;
        of_scope.used = self.clock;
        of_scope.states.range(..=position).next_back().map(|(_, kept)| kept.clone())
    }

    pub(super) fn keep(&mut self, scope: &Scope, kept: KeptState) {
        self.clock += 1;
        let here = kept.position;
        let of_scope = self.scopes.entry(scope.clone()).or_default();
        of_scope.used = self.clock;
        self.bytes += kept.bytes();
        if let Some(old) = of_scope.states.insert(here, kept) {
            self.bytes -= old.bytes();
        }
        while self.bytes > STATES_KEPT_BYTES_MAX && self.drop_one(scope, here) {}
    }

    pub(super) fn clear(&mut self) {
        *self = Self::default();
    }

    /// Drops the scope that was used least lately, or the state of this one that is farthest away.
    fn drop_one(&mut self, current: &Scope, here: u64) -> bool {
        let oldest = self.scopes.iter().filter(|(scope, _)| *scope != current).min_by_key(|(_, of)| of.used);
        if let Some(scope) = oldest.map(|(scope, _)| scope.clone()) {
            if let Some(dropped) = self.scopes.remove(&scope) {
                self.bytes -= dropped.states.values().map(KeptState::bytes).sum::<usize>();
            }
            return true;
        }
        let Some(of_scope) = self.scopes.get_mut(current) else { return false };
        if of_scope.states.len() < 2 {
            return false;
        }
        let farthest = of_scope.states.keys().copied().max_by_key(|position| position.abs_diff(here));
        match farthest.and_then(|position| of_scope.states.remove(&position)) {
            Some(dropped) => {
                self.bytes -= dropped.bytes();
                true
            }
            None => false,
        }
    }
}
