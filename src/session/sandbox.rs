//! The sandbox: changes to the events of a stream, and what they would make of its state. The log is never touched.

use std::sync::Arc;

use super::{Field, Session};
use crate::event::{StreamId, Value};
use crate::limits::EDITS_MAX;
use crate::protocol::{Edit, EventDetail, Made, Request, SandboxAt, SandboxFor, Ticket};

/// The sandbox.
#[derive(Clone, Debug, Default)]
pub struct SandboxPane {
    /// The stream whose events are changed.
    pub stream: Option<StreamId>,
    /// The changes, the oldest first.
    pub changes: Vec<SandboxChange>,
    /// The newest answer.
    pub shown: Option<Arc<SandboxAt>>,
    /// The dialog that is open.
    pub dialog: Option<EventDialog>,
    /// The row whose payload is being read to be edited.
    editing: Option<u64>,
}

/// A change to one event.
#[derive(Clone, PartialEq, Debug)]
pub struct SandboxChange {
    /// It.
    pub edit: Edit,
    /// The type of the event.
    pub event_type: Arc<str>,
    /// The event's version; of one that is put in, that of the event before it.
    pub version: Option<i64>,
}

/// An event that is being written.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct EventDialog {
    /// The row that it is in place of, or before which it is put in.
    pub row: u64,
    /// True where it is put in.
    pub inserts: bool,
    /// Its type.
    pub event_type: String,
    /// Its payload as JSON.
    pub data: String,
    /// What is wrong with the payload.
    pub mistake: Option<String>,
    was_type: String,
    was_data: Value,
}

/// What a person does in the sandbox.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum SandboxAction {
    /// The type in the dialog changed.
    SetType(String),
    /// The payload in the dialog changed.
    SetData(String),
    /// Take the event of the dialog.
    Confirm,
    /// Take a change back, by its index.
    Undo(usize),
    /// Leave the sandbox: all changes are dropped.
    Leave,
}

/// What the sandbox makes of the event of a row.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum RowMark<'a> {
    /// It did not happen.
    Off,
    /// It was another one.
    Edited(Option<&'a str>, Option<&'a Value>),
    /// It happened elsewhere.
    Moved(u64),
}

impl Session {
    /// True where the events on show are those of the sandbox.
    #[must_use]
    pub fn is_sandbox(&self) -> bool {
        !self.sandbox.changes.is_empty() && self.sandbox.stream.as_ref() == self.scope.stream()
    }

    pub(super) fn apply_sandbox(&mut self, action: SandboxAction) {
        match action {
            SandboxAction::SetType(text) => {
                if let Some(dialog) = &mut self.sandbox.dialog {
                    dialog.event_type = text;
                }
            }
            SandboxAction::SetData(text) => {
                if let Some(dialog) = &mut self.sandbox.dialog {
                    dialog.data = text;
                    dialog.mistake = None;
                }
            }
            SandboxAction::Confirm => self.confirm_event(),
            SandboxAction::Undo(index) => {
                if index < self.sandbox.changes.len() {
                    self.sandbox.changes.remove(index);
                    self.ask_sandbox();
                }
            }
            SandboxAction::Leave => self.leave_sandbox(),
        }
    }

    /// The row that a change is about: the selected one, else the one at the cursor. Says why where there is none.
    fn row_to_change(&mut self) -> Option<u64> {
        let row = self.detail_row();
        if self.scope.stream().is_none() {
            self.say("Choose a stream first: the sandbox changes the events of one stream");
            return None;
        }
        if row.is_none() {
            self.say("Select an event first: the sandbox then changes it");
        }
        row
    }

    /// Switches an event off, or on again.
    pub(super) fn sandbox_toggle(&mut self) {
        let Some(row) = self.row_to_change() else { return };
        let off = self.sandbox.changes.iter().position(|change| change.edit == Edit::Skip(row) && self.is_sandbox());
        if let Some(index) = off {
            self.sandbox.changes.remove(index);
            self.ask_sandbox();
        } else {
            self.drop_changes_of(row);
            self.add_change(Edit::Skip(row), row);
        }
    }

    /// Moves an event one place earlier or later.
    pub(super) fn sandbox_move(&mut self, later: bool) {
        let Some(row) = self.row_to_change() else { return };
        let last = self.events.events();
        let here = self.sandbox.changes.iter().find_map(|change| match change.edit {
            Edit::Move { row: moved, before } if moved == row => Some(before),
            _ => None,
        });
        // It stands before this row now.
        let now = here.unwrap_or(row);
        let before = if later { if here.is_none() { now + 2 } else { now + 1 } } else { now.saturating_sub(1) };
        let before = before.min(last);
        self.drop_changes_of(row);
        if before == row || before == row + 1 {
            self.ask_sandbox();
        } else {
            self.add_change(Edit::Move { row, before }, row);
        }
    }

    /// Opens the dialog with the event's payload, once that is read.
    pub(super) fn sandbox_edit(&mut self) {
        let Some(row) = self.row_to_change() else { return };
        let edited = self.sandbox.changes.iter().find_map(|change| match &change.edit {
            Edit::Replace { row: edited, .. } if *edited == row && self.is_sandbox() => Some(change.edit.clone()),
            _ => None,
        });
        self.sandbox.editing = Some(row);
        match self.detail.clone().filter(|detail| detail.row == row) {
            Some(detail) => self.open_event_dialog(&detail, edited.as_ref()),
            None => self.request(Request::Detail { generation: self.generation, scope: self.scope.clone(), row }),
        }
    }

    /// Opens the dialog of an event that is put in after the selected one.
    pub(super) fn sandbox_insert(&mut self) {
        let row = if self.scope.stream().is_some() { self.detail_row().map_or(0, |row| row + 1) } else { 0 };
        if self.scope.stream().is_none() {
            self.say("Choose a stream first: the sandbox changes the events of one stream");
            return;
        }
        let like = self.events.row(row.saturating_sub(1)).map(|event| event.event_type.to_string()).unwrap_or_default();
        self.sandbox.dialog = Some(EventDialog {
            row,
            inserts: true,
            event_type: like,
            data: "{\n}".to_owned(),
            mistake: None,
            was_type: String::new(),
            was_data: Value::Null,
        });
        self.wants_focus = Some(Field::EventType);
    }

    /// The event that was read to be edited.
    pub(super) fn absorb_edited(&mut self, detail: &EventDetail) {
        if self.sandbox.editing == Some(detail.row) {
            self.open_event_dialog(detail, None);
        }
    }

    fn open_event_dialog(&mut self, detail: &EventDetail, edited: Option<&Edit>) {
        self.sandbox.editing = None;
        if let Some(fault) = &detail.fault {
            self.say(format!("An event that cannot be decoded cannot be edited: {fault}"));
            return;
        }
        let whole: Value = serde_json::from_str(&detail.json).unwrap_or_default();
        let was_data = whole.get("data").cloned().unwrap_or_default();
        let was_type = detail.event_type.to_string();
        let (data, event_type) = match edited {
            Some(Edit::Replace { data, event_type, .. }) => (
                data.clone().unwrap_or_else(|| was_data.clone()),
                event_type.clone().unwrap_or_else(|| was_type.clone()),
            ),
            _ => (was_data.clone(), was_type.clone()),
        };
        let data = serde_json::to_string_pretty(&data).unwrap_or_default();
        let row = detail.row;
        self.sandbox.dialog =
            Some(EventDialog { row, inserts: false, event_type, data, mistake: None, was_type, was_data });
        self.wants_focus = Some(Field::EventData);
    }

    fn confirm_event(&mut self) {
        let Some(mut dialog) = self.sandbox.dialog.take() else { return };
        let data: Value = match serde_json::from_str(&dialog.data) {
            Ok(data) => data,
            Err(error) => {
                dialog.mistake = Some(format!("The payload is no JSON: {error}"));
                self.sandbox.dialog = Some(dialog);
                return;
            }
        };
        let event_type = dialog.event_type.trim().to_owned();
        if event_type.is_empty() {
            dialog.mistake = Some("The event needs a type".to_owned());
            self.sandbox.dialog = Some(dialog);
            return;
        }
        let row = dialog.row;
        if dialog.inserts {
            let event = Made { event_type, data, ..Made::default() };
            self.add_change(Edit::Insert { row, event }, row.saturating_sub(1));
            return;
        }
        self.drop_changes_of(row);
        let data = (data != dialog.was_data).then_some(data);
        let event_type = (event_type != dialog.was_type).then_some(event_type);
        if data.is_none() && event_type.is_none() {
            self.ask_sandbox();
        } else {
            self.add_change(Edit::Replace { row, data, event_type }, row);
        }
    }

    /// What was made of a row before gives way.
    fn drop_changes_of(&mut self, row: u64) {
        if self.sandbox.stream.as_ref() == self.scope.stream() {
            self.sandbox.changes.retain(|change| match &change.edit {
                Edit::Skip(of) | Edit::Replace { row: of, .. } | Edit::Move { row: of, .. } => *of != row,
                Edit::Insert { .. } => true,
            });
        }
    }

    fn add_change(&mut self, edit: Edit, row: u64) {
        let Some(stream) = self.scope.stream().cloned() else { return };
        if self.sandbox.stream.as_ref() != Some(&stream) {
            self.sandbox = SandboxPane { stream: Some(stream), ..SandboxPane::default() };
        }
        if self.sandbox.changes.len() >= EDITS_MAX {
            self.say("The sandbox holds as many changes as it can: take one back first");
            return;
        }
        let event = self.events.row(row);
        let event_type = match &edit {
            Edit::Insert { event, .. } => Arc::from(event.event_type.as_str()),
            _ => event.map_or_else(|| Arc::from(""), |event| Arc::clone(&event.event_type)),
        };
        let version = event.and_then(|event| event.version);
        self.sandbox.changes.push(SandboxChange { edit, event_type, version });
        self.ask_sandbox();
    }

    pub(super) fn undo_sandbox(&mut self) {
        if self.sandbox.changes.pop().is_some() {
            self.ask_sandbox();
        } else {
            self.say("There is no change to take back: Y switches the selected event off");
        }
    }

    pub(super) fn leave_sandbox(&mut self) {
        if self.sandbox.changes.is_empty() {
            self.say("There is no sandbox: Y switches the selected event off in one");
            return;
        }
        let dropped = self.sandbox.changes.len();
        self.sandbox = SandboxPane::default();
        self.sandbox_ticket.0 += 1;
        self.say(format!("Left the sandbox, {dropped} changes are dropped. Nothing was written"));
    }

    /// Asks how the two lines compare at the cursor.
    pub(super) fn ask_sandbox(&mut self) {
        if self.sandbox.changes.is_empty() {
            self.sandbox.shown = None;
            return;
        }
        if !self.is_sandbox() {
            return;
        }
        let Some(stream) = self.sandbox.stream.clone() else { return };
        self.sandbox_ticket.0 += 1;
        let edits = self.sandbox.changes.iter().map(|change| change.edit.clone()).collect();
        let path = self.sandbox_path();
        let asked = SandboxFor { stream, edits, position: self.cursor, path };
        let (generation, ticket) = (self.generation, self.sandbox_ticket);
        self.request(Request::Sandbox { generation, ticket, asked });
    }

    /// The path whose values are drawn: the selected one, else the first pinned.
    fn sandbox_path(&self) -> Option<String> {
        self.state.selected.clone().or_else(|| self.pins.paths.first().cloned())
    }

    pub(super) fn absorb_sandbox(&mut self, at: Arc<SandboxAt>) {
        if at.ticket == self.sandbox_ticket && self.sandbox.stream.as_ref() == Some(&at.asked.stream) {
            self.sandbox.shown = Some(at);
        }
    }

    /// The newest answer, where it is about these changes; it may be about another position than the cursor's.
    #[must_use]
    pub fn sandbox_on_show(&self) -> Option<&Arc<SandboxAt>> {
        let edits = || self.sandbox.changes.iter().map(|change| &change.edit);
        self.sandbox.shown.as_ref().filter(|at| at.refused.is_some() || at.asked.edits.iter().eq(edits()))
    }

    /// True while the answer about the cursor is on its way.
    #[must_use]
    pub fn sandbox_is_late(&self) -> bool {
        let known = self.sandbox_on_show().is_some_and(|at| at.refused.is_some() || at.asked.position == self.cursor);
        self.is_sandbox() && !known
    }

    /// What the sandbox makes of the event of a row.
    #[must_use]
    pub fn sandbox_mark(&self, row: u64) -> Option<RowMark<'_>> {
        if !self.is_sandbox() {
            return None;
        }
        self.sandbox.changes.iter().find_map(|change| match &change.edit {
            Edit::Skip(of) if *of == row => Some(RowMark::Off),
            Edit::Replace { row: of, data, event_type } if *of == row => {
                Some(RowMark::Edited(event_type.as_deref(), data.as_ref()))
            }
            Edit::Move { row: of, before } if *of == row => Some(RowMark::Moved(*before)),
            _ => None,
        })
    }

    /// The events that are put in, or moved, before a row.
    pub fn sandbox_arrivals(&self, row: u64) -> impl Iterator<Item = &SandboxChange> {
        let on = self.is_sandbox();
        self.sandbox.changes.iter().filter(move |change| match &change.edit {
            Edit::Insert { row: before, .. } | Edit::Move { before, .. } => on && *before == row,
            Edit::Skip(_) | Edit::Replace { .. } => false,
        })
    }

    /// The first row that is changed.
    #[must_use]
    pub fn sandbox_first(&self) -> Option<u64> {
        let first = |change: &SandboxChange| match change.edit {
            Edit::Skip(row) | Edit::Replace { row, .. } | Edit::Insert { row, .. } => row,
            Edit::Move { row, before } => row.min(before),
        };
        self.sandbox.changes.iter().filter(|_| self.is_sandbox()).map(first).min()
    }
}

/// The ticket of the newest question about a sandbox.
pub(super) type SandboxTicket = Ticket;
