//! The filter language: which events somebody wants to see, as one line of text and as plain data.
//!
//! Terms stand side by side and all must hold; `-` in front of one turns it round.
//!
//! | term | an event passes whose … |
//! |---|---|
//! | `type:Order*` `stream:cart-*` `category:cart` `id:…` | name fits the pattern: `*` is any text, `?` one character, `,` parts alternatives |
//! | `version>3` `position>=100` `size>1000` | number in its stream, place in the log, or bytes of payload compare so |
//! | `after:2026-01-01` `before:2026-02-01T12:00Z` | time is at or after, or before, an instant (UTC where none is said) |
//! | `data.total>100` `meta.user=ann` | value at a path of the payload or the metadata compares so: `=` `!=` `<` `<=` `>` `>=` |
//! | `data.name:Ann*` | value fits the pattern |
//! | `data.address~berlin` `meta~4711` | value, or any key or value below it, contains the text |
//! | `has:data.x` | payload or metadata has something at the path, `null` too |
//! | `is:undecodable` | payload cannot be decoded |
//! | `overdraft` `"free words"` | payload contains the text in one of its keys or values |
//!
//! In a path, `*` is any key or index, and a key with other signs than letters, digits, `_`, `-`, `$` and `@` stands in
//! quotes: `data.lines.*."unit price">5`. Numbers compare by their exact value, however many digits they have and
//! however they are written; text that is a number compares as one, unless the wanted value stands in quotes. Text is
//! compared as it is; a contained text without capitals is found in any case. Of a payload that cannot be decoded
//! nothing about its values can be said: no term about them holds for it, turned round or not.
//!
//! Layer 0: no payload is decoded here.

use std::fmt;

use crate::error::Error;
use crate::event::{Time, Value};

mod contained;
mod matching;
mod number;
mod parse;
mod path;
mod pattern;

pub use contained::Contained;
pub use matching::{Head, Subject};
pub use number::compare_numbers;
pub use path::{Part, Place, Step};
pub use pattern::Patterns;

/// What is wrong with a filter's text, and where.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("filter stops at column {column}: {message}")]
pub struct FilterFault {
    /// The character that it stops at, from 1.
    pub column: usize,
    /// What is wrong there, and what would be right.
    pub message: String,
}

impl From<FilterFault> for Error {
    fn from(fault: FilterFault) -> Self {
        Self::Input(fault.to_string())
    }
}

/// Terms that must all hold. The empty filter passes every event.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Filter {
    terms: Vec<Term>,
}

/// One term as it was typed, and what it means.
#[derive(Clone, PartialEq, Debug)]
pub struct Term {
    text: String,
    is_excluding: bool,
    test: Test,
}

/// What a term asks of an event.
#[derive(Clone, PartialEq, Debug)]
pub enum Test {
    /// A name fits.
    Name(Name, Patterns),
    /// A number beside the payload compares so.
    Number(Measure, Comparison, i64),
    /// The time is at or after this.
    After(Time),
    /// The time is before this.
    Before(Time),
    /// There is something at a place.
    Has(Place),
    /// A value compares so.
    Value(Place, Comparison, Wanted),
    /// A value fits.
    Fits(Place, Patterns),
    /// A value, or what is below it, contains a text.
    Contains(Place, Contained),
    /// The payload cannot be decoded.
    Undecodable,
}

/// A name that an event has.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Name {
    /// Its type.
    Type,
    /// Its stream.
    Stream,
    /// Its stream's category.
    Category,
    /// Its id.
    Id,
}

/// A number that an event has beside its payload.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Measure {
    /// In its stream.
    Version,
    /// In the log.
    Position,
    /// Bytes of its payload as stored.
    Size,
}

/// How two values compare.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Comparison {
    /// `=`.
    Equal,
    /// `!=`: there is a value, and it is another.
    Other,
    /// `<`.
    Less,
    /// `<=`.
    LessOrEqual,
    /// `>`.
    Greater,
    /// `>=`.
    GreaterOrEqual,
}

/// A value that a payload's is compared with.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Wanted {
    /// The value without its quotes.
    pub text: String,
    /// True where it stood in quotes: then it is text, whatever it looks like.
    pub is_quoted: bool,
}

impl Filter {
    /// Reads a filter; text of blanks alone is the empty one.
    ///
    /// # Errors
    /// What is wrong, and where.
    pub fn parse(text: &str) -> Result<Self, FilterFault> {
        parse::terms(text).map(|terms| Self { terms })
    }

    /// A filter of these terms.
    #[must_use]
    pub fn of(terms: Vec<Term>) -> Self {
        Self { terms }
    }

    /// The terms, in the order they were typed.
    #[must_use]
    pub fn terms(&self) -> &[Term] {
        &self.terms
    }

    /// True where every event passes.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.terms.is_empty()
    }

    /// True where some term asks for the payload, so that each event that the others leave must be decoded.
    #[must_use]
    pub fn needs_payload(&self) -> bool {
        self.terms.iter().any(Term::needs_payload)
    }

    /// True where some term asks for a value of the payload: of a payload that cannot be decoded it says nothing.
    #[must_use]
    pub fn asks_for_values(&self) -> bool {
        self.terms.iter().any(|term| term.place().is_some_and(|place| place.part == Part::Payload))
    }

    /// True where some term asks for the time.
    #[must_use]
    pub fn asks_for_time(&self) -> bool {
        self.terms.iter().any(|term| matches!(term.test, Test::After(_) | Test::Before(_)))
    }

    /// True where some term asks for the metadata.
    #[must_use]
    pub fn needs_metadata(&self) -> bool {
        self.terms.iter().any(|term| term.place().is_some_and(|place| place.part == Part::Metadata))
    }

    /// The texts that a list marks in what it shows: those that the payload must contain.
    pub fn marked(&self) -> impl Iterator<Item = &Contained> {
        self.terms.iter().filter(|term| !term.is_excluding).filter_map(|term| match &term.test {
            Test::Contains(place, contained) if place.part == Part::Payload => Some(contained),
            _ => None,
        })
    }
}

impl fmt::Display for Filter {
    /// The text that reads as the same filter.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, term) in self.terms.iter().enumerate() {
            let space = if index > 0 { " " } else { "" };
            write!(f, "{space}{}", term.text)?;
        }
        Ok(())
    }
}

impl Term {
    /// A term that asks for this value at a place, or where `excludes`, for another.
    #[must_use]
    pub fn of_value(place: &Place, value: &Value, excludes: bool) -> Option<Self> {
        let wanted = match value {
            Value::String(text) => path::value_text(text),
            Value::Array(_) | Value::Object(_) => return None,
            word => word.to_string(),
        };
        Self::read(&format!("{}{place}={wanted}", if excludes { "-" } else { "" }))
    }

    /// A term that asks for this name, or where `excludes`, for another.
    #[must_use]
    pub fn of_name(name: Name, value: &str, excludes: bool) -> Option<Self> {
        let sign = if excludes { "-" } else { "" };
        Self::read(&format!("{sign}{}:{}", name.word(), path::name_text(value)))
    }

    fn read(text: &str) -> Option<Self> {
        let mut terms = parse::terms(text).ok()?;
        if terms.len() == 1 { terms.pop() } else { None }
    }

    /// As it was typed.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// True where it stands behind `-`.
    #[must_use]
    pub fn is_excluding(&self) -> bool {
        self.is_excluding
    }

    /// What it asks.
    #[must_use]
    pub fn test(&self) -> &Test {
        &self.test
    }

    /// The place in payload or metadata that it looks at.
    #[must_use]
    pub fn place(&self) -> Option<&Place> {
        match &self.test {
            Test::Has(place) | Test::Value(place, ..) | Test::Fits(place, _) | Test::Contains(place, _) => Some(place),
            _ => None,
        }
    }

    /// True where it asks for the payload.
    #[must_use]
    pub fn needs_payload(&self) -> bool {
        matches!(self.test, Test::Undecodable) || self.place().is_some_and(|place| place.part == Part::Payload)
    }
}

impl Name {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Type, Self::Stream, Self::Category, Self::Id];

    /// The word in front of the colon.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Type => "type",
            Self::Stream => "stream",
            Self::Category => "category",
            Self::Id => "id",
        }
    }
}

#[cfg(test)]
mod tests;
