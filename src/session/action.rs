//! What a person does to a session, as data.

use super::{
    AuditAction, BreakpointAction, Command, DiffAction, EditorAction, EventForm, FindAction, LiveWindow, MappingAction,
    ReducerAction, Region, SandboxAction, SearchAction, SettingsPage, StepBy, Tab,
};
use crate::event::{Scope, Time};
use crate::protocol::{Panes, Preferences, ThemeChoice};

/// One thing that a person did, or the clock did.
#[derive(Clone, PartialEq, Debug)]
pub enum Action {
    /// A command, by key, button or menu.
    Run(Command),
    /// Open the log at this path or address.
    Open(String),
    /// The path field's text changed.
    SetPathField(String),
    /// The stream filter's text changed.
    SetStreamFilter(String),
    /// Open or close a category of the streams list.
    ToggleCategory(String),
    /// List more streams of a category (or of the filter's answer, with `None`).
    MoreStreams(Option<String>),
    /// Look at another scope.
    ChooseScope(Scope),
    /// The event list has room for so many rows.
    Viewport {
        /// Whole rows.
        rows: u64,
    },
    /// The event list was scrolled.
    ScrollTo {
        /// The topmost row.
        top: u64,
        /// The part of it that is scrolled out, 0 to 1.
        part: f32,
    },
    /// A row was chosen (0-based).
    SelectRow(u64),
    /// The cursor was moved: so many events are folded.
    MoveCursor(u64),
    /// Another inspector tab.
    ChooseTab(Tab),
    /// The path filter's text changed.
    SetPathFilter(String),
    /// Open or close a node of the state tree, by JSON pointer.
    ToggleNode(String),
    /// A line of the state was chosen, by JSON pointer.
    SelectPath(String),
    /// Compare the state after so many events of the stream with the one at the cursor.
    CompareFrom(u64),
    /// The path field of the Blame tab changed.
    TypeBlamePath(String),
    /// Who set this path.
    BlamePath(String),
    /// The Event tab shows payloads in another form.
    SetEventForm(EventForm),
    /// An event of the Causation tab was chosen, by its place in the tree.
    GoToTraced(usize),
    /// Open or close a row of several siblings in the Causation tab.
    ToggleSiblings(usize),
    /// A write of the path in the Blame tab was chosen, by its index.
    SelectBlame(usize),
    /// Playing speed in steps a second.
    SetSpeed(u32),
    /// The name in the snapshot dialog changed.
    SetSnapshotName(String),
    /// Take the snapshot that the dialog describes.
    TakeSnapshot,
    /// Something in the reducer view.
    Editor(EditorAction),
    /// Something in the Diff tab.
    Diff(DiffAction),
    /// Something with snapshots.
    Audit(AuditAction),
    /// Something in the sandbox.
    Sandbox(SandboxAction),
    /// Something about breakpoints.
    Breakpoint(BreakpointAction),
    /// Something in the find bar.
    Find(FindAction),
    /// Something on the mapping page.
    Mapping(MappingAction),
    /// Something in a search.
    Search(SearchAction),
    /// Pin a path, or take its pin out.
    TogglePin(String),
    /// Something about reducers.
    Reducer(ReducerAction),
    /// The palette's text changed.
    SetPaletteText(String),
    /// Walk in the palette's list.
    MovePalette(isize),
    /// Do what an entry of the palette says: the one of this index, or the chosen one.
    ChoosePalette(Option<usize>),
    /// A region got the focus.
    Focus(Region),
    /// Go to the place that a notice speaks of.
    ShowNotice(usize),
    /// A notice was read.
    DismissNotice(usize),
    /// The throughput plots cover another span of time.
    SetLiveWindow(LiveWindow),
    /// Move the cursor to an instant.
    GoToTime(Time),
    /// What forward and back go to.
    SetStep(StepBy),
    /// Limit the list to the events behind the first position up to and with the second, or to none.
    ChooseRange(Option<(u64, u64)>),
    /// Show so many times as much time on the strip, around an instant that stays where it is.
    ZoomStrip {
        /// Below 1: closer.
        factor: f64,
        /// The instant.
        at: Time,
    },
    /// Move the time on the strip by a share of what is shown: later where positive.
    PanStrip(f64),
    /// Another page of the settings.
    SetSettingsPage(SettingsPage),
    /// How things are shown from now on.
    SetPreferences(Preferences),
    /// Light, dark, or as the system has it.
    SetTheme(ThemeChoice),
    /// Edges were dragged.
    SetPanes(Panes),
    /// A bookmark was chosen in their list, by its index.
    ChooseBookmark(usize),
    /// Go to a bookmark.
    GoToBookmark(usize),
    /// Take a bookmark away.
    RemoveBookmark(usize),
    /// The note of the chosen bookmark changed.
    SetNote(String),
    /// What is looked for in the key sheet changed.
    SetKeysFind(String),
    /// List only the commands with keys of the person's own, or all.
    ShowChangedKeys(bool),
    /// The next key is given to this command, or to none.
    CaptureKey(Option<Command>),
    /// A key was pressed for the command that waits for one; as the command table writes it.
    GiveKey(String),
    /// Take the key that was pressed from the command that has it.
    TakeKey,
    /// Give a command the keys of the table back.
    ResetKey(Command),
    /// Forget the recent logs.
    ClearRecent,
    /// Time went by.
    Tick {
        /// Milliseconds since the last tick.
        elapsed_ms: u64,
    },
}
