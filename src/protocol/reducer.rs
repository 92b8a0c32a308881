//! Reducers as the window speaks of them: which one folds, by what right, and what is wrong with it.

use std::sync::Arc;

use super::StateLines;

/// Which reducer folds, as the person chose it.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub enum ReducerChoice {
    /// The one that the workspace file binds to the stream; *Auto* where it binds none.
    #[default]
    Bound,
    /// *Auto*, for all streams.
    Auto,
    /// The one in this file, for all streams.
    File(String),
}

/// The kinds of reducers.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum ReducerKind {
    /// Merges payloads, without set-up.
    #[default]
    Auto,
    /// A declarative table.
    Rules,
    /// A script.
    JavaScript,
    /// A child process.
    Process,
}

impl ReducerKind {
    /// Its name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Auto => "Auto",
            Self::Rules => "Rules",
            Self::JavaScript => "JavaScript",
            Self::Process => "Process",
        }
    }
}

/// What is wrong with a reducer's file.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Trouble {
    /// It cannot be used, and why.
    Refused(String),
    /// It was saved with a mistake: the last text that could be used folds on.
    Outdated(String),
    /// It runs a program that nobody has said yes to.
    Unasked {
        /// The reducer's file.
        file: String,
        /// The whole command line.
        command: String,
    },
}

/// A pattern of streams and the reducer that folds them.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct BindingInfo {
    /// The pattern.
    pub streams: String,
    /// The kind of its reducer.
    pub kind: ReducerKind,
    /// Its file; `None` for *Auto*.
    pub file: Option<String>,
}

/// How the streams of a log are folded.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct ReducersInfo {
    /// The workspace file, where there is one.
    pub workspace: Option<String>,
    /// Where it would stand.
    pub workspace_place: Option<String>,
    /// Why it cannot be used.
    pub error: Option<String>,
    /// Its bindings, the first that matches holds.
    pub bindings: Vec<BindingInfo>,
    /// What the person chose.
    pub choice: ReducerChoice,
}

/// What folded a state.
#[derive(Clone, Debug, Default)]
pub struct FoldedBy {
    /// The kind of the reducer.
    pub kind: ReducerKind,
    /// Its file; `None` for *Auto*.
    pub file: Option<String>,
    /// The pattern that bound it to the stream; `None` where the person chose it, or nothing is bound.
    pub streams: Option<String>,
    /// What is wrong with it.
    pub trouble: Option<Trouble>,
    /// What a script printed at the event at the cursor.
    pub console: Vec<String>,
    /// How the state differs from what another reducer, or another text of it, gave here just before.
    pub refolded: Option<Arc<Refolded>>,
}

/// A state folded anew by another reducer, beside the one before.
#[derive(Clone, PartialEq, Debug)]
pub struct Refolded {
    /// The reducer before.
    pub before: String,
    /// The reducer now.
    pub now: String,
    /// The state now, with what differs from the one before marked.
    pub lines: StateLines,
}
