//! Who may import whom, and what a module may never say.

use super::source::{Source, words};

/// What each top-level module may use besides itself and layer 0.
const MAY_USE: &[(&str, &[&str])] = &[
    ("limits", &[]),
    ("event", &[]),
    ("error", &[]),
    ("log", &[]),
    ("visible", &[]),
    ("filter", &[]),
    ("locator", &[]),
    ("payload", &["reducer"]),
    ("reducer", &[]),
    ("store", &["payload"]),
    ("replay", &["store", "payload", "reducer"]),
    ("lab", &["store", "payload", "reducer", "replay"]),
    ("workspace", &["reducer"]),
    ("protocol", &["replay"]),
    ("session", &["protocol"]),
    ("worker", &["store", "payload", "reducer", "replay", "lab", "protocol", "workspace"]),
    ("gui", &["session", "protocol", "worker"]),
    ("cli", &["store", "payload", "reducer", "replay", "lab", "workspace"]),
    ("lib", &[]),
    ("main", &["cli", "gui", "session"]),
];

/// Layer 0: everybody may use it.
const VOCABULARY: &[&str] = &["limits", "event", "error", "log", "filter", "locator", "visible"];

/// Words that a module may never say, with the reason.
const NEVER: &[(&[&str], &[&str], &str)] = &[
    (
        &["session"],
        &["thread", "Instant", "SystemTime", "Time::now", "crossbeam_channel", "std::fs"],
        "a session is plain data: no thread, no clock, no files",
    ),
    (
        &["reducer"],
        &["Instant", "SystemTime", "Time::now", "Timestamp::now", "fastrand", "std::fs", "std::env"],
        "a reducer is pure: no clock, no randomness, no files",
    ),
    (&["gui"], &["std::fs", "fs::read", "File::open"], "the window reads no files: it asks the workers"),
];

/// Words that only these modules may say, with the reason.
const ONLY: &[(&str, &[&str], &str)] = &[
    ("egui", &["gui"], "only the window says egui"),
    ("eframe", &["gui"], "only the window says eframe"),
    ("egui_plot", &["gui"], "only the window says egui_plot"),
    ("rusqlite", &["store"], "only the store speaks to SQLite"),
    ("clap", &["cli", "main"], "only the command line parses arguments"),
];

/// Statements that only the store may hold.
const STATEMENTS: &[&str] = &["SELECT ", "INSERT INTO ", "CREATE TABLE ", "DELETE FROM ", "PRAGMA "];

/// What breaks the table.
pub fn layers(source: &Source) -> Vec<String> {
    let module = source.module();
    let Some((_, may_use)) = MAY_USE.iter().find(|(name, _)| *name == module) else {
        return vec![format!("{}: the module {module} has no place in the layer table", source.path)];
    };
    let root = if module == "main" { "eventscope::" } else { "crate::" };
    let mut found = Vec::new();
    for (byte, used) in used_modules(&source.code, root) {
        let is_module = MAY_USE.iter().any(|(name, _)| *name == used);
        let may = used == module || VOCABULARY.contains(&used.as_str()) || may_use.contains(&used.as_str());
        if is_module && !may {
            found.push(format!("{}: {module} may not use {used}", source.place(byte)));
        }
    }
    found
}

/// What a module says that it may not.
pub fn forbidden_words(source: &Source) -> Vec<String> {
    let module = source.module();
    let mut found = Vec::new();
    let mut say = |word: &str, why: &str| {
        for byte in words(&source.code, word) {
            found.push(format!("{}: {module} says {word}: {why}", source.place(byte)));
        }
    };
    for (modules, never, why) in NEVER {
        if modules.contains(&module) {
            for word in *never {
                say(word, why);
            }
        }
    }
    for (word, modules, why) in ONLY {
        if !modules.contains(&module) {
            say(word, why);
        }
    }
    if module != "store" {
        for statement in STATEMENTS {
            for (byte, _) in source.code_and_strings.match_indices(statement) {
                found.push(format!("{}: {module} says {statement}: only the store says SQL", source.place(byte)));
            }
        }
    }
    found
}

/// The first names of all paths that begin at the root, also those in `use crate::{a, b::c}`.
fn used_modules(code: &str, root: &str) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    for byte in words(code, root) {
        let rest = &code[byte + root.len()..];
        if !rest.starts_with('{') {
            found.push((byte, name(rest)));
            continue;
        }
        let mut depth = 0;
        for (index, c) in rest.char_indices() {
            match c {
                '{' => depth += 1,
                '}' => depth -= 1,
                _ => {}
            }
            if depth == 0 {
                break;
            }
            if depth == 1 && (c == '{' || c == ',') {
                found.push((byte, name(rest[index + 1..].trim_start())));
            }
        }
    }
    found.retain(|(_, name)| !name.is_empty());
    found
}

fn name(text: &str) -> String {
    text.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect()
}

#[test]
fn an_import_against_the_layers_is_found() {
    let bad = [
        ("src/session/mod.rs", "use crate::worker::Workers;"),
        ("src/worker/reader.rs", "fn f() { crate::session::apply() }"),
        ("src/store/mod.rs", "use crate::{error::{Error, Result}, replay::Replay};"),
        ("src/reducer/auto.rs", "use crate::store::EventLog;"),
        ("src/event.rs", "use crate::payload::Decoder;"),
        ("src/cli/info.rs", "use crate::gui;"),
        ("src/main.rs", "use eventscope::store;"),
        ("src/telemetry.rs", ""),
    ];
    for (path, text) in bad {
        assert_eq!(layers(&Source::new(path, text)).len(), 1, "{path}: {text}");
    }
    let good = [
        ("src/gui/mod.rs", "use crate::{session::Session, protocol::Reply, gui::theme};"),
        ("src/cli/info.rs", "use crate::store; use crate::error::Result; // crate::gui"),
        ("src/main.rs", "use eventscope::{cli, gui};"),
    ];
    for (path, text) in good {
        assert_eq!(layers(&Source::new(path, text)), Vec::<String>::new(), "{path}: {text}");
    }
}

#[test]
fn a_forbidden_word_is_found() {
    let bad = [
        ("src/session/mod.rs", "let now = std::time::Instant::now();"),
        ("src/session/mod.rs", "std::thread::yield_now();"),
        ("src/reducer/auto.rs", "let n = fastrand::u64(..);"),
        ("src/gui/files.rs", "let text = std::fs::read_to_string(path);"),
        ("src/worker/mod.rs", "use egui::Context;"),
        ("src/replay/mod.rs", "use rusqlite::Connection;"),
        ("src/lab/mod.rs", "let sql = \"SELECT 1\";"),
    ];
    for (path, text) in bad {
        assert!(!forbidden_words(&Source::new(path, text)).is_empty(), "{path}: {text}");
    }
    let good = [("src/worker/mod.rs", "// egui\nlet egui_like = 1;"), ("src/store/a.rs", "let sql = \"SELECT 1\";")];
    for (path, text) in good {
        assert_eq!(forbidden_words(&Source::new(path, text)), Vec::<String>::new(), "{path}: {text}");
    }
}
