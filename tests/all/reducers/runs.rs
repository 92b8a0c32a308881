//! A run of events folded at once is the same as the events folded one by one.

use eventscope::event::{Event, RawEvent, Seq, Time, category_of};
use eventscope::payload::Decoder;
use eventscope::reducer::javascript::Module;
use eventscope::reducer::{Decode, FoldFault, Reducer};
use proptest::prelude::*;

/// Decodes as a log of plain JSON does; lends the text or keeps it.
struct Json {
    lends: bool,
}

impl Decode for Json {
    fn event<'a>(&self, raw: &RawEvent<'a>) -> Result<Event<'a>, String> {
        Decoder::json().event(raw)
    }

    fn text<'a>(&self, raw: &RawEvent<'a>) -> Option<&'a str> {
        if self.lends { std::str::from_utf8(raw.data).ok() } else { None }
    }

    fn category<'a>(&self, raw: &RawEvent<'a>) -> &'a str {
        category_of(raw.stream)
    }
}

/// Keeps all of an event, and does what its type says.
const TEXT: &str = "
export const initial = { n: 0, seen: [] };
export default (state, event) => {
    state.n++;
    switch (event.type) {
        case 'Throw': throw new Error('no ' + state.n);
        case 'Undefined': return undefined;
        case 'End': return null;
        case 'Keep': state.kept = event; break;
        case 'Payload': state.payload = event.data; break;
        case 'Twice': state.a = state.b = { list: [] }; break;
        case 'Push': state.a?.list.push(state.n); break;
        case 'Change': if (state.payload) state.payload.changed = true; break;
        case 'Date': state.date = new Date(); break;
        case 'Year': state.year = state.date?.getFullYear?.() ?? 'none'; break;
        case 'Log': console.log(state.n, event.version); break;
        case 'Nan': state.x = NaN; break;
        case 'Mutate': event.data.x = 1; break;
        case 'Dice': state.dice = Math.random(); break;
        default: return { ...state, seen: [...(state.seen ?? []), { ...event }].slice(-3) };
    }
    return state;
};";

fn payload() -> impl Strategy<Value = String> {
    prop_oneof![
        Just("{}".to_owned()),
        Just(r#"{"id":9007199254740993,"list":[1,{"a":null}]}"#.to_owned()),
        Just(r#"{"a":1.5,"text":"ü \\u00e9","10":1,"2":2}"#.to_owned()),
        Just("7".to_owned()),
        Just("{broken".to_owned()),
        Just(String::new()),
        Just(r#"{"half":"\ud800"}"#.to_owned()),
        "[a-z]{0,5}".prop_map(|text| format!("{{\"t\":\"{text}\"}}")),
    ]
}

fn event_type() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec![
        "Other",
        "Other",
        "Other",
        "Other",
        "Throw",
        "Undefined",
        "End",
        "Keep",
        "Payload",
        "Twice",
        "Push",
        "Change",
        "Date",
        "Year",
        "Log",
        "Nan",
        "Mutate",
        "Dice",
    ])
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]

    #[test]
    fn a_run_equals_one_by_one(
        events in prop::collection::vec((event_type(), payload(), any::<bool>()), 1..24),
        cut in 0..24_usize,
    ) {
        let raws: Vec<RawEvent<'_>> = events
            .iter()
            .enumerate()
            .map(|(index, (event_type, data, more))| RawEvent { category: None,
                seq: Seq::Number(i64::try_from(index).unwrap()),
                stream: if *more { "a-1" } else { "b" },
                version: more.then(|| i64::try_from(index).unwrap()),
                event_type,
                time: more.then(|| Time(1_700_000_000_123_456 + i64::try_from(index).unwrap())),
                id: more.then_some("id"),
                data: data.as_bytes(),
                metadata: more.then_some(br#"{"by":1}"#.as_slice()),
            })
            .collect();
        let fold = |lends: bool, runs: &[&[RawEvent<'_>]]| {
            let mut module = Module::compile("run.js", TEXT).unwrap();
            let mut state = module.empty();
            let mut faults: Vec<(usize, FoldFault)> = Vec::new();
            let mut before = 0;
            for run in runs {
                let more = module.fold_run(&mut state, run, &Json { lends });
                faults.extend(more.into_iter().map(|(index, fault)| (before + index, fault)));
                before += run.len();
            }
            (state, faults, module.take_console())
        };
        let (one, other) = raws.split_at(cut.min(raws.len()));
        let single: Vec<&[RawEvent<'_>]> = raws.chunks(1).collect();
        let expected = fold(false, &single);
        prop_assert_eq!(&fold(true, &[&raws]), &expected);
        prop_assert_eq!(&fold(true, &[one, other]), &expected);
    }
}
