//! Which streams, which scope, which tab.

use super::{Action, Session, StreamRow, Tab};
use crate::event::{Scope, StreamId};
use crate::limits::STREAMS_PAGE;
use crate::log::StreamPage;
use crate::protocol::Request;

impl Session {
    pub(super) fn set_stream_filter(&mut self, text: String) {
        if text == self.streams.filter {
            return;
        }
        self.streams.filter = text;
        // The keys stand on the first stream that is found.
        self.streams.highlighted = usize::from(!self.streams.filter.is_empty());
        self.streams.found = None;
        if !self.streams.filter.is_empty() && self.log.is_some() {
            self.streams.found = Some(super::Found { loading: true, ..super::Found::default() });
            self.outbox.retain(|waiting| !matches!(waiting, Request::Streams { page, .. } if page.contains.is_some()));
            self.ask_streams(None, None);
        }
    }

    pub(super) fn toggle_category(&mut self, name: &str) {
        let Some(category) = self.streams.category_mut(name) else { return };
        category.open = !category.open;
        if category.open && category.streams.is_empty() && !category.loading {
            category.loading = true;
            self.ask_streams(Some(name), None);
        }
    }

    pub(super) fn more_streams(&mut self, category: Option<&str>) {
        let list = match category {
            Some(name) => self.streams.category_mut(name).map(|list| (&list.streams, &mut list.loading, list.complete)),
            None => self.streams.found.as_mut().map(|list| (&list.streams, &mut list.loading, list.complete)),
        };
        let Some((streams, loading, false)) = list else { return };
        if !std::mem::replace(loading, true) {
            let after = streams.last().map(|stream| stream.stream.clone());
            self.ask_streams(category, after);
        }
    }

    pub(super) fn ask_streams(&mut self, category: Option<&str>, after: Option<StreamId>) {
        let contains = if category.is_some() { None } else { Some(self.streams.filter.clone()) };
        let page = StreamPage { category: category.map(str::to_owned), contains, after, limit: STREAMS_PAGE };
        self.request(Request::Streams { generation: self.generation, page });
    }

    /// Looks at another scope, from its newest event.
    pub(super) fn choose_scope(&mut self, scope: Scope) {
        if self.log.is_none() || (scope == self.scope && self.events.extent.is_some()) {
            return;
        }
        let generation = self.next_generation();
        self.outbox.retain(|waiting| {
            !matches!(
                waiting,
                Request::Rows { .. }
                    | Request::Changes { .. }
                    | Request::Seek { .. }
                    | Request::Blame { .. }
                    | Request::Pins { .. }
                    | Request::Diff { .. }
                    | Request::Detail { .. }
                    | Request::Extent { .. }
                    | Request::Density { .. }
            )
        });
        let as_of = self.instant.clone();
        self.scope = scope;
        self.leave_find();
        self.leave_causation();
        self.events = super::EventsPane::with_room(self.events.rows_shown);
        self.cursor = 0;
        self.following = false;
        self.landing = None;
        self.play.direction = 0;
        self.state.clear();
        self.state.selected = None;
        self.diff.shown = None;
        self.blame = super::BlamePane::default();
        self.detail = None;
        self.density = None;
        self.strip = super::StripPane { table: self.strip.table, ..super::StripPane::default() };
        self.snapshots = None;
        self.snapshot_dialog = None;
        self.request(Request::Extent { generation, scope: self.scope.clone(), as_of });
        self.request(Request::Density { generation, scope: self.scope.clone(), span: None });
        if let Some(stream) = self.scope.stream().cloned() {
            self.request(Request::Snapshots { generation, stream });
        }
    }

    pub(super) fn choose_highlighted(&mut self) {
        let rows = self.streams.rows();
        let action = match rows.get(self.streams.highlighted) {
            Some(StreamRow::Log) => Action::ChooseScope(Scope::Log),
            Some(StreamRow::Category(category)) => Action::ToggleCategory(category.info.category.to_string()),
            Some(StreamRow::Stream(stream, _)) => Action::ChooseScope(Scope::Stream(stream.stream.clone())),
            Some(StreamRow::More(category)) => {
                Action::MoreStreams(category.map(|category| category.info.category.to_string()))
            }
            None => return,
        };
        self.apply(action);
    }

    pub(super) fn choose_tab(&mut self, tab: Tab) {
        self.tab = tab;
        self.ask_detail();
        match tab {
            Tab::Diff => self.ask_diff(),
            Tab::Blame => self.ask_blame(),
            Tab::Snapshots => self.ask_snapshots(),
            Tab::State | Tab::Event | Tab::Causation => {}
        }
    }

    /// The stream whose state is on show.
    #[must_use]
    pub fn stream_on_show(&self) -> Option<&StreamId> {
        self.scope.stream().or_else(|| self.state.shown.as_ref().and_then(|state| state.stream.as_ref()))
    }
}
