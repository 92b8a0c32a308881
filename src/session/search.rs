//! The search screen: a filter as chips, hits as they come, and what they are counted by.

use std::sync::Arc;

use super::{Field, Session, Tab};
use crate::event::{Scope, Value};
use crate::filter::{Filter, FilterFault, Name, Part, Place, Term};
use crate::protocol::{
    Counted, EventDetail, Facet, Request, SearchEnd, SearchFor, SearchFrom, SearchHit, SearchPart, Ticket,
};

/// Proposals that are shown under the field.
const PROPOSALS_MAX: usize = 8;
/// Values of the event on show whose places are proposed.
const PLACES_MAX: usize = 60;
/// What a term can begin with.
const BEGINNINGS: [&str; 12] = [
    "type:",
    "stream:",
    "category:",
    "data.",
    "meta.",
    "after:",
    "before:",
    "has:data.",
    "version>",
    "position>",
    "id:",
    "is:undecodable",
];

/// The search screen.
#[derive(Clone, Debug, Default)]
pub struct SearchPane {
    /// True while it lies over the event list.
    pub open: bool,
    /// What is searched.
    pub scope: Option<Scope>,
    /// The terms that hold, as chips.
    pub chips: Vec<Term>,
    /// What is being typed.
    pub text: String,
    /// What is wrong with it.
    pub fault: Option<FilterFault>,
    /// Which end comes first.
    pub from: SearchFrom,
    /// What was asked for last.
    pub asked: Option<SearchFor>,
    /// What was found so far, in the order of the search.
    pub hits: Vec<SearchHit>,
    /// The newest word of the search, without its hits.
    pub word: SearchPart,
    /// What the hits are counted by; empty until there are some.
    pub facets: Vec<Counted>,
    /// The chosen hit.
    pub chosen: Option<usize>,
    /// The chosen hit in full, once it is there.
    pub preview: Option<Arc<EventDetail>>,
    ticket: Option<Ticket>,
    newest: Ticket,
}

/// What a person does in a search.
#[derive(Clone, PartialEq, Debug)]
pub enum SearchAction {
    /// The field's text changed.
    SetText(String),
    /// Make chips of the text, and look for them.
    Start,
    /// Put this proposal in place of the word that is being typed.
    Take(usize),
    /// Take a chip out.
    Remove(usize),
    /// Take the last chip back into the field.
    TakeBack,
    /// Keep the events that have this value at a place, or leave them out.
    Value {
        /// Payload or metadata.
        part: Part,
        /// Where, as a JSON pointer.
        pointer: String,
        /// True where they are left out.
        excludes: bool,
    },
    /// Keep the events of this name, or leave them out.
    Name {
        /// Of what.
        name: Name,
        /// Which.
        value: String,
        /// True where they are left out.
        excludes: bool,
    },
    /// Keep the events of a facet's value, or leave them out.
    Facet {
        /// The facet.
        facet: Facet,
        /// The value.
        value: Value,
        /// True where they are left out.
        excludes: bool,
    },
    /// Begin at the other end.
    Turn(SearchFrom),
    /// Choose a hit: the cursor stays.
    Choose(usize),
    /// Move the cursor to a hit, in its stream.
    GoTo(usize),
    /// Take all terms out.
    Clear,
    /// End the search; what it found stays.
    Stop,
    /// Return to the event list.
    Close,
}

impl SearchPane {
    /// The pane for another log: nothing in it but the tickets that were given.
    #[must_use]
    pub(super) fn emptied(&self) -> Self {
        Self { newest: self.newest, ..Self::default() }
    }

    /// True while the search goes on.
    #[must_use]
    pub fn is_searching(&self) -> bool {
        self.ticket.is_some() && self.word.ended.is_none()
    }

    /// True where there is a search, on its way or ended.
    #[must_use]
    pub fn has_answer(&self) -> bool {
        self.ticket.is_some()
    }

    /// Why the search failed.
    #[must_use]
    pub fn failure(&self) -> Option<&str> {
        match &self.word.ended {
            Some(SearchEnd::Failed(why)) => Some(why),
            _ => None,
        }
    }

    /// The filter of the chips.
    #[must_use]
    pub fn filter(&self) -> Filter {
        Filter::of(self.chips.clone())
    }

    /// True where the chips are others than those that the hits answer.
    #[must_use]
    pub fn is_stale(&self) -> bool {
        self.asked.as_ref().is_some_and(|asked| asked.filter != self.filter().to_string())
    }
}

impl Session {
    pub(super) fn apply_search(&mut self, action: SearchAction) {
        match action {
            SearchAction::SetText(text) => self.set_search_text(text),
            SearchAction::Start => {
                if self.take_search_text() {
                    self.start_search();
                }
            }
            SearchAction::Take(index) => {
                if let Some(proposal) = self.search_proposals().get(index).cloned() {
                    let begin = word_begin(&self.search.text);
                    self.search.text.replace_range(begin.., &proposal);
                    self.search.fault = None;
                    self.wants_focus = Some(Field::Search);
                }
            }
            SearchAction::Remove(index) => {
                if index < self.search.chips.len() {
                    self.search.chips.remove(index);
                    self.start_search();
                }
            }
            SearchAction::TakeBack => {
                if let Some(term) = self.search.chips.pop() {
                    term.text().clone_into(&mut self.search.text);
                }
            }
            SearchAction::Value { part, pointer, excludes } => {
                if let Some(value) = self.value_at(part, &pointer) {
                    self.add_term(Term::of_value(&Place::at_pointer(part, &pointer), &value, excludes));
                }
            }
            SearchAction::Name { name, value, excludes } => self.add_term(Term::of_name(name, &value, excludes)),
            SearchAction::Facet { facet, value, excludes } => self.add_term(facet.term(&value, excludes)),
            SearchAction::Turn(from) => {
                self.search.from = from;
                self.start_search();
            }
            SearchAction::Choose(index) => self.choose_hit(index),
            SearchAction::GoTo(index) => self.go_to_hit(index),
            SearchAction::Clear => {
                self.search.chips.clear();
                self.search.text.clear();
                self.search.fault = None;
                self.start_search();
                self.wants_focus = Some(Field::Search);
            }
            SearchAction::Stop => self.stop_search(),
            SearchAction::Close => self.close_search(),
        }
    }

    /// Opens the screen with the focus in its field, over the whole log or over what is looked at.
    pub(super) fn open_search(&mut self, scope: Scope) {
        if self.log.is_none() {
            return;
        }
        self.view = super::View::Replay;
        if self.search.scope.as_ref() != Some(&scope) {
            self.stop_search();
            let (chips, from, newest) = (std::mem::take(&mut self.search.chips), self.search.from, self.search.newest);
            self.search = SearchPane { scope: Some(scope), chips, from, newest, ..SearchPane::default() };
        }
        self.search.open = true;
        self.wants_focus = Some(Field::Search);
        if !self.search.has_answer() && !self.search.chips.is_empty() {
            self.start_search();
        }
    }

    pub(super) fn close_search(&mut self) {
        self.stop_search();
        self.search.open = false;
    }

    /// Forgets what was found: another log, or another history.
    pub(super) fn forget_search(&mut self) {
        self.stop_search();
        self.search = self.search.emptied();
    }

    /// Keeps the events of the selected row's type, or leaves them out.
    pub(super) fn filter_by_type(&mut self, excludes: bool) {
        let chosen = self.search.chosen.filter(|_| self.search.open).and_then(|index| self.search.hits.get(index));
        let event = match chosen {
            Some(hit) => Some(&hit.event),
            None => self.detail_row().and_then(|row| self.events.row(row)),
        };
        if let Some(value) = event.map(|event| event.event_type.to_string()) {
            self.apply_search(SearchAction::Name { name: Name::Type, value, excludes });
        }
    }

    fn set_search_text(&mut self, text: String) {
        let ends_word = text.ends_with(char::is_whitespace);
        self.search.text = text;
        self.search.fault = None;
        // A blank behind a whole term makes it a chip; inside of quotes it is text.
        if ends_word
            && Filter::parse(&self.search.text).is_ok_and(|filter| !filter.is_empty())
            && self.take_search_text()
        {
            self.start_search();
        }
    }

    /// Makes chips of the text; false where something is wrong with it.
    fn take_search_text(&mut self) -> bool {
        match Filter::parse(&self.search.text) {
            Ok(filter) => {
                for term in filter.terms() {
                    if !self.search.chips.contains(term) {
                        self.search.chips.push(term.clone());
                    }
                }
                self.search.text.clear();
                self.search.fault = None;
                true
            }
            Err(fault) => {
                self.search.fault = Some(fault);
                false
            }
        }
    }

    /// Adds a term, opens the screen over what is looked at, and looks for it.
    fn add_term(&mut self, term: Option<Term>) {
        let Some(term) = term else {
            self.say("A list or an object is no value to filter by");
            return;
        };
        if !self.search.open {
            let scope = self.scope.clone();
            self.open_search(scope);
        }
        // The same the other way round gives way.
        let opposite = term.text().strip_prefix('-').map_or_else(|| format!("-{}", term.text()), str::to_owned);
        self.search.chips.retain(|chip| chip.text() != opposite && chip.text() != term.text());
        self.search.chips.push(term);
        self.wants_focus = None;
        self.start_search();
    }

    /// The value at a place of the event on show.
    fn value_at(&self, part: Part, pointer: &str) -> Option<Value> {
        let shown = self.search.preview.as_ref().filter(|_| self.search.open).or(self.detail.as_ref())?;
        let event: Value = serde_json::from_str(&shown.json).ok()?;
        let root = match part {
            Part::Payload => "data",
            Part::Metadata => "metadata",
        };
        event.get(root)?.pointer(pointer).cloned()
    }

    fn start_search(&mut self) {
        self.stop_search();
        let pane = &mut self.search;
        let scope = pane.scope.clone().unwrap_or(Scope::Log);
        (pane.asked, pane.chosen, pane.preview, pane.ticket) = (None, None, None, None);
        pane.hits.clear();
        pane.facets.clear();
        pane.word = SearchPart::default();
        if pane.chips.is_empty() || self.log.is_none() {
            return;
        }
        let search = SearchFor { scope, filter: pane.filter().to_string(), from: pane.from };
        pane.newest.0 += 1;
        let ticket = pane.newest;
        pane.ticket = Some(ticket);
        pane.asked = Some(search.clone());
        self.request(Request::Search { generation: self.generation, ticket, search });
    }

    pub(super) fn stop_search(&mut self) {
        if self.search.is_searching() {
            self.search.newest.0 += 1;
            let ticket = self.search.newest;
            self.search.word.ended = Some(SearchEnd::Stopped);
            self.request(Request::StopSearch { ticket });
        }
    }

    pub(super) fn absorb_searched(&mut self, mut part: SearchPart) {
        let pane = &mut self.search;
        if Some(part.ticket) != pane.ticket {
            return;
        }
        // Hits come in the order of the search, and each word says how many came before: one that was lost or comes
        // again leaves no gap and no double.
        if part.first == pane.hits.len() as u64 {
            pane.hits.append(&mut part.hits);
        }
        part.hits.clear();
        if let Some(facets) = part.facets.take() {
            pane.facets = facets;
        }
        if pane.word.ended.is_none() && (part.ended.is_some() || part.scanned >= pane.word.scanned) {
            pane.word = part;
        }
        if pane.chosen.is_none() && !pane.hits.is_empty() {
            self.choose_hit(0);
        }
    }

    /// Takes the preview in, where it is of the chosen hit.
    pub(super) fn absorb_preview(&mut self, scope: &Scope, detail: &Arc<EventDetail>) -> bool {
        let pane = &mut self.search;
        let chosen = pane.chosen.and_then(|index| pane.hits.get(index));
        let is_wanted =
            pane.open && pane.scope.as_ref() == Some(scope) && chosen.is_some_and(|hit| hit.row == detail.row);
        if is_wanted {
            pane.preview = Some(Arc::clone(detail));
        }
        is_wanted
    }

    fn choose_hit(&mut self, index: usize) {
        let Some(hit) = self.search.hits.get(index) else { return };
        let (row, scope) = (hit.row, self.search.scope.clone().unwrap_or(Scope::Log));
        if self.search.chosen == Some(index) && self.search.preview.is_some() {
            return;
        }
        self.search.chosen = Some(index);
        self.search.preview = None;
        self.request(Request::Detail { generation: self.generation, scope, row });
    }

    /// Chooses the next hit, or the one before.
    pub(super) fn walk_hits(&mut self, by: i64) {
        let Some(last) = self.search.hits.len().checked_sub(1) else { return };
        let chosen = self.search.chosen.map_or(0, |chosen| {
            let to = i64::try_from(chosen).unwrap_or(0).saturating_add(by).max(0);
            usize::try_from(to).unwrap_or(0).min(last)
        });
        self.choose_hit(chosen);
    }

    fn go_to_hit(&mut self, index: usize) {
        let Some(hit) = self.search.hits.get(index) else { return };
        let (row, scope) = (hit.row, self.search.scope.clone().unwrap_or(Scope::Log));
        self.search.open = false;
        self.remember_visit();
        self.following = false;
        self.play.direction = 0;
        self.tab = Tab::Event;
        self.go_to(scope, row + 1);
    }

    /// Takes Enter: the chosen hit; false where there is none.
    pub(super) fn search_enter(&mut self) -> bool {
        let Some(chosen) = self.search.chosen.filter(|_| self.search.open) else { return false };
        self.go_to_hit(chosen);
        true
    }

    /// What the word that is being typed may go on to be.
    #[must_use]
    pub fn search_proposals(&self) -> Vec<String> {
        let word = &self.search.text[word_begin(&self.search.text)..];
        let (sign, word) = word.strip_prefix('-').map_or(("", word), |rest| ("-", rest));
        if word.is_empty() {
            return Vec::new();
        }
        let names: Vec<(Name, String)> = self.known_names();
        let mut proposals: Vec<String> = BEGINNINGS
            .into_iter()
            .filter(|beginning| beginning.starts_with(word) && *beginning != word)
            .map(str::to_owned)
            .collect();
        for (name, value) in names {
            let Some(term) = Term::of_name(name, &value, false) else { continue };
            let begins = word.split_once(':').is_some_and(|(field, typed)| {
                field == name.word() && value.to_lowercase().starts_with(&typed.trim_matches('"').to_lowercase())
            });
            if begins && term.text() != word {
                proposals.push(term.text().to_owned());
            }
        }
        for place in self.known_places() {
            let place = place.to_string();
            if word.len() >= 2 && place.starts_with(word) && place != word {
                proposals.push(place);
            }
        }
        proposals.dedup();
        proposals.truncate(PROPOSALS_MAX);
        proposals.into_iter().map(|proposal| format!("{sign}{proposal}")).collect()
    }

    /// Types, categories and streams that are known without a question.
    fn known_names(&self) -> Vec<(Name, String)> {
        let types = self.density.iter().flat_map(|density| density.by_type.iter());
        let mut names: Vec<(Name, String)> = types.map(|(name, _)| (Name::Type, name.to_string())).collect();
        for category in &self.streams.categories {
            names.push((Name::Category, category.info.category.to_string()));
            names.extend(category.streams.iter().map(|info| (Name::Stream, info.stream.to_string())));
        }
        names
    }

    /// Places that the event on show has values at.
    fn known_places(&self) -> Vec<Place> {
        let Some(shown) = self.search.preview.as_ref().or(self.detail.as_ref()) else { return Vec::new() };
        let of = |part: Part, lines: &crate::protocol::StateLines| {
            let pointers = (1..lines.lines.len().min(PLACES_MAX)).map(|index| lines.pointer(index));
            pointers.map(move |pointer| Place::at_pointer(part, &pointer)).collect()
        };
        let mut places: Vec<Place> = of(Part::Payload, &shown.data);
        places.extend::<Vec<Place>>(of(Part::Metadata, &shown.metadata));
        places
    }
}

/// Where the word begins that is being typed.
fn word_begin(text: &str) -> usize {
    text.rfind(char::is_whitespace).map_or(0, |at| at + text[at..].chars().next().map_or(0, char::len_utf8))
}
