//! Text of a log as it may be shown: what is invisible, steers a terminal or turns the direction of writing is written
//! out, as in `⟨U+202E⟩`, and no text is longer than there is a reason to look at.
//!
//! Only what is shown passes through here. Copied text, JSON and exports keep every character.

use std::borrow::Cow;
use std::fmt::Write as _;

/// Marks on one letter that are drawn: the most that a language stacks is four. Further ones are counted.
const MARKS_MAX: usize = 6;
/// Marks of one letter that are looked through to count them.
const MARKS_COUNTED_MAX: usize = 1 << 16;

/// A whole text, shown harmlessly.
#[must_use]
pub fn text(text: &str) -> Cow<'_, str> {
    start(text, usize::MAX)
}

/// The first characters of a text, shown harmlessly; where something was left out, it ends in `…`. The rest of the text
/// is not even looked at, so that ten megabytes cost no more than what is shown of them.
#[must_use]
pub fn start(text: &str, chars_max: usize) -> Cow<'_, str> {
    let (head, is_cut) = match prefix(text, chars_max) {
        Some(head) => (head, true),
        None => (text, false),
    };
    if !head.bytes().all(is_plain_byte) {
        return Cow::Owned(written_out(text, chars_max));
    }
    if is_cut { Cow::Owned(format!("{head}…")) } else { Cow::Borrowed(head) }
}

/// The first characters, where there are more.
fn prefix(text: &str, chars_max: usize) -> Option<&str> {
    if text.len() <= chars_max {
        return None;
    }
    text.char_indices().nth(chars_max).and_then(|(end, _)| text.get(..end))
}

fn is_plain_byte(byte: u8) -> bool {
    (0x20..0x7f).contains(&byte)
}

fn written_out(text: &str, chars_max: usize) -> String {
    let mut out = String::with_capacity(text.len().min(chars_max.saturating_mul(4)));
    let mut chars = text.chars().peekable();
    let mut before: Option<char> = None;
    let mut marks = 0;
    let mut count = 0;
    while let Some(char) = chars.next() {
        if count == chars_max {
            out.push('…');
            break;
        }
        count += 1;
        if is_mark(char) && before.is_some() {
            marks += 1;
            if marks <= MARKS_MAX {
                out.push(char);
                continue;
            }
            let mut more = 1;
            while more < MARKS_COUNTED_MAX && chars.next_if(|next| is_mark(*next)).is_some() {
                more += 1;
            }
            let _ = write!(out, "⟨{more} more marks⟩");
            before = None;
            continue;
        }
        marks = 0;
        if is_mark(char) || (is_hidden(char) && !joins(before, char, chars.peek().copied())) {
            let _ = write!(out, "⟨U+{:04X}⟩", u32::from(char));
            before = None;
        } else {
            out.push(char);
            before = Some(char);
        }
    }
    out
}

/// True for what cannot be seen, or does something else than being seen.
fn is_hidden(char: char) -> bool {
    char.is_control()
        || matches!(char,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
            | '\u{180b}'..='\u{180f}'
            // Of no width, or turning the direction.
            | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
            | '\u{2800}' | '\u{3164}' | '\u{feff}' | '\u{ffa0}'
            | '\u{fe00}'..='\u{fe0f}' | '\u{fff0}'..='\u{fffb}'
            // For private use: the window's own icons, which a log must not imitate.
            | '\u{e000}'..='\u{f8ff}' | '\u{f0000}'..='\u{10ffff}'
            | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}'
            | '\u{e0000}'..='\u{e0fff}')
        // Characters that are none.
        || u32::from(char) & 0xfffe == 0xfffe
        || matches!(char, '\u{fdd0}'..='\u{fdef}')
}

/// True where an invisible character does its rightful work: joining emoji, choosing their form, or joining and parting
/// the letters of a script that is written joined.
fn joins(before: Option<char>, char: char, after: Option<char>) -> bool {
    let emoji = |char: Option<char>| {
        char.is_some_and(|char| matches!(char, '\u{203c}'..='\u{3299}' | '\u{1f000}'..='\u{1faff}'))
    };
    let joined = |char: Option<char>| char.is_some_and(|char| matches!(char, '\u{600}'..='\u{1cff}'));
    match char {
        '\u{fe0e}' | '\u{fe0f}' => emoji(before),
        '\u{200c}' | '\u{200d}' if joined(before) && joined(after) => true,
        '\u{200d}' => (emoji(before) || before == Some('\u{fe0f}')) && emoji(after),
        _ => false,
    }
}

/// True for a mark that stands on the letter before it.
fn is_mark(char: char) -> bool {
    matches!(char,
        '\u{300}'..='\u{34e}' | '\u{350}'..='\u{36f}' | '\u{483}'..='\u{489}' | '\u{591}'..='\u{5bd}' | '\u{5bf}'
        | '\u{5c1}' | '\u{5c2}' | '\u{5c4}' | '\u{5c5}' | '\u{5c7}' | '\u{610}'..='\u{61a}' | '\u{64b}'..='\u{65f}'
        | '\u{670}' | '\u{6d6}'..='\u{6dc}' | '\u{6df}'..='\u{6e4}' | '\u{6e7}' | '\u{6e8}' | '\u{6ea}'..='\u{6ed}'
        | '\u{711}' | '\u{730}'..='\u{74a}' | '\u{7a6}'..='\u{7b0}' | '\u{7eb}'..='\u{7f3}' | '\u{816}'..='\u{819}'
        | '\u{859}'..='\u{85b}' | '\u{898}'..='\u{89f}' | '\u{8ca}'..='\u{8e1}' | '\u{8e3}'..='\u{902}'
        | '\u{93a}' | '\u{93c}' | '\u{941}'..='\u{948}' | '\u{94d}' | '\u{951}'..='\u{957}'
        | '\u{e31}' | '\u{e34}'..='\u{e3a}' | '\u{e47}'..='\u{e4e}' | '\u{eb1}' | '\u{eb4}'..='\u{ebc}'
        | '\u{ec8}'..='\u{ece}' | '\u{f71}'..='\u{f7e}' | '\u{f80}'..='\u{f84}' | '\u{135d}'..='\u{135f}'
        | '\u{1ab0}'..='\u{1ace}' | '\u{1b6b}'..='\u{1b73}' | '\u{1cd0}'..='\u{1cd2}' | '\u{1cd4}'..='\u{1ce0}'
        | '\u{1dc0}'..='\u{1dff}' | '\u{20d0}'..='\u{20f0}' | '\u{302a}'..='\u{302d}' | '\u{3099}' | '\u{309a}'
        | '\u{a66f}'..='\u{a672}' | '\u{a674}'..='\u{a67d}' | '\u{a8e0}'..='\u{a8f1}' | '\u{fb1e}'
        | '\u{fe20}'..='\u{fe2f}' | '\u{1d165}'..='\u{1d169}' | '\u{1d16d}'..='\u{1d172}'
        | '\u{1d17b}'..='\u{1d182}' | '\u{1d185}'..='\u{1d18b}' | '\u{1e8d0}'..='\u{1e8d6}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_steers_or_hides_is_written_out() {
        for (raw, shown) in [
            ("a\u{1b}[2Jb", "a⟨U+001B⟩[2Jb"),
            ("a\0b\u{7f}", "a⟨U+0000⟩b⟨U+007F⟩"),
            ("line\r\nline\t", "line⟨U+000D⟩⟨U+000A⟩line⟨U+0009⟩"),
            ("invoice\u{202e}fdp.exe", "invoice⟨U+202E⟩fdp.exe"),
            ("zero\u{200b}width\u{feff}", "zero⟨U+200B⟩width⟨U+FEFF⟩"),
            ("\u{9b}31m", "⟨U+009B⟩31m"),
            ("\u{e1f0}\u{10fffd}", "⟨U+E1F0⟩⟨U+10FFFD⟩"),
            ("a\u{2028}b\u{2066}c", "a⟨U+2028⟩b⟨U+2066⟩c"),
            ("\u{301}x", "⟨U+0301⟩x"),
        ] {
            assert_eq!(text(raw), shown);
        }
    }

    #[test]
    fn languages_stay_as_they_are_written() {
        for raw in [
            "käufer-1 <b>&amp;</b> **x** 🙂",
            "日本語のペイロード 中文 한국어",
            "العربية עברית",
            "นี่คือภาษาไทย",
            "नमस्ते क्\u{200d}ष",
            "می\u{200c}خواهم",
            "👩\u{200d}💻 ❤\u{fe0f}",
            "e\u{301}\u{323}",
        ] {
            assert_eq!(text(raw), raw);
        }
        assert!(matches!(text("plain"), Cow::Borrowed(_)));
    }

    #[test]
    fn ten_thousand_marks_on_one_letter_are_counted() {
        let raw = format!("a{}b", "\u{301}".repeat(10_000));
        assert_eq!(text(&raw), format!("a{}⟨9994 more marks⟩b", "\u{301}".repeat(6)));
    }

    #[test]
    fn a_text_is_cut_by_its_characters() {
        assert_eq!(start("abcdef", 4), "abcd…");
        assert_eq!(start("abcd", 4), "abcd");
        assert_eq!(start("日本語日本語", 3), "日本語…");
        assert_eq!(start("\u{202e}bcd", 2), "⟨U+202E⟩b…");
        assert_eq!(start("", 0), "");
    }

    #[test]
    fn ten_megabytes_cost_what_is_shown_of_them() {
        let raw = "\u{202e}é".repeat(2 << 20);
        let shown = start(&raw, 100);
        assert_eq!(shown.matches("⟨U+202E⟩").count(), 50);
        assert!(shown.len() < 1_000);
    }
}
