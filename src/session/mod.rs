//! What the person is looking at, as plain data: [`Session::apply`] and [`Session::absorb`] are its only verbs.
//!
//! No thread, clock, SQL or egui inside, so that a test can drive it with replies that are late, reordered or lost.
//! What it wants from the workers collects in an outbox that the window empties.

use std::sync::Arc;

use crate::event::{Scope, StreamId};
use crate::limits::{HISTORY_MAX, NOTICES_MAX, RECENT_LOGS_MAX};
use crate::log::{LogInfo, Snapshot, Totals};
use crate::protocol::{
    Bookmark, Density, EventDetail, Generation, Panes, Preferences, RecentLog, Request, Settings, ThemeChoice, Ticket,
};

mod absorb;
mod action;
mod apply;
mod blame;
mod bookmarks;
mod breakpoints;
mod causation;
mod choose;
mod command;
mod copy;
mod cursor;
mod diff;
mod editor;
mod events;
mod find;
mod kept;
mod keymap;
mod live;
mod mapping;
mod palette;
mod pins;
mod preferences;
mod reducer;
mod sandbox;
mod search;
mod snapshots;
mod state;
mod step;
mod streams;
mod strip;
mod tab;
mod typed;

pub use action::Action;
pub use blame::BlamePane;
pub use bookmarks::BookmarksPane;
pub use breakpoints::{BreakpointAction, BreakpointsPane, BreakpointsShown, Running, SetBreakpoint, Stopped};
pub use causation::{CausationPane, CausationRow};
pub use command::{COMMANDS, Command, CommandInfo, Group};
pub use diff::{DiffAction, DiffPane};
pub use editor::{EditorAction, EditorPane, NewReducer};
pub use events::EventsPane;
pub use find::{FindAction, FindPane};
pub use keymap::{Keymap, KeysSheet};
pub use live::{Columns, LivePane, LiveWindow, Moment};
pub use mapping::{MappingAction, MappingPane};
pub use palette::{Entry, Palette};
pub use pins::PinsPane;
pub use preferences::{SettingsPage, SettingsPane, TEXT_PERCENTS};
pub use reducer::{ReducerAction, ReducerDialog, ReducerPane};
pub use sandbox::{EventDialog, RowMark, SandboxAction, SandboxChange, SandboxPane};
pub use search::{SearchAction, SearchPane};
pub use snapshots::{AuditAction, AuditPane};
pub use state::StatePane;
pub use step::StepBy;
pub use streams::{Category, Found, StreamRow, StreamsPane};
pub use strip::StripPane;
pub use tab::{EventForm, Tab};

/// The page of the window.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum View {
    /// No log is open.
    #[default]
    Welcome,
    /// Streams, events, inspector, time.
    Replay,
    /// How fast the log is written to.
    Throughput,
    /// A reducer's text beside what it makes of the stream.
    Reducer,
}

/// The regions that the focus goes through.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Region {
    /// The streams list.
    Streams,
    /// The event list.
    #[default]
    Events,
    /// The inspector.
    Inspector,
    /// The time strip.
    Time,
}

impl Region {
    const ALL: [Self; 4] = [Self::Streams, Self::Events, Self::Inspector, Self::Time];
}

/// The log that is open.
#[derive(Clone, Debug)]
pub struct OpenLog {
    /// What it is and how it was opened.
    pub info: Arc<LogInfo>,
    /// Its totals; `None` while they are counted.
    pub totals: Option<Totals>,
    /// True for the demo log.
    pub demo: bool,
}

/// Playing.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Play {
    /// Forwards (1), backwards (-1), or not (0).
    pub direction: i8,
    /// Steps a second.
    pub speed: u32,
    /// What forward and back go to.
    pub step: StepBy,
    due: f64,
}

/// A request to keep the state, while its dialog is open.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SnapshotDialog {
    /// Which stream.
    pub stream: StreamId,
    /// At which version.
    pub version: i64,
    /// What to call it; may be empty.
    pub name: String,
}

/// Something said once, where it can be read.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Notice {
    /// What happened and what to do.
    pub text: String,
    /// True for a failure.
    pub failure: bool,
    /// A place that it speaks of: a stream, and how many of its events are folded there.
    pub place: Option<(StreamId, u64)>,
}

/// A place to go back to.
#[derive(Clone, PartialEq, Debug)]
struct Visit {
    scope: Scope,
    cursor: u64,
}

/// What the person is looking at.
#[derive(Clone, Debug)]
pub struct Session {
    /// The page.
    pub view: View,
    /// The locator that is being opened.
    pub opening: Option<String>,
    /// The log that is open.
    pub log: Option<OpenLog>,
    /// The streams list.
    pub streams: StreamsPane,
    /// What is looked at.
    pub scope: Scope,
    /// The event list.
    pub events: EventsPane,
    /// How many events of the scope are folded: the cursor stands between events.
    pub cursor: u64,
    /// True where the cursor stays at the newest event.
    pub following: bool,
    /// The state.
    pub state: StatePane,
    /// Two positions compared.
    pub diff: DiffPane,
    /// Who set a value.
    pub blame: BlamePane,
    /// What caused an event, and what it caused.
    pub causation: CausationPane,
    /// A reducer's text while it is edited.
    pub editor: EditorPane,
    /// The audit of the snapshots.
    pub audit: AuditPane,
    /// The sandbox.
    pub sandbox: SandboxPane,
    /// Breakpoints and the run.
    pub breakpoints: BreakpointsPane,
    /// The find bar.
    pub find: FindPane,
    /// The search screen.
    pub search: SearchPane,
    /// The mapping page, while it is open.
    pub mapping: Option<MappingPane>,
    /// A file that could not be opened and whose tables can be mapped.
    pub mappable: Option<String>,
    mapping_ticket: Ticket,
    /// Pinned paths.
    pub pins: PinsPane,
    /// Which reducer folds.
    pub reducer: ReducerPane,
    /// In which form the Event tab shows payloads.
    pub event_form: EventForm,
    /// The event on show in the Event tab.
    pub detail: Option<Arc<EventDetail>>,
    /// The inspector's tab.
    pub tab: Tab,
    /// Playing.
    pub play: Play,
    /// The live plot.
    pub live: LivePane,
    /// The snapshots of the stream on show, oldest version first; `None` until they are known.
    pub snapshots: Option<(StreamId, Vec<Snapshot>)>,
    /// The snapshot dialog, while it is open.
    pub snapshot_dialog: Option<SnapshotDialog>,
    /// The time strip.
    pub strip: StripPane,
    /// Events over time in this scope.
    pub density: Option<Arc<Density>>,
    /// What was said and not yet dismissed, newest last.
    pub notices: Vec<Notice>,
    /// Why the last log could not be opened.
    pub open_error: Option<String>,
    /// Light, dark, or as the system has it.
    pub theme: ThemeChoice,
    /// Logs opened before, newest first.
    pub recent: Vec<RecentLog>,
    /// The path field's text.
    pub path_field: String,
    /// True while the key sheet is open.
    pub keys_open: bool,
    /// The keys of the commands.
    pub keys: Keymap,
    /// What is looked for in the key sheet, and the command that is being given a key.
    pub keys_sheet: KeysSheet,
    /// How things are shown.
    pub preferences: Preferences,
    /// The settings, while they are open.
    pub settings_pane: Option<SettingsPane>,
    /// Edges that the person has dragged.
    pub panes: Panes,
    /// The bookmarks of the log, in its order.
    pub bookmarks: Vec<Bookmark>,
    /// The list of bookmarks, while it is open.
    pub bookmarks_pane: Option<BookmarksPane>,
    kept: kept::KeptPane,
    /// The palette, while it is open.
    pub palette: Option<Palette>,
    /// The region that the list keys act on.
    pub region: Region,
    /// A text field that wants the focus: set by a command, cleared by the window once it has given it.
    pub wants_focus: Option<Field>,
    /// Text for the clipboard: set by a command, taken by the window.
    pub copied: Option<String>,
    generation: Generation,
    ticket: Ticket,
    shown_ticket: Option<Ticket>,
    /// Of the newest search or run.
    task: Ticket,
    sandbox_ticket: sandbox::SandboxTicket,
    log_generation: Generation,
    back: Vec<Visit>,
    forward: Vec<Visit>,
    /// Where the person put the cursor: other scopes show their state as of there. `None`: at the newest event.
    instant: Option<(Scope, u64)>,
    /// Where the cursor lands once the extent of a new scope is known; `None`: at the newest event.
    landing: Option<u64>,
    /// A hint that came before its log.
    early_hint: Option<(Generation, Notice)>,
    /// Samples until the totals are asked for anew, while the log grows.
    overview_due: u64,
    overview_stale: bool,
    outbox: Vec<Request>,
}

/// The text fields.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Field {
    /// The path of a log.
    Path,
    /// The stream filter.
    Streams,
    /// The path filter of the state.
    Paths,
    /// The snapshot's name.
    SnapshotName,
    /// The palette.
    Palette,
    /// The path of a reducer.
    Reducer,
    /// The condition of the find bar.
    Find,
    /// The terms of a search.
    Search,
    /// A new breakpoint.
    Breakpoint,
    /// The type of an event of the sandbox.
    EventType,
    /// The payload of an event of the sandbox.
    EventData,
    /// The text of a reducer.
    Editor,
    /// What is looked for in the key sheet.
    Keys,
    /// The note of a bookmark.
    Note,
}

impl Default for Session {
    fn default() -> Self {
        Self {
            view: View::Welcome,
            opening: None,
            log: None,
            streams: StreamsPane::default(),
            scope: Scope::Log,
            events: EventsPane::default(),
            cursor: 0,
            following: false,
            state: StatePane::default(),
            diff: DiffPane::default(),
            blame: BlamePane::default(),
            causation: CausationPane::default(),
            event_form: EventForm::default(),
            editor: EditorPane::default(),
            audit: AuditPane::default(),
            sandbox: SandboxPane::default(),
            breakpoints: BreakpointsPane::default(),
            find: FindPane::default(),
            search: SearchPane::default(),
            mapping: None,
            mappable: None,
            mapping_ticket: Ticket::default(),
            pins: PinsPane::default(),
            reducer: ReducerPane::default(),
            detail: None,
            tab: Tab::State,
            play: Play { direction: 0, speed: 10, step: StepBy::Event, due: 0.0 },
            live: LivePane::default(),
            snapshots: None,
            snapshot_dialog: None,
            strip: StripPane::default(),
            density: None,
            notices: Vec::new(),
            open_error: None,
            theme: ThemeChoice::System,
            recent: Vec::new(),
            path_field: String::new(),
            keys_open: false,
            keys: Keymap::default(),
            keys_sheet: KeysSheet::default(),
            preferences: Preferences::default(),
            settings_pane: None,
            panes: Panes::default(),
            bookmarks: Vec::new(),
            bookmarks_pane: None,
            kept: kept::KeptPane::default(),
            palette: None,
            region: Region::Events,
            wants_focus: None,
            copied: None,
            generation: Generation::default(),
            ticket: Ticket::default(),
            shown_ticket: None,
            task: Ticket::default(),
            sandbox_ticket: Ticket::default(),
            log_generation: Generation::default(),
            back: Vec::new(),
            forward: Vec::new(),
            instant: None,
            landing: None,
            early_hint: None,
            overview_due: 0,
            overview_stale: false,
            outbox: Vec::new(),
        }
    }
}

impl Session {
    /// A session that shows the welcome page.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes what the session wants from the workers, oldest first.
    pub fn take_requests(&mut self) -> Vec<Request> {
        std::mem::take(&mut self.outbox)
    }

    /// Gives requests back that could not be sent; they stand before newer ones, and an older seek gives way to a newer.
    pub fn return_requests(&mut self, requests: Vec<Request>) {
        let newer = std::mem::replace(&mut self.outbox, requests);
        for request in newer {
            self.request(request);
        }
    }

    /// True while a log is on show, in whatever view.
    #[must_use]
    pub fn shows_log(&self) -> bool {
        self.view != View::Welcome && self.log.is_some()
    }

    /// True while something lies over the window and takes the keys.
    #[must_use]
    pub fn has_dialog(&self) -> bool {
        self.keys_open
            || self.settings_pane.is_some()
            || self.bookmarks_pane.is_some()
            || self.snapshot_dialog.is_some()
            || self.palette.is_some()
            || self.reducer.dialog.is_some()
            || self.sandbox.dialog.is_some()
    }

    /// True while time moves something: the window then ticks the session with each frame.
    #[must_use]
    pub fn wants_ticks(&self) -> bool {
        self.play.direction != 0 || self.editor.is_resting()
    }

    /// True where the state on show is the state at the cursor.
    #[must_use]
    pub fn state_is_current(&self) -> bool {
        self.state.shown.as_ref().is_some_and(|state| state.position == self.cursor && state.scope == self.scope)
    }

    /// The 0-based row of the event at the cursor: the newest event that is folded.
    #[must_use]
    pub fn cursor_row(&self) -> Option<u64> {
        self.cursor.checked_sub(1)
    }

    /// The 0-based row that the Event tab shows: the selected one, else the one at the cursor.
    #[must_use]
    pub fn detail_row(&self) -> Option<u64> {
        self.events.selected.or(self.cursor_row())
    }

    /// The settings as they are to be kept.
    #[must_use]
    pub fn settings(&self) -> Settings {
        Settings {
            theme: self.theme,
            recent: self.recent.clone(),
            preferences: self.preferences.clone(),
            keys: self.keys.own().clone(),
        }
    }

    /// True where [`Command::Back`] leads somewhere.
    #[must_use]
    pub fn has_back(&self) -> bool {
        !self.back.is_empty()
    }

    /// A fresh session with what belongs to the person and not to a log.
    fn fresh(&mut self) -> Self {
        Self {
            recent: std::mem::take(&mut self.recent),
            theme: self.theme,
            preferences: self.preferences.clone(),
            keys: self.keys.clone(),
            kept: kept::KeptPane { wanted: self.kept.wanted.take(), ..kept::KeptPane::default() },
            generation: self.generation,
            ticket: self.ticket,
            task: self.task,
            sandbox_ticket: self.sandbox_ticket,
            search: self.search.emptied(),
            mapping_ticket: self.mapping_ticket,
            ..Self::new()
        }
    }

    /// Path or address of the open log.
    fn locator(&self) -> Option<String> {
        self.log.as_ref().map(|log| log.info.locator.clone())
    }

    fn next_generation(&mut self) -> Generation {
        self.generation.0 += 1;
        self.generation
    }

    fn request(&mut self, request: Request) {
        match &request {
            // The newest seek, detail and extent answer all older ones.
            Request::Seek { .. } => self.outbox.retain(|waiting| !matches!(waiting, Request::Seek { .. })),
            Request::Detail { .. } => self.outbox.retain(|waiting| !matches!(waiting, Request::Detail { .. })),
            Request::Diff { .. } => self.outbox.retain(|waiting| !matches!(waiting, Request::Diff { .. })),
            Request::TryReducer { .. } => self.outbox.retain(|waiting| !matches!(waiting, Request::TryReducer { .. })),
            Request::Sandbox { .. } => self.outbox.retain(|waiting| !matches!(waiting, Request::Sandbox { .. })),
            Request::Find { .. } => self.outbox.retain(|waiting| !matches!(waiting, Request::Find { .. })),
            Request::Pins { .. } => self.outbox.retain(|waiting| !matches!(waiting, Request::Pins { .. })),
            Request::Blame { .. } => self.outbox.retain(|waiting| !matches!(waiting, Request::Blame { .. })),
            Request::Extent { .. } => self.outbox.retain(|waiting| !matches!(waiting, Request::Extent { .. })),
            Request::Open { .. } | Request::OpenDemo { .. } | Request::Close => self.outbox.clear(),
            _ => {}
        }
        self.outbox.push(request);
    }

    fn say(&mut self, text: impl Into<String>) {
        self.notice(Notice { text: text.into(), failure: false, place: None });
    }

    fn complain(&mut self, text: impl Into<String>) {
        self.notice(Notice { text: text.into(), failure: true, place: None });
    }

    fn notice(&mut self, notice: Notice) {
        self.notices.retain(|old| *old != notice);
        self.notices.push(notice);
        if self.notices.len() > NOTICES_MAX {
            self.notices.remove(0);
        }
    }

    fn remember_log(&mut self, log: RecentLog) {
        self.recent.retain(|old| old.locator != log.locator);
        self.recent.insert(0, log);
        self.recent.truncate(RECENT_LOGS_MAX);
        self.keep_settings();
    }

    fn remember_visit(&mut self) {
        let visit = Visit { scope: self.scope.clone(), cursor: self.cursor };
        if self.back.last() != Some(&visit) {
            self.back.push(visit);
            if self.back.len() > HISTORY_MAX {
                self.back.remove(0);
            }
        }
        self.forward.clear();
    }
}
