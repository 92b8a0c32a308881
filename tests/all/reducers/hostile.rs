//! Reducers that misbehave: each marks its event, and the next event folds.

use eventscope::reducer::javascript::Module;

use super::Bench;

/// A reducer that counts, and does this where the event says so.
fn misbehaving(body: &str) -> Bench {
    let text = format!(
        "export default (state, event) => {{ if (event.type === 'Bad') {{ {body} }} \
         return {{ n: (state.n ?? 0) + 1, own: [1, 2].map(x => x * 2), text: JSON.stringify({{ a: 1 }}) }}; }}"
    );
    Bench::of(Module::compile("hostile.js", &text).unwrap())
}

#[test]
fn each_misdeed_marks_its_event_and_the_next_one_folds() {
    for (body, said) in [
        ("while (true) {}", "took too long"),
        ("for (;;) { try { for (;;) {} } catch {} }", "took too long"),
        ("let s = 'x'; for (;;) { s += s; }", ""),
        ("const a = []; for (;;) { a.push(new Array(100000).fill(7)); }", "memory"),
        ("return { s: 'x'.repeat(10_000_000_000) };", "RangeError"),
        ("const f = () => f() + 1; f();", "stack"),
        ("const f = (o) => ({ o: f(o) }); return f({});", "stack"),
        ("throw new Error('no');", "Error: no"),
        ("throw 'text';", "threw text"),
        ("throw null;", "threw"),
        ("throw { get message() { throw 1; } };", "threw"),
        ("return undefined;", "undefined"),
        ("return (async () => 1)();", "promise"),
        ("event.type = 'Good';", "TypeError"),
        ("event.data.a = 2;", "TypeError"),
        ("delete event.data;", "TypeError"),
        ("globalThis.JSON = null;", "TypeError"),
        ("JSON.stringify = () => 'x';", "TypeError"),
        ("Array.prototype.map = () => 'x';", "TypeError"),
        ("Object.prototype.n = 7;", "TypeError"),
        ("Date = null;", "TypeError"),
        ("leak = 1;", "ReferenceError"),
        ("/^(a+)+$/.test('a'.repeat(40) + 'b');", "took too long"),
        ("const a = {}; a.a = a; return a;", "cyclic"),
        ("return { [Symbol('x')]: 1 };", "symbol"),
        ("return { get x() { for (;;) {} } };", "took too long"),
        ("return new Proxy({}, { ownKeys() { for (;;) {} } });", "took too long"),
    ] {
        let mut bench = misbehaving(body);
        bench.fold("Good", r#"{"a":1}"#).unwrap();
        let fault = bench.fold("Bad", r#"{"a":1,"list":[1]}"#).expect_err(body);
        assert!(fault.contains(said), "{body}: {fault}");
        bench.fold("Good", r#"{"a":1}"#).unwrap();
        assert_eq!(bench.text(), r#"{"n":2,"own":[2,4],"text":"{\"a\":1}"}"#, "{body}");
    }
}

#[test]
fn there_is_no_way_out() {
    for name in
        ["require", "process", "fetch", "XMLHttpRequest", "setTimeout", "std", "os", "Deno", "print", "scriptArgs"]
    {
        let text = format!("export default () => ({{ has: typeof {name} }})");
        let mut bench = Bench::of(Module::compile("out.js", &text).unwrap());
        bench.fold("T", "{}").unwrap();
        assert_eq!(bench.text(), r#"{"has":"undefined"}"#, "{name}");
    }
}

#[test]
fn a_console_that_never_stops_is_cut() {
    let mut bench = misbehaving("for (let i = 0; i < 5000; i++) { console.log('x'.repeat(100000)); }");
    bench.fold("Bad", r#"{"a":1}"#).unwrap();
    let lines = bench.console();
    assert!(lines.len() <= 1_001 && lines.iter().all(|line| line.len() < 20_000));
}

#[test]
fn a_runtime_crosses_threads() {
    let mut bench = misbehaving("const f = () => f() + 1; f();");
    bench.fold("Good", "{}").unwrap();
    let thread = std::thread::Builder::new().name("other".to_owned());
    let text = thread.spawn(move || {
        let fault = bench.fold("Bad", "{}").unwrap_err();
        assert!(fault.contains("stack"), "{fault}");
        bench.fold("Good", "{}").unwrap();
        bench.text()
    });
    assert!(text.unwrap().join().unwrap().contains(r#""n":2"#));
}
