//! A log of any size, the same for the same plan: byte by byte, on every machine.

use std::fmt::Write;

use super::seeded::Seeded;
use crate::error::{Error, Result};
use crate::event::{StreamId, Time};
use crate::limits;
use crate::store::sqlite::native::{Append, Expected, NewEvent, Store};

/// When every generated log begins: 2026-01-01 UTC.
const START: Time = Time(1_767_225_600_000_000);
/// Events that one story writes into one stream, at most.
const BURST_EVENTS_MAX: u64 = 4;

/// What to generate.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Plan {
    /// How many events.
    pub events: u64,
    /// Over how many streams, at least 1; as many as there are events, where there are fewer of those.
    pub streams: u64,
    /// Bytes of each payload; it has its natural size (about 100) where that is more.
    pub payload_bytes: usize,
    /// Another seed is another log.
    pub seed: u64,
}

impl Default for Plan {
    fn default() -> Self {
        Self { events: 100_000, streams: 1_000, payload_bytes: 160, seed: 1 }
    }
}

/// Appends the events of a plan; `progress` hears after each transaction how many there are.
///
/// Streams are of unlike length: some hold a large part of the log. The same plan into the same log again changes
/// nothing.
///
/// # Errors
/// `Input` where the plan makes no sense; otherwise as [`Store::append`]: `Conflict` where the log holds streams of the
/// same names from elsewhere.
pub fn generate(store: &mut Store, plan: &Plan, progress: &mut dyn FnMut(u64)) -> Result<()> {
    if plan.streams == 0 {
        return Err(Error::Input("0 streams hold no events (give 1 or more)".to_owned()));
    }
    if plan.payload_bytes > limits::PAYLOAD_BYTES_MAX {
        let (bytes, max) = (plan.payload_bytes, limits::PAYLOAD_BYTES_MAX);
        return Err(Error::Input(format!("payloads of {bytes} bytes are too large (at most {max})")));
    }
    let mut generator = Generator::new(*plan);
    loop {
        let batch = generator.next_batch();
        if batch.is_empty() {
            return Ok(());
        }
        store.append_all(&batch)?;
        progress(generator.made);
    }
}

/// A kind of stream: what its events are called and what they say.
struct Kind {
    category: &'static str,
    created: &'static str,
    changed: &'static [&'static str],
}

const KINDS: [Kind; 4] = [
    Kind {
        category: "order",
        created: "OrderPlaced",
        changed: &["OrderLineAdded", "OrderPaid", "OrderPacked", "OrderShipped", "OrderAddressChanged"],
    },
    Kind { category: "cart", created: "CartOpened", changed: &["ItemAdded", "ItemRemoved", "QuantityChanged"] },
    Kind {
        category: "device",
        created: "DeviceRegistered",
        changed: &["ReadingTaken", "ReadingTaken", "ReadingTaken", "ThresholdChanged", "AlarmRaised"],
    },
    Kind {
        category: "customer",
        created: "CustomerRegistered",
        changed: &["CustomerMoved", "CustomerRenamed", "NewsletterOrdered", "CreditChanged"],
    },
];

const PLACES: [&str; 8] = ["Lisbon", "Oslo", "Graz", "Kraków", "Lyon", "Utrecht", "Bergamo", "Tampere"];
const THINGS: [&str; 8] = ["lamp", "chair", "kettle", "bicycle", "notebook", "rope", "tent", "stove"];
const FILLER: &str = "the quick brown fox jumps over the lazy dog while a thousand small events wait for their turn ";

/// Makes batch after batch.
struct Generator {
    plan: Plan,
    seeded: Seeded,
    made: u64,
    now: Time,
    /// Events of each stream that has begun.
    versions: Vec<i64>,
}

impl Generator {
    fn new(plan: Plan) -> Self {
        Self { plan, seeded: Seeded::new(plan.seed), made: 0, now: START, versions: Vec::new() }
    }

    /// Events for one transaction; none when the plan is fulfilled.
    fn next_batch(&mut self) -> Vec<Append> {
        let (mut batch, mut events, mut bytes) = (Vec::new(), 0, 0);
        while self.made < self.plan.events && events < limits::GENERATE_BATCH_EVENTS && bytes < limits::PAGE_BYTES_MAX {
            let append = self.next_append();
            events += append.events.len();
            bytes += append.events.iter().map(|event| event.data.len()).sum::<usize>();
            batch.push(append);
        }
        batch
    }

    fn next_append(&mut self) -> Append {
        let begun = self.versions.len() as u64;
        // Streams begin evenly over the log: after n of N events, n/N of them have.
        let due = u128::from(self.plan.streams) * u128::from(self.made + 1);
        let begins =
            begun == 0 || (begun < self.plan.streams && u128::from(begun) * u128::from(self.plan.events) < due);
        let index = if begins { begun } else { self.seeded.skewed(begun) };
        let left = self.plan.events - self.made;
        let wanted = if begins { 1 } else { 1 + self.seeded.below(BURST_EVENTS_MAX) };
        // A burst must not use up events that streams still need to begin.
        let free = left.saturating_sub(self.plan.streams.saturating_sub(begun)).max(1);
        let count = wanted.min(free);

        let kind = &KINDS[usize::try_from(index % KINDS.len() as u64).unwrap_or_default()];
        let stream = StreamId::new(&format!("{}-{:07}", kind.category, index + 1));
        if begins {
            self.versions.push(0);
        }
        let version = self.versions.get(usize::try_from(index).unwrap_or_default()).copied().unwrap_or_default();
        let mut correlation: Option<String> = None;
        let mut causation: Option<String> = None;
        let mut events = Vec::with_capacity(usize::try_from(count).unwrap_or_default());
        for _ in 0..count {
            self.now = Time(self.now.0 + 1_000 * self.seeded.between(1, 400));
            let id = self.seeded.uuid(self.now);
            let event_type = if begins { kind.created } else { self.seeded.pick(kind.changed) };
            let metadata = (count > 1).then(|| {
                let correlation = correlation.get_or_insert_with(|| id.clone());
                match &causation {
                    Some(cause) => format!(r#"{{"correlationId":"{correlation}","causationId":"{cause}"}}"#),
                    None => format!(r#"{{"correlationId":"{correlation}"}}"#),
                }
            });
            causation = Some(id.clone());
            events.push(NewEvent {
                id: Some(id),
                event_type: event_type.to_owned(),
                time: Some(self.now),
                data: self.payload(kind, event_type, index).into_bytes(),
                metadata: metadata.map(String::into_bytes),
            });
        }
        self.made += count;
        if let Some(events) = self.versions.get_mut(usize::try_from(index).unwrap_or_default()) {
            *events += i64::try_from(count).unwrap_or_default();
        }
        Append { stream, expected: Expected::Version(version), events }
    }

    fn payload(&mut self, kind: &Kind, event_type: &str, index: u64) -> String {
        let seeded = &mut self.seeded;
        let mut json = String::with_capacity(self.plan.payload_bytes.max(128));
        let number = index + 1;
        let cents = seeded.between(100, 99_999);
        let amount = format!("{}.{:02}", cents / 100, cents % 100);
        let place = seeded.pick(&PLACES);
        let thing = seeded.pick(&THINGS);
        let count = seeded.between(1, 9);
        // Writing to a string cannot fail.
        let _ = match (kind.category, event_type) {
            ("order", "OrderPlaced") => {
                write!(json, r#"{{"orderId":{number},"city":"{place}","total":{amount},"status":"placed""#)
            }
            ("order", "OrderLineAdded") => {
                write!(json, r#"{{"orderId":{number},"lines":{{"{thing}":{count}}},"total":{amount}"#)
            }
            ("order", "OrderAddressChanged") => write!(json, r#"{{"orderId":{number},"city":"{place}""#),
            ("order", changed) => {
                let status = changed.trim_start_matches("Order").to_lowercase();
                write!(json, r#"{{"orderId":{number},"status":"{status}","total":{amount}"#)
            }
            ("cart", "CartOpened") => write!(json, r#"{{"cartId":{number},"items":{{}},"from":"{place}""#),
            ("cart", "ItemRemoved") => write!(json, r#"{{"cartId":{number},"items":{{"{thing}":null}}"#),
            ("cart", _) => {
                write!(json, r#"{{"cartId":{number},"items":{{"{thing}":{{"count":{count},"price":{amount}}}}}"#)
            }
            ("device", "DeviceRegistered") => {
                write!(json, r#"{{"deviceId":{number},"site":"{place}","threshold":{amount},"alarm":false"#)
            }
            ("device", "ThresholdChanged") => write!(json, r#"{{"deviceId":{number},"threshold":{amount}"#),
            ("device", changed) => {
                let alarm = changed == "AlarmRaised";
                write!(json, r#"{{"deviceId":{number},"reading":{amount},"battery":{count}0,"alarm":{alarm}"#)
            }
            (_, "CustomerMoved") => write!(json, r#"{{"customerId":{number},"city":"{place}""#),
            (_, "CreditChanged") => write!(json, r#"{{"customerId":{number},"credit":{amount}"#),
            (_, "NewsletterOrdered") => write!(json, r#"{{"customerId":{number},"topics":{{"{thing}":true}}"#),
            (_, _) => {
                let name = 1 + seeded.below(100_000);
                write!(json, r#"{{"customerId":{number},"name":"Customer {name}","city":"{place}""#)
            }
        };
        pad(&mut json, self.plan.payload_bytes);
        json.push('}');
        json
    }
}

/// Fills an object that is still open, so that it has `bytes` once it is closed; one that is longer stays as it is.
fn pad(json: &mut String, bytes: usize) {
    const FRAME: &str = r#","note":"""#;
    let Some(mut left) = bytes.checked_sub(json.len() + FRAME.len() + 1) else { return };
    json.push_str(r#","note":""#);
    while left > 0 {
        let part = FILLER.get(..left.min(FILLER.len())).unwrap_or(FILLER);
        json.push_str(part);
        left -= part.len();
    }
    json.push('"');
}
