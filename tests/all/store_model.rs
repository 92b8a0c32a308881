//! The native log against a model: random appends, repeats, conflicts and reopenings, compared after every step.

use std::path::Path;

use eventscope::error::Error;
use eventscope::event::{EventBatch, Resume, Scope, StreamId, Time};
use eventscope::log::StreamPage;
use eventscope::store::archive::archive;
use eventscope::store::native::{Append, Appended, Expected, NewEvent, Store};
use eventscope::store::verify::verify;
use proptest::prelude::*;

use super::fixtures;

/// One event as the log must hold it.
#[derive(Clone, PartialEq, Debug)]
struct Row {
    stream: String,
    version: i64,
    id: Option<String>,
    event_type: String,
    time: i64,
    data: String,
}

/// What the log must hold: the events, in order. Everything follows from them, by the plainest means.
#[derive(Clone, Default)]
struct Model {
    rows: Vec<Row>,
}

impl Model {
    fn version(&self, stream: &str) -> i64 {
        i64::try_from(self.rows.iter().filter(|row| row.stream == stream).count()).unwrap()
    }

    /// One append; `None` is a conflict.
    fn append(&mut self, append: &Append) -> Option<Appended> {
        let stream = append.stream.as_str();
        let mut known = Vec::new();
        for (index, event) in append.events.iter().enumerate() {
            let Some(id) = &event.id else { continue };
            if append.events[..index].iter().any(|other| other.id.as_ref() == Some(id)) {
                return None;
            }
            if let Some(position) = self.rows.iter().position(|row| row.id.as_ref() == Some(id)) {
                let row = &self.rows[position];
                let same = row.stream == stream
                    && row.event_type == event.event_type
                    && row.data.as_bytes() == event.data
                    && event.time.is_some_and(|time| time.0 == row.time);
                if !same {
                    return None;
                }
                known.push((row.version, i64::try_from(position).unwrap() + 1));
            }
        }
        if !known.is_empty() {
            let whole = known.len() == append.events.len() && known.windows(2).all(|two| two[0].0 + 1 == two[1].0);
            let (first, last) = (known[0], known[known.len() - 1]);
            return whole.then(|| Appended {
                stream: append.stream.clone(),
                first_version: first.0,
                last_version: last.0,
                first_position: first.1,
                last_position: last.1,
                repeated: true,
            });
        }
        let at = self.version(stream);
        let fits = match append.expected {
            Expected::Any => true,
            Expected::None => at == 0,
            Expected::Version(version) => version == at,
        };
        if !fits {
            return None;
        }
        let first_position = i64::try_from(self.rows.len()).unwrap() + 1;
        for (version, event) in (at + 1..).zip(&append.events) {
            self.rows.push(Row {
                stream: stream.to_owned(),
                version,
                id: event.id.clone(),
                event_type: event.event_type.clone(),
                time: event.time.unwrap().0,
                data: String::from_utf8(event.data.clone()).unwrap(),
            });
        }
        let count = i64::try_from(append.events.len()).unwrap();
        Some(Appended {
            stream: append.stream.clone(),
            first_version: at + 1,
            last_version: at + count,
            first_position,
            last_position: first_position + count - 1,
            repeated: false,
        })
    }

    /// All of them, or none.
    fn append_all(&mut self, appends: &[Append]) -> Option<Vec<Appended>> {
        let mut after = self.clone();
        let appended = appends.iter().map(|append| after.append(append)).collect::<Option<Vec<_>>>()?;
        *self = after;
        Some(appended)
    }
}

/// Everything in the log, by the reader that any log is read with. Ids that the log made itself are only counted.
fn rows(path: &Path, model: &Model) -> Vec<Row> {
    let mut log = fixtures::open(path);
    let (mut batch, mut rows, mut from) = (EventBatch::new(), Vec::new(), Resume::Start);
    loop {
        let end = log.read(&Scope::Log, &from, 5, &mut batch).unwrap();
        for raw in batch.iter() {
            let made = model.rows.get(rows.len()).is_some_and(|row| row.id.is_none());
            let id = raw.id.unwrap();
            assert!(!made || id.len() == 36, "{id}");
            rows.push(Row {
                stream: raw.stream.to_owned(),
                version: raw.version.unwrap(),
                id: (!made).then(|| id.to_owned()),
                event_type: raw.event_type.to_owned(),
                time: raw.time.unwrap().0,
                data: String::from_utf8(raw.data.to_vec()).unwrap(),
            });
        }
        if end.at_end {
            break;
        }
        from = end.next;
    }
    let listed = log.streams(&StreamPage { limit: 100, ..StreamPage::default() }).unwrap();
    for info in &listed {
        assert_eq!(info.last_version, Some(model.version(info.stream.as_str())), "{info:?}");
    }
    assert_eq!(listed.iter().map(|info| info.events).sum::<u64>(), rows.len() as u64);
    rows
}

#[derive(Clone, Debug)]
enum Step {
    AppendAll(Vec<Append>),
    /// The batch that was tried so many steps ago, once more.
    Repeat(usize),
    /// The same with its events in the other order.
    Reverse(usize),
    Reopen,
    /// All but the newest event, out of the log.
    Archive,
    /// What is open, sealed.
    Seal,
}

fn event() -> impl Strategy<Value = NewEvent> {
    // Few ids, mostly with the same content, so that they meet again.
    let id = prop_oneof![3 => Just(None), 2 => (0..12_u8).prop_map(Some)];
    let changes = prop_oneof![9 => Just(0_u8), 1 => Just(1)];
    (id, changes).prop_map(|(id, change)| NewEvent {
        id: id.map(|id| format!("id-{id}")),
        event_type: format!("T{}", id.unwrap_or_default() % 2),
        time: Some(Time(1_000)),
        data: format!("{{\"n\":{}}}", id.unwrap_or_default() + change).into_bytes(),
        metadata: None,
    })
}

fn append() -> impl Strategy<Value = Append> {
    let expected = prop_oneof![
        4 => Just(Expected::Any),
        1 => Just(Expected::None),
        2 => (0..6_i64).prop_map(Expected::Version)
    ];
    (0..3_u8, expected, prop::collection::vec(event(), 1..4)).prop_map(|(stream, expected, events)| Append {
        stream: StreamId::new(&format!("s-{stream}")),
        expected,
        events,
    })
}

fn reversed(mut append: Append) -> Append {
    append.events.reverse();
    append
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        8 => prop::collection::vec(append(), 1..3).prop_map(Step::AppendAll),
        2 => (0..4_usize).prop_map(Step::Repeat),
        2 => (0..4_usize).prop_map(Step::Reverse),
        1 => Just(Step::Reopen),
        1 => Just(Step::Archive),
        1 => Just(Step::Seal)
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_log_holds_what_the_model_holds(steps in prop::collection::vec(step(), 1..25)) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("log.db");
        let mut store = Store::create(&path).unwrap();
        let mut model = Model::default();
        let mut tried: Vec<Vec<Append>> = Vec::new();
        let (mut archives, mut archived_to) = (0, 0);
        for step in steps {
            let batch = match step {
                Step::AppendAll(batch) => batch,
                Step::Repeat(ago) => match tried.iter().rev().nth(ago) {
                    Some(batch) => batch.clone(),
                    None => continue,
                },
                Step::Reverse(ago) => match tried.iter().rev().nth(ago) {
                    Some(batch) => batch.iter().cloned().map(reversed).collect(),
                    None => continue,
                },
                Step::Reopen => {
                    drop(store);
                    store = Store::open(&path).unwrap();
                    continue;
                }
                Step::Archive => {
                    // Every event of the model has the same time.
                    let to = folder.path().join(format!("{archives}.archive"));
                    let archived = archive(&path, Time(1_001), &to, true, &mut |_| ()).unwrap();
                    prop_assert_eq!(archived.is_some(), model.rows.len() > archived_to + 1);
                    if let Some(archived) = archived {
                        archives += 1;
                        archived_to = usize::try_from(archived.last).unwrap();
                        prop_assert_eq!(archived_to, model.rows.len() - 1);
                    }
                    prop_assert_eq!(&rows(&path, &model), &model.rows);
                    continue;
                }
                Step::Seal => {
                    store.seal().unwrap();
                    continue;
                }
            };
            match (store.append_all(&batch), model.append_all(&batch)) {
                (Ok(appended), Some(expected)) => prop_assert_eq!(appended, expected),
                (Err(Error::Conflict(_)), None) => {}
                (real, expected) => prop_assert!(false, "{real:?} where {expected:?} is right, of {batch:?}"),
            }
            tried.push(batch);
            prop_assert_eq!(&rows(&path, &model), &model.rows);
        }
        drop(store);
        let mut found = Vec::new();
        let summary = verify(fixtures::open(&path).as_mut(), &mut |finding| found.push(finding)).unwrap();
        prop_assert_eq!(found, vec![]);
        prop_assert_eq!(summary.sealed, model.rows.len() as u64);
    }
}
