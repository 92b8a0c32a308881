//! Which reducer folds, what is wrong with it, and what another one made of the state.

use std::sync::Arc;

use super::{Field, Session, Tab};
use crate::protocol::{Generation, ReducerChoice, ReducersInfo, Refolded, Reply, Request, StateAt, Trouble};

/// What the window knows of reducers.
#[derive(Clone, Debug, Default)]
pub struct ReducerPane {
    /// How the streams are folded; `None` until that is known.
    pub info: Option<Arc<ReducersInfo>>,
    /// What the person chose.
    pub choice: ReducerChoice,
    /// True where a category or the whole log is folded into one state.
    pub together: bool,
    /// How the state on show differs from what the reducer before made of it, until the cursor moves on.
    pub refolded: Option<Arc<Refolded>>,
    /// True while that is shown in place of the state.
    pub shows_refolded: bool,
    /// The dialog that is open.
    pub dialog: Option<ReducerDialog>,
    pub(super) early: Option<(Generation, Arc<ReducersInfo>)>,
}

/// The dialogs about reducers.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum ReducerDialog {
    /// A file is to be named.
    Choose {
        /// What was typed.
        path: String,
    },
    /// A program is to be run, and nobody has said yes to it.
    Allow {
        /// The reducer's file.
        file: String,
        /// The whole command line.
        command: String,
    },
}

/// What a person does about reducers.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum ReducerAction {
    /// The path in the dialog changed.
    SetPath(String),
    /// Ask for a file in the system's dialog.
    Browse,
    /// Yes: what the dialog asks for.
    Confirm,
    /// Show, or show no more, what the reducer changed in the state.
    ToggleRefolded,
}

impl Session {
    pub(super) fn apply_reducer(&mut self, action: ReducerAction) {
        match action {
            ReducerAction::SetPath(text) => {
                if let Some(ReducerDialog::Choose { path }) = &mut self.reducer.dialog {
                    *path = text;
                }
            }
            ReducerAction::Browse => self.request(Request::PickReducer),
            ReducerAction::Confirm => self.confirm_reducer(),
            ReducerAction::ToggleRefolded => {
                self.reducer.shows_refolded = !self.reducer.shows_refolded && self.reducer.refolded.is_some();
            }
        }
    }

    /// Folds with another reducer from now on.
    pub(super) fn use_reducer(&mut self, choice: ReducerChoice) {
        if self.log.is_none() {
            return;
        }
        self.reducer.choice = choice.clone();
        self.request(Request::UseReducer { generation: self.generation, choice });
    }

    /// In a category or the whole log: one state of all events, or that of each event's own stream.
    pub(super) fn toggle_together(&mut self) {
        if self.log.is_none() {
            return;
        }
        self.reducer.together = !self.reducer.together;
        let together = self.reducer.together;
        self.request(Request::FoldTogether { generation: self.generation, together });
        self.say(if together {
            "In a category and in the whole log, all events make one state now"
        } else {
            "In a category and in the whole log, each event's own stream is shown now"
        });
        self.refold();
    }

    pub(super) fn open_reducer_dialog(&mut self) {
        if self.log.is_none() {
            return;
        }
        let path = match &self.reducer.choice {
            ReducerChoice::File(path) => path.clone(),
            _ => self.state.shown.as_ref().and_then(|state| state.by.file.clone()).unwrap_or_default(),
        };
        self.reducer.dialog = Some(ReducerDialog::Choose { path });
        self.wants_focus = Some(Field::Reducer);
    }

    /// Asks whether the program of the reducer of the state on show may run, where nobody has said so yet.
    pub(super) fn open_allow_dialog(&mut self) {
        match self.reducer_trouble() {
            Some(Trouble::Unasked { file, command }) => {
                let (file, command) = (file.clone(), command.clone());
                self.reducer.dialog = Some(ReducerDialog::Allow { file, command });
            }
            _ => self.say("No reducer here waits to run a program"),
        }
    }

    pub(super) fn confirm_reducer(&mut self) {
        match self.reducer.dialog.take() {
            Some(ReducerDialog::Choose { path }) if path.trim().is_empty() => {
                self.reducer.dialog = Some(ReducerDialog::Choose { path });
                self.wants_focus = Some(Field::Reducer);
            }
            Some(ReducerDialog::Choose { path }) => self.use_reducer(ReducerChoice::File(path.trim().to_owned())),
            Some(ReducerDialog::Allow { file, .. }) => {
                self.request(Request::AllowProcess { generation: self.generation, file });
            }
            None => {}
        }
    }

    /// What is wrong with the reducer of the state on show.
    #[must_use]
    pub fn reducer_trouble(&self) -> Option<&Trouble> {
        self.state.shown.as_ref().and_then(|state| state.by.trouble.as_ref())
    }

    /// Takes in how the streams are folded: then everything is folded anew.
    pub(super) fn absorb_reducers(&mut self, generation: Generation, info: Arc<ReducersInfo>) {
        if !self.is_of_this_log(generation) {
            if generation == self.generation {
                self.reducer.early = Some((generation, info));
            }
            return;
        }
        // Of two choices the newer one counts, in whatever order they are answered.
        if info.choice != self.reducer.choice {
            return;
        }
        let first = self.reducer.info.replace(info).is_none();
        if !first {
            self.refold();
        }
    }

    pub(super) fn absorb_picked_reducer(&mut self, picked: Option<String>) {
        if let (Some(ReducerDialog::Choose { path }), Some(picked)) = (&mut self.reducer.dialog, picked) {
            *path = picked;
        }
    }

    /// Asks for the state at the cursor again: its reducer may be another one now.
    pub(super) fn refold(&mut self) {
        if self.events.extent.is_none() {
            return;
        }
        self.ticket.0 += 1;
        let (generation, ticket, position) = (self.generation, self.ticket, self.cursor);
        self.request(Request::Seek { generation, ticket, scope: self.scope.clone(), position });
        self.ask_snapshots();
        self.find_again();
    }

    /// Notes what a state says about its reducer. What another reducer folded is out of date.
    pub(super) fn note_reducer(&mut self, before: Option<&StateAt>, now: &StateAt) {
        let same_stream = before.is_some_and(|before| before.stream == now.stream);
        if same_stream && before.is_some_and(|before| before.reducer != now.reducer) {
            self.events.forget_changes();
            self.ask_rows();
        }
        let moved = before.is_none_or(|before| before.position != now.position || before.stream != now.stream);
        if let Some(refolded) = &now.by.refolded {
            self.reducer.refolded = Some(Arc::clone(refolded));
        } else if moved || before.is_some_and(|before| before.reducer != now.reducer) {
            self.reducer.refolded = None;
        }
        self.reducer.shows_refolded &= self.reducer.refolded.is_some();
    }

    /// True where an answer was folded by the reducer of the state on show.
    pub(super) fn is_of_reducer(&self, reducer: &str) -> bool {
        self.state.shown.as_ref().is_none_or(|state| state.reducer == reducer)
    }

    pub(super) fn absorb_changes(&mut self, reply: Reply) {
        let Reply::Changes { generation, stream, first, changes, reducer } = reply else { return };
        if generation == self.generation && self.scope.stream() == Some(&stream) {
            if self.is_of_reducer(&reducer) {
                self.events.absorb_changes(first, changes);
            } else {
                self.events.forget_changes_asked(first);
                self.ask_rows();
            }
        }
    }

    /// Asks what the events in view did, where that is not known.
    pub(super) fn ask_changes(&mut self) {
        let Some(stream) = self.scope.stream().cloned() else { return };
        for (first, count) in self.events.changes_missing() {
            self.events.note_changes_asked(first, count);
            self.request(Request::Changes { generation: self.generation, stream: stream.clone(), first, count });
        }
    }

    /// What a script printed at the event that the Event tab shows.
    #[must_use]
    pub fn console_on_show(&self) -> &[String] {
        let at_cursor = self.tab == Tab::Event && self.detail_row() == self.cursor_row() && self.state_is_current();
        match &self.state.shown {
            Some(state) if at_cursor => &state.by.console,
            _ => &[],
        }
    }
}
