//! Places in a log: the event of a row, and the same instant in another scope.

use super::Replay;
use crate::error::Result;
use crate::event::{EventBatch, RawEvent, Scope};
use crate::limits::PAGE_EVENTS_MAX;
use crate::log::At;

impl Replay {
    /// How many events of one scope have happened at the instant at which `position` events of another have: one cursor
    /// for all streams. At position 0 it is the instant before that scope's first event.
    ///
    /// # Errors
    /// As the log.
    pub fn position_as_of(&mut self, from: &Scope, position: u64, to: &Scope) -> Result<u64> {
        if from == to {
            return Ok(position.min(self.log.extent(to)?));
        }
        let mut batch = EventBatch::new();
        let Some(row) = position.checked_sub(1) else {
            let Some(first) = self.raw_at(from, 0, &mut batch)?.map(|raw| raw.seq) else { return Ok(0) };
            let upto = self.log.position_of(to, &At::Seq(first))?;
            // The first event itself may stand in the other scope too.
            let Some(last) = upto.checked_sub(1) else { return Ok(0) };
            let is_it = self.raw_at(to, last, &mut batch)?.is_some_and(|raw| raw.seq == first);
            return Ok(if is_it { last } else { upto });
        };
        match self.raw_at(from, row, &mut batch)?.map(|raw| raw.seq) {
            Some(seq) => self.log.position_of(to, &At::Seq(seq)),
            // Beyond its end: as of now.
            None => self.log.extent(to),
        }
    }

    /// The event of a 0-based row of a scope, read into `batch`.
    pub(super) fn raw_at<'b>(
        &mut self,
        scope: &Scope,
        row: u64,
        batch: &'b mut EventBatch,
    ) -> Result<Option<RawEvent<'b>>> {
        let mut place = self.log.locate(scope, row)?;
        loop {
            let skip = row - place.position;
            let limit = u32::try_from(skip + 1).unwrap_or(u32::MAX).min(PAGE_EVENTS_MAX);
            let end = self.log.read(scope, &place.resume, limit, batch)?;
            let count = batch.len() as u64;
            if count > skip {
                return Ok(batch.get(usize::try_from(skip).unwrap_or(usize::MAX)));
            }
            if end.at_end || count == 0 {
                return Ok(None);
            }
            place.position += count;
            place.resume = end.next;
        }
    }
}
