//! Whether an event passes: first by what stands beside its payload, then by its values.

use std::cmp::Ordering;

use super::number::compare_numbers;
use super::{Comparison, Filter, Measure, Name, Part, Place, Term, Test, Wanted};
use crate::event::{Time, Value};

/// What stands beside an event's payload.
#[derive(Clone, Copy, Debug)]
pub struct Head<'a> {
    /// The type's name.
    pub event_type: &'a str,
    /// The stream.
    pub stream: &'a str,
    /// The stream's category.
    pub category: &'a str,
    /// The id, where there is one.
    pub id: Option<&'a str>,
    /// The number in the stream.
    pub version: Option<i64>,
    /// The place in the log, where it is one number.
    pub position: Option<i64>,
    /// Bytes of the payload as stored.
    pub bytes: u64,
    /// When, as far as it is known.
    pub time: Option<Time>,
    /// False where the time may stand in the payload, which nobody has decoded yet.
    pub is_time_known: bool,
}

/// An event as a filter sees it.
#[derive(Clone, Copy, Debug)]
pub struct Subject<'a> {
    /// What stands beside its payload.
    pub head: Head<'a>,
    /// The payload; `None` where it cannot be decoded.
    pub data: Option<&'a Value>,
    /// The metadata, null where there is none.
    pub metadata: &'a Value,
}

impl Filter {
    /// True where the event passes.
    #[must_use]
    pub fn passes(&self, subject: &Subject<'_>) -> bool {
        self.terms.iter().all(|term| term.holds(subject))
    }

    /// False where the event cannot pass, whatever its payload and metadata are.
    #[must_use]
    pub fn may_pass(&self, head: &Head<'_>) -> bool {
        self.terms.iter().all(|term| term.holds_beside(head) != Some(false))
    }
}

impl Term {
    fn holds(&self, subject: &Subject<'_>) -> bool {
        if let Some(holds) = self.holds_beside(&Head { is_time_known: true, ..subject.head }) {
            return holds;
        }
        let Some(place) = self.place() else { return subject.data.is_none() != self.is_excluding };
        let root = match place.part {
            Part::Metadata => subject.metadata,
            Part::Payload => match subject.data {
                Some(data) => data,
                None => return false,
            },
        };
        self.test.holds_at(place, root) != self.is_excluding
    }

    /// `None` where the payload or the metadata decides.
    fn holds_beside(&self, head: &Head<'_>) -> Option<bool> {
        let holds = match &self.test {
            Test::Name(name, patterns) => match name {
                Name::Type => patterns.fit(head.event_type),
                Name::Stream => patterns.fit(head.stream),
                Name::Category => patterns.fit(head.category),
                Name::Id => head.id.is_some_and(|id| patterns.fit(id)),
            },
            Test::Number(measure, comparison, wanted) => {
                let number = match measure {
                    Measure::Version => head.version,
                    Measure::Position => head.position,
                    Measure::Size => i64::try_from(head.bytes).ok(),
                };
                number.is_some_and(|number| comparison.holds(number.cmp(wanted)))
            }
            Test::After(_) | Test::Before(_) if head.time.is_none() && !head.is_time_known => return None,
            Test::After(wanted) => head.time.is_some_and(|time| time >= *wanted),
            Test::Before(wanted) => head.time.is_some_and(|time| time < *wanted),
            Test::Has(_) | Test::Value(..) | Test::Fits(..) | Test::Contains(..) | Test::Undecodable => return None,
        };
        Some(holds != self.is_excluding)
    }
}

impl Test {
    fn holds_at(&self, place: &Place, root: &Value) -> bool {
        place.any(root, &mut |value| match self {
            Self::Has(_) => true,
            Self::Value(_, comparison, wanted) => wanted.compares(*comparison, value),
            Self::Fits(_, patterns) => match value {
                Value::String(text) => patterns.fit(text),
                Value::Array(_) | Value::Object(_) => false,
                word => patterns.fit(&word.to_string()),
            },
            Self::Contains(_, contained) => contained.is_below(value),
            _ => false,
        })
    }
}

impl Comparison {
    fn holds(self, ordering: Ordering) -> bool {
        match self {
            Self::Equal => ordering.is_eq(),
            Self::Other => ordering.is_ne(),
            Self::Less => ordering.is_lt(),
            Self::LessOrEqual => ordering.is_le(),
            Self::Greater => ordering.is_gt(),
            Self::GreaterOrEqual => ordering.is_ge(),
        }
    }
}

impl Wanted {
    /// True where a value compares so with this one. Values of two kinds are neither equal nor in any order.
    fn compares(&self, comparison: Comparison, value: &Value) -> bool {
        let ordering = match value {
            Value::String(text) => Some(self.compare_text(text)),
            Value::Number(number) if !self.is_quoted => compare_numbers(number.as_str(), &self.text),
            Value::Bool(word) if !self.is_quoted => (word.to_string() == self.text).then_some(Ordering::Equal),
            Value::Null if !self.is_quoted => (self.text == "null").then_some(Ordering::Equal),
            _ => None,
        };
        match ordering {
            Some(ordering) => comparison.holds(ordering),
            None => comparison == Comparison::Other,
        }
    }

    fn compare_text(&self, text: &str) -> Ordering {
        let as_numbers = if self.is_quoted { None } else { compare_numbers(text, &self.text) };
        as_numbers.unwrap_or_else(|| text.cmp(self.text.as_str()))
    }
}
