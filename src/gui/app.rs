//! The window over a session: keys, panels, actions. It runs the same in a window, in a test and for a picture.

use std::sync::Arc;

use egui::{CursorIcon, Id, Rect, Sense, ThemePreference, Ui, pos2};

use super::bookmarks::bookmarks_ui;
use super::dialog::snapshot_ui;
use super::events::{EventsLocal, events_ui};
use super::glyphs::Looks;
use super::inspector::{InspectorLocal, inspector_ui};
use super::keyboard;
use super::keys::keys_ui;
use super::layout::{Dragged, Layout, Room, scale_room};
use super::live::live_ui;
use super::mapping::{MappingLocal, mapping_ui};
use super::palette::palette_ui;
use super::reducer_dialog::reducer_dialog_ui;
use super::reducer_view::{ReducerLocal, reducer_view_ui};
use super::sandbox;
use super::scene::{Scene, region_ui};
use super::search::{SearchLocal, facets_ui, preview_ui, search_ui};
use super::settings::settings_ui;
use super::statusbar::statusbar_ui;
use super::streams::{StreamsLocal, rail_ui, streams_ui};
use super::theme::Theme;
use super::throughput::{ThroughputLocal, throughput_ui};
use super::timestrip::timestrip_ui;
use super::topbar::topbar_ui;
use super::welcome::{drop_ui, welcome_ui};
use super::widgets::{Banner, Button, Tip, note_dialog, note_keys};
use super::{icons, theme, words};
use crate::event::{Scope, Time};
use crate::protocol::{Density, ThemeChoice};
use crate::session::{Action, Command, Field, Keymap, Region, Session, View};

/// Banners that are shown at once; the others are counted.
const BANNERS_MAX: usize = 2;
/// Width of the streams where they lie over the events.
const STREAMS_OVER: f32 = 256.0;

/// Frames in which a field may ask for the focus.
const FOCUS_FRAMES_MAX: u8 = 3;

/// The window: a session, and what only the drawing needs to know.
pub struct Gui {
    /// What the person is looking at.
    pub session: Session,
    clock: fn() -> Time,
    looks: Looks,
    looks_of: Option<Arc<Density>>,
    streams: StreamsLocal,
    streams_over: bool,
    inspector: InspectorLocal,
    events: EventsLocal,
    theme: ThemeChoice,
    last_time: Option<f64>,
    focus_frames: u8,
    scope: Scope,
    keys: Keymap,
    throughput: ThroughputLocal,
    reducer: ReducerLocal,
    search: SearchLocal,
    mapping: MappingLocal,
}

impl Gui {
    /// A window over a session, by the machine's clock.
    #[must_use]
    pub fn new(session: Session) -> Self {
        Self::with_clock(session, Time::now)
    }

    /// A window over a session, by another clock: ages in a picture are then always the same.
    #[must_use]
    pub fn with_clock(session: Session, clock: fn() -> Time) -> Self {
        Self {
            session,
            clock,
            looks: Looks::default(),
            looks_of: None,
            streams: StreamsLocal::default(),
            streams_over: false,
            inspector: InspectorLocal::default(),
            events: EventsLocal::default(),
            theme: ThemeChoice::System,
            last_time: None,
            focus_frames: 0,
            scope: Scope::Log,
            keys: Keymap::default(),
            throughput: ThroughputLocal::default(),
            reducer: ReducerLocal::default(),
            search: SearchLocal::default(),
            mapping: MappingLocal::default(),
        }
    }

    /// One frame: keys, panels, then what the person did. Requests wait in the session's outbox afterwards.
    pub fn ui(&mut self, ui: &mut Ui) {
        let mut actions: Vec<Action> = Vec::new();
        self.apply_preferences(ui);
        self.tick(ui, &mut actions);
        if self.keys != self.session.keys {
            self.keys = self.session.keys.clone();
            note_keys(ui.ctx(), &self.keys);
        }
        if self.session.keys_open && self.session.keys_sheet.capture.is_some() {
            actions.extend(keyboard::captured(ui.ctx()).map(Action::GiveKey));
        }
        let commands = keyboard::commands(ui.ctx(), &self.session);
        if !commands.is_empty() {
            // The letter that opened a dialog is not also typed into it.
            ui.input_mut(|input| input.events.retain(|event| !matches!(event, egui::Event::Text(_))));
        }
        for command in commands {
            if command == Command::Escape && self.closes_streams() {
                continue;
            }
            self.session.apply(Action::Run(command));
        }
        self.keep_arrows(ui);
        self.settle_looks();
        self.open_streams_where_wanted(ui);
        self.draw(ui, &mut actions);
        self.forget_focus(ui);
        let changed = !actions.is_empty();
        for action in actions {
            self.session.apply(action);
        }
        if let Some(text) = self.session.copied.take() {
            ui.ctx().copy_text(text);
        }
        // What was asked for while drawing is on screen with the next frame, also a field that wants the focus.
        if changed || self.session.wants_focus.is_some() || self.session.wants_ticks() {
            ui.ctx().request_repaint();
        }
        self.apply_theme(ui);
    }

    /// Playing goes by the time of the frames.
    fn tick(&mut self, ui: &Ui, actions: &mut Vec<Action>) {
        let now = ui.input(|input| input.time);
        let before = self.last_time.replace(now);
        if let (true, Some(before)) = (self.session.wants_ticks(), before) {
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "milliseconds of one frame")]
            let elapsed_ms = ((now - before).clamp(0.0, 1.0) * 1_000.0).round() as u64;
            actions.push(Action::Tick { elapsed_ms });
        }
    }

    /// Arrows move the cursor, not the focus: egui would take them to the next control.
    fn keep_arrows(&self, ui: &Ui) {
        if self.session.view != View::Replay || ui.ctx().text_edit_focused() {
            return;
        }
        ui.memory_mut(|memory| {
            if let Some(focused) = memory.focused() {
                let filter = egui::EventFilter {
                    horizontal_arrows: true,
                    vertical_arrows: true,
                    ..egui::EventFilter::default()
                };
                memory.set_focus_lock_filter(focused, filter);
            }
        });
    }

    fn settle_looks(&mut self) {
        let same = match (&self.looks_of, &self.session.density) {
            (Some(old), Some(new)) => Arc::ptr_eq(old, new),
            (_, None) => true,
            (None, Some(_)) => false,
        };
        if !same && let Some(density) = &self.session.density {
            let types: Vec<Arc<str>> = density.by_type.iter().map(|(name, _)| Arc::clone(name)).collect();
            self.looks = Looks::settle(&types);
            self.looks_of = Some(Arc::clone(density));
        }
    }

    /// Where the streams are a rail, the command that leads into them opens them over the events.
    fn open_streams_where_wanted(&mut self, ui: &Ui) {
        let chosen = self.scope != self.session.scope;
        if chosen {
            self.scope = self.session.scope.clone();
        }
        if Room::of(ui.ctx().content_rect().width()) > Room::Narrow || chosen {
            self.streams_over = false;
        } else if self.session.wants_focus == Some(Field::Streams) {
            self.streams_over = true;
        } else if self.session.region != Region::Streams {
            self.streams_over = false;
        }
    }

    /// Closes the streams where they lie over the events; true where they did.
    fn closes_streams(&mut self) -> bool {
        let dialog = self.session.has_dialog();
        let closes = self.streams_over && !dialog;
        if closes {
            self.session.apply(Action::Focus(Region::Events));
        }
        closes
    }

    /// A field that wants the focus asks for it in each frame until it has it: what lies over the window is laid out
    /// for one frame before it can have the focus.
    fn forget_focus(&mut self, ui: &Ui) {
        if self.session.wants_focus.is_none() {
            self.focus_frames = 0;
            return;
        }
        self.focus_frames += 1;
        if self.focus_frames >= FOCUS_FRAMES_MAX {
            self.session.wants_focus = None;
            self.focus_frames = 0;
        }
        ui.ctx().request_repaint();
    }

    fn draw(&mut self, ui: &mut Ui, out: &mut Vec<Action>) {
        let window = ui.ctx().content_rect();
        let colors = Theme::of(ui.ctx().theme()).outlined(self.session.preferences.stronger_outlines);
        note_dialog(ui.ctx(), self.session.has_dialog());
        let sandbox = usize::from(self.session.is_sandbox());
        let banners = self.session.notices.len().min(BANNERS_MAX) + sandbox;
        let layout = Layout::of(window, banners, self.session.panes);
        let scene = Scene {
            session: &self.session,
            theme: &colors,
            looks: &self.looks,
            now: (self.clock)(),
            room: layout.room,
            window_height: window.height(),
        };
        region_ui(ui, "top", layout.top, |ui| topbar_ui(ui, layout.top, &scene, out));
        match self.session.view {
            _ if self.session.mapping.is_some() => {
                let page = Rect::from_min_max(layout.banners.left_bottom(), layout.status.right_top());
                if let Some(pane) = &self.session.mapping {
                    let local = &mut self.mapping;
                    region_ui(ui, "mapping", page, |ui| mapping_ui(ui, page, pane, &scene, local, out));
                }
            }
            View::Welcome => {
                let page = Rect::from_min_max(layout.banners.left_bottom(), layout.status.right_top());
                region_ui(ui, "welcome", page, |ui| welcome_ui(ui, page, &scene, out));
            }
            View::Throughput => {
                let page = Rect::from_min_max(layout.banners.left_bottom(), layout.status.right_top());
                let local = &mut self.throughput;
                region_ui(ui, "throughput", page, |ui| throughput_ui(ui, page, &scene, local, out));
            }
            View::Reducer => {
                let page = Rect::from_min_max(layout.banners.left_bottom(), layout.status.right_top());
                let local = &mut self.reducer;
                region_ui(ui, "reducer", page, |ui| reducer_view_ui(ui, page, &scene, local, out));
            }
            View::Replay => {
                let searches = self.session.search.open;
                let found = &mut self.search;
                if searches && layout.room > Room::Narrow {
                    region_ui(ui, "facets", layout.streams, |ui| facets_ui(ui, layout.streams, &scene, found, out));
                } else if layout.room <= Room::Narrow {
                    let clicked = region_ui(ui, "rail", layout.streams, |ui| rail_ui(ui, layout.streams, &scene));
                    if clicked {
                        self.streams_over = !self.streams_over;
                        out.push(Action::Focus(if self.streams_over { Region::Streams } else { Region::Events }));
                    }
                } else {
                    let local = &mut self.streams;
                    region_ui(ui, "streams", layout.streams, |ui| streams_ui(ui, layout.streams, &scene, local, out));
                }
                let local = &mut self.inspector;
                if searches {
                    region_ui(ui, "search", layout.events, |ui| search_ui(ui, layout.events, &scene, found, out));
                    let place = layout.inspector;
                    region_ui(ui, "preview", place, |ui| preview_ui(ui, place, &scene, found, out));
                } else {
                    region_ui(ui, "events", layout.events, |ui| {
                        events_ui(ui, layout.events, &scene, &mut self.events, out);
                    });
                    region_ui(ui, "inspector", layout.inspector, |ui| {
                        inspector_ui(ui, layout.inspector, &scene, local, out);
                    });
                }
                region_ui(ui, "time", layout.time, |ui| timestrip_ui(ui, layout.time, &scene, out));
                region_ui(ui, "live", layout.live, |ui| live_ui(ui, layout.live, &scene, out));
                let mut dragged = self.session.panes;
                splitters_ui(ui, &layout, &mut dragged);
                if dragged != self.session.panes {
                    out.push(Action::SetPanes(dragged));
                }
                if self.streams_over {
                    let over = layout.streams.with_min_x(layout.streams.right());
                    let over = over.with_max_x(over.left() + STREAMS_OVER);
                    let area = egui::Area::new(Id::unique("eventscope streams")).order(egui::Order::Middle);
                    let local = &mut self.streams;
                    area.fixed_pos(over.min).movable(false).show(ui.ctx(), |ui| {
                        ui.allocate_rect(over, Sense::CLICK);
                        ui.painter().add(colors.shadow_menu().as_shape(over, 0.0));
                        region_ui(ui, "streams", over, |ui| streams_ui(ui, over, &scene, local, out));
                    });
                }
            }
        }
        region_ui(ui, "banners", layout.banners, |ui| banners_ui(ui, layout.banners, &scene, out));
        region_ui(ui, "status", layout.status, |ui| statusbar_ui(ui, layout.status, &scene, out));
        over_ui(ui, window, &scene, out);
        files_ui(ui, window, &scene, out);
    }

    /// The size of text, and how times are told.
    fn apply_preferences(&self, ui: &Ui) {
        let preferences = &self.session.preferences;
        words::show_times(preferences.times, (self.clock)());
        let ctx = ui.ctx();
        let wanted = (f32::from(preferences.text_percent) / 100.0).min(scale_room(ctx));
        if (ctx.zoom_factor() - wanted).abs() > 1e-3 {
            ctx.set_zoom_factor(wanted);
            ctx.request_repaint();
        }
    }

    fn apply_theme(&mut self, ui: &Ui) {
        if self.theme != self.session.theme {
            self.theme = self.session.theme;
            ui.ctx().set_theme(match self.theme {
                ThemeChoice::System => ThemePreference::System,
                ThemeChoice::Dark => ThemePreference::Dark,
                ThemeChoice::Light => ThemePreference::Light,
            });
            ui.ctx().request_repaint();
        }
    }
}

/// Gives a context the window's fonts and both looks; once, before the first frame.
pub fn prepare(ctx: &egui::Context) {
    super::fonts::install(ctx);
    super::spoken::install(ctx);
    theme::install(ctx);
    // The size of text is a setting, with keys of its own.
    ctx.options_mut(|options| options.zoom_with_keyboard = false);
}

/// What lies over the window: the dialogs, the key sheet, the palette.
fn over_ui(ui: &Ui, window: Rect, scene: &Scene<'_>, out: &mut Vec<Action>) {
    let session = scene.session;
    if let Some(dialog) = &session.snapshot_dialog {
        snapshot_ui(ui, window, dialog, scene, out);
    }
    if let Some(dialog) = &session.reducer.dialog {
        reducer_dialog_ui(ui, window, dialog, scene, out);
    }
    if let Some(dialog) = &session.sandbox.dialog {
        sandbox::dialog_ui(ui, window, dialog, scene, out);
    }
    if let Some(pane) = &session.settings_pane {
        settings_ui(ui, window, pane, scene, out);
    }
    if let Some(pane) = &session.bookmarks_pane {
        bookmarks_ui(ui, window, pane, scene, out);
    }
    if session.keys_open {
        keys_ui(ui, window, scene, out);
    }
    if let Some(palette) = &session.palette {
        palette_ui(ui, window, palette, scene, out);
    }
}

/// Files that are dragged over the window, and those that are dropped on it.
fn files_ui(ui: &Ui, window: Rect, scene: &Scene<'_>, out: &mut Vec<Action>) {
    let (hovered, dropped) = ui.input(|input| {
        let dropped = input.raw.dropped_files.first().map(|file| file.path().to_path_buf());
        (!input.raw.hovered_files.is_empty(), dropped)
    });
    if hovered {
        drop_ui(ui, window, scene);
    }
    if let Some(path) = dropped {
        out.push(Action::Open(path.to_string_lossy().into_owned()));
    }
}

/// What was said and not yet dismissed, newest on top.
fn banners_ui(ui: &Ui, rect: Rect, scene: &Scene<'_>, out: &mut Vec<Action>) {
    let theme = scene.theme;
    let notices = &scene.session.notices;
    let mut top = rect.top();
    if scene.session.is_sandbox() {
        let place = Rect::from_min_max(pos2(rect.left(), top), pos2(rect.right(), top + theme::height::BANNER));
        top = place.bottom();
        sandbox::banner_ui(ui, place, scene, out);
    }
    for (shown, (index, notice)) in notices.iter().enumerate().rev().take(BANNERS_MAX).enumerate() {
        let place = Rect::from_min_max(pos2(rect.left(), top), pos2(rect.right(), top + theme::height::BANNER));
        top = place.bottom();
        let (icon, color, fill) = if notice.failure {
            (icons::WARNING_CIRCLE, theme.danger, theme.bg_removed)
        } else if notice.place.is_some() {
            (icons::MAGNIFYING_GLASS, theme.accent, theme.bg_selected)
        } else {
            (icons::CHECK_CIRCLE, theme.live, theme.bg_added)
        };
        let more = notices.len().saturating_sub(BANNERS_MAX);
        let text = if shown + 1 == BANNERS_MAX && more > 0 {
            format!("{} ({more} more)", notice.text)
        } else {
            notice.text.clone()
        };
        let (label, name, help) = match (&notice.place, shown) {
            (Some(_), _) => ("Show me", "Show me", "Go there; Esc dismisses"),
            (None, 0) => ("Dismiss", "Dismiss", "This was read"),
            (None, _) => ("Dismiss", "Dismiss the older one", "This was read"),
        };
        let action = Button { name, tip: Tip { name, key: "", help }, ..Button::new(label) };
        if (Banner { icon, color, fill, text: &text, action }).show(ui, place, theme) {
            if notice.place.is_some() {
                out.push(Action::ShowNotice(index));
            }
            out.push(Action::DismissNotice(index));
        }
    }
}

/// The edges that can be dragged; a double click gives the design's measure back.
fn splitters_ui(ui: &Ui, layout: &Layout, dragged: &mut Dragged) {
    let across = |x: f32, rect: Rect| Rect::from_min_max(pos2(x - 4.0, rect.top()), pos2(x + 4.0, rect.bottom()));
    if layout.room > Room::Narrow {
        let edge = layout.streams.right();
        splitter_ui(ui, "streams edge", across(edge, layout.streams), &mut dragged.streams, |at| {
            at.x - layout.streams.left()
        });
    }
    let edge = layout.inspector.left();
    let right = layout.inspector.right();
    splitter_ui(ui, "inspector edge", across(edge, layout.inspector), &mut dragged.inspector, |at| right - at.x);
    let top = layout.time.top();
    let lane = Rect::from_min_max(pos2(layout.time.left(), top - 4.0), pos2(layout.live.right(), top + 2.0));
    splitter_ui(ui, "time edge", lane, &mut dragged.time, |at| layout.time.bottom() - at.y);
}

fn splitter_ui(ui: &Ui, name: &str, rect: Rect, size: &mut Option<f32>, of: impl Fn(egui::Pos2) -> f32) {
    let response = ui.interact(rect, Id::unique(("eventscope splitter", name)), Sense::CLICK | Sense::DRAG);
    let tall = rect.height() > rect.width();
    let icon = if tall { CursorIcon::ResizeHorizontal } else { CursorIcon::ResizeVertical };
    if response.double_clicked() {
        *size = None;
    } else if let Some(at) = response.interact_pointer_pos().filter(|_| response.dragged()) {
        *size = Some(of(at).round());
    }
    response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Splitter, true, name));
    response.on_hover_cursor(icon);
}
