//! The lister: streams, totals and density. It may scan, so that nobody else has to wait for it.

use std::sync::Arc;

use crossbeam_channel::Receiver;

use super::Outlet;
use crate::error::Result;
use crate::protocol::{Generation, Reply, Request};
use crate::store::EventLog;

pub(super) fn run(requests: &Receiver<Request>, outlet: &Outlet) {
    let mut log: Option<Box<dyn EventLog>> = None;
    for request in requests {
        let (generation, result) = match request {
            Request::Open { generation, locator } => {
                // Where it cannot be opened, the log that was open goes on.
                if outlet.shared.is_newest_opening(generation)
                    && let Some(opened) = open(outlet, &locator)
                {
                    log = Some(opened);
                }
                continue;
            }
            Request::Close => {
                log = None;
                continue;
            }
            Request::Overview { generation } => {
                (generation, log.as_mut().map(|log| overview(outlet, generation, log.as_mut())))
            }
            Request::Streams { generation, page } => {
                let listed = log.as_mut().map(|log| {
                    let streams = log.streams(&page)?;
                    outlet.send(Reply::Streams { generation, page, streams });
                    Ok(())
                });
                (generation, listed)
            }
            Request::Density { generation, scope, span } => {
                if !outlet.shared.is_newest(generation) {
                    continue;
                }
                let found = log.as_mut().map(|log| {
                    let stop = || !outlet.shared.is_newest(generation);
                    let density = crate::replay::density::density(log.as_mut(), &scope, span, &stop)?;
                    outlet.send(Reply::Density { generation, scope, span, density: Arc::new(density) });
                    Ok(())
                });
                (generation, found)
            }
            _ => continue,
        };
        if let Some(Err(error)) = result {
            outlet.failed(generation, &error);
        }
    }
}

/// Opens the log for this worker. The reader says why where it cannot be opened.
fn open(outlet: &Outlet, locator: &str) -> Option<Box<dyn EventLog>> {
    let log = crate::store::open(locator).ok()?;
    outlet.shared.register("lister", log.as_ref());
    Some(log)
}

fn overview(outlet: &Outlet, generation: Generation, log: &mut dyn EventLog) -> Result<()> {
    let started = std::time::Instant::now();
    let totals = log.totals()?;
    let categories = log.categories()?;
    let elapsed_ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
    outlet.send(Reply::Overview { generation, totals, categories, elapsed_ms });
    Ok(())
}
