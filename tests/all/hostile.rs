//! Events that were written to do harm: shown harmlessly in every place of the window and of the command line, and never
//! slowly.

use std::path::Path;
use std::time::Duration;

use eventscope::event::{Scope, StreamId};
use eventscope::limits::LINE_CHARS_MAX;
use eventscope::session::{Action, Command, Session, Tab};
use eventscope::store::native::{Expected, NewEvent, Store};
use serde_json::{Value, json};

use super::cli::Folder;
use super::support::frames::{Frame, Frames};

/// What a text can do besides being read.
const TRICKS: [&str; 14] = [
    "red\u{1b}[31mtext\u{1b}[0m",
    "clear\u{1b}[2J\u{1b}]0;title\u{7}",
    "c1\u{9b}31m",
    "nul\0byte",
    "tab\tand\r\nline",
    "invoice\u{202e}fdp.exe",
    "isolate\u{2066}\u{2069}",
    "zero\u{200b}\u{200d}\u{feff}width",
    "<b>bold</b> <img src=x onerror=alert(1)> **md** `code`",
    "icon\u{e136}\u{f8ff}",
    "tags\u{e0041}\u{e007f}",
    "line\u{2028}paragraph\u{2029}",
    "日本語 العربية עברית 🙂",
    "\u{301}\u{302}first",
];

fn tricks() -> Value {
    let values = TRICKS.iter().enumerate().map(|(index, trick)| (format!("{index} {trick}"), json!(trick)));
    Value::Object(values.collect())
}

/// A log of such events, in streams and types of such names.
fn hostile_log(path: &Path) -> Vec<(StreamId, Value)> {
    let long = "x".repeat(10 << 20);
    let marks = format!("a{}", "\u{301}".repeat(10_000));
    let nested = (0..990).fold(json!("the innermost"), |inner, level| {
        if level % 2 == 0 { json!([inner]) } else { json!({ "\u{202e}k": inner }) }
    });
    let payloads = [
        ("tricks", tricks()),
        ("a long line", json!({ "text": long })),
        ("a long key", json!({ &long[..3 << 20]: { "below": [1, 2, 3] } })),
        ("marks", json!({ "marks": marks, "\u{202e}": marks })),
        ("nesting", nested),
        ("long tricks", json!({ "text": "\u{202e}\u{1b}é".repeat(200_000) })),
    ];
    let mut store = Store::open_or_create(path).unwrap();
    let mut streams = Vec::new();
    for (index, (name, payload)) in payloads.into_iter().enumerate() {
        // A name with a NUL is refused by the store.
        let trick = &TRICKS[index].replace('\0', "");
        let stream = StreamId::new(&format!("bad{trick}-{name}"));
        let metadata = json!({ trick: trick, "marks": marks }).to_string();
        let event = NewEvent {
            metadata: Some(metadata.into_bytes()),
            ..NewEvent::new(&format!("Done{trick}"), payload.to_string())
        };
        let second =
            NewEvent { data: json!({ "more": trick, trick: marks }).to_string().into_bytes(), ..event.clone() };
        store.append(&stream, Expected::None, &[event, second]).unwrap();
        streams.push((stream, payload));
    }
    // Half of a surrogate pair: JSON by its grammar, and no text.
    let lone = NewEvent::new("Lone", br#"{"half":"\ud800"}"#.to_vec());
    let stream = StreamId::new("lone-1");
    if store.append(&stream, Expected::None, &[lone]).is_ok() {
        streams.push((stream, Value::Null));
    }
    streams
}

/// True for a character that must not be drawn, heard or sent to a terminal as it is.
fn does_harm(char: char) -> bool {
    char.is_control()
        || matches!(char, '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
        || matches!(char, '\u{feff}' | '\u{e000}'..='\u{f8ff}' | '\u{e0000}'..='\u{e007f}')
}

fn is_harmless(frame: &Frame, place: &str) {
    for (text, family) in &frame.texts {
        let is_icon = family.starts_with("icon");
        assert!(is_icon || !text.contains(does_harm), "{place}: {text:?} is drawn");
        assert!(text.chars().count() <= LINE_CHARS_MAX + 200, "{place}: {} characters are laid out", text.len());
        let marks = text.split(|char| !('\u{300}'..='\u{36f}').contains(&char)).map(str::len).max();
        assert!(marks.unwrap_or(0) < 20, "{place}: marks are piled up");
    }
    for text in &frame.spoken {
        assert!(!text.contains(does_harm) && text.chars().count() < 4_000, "{place}: {text:?} is spoken");
    }
}

fn at_rest(session: &Session) -> bool {
    session.log.as_ref().is_some_and(|log| log.totals.is_some())
        && session.opening.is_none()
        && session.density.is_some()
        && session.state_is_current()
        && session.events.row(0).is_some()
        && (session.tab != Tab::Event || session.detail.is_some())
}

#[test]
fn every_place_of_the_window_shows_hostile_events_harmlessly() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("hostile\u{202e}gol.db");
    let streams = hostile_log(&path);
    let mut frames = Frames::new();
    frames.apply(Action::Open(path.to_string_lossy().into_owned()));
    let frame = frames.rest("the log is open", at_rest);
    is_harmless(&frame, "the whole log");
    let written_out = |frame: &Frame, text: &str| frame.texts.iter().any(|(drawn, _)| drawn.contains(text));
    assert!(written_out(&frame, "⟨U+001B⟩"), "nothing is written out: {:?}", frame.texts);
    let mut slowest = (Duration::ZERO, String::new());
    for (stream, payload) in &streams {
        frames.apply(Action::ChooseScope(Scope::Stream(stream.clone())));
        frames.rest("the stream", |session| session.events.extent.is_some());
        // Every stream is shown as of one instant, which was moved in the one before.
        frames.apply(Action::Run(Command::Newest));
        for tab in [Tab::State, Tab::Event, Tab::Diff, Tab::Blame, Tab::Snapshots] {
            let place = format!("{stream:?} {tab:?}");
            frames.apply(Action::ChooseTab(tab));
            if tab == Tab::Diff {
                frames.apply(Action::CompareFrom(0));
            }
            let frame = frames.rest(&place, at_rest);
            is_harmless(&frame, &place);
            for _ in 0..20 {
                let frame = frames.frame();
                let cost = frame.cost.unwrap_or_default();
                if cost > slowest.0 {
                    slowest = (cost, place.clone());
                }
            }
        }
        // What is copied is what is there, to the last character.
        frames.apply(Action::ChooseTab(Tab::State));
        frames.apply(Action::MoveCursor(1));
        frames.rest("the first state", at_rest);
        frames.apply(Action::SelectPath(String::new()));
        frames.apply(Action::Run(Command::CopyValue));
        let copied = frames.frame().copied;
        if payload.is_object() {
            assert!(copied.as_deref() == Some(&*payload.to_string()), "{stream:?}: another value is copied");
        }
        frames.apply(Action::Run(Command::Palette));
        frames.apply(Action::SetPaletteText("@bad".to_owned()));
        let frame = frames.rest("the palette", |_| true);
        is_harmless(&frame, "the palette");
        frames.apply(Action::Run(Command::Escape));
    }
    println!("slowest frame at rest: {:?} at {}", slowest.0, slowest.1);
    #[cfg(not(debug_assertions))]
    assert!(slowest.0 < Duration::from_millis(4), "{slowest:?}");
}

#[test]
fn the_terminal_gets_hostile_events_written_out_and_json_gets_them_exactly() {
    let folder = Folder::new();
    let streams = hostile_log(&folder.path("hostile.db"));
    for (stream, payload) in &streams {
        let name = stream.as_str();
        for command in [
            vec!["events", "hostile.db", "--stream", name],
            vec!["state", "hostile.db", "--stream", name],
            vec!["diff", "hostile.db", "--stream", name, "--from", "0"],
            vec!["blame", "hostile.db", "--stream", name, "--path", ""],
            vec!["find", "hostile.db", "--stream", name, "--when", "true"],
        ] {
            let ran = folder.run(&command);
            assert_eq!(ran.code, 0, "{command:?}: {}", ran.err);
            let told = ran.out.lines().chain(ran.err.lines());
            for line in told {
                assert!(!line.contains(does_harm), "{command:?}: {:?}", line.chars().take(200).collect::<String>());
            }
        }
        let events = folder.run(&["events", "hostile.db", "--stream", name, "--json"]);
        assert!(events.out.contains(&format!("\"stream\":{},", json!(name))), "{name:?}");
        if !payload.is_null() {
            assert!(events.out.contains(&format!("\"data\":{payload},")), "{name:?}: JSON is not exact");
        }
    }
    for command in ["info", "streams", "verify", "snapshots", "tail"] {
        let limit: &[&str] = if command == "tail" { &["--from-start", "--limit", "5"] } else { &[] };
        let ran = folder.run(&[&[command, "hostile.db"], limit].concat());
        let told: Vec<&str> = ran.out.lines().chain(ran.err.lines()).collect();
        assert!(!told.is_empty() && told.iter().all(|line| !line.contains(does_harm)), "{command}: {ran:?}");
    }
}
