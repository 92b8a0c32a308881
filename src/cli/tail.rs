//! `tail`: events as they arrive, whoever writes them. It ends with the limit, an interrupt or a closed pipe.

use std::time::Duration;

use super::arguments::TailArguments;
use super::events::EventPrinter;
use super::output::{Answer, Ending, Output};
use crate::event::{EventBatch, Resume, Scope};
use crate::limits::{HEAD_POLL_MS, PAGE_EVENTS_MAX};
use crate::store;

/// Follows the log.
pub fn run(arguments: &TailArguments, output: &mut Output) -> Ending {
    let mut log = store::open(&arguments.log.log)?;
    let mut resume = if arguments.from_start { Resume::Start } else { log.end()? };
    let mut left = arguments.limit.unwrap_or(u64::MAX);
    let mut head = None;
    let mut batch = EventBatch::new();
    let mut printer = EventPrinter::new(log.decoder());
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
            let limit = u32::try_from(left).unwrap_or(u32::MAX).min(PAGE_EVENTS_MAX);
            let end = log.read(&Scope::Log, &resume, limit, &mut batch)?;
            for event in batch.iter() {
                printer.print(&event, output)?;
            }
            printer.end(output)?;
            left -= batch.len() as u64;
            resume = end.next;
            if end.at_end || left == 0 {
                break;
            }
        }
        head = Some(now);
    }
    Ok(Answer::Yes)
}
