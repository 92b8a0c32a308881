//! A reducer's text in colours: words of the language, texts, numbers, comments.

use std::sync::Arc;

use egui::text::{LayoutJob, TextFormat};
use egui::{Color32, Galley, Ui};

use super::fonts::Type;
use super::theme::Theme;

/// The height of a line.
pub const LINE: f32 = 20.0;
/// Lines up to which the text is coloured: more are laid out plainly.
const COLOURED_LINES_MAX: usize = 4_000;

/// The text, laid out in colours.
pub fn coloured(ui: &Ui, text: &str, theme: &Theme) -> Arc<Galley> {
    let mut job = LayoutJob::default();
    job.wrap.max_width = f32::INFINITY;
    let mut add = |part: &str, color: Color32| {
        let mut format = TextFormat::simple(Type::DATA.font(), color);
        format.line_height = Some(LINE);
        job.append(part, 0.0, format);
    };
    if text.lines().count() > COLOURED_LINES_MAX {
        add(text, theme.text);
    } else {
        for (part, kind) in parts_of(text) {
            add(
                part,
                match kind {
                    Part::Plain => theme.text,
                    Part::Word => theme.syntax_word,
                    Part::Text => theme.syntax_text,
                    Part::Number => theme.syntax_number,
                    Part::Comment => theme.text_muted,
                },
            );
        }
    }
    ui.painter().layout_job(job)
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Part {
    Plain,
    Word,
    Text,
    Number,
    Comment,
}

const WORDS: [&str; 28] = [
    "export",
    "default",
    "const",
    "let",
    "var",
    "function",
    "return",
    "switch",
    "case",
    "break",
    "if",
    "else",
    "for",
    "of",
    "in",
    "while",
    "new",
    "null",
    "true",
    "false",
    "undefined",
    "typeof",
    "throw",
    "try",
    "catch",
    "import",
    "delete",
    "this",
];

/// A text in parts of one kind each.
fn parts_of(text: &str) -> Vec<(&str, Part)> {
    let mut parts = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let (length, kind) = match first {
            '/' if rest.starts_with("//") => (rest.find('\n').unwrap_or(rest.len()), Part::Comment),
            '/' if rest.starts_with("/*") => (rest.find("*/").map_or(rest.len(), |at| at + 2), Part::Comment),
            '#' => (rest.find('\n').unwrap_or(rest.len()), Part::Comment),
            '"' | '\'' | '`' => (text_length(rest, first), Part::Text),
            c if c.is_ascii_digit() => (run(rest, |c| c.is_ascii_alphanumeric() || c == '.' || c == '_'), Part::Number),
            c if c.is_alphabetic() || c == '_' || c == '$' => {
                let length = run(rest, |c| c.is_alphanumeric() || c == '_' || c == '$');
                (length, if WORDS.contains(&&rest[..length]) { Part::Word } else { Part::Plain })
            }
            c => (c.len_utf8(), Part::Plain),
        };
        let (part, later) = rest.split_at(length.max(first.len_utf8()));
        parts.push((part, kind));
        rest = later;
    }
    parts
}

fn run(text: &str, is_in: impl Fn(char) -> bool) -> usize {
    text.find(|c| !is_in(c)).unwrap_or(text.len())
}

/// Up to the closing mark, or to the end of the line where there is none.
fn text_length(text: &str, mark: char) -> usize {
    let mut escaped = false;
    for (at, c) in text.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '\n' if mark != '`' => return at,
            c if c == mark => return at + c.len_utf8(),
            _ => {}
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_taken_apart_without_losing_a_letter() {
        let text =
            "export default (s, e) => {\n  // é \"no\"\n  return { a: 'it\\'s', n: 1.5e3, `x\n${y}` };\n}\n'open\n# ü";
        let parts = parts_of(text);
        assert_eq!(parts.iter().map(|(part, _)| *part).collect::<String>(), text);
        let kind = |wanted: &str| parts.iter().find(|(part, _)| *part == wanted).map(|(_, kind)| *kind);
        assert_eq!(
            (kind("export"), kind("'it\\'s'"), kind("1.5e3")),
            (Some(Part::Word), Some(Part::Text), Some(Part::Number))
        );
        assert_eq!(
            (kind("// é \"no\""), kind("'open"), kind("s")),
            (Some(Part::Comment), Some(Part::Text), Some(Part::Plain))
        );
    }
}
