//! The reducer view: a reducer's text while it is edited, and what it makes of the stream beside the saved one.

use std::sync::Arc;

use super::{Field, Session, View};
use crate::protocol::{ReducerText, Request, Ticket, TrialAt, TrialFor};

/// Milliseconds of rest in typing after which the text is tried.
const REST_MS: u64 = 300;

/// The editor.
#[derive(Clone, Debug, Default)]
pub struct EditorPane {
    /// The reducer's file.
    pub file: Option<String>,
    /// The text as it is saved.
    pub saved: String,
    /// The text as it is edited.
    pub text: String,
    /// False where there is no such file yet: it comes to be with the first saving.
    pub exists: bool,
    /// The pattern that the file is bound to with the next saving.
    pub bind: Option<String>,
    /// The newest trial that was not refused.
    pub trial: Option<Arc<TrialAt>>,
    /// Why the text cannot be used.
    pub refused: Option<String>,
    /// True while what the script printed is listed in place of the faults.
    pub shows_console: bool,
    /// Only what differs between the two states.
    pub only_differing: bool,
    ticket: Option<Ticket>,
    rest_ms: Option<u64>,
}

/// What a person does in the reducer view.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum EditorAction {
    /// Edit this file.
    Open(String),
    /// Begin a new reducer for the streams of the stream on show, of this kind.
    New(NewReducer),
    /// The text changed.
    SetText(String),
    /// Take the saved text again.
    Revert,
    /// List what was printed, or the faults.
    ShowConsole(bool),
    /// Show only what differs.
    OnlyDiffering(bool),
    /// Go to an event by its position.
    GoTo(u64),
}

/// The kinds of reducers that can be begun here.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum NewReducer {
    /// A module in JavaScript.
    JavaScript,
    /// A table of rules.
    Rules,
}

const NEW_JAVASCRIPT: &str = "// The next state out of the state and the event.\n\
    export default (state, event) => {\n  switch (event.type) {\n    default:\n      return { ...state, ...event.data };\n  }\n};\n";
const NEW_RULES: &str = "# What each type of event does to the state.\n\
    [[rule]]\non = \"*\"\nmerge = { \"\" = \"/data\" }\n";

impl EditorPane {
    /// True where the text differs from the saved one.
    #[must_use]
    pub fn is_changed(&self) -> bool {
        self.file.is_some() && (self.text != self.saved || !self.exists)
    }

    /// True while the text waits to be tried: the window then ticks.
    #[must_use]
    pub fn is_resting(&self) -> bool {
        self.rest_ms.is_some()
    }

    /// True while a trial is on its way.
    #[must_use]
    pub fn is_trying(&self) -> bool {
        self.ticket.is_some() || self.rest_ms.is_some()
    }
}

impl Session {
    pub(super) fn apply_editor(&mut self, action: EditorAction) {
        match action {
            EditorAction::Open(file) => self.edit_file(file),
            EditorAction::New(kind) => self.new_reducer(kind),
            EditorAction::SetText(text) => {
                if self.editor.text != text {
                    self.editor.text = text;
                    self.editor.rest_ms = Some(0);
                }
            }
            EditorAction::Revert => {
                self.editor.text = self.editor.saved.clone();
                self.ask_trial();
            }
            EditorAction::ShowConsole(console) => self.editor.shows_console = console,
            EditorAction::OnlyDiffering(only) => self.editor.only_differing = only,
            EditorAction::GoTo(position) => {
                if self.scope.stream().is_some() {
                    self.view = View::Replay;
                    self.remember_visit();
                    self.following = false;
                    self.play.direction = 0;
                    self.move_cursor(position);
                }
            }
        }
    }

    /// Opens the view with the reducer of the state on show.
    pub(super) fn open_editor(&mut self) {
        if self.log.is_none() {
            return;
        }
        self.view = View::Reducer;
        let file = self.state.shown.as_ref().and_then(|state| state.by.file.clone());
        match file {
            Some(file) if self.editor.file.as_ref() != Some(&file) && !self.editor.is_changed() => self.edit_file(file),
            _ => self.ask_trial(),
        }
    }

    fn edit_file(&mut self, file: String) {
        if self.editor.is_changed() && self.editor.exists && self.editor.file.as_ref() != Some(&file) {
            self.say("Save or revert the text first: it differs from the saved one");
            return;
        }
        self.editor = EditorPane { file: Some(file.clone()), exists: true, ..EditorPane::default() };
        self.request(Request::ReadReducer { generation: self.generation, file });
    }

    /// A file beside the workspace file, named for the category, that is bound to its streams once it is saved.
    fn new_reducer(&mut self, kind: NewReducer) {
        let Some(stream) = self.stream_on_show().cloned() else {
            self.say("Choose a stream first: the new reducer is for streams of its kind");
            return;
        };
        let place = self.reducer.info.as_ref().and_then(|info| info.workspace_place.clone());
        let Some(place) = place else {
            self.say("There is no folder beside this log for a reducer: choose a file with Ctrl+Shift+R");
            return;
        };
        let category = stream.category().to_owned();
        let (ending, text) = match kind {
            NewReducer::JavaScript => ("js", NEW_JAVASCRIPT),
            NewReducer::Rules => ("toml", NEW_RULES),
        };
        let safe: String = category.chars().map(|c| if c.is_alphanumeric() || c == '-' { c } else { '_' }).collect();
        let name = if safe.is_empty() { "streams".to_owned() } else { safe };
        let folder = place.rsplit_once(['/', '\\']).map_or(String::new(), |(folder, _)| format!("{folder}/"));
        let file = format!("{folder}{name}.reducer.{ending}");
        let bind = if category.is_empty() || category == stream.as_str() {
            stream.to_string()
        } else {
            format!("{category}-*")
        };
        self.editor = EditorPane {
            file: Some(file.clone()),
            text: text.to_owned(),
            bind: Some(bind),
            exists: false,
            ..EditorPane::default()
        };
        // Where there is such a file already, that is what is edited.
        self.request(Request::ReadReducer { generation: self.generation, file });
        self.wants_focus = Some(Field::Editor);
        self.ask_trial();
    }

    pub(super) fn save_reducer(&mut self) {
        if !self.editor.is_changed() {
            self.say("There is nothing to save: the text is as it is saved");
            return;
        }
        let Some(file) = self.editor.file.clone() else { return };
        let place = self.reducer.info.as_ref().and_then(|info| info.workspace_place.clone());
        let bind = place.zip(self.editor.bind.clone());
        let text = self.editor.text.clone();
        self.request(Request::SaveReducer { generation: self.generation, file, text, bind });
    }

    pub(super) fn absorb_reducer_text(&mut self, text: &ReducerText) {
        if self.editor.file.as_ref() != Some(&text.file) || !text.exists {
            return;
        }
        self.editor.saved.clone_from(&text.text);
        self.editor.text.clone_from(&text.text);
        self.editor.exists = true;
        self.ask_trial();
    }

    pub(super) fn absorb_reducer_saved(&mut self, text: &ReducerText) {
        self.say(format!("Saved {}", text.file));
        if self.editor.file.as_ref() == Some(&text.file) {
            self.editor.saved.clone_from(&text.text);
            self.editor.exists = true;
            self.editor.bind = None;
        }
    }

    /// The text rests while time goes by: then it is tried.
    pub(super) fn rest_editor(&mut self, elapsed_ms: u64) {
        let Some(rest) = self.editor.rest_ms.as_mut() else { return };
        *rest += elapsed_ms;
        if *rest >= REST_MS {
            self.ask_trial();
        }
    }

    /// Tries the text on the stream on show, up to the cursor.
    pub(super) fn ask_trial(&mut self) {
        self.editor.rest_ms = None;
        if self.view != View::Reducer {
            return;
        }
        let (Some(file), Some((stream, position))) = (self.editor.file.clone(), self.place_on_show()) else { return };
        if self.editor.text.is_empty() {
            return;
        }
        self.sandbox_ticket.0 += 1;
        self.editor.ticket = Some(self.sandbox_ticket);
        let trial = TrialFor { file, text: self.editor.text.clone(), stream, position };
        self.request(Request::TryReducer { generation: self.generation, ticket: self.sandbox_ticket, trial });
    }

    pub(super) fn absorb_trial(&mut self, trial: Arc<TrialAt>) {
        if self.editor.ticket != Some(trial.ticket) {
            return;
        }
        self.editor.ticket = None;
        // A mistake leaves what the last good text made of the stream in view.
        self.editor.refused.clone_from(&trial.refused);
        if trial.refused.is_none() {
            self.editor.trial = Some(trial);
        }
    }
}
