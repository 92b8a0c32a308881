//! A slice as the skeleton of a test: the events and the expected state as JSON texts, so that every digit survives, and
//! one place to put the team's own code. Each stands alone: it compiles without a library beside it.

#![expect(clippy::format_push_string, reason = "one file of text, built once")]

use super::Slice;
use crate::event::Value;

/// Events that one Java method makes: a method may have 64 KiB of code.
const JAVA_EVENTS_A_METHOD: usize = 200;
/// Characters of one Java text constant: it may have 65,535 bytes.
const JAVA_TEXT_CHARS: usize = 16_000;

/// A language.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Language {
    /// Rust: an integration test.
    Rust,
    /// TypeScript: Vitest, Jest and others that have `test` and `expect`.
    TypeScript,
    /// Python: unittest.
    Python,
    /// Java: a class that runs alone, or under any framework once its method has the annotation.
    Java,
}

/// The text of the test. `file` is the name of the file, without its ending, where the language cares.
#[must_use]
pub fn skeleton(slice: &Slice, language: Language, file: &str) -> String {
    match language {
        Language::Rust => rust(slice),
        Language::TypeScript => typescript(slice),
        Language::Python => python(slice),
        Language::Java => java(slice, file),
    }
}

/// What the test is about, in words, one line each.
fn about(slice: &Slice) -> Vec<String> {
    let version =
        |version: Option<i64>| version.map_or_else(|| "the beginning".to_owned(), |it| format!("version {it}"));
    let masked = if slice.masked { " What is secret in it was masked." } else { "" };
    let plain = |text: &str| text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect::<String>();
    vec![
        format!(
            "{} of {}, from {} to {}.{masked}",
            plain(slice.stream.as_str()),
            plain(&slice.log),
            version(slice.from_version),
            version(slice.expected.version)
        ),
        format!("The expected state is what Eventscope's reducer {} folds.", plain(&slice.reducer)),
    ]
}

/// A name that every language takes: `account_10415_at_9`.
fn name(slice: &Slice) -> String {
    let stream: String = slice
        .stream
        .as_str()
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '_' })
        .collect();
    let version =
        slice.expected.version.map_or_else(|| "start".to_owned(), |version| version.to_string().replace('-', "m"));
    format!("stream_{stream}_at_{version}")
}

/// A text as a JSON string, which is a string of JavaScript and Python too.
fn quoted(text: &str) -> String {
    Value::from(text)
        .to_string()
        .replace('\u{2028}', "\\u2028")
        .replace('\u{2029}', "\\u2029")
        .replace('\u{7f}', "\\u007f")
}

fn rust(slice: &Slice) -> String {
    let mut text = String::new();
    for line in about(slice) {
        text += &format!("//! {line}\n");
    }
    text += "\n/// One event: its payload is JSON text.\n#[derive(Debug)]\npub struct RecordedEvent {\n    pub version: Option<i64>,\n    \
             pub event_type: &'static str,\n    pub data: &'static str,\n}\n\nconst STATE_BEFORE: &str = ";
    text += &format!("{:?};\n\nconst EVENTS: &[RecordedEvent] = &[\n", slice.from_state.to_string());
    for event in &slice.events {
        text += &format!(
            "    RecordedEvent {{ version: {:?}, event_type: {:?}, data: {:?} }},\n",
            event.version,
            event.event_type,
            event.data.to_string()
        );
    }
    text += &format!("];\n\nconst STATE_EXPECTED: &str = {:?};\n\n", slice.expected.state.to_string());
    text += "/// Put your own code here: fold the events into the state before them, and give the state as JSON text.\n\
             fn fold(before: &str, events: &[RecordedEvent]) -> String {\n    todo!(\"fold {} events into {before}\", events.len())\n}\n\n";
    text += &format!(
        "#[test]\nfn {}() {{\n    // Compare parsed JSON instead of text where your state is written in another order.\n    \
         assert_eq!(fold(STATE_BEFORE, EVENTS), STATE_EXPECTED);\n}}\n",
        name(slice)
    );
    text
}

fn typescript(slice: &Slice) -> String {
    let mut text = String::new();
    for line in about(slice) {
        text += &format!("// {line}\n");
    }
    text += "\n// The globals of Vitest, Jest and others.\ndeclare const test: (name: string, run: () => void) => void;\n\
             declare const expect: (value: unknown) => { toEqual(expected: unknown): void };\n\n\
             // One event: its payload is JSON text, so that your own parser sees every digit.\n\
             export interface RecordedEvent {\n  version: number | null;\n  type: string;\n  data: string;\n}\n\n";
    text += &format!("const stateBefore: string = {};\n\n", quoted(&slice.from_state.to_string()));
    text += "const events: RecordedEvent[] = [\n";
    for event in &slice.events {
        text += &format!(
            "  {{ version: {}, type: {}, data: {} }},\n",
            event.version.map_or_else(|| "null".to_owned(), |version| version.to_string()),
            quoted(&event.event_type),
            quoted(&event.data.to_string())
        );
    }
    text += &format!("];\n\nconst stateExpected: string = {};\n\n", quoted(&slice.expected.state.to_string()));
    text += "// Put your own code here: fold the events into the state before them, and give the state.\n\
             function fold(before: unknown, events: RecordedEvent[]): unknown {\n  \
             throw new Error(`fold ${events.length} events into ${JSON.stringify(before)}`);\n}\n\n";
    text += &format!(
        "test({}, () => {{\n  expect(fold(JSON.parse(stateBefore), events)).toEqual(JSON.parse(stateExpected));\n}});\n",
        quoted(&name(slice))
    );
    text
}

fn python(slice: &Slice) -> String {
    let mut text = String::new();
    for line in about(slice) {
        text += &format!("# {line}\n");
    }
    text += "\nimport json\nimport unittest\nfrom decimal import Decimal\n\n\ndef parse(text):\n    \
             \"\"\"JSON with every digit of its numbers.\"\"\"\n    return json.loads(text, parse_float=Decimal)\n\n\n";
    text += &format!("STATE_BEFORE = {}\n\n", quoted(&slice.from_state.to_string()));
    text += "# Version, type, and payload as JSON text.\nEVENTS = [\n";
    for event in &slice.events {
        text += &format!(
            "    ({}, {}, {}),\n",
            event.version.map_or_else(|| "None".to_owned(), |version| version.to_string()),
            quoted(&event.event_type),
            quoted(&event.data.to_string())
        );
    }
    text += &format!("]\n\nSTATE_EXPECTED = {}\n\n\n", quoted(&slice.expected.state.to_string()));
    text += "def fold(before, events):\n    \"\"\"Put your own code here: fold the events into the state before them.\"\"\"\n    \
             raise NotImplementedError(f\"fold {len(events)} events into {before}\")\n\n\n\
             class RecordedStream(unittest.TestCase):\n    maxDiff = None\n\n";
    text += &format!(
        "    def test_{}(self):\n        self.assertEqual(fold(parse(STATE_BEFORE), EVENTS), parse(STATE_EXPECTED))\n\n\n\
         if __name__ == \"__main__\":\n    unittest.main()\n",
        name(slice)
    );
    text
}

fn java(slice: &Slice, file: &str) -> String {
    let first_fits = file.chars().next().is_some_and(|c| c.is_ascii_alphabetic());
    let fits = first_fits && file.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    let class = if fits { file } else { "RecordedStreamTest" };
    let mut text = String::new();
    for line in about(slice) {
        text += &format!("// {}\n", java_escapes(&line));
    }
    text += &format!(
        "\nimport java.util.ArrayList;\nimport java.util.List;\n\n/** Runs alone, or under a framework: give the test its annotation. */\n\
         public class {class} {{\n    /** One event: its payload is JSON text. */\n    \
         public record RecordedEvent(Long version, String type, String data) {{}}\n\n    \
         static final String STATE_BEFORE = {};\n    static final String STATE_EXPECTED = {};\n\n    \
         static List<RecordedEvent> events() {{\n        List<RecordedEvent> events = new ArrayList<>();\n",
        java_text(&slice.from_state.to_string()),
        java_text(&slice.expected.state.to_string())
    );
    let parts: Vec<_> = slice.events.chunks(JAVA_EVENTS_A_METHOD).collect();
    for index in 0..parts.len() {
        text += &format!("        addEvents{index}(events);\n");
    }
    text += "        return events;\n    }\n\n";
    for (index, part) in parts.iter().enumerate() {
        text += &format!("    private static void addEvents{index}(List<RecordedEvent> events) {{\n");
        for event in *part {
            text += &format!(
                "        events.add(new RecordedEvent({}, {}, {}));\n",
                event.version.map_or_else(|| "null".to_owned(), |version| format!("{version}L")),
                java_text(&event.event_type),
                java_text(&event.data.to_string())
            );
        }
        text += "    }\n\n";
    }
    text += &format!(
        "    /** Put your own code here: fold the events into the state before them, and give the state as JSON text. */\n    \
         static String fold(String before, List<RecordedEvent> events) {{\n        \
         throw new UnsupportedOperationException(\"fold \" + events.size() + \" events into \" + before);\n    }}\n\n    \
         // @org.junit.jupiter.api.Test\n    void {}() {{\n        String state = fold(STATE_BEFORE, events());\n        \
         if (!STATE_EXPECTED.equals(state)) {{\n            \
         throw new AssertionError(\"expected \" + STATE_EXPECTED + \" but was \" + state);\n        }}\n    }}\n\n    \
         public static void main(String[] arguments) {{\n        new {class}().{}();\n    }}\n}}\n",
        name(slice),
        name(slice)
    );
    text
}

/// A Java expression for a text: joined while it runs where it is too long for one constant.
fn java_text(text: &str) -> String {
    let characters: Vec<char> = text.chars().collect();
    let constant = |part: &[char]| format!("\"{}\"", java_escapes(&part.iter().collect::<String>()));
    if characters.len() <= JAVA_TEXT_CHARS {
        return constant(&characters);
    }
    let parts: Vec<String> = characters.chunks(JAVA_TEXT_CHARS).map(constant).collect();
    format!("String.join(\"\", {})", parts.join(", "))
}

fn java_escapes(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '"' => escaped += "\\\"",
            '\\' => escaped += "\\\\",
            '\n' => escaped += "\\n",
            '\r' => escaped += "\\r",
            ' '..='~' => escaped.push(character),
            other => {
                for unit in other.encode_utf16(&mut [0; 2]) {
                    escaped += &format!("\\u{unit:04x}");
                }
            }
        }
    }
    escaped
}
