//! Bookmarks and notes: places that the person wants to find again, kept in the companion file of the log.

use super::{Field, Session};
use crate::event::{Scope, Seq};
use crate::limits::BOOKMARKS_MAX;
use crate::log::At;
use crate::protocol::{Bookmark, EventRow, Request};

/// The list of bookmarks while it is open.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct BookmarksPane {
    /// The one whose note is written.
    pub chosen: usize,
}

impl Session {
    /// The bookmark of an event, if it has one.
    #[must_use]
    pub fn bookmark_of(&self, event: &EventRow) -> Option<&Bookmark> {
        self.bookmarks.iter().find(|mark| mark.seq == event.seq && mark.stream == event.stream)
    }

    /// Sets a bookmark at the selected event, or the one at the cursor; takes it away where there is one.
    pub(super) fn toggle_bookmark(&mut self) {
        let Some(event) = self.detail_row().and_then(|row| self.events.row(row)) else {
            if self.log.is_some() {
                self.say("There is no event here: step forward first");
            }
            return;
        };
        let mark = bookmark(event);
        match self.bookmarks.iter().position(|known| known.is_at(&mark)) {
            Some(index) => self.remove_bookmark(index),
            None if self.bookmarks.len() >= BOOKMARKS_MAX => {
                self.complain(format!("Cannot keep more than {BOOKMARKS_MAX} bookmarks of one log: remove some"));
            }
            None => self.keep_bookmark(mark),
        }
    }

    fn keep_bookmark(&mut self, mark: Bookmark) {
        self.bookmarks.push(mark.clone());
        sort(&mut self.bookmarks);
        self.ask_to_keep(mark);
    }

    /// Takes a bookmark away.
    pub(super) fn remove_bookmark(&mut self, index: usize) {
        if index < self.bookmarks.len() {
            let bookmark = self.bookmarks.remove(index);
            let Some(locator) = self.locator() else { return };
            self.request(Request::RemoveBookmark {
                generation: self.generation,
                locator,
                bookmark: Box::new(bookmark),
            });
        }
    }

    /// Opens the list of bookmarks, at the one of the selected event; sets one there where there is none.
    pub(super) fn write_note(&mut self) {
        let Some(event) = self.detail_row().and_then(|row| self.events.row(row)) else { return };
        let mark = bookmark(event);
        if !self.bookmarks.iter().any(|known| known.is_at(&mark)) {
            self.toggle_bookmark();
        }
        let chosen = self.bookmarks.iter().position(|known| known.is_at(&mark)).unwrap_or(0);
        self.bookmarks_pane = Some(BookmarksPane { chosen });
        self.wants_focus = Some(Field::Note);
    }

    pub(super) fn toggle_bookmarks(&mut self) {
        self.bookmarks_pane = match self.bookmarks_pane {
            Some(_) => None,
            None => self.log.is_some().then(BookmarksPane::default),
        };
    }

    pub(super) fn choose_bookmark(&mut self, index: usize) {
        if let Some(pane) = &mut self.bookmarks_pane {
            pane.chosen = index.min(self.bookmarks.len().saturating_sub(1));
        }
    }

    /// The note of the chosen bookmark changed.
    pub(super) fn set_note(&mut self, note: String) {
        let Some(index) = self.bookmarks_pane.as_ref().map(|pane| pane.chosen) else { return };
        if let Some(mark) = self.bookmarks.get_mut(index) {
            mark.note = note;
            let bookmark = mark.clone();
            self.outbox.retain(
                |waiting| !matches!(waiting, Request::KeepBookmark { bookmark: old, .. } if old.is_at(&bookmark)),
            );
            self.ask_to_keep(bookmark);
        }
    }

    /// Goes to a bookmark: in the scope where it holds the event, else in its stream.
    pub(super) fn go_to_bookmark(&mut self, index: usize) {
        let Some(mark) = self.bookmarks.get(index).cloned() else { return };
        self.bookmarks_pane = None;
        let inside = match &self.scope {
            Scope::Log => true,
            Scope::Category(_) => false,
            Scope::Stream(stream) => *stream == mark.stream,
        };
        if !inside {
            self.remember_visit();
            self.choose_scope(Scope::Stream(mark.stream.clone()));
        }
        self.seek_bookmark(&mark);
    }

    fn seek_bookmark(&mut self, mark: &Bookmark) {
        let number = mark.seq.parse::<i64>().ok().map(|number| At::Seq(Seq::Number(number)));
        let at = match (&self.scope, mark.version) {
            (Scope::Stream(_), Some(version)) => Some(At::Version(version)),
            _ => number,
        };
        match at {
            Some(at) => {
                let (generation, scope) = (self.generation, self.scope.clone());
                self.request(Request::Locate { generation, scope, at });
            }
            None => self.say("This bookmark's place has no number in this scope"),
        }
    }

    /// The next bookmark of the scope after the cursor, or the one before.
    pub(super) fn next_bookmark(&mut self, forward: bool) {
        let here = self.cursor_row().and_then(|row| self.events.row(row)).map(bookmark);
        let inside = |mark: &&Bookmark| match &self.scope {
            Scope::Stream(stream) => mark.stream == *stream,
            _ => true,
        };
        let marks: Vec<&Bookmark> = self.bookmarks.iter().filter(inside).collect();
        let found = if forward {
            marks.iter().find(|mark| here.as_ref().is_none_or(|here| order(here) < order(mark)))
        } else {
            marks.iter().rev().find(|mark| here.as_ref().is_some_and(|here| order(mark) < order(here)))
        };
        match found.map(|mark| (*mark).clone()) {
            Some(mark) => self.seek_bookmark(&mark),
            None if self.log.is_none() => {}
            None if forward => self.say("No bookmark after the cursor"),
            None => self.say("No bookmark before the cursor"),
        }
    }

    fn ask_to_keep(&mut self, bookmark: Bookmark) {
        if let Some(locator) = self.locator() {
            self.request(Request::KeepBookmark { generation: self.generation, locator, bookmark: Box::new(bookmark) });
        }
    }

    pub(super) fn absorb_bookmarks(&mut self, mut bookmarks: Vec<Bookmark>) {
        sort(&mut bookmarks);
        self.bookmarks = bookmarks;
    }
}

fn bookmark(event: &EventRow) -> Bookmark {
    Bookmark {
        stream: event.stream.clone(),
        version: event.version,
        seq: event.seq.clone(),
        event_type: event.event_type.to_string(),
        time: event.time,
        note: String::new(),
    }
}

/// The log's own order, as far as its keys are numbers.
fn order(mark: &Bookmark) -> (i64, &str) {
    (mark.seq.parse().unwrap_or(i64::MAX), &mark.seq)
}

fn sort(bookmarks: &mut [Bookmark]) {
    bookmarks.sort_by(|a, b| order(a).cmp(&order(b)));
}
