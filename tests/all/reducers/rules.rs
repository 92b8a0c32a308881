//! Rules in TOML.

use eventscope::error::Error;
use eventscope::reducer::auto::Auto;
use eventscope::reducer::javascript::Module;
use eventscope::reducer::rules::Rules;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::Bench;

fn bench(text: &str) -> Bench {
    Bench::of(Rules::parse("test.toml", text).unwrap())
}

#[test]
fn the_example_folds_an_account() {
    let mut bench = bench(include_str!("../../../assets/reducers/account.toml"));
    bench.fold("SomethingElse", "{}").unwrap();
    assert!(!bench.shown().exists);
    bench.fold("AccountOpened", r#"{"owner":"Ann"}"#).unwrap();
    bench.fold("Deposited", r#"{"id":1,"amount":9007199254740993.10}"#).unwrap();
    bench.fold("Withdrawn", r#"{"id":2,"amount":0.05}"#).unwrap();
    bench.fold("FeeTaken", r#"{"id":3,"amount":1}"#).unwrap();
    bench.fold("LimitSet", r#"{"kind":"day","max":5}"#).unwrap();
    bench.fold("LimitSet", r#"{"kind":"day","per":"h"}"#).unwrap();
    bench.fold("LimitSet", r#"{"kind":"a/b","max":1}"#).unwrap();
    bench.fold("LimitLifted", r#"{"kind":"a/b"}"#).unwrap();
    bench.fold("MovementVoided", r#"{"id":2}"#).unwrap();
    let expected = json!({
        "balance": "9007199254740992.05".parse::<serde_json::Number>().unwrap(),
        "opened": "2023-11-14T22:13:20Z",
        "owner": "Ann",
        "movements": [
            {"id": 1, "amount": "9007199254740993.10".parse::<serde_json::Number>().unwrap()},
            {"id": 3, "amount": 1}
        ],
        "limits": {"day": {"kind": "day", "max": 5, "per": "h"}}
    });
    assert_eq!(bench.shown().state, expected);
    bench.fold("AccountClosed", "{}").unwrap();
    assert!(!bench.shown().exists);
}

#[test]
fn what_cannot_be_done_marks_the_event() {
    let mut bench = bench(
        "[[rule]]\non = \"Bad\"\nset = { \"/a\" = { value = 9 }, \"/b/c\" = \"/data/b\" }\nadd = { \"/n\" = \"/data/n\" }\n\
         [[rule]]\non = \"Good\"\nset = { \"/n\" = { value = \"text\" } }",
    );
    bench.fold("Good", "{}").unwrap();
    for (data, said) in [("{}", "no /data/b"), (r#"{"b":1}"#, "no /data/n"), (r#"{"b":1,"n":1}"#, "no number")] {
        let fault = bench.fold("Bad", data).unwrap_err();
        assert!(fault.contains(said), "{fault}");
    }
    assert_eq!(bench.text(), r#"{"n":"text"}"#);
}

#[test]
fn a_malformed_table_says_where() {
    for text in [
        "",
        "[[rule]]",
        "[[rule]]\non = 5",
        "[[rule]]\non = \"a\"\nsett = {}",
        "[[rule]]\non = \"a\"\nset = { \"a\" = \"/data\" }",
        "[[rule]]\non = \"a\"\nset = { \"/a\" = \"data\" }",
        "[[rule]]\non = \"a\"\nadd = { \"/a\" = { value = \"x\" } }",
        "[[rule]]\non = \"a\"\nset = { \"/a\" = { from = \"/data\", key = \"x\" } }",
        "[[rule]]\non = \"a\"\nremove = [\"x\"]",
    ] {
        match Rules::parse("bad.toml", text) {
            Err(Error::Input(why)) => assert!(why.starts_with("bad.toml: "), "{why}"),
            Err(other) => panic!("{text}: {other}"),
            Ok(_) => panic!("{text} was accepted"),
        }
    }
}

fn payload() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i32>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        "[ -~äß\u{1F600}]{0,8}".prop_map(Value::from),
    ];
    let value = leaf.prop_recursive(3, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map("[a-d]", inner, 0..4).prop_map(|map| json!(map)),
        ]
    });
    prop::collection::btree_map("[a-d]|__proto__|constructor", value, 0..4).prop_map(|map| json!(map))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    /// The same rule, RFC 7396, said three times.
    #[test]
    fn auto_rules_and_javascript_agree(payloads in prop::collection::vec(payload(), 1..6)) {
        let merge = "const merge = (target, patch) => {
            if (typeof patch !== 'object' || patch === null || Array.isArray(patch)) return patch;
            const out = new Map(typeof target === 'object' && target !== null && !Array.isArray(target) ? Object.entries(target) : []);
            for (const [key, value] of Object.entries(patch)) {
                if (value === null) out.delete(key); else out.set(key, merge(out.get(key), value));
            }
            return Object.fromEntries(out);
        };
        export default (state, event) => merge(state, event.data);";
        let mut benches = [
            Bench::of(Auto),
            Bench::of(Rules::parse("merge.toml", "[[rule]]\non = \"*\"\nmerge = { \"\" = \"/data\" }").unwrap()),
            Bench::of(Module::compile("merge.js", merge).unwrap()),
        ];
        for data in payloads {
            for bench in &mut benches {
                bench.fold("Saved", &data.to_string()).unwrap();
            }
            let [auto, rules, script] = &benches;
            prop_assert_eq!(&auto.shown().state, &rules.shown().state);
            prop_assert_eq!(&auto.shown().state, &script.shown().state);
        }
    }
}
