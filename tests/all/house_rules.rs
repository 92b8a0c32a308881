//! The rules that every file keeps. Each rule is a function from a file to what breaks it, and is tested on bad text.

mod layers;
mod source;

use source::{Source, files, words};

/// Lines of a file, at most: a longer one is split by idea.
const LINES_MAX: usize = 600;

/// A rule: what in this file breaks it, each with its place.
type Rule = fn(&Source) -> Vec<String>;

#[test]
fn every_source_file_keeps_the_rules() {
    let rules: [Rule; 10] = [
        layers::layers,
        layers::forbidden_words,
        size,
        colours,
        threads,
        panics,
        leftovers,
        opt_outs,
        module_docs,
        sql_in_strings,
    ];
    let sources = sources("src");
    assert!(sources.len() > 10, "the sources were not found");
    let found: Vec<String> = sources.iter().flat_map(|source| rules.iter().flat_map(|rule| rule(source))).collect();
    assert!(found.is_empty(), "\n{}\n", found.join("\n"));
}

#[test]
fn every_test_file_keeps_the_rules() {
    let rules: [Rule; 3] = [size, leftovers, module_docs];
    let found: Vec<String> = sources("tests")
        .iter()
        // The rules themselves name what they forbid.
        .filter(|source| !source.path.starts_with("tests/all/house_rules"))
        .flat_map(|source| rules.iter().flat_map(|rule| rule(source)))
        .collect();
    assert!(found.is_empty(), "\n{}\n", found.join("\n"));
}

#[test]
fn every_sql_file_keeps_the_rules() {
    let found: Vec<String> = files("src", ".sql").iter().flat_map(|(path, text)| sql(path, text)).collect();
    assert!(found.is_empty(), "\n{}\n", found.join("\n"));
}

fn sources(folder: &str) -> Vec<Source> {
    files(folder, ".rs").iter().map(|(path, text)| Source::new(path, text)).collect()
}

fn size(source: &Source) -> Vec<String> {
    let lines = source.text.lines().count();
    if lines > LINES_MAX { vec![format!("{}: {lines} lines, at most {LINES_MAX}", source.path)] } else { Vec::new() }
}

/// Colours are made in the theme and nowhere else.
fn colours(source: &Source) -> Vec<String> {
    if source.path.starts_with("src/gui/theme") {
        return Vec::new();
    }
    let mut found =
        places(source, &source.code, &["Color32::from_", "hex_color!", "Rgba::from_"], "a colour outside the theme");
    for (byte, _) in source.code_and_strings.match_indices("\"#") {
        let digits = source.code_and_strings[byte + 2..].chars().take_while(char::is_ascii_hexdigit).count();
        if matches!(digits, 3 | 6 | 8) && source.code_and_strings[byte + 2 + digits..].starts_with('"') {
            found.push(format!("{}: a colour outside the theme", source.place(byte)));
        }
    }
    found
}

/// Threads have names and channels have bounds.
fn threads(source: &Source) -> Vec<String> {
    let mut found = places(
        source,
        &source.code,
        &["thread::spawn(", "unbounded(", "unbounded::", "mpsc::channel("],
        "threads have names and channels have bounds",
    );
    for byte in words(&source.code, "thread::Builder::new()") {
        let rest: String = source.code[byte..].chars().filter(|c| !c.is_whitespace()).take(40).collect();
        if !rest.starts_with("thread::Builder::new().name(") {
            found.push(format!("{}: a thread without a name", source.place(byte)));
        }
    }
    found
}

/// Nothing panics on input.
fn panics(source: &Source) -> Vec<String> {
    if source.is_test() {
        return Vec::new();
    }
    let words = [
        ".unwrap()",
        ".expect(",
        ".unwrap_err()",
        ".expect_err(",
        "panic!(",
        "println!(",
        "eprintln!(",
        "print!(",
        "eprint!(",
    ];
    places(source, &source.code, &words, "this can panic")
}

/// Nothing is left for later.
fn leftovers(source: &Source) -> Vec<String> {
    let mut found = places(source, &source.code, &["todo!(", "unimplemented!(", "dbg!("], "left for later");
    found.extend(places(source, &source.text, &["FIXME", "TODO", "XXX"], "left for later"));
    found
}

/// An opt-out from a lint says why, and fails when it is needed no more.
fn opt_outs(source: &Source) -> Vec<String> {
    places(source, &source.code, &["#[allow(", "#![allow("], "write #[expect(…, reason = \"…\")]")
}

fn module_docs(source: &Source) -> Vec<String> {
    if source.text.starts_with("//! ") {
        Vec::new()
    } else {
        vec![format!("{}:1: no //! that says why it exists", source.path)]
    }
}

/// A page is found by key: `OFFSET` reads all that it skips.
fn sql_in_strings(source: &Source) -> Vec<String> {
    if source.module() == "store" {
        places(source, &source.code_and_strings, &["OFFSET"], "find a page by key")
    } else {
        Vec::new()
    }
}

fn sql(path: &str, text: &str) -> Vec<String> {
    let mut found = Vec::new();
    let lines = text.lines().count();
    if lines > LINES_MAX {
        found.push(format!("{path}: {lines} lines, at most {LINES_MAX}"));
    }
    for (index, line) in text.lines().enumerate() {
        let code = line.split_once("--").map_or(line, |(code, _)| code).to_uppercase();
        if words(&code, "OFFSET").next().is_some() {
            found.push(format!("{path}:{}: find a page by key", index + 1));
        }
    }
    found
}

fn places(source: &Source, text: &str, wanted: &[&str], why: &str) -> Vec<String> {
    wanted
        .iter()
        .flat_map(|word| words(text, word).map(move |byte| format!("{}: {word}: {why}", source.place(byte))))
        .collect()
}

#[test]
fn each_rule_finds_what_it_forbids() {
    let bad: [(Rule, &str, &str); 19] = [
        (colours, "src/gui/rows.rs", "let c = egui::Color32::from_rgb(1, 2, 3);"),
        (colours, "src/gui/rows.rs", "let c = \"#ff8800\";"),
        (threads, "src/worker/mod.rs", "std::thread::spawn(|| {});"),
        (threads, "src/worker/mod.rs", "thread::Builder::new().spawn(|| {});"),
        (threads, "src/worker/mod.rs", "let (tx, rx) = crossbeam_channel::unbounded();"),
        (threads, "src/worker/mod.rs", "let (tx, rx) = mpsc::channel();"),
        (panics, "src/event.rs", "let x = y.unwrap();"),
        (panics, "src/event.rs", "let x = y.expect(\"it is there\");"),
        (panics, "src/cli/info.rs", "println!(\"x\");"),
        (leftovers, "src/event.rs", "fn f() { todo!() }"),
        (leftovers, "src/event.rs", "fn f() { unimplemented!() }"),
        (leftovers, "tests/all/a.rs", "// FIXME: later"),
        (opt_outs, "src/event.rs", "#[allow(dead_code)]\nfn f() {}"),
        (opt_outs, "src/event.rs", "#![allow(clippy::all)]"),
        (module_docs, "src/event.rs", "use std::fmt;"),
        (module_docs, "src/event.rs", ""),
        (sql_in_strings, "src/store/a.rs", "let sql = \"SELECT 1 LIMIT 1 OFFSET 5\";"),
        (size, "src/event.rs", &"//! x\n".repeat(LINES_MAX + 1)),
        (size, "tests/all/a.rs", &"//! x\n".repeat(LINES_MAX + 1)),
    ];
    for (rule, path, text) in bad {
        assert!(!rule(&Source::new(path, text)).is_empty(), "{path}: {}", text.lines().next().unwrap_or_default());
    }
    assert_eq!(sql("a.sql", "SELECT 1 LIMIT 1 offset 5 -- x\n"), ["a.sql:1: find a page by key"]);
}

#[test]
fn each_rule_lets_good_code_pass() {
    let good: [(Rule, &str, &str); 9] = [
        (colours, "src/gui/theme.rs", "let c = Color32::from_rgb(1, 2, 3);"),
        (colours, "src/gui/rows.rs", "let c = theme.text; let p = \"#1\";"),
        (threads, "src/worker/mod.rs", "thread::Builder::new()\n    .name(\"reader\".to_owned()).spawn(f);"),
        (panics, "src/event.rs", "let x = y.unwrap_or(1); // y.unwrap()"),
        (panics, "src/event.rs", "#[cfg(test)]\nmod tests { fn t() { y.unwrap() } }"),
        (panics, "src/store/tests.rs", "y.unwrap()"),
        (opt_outs, "src/event.rs", "#[expect(dead_code, reason = \"x\")]"),
        (sql_in_strings, "src/store/a.rs", "// OFFSET\nlet sql = \"SELECT 1\";"),
        (size, "src/event.rs", &"//! x\n".repeat(LINES_MAX)),
    ];
    for (rule, path, text) in good {
        assert_eq!(rule(&Source::new(path, text)), Vec::<String>::new(), "{path}");
    }
    assert!(sql("a.sql", "SELECT 1 -- no OFFSET\n").is_empty());
}
