//! What payloads turned out to be, for `info`: nothing is guessed silently.

use std::collections::BTreeMap;

use super::output::counted;
use crate::error::Result;
use crate::event::{EventBatch, Resume, Scope};
use crate::store::EventLog;

/// Events that are looked at: a moment's work.
const LOOKED_AT: u32 = 500;
/// Forms that are named.
const NAMED_MAX: usize = 5;

/// What the payloads of the first events were decoded by, the most frequent first: `JSON (480), zlib, JSON (20)`. None
/// where there are no events.
pub fn of(log: &mut dyn EventLog) -> Result<Option<String>> {
    let decoder = log.decoder();
    let mut batch = EventBatch::new();
    log.read(&Scope::Log, &Resume::Start, LOOKED_AT, &mut batch)?;
    let mut forms: BTreeMap<String, u64> = BTreeMap::new();
    for raw in batch.iter() {
        let decoded = decoder.decode(&raw);
        let form = match (&decoded.data, decoded.decoded_by.as_str()) {
            (Ok(_), by) => by.to_owned(),
            (Err(_), "") => "not decoded".to_owned(),
            (Err(_), by) => format!("{by}, then not decoded"),
        };
        *forms.entry(form).or_default() += 1;
    }
    let mut forms: Vec<(String, u64)> = forms.into_iter().collect();
    forms.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    let more = forms.len().saturating_sub(NAMED_MAX);
    let mut named: Vec<String> =
        forms.iter().take(NAMED_MAX).map(|(form, count)| format!("{form} ({count})")).collect();
    if more > 0 {
        named.push(format!("{more} more"));
    }
    let looked_at = counted(batch.len() as u64, "event");
    Ok((!named.is_empty()).then(|| format!("payloads of the first {looked_at}: {}", named.join("; "))))
}
