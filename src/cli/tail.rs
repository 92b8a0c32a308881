//! `tail`: events as they arrive, whoever writes them. It ends with the limit, an interrupt or a closed pipe.

use std::time::Duration;

use super::arguments::TailArguments;
use super::events::EventPrinter;
use super::output::{Answer, Ending, Output};
use crate::event::{EventBatch, Resume, Scope};
use crate::limits::{HEAD_POLL_MS, PAGE_EVENTS_MAX};
use crate::replay::search::Sieve;
use crate::store;

/// Follows the log.
pub fn run(arguments: &TailArguments, output: &mut Output) -> Ending {
    let locator = arguments.log.locator();
    let mut log = store::open(&locator)?;
    let mut resume = if arguments.from_start { Resume::Start } else { log.end()? };
    let mut left = arguments.limit.unwrap_or(u64::MAX);
    let mut head = None;
    let mut batch = EventBatch::new();
    let mut printer = EventPrinter::new(log.decoder());
    let mut sieve = if arguments.pick.picks() {
        Some(Sieve::new(log.decoder(), arguments.pick.wanted(&locator, &resume)?))
    } else {
        None
    };
    while left > 0 {
        let now = match log.head() {
            Ok(now) => now,
            // A writer that holds its lock for long is no reason to stop following.
            Err(error) if error.is_busy() => {
                std::thread::sleep(Duration::from_millis(HEAD_POLL_MS));
                continue;
            }
            Err(error) => return Err(error.into()),
        };
        if head.is_some_and(|before: crate::log::Head| before.epoch != now.epoch) {
            return Err(crate::error::Error::Corrupt(
                "the log was replaced or truncated while it was followed; start tail again to follow the new one"
                    .to_owned(),
            )
            .into());
        }
        if head == Some(now) {
            std::thread::sleep(Duration::from_millis(HEAD_POLL_MS));
            continue;
        }
        loop {
            let wanted = if sieve.is_some() { PAGE_EVENTS_MAX } else { u32::try_from(left).unwrap_or(u32::MAX) };
            let end = log.read(&Scope::Log, &resume, wanted.min(PAGE_EVENTS_MAX), &mut batch)?;
            for event in batch.iter() {
                let passes = match &mut sieve {
                    Some(sieve) => left > 0 && sieve.wants(&event) && sieve.passes(&event)?,
                    None => true,
                };
                if passes {
                    printer.print(&event, output)?;
                    left -= 1;
                }
            }
            printer.end(output)?;
            resume = end.next;
            if end.at_end || left == 0 {
                break;
            }
        }
        head = Some(now);
    }
    Ok(Answer::Yes)
}
