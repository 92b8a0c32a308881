//! A text that is looked for inside others.
//!
//! Without capitals it is found in any case. Letters of ASCII fold to letters of ASCII alone, and others one by one to
//! others: so a text can be looked for in bytes, whatever else they hold.

use memchr::{memchr2_iter, memmem};

use crate::event::Value;

/// A text that is looked for inside others; two are equal where their texts are.
#[derive(Clone, Debug)]
pub struct Contained {
    text: String,
    way: Way,
}

#[derive(Clone, Debug)]
enum Way {
    /// As it is.
    Exact(Box<memmem::Finder<'static>>),
    /// In any case, ASCII alone: the place in it of its rarest byte.
    Ascii(usize),
    /// In any case; the text is folded.
    Folded(Box<memmem::Finder<'static>>),
}

impl PartialEq for Contained {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Contained {
    /// A text to look for; it is not empty.
    #[must_use]
    pub fn new(text: &str) -> Self {
        let way =
            if text.chars().any(char::is_uppercase) || text.chars().all(|sign| fold(sign) == sign && !has_case(sign)) {
                Way::Exact(finder(text))
            } else if text.is_ascii() {
                Way::Ascii(rarest(text.as_bytes()))
            } else {
                Way::Folded(finder(&folded(text)))
            };
        Self { text: text.to_owned(), way }
    }

    /// The same, found only in the case that it has.
    #[must_use]
    pub fn exactly(text: &str) -> Self {
        Self { text: text.to_owned(), way: Way::Exact(finder(text)) }
    }

    /// The text as it was given.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// True where a text contains it.
    #[must_use]
    pub fn is_in(&self, text: &str) -> bool {
        match &self.way {
            Way::Exact(finder) => finder.find(text.as_bytes()).is_some(),
            Way::Ascii(rarest) => ascii_at(self.text.as_bytes(), *rarest, text.as_bytes()).is_some(),
            Way::Folded(finder) => finder.find(folded(text).as_bytes()).is_some(),
        }
    }

    /// Where it is in a text, as bytes of that text: the first place.
    #[must_use]
    pub fn find(&self, text: &str) -> Option<std::ops::Range<usize>> {
        match &self.way {
            Way::Exact(finder) => finder.find(text.as_bytes()).map(|at| at..at + self.text.len()),
            Way::Ascii(rarest) => {
                ascii_at(self.text.as_bytes(), *rarest, text.as_bytes()).map(|at| at..at + self.text.len())
            }
            Way::Folded(_) => {
                let wanted: Vec<char> = self.text.chars().map(fold).collect();
                text.char_indices().find_map(|(at, _)| {
                    let mut rest = text[at..].chars();
                    let fits = wanted.iter().all(|sign| rest.next().map(fold) == Some(*sign));
                    fits.then(|| at..text.len() - rest.as_str().len())
                })
            }
        }
    }

    /// True where bytes may hold it: never false where a text in them does.
    #[must_use]
    pub fn may_be_in(&self, bytes: &[u8]) -> bool {
        match &self.way {
            Way::Exact(finder) => finder.find(bytes).is_some(),
            Way::Ascii(rarest) => ascii_at(self.text.as_bytes(), *rarest, bytes).is_some(),
            // Only its ASCII letters are the same bytes in every case; the longest run of them, if it has any.
            Way::Folded(_) => {
                let runs = self.text.split(|sign: char| !sign.is_ascii());
                match runs.max_by_key(|run| run.len()) {
                    Some(run) if !run.is_empty() => ascii_at(run.as_bytes(), rarest(run.as_bytes()), bytes).is_some(),
                    _ => true,
                }
            }
        }
    }

    /// True where a value, or any key or value below it, contains it. A number is what is written.
    #[must_use]
    pub fn is_below(&self, value: &Value) -> bool {
        let mut waiting = vec![value];
        while let Some(value) = waiting.pop() {
            let is_here = match value {
                Value::String(text) => self.is_in(text),
                Value::Number(number) => self.is_in(number.as_str()),
                Value::Bool(true) => self.is_in("true"),
                Value::Bool(false) => self.is_in("false"),
                Value::Null => self.is_in("null"),
                Value::Array(items) => {
                    waiting.extend(items);
                    false
                }
                Value::Object(fields) => {
                    waiting.extend(fields.values());
                    fields.keys().any(|key| self.is_in(key))
                }
            };
            if is_here {
                return true;
            }
        }
        false
    }
}

fn finder(text: &str) -> Box<memmem::Finder<'static>> {
    Box::new(memmem::Finder::new(text.as_bytes()).into_owned())
}

fn has_case(sign: char) -> bool {
    sign.is_lowercase() || sign.is_uppercase()
}

/// A letter without its case, never leading into or out of ASCII.
fn fold(sign: char) -> char {
    if sign.is_ascii() {
        return sign.to_ascii_lowercase();
    }
    let mut lower = sign.to_lowercase();
    match (lower.next(), lower.next()) {
        (Some(one), None) if !one.is_ascii() => one,
        _ => sign,
    }
}

fn folded(text: &str) -> String {
    text.chars().map(fold).collect()
}

/// The place of the byte that payloads hold least often, by how often letters come in text.
fn rarest(text: &[u8]) -> usize {
    const OFTEN: &[u8] = b"\" ,:0123456789etaoinsrhldcumfpgwybvkxjqz.-_";
    let rank = |byte: u8| OFTEN.iter().position(|often| *often == byte).unwrap_or(OFTEN.len());
    (0..text.len()).max_by_key(|at| rank(text[*at].to_ascii_lowercase())).unwrap_or(0)
}

/// The first place of an ASCII text in bytes, in any case.
fn ascii_at(wanted: &[u8], rarest: usize, bytes: &[u8]) -> Option<usize> {
    let byte = *wanted.get(rarest)?;
    memchr2_iter(byte.to_ascii_lowercase(), byte.to_ascii_uppercase(), bytes).find_map(|at| {
        let begin = at.checked_sub(rarest)?;
        bytes.get(begin..begin + wanted.len())?.eq_ignore_ascii_case(wanted).then_some(begin)
    })
}
