//! What the workers answer.

use std::sync::Arc;

use super::{
    AuditAt, BlameAt, Bookmark, CacheInfo, Density, DiffAt, EventDetail, EventRow, FoundPart, Generation, KeptView,
    MappingPreview, PinsAt, ReducerText, ReducersInfo, RowChange, RunEnd, RunWord, Sample, SandboxAt, SearchPart,
    Settings, StateAt, SurveyAt, Ticket, TraceAt, TrialAt,
};
use crate::event::{Scope, StreamId, Time};
use crate::log::{CategoryInfo, LogInfo, Snapshot, StreamInfo, StreamPage, Totals};

/// What the workers answer.
#[derive(Clone, Debug)]
pub enum Reply {
    /// The tree of an event, or how far the search for it is.
    Traced {
        /// The question.
        generation: Generation,
        /// It.
        trace: Arc<TraceAt>,
    },
    /// The log is open.
    Opened {
        /// The question.
        generation: Generation,
        /// What it is.
        info: Arc<LogInfo>,
        /// True for the demo log.
        demo: bool,
        /// When, by the worker's clock.
        time: Time,
    },
    /// Something worth looking at in this log.
    Hint {
        /// The question.
        generation: Generation,
        /// What, in a sentence.
        text: String,
        /// In which stream.
        stream: StreamId,
        /// After how many of its events.
        position: u64,
    },
    /// The log cannot be opened.
    OpenFailed {
        /// The question.
        generation: Generation,
        /// Path or address.
        locator: String,
        /// Why, and what to do.
        message: String,
    },
    /// Totals and categories.
    Overview {
        /// The question.
        generation: Generation,
        /// All of the log.
        totals: Totals,
        /// By kind.
        categories: Vec<CategoryInfo>,
        /// Milliseconds that it took to find out.
        elapsed_ms: u64,
    },
    /// A page of streams.
    Streams {
        /// The question.
        generation: Generation,
        /// Which were asked for.
        page: StreamPage,
        /// They.
        streams: Vec<StreamInfo>,
    },
    /// How many events the scope holds.
    Extent {
        /// The question.
        generation: Generation,
        /// Of what.
        scope: Scope,
        /// Events.
        events: u64,
        /// How many stand at or before the place that was asked about.
        as_of: Option<u64>,
    },
    /// Where an instant lies.
    Located {
        /// The question.
        generation: Generation,
        /// Of what.
        scope: Scope,
        /// How many events stand at or before it.
        position: u64,
    },
    /// The density of a scope.
    Density {
        /// The question.
        generation: Generation,
        /// Of what.
        scope: Scope,
        /// The part of time that was asked for; `None`: all of it.
        span: Option<(Time, Time)>,
        /// It.
        density: Arc<Density>,
    },
    /// Rows of the event list.
    Rows {
        /// The question.
        generation: Generation,
        /// Of what.
        scope: Scope,
        /// Position (0-based row) of the first.
        first: u64,
        /// They; fewer than asked for at the end of the scope.
        rows: Vec<EventRow>,
    },
    /// One event in full.
    Detail {
        /// The question.
        generation: Generation,
        /// Of what.
        scope: Scope,
        /// It.
        detail: Arc<EventDetail>,
    },
    /// A state.
    State {
        /// The question.
        generation: Generation,
        /// Of the seek that it answers.
        ticket: Ticket,
        /// It.
        state: Arc<StateAt>,
    },
    /// What changed between two positions.
    Diff {
        /// The question.
        generation: Generation,
        /// It.
        diff: Arc<DiffAt>,
    },
    /// How many paths each event of a stream changes.
    Changes {
        /// The question.
        generation: Generation,
        /// Which stream.
        stream: StreamId,
        /// The first 0-based row.
        first: u64,
        /// For each row what it did; fewer than asked for where that took too long.
        changes: Vec<RowChange>,
        /// The reducer.
        reducer: String,
    },
    /// Who set a value.
    Blame {
        /// The question.
        generation: Generation,
        /// It.
        blame: Arc<BlameAt>,
    },
    /// A file that cannot be opened has tables that can be mapped.
    Mappable {
        /// The question.
        generation: Generation,
        /// Which file.
        locator: String,
    },
    /// The tables of a file.
    Surveyed {
        /// The question.
        generation: Generation,
        /// They.
        survey: Arc<SurveyAt>,
    },
    /// What comes of a mapping.
    MappingChecked {
        /// The question.
        generation: Generation,
        /// It.
        preview: Arc<MappingPreview>,
    },
    /// A mapping was kept.
    MappingSaved {
        /// The question.
        generation: Generation,
        /// Of which file.
        locator: String,
        /// Where.
        file: String,
    },
    /// What a search has found since its last word.
    Searched {
        /// The question.
        generation: Generation,
        /// It.
        part: SearchPart,
    },
    /// A snapshot was taken.
    SnapshotTaken {
        /// The question.
        generation: Generation,
        /// It.
        snapshot: Snapshot,
        /// The file that it was written to.
        stored_in: String,
    },
    /// The snapshots of a stream.
    Snapshots {
        /// The question.
        generation: Generation,
        /// Which stream.
        stream: StreamId,
        /// They, oldest version first.
        snapshots: Vec<Snapshot>,
    },
    /// More of what a search found.
    Found {
        /// The question.
        generation: Generation,
        /// It.
        part: FoundPart,
    },
    /// How far a run is.
    Running {
        /// The question.
        generation: Generation,
        /// It.
        word: RunWord,
    },
    /// How a run ended.
    RunEnded {
        /// The question.
        generation: Generation,
        /// It.
        end: Arc<RunEnd>,
    },
    /// A reducer's text, as it is saved.
    ReducerText {
        /// The question.
        generation: Generation,
        /// It.
        text: Arc<ReducerText>,
    },
    /// What came of a text that is being edited.
    Trial {
        /// The question.
        generation: Generation,
        /// It.
        trial: Arc<TrialAt>,
    },
    /// A reducer's text was saved.
    ReducerSaved {
        /// The question.
        generation: Generation,
        /// It.
        text: Arc<ReducerText>,
    },
    /// What an audit of snapshots found.
    Audit {
        /// The question.
        generation: Generation,
        /// It.
        audit: Arc<AuditAt>,
    },
    /// The sandbox beside the real line.
    Sandbox {
        /// The question.
        generation: Generation,
        /// It.
        sandbox: Arc<SandboxAt>,
    },
    /// The values of pinned paths.
    Pins {
        /// The question.
        generation: Generation,
        /// They.
        pins: Arc<PinsAt>,
    },
    /// How the streams are folded: after opening, another choice, or a saved reducer or workspace file.
    Reducers {
        /// The log's opening, or what was asked for.
        generation: Generation,
        /// It.
        reducers: Arc<ReducersInfo>,
    },
    /// The person chose a reducer's file, or none.
    PickedReducer(Option<String>),
    /// The log grew: seen by the next look at its head.
    Grew {
        /// The question.
        generation: Generation,
    },
    /// A sample of the live throughput, four a second.
    Sample {
        /// The question.
        generation: Generation,
        /// It.
        sample: Sample,
    },
    /// The log holds other history than before: what was read is out of date.
    Replaced {
        /// The question.
        generation: Generation,
    },
    /// The bookmarks of the log.
    Bookmarks {
        /// The question.
        generation: Generation,
        /// They.
        bookmarks: Vec<Bookmark>,
    },
    /// The view in which the log was left, where one was kept.
    View {
        /// The question.
        generation: Generation,
        /// It.
        view: Option<KeptView>,
    },
    /// How large the cache is.
    Cache(CacheInfo),
    /// The settings of the last start.
    Settings(Settings),
    /// The user chose a file, or none.
    Picked(Option<String>),
    /// Something that was asked for failed; the rest goes on.
    Failed {
        /// The question.
        generation: Generation,
        /// Why, and what to do.
        message: String,
    },
    /// A worker ended on a bug. The window stays usable.
    WorkerEnded {
        /// Its name.
        worker: &'static str,
        /// What it said last.
        message: String,
    },
}
