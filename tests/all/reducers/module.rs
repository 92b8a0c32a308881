//! The plain module.

use eventscope::error::Error;
use eventscope::reducer::Reducer;
use eventscope::reducer::javascript::Module;

use super::Bench;

fn bench(text: &str) -> Bench {
    Bench::of(Module::compile("test.js", text).unwrap())
}

#[test]
fn a_module_folds() {
    let mut bench = bench("export default (state, event) => ({ ...state, n: (state.n ?? 0) + event.data.n })");
    assert!(!bench.shown().exists);
    bench.fold("Added", r#"{"n":2}"#).unwrap();
    bench.fold("Added", r#"{"n":3}"#).unwrap();
    assert_eq!(bench.text(), r#"{"n":5}"#);
}

#[test]
fn the_first_state_is_the_default_or_initial_or_an_empty_object() {
    for text in [
        "export default (state = { n: 1 }, event) => { state.n++; return state; }",
        "export const initial = { n: 1 }; export default (state, event) => { state.n++; return state; }",
        "export const initial = () => ({ n: 1 }); export default function (state, event) { state.n++; return state; }",
        "export default (state, event) => ({ n: (state.n ?? 1) + 1 })",
    ] {
        let mut one = bench(text);
        one.fold("T", "{}").unwrap();
        assert_eq!(one.text(), r#"{"n":2}"#, "{text}");
    }
}

#[test]
fn null_is_the_end_and_the_next_event_sees_it() {
    let mut bench = bench(
        "export default (state, event) => event.type === 'Deleted' ? null : state === null ? { again: true } : state",
    );
    bench.fold("Created", "{}").unwrap();
    assert!(bench.shown().exists);
    bench.fold("Deleted", "{}").unwrap();
    assert!(!bench.shown().exists);
    bench.fold("Created", "{}").unwrap();
    assert_eq!(bench.text(), r#"{"again":true}"#);
}

#[test]
fn the_event_has_what_the_log_has() {
    let mut bench = bench(
        "export default (state, event) => { console.log('at', event.version, { a: 1 }); \
         return { ...event, now: Date.now(), date: new Date().toISOString(), hours: new Date().getHours() } }",
    );
    bench.fold("Opened", r#"{"x":[1,"ü"]}"#).unwrap();
    let expected = serde_json::json!({
        "type": "Opened", "stream": "account-1", "category": "account", "version": 1, "position": 101,
        "time": "2023-11-14T22:13:20Z", "id": "7f", "data": {"x": [1, "ü"]}, "metadata": {"by": "ann"},
        "now": 1_700_000_000_000_i64, "date": "2023-11-14T22:13:20.000Z", "hours": 22
    });
    assert_eq!(bench.shown().state, expected);
    assert_eq!(bench.console(), ["at 1 {\"a\":1}"]);
    assert_eq!(bench.console(), Vec::<String>::new());
}

#[test]
fn numbers_that_are_only_copied_keep_every_digit() {
    let mut bench = bench(
        "export default (state, event) => ({ ...state, ...event.data, id: event.data.id ?? state.id, \
         seen: [...(state.seen ?? []), event.data.id], sum: (state.sum ?? 0) + (event.data.n ?? 0) })",
    );
    bench
        .fold("A", r#"{"id":9007199254740993,"n":0.1,"amount":123456789012345678.90,"small":1.50,"e":1e400}"#)
        .unwrap();
    bench.fold("A", r#"{"id":9007199254740995,"n":0.2}"#).unwrap();
    bench.fold("A", r#"{"id":18446744073709551615,"n":1}"#).unwrap();
    let text = bench.text();
    for digits in [
        r#""id":18446744073709551615"#,
        r#""seen":[9007199254740993,9007199254740995,18446744073709551615]"#,
        r#""amount":123456789012345678.90"#,
        r#""sum":1.3"#,
        r#""n":1"#,
        r#""small":1.5"#,
    ] {
        assert!(text.contains(digits), "{digits}: {text}");
    }
}

#[test]
fn a_module_without_a_function_is_refused_with_its_error() {
    for (text, said) in [
        ("export const a = 1", "no default export"),
        ("export default 5", "no default export"),
        ("export default (", "SyntaxError"),
        ("import fs from 'fs'; export default s => s", "fs"),
        ("throw new Error('no'); export default s => s", "no"),
        ("while (true) {} export default s => s", "took too long"),
    ] {
        match Module::compile("bad.js", text) {
            Err(Error::Input(message)) => assert!(message.contains(said) && message.contains("bad.js"), "{message}"),
            Err(other) => panic!("{text}: {other}"),
            Ok(_) => panic!("{text} was accepted"),
        }
    }
}

#[test]
fn an_edit_is_another_reducer() {
    let one = Module::compile("a.js", "export default s => s").unwrap();
    let same = Module::compile("a.js", "export default s => s").unwrap();
    let other = Module::compile("a.js", "export default s => s;").unwrap();
    assert_eq!(one.id(), same.id());
    assert_ne!(one.id(), other.id());
}
