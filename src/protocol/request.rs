//! What the window asks of the workers.

use super::{
    Bookmark, Breakpoint, DiffFor, FindFor, Generation, KeptView, MappingDraft, ReducerChoice, SandboxFor, SearchFor,
    Settings, Ticket, TrialFor, Way,
};
use crate::event::{Scope, StreamId, Time};
use crate::log::{At, StreamPage};

/// What the window asks of the workers.
#[derive(Clone, Debug)]
pub enum Request {
    /// Open a log in every worker.
    Open {
        /// The question.
        generation: Generation,
        /// Path or address.
        locator: String,
    },
    /// Make the demo log with its live writer, then open it.
    OpenDemo {
        /// The question.
        generation: Generation,
    },
    /// Close the log: workers let go of its files.
    Close,
    /// The log's totals and categories, which may take a scan.
    Overview {
        /// The question.
        generation: Generation,
    },
    /// A page of streams.
    Streams {
        /// The question.
        generation: Generation,
        /// Which.
        page: StreamPage,
    },
    /// How many events the scope holds, and where in it another place lies.
    Extent {
        /// The question.
        generation: Generation,
        /// Of what.
        scope: Scope,
        /// A place in another scope: after so many of its events. The answer says how many events of this scope stand
        /// at or before that instant.
        as_of: Option<(Scope, u64)>,
    },
    /// Where an instant lies in a scope.
    Locate {
        /// The question.
        generation: Generation,
        /// Of what.
        scope: Scope,
        /// Which instant.
        at: At,
    },
    /// The density of a scope over time.
    Density {
        /// The question.
        generation: Generation,
        /// Of what.
        scope: Scope,
        /// The part of time that is asked for; `None`: all of it.
        span: Option<(Time, Time)>,
    },
    /// Rows of the event list.
    Rows {
        /// The question.
        generation: Generation,
        /// Of what.
        scope: Scope,
        /// Position (0-based row) of the first.
        first: u64,
        /// How many.
        count: u64,
    },
    /// One event in full.
    Detail {
        /// The question.
        generation: Generation,
        /// Of what.
        scope: Scope,
        /// Its 0-based row.
        row: u64,
    },
    /// What caused one event, what it caused, and all that belongs to the same whole. A newer one ends it.
    Trace {
        /// The question.
        generation: Generation,
        /// Rises with each.
        ticket: Ticket,
        /// Of what.
        scope: Scope,
        /// Its 0-based row.
        row: u64,
    },
    /// The state after `position` events of the scope. In a scope of several streams it is the state of the stream of
    /// the event at the cursor.
    Seek {
        /// The question.
        generation: Generation,
        /// Rises.
        ticket: Ticket,
        /// Of what.
        scope: Scope,
        /// How many events are folded.
        position: u64,
    },
    /// What changed between two places. A newer seek ends it without an answer.
    Diff {
        /// The question.
        generation: Generation,
        /// Of the newest seek.
        ticket: Ticket,
        /// What.
        asked: DiffFor,
    },
    /// How many paths each event of these rows of a stream changes.
    Changes {
        /// The question.
        generation: Generation,
        /// Which stream.
        stream: StreamId,
        /// The first 0-based row.
        first: u64,
        /// How many.
        count: u64,
    },
    /// Who set a value of a stream's state. A newer seek ends it without an answer.
    Blame {
        /// The question.
        generation: Generation,
        /// Of the newest seek.
        ticket: Ticket,
        /// Which stream.
        stream: StreamId,
        /// JSON pointer of the value.
        path: String,
    },
    /// Take a snapshot of a stream.
    Snapshot {
        /// The question.
        generation: Generation,
        /// Which stream.
        stream: StreamId,
        /// At which version.
        version: i64,
        /// What to call it.
        name: Option<String>,
    },
    /// The snapshots of a stream.
    Snapshots {
        /// The question.
        generation: Generation,
        /// Which stream.
        stream: StreamId,
    },
    /// All intervals in which a condition held. A newer search or run ends it.
    Find {
        /// The question.
        generation: Generation,
        /// Rises with each search and run.
        ticket: Ticket,
        /// For what.
        find: FindFor,
    },
    /// Go on to where a breakpoint hits. A newer search or run ends it.
    RunOn {
        /// The question.
        generation: Generation,
        /// Rises with each search and run.
        ticket: Ticket,
        /// In what.
        scope: Scope,
        /// From which position on; what hits there is passed over.
        from: u64,
        /// Which way.
        way: Way,
        /// Where to stop: at the first of them that hits.
        breakpoints: Vec<Breakpoint>,
    },
    /// Read a reducer's text, to be edited.
    ReadReducer {
        /// The question.
        generation: Generation,
        /// Its file.
        file: String,
    },
    /// Fold a stream with a text that is being edited, beside the saved one. A newer one ends it.
    TryReducer {
        /// The question.
        generation: Generation,
        /// Rises with each of these and of the sandbox's questions.
        ticket: Ticket,
        /// What.
        trial: TrialFor,
    },
    /// Save a reducer's text; where `bind` names streams, the workspace file binds it to them.
    SaveReducer {
        /// The question.
        generation: Generation,
        /// Its file.
        file: String,
        /// Its text.
        text: String,
        /// The workspace file, and the pattern of the streams.
        bind: Option<(String, String)>,
    },
    /// Compare the snapshots of a stream with a fold from its first event. A newer search or run ends it.
    Audit {
        /// The question.
        generation: Generation,
        /// Rises with each search and run.
        ticket: Ticket,
        /// Which stream.
        stream: StreamId,
    },
    /// A stream's events with some changed, beside the real line. A newer question about it ends it.
    Sandbox {
        /// The question.
        generation: Generation,
        /// Rises with each of these.
        ticket: Ticket,
        /// What.
        asked: SandboxFor,
    },
    /// End every search and run up to this one; what they found stays.
    StopTask {
        /// Of the newest one.
        ticket: Ticket,
    },
    /// The values of paths at a position of a stream, and shortly before. A newer seek ends it without an answer.
    Pins {
        /// The question.
        generation: Generation,
        /// Of the newest seek.
        ticket: Ticket,
        /// Which stream.
        stream: StreamId,
        /// How many of its events are folded.
        position: u64,
        /// JSON pointers.
        paths: Vec<String>,
    },
    /// Fold with another reducer from now on.
    UseReducer {
        /// The question.
        generation: Generation,
        /// Which.
        choice: ReducerChoice,
    },
    /// In a category or the whole log: fold all events into one state, or show that of each event's own stream.
    FoldTogether {
        /// The question.
        generation: Generation,
        /// True for one state.
        together: bool,
    },
    /// The person said yes to the program that a reducer's file runs: remember it, and fold with it.
    AllowProcess {
        /// The question.
        generation: Generation,
        /// The reducer's file.
        file: String,
    },
    /// The bookmarks of a log.
    LoadBookmarks {
        /// The question.
        generation: Generation,
        /// Path or address of the log.
        locator: String,
    },
    /// Keep a bookmark, or its new note.
    KeepBookmark {
        /// The question.
        generation: Generation,
        /// Path or address of the log.
        locator: String,
        /// It.
        bookmark: Box<Bookmark>,
    },
    /// Take a bookmark away.
    RemoveBookmark {
        /// The question.
        generation: Generation,
        /// Path or address of the log.
        locator: String,
        /// It.
        bookmark: Box<Bookmark>,
    },
    /// The view in which a log was left.
    LoadView {
        /// The question.
        generation: Generation,
        /// Path or address of the log.
        locator: String,
    },
    /// Keep the view of a log; `None` forgets it.
    KeepView {
        /// Path or address of the log.
        locator: String,
        /// It.
        view: Option<Box<KeptView>>,
    },
    /// How large the cache is.
    CacheInfo,
    /// Delete the cache.
    DeleteCache,
    /// Look for events that pass a filter. A newer search ends it.
    Search {
        /// The question.
        generation: Generation,
        /// Of the search.
        ticket: Ticket,
        /// What.
        search: SearchFor,
    },
    /// End searches up to this one.
    StopSearch {
        /// Higher than that of every search that is to end.
        ticket: Ticket,
    },
    /// Look at the tables of a file.
    Survey {
        /// The question.
        generation: Generation,
        /// Which file.
        locator: String,
    },
    /// See what a mapping makes of the first rows.
    CheckMapping {
        /// The question.
        generation: Generation,
        /// Rises.
        ticket: Ticket,
        /// Which file.
        locator: String,
        /// The mapping.
        draft: MappingDraft,
    },
    /// Keep a mapping in a workspace file.
    SaveMapping {
        /// The question.
        generation: Generation,
        /// Of which file.
        locator: String,
        /// The mapping.
        draft: MappingDraft,
        /// Where.
        file: String,
    },
    /// Ask for a file in the system's dialog.
    PickFile,
    /// Ask for a reducer's file in the system's dialog.
    PickReducer,
    /// Keep the settings for the next start.
    SaveSettings(Settings),
    /// Read the settings of the last start.
    LoadSettings,
}
