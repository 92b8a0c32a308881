//! A search through a scope: what is asked, and what it has found so far.

use super::{EventRow, Ticket};
use crate::event::Scope;
use crate::replay::search::facets::Counted;

/// A search for events that pass a filter.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SearchFor {
    /// In what.
    pub scope: Scope,
    /// The filter, as its text.
    pub filter: String,
    /// Which end it begins at.
    pub from: SearchFrom,
}

/// The end that a search begins at.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum SearchFrom {
    /// The newest events first.
    #[default]
    Newest,
    /// The oldest events first.
    Oldest,
}

/// An event that passed.
#[derive(Clone, PartialEq, Debug)]
pub struct SearchHit {
    /// Its 0-based row in the scope.
    pub row: u64,
    /// It.
    pub event: EventRow,
}

/// What a search has found since its last word.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct SearchPart {
    /// Of the search.
    pub ticket: Ticket,
    /// How many hits were told before these.
    pub first: u64,
    /// Hits, in the order of the search.
    pub hits: Vec<SearchHit>,
    /// Hits in all, also those that are not listed.
    pub hits_total: u64,
    /// Events that it has looked at.
    pub scanned: u64,
    /// Events that there are to look at.
    pub of: u64,
    /// Events that could not be decoded, and so not be searched.
    pub undecodable: u64,
    /// Counts over all hits so far; `None` where nothing is new.
    pub facets: Option<Vec<Counted>>,
    /// Microseconds so far.
    pub elapsed_us: u64,
    /// How it ended; `None` while it goes on.
    pub ended: Option<SearchEnd>,
}

/// How a search ended.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum SearchEnd {
    /// It looked at everything.
    Whole,
    /// It was stopped.
    Stopped,
    /// It cannot be: the log cannot be read.
    Failed(String),
}
