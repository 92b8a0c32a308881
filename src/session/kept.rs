//! Picking up where one left: what of a session is kept for each log, and how it comes back; the same as a command line.

use super::{Session, Tab, View};
use crate::event::Scope;
use crate::limits::{PINS_MAX, STREAMS_KEPT_OPEN_MAX};
use crate::log::At;
use crate::protocol::{Generation, KeptView, Request};

/// Tabs by the name that is kept.
const TABS: [(Tab, &str); 6] = [
    (Tab::State, "state"),
    (Tab::Diff, "diff"),
    (Tab::Event, "event"),
    (Tab::Blame, "blame"),
    (Tab::Snapshots, "snapshots"),
    (Tab::Causation, "causation"),
];

/// What of the kept view is still to come.
#[derive(Clone, PartialEq, Debug, Default)]
pub(super) struct KeptPane {
    /// The view that a log is opened in, where the caller wants one.
    pub(super) wanted: Option<KeptView>,
    /// True once the kept view of the log is known: before, it must not be kept anew.
    pub(super) settled: bool,
    /// Categories that are opened as soon as they are known.
    pub(super) open_later: Vec<String>,
}

impl Session {
    /// What is kept of the open log; `None` where there is none, or a demo that will not be there the next time.
    #[must_use]
    pub fn kept_view(&self) -> Option<KeptView> {
        self.log.as_ref().filter(|log| !log.demo && self.kept.settled && self.events.extent.is_some())?;
        let open = self.streams.categories.iter().filter(|category| category.open);
        Some(KeptView {
            stream: self.scope.stream().map(|stream| stream.as_str().to_owned()),
            category: match &self.scope {
                Scope::Category(name) => Some(name.to_string()),
                _ => None,
            },
            cursor: (self.cursor < self.events.events()).then_some(self.cursor),
            version: None,
            tab: TABS.iter().find(|(tab, _)| *tab == self.tab).map(|(_, name)| (*name).to_owned()),
            throughput: self.view == View::Throughput,
            stream_filter: self.streams.filter.clone(),
            path_filter: self.state.filter.clone(),
            only_changed: self.state.only_changed,
            open_categories: open
                .map(|category| category.info.category.to_string())
                .take(STREAMS_KEPT_OPEN_MAX)
                .collect(),
            panes: self.panes,
            speed: Some(self.play.speed),
            pins: self.pins.paths.clone(),
            range: self.events.range,
        })
    }

    /// Opens a log in a view of the caller's instead of the one that was kept.
    pub fn open_at(&mut self, locator: &str, view: KeptView) {
        self.apply(super::Action::Open(locator.to_owned()));
        self.kept.wanted = Some(view);
    }

    /// Asks for the view of a log that was opened just now, where the caller wants none of its own.
    pub(super) fn ask_view(&mut self) {
        if let Some(view) = self.kept.wanted.take() {
            self.take_view(view);
            return;
        }
        let Some(locator) = self.locator() else { return };
        self.request(Request::LoadView { generation: self.generation, locator });
    }

    /// Takes the kept view, unless the person has gone somewhere else meanwhile.
    pub(super) fn absorb_view(&mut self, generation: Generation, view: Option<KeptView>) {
        if !self.is_of_this_log(generation) {
            return;
        }
        self.kept.settled = true;
        if let Some(view) = view.filter(|_| generation == self.generation) {
            self.take_view(view);
        }
    }

    fn take_view(&mut self, view: KeptView) {
        self.kept.settled = true;
        self.panes = view.panes;
        self.state.filter = view.path_filter;
        self.state.only_changed = view.only_changed;
        if let Some(speed) = view.speed {
            self.play.speed = speed.clamp(1, 10_000);
        }
        if view.throughput {
            self.view = View::Throughput;
        }
        let wanted = view.tab.as_deref();
        if let Some((tab, _)) = TABS.iter().find(|(_, name)| Some(*name) == wanted) {
            self.choose_tab(*tab);
        }
        self.kept.open_later = view.open_categories;
        self.open_kept_categories();
        if !view.stream_filter.is_empty() {
            self.set_stream_filter(view.stream_filter);
        }
        let scope = match (view.stream, view.category) {
            (Some(stream), _) => Scope::Stream(stream.as_str().into()),
            (None, Some(category)) => Scope::Category(category.as_str().into()),
            (None, None) => Scope::Log,
        };
        if scope != self.scope {
            self.choose_scope(scope);
        }
        self.pins.paths = view.pins.into_iter().take(PINS_MAX).collect();
        self.ask_pins();
        self.events.range = view.range.filter(|(from, to)| from < to);
        if let Some(version) = view.version {
            let (generation, scope) = (self.generation, self.scope.clone());
            self.request(Request::Locate { generation, scope, at: At::Version(version) });
        } else if let Some(cursor) = view.cursor {
            if self.events.extent.is_some() {
                self.move_cursor(cursor);
            } else {
                self.landing = Some(cursor);
            }
        }
        let scope = self.scope.clone();
        self.streams.highlight(|row| row.shows(&scope));
    }

    /// Opens the categories that were open, as soon as they are known.
    pub(super) fn open_kept_categories(&mut self) {
        let known: Vec<String> = self
            .kept
            .open_later
            .iter()
            .filter(|name| self.streams.categories.iter().any(|category| *category.info.category == ***name))
            .cloned()
            .collect();
        self.kept.open_later.retain(|name| !known.contains(name));
        for name in known {
            if self.streams.category_mut(&name).is_some_and(|category| !category.open) {
                self.toggle_category(&name);
            }
        }
    }

    pub(super) fn forget_view(&mut self) {
        let Some(locator) = self.locator() else { return };
        self.panes = crate::protocol::Panes::default();
        self.request(Request::KeepView { locator, view: None });
        self.say("The view of this log is forgotten; from now on it is kept anew");
    }

    /// A command line that opens the same view.
    pub(super) fn copy_command_line(&mut self) {
        let Some(log) = &self.log else { return };
        let mut words = vec!["eventscope".to_owned(), quoted(&log.info.locator)];
        match &self.scope {
            Scope::Log => {}
            Scope::Category(name) => words.extend(["--category".to_owned(), quoted(name)]),
            Scope::Stream(stream) => words.extend(["--stream".to_owned(), quoted(stream.as_str())]),
        }
        let version = self.scope.stream().and(self.state.shown.as_ref()).filter(|_| self.state_is_current());
        if self.cursor < self.events.events() {
            match version.and_then(|state| state.version) {
                Some(version) => words.extend(["--at-version".to_owned(), version.to_string()]),
                None => words.extend(["--position".to_owned(), self.cursor.to_string()]),
            }
        }
        if let Some((_, tab)) = TABS.iter().find(|(tab, _)| *tab == self.tab && *tab != Tab::State) {
            words.extend(["--tab".to_owned(), (*tab).to_owned()]);
        }
        if self.view == View::Throughput {
            words.extend(["--view".to_owned(), "live".to_owned()]);
        }
        self.copied = Some(words.join(" "));
        self.say("Copied a command line that opens this view");
    }
}

/// A word as a POSIX shell reads it.
fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:@%+=,".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', "'\\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shell_reads_back_what_was_meant() {
        assert_eq!(quoted("/home/ana/ledger.db"), "/home/ana/ledger.db");
        assert_eq!(quoted("my log.db"), "'my log.db'");
        assert_eq!(quoted("it's"), "'it'\\''s'");
        assert_eq!((quoted(""), quoted("$(x)")), ("''".to_owned(), "'$(x)'".to_owned()));
    }
}
