//! The demo: a wallet ledger that a team could have, nine months of it, with three bugs to find.
//!
//! Streams are `customer-*`, `account-*`, `transfer-*` and `statement-*`. Every account event carries the resulting
//! `balance`, the open `holds` and what is `available`, so that merging the payloads gives the account as it stood. The
//! events of one story share a `correlationId`, and each but the first names its `causationId`.
//!
//! # The planted bugs
//! 1. **Overdrawn**: two withdrawals raced, and the second was checked against the balance before the first. One
//!    account, whose `overdraft` is 0, has a negative `balance` after exactly one event; the next one, a deposit, heals
//!    it.
//! 2. **Received twice**: a transfer was delivered again after a timeout. Its `TransferReceived` stands twice in the
//!    stream of the receiving account, and the money was booked twice.
//! 3. **Stale name**: a customer's form was older than the last rename. Its `CustomerRenamed` gives a `previousName`
//!    that was no longer true, and brings part of the old name back.
//!
//! Everything else is in order: no other balance is ever negative, nothing else is received twice.

use crate::error::Result;
use crate::event::{StreamId, Time};
use crate::store::sqlite::native::{Append, Expected, Store};

mod clock;
mod ledger;
mod planted;
mod story;
mod words;

use story::Teller;

/// Events of the demo log before its live writer begins.
pub const EVENTS: u64 = 50_000;
/// Months that they cover, of 30.4 days.
const SPAN_DAYS: i64 = 274;
/// Which of all possible wallets the demo shows.
const SEED: u64 = 20_260;
/// Events in one transaction while the demo log is made.
const BATCH_EVENTS: usize = 5_000;

/// Where a planted bug shows.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Spot {
    /// The stream.
    pub stream: StreamId,
    /// The version at which it shows.
    pub version: i64,
}

/// The bugs that the demo log holds.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Planted {
    /// The withdrawal after which the balance is negative; the next version heals it.
    pub overdrawn: Spot,
    /// The second `TransferReceived` of one transfer.
    pub received_twice: Spot,
    /// The rename with a stale `previousName`.
    pub stale_name: Spot,
}

/// Writes the demo log, [`EVENTS`] events that end at `end`, into an empty log. `progress` hears after each
/// transaction how many events there are.
///
/// The same `end` gives the same log, byte by byte.
///
/// # Errors
/// As [`Store::append`]; `Conflict` where the log is not empty.
pub fn write(store: &mut Store, end: Time, progress: &mut dyn FnMut(u64)) -> Result<(Planted, LiveWriter)> {
    let mut teller = Teller::new(SEED, end, EVENTS, SPAN_DAYS);
    let (mut batch, mut waiting) = (Vec::new(), 0);
    while teller.told() < EVENTS {
        let appends = teller.next_story();
        waiting += appends.iter().map(|append| append.events.len()).sum::<usize>();
        batch.extend(appends);
        if waiting >= BATCH_EVENTS || teller.told() >= EVENTS {
            store.append_all(&batch)?;
            batch.clear();
            waiting = 0;
            progress(teller.told());
        }
    }
    let planted = teller.planted()?;
    Ok((planted, LiveWriter { teller }))
}

/// Continues the story of the demo log for as long as somebody listens.
pub struct LiveWriter {
    teller: Teller,
}

impl LiveWriter {
    /// The next story: one to some events over one or more streams, to be appended in one transaction. Their time is
    /// the time of the append, and they expect no version: the demo's user may append to the same streams.
    pub fn next_batch(&mut self) -> Vec<Append> {
        let mut story = self.teller.next_story();
        for append in &mut story {
            append.expected = Expected::Any;
            for event in &mut append.events {
                event.time = None;
            }
        }
        story
    }
}
