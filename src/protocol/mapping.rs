//! A mapping on its way: the tables of a file, which column plays which part, and what comes of that.

use super::{EventRow, Ticket};

/// A table of a file.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TableAt {
    /// Its name.
    pub name: String,
    /// About how many rows it has.
    pub rows: u64,
    /// Its columns: name and declared type, which may be empty.
    pub columns: Vec<(String, String)>,
    /// Values inside of its columns' JSON that nearly every row has, as paths.
    pub paths: Vec<String>,
}

/// Which column plays which part.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct MappingDraft {
    /// The table of events.
    pub table: String,
    /// What events belong to: one column, or several together.
    pub streams: Vec<String>,
    /// Their number in it.
    pub version: Option<String>,
    /// Their type.
    pub event_type: Option<String>,
    /// When.
    pub time: Option<String>,
    /// The payload.
    pub payload: Option<String>,
    /// The log's order; without one, that of the rows.
    pub order: Option<String>,
    /// The id.
    pub id: Option<String>,
    /// The metadata.
    pub metadata: Option<String>,
}

/// A draft that was guessed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct GuessedDraft {
    /// It.
    pub draft: MappingDraft,
    /// How sure it is, from 0 to 100.
    pub sure: u8,
    /// What it rests on, one fact each.
    pub evidence: Vec<String>,
}

/// The tables of a file, and what can be said of them.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SurveyAt {
    /// The file's locator.
    pub locator: String,
    /// The tables, by name.
    pub tables: Vec<TableAt>,
    /// The mapping that its workspace file holds now.
    pub kept: Option<MappingDraft>,
    /// The guesses, the surest first.
    pub guesses: Vec<GuessedDraft>,
    /// The workspace file, where the mapping is kept.
    pub workspace: String,
    /// True where that file is there already.
    pub workspace_exists: bool,
}

/// A part of a mapping.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub enum MappingPart {
    /// What events belong to.
    #[default]
    Stream,
    /// Their number in it.
    Version,
    /// Their type.
    Type,
    /// When.
    Time,
    /// The payload.
    Payload,
    /// The log's order.
    Order,
    /// The id.
    Id,
    /// The metadata.
    Metadata,
}

/// Whether what a part finds speaks for the choice.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum PartVerdict {
    /// It does.
    Fine,
    /// It may not be what was meant.
    Caution,
    /// It cannot be.
    Wrong,
    /// Nothing was chosen.
    Nothing,
}

/// What a part finds in the first rows.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PartFound {
    /// The part.
    pub part: MappingPart,
    /// The first value there is.
    pub first: Option<String>,
    /// Whether it speaks for the choice.
    pub verdict: PartVerdict,
    /// What was found, in a sentence.
    pub text: String,
}

/// What comes of a draft.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct MappingPreview {
    /// Of the draft.
    pub ticket: Ticket,
    /// What each part finds.
    pub parts: Vec<PartFound>,
    /// The first events, as they would be.
    pub events: Vec<EventRow>,
    /// Why there are none.
    pub error: Option<String>,
    /// Rows that were looked at, at most.
    pub checked_rows: u64,
}

impl MappingPart {
    /// All of them, in the order in which they are shown.
    pub const ALL: [Self; 8] =
        [Self::Stream, Self::Version, Self::Type, Self::Time, Self::Payload, Self::Order, Self::Id, Self::Metadata];

    /// Its name, in sentence case.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Stream => "Stream",
            Self::Version => "Version",
            Self::Type => "Type",
            Self::Time => "Time",
            Self::Payload => "Payload",
            Self::Order => "Position",
            Self::Id => "Id",
            Self::Metadata => "Metadata",
        }
    }

    /// True where a log can well be without it.
    #[must_use]
    pub fn is_optional(self) -> bool {
        matches!(self, Self::Order | Self::Id | Self::Metadata | Self::Time)
    }
}

impl MappingDraft {
    /// A draft of a table with nothing chosen.
    #[must_use]
    pub fn of_table(table: &str) -> Self {
        Self { table: table.to_owned(), ..Self::default() }
    }

    /// What plays a part, as it is shown.
    #[must_use]
    pub fn chosen(&self, part: MappingPart) -> Option<String> {
        let one = match part {
            MappingPart::Stream => return (!self.streams.is_empty()).then(|| self.streams.join(", ")),
            MappingPart::Version => &self.version,
            MappingPart::Type => &self.event_type,
            MappingPart::Time => &self.time,
            MappingPart::Payload => &self.payload,
            MappingPart::Order => &self.order,
            MappingPart::Id => &self.id,
            MappingPart::Metadata => &self.metadata,
        };
        one.clone()
    }

    /// Lets a column play a part, or none. Of the stream's several columns, a chosen one goes and another comes.
    pub fn choose(&mut self, part: MappingPart, column: Option<&str>) {
        let one = match part {
            MappingPart::Stream => {
                match column {
                    None => self.streams.clear(),
                    Some(column) => match self.streams.iter().position(|name| name == column) {
                        Some(at) => {
                            self.streams.remove(at);
                        }
                        None => self.streams.push(column.to_owned()),
                    },
                }
                return;
            }
            MappingPart::Version => &mut self.version,
            MappingPart::Type => &mut self.event_type,
            MappingPart::Time => &mut self.time,
            MappingPart::Payload => &mut self.payload,
            MappingPart::Order => &mut self.order,
            MappingPart::Id => &mut self.id,
            MappingPart::Metadata => &mut self.metadata,
        };
        *one = column.map(str::to_owned);
    }

    /// The part that a column plays.
    #[must_use]
    pub fn part_of(&self, column: &str) -> Option<MappingPart> {
        MappingPart::ALL.into_iter().find(|part| match part {
            MappingPart::Stream => self.streams.iter().any(|name| name == column),
            other => self.chosen(*other).as_deref() == Some(column),
        })
    }
}
