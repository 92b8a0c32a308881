//! Finding a stream by what a person calls it: the log's name for it, or the bare id that its library knows it by.

use super::EventLog;
use crate::error::{Error, Result};
use crate::event::StreamId;
use crate::limits::STREAMS_PAGE;
use crate::log::StreamPage;

/// Characters that may stand between what a layout puts before an id (a type, a tenant) and the id.
const JOINTS: [char; 4] = ['-', '/', ':', '|'];

/// The stream of this name; where there is none, the only one whose name ends with it: `c1` for `Order-c1`.
///
/// Libraries that key streams by type and id, or by tenant and id, call a stream by its id alone. A name that no stream
/// has comes back as it is.
///
/// # Errors
/// `Input` where several streams end with the name; what reading the log gives.
pub fn stream_named(log: &mut dyn EventLog, name: &str) -> Result<StreamId> {
    let exact = StreamId::new(name);
    if name.is_empty() || log.stream(&exact)?.is_some() {
        return Ok(exact);
    }
    let mut page = StreamPage { contains: Some(name.to_owned()), limit: STREAMS_PAGE, ..StreamPage::default() };
    let mut found: Vec<StreamId> = Vec::new();
    // Two are enough to say that the name is not enough.
    while found.len() < 2 {
        let streams = log.streams(&page)?;
        let Some(last) = streams.last() else { break };
        page.after = Some(last.stream.clone());
        found.extend(streams.into_iter().map(|info| info.stream).filter(|stream| ends_with(stream.as_str(), name)));
    }
    match found.as_slice() {
        [] => Ok(exact),
        [_] => Ok(found.remove(0)),
        [one, other, ..] => Err(Error::Input(format!(
            "\"{name}\" is not enough to tell streams apart: {one} and {other} end with it (give the whole name)"
        ))),
    }
}

fn ends_with(stream: &str, name: &str) -> bool {
    stream.strip_suffix(name).is_some_and(|before| before.ends_with(JOINTS))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_stands_after_a_joint() {
        assert!(ends_with("Order-c1", "c1"));
        assert!(ends_with("north/Order-c1", "Order-c1"));
        assert!(!ends_with("Order-abc1", "c1"));
        assert!(!ends_with("c1", "c1"));
        assert!(!ends_with("Order-C1", "c1"));
    }
}
