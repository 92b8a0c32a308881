//! What a person does → a changed session and requests.

use super::{Action, Command, Field, Region, Session, SnapshotDialog, StreamRow, Tab, View, Visit};
use crate::event::{Scope, StreamId};
use crate::limits::{ROWS_PAGE, STREAMS_PAGE};
use crate::log::StreamPage;
use crate::protocol::{Request, ThemeChoice};

/// Steps a second that *faster* and *slower* walk through.
const SPEEDS: [u32; 10] = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000];

impl Session {
    /// Does one thing that a person, or the clock, asked for.
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
                self.events.top = self.events.top.min(self.events.top_max());
                if let Some(row) = followed {
                    self.events.bring_into_view(row);
                }
                self.ask_rows();
            }
            Action::ScrollTo { top, part } => {
                self.events.top = top.min(self.events.top_max());
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
            Action::SelectPath(pointer) => self.state.selected = Some(pointer),
            Action::CompareFrom(position) => self.compare_from(position),
            Action::SelectBlame(row) => self.select_blame(row),
            Action::SetSpeed(speed) => self.play.speed = speed.clamp(1, 10_000),
            Action::SetSnapshotName(name) => {
                if let Some(dialog) = &mut self.snapshot_dialog {
                    dialog.name = name;
                }
            }
            Action::TakeSnapshot => self.take_snapshot(),
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
            Action::ClearRecent => {
                self.recent.clear();
                let settings = self.settings();
                self.request(Request::SaveSettings(settings));
            }
            Action::Tick { elapsed_ms } => self.tick(elapsed_ms),
        }
    }

    fn run(&mut self, command: Command) {
        match command {
            Command::OpenFile => self.request(Request::PickFile),
            Command::OpenPathField => {
                let path = self.path_field.trim().to_owned();
                if path.is_empty() {
                    self.wants_focus = Some(Field::Path);
                } else {
                    self.open(&path);
                }
            }
            Command::FocusPathField => {
                if self.view == View::Replay {
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
            Command::StepForward => self.step(1),
            Command::StepBack => self.step(-1),
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
            Command::TabBlame => self.choose_tab(Tab::Blame),
            Command::BlameEarlier => self.blame(true),
            Command::BlameLater => self.blame(false),
            Command::TabSnapshots => self.choose_tab(Tab::Snapshots),
            Command::OnlyChanged => {
                self.state.only_changed = !self.state.only_changed;
                self.state.refresh();
            }
            Command::FilterPaths => {
                self.choose_tab(Tab::State);
                self.region = Region::Inspector;
                self.wants_focus = Some(Field::Paths);
            }
            Command::CopyEvent => self.copy_event(),
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
            Command::Keys => self.keys_open = !self.keys_open,
            Command::Escape => self.escape(),
        }
    }

    fn open(&mut self, locator: &str) {
        let generation = self.next_generation();
        self.opening = Some(locator.to_owned());
        self.open_error = None;
        self.request(Request::Open { generation, locator: locator.to_owned() });
    }

    fn close(&mut self) {
        self.next_generation();
        let kept = Self {
            recent: std::mem::take(&mut self.recent),
            theme: self.theme,
            generation: self.generation,
            ticket: self.ticket,
            ..Self::new()
        };
        *self = kept;
        self.request(Request::Close);
    }

    fn set_stream_filter(&mut self, text: String) {
        if text == self.streams.filter {
            return;
        }
        self.streams.filter = text;
        // The keys stand on the first stream that is found.
        self.streams.highlighted = usize::from(!self.streams.filter.is_empty());
        self.streams.found = None;
        if !self.streams.filter.is_empty() && self.log.is_some() {
            self.streams.found = Some(super::Found { loading: true, ..super::Found::default() });
            self.outbox.retain(|waiting| !matches!(waiting, Request::Streams { page, .. } if page.contains.is_some()));
            self.ask_streams(None, None);
        }
    }

    fn toggle_category(&mut self, name: &str) {
        let Some(category) = self.streams.category_mut(name) else { return };
        category.open = !category.open;
        if category.open && category.streams.is_empty() && !category.loading {
            category.loading = true;
            self.ask_streams(Some(name), None);
        }
    }

    fn more_streams(&mut self, category: Option<&str>) {
        let list = match category {
            Some(name) => self.streams.category_mut(name).map(|list| (&list.streams, &mut list.loading, list.complete)),
            None => self.streams.found.as_mut().map(|list| (&list.streams, &mut list.loading, list.complete)),
        };
        let Some((streams, loading, false)) = list else { return };
        if !std::mem::replace(loading, true) {
            let after = streams.last().map(|stream| stream.stream.clone());
            self.ask_streams(category, after);
        }
    }

    pub(super) fn ask_streams(&mut self, category: Option<&str>, after: Option<StreamId>) {
        let contains = if category.is_some() { None } else { Some(self.streams.filter.clone()) };
        let page = StreamPage { category: category.map(str::to_owned), contains, after, limit: STREAMS_PAGE };
        self.request(Request::Streams { generation: self.generation, page });
    }

    /// Looks at another scope, from its newest event.
    pub(super) fn choose_scope(&mut self, scope: Scope) {
        if self.log.is_none() || (scope == self.scope && self.events.extent.is_some()) {
            return;
        }
        let generation = self.next_generation();
        self.outbox.retain(|waiting| {
            !matches!(
                waiting,
                Request::Rows { .. }
                    | Request::Changes { .. }
                    | Request::Seek { .. }
                    | Request::Blame { .. }
                    | Request::Diff { .. }
                    | Request::Detail { .. }
                    | Request::Extent { .. }
                    | Request::Density { .. }
            )
        });
        self.scope = scope;
        self.events = super::EventsPane::with_room(self.events.rows_shown);
        self.cursor = 0;
        self.following = false;
        self.landing = None;
        self.play.direction = 0;
        self.state.clear();
        self.state.selected = None;
        self.diff = super::DiffPane::default();
        self.blame = super::BlamePane::default();
        self.detail = None;
        self.density = None;
        self.snapshots = None;
        self.snapshot_dialog = None;
        self.request(Request::Extent { generation, scope: self.scope.clone() });
        self.request(Request::Density { generation, scope: self.scope.clone() });
        if let Some(stream) = self.scope.stream().cloned() {
            self.request(Request::Snapshots { generation, stream });
        }
    }

    pub(super) fn ask_rows(&mut self) {
        for page in self.events.pages_wanted() {
            self.request(Request::Rows {
                generation: self.generation,
                scope: self.scope.clone(),
                first: page * ROWS_PAGE,
                count: ROWS_PAGE,
            });
        }
    }

    pub(super) fn move_cursor(&mut self, position: u64) {
        let position = position.min(self.events.events());
        self.events.selected = None;
        self.blame.selected = None;
        self.cursor = position;
        self.ticket.0 += 1;
        self.request(Request::Seek {
            generation: self.generation,
            ticket: self.ticket,
            scope: self.scope.clone(),
            position,
        });
        self.events.bring_into_view(position.saturating_sub(1));
        self.ask_rows();
        self.ask_detail();
    }

    fn step(&mut self, by: i64) {
        self.following = false;
        self.play.direction = 0;
        self.move_cursor(self.cursor.saturating_add_signed(by));
    }

    fn play(&mut self, direction: i8) {
        if self.play.direction != 0 {
            self.play.direction = 0;
            return;
        }
        self.following = false;
        if direction > 0 && self.cursor >= self.events.events() {
            self.move_cursor(0);
        }
        if direction < 0 && self.cursor == 0 {
            self.move_cursor(self.events.events());
        }
        self.play.direction = direction;
        self.play.due = 0.0;
    }

    fn tick(&mut self, elapsed_ms: u64) {
        if self.play.direction == 0 {
            return;
        }
        #[expect(clippy::cast_precision_loss, reason = "milliseconds of one frame")]
        let elapsed = elapsed_ms.min(1_000) as f64;
        self.play.due += elapsed * f64::from(self.play.speed) / 1_000.0;
        // The cursor moves as states arrive: a slow fold slows the play and drops no step.
        if !self.state_is_current() {
            self.play.due = self.play.due.min(f64::from(self.play.speed) / 10.0 + 1.0);
            return;
        }
        #[expect(clippy::cast_possible_truncation, reason = "at most speed × 1 s")]
        let steps = self.play.due.floor() as i64;
        if steps < 1 {
            return;
        }
        self.play.due -= self.play.due.floor();
        let to = self.cursor.saturating_add_signed(steps * i64::from(self.play.direction)).min(self.events.events());
        self.move_cursor(to);
        if to == 0 || (to == self.events.events() && self.play.direction > 0) {
            self.play.direction = 0;
        }
    }

    fn select_row(&mut self, row: u64) {
        let last = self.events.events().saturating_sub(1);
        self.events.selected = Some(row.min(last));
        self.region = Region::Events;
        self.events.bring_into_view(row.min(last));
        self.ask_rows();
        self.ask_detail();
    }

    fn page_step(&self) -> i64 {
        i64::try_from(self.events.rows_shown.max(2) - 1).unwrap_or(i64::MAX)
    }

    fn select_by(&mut self, by: i64) {
        if self.region == Region::Streams {
            let last = self.streams.rows().len().saturating_sub(1);
            let by = isize::try_from(by).unwrap_or_default();
            self.streams.highlighted = self.streams.highlighted.saturating_add_signed(by).min(last);
        } else if self.events.events() > 0 {
            let from = self.detail_row().unwrap_or(0);
            let first_move = self.detail_row().is_none();
            self.following = false;
            self.select_row_keeping_region(if first_move { 0 } else { from.saturating_add_signed(by) });
        }
    }

    pub(super) fn select_row_keeping_region(&mut self, row: u64) {
        let region = self.region;
        self.select_row(row);
        self.region = region;
    }

    fn go_to_selection(&mut self) {
        if self.snapshot_dialog.is_some() {
            self.take_snapshot();
        } else if self.region == Region::Streams {
            self.choose_highlighted();
        } else if let Some(row) = self.events.selected {
            self.remember_visit();
            self.following = false;
            self.play.direction = 0;
            self.move_cursor(row + 1);
        }
    }

    fn choose_highlighted(&mut self) {
        let rows = self.streams.rows();
        let action = match rows.get(self.streams.highlighted) {
            Some(StreamRow::Log) => Action::ChooseScope(Scope::Log),
            Some(StreamRow::Category(category)) => Action::ToggleCategory(category.info.category.to_string()),
            Some(StreamRow::Stream(stream, _)) => Action::ChooseScope(Scope::Stream(stream.stream.clone())),
            Some(StreamRow::More(category)) => {
                Action::MoreStreams(category.map(|category| category.info.category.to_string()))
            }
            None => return,
        };
        self.apply(action);
    }

    fn choose_tab(&mut self, tab: Tab) {
        self.tab = tab;
        self.ask_detail();
        match tab {
            Tab::Diff => self.ask_diff(),
            Tab::Blame => self.ask_blame(),
            Tab::Snapshots => self.ask_snapshots(),
            Tab::State | Tab::Event => {}
        }
    }

    /// The stream whose state is on show.
    #[must_use]
    pub fn stream_on_show(&self) -> Option<&StreamId> {
        self.scope.stream().or_else(|| self.state.shown.as_ref().and_then(|state| state.stream.as_ref()))
    }

    pub(super) fn ask_snapshots(&mut self) {
        let Some(stream) = self.stream_on_show().cloned() else { return };
        self.request(Request::Snapshots { generation: self.generation, stream });
    }

    pub(super) fn ask_detail(&mut self) {
        let Some(row) = self.detail_row() else {
            self.detail = None;
            return;
        };
        if self.tab == Tab::Event && self.detail.as_ref().is_none_or(|detail| detail.row != row) {
            self.request(Request::Detail { generation: self.generation, scope: self.scope.clone(), row });
        }
    }

    fn copy_event(&mut self) {
        let wanted = self.detail_row();
        match &self.detail {
            Some(detail) if Some(detail.row) == wanted => {
                self.copied = Some(detail.json.clone());
                self.say("Copied the event as JSON");
            }
            _ => {
                self.choose_tab(Tab::Event);
                if wanted.is_some() {
                    self.say("The event is being read: copy again when it is on show");
                }
            }
        }
    }

    fn open_snapshot_dialog(&mut self) {
        if self.log.is_none() {
            return;
        }
        let target = self
            .state
            .shown
            .as_ref()
            .filter(|_| self.state_is_current())
            .and_then(|state| Some((state.stream.clone()?, state.version?)));
        match target {
            Some((stream, version)) => {
                self.snapshot_dialog = Some(SnapshotDialog { stream, version, name: String::new() });
                self.wants_focus = Some(Field::SnapshotName);
            }
            None if self.cursor == 0 => self.say("Nothing to keep before the oldest event: step forward first"),
            None => self.say("The state is being folded: take the snapshot when it is on show"),
        }
    }

    fn take_snapshot(&mut self) {
        if let Some(dialog) = self.snapshot_dialog.take() {
            let name = dialog.name.trim();
            let name = if name.is_empty() { None } else { Some(name.to_owned()) };
            self.request(Request::Snapshot {
                generation: self.generation,
                stream: dialog.stream,
                version: dialog.version,
                name,
            });
        }
    }

    fn travel(&mut self, backwards: bool) {
        let (from, to) =
            if backwards { (&mut self.back, &mut self.forward) } else { (&mut self.forward, &mut self.back) };
        let Some(visit) = from.pop() else { return };
        to.push(Visit { scope: self.scope.clone(), cursor: self.cursor });
        self.following = false;
        self.play.direction = 0;
        self.go_to(visit.scope, visit.cursor);
    }

    fn go_to(&mut self, scope: Scope, position: u64) {
        if scope == self.scope {
            self.move_cursor(position);
        } else {
            self.choose_scope(scope);
            self.landing = Some(position);
        }
    }

    fn move_region(&mut self, by: usize) {
        let index = Region::ALL.iter().position(|region| *region == self.region).unwrap_or(0);
        self.region = Region::ALL[(index + by) % Region::ALL.len()];
    }

    fn escape(&mut self) {
        if self.palette.is_some() {
            self.palette = None;
        } else if self.keys_open {
            self.keys_open = false;
        } else if self.snapshot_dialog.is_some() {
            self.snapshot_dialog = None;
        } else if self.play.direction != 0 {
            self.play.direction = 0;
        } else if !self.streams.filter.is_empty() {
            self.set_stream_filter(String::new());
        } else if !self.notices.is_empty() {
            self.notices.pop();
        } else if self.events.selected.is_some() {
            self.events.selected = None;
            self.ask_detail();
        } else if self.tab == Tab::Diff && self.diff.from.is_some() {
            self.diff = super::DiffPane::default();
        } else if self.following {
            self.following = false;
        }
    }
}

fn next_speed(speed: u32, faster: bool) -> u32 {
    let next = if faster {
        SPEEDS.iter().copied().find(|&step| step > speed)
    } else {
        SPEEDS.iter().copied().rev().find(|&step| step < speed)
    };
    next.unwrap_or(speed)
}
