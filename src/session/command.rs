//! Every command: its label, its help, its key. Buttons, tooltips, the key sheet and the key dispatch all read this.

/// What a person reads about a command.
#[derive(Debug)]
pub struct CommandInfo {
    /// The command.
    pub command: Command,
    /// Its name, in sentence case.
    pub label: &'static str,
    /// One sentence.
    pub help: &'static str,
    /// Its keys, as they are written: `Ctrl+O`, `Shift+F6`, `→`. The first is the one that is shown.
    pub keys: &'static [&'static str],
    /// Its part of the key sheet.
    pub group: Group,
}

/// The parts of the key sheet.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Group {
    /// Opening and closing.
    Log,
    /// Moving in time.
    Replay,
    /// Snapshots, bookmarks, ranges.
    Marks,
    /// Breakpoints, and all intervals.
    Find,
    /// What if.
    Sandbox,
    /// Moving in lists.
    Lists,
    /// The inspector.
    Inspector,
    /// The window itself.
    Window,
}

impl Group {
    /// Its title.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::Log => "Log",
            Self::Replay => "Step through time",
            Self::Marks => "Marks and ranges",
            Self::Find => "Stop and find",
            Self::Sandbox => "Sandbox",
            Self::Lists => "Lists",
            Self::Inspector => "Inspector",
            Self::Window => "Window",
        }
    }
}

macro_rules! commands {
    ($($command:ident, $group:ident, $label:literal, [$($key:literal),*], $help:literal;)+) => {
        /// Something that a person can ask for without saying more.
        #[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
        pub enum Command {
            $(#[doc = $help] $command,)+
        }

        /// All commands, in the order of the key sheet.
        pub static COMMANDS: &[CommandInfo] = &[$(CommandInfo {
            command: Command::$command,
            label: $label,
            help: $help,
            keys: &[$($key),*],
            group: Group::$group,
        }),+];
    };
}

// A command is one line here, and one arm in `apply.rs` that says what it does: everything else reads this table.
// Keys may be left out; letters without Ctrl or Alt are off while a text field has the focus.
commands![
    OpenFile, Log, "Open file…", ["Ctrl+O"], "Choose an event log in the system's dialog";
    FocusPathField, Log, "Path field", ["Ctrl+L"], "Type or paste the path of an event log";
    OpenPathField, Log, "Open path", ["Ctrl+Enter"], "Open the log whose path stands in the path field";
    OpenDemo, Log, "Open demo", ["Ctrl+D"], "Make a wallet ledger with a live writer and open it";
    MapTables, Log, "Map tables…", ["Ctrl+Shift+L"], "Choose which columns of an unknown table hold what";
    CloseLog, Log, "Close log", ["Ctrl+W"], "Let go of the log and return to the welcome page";
    Snapshot, Log, "Snapshot…", ["S"], "Keep the state at the cursor";
    VerifySnapshots, Log, "Verify snapshots", ["Ctrl+Shift+K"], "Fold the stream from its first event and compare each of its snapshots";
    StepForward, Replay, "Step forward", ["→", "L"], "Fold one event more, or as far as the chosen step goes";
    StepBack, Replay, "Step back", ["←", "H"], "Fold one event less, or as far as the chosen step goes";
    StepKind, Replay, "Next kind of step", ["Shift+S"], "Let forward and back go to the next event, change, breakpoint or bookmark";
    NextSnapshot, Marks, "Next snapshot", ["D"], "Move the cursor to the next snapshot of the stream";
    SnapshotBefore, Marks, "Snapshot before", ["Shift+D"], "Move the cursor to the snapshot before";
    Oldest, Replay, "Oldest", ["Home", "G"], "Move the cursor before the oldest event";
    Newest, Replay, "Newest and follow", ["End", "Shift+G"], "Move the cursor after the newest event and stay there";
    PlayPause, Replay, "Play or pause", ["Space"], "Step forward by itself at the chosen speed";
    PlayBack, Replay, "Play backwards", ["Shift+Space"], "Step back by itself at the chosen speed";
    Faster, Replay, "Faster", ["Plus"], "Double the playing speed";
    Slower, Replay, "Slower", ["Minus"], "Halve the playing speed";
    GoTo, Replay, "Go to…", ["Ctrl+G"], "Type a version, a position or a time";
    Bookmark, Marks, "Bookmark", ["M"], "Set a bookmark at the selected event, or take it away";
    BookmarkNote, Marks, "Note…", ["Shift+M"], "Write a note to the selected event; it gets a bookmark";
    NextBookmark, Marks, "Next bookmark", ["U"], "Move the cursor to the next bookmark";
    PreviousBookmark, Marks, "Bookmark before", ["Shift+U"], "Move the cursor to the bookmark before";
    Bookmarks, Marks, "Bookmarks", ["Ctrl+M"], "Show all bookmarks of this log with their notes";
    RangeStart, Marks, "Range from here", ["["], "List only events from the cursor on";
    RangeEnd, Marks, "Range to here", ["]"], "List only events up to the cursor";
    ClearRange, Marks, "No range", [], "List the events of all time again";
    ZoomIn, Marks, "Zoom in", ["Z"], "Show half as much time on the strip";
    ZoomOut, Marks, "Zoom out", ["Shift+Z"], "Show twice as much time on the strip";
    ZoomToRange, Marks, "Zoom to the range", ["Ctrl+Shift+Z"], "Show the range on the whole strip, or all of the time";
    Back, Replay, "Back", ["Ctrl+["], "Return to where you were before";
    Forward, Replay, "Forward", ["Ctrl+]"], "Return to where you were after";
    SandboxToggle, Sandbox, "Switch event off or on", ["Y"], "In a sandbox: what the state would be had the selected event not happened";
    SandboxEdit, Sandbox, "Edit event…", ["Shift+Y"], "In a sandbox: what the state would be had the selected event been another one";
    SandboxInsert, Sandbox, "Insert event…", ["Ctrl+Shift+I"], "In a sandbox: put an event in after the selected one";
    SandboxEarlier, Sandbox, "Move event earlier", ["Ctrl+↑"], "In a sandbox: let the selected event happen one place earlier";
    SandboxLater, Sandbox, "Move event later", ["Ctrl+↓"], "In a sandbox: let the selected event happen one place later";
    SandboxUndo, Sandbox, "Undo in the sandbox", ["Ctrl+Z"], "Take the newest change of the sandbox back";
    SandboxLeave, Sandbox, "Leave sandbox", ["Ctrl+Shift+Q"], "Drop all changes: nothing of them was written";
    NextChange, Replay, "Next change of a pin", ["Shift+→", "C"], "Move the cursor to the next event that changes a pinned path";
    ChangeBefore, Replay, "Change of a pin before", ["Shift+←", "Shift+C"], "Move the cursor to the last event before that changed a pinned path";
    RunForward, Find, "Run to breakpoint", ["F8"], "Go on to the next event at which a breakpoint hits";
    RunBack, Find, "Run back to breakpoint", ["Shift+F8"], "Go back to the last event before at which a breakpoint hits";
    BreakHere, Find, "Breakpoint on row", ["Ctrl+B"], "Set a breakpoint on the selected row, or take it out";
    BreakWhen, Find, "New breakpoint…", ["Ctrl+Shift+B"], "Stop at a condition, a type, a path, or a fault";
    Find, Find, "Find all intervals…", ["Ctrl+Shift+F"], "Show every interval of versions in which a condition held";
    NextInterval, Find, "Next interval", ["N"], "Choose the next interval that was found; Enter goes there";
    IntervalBefore, Find, "Interval before", ["Shift+N"], "Choose the interval before; Enter goes there";
    WholeLog, Lists, "Whole log", ["0"], "Show the events of all streams";
    FilterStreams, Lists, "Filter streams", ["F"], "Show the streams whose name contains a text";
    Search, Lists, "Search…", ["Ctrl+F"], "Look through the whole log for words, types, values and times";
    FilterEvents, Lists, "Filter events…", ["/"], "Look through the events of this stream or category";
    OnlyThisType, Lists, "Only this type", ["E"], "Filter by the type of the selected event";
    WithoutThisType, Lists, "Without this type", ["Shift+E"], "Filter out the type of the selected event";
    ClearFilter, Lists, "Clear filter", ["Ctrl+Backspace"], "Show all streams again";
    SelectDown, Lists, "Next row", ["↓", "J"], "Select the next row of the list";
    SelectUp, Lists, "Row before", ["↑", "K"], "Select the row before";
    PageDown, Lists, "Page down", ["PageDown"], "Select the row one page further";
    PageUp, Lists, "Page up", ["PageUp"], "Select the row one page before";
    CursorToSelection, Lists, "Go to the selected row", ["Enter"], "Move the cursor after the selected event, or open the selected stream";
    TabState, Inspector, "State", ["Alt+1"], "The state at the cursor, with what the event changed";
    TabDiff, Inspector, "Diff", ["Alt+2"], "What changed between A and the cursor";
    TabEvent, Inspector, "Event", ["Alt+3"], "The selected event in full";
    TabBlame, Inspector, "Blame", ["Alt+4"], "Who set the selected path, and who before";
    TabSnapshots, Inspector, "Snapshots", ["Alt+5"], "The snapshots of the stream";
    TabCausation, Inspector, "Causation", ["Alt+6"], "What caused the event, what it caused, and its whole correlation";
    CompareFromHere, Inspector, "Compare from here", ["X"], "Set A at the cursor: Diff then shows what changed up to where the cursor goes";
    SwapCompared, Inspector, "Swap A and B", ["Shift+X"], "Move the cursor to A, and A to where the cursor was";
    IgnorePath, Inspector, "Ignore path", ["I"], "Leave the selected path out of the comparison, or take it in again";
    CycleArrays, Inspector, "Arrays by key, value, index", ["Shift+I"], "Find the items of arrays again by a key, by value, or by place";
    CopyPatch, Inspector, "Copy as JSON Patch", ["Ctrl+Shift+D"], "Copy the difference from A to B as RFC 6902";
    BlameEarlier, Inspector, "Who set it", ["B"], "Find the event that set the selected path; again for the one before";
    BlameLater, Inspector, "Who set it later", ["Shift+B"], "Go on to the next event that set the path";
    OnlyChanged, Inspector, "Only changed paths", ["Ctrl+J"], "Show all paths, or only those that the event changed";
    FilterPaths, Inspector, "Filter paths", ["Shift+F"], "Show the paths of the state that contain a text";
    NextHit, Inspector, "Next hit in the state", ["F3"], "Select the next path of the state that contains the text of the filter";
    HitBefore, Inspector, "Hit before in the state", ["Shift+F3"], "Select the path before that contains the text of the filter";
    Pin, Inspector, "Pin path", ["W"], "Watch the selected path over the state, or watch it no more";
    CopyValue, Inspector, "Copy value", ["Ctrl+Shift+J"], "Copy the value of the selected path as JSON, or the whole state";
    CopyPointer, Inspector, "Copy pointer", ["Ctrl+Shift+U"], "Copy the JSON pointer of the selected path";
    FoldTogether, Inspector, "Fold the scope together", ["Ctrl+Shift+G"], "In a category or the whole log: all events make one state, or each stream has its own";
    ViewReducer, Inspector, "Edit reducer", ["Ctrl+R"], "The text of the reducer of this stream, and what an edit of it changes in the state";
    SaveReducer, Inspector, "Save reducer", ["Ctrl+S"], "Save the text that is edited: every stream that it is bound to is folded anew";
    ReducerBound, Inspector, "Reducer of the workspace file", ["Ctrl+Shift+E"], "Fold each stream with what eventscope.toml binds to it, else with Auto";
    ReducerAuto, Inspector, "Reducer Auto", ["Ctrl+Shift+A"], "Fold every stream with Auto";
    ReducerFile, Inspector, "Reducer from a file…", ["Ctrl+Shift+R"], "Fold every stream with a file: JavaScript, rules, or a process";
    AllowProcess, Inspector, "Allow the program…", ["Ctrl+Shift+Y"], "Say yes to the program that the reducer of this stream runs";
    CopyEvent, Inspector, "Copy as JSON", ["Ctrl+C"], "Copy the selected event as JSON";
    ViewReplay, Window, "Replay", ["Ctrl+1"], "Streams, events and the state at the cursor";
    ViewThroughput, Window, "Throughput", ["Ctrl+2"], "How fast the log is written to, by type and by stream";
    LongerWindow, Window, "Longer time on the plots", ["Ctrl+Shift+↑"], "Let the throughput plots cover more time";
    ShorterWindow, Window, "Shorter time on the plots", ["Ctrl+Shift+↓"], "Let the throughput plots cover less time";
    PlotTable, Window, "Plots as a table", ["T"], "Show the numbers of the plots, or of the time strip, in rows, and back";
    PauseLive, Window, "Pause live", ["="], "Pause or resume the live plot; collecting goes on";
    NextRegion, Window, "Next region", ["F6"], "Move the focus to the next region";
    PreviousRegion, Window, "Region before", ["Shift+F6"], "Move the focus to the region before";
    Palette, Window, "Palette", ["Ctrl+K", "Ctrl+Shift+P"], "Find a command or a stream by a few letters";
    Theme, Window, "Light or dark", ["Ctrl+T"], "Change between light and dark";
    Keys, Window, "Keys", ["?", "F1"], "Show every command with its key";
    Settings, Window, "Settings", ["Ctrl+,"], "Theme, text size, times, cache and keys";
    TextLarger, Window, "Larger text", ["Ctrl+Plus"], "Show everything in the next larger size";
    TextSmaller, Window, "Smaller text", ["Ctrl+Minus"], "Show everything in the next smaller size";
    Times, Window, "Times in UTC, local or relative", ["Shift+T"], "Show times in the next of the three ways";
    CopyCommandLine, Window, "Copy a command line", ["Ctrl+Shift+C"], "Copy a command line that opens this log in the same view";
    ForgetView, Window, "Forget this view", [], "Forget where you were in this log, and the widths of its panes";
    DeleteCache, Window, "Delete the cache", [], "Delete what makes seeking fast; it is made again when it is needed";
    ResetKeys, Window, "Reset all keys", [], "Give every command the key of the table back";
    Escape, Window, "Close or clear", ["Escape"], "Close, clear or stop the nearest thing";
];

impl Command {
    /// The name that settings and the command line know it by: `step-forward`.
    #[must_use]
    pub fn name(self) -> String {
        let mut name = String::new();
        for letter in format!("{self:?}").chars() {
            if letter.is_uppercase() && !name.is_empty() {
                name.push('-');
            }
            name.extend(letter.to_lowercase());
        }
        name
    }

    /// The command of this name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        COMMANDS.iter().map(|info| info.command).find(|command| command.name() == name)
    }

    /// What a person reads about it.
    #[must_use]
    pub fn info(self) -> &'static CommandInfo {
        COMMANDS.iter().find(|info| info.command == self).unwrap_or(&COMMANDS[0])
    }

    /// Its name.
    #[must_use]
    pub fn label(self) -> &'static str {
        self.info().label
    }

    /// One sentence about it.
    #[must_use]
    pub fn help(self) -> &'static str {
        self.info().help
    }

    /// The key that the table gives it and that is shown; a person may have chosen another ([`super::Keymap`]).
    #[must_use]
    pub fn key(self) -> &'static str {
        self.info().keys.first().copied().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_key_and_no_label_serves_two_commands() {
        let mut keys: Vec<&str> = COMMANDS.iter().flat_map(|info| info.keys).copied().collect();
        let mut labels: Vec<&str> = COMMANDS.iter().map(|info| info.label).collect();
        let counts = (keys.len(), labels.len());
        keys.sort_unstable();
        keys.dedup();
        labels.sort_unstable();
        labels.dedup();
        assert_eq!((keys.len(), labels.len()), counts);
    }

    #[test]
    fn every_command_says_what_it_is() {
        for info in COMMANDS {
            assert!(!info.label.is_empty(), "{:?}", info.command);
            assert_eq!(Command::named(&info.command.name()), Some(info.command));
            assert!(info.help.len() > 10 && !info.help.ends_with('.'), "{:?}", info.command);
            assert!(std::ptr::eq(info.command.info(), info), "{:?} is listed twice", info.command);
        }
    }
}
