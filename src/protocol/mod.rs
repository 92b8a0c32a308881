//! What crosses a thread, and nothing else: requests, replies, generations.
//!
//! The *generation* goes up when the question changes (another log, another scope): a reply of an older one is dropped.
//! Each seek also carries a rising *ticket*: of two states the one with the higher ticket is the newer answer.

mod audit;
mod find;
mod kept;
mod mapping;
mod pins;
mod reducer;
mod reply;
mod request;
mod rows;
mod run;
mod sample;
mod sandbox;
mod search;
mod settings;
mod trace;
mod trial;
mod why;

pub use crate::log::{Bookmark, Fault};
pub use crate::replay::density::Density;
pub use crate::replay::lines::{Change, Line, LineKind, StateLines, short_text};
pub use crate::replay::search::facets::{Counted, Facet, FacetCount};
pub use audit::{AuditAt, AuditRow, Verdict};
pub use find::{FindEnd, FindFor, FoundPart, IntervalAt};
pub use kept::{CacheInfo, KeptView, Panes};
pub use mapping::{GuessedDraft, MappingDraft, MappingPart, MappingPreview, PartFound, PartVerdict, SurveyAt, TableAt};
pub use pins::{PinAt, PinsAt};
pub use reducer::{BindingInfo, FoldedBy, ReducerChoice, ReducerKind, ReducersInfo, Refolded, Trouble};
pub use reply::Reply;
pub use request::Request;
pub use rows::{EventDetail, EventRow, RowChange};
pub use run::{Breakpoint, Hit, RunEnd, RunWord, Way, Why};
pub use sample::Sample;
pub use sandbox::{Compared, Did, Edit, Made, SandboxAt, SandboxFor};
pub use search::{SearchEnd, SearchFor, SearchFrom, SearchHit, SearchPart};
pub use settings::{Preferences, RecentLog, Settings, ThemeChoice, Times};
pub use trace::{Trace, TraceAt, Traced};
pub use trial::{ReducerText, TrialAt, TrialFor};
pub use why::{Arrays, BlameAt, BlameRow, DiffAt, DiffFor, DiffPlace, StateAt};

/// Goes up when the question changes.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default)]
pub struct Generation(pub u64);

impl Generation {
    /// Of no question: what a worker says about the program itself, whatever is looked at.
    pub const NONE: Self = Self(u64::MAX);
}

/// Goes up with each seek.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default)]
pub struct Ticket(pub u64);
