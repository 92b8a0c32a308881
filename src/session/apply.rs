//! What a person does → a changed session and requests.

use super::cursor::next_speed;
use super::{Action, Command, Field, MappingAction, Region, Session, StepBy, StreamRow, Tab, View};
use crate::event::Scope;
use crate::protocol::{ReducerChoice, Request, ThemeChoice, Way};

impl Session {
    /// Does one thing that a person, or the clock, asked for.
    #[expect(clippy::too_many_lines, reason = "one arm an action")]
    pub fn apply(&mut self, action: Action) {
        match action {
            Action::Run(command) => self.run(command),
            Action::Open(locator) => self.open(&locator),
            Action::SetPathField(text) => self.path_field = text,
            Action::SetStreamFilter(text) => self.set_stream_filter(text),
            Action::ToggleCategory(name) => {
                self.toggle_category(&name);
                self.streams
                    .highlight(|row| matches!(row, StreamRow::Category(category) if *category.info.category == *name));
            }
            Action::MoreStreams(category) => self.more_streams(category.as_deref()),
            Action::ChooseScope(scope) => {
                self.remember_visit();
                self.choose_scope(scope);
                let scope = self.scope.clone();
                self.streams.highlight(|row| row.shows(&scope));
            }
            Action::Viewport { rows } => {
                // The row at the cursor stays in view where it was: a banner may take the room of the last rows.
                let followed = self.cursor_row().filter(|row| self.events.is_in_view(*row));
                self.events.rows_shown = rows;
                self.events.keep_in_range();
                if let Some(row) = followed {
                    self.events.bring_into_view(row);
                }
                self.ask_rows();
            }
            Action::ScrollTo { top, part } => {
                self.events.top = top.clamp(self.events.listed().start, self.events.top_max());
                self.events.top_part = if self.events.top == self.events.top_max() { 0.0 } else { part };
                self.ask_rows();
            }
            Action::SelectRow(row) => self.select_row(row),
            Action::MoveCursor(position) => {
                self.following = false;
                self.play.direction = 0;
                self.move_cursor(position);
            }
            Action::ChooseTab(tab) => self.choose_tab(tab),
            Action::SetPathFilter(text) => {
                self.state.filter = text;
                self.state.refresh();
            }
            Action::ToggleNode(pointer) => self.state.toggle(pointer),
            Action::SelectPath(pointer) => {
                self.state.select(pointer);
                self.ask_sandbox();
            }
            Action::CompareFrom(position) => self.compare_from(position),
            Action::TypeBlamePath(text) => self.blame.typed = Some(text),
            Action::BlamePath(path) => self.blame_path(&path),
            Action::GoToTraced(place) => self.go_to_traced(place),
            Action::ToggleSiblings(place) => self.causation.toggle(place),
            Action::SetEventForm(form) => self.event_form = form,
            Action::SelectBlame(row) => self.select_blame(row),
            Action::SetSpeed(speed) => self.play.speed = speed.clamp(1, 10_000),
            Action::SetSnapshotName(name) => {
                if let Some(dialog) = &mut self.snapshot_dialog {
                    dialog.name = name;
                }
            }
            Action::TakeSnapshot => self.take_snapshot(),
            Action::Editor(action) => self.apply_editor(action),
            Action::Diff(action) => self.apply_diff(action),
            Action::Audit(action) => self.apply_audit(action),
            Action::Sandbox(action) => self.apply_sandbox(action),
            Action::Breakpoint(action) => self.apply_breakpoint(action),
            Action::Find(action) => self.apply_find(action),
            Action::Search(action) => self.apply_search(action),
            Action::Mapping(action) => self.apply_mapping(action),
            Action::TogglePin(path) => self.toggle_pin_of(path),
            Action::Reducer(action) => self.apply_reducer(action),
            Action::SetPaletteText(text) => self.set_palette_text(text),
            Action::MovePalette(by) => self.move_palette(by),
            Action::ChoosePalette(index) => self.choose_palette(index),
            Action::Focus(region) => self.region = region,
            Action::ShowNotice(index) => {
                let place = self.notices.get(index).and_then(|notice| notice.place.clone());
                if let Some((stream, position)) = place {
                    self.remember_visit();
                    self.tab = Tab::State;
                    self.go_to(Scope::Stream(stream), position);
                }
            }
            Action::DismissNotice(index) => {
                if index < self.notices.len() {
                    self.notices.remove(index);
                }
            }
            Action::SetLiveWindow(window) => self.live.window = window,
            Action::GoToTime(time) => self.go_to_time(time),
            Action::SetStep(step) => self.play.step = step,
            Action::ChooseRange(range) => self.choose_range(range),
            Action::ZoomStrip { factor, at } => self.zoom_strip(factor, at),
            Action::PanStrip(share) => self.pan_strip(share),
            Action::SetSettingsPage(page) => self.choose_settings_page(page),
            Action::SetPreferences(preferences) => self.prefer(preferences),
            Action::SetTheme(theme) => self.choose_theme(theme),
            Action::SetPanes(panes) => self.panes = panes,
            Action::ChooseBookmark(index) => self.choose_bookmark(index),
            Action::GoToBookmark(index) => self.go_to_bookmark(index),
            Action::RemoveBookmark(index) => {
                self.remove_bookmark(index);
                self.choose_bookmark(index);
            }
            Action::SetNote(note) => self.set_note(note),
            Action::SetKeysFind(text) => self.keys_sheet.find = text,
            Action::ShowChangedKeys(changed) => self.keys_sheet.changed = changed,
            Action::CaptureKey(command) => self.capture_key(command),
            Action::GiveKey(key) => self.give_key(&key),
            Action::TakeKey => self.take_key(),
            Action::ResetKey(command) => self.reset_key(command),
            Action::ClearRecent => {
                self.recent.clear();
                let settings = self.settings();
                self.request(Request::SaveSettings(settings));
            }
            Action::Tick { elapsed_ms } => {
                self.rest_editor(elapsed_ms);
                self.tick(elapsed_ms);
            }
        }
    }

    #[expect(clippy::too_many_lines, reason = "one arm a command")]
    fn run(&mut self, command: Command) {
        match command {
            Command::OpenFile => self.request(Request::PickFile),
            Command::MapTables => self.map_tables(),
            Command::OpenPathField if self.mapping.is_some() => self.apply_mapping(MappingAction::SaveAndOpen),
            Command::OpenPathField => {
                let path = self.path_field.trim().to_owned();
                if path.is_empty() {
                    self.wants_focus = Some(Field::Path);
                } else {
                    self.open(&path);
                }
            }
            Command::FocusPathField => {
                if self.view != View::Welcome {
                    self.close();
                }
                self.wants_focus = Some(Field::Path);
            }
            Command::OpenDemo => {
                let generation = self.next_generation();
                self.opening = Some("the demo log".to_owned());
                self.open_error = None;
                self.request(Request::OpenDemo { generation });
            }
            Command::CloseLog => self.close(),
            Command::WholeLog => self.apply(Action::ChooseScope(Scope::Log)),
            Command::FilterStreams => {
                self.region = Region::Streams;
                self.wants_focus = Some(Field::Streams);
            }
            Command::ClearFilter => self.set_stream_filter(String::new()),
            Command::Search => self.open_search(Scope::Log),
            Command::FilterEvents => self.open_search(self.scope.clone()),
            Command::OnlyThisType => self.filter_by_type(false),
            Command::WithoutThisType => self.filter_by_type(true),
            Command::StepForward => self.step_by(true),
            Command::StepBack => self.step_by(false),
            Command::StepKind => {
                let index = StepBy::ALL.iter().position(|step| *step == self.play.step).unwrap_or(0);
                self.play.step = StepBy::ALL[(index + 1) % StepBy::ALL.len()];
            }
            Command::Oldest => {
                self.remember_visit();
                self.following = false;
                self.play.direction = 0;
                self.move_cursor(0);
            }
            Command::Newest => {
                self.remember_visit();
                self.play.direction = 0;
                self.following = true;
                self.move_cursor(self.events.events());
            }
            Command::PlayPause => self.play(1),
            Command::PlayBack => self.play(-1),
            Command::Faster => self.play.speed = next_speed(self.play.speed, true),
            Command::Slower => self.play.speed = next_speed(self.play.speed, false),
            Command::SelectDown => self.select_by(1),
            Command::SelectUp => self.select_by(-1),
            Command::PageDown => self.select_by(self.page_step()),
            Command::PageUp => self.select_by(-self.page_step()),
            Command::CursorToSelection => self.go_to_selection(),
            Command::Snapshot => self.open_snapshot_dialog(),
            Command::TabState => self.choose_tab(Tab::State),
            Command::TabEvent => self.choose_tab(Tab::Event),
            Command::TabDiff => self.choose_tab(Tab::Diff),
            Command::CompareFromHere => self.compare_from_here(),
            Command::SwapCompared => self.swap_compared(),
            Command::IgnorePath => self.ignore_path(),
            Command::CycleArrays => self.cycle_arrays(),
            Command::CopyPatch => self.copy_patch(),
            Command::TabBlame => self.choose_tab(Tab::Blame),
            Command::BlameEarlier => self.blame(true),
            Command::BlameLater => self.blame(false),
            Command::TabSnapshots => self.choose_tab(Tab::Snapshots),
            Command::TabCausation => self.choose_tab(Tab::Causation),
            Command::OnlyChanged => {
                self.state.only_changed = !self.state.only_changed;
                self.state.refresh();
            }
            Command::FilterPaths => {
                self.choose_tab(Tab::State);
                self.region = Region::Inspector;
                self.wants_focus = Some(Field::Paths);
            }
            // Without a text there is no hit: it is asked for.
            Command::NextHit | Command::HitBefore if self.state.filter.is_empty() => self.run(Command::FilterPaths),
            Command::NextHit => self.state.select_hit(true),
            Command::HitBefore => self.state.select_hit(false),
            Command::VerifySnapshots => self.verify_snapshots(),
            Command::NextSnapshot => self.walk_snapshots(true),
            Command::SnapshotBefore => self.walk_snapshots(false),
            Command::SandboxToggle => self.sandbox_toggle(),
            Command::SandboxEdit => self.sandbox_edit(),
            Command::SandboxInsert => self.sandbox_insert(),
            Command::SandboxEarlier => self.sandbox_move(false),
            Command::SandboxLater => self.sandbox_move(true),
            Command::SandboxUndo => self.undo_sandbox(),
            Command::SandboxLeave => self.leave_sandbox(),
            Command::NextChange => self.run_to_change(Way::Forward),
            Command::ChangeBefore => self.run_to_change(Way::Back),
            Command::RunForward => self.run_to_breakpoint(Way::Forward),
            Command::RunBack => self.run_to_breakpoint(Way::Back),
            Command::BreakHere => self.toggle_breakpoint_here(),
            Command::BreakWhen => self.draft_breakpoint(),
            Command::Find => self.open_find(),
            Command::NextInterval if self.search.open => self.walk_hits(1),
            Command::IntervalBefore if self.search.open => self.walk_hits(-1),
            Command::NextInterval => self.walk_intervals(true),
            Command::IntervalBefore => self.walk_intervals(false),
            Command::CopyValue => self.copy_value(),
            Command::CopyPointer => self.copy_pointer(),
            Command::Pin => self.toggle_pin(),
            Command::FoldTogether => self.toggle_together(),
            Command::ViewReducer => self.open_editor(),
            Command::SaveReducer => self.save_reducer(),
            Command::ReducerBound => self.use_reducer(ReducerChoice::Bound),
            Command::ReducerAuto => self.use_reducer(ReducerChoice::Auto),
            Command::ReducerFile => self.open_reducer_dialog(),
            Command::AllowProcess => self.open_allow_dialog(),
            Command::CopyEvent => self.copy_event(),
            Command::ViewReplay => self.choose_view(View::Replay),
            Command::ViewThroughput => self.choose_view(View::Throughput),
            Command::LongerWindow => self.live.window = self.live.window.next(true),
            Command::ShorterWindow => self.live.window = self.live.window.next(false),
            Command::PlotTable if self.view == View::Throughput => self.live.table = !self.live.table,
            Command::PlotTable => self.strip.table = !self.strip.table,
            Command::ZoomIn => self.zoom_step(true),
            Command::ZoomOut => self.zoom_step(false),
            Command::ZoomToRange => self.zoom_to_range(),
            Command::RangeStart => self.range_at_cursor(true),
            Command::RangeEnd => self.range_at_cursor(false),
            Command::ClearRange => self.choose_range(None),
            Command::PauseLive => self.live.toggle_pause(),
            Command::Back => self.travel(true),
            Command::Forward => self.travel(false),
            Command::NextRegion => self.move_region(1),
            Command::PreviousRegion => self.move_region(Region::ALL.len() - 1),
            Command::Theme => {
                self.theme = if self.theme == ThemeChoice::Light { ThemeChoice::Dark } else { ThemeChoice::Light };
                let settings = self.settings();
                self.request(Request::SaveSettings(settings));
            }
            Command::Palette => self.open_palette(String::new()),
            Command::GoTo => self.open_palette(":".to_owned()),
            Command::Keys => {
                self.keys_open = !self.keys_open;
                self.keys_sheet = super::KeysSheet::default();
            }
            Command::Settings => self.toggle_settings(),
            Command::TextLarger => self.scale_text(true),
            Command::TextSmaller => self.scale_text(false),
            Command::Times => self.next_times(),
            Command::DeleteCache => self.request(Request::DeleteCache),
            Command::ForgetView => self.forget_view(),
            Command::CopyCommandLine => self.copy_command_line(),
            Command::Bookmark => self.toggle_bookmark(),
            Command::BookmarkNote => self.write_note(),
            Command::Bookmarks => self.toggle_bookmarks(),
            Command::NextBookmark => self.next_bookmark(true),
            Command::PreviousBookmark => self.next_bookmark(false),
            Command::ResetKeys => self.reset_keys(),
            Command::Escape => self.escape(),
        }
    }

    fn open(&mut self, locator: &str) {
        let generation = self.next_generation();
        self.opening = Some(locator.to_owned());
        self.open_error = None;
        self.mappable = None;
        self.mapping = None;
        self.kept.wanted = None;
        self.request(Request::Open { generation, locator: locator.to_owned() });
    }

    fn close(&mut self) {
        self.next_generation();
        *self = self.fresh();
        self.request(Request::Close);
    }

    /// A step by what was chosen.
    fn step_by(&mut self, forward: bool) {
        match self.play.step.command(forward) {
            Some(command) => self.run(command),
            None => self.step(if forward { 1 } else { -1 }),
        }
    }

    /// Shows another view of the log, where one is open.
    fn choose_view(&mut self, view: View) {
        if self.log.is_some() {
            self.view = view;
        }
    }

    /// Moves the cursor to an instant, as far as the scope reaches.
    fn go_to_time(&mut self, time: crate::event::Time) {
        let (generation, scope, at) = (self.generation, self.scope.clone(), crate::log::At::Time(time));
        self.request(Request::Locate { generation, scope, at });
    }

    fn move_region(&mut self, by: usize) {
        let index = Region::ALL.iter().position(|region| *region == self.region).unwrap_or(0);
        self.region = Region::ALL[(index + by) % Region::ALL.len()];
    }

    fn escape(&mut self) {
        if self.palette.is_some() {
            self.palette = None;
        } else if self.keys_sheet.capture.is_some() {
            self.capture_key(None);
        } else if self.keys_open {
            self.keys_open = false;
        } else if self.settings_pane.is_some() {
            self.settings_pane = None;
        } else if self.bookmarks_pane.is_some() {
            self.bookmarks_pane = None;
        } else if self.snapshot_dialog.is_some() {
            self.snapshot_dialog = None;
        } else if self.reducer.dialog.is_some() {
            self.reducer.dialog = None;
        } else if self.sandbox.dialog.is_some() {
            self.sandbox.dialog = None;
        } else if self.breakpoints.running.is_some() {
            self.stop_run();
        } else if self.is_auditing() {
            self.stop_audit();
        } else if self.breakpoints.draft.is_some() {
            self.breakpoints.draft = None;
        } else if self.breakpoints.stopped.is_some() {
            self.breakpoints.stopped = None;
        } else if self.mapping.is_some() {
            self.mapping = None;
        } else if self.search.open && self.search.is_searching() {
            self.stop_search();
        } else if self.search.open {
            self.close_search();
        } else if self.find.is_searching() {
            self.stop_find();
        } else if self.reducer.shows_refolded {
            self.reducer.shows_refolded = false;
        } else if self.play.direction != 0 {
            self.play.direction = 0;
        } else if self.events.range.is_some() {
            self.choose_range(None);
        } else if !self.streams.filter.is_empty() {
            self.set_stream_filter(String::new());
        } else if !self.notices.is_empty() {
            self.notices.pop();
        } else if self.find.open {
            self.close_find();
        } else if self.events.selected.is_some() {
            self.events.selected = None;
            self.ask_detail();
        } else if self.tab == Tab::Diff && self.diff.from.is_some() {
            self.diff.from = None;
        } else if self.view == View::Reducer {
            self.view = View::Replay;
        } else if self.is_sandbox() {
            self.leave_sandbox();
        } else if self.following {
            self.following = false;
        }
    }
}
