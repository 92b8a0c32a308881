//! The settings over the window: pages at the left, rows with a control at the right; each has its effect at once.

use egui::{Area, Id, Order, Rect, Role, ScrollArea, Sense, Stroke, StrokeKind, Ui, WidgetInfo, pos2, vec2};

use super::fonts::Type;
use super::icons;
use super::inspector::kept_in;
use super::keys::{close_ui, scrim_ui};
use super::paint::{self, Piece};
use super::scene::Scene;
use super::theme::RADIUS_4;
use super::widgets::{Button, Info, Segment, Tip, clickable, keycaps, segments, tip, toggle};
use super::words;
use crate::protocol::{Preferences, ThemeChoice, Times};
use crate::session::{Action, Command, SettingsPage, SettingsPane, TEXT_PERCENTS};

const SIZE: [f32; 2] = [1_000.0, 704.0];
const HEAD: f32 = 48.0;
const FOOT: f32 = 40.0;
const NAV: f32 = 208.0;
const ROW: f32 = 48.0;
const PAD: f32 = 16.0;

/// Draws the settings over the window.
pub fn settings_ui(ui: &Ui, window: Rect, pane: &SettingsPane, scene: &Scene<'_>, out: &mut Vec<Action>) {
    if scrim_ui(ui, window, scene) {
        out.push(Action::Run(Command::Escape));
    }
    let size = vec2(SIZE[0].min(window.width() - 32.0), SIZE[1].min(window.height() - 32.0));
    let at = pos2((window.center().x - size.x / 2.0).round(), (window.center().y - size.y / 2.0).round());
    let rect = Rect::from_min_size(at, size);
    let area = Area::new(Id::unique("eventscope settings")).order(Order::Foreground).fixed_pos(rect.min).movable(false);
    area.show(ui.ctx(), |ui| {
        let ground = ui.allocate_rect(rect, Sense::HOVER | Sense::CLICK);
        ground.widget_info(|| WidgetInfo::labeled(Role::Dialog, true, "Settings"));
        content_ui(ui, rect, pane, scene, out);
    });
}

fn content_ui(ui: &mut Ui, rect: Rect, pane: &SettingsPane, scene: &Scene<'_>, out: &mut Vec<Action>) {
    let theme = scene.theme;
    let painter = ui.painter().clone();
    painter.add(theme.shadow_modal().as_shape(rect, RADIUS_4));
    painter.rect(rect, RADIUS_4, theme.bg_raised, Stroke::new(1.0, theme.line_strong), StrokeKind::Inside);
    let middle = rect.top() + HEAD / 2.0;
    let title = Piece::new("Settings", Type::TITLE, theme.text_strong);
    paint::left(&painter, rect.left() + PAD, middle, 200.0, title);
    close_ui(ui, pos2(rect.right() - PAD, middle), scene, out);
    paint::hline(&painter, rect.left(), rect.right(), rect.top() + HEAD, theme.line_subtle);
    let foot = rect.with_min_y(rect.bottom() - FOOT);
    paint::hline(&painter, rect.left(), rect.right(), foot.top(), theme.line_subtle);
    let words = Piece::new("Changes take effect at once", Type::CAPTION, theme.text_muted);
    paint::left(&painter, rect.left() + PAD, foot.center().y, 400.0, words);
    let nav_width = if rect.width() < 700.0 { 160.0 } else { NAV };
    let nav = Rect::from_min_max(pos2(rect.left(), rect.top() + HEAD + 8.0), pos2(rect.left() + nav_width, foot.top()));
    nav_ui(ui, nav, pane, scene, out);
    paint::vline(&painter, nav.right(), rect.top() + HEAD, foot.top(), theme.line_subtle);
    let page =
        Rect::from_min_max(pos2(nav.right() + 24.0, rect.top() + HEAD + 8.0), pos2(rect.right() - 8.0, foot.top()));
    let mut inside = ui.new_child(egui::UiBuilder::new().max_rect(page).id_salt(("settings page", pane.page.title())));
    inside.set_clip_rect(page);
    ScrollArea::vertical().auto_shrink(false).show(&mut inside, |ui| {
        let mut rows = Rows { width: page.width() - 16.0 };
        match pane.page {
            SettingsPage::Appearance => appearance_ui(ui, &mut rows, scene, out),
            SettingsPage::Cache => cache_ui(ui, &mut rows, pane, scene, out),
            SettingsPage::Masks => masks_ui(ui, &mut rows, scene),
            SettingsPage::Keys => keys_page_ui(ui, &mut rows, scene, out),
            SettingsPage::ThisLog => log_ui(ui, &mut rows, scene, out),
        }
    });
}

fn nav_ui(ui: &Ui, rect: Rect, pane: &SettingsPane, scene: &Scene<'_>, out: &mut Vec<Action>) {
    let theme = scene.theme;
    let mut y = rect.top();
    for page in SettingsPage::ALL {
        if page == SettingsPage::ThisLog && scene.session.log.is_none() {
            continue;
        }
        let row = Rect::from_min_size(pos2(rect.left() + 1.0, y), vec2(rect.width() - 1.0, 32.0));
        let on = page == pane.page;
        let info = Info { role: Role::Tab, name: page.title(), enabled: true, selected: Some(on) };
        let response = clickable(ui, row, ("page", page.title()), &info);
        let painter = ui.painter();
        if on {
            painter.rect_filled(row, 0.0, theme.bg_selected);
            painter.rect_filled(row.with_max_x(row.left() + 2.0), 0.0, theme.accent);
        } else if response.hovered() {
            painter.rect_filled(row, 0.0, theme.bg_hover);
        }
        if response.has_focus() {
            paint::focus_ring(painter, row.shrink(2.0), 4.0, theme);
        }
        let icon = match page {
            SettingsPage::Appearance => icons::SUN,
            SettingsPage::Cache => icons::FLOPPY_DISK,
            SettingsPage::Masks => icons::EYE_SLASH,
            SettingsPage::Keys => icons::KEYBOARD,
            SettingsPage::ThisLog => icons::FILE,
        };
        let color = if on { theme.accent } else { theme.text_soft };
        paint::icon(painter, pos2(row.left() + 20.0, row.center().y), icon, Type::icon(16.0), color);
        let color = if on { theme.text_strong } else { theme.text };
        let room = row.width() - 44.0;
        paint::left(painter, row.left() + 38.0, row.center().y, room, Piece::new(page.title(), Type::BODY, color));
        let help = "Show these settings";
        if tip(response, &Tip { name: page.title(), key: "", help }, theme).clicked() {
            out.push(Action::SetSettingsPage(page));
        }
        y += 32.0;
    }
}

/// Places one row after the other.
struct Rows {
    width: f32,
}

impl Rows {
    /// A row with its name and what it means; returns the room of its control, at the right.
    fn row(&mut self, ui: &mut Ui, name: &str, help: &str, scene: &Scene<'_>) -> Rect {
        let theme = scene.theme;
        let (rect, _) = ui.allocate_exact_size(vec2(self.width, ROW), Sense::hover());
        let painter = ui.painter();
        paint::hline(painter, rect.left(), rect.right(), rect.bottom() - 1.0, theme.line_subtle);
        let (upper, lower) = if help.is_empty() { (24.0, 24.0) } else { (16.0, 33.0) };
        let room = rect.width() - 120.0;
        let piece = Piece::new(name, Type::BODY_MEDIUM, theme.text_strong);
        paint::left(painter, rect.left(), rect.top() + upper, room, piece);
        if !help.is_empty() {
            paint::left(
                painter,
                rect.left(),
                rect.top() + lower,
                room,
                Piece::new(help, Type::CAPTION, theme.text_muted),
            );
        }
        let middle = rect.center().y - 0.5;
        Rect::from_min_max(pos2(rect.left(), middle - 14.0), pos2(rect.right(), middle + 14.0))
    }

    /// A sentence or several.
    fn words(&mut self, ui: &mut Ui, text: &str, scene: &Scene<'_>) {
        let piece = Piece::new(text, Type::LABEL, scene.theme.text_soft);
        let at = ui.cursor().min + vec2(0.0, 8.0);
        let bottom = paint::paragraph(ui.painter(), at, self.width.min(620.0), egui::Align2::LEFT_TOP, 18.0, &piece);
        let (rect, response) = ui.allocate_exact_size(vec2(self.width, bottom - at.y + 16.0), Sense::hover());
        response.widget_info(|| WidgetInfo::labeled(Role::Label, true, text));
        debug_assert!(rect.height() > 0.0);
    }
}

fn button_ui(ui: &Ui, place: Rect, command: Command, scene: &Scene<'_>, out: &mut Vec<Action>) {
    let button = Button::command(command);
    let width = button.width(ui.painter());
    let rect = Rect::from_min_max(pos2(place.right() - width, place.top()), place.max);
    if button.show(ui, rect, scene.theme).clicked() {
        out.push(Action::Run(command));
    }
    if !command.key().is_empty() {
        keycaps(ui.painter(), rect.left() - 8.0, rect.center().y, command.key(), scene.theme);
    }
}

fn choice<'a>(text: &'a str, help: &'a str) -> Segment<'a> {
    Segment { text, tip: Tip { name: text, key: "", help } }
}

fn appearance_ui(ui: &mut Ui, rows: &mut Rows, scene: &Scene<'_>, out: &mut Vec<Action>) {
    let (session, theme) = (scene.session, scene.theme);
    let now = &session.preferences;
    let place = rows.row(ui, "Theme", "", scene);
    let themes = [ThemeChoice::System, ThemeChoice::Dark, ThemeChoice::Light];
    let choices = [
        choice("System", "As the system has it"),
        choice("Dark", "Light text on dark ground"),
        choice("Light", "Dark text on light ground"),
    ];
    let chosen = themes.iter().position(|choice| *choice == session.theme).unwrap_or(0);
    if let (_, Some(index)) = segments(ui, place, &choices, chosen, theme) {
        out.push(Action::SetTheme(themes[index]));
    }

    let room = room_percent(ui);
    let wanted = now.text_percent;
    let help = if room < wanted {
        format!("Rows grow with it. This window has room for {room} %")
    } else {
        "Rows grow with it".to_owned()
    };
    let place = rows.row(ui, "Text size", &help, scene);
    let words = TEXT_PERCENTS.map(|percent| format!("{percent} %"));
    let choices: Vec<Segment<'_>> = words.iter().map(|text| choice(text, "Show everything in this size")).collect();
    let chosen = TEXT_PERCENTS.iter().position(|percent| *percent == wanted).unwrap_or(1);
    if let (_, Some(index)) = segments(ui, place, &choices, chosen, theme) {
        out.push(Action::SetPreferences(Preferences { text_percent: TEXT_PERCENTS[index], ..now.clone() }));
    }

    let place = rows.row(ui, "Times", "Ages and deltas are not affected", scene);
    let times = [Times::Utc, Times::Local, Times::Relative];
    let choices = [
        choice("UTC", "As the log has them"),
        choice("Local", "In the zone of this machine"),
        choice("Relative", "How long ago they are"),
    ];
    let chosen = times.iter().position(|choice| *choice == now.times).unwrap_or(0);
    if let (_, Some(index)) = segments(ui, place, &choices, chosen, theme) {
        out.push(Action::SetPreferences(Preferences { times: times[index], ..now.clone() }));
    }

    let place = rows.row(ui, "Stronger outlines", "Fields, buttons and lines with at least 3 : 1 of contrast", scene);
    if switch_ui(ui, place, "Stronger outlines", now.stronger_outlines, scene) {
        let stronger_outlines = !now.stronger_outlines;
        out.push(Action::SetPreferences(Preferences { stronger_outlines, ..now.clone() }));
    }
}

/// A toggle with its word at the right of a row; true where it was clicked.
fn switch_ui(ui: &Ui, place: Rect, name: &str, on: bool, scene: &Scene<'_>) -> bool {
    let theme = scene.theme;
    let rect = place.with_min_x(place.right() - 64.0);
    let info = Info { role: Role::Switch, name, enabled: true, selected: Some(on) };
    let response = clickable(ui, rect, ("switch", name), &info);
    let painter = ui.painter();
    toggle(painter, rect.right() - 24.0, rect.center().y, on, theme);
    let word = if on { "on" } else { "off" };
    let piece = Piece::new(word, Type::LABEL, if on { theme.live } else { theme.text_muted });
    paint::right(painter, rect.right() - 32.0, rect.center().y, piece);
    if response.has_focus() {
        paint::focus_ring(painter, rect.expand(2.0), 6.0, theme);
    }
    tip(response, &Tip { name, key: "", help: "Switch it on or off" }, theme).clicked()
}

/// The largest size of text that this window has room for, in percent.
fn room_percent(ui: &Ui) -> u16 {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "some hundred percent")]
    let percent = (super::layout::scale_room(ui.ctx()) * 100.0).floor() as u16;
    percent
}

fn cache_ui(ui: &mut Ui, rows: &mut Rows, pane: &SettingsPane, scene: &Scene<'_>, out: &mut Vec<Action>) {
    let words = "States that make seeking fast are kept in a cache, never in a log. It holds nothing that cannot be made \
                 again: deleting it costs the time of one replay.";
    rows.words(ui, words, scene);
    let (folder, size) = match &pane.cache {
        Some(info) if info.folder.is_empty() => ("This user has no cache folder".to_owned(), String::new()),
        Some(info) => (
            info.folder.clone(),
            format!("{} in {}", words::bytes(info.bytes), words::count(info.files, "file", "files")),
        ),
        None => ("Looking…".to_owned(), String::new()),
    };
    let place = rows.row(ui, "Cache folder", &folder, scene);
    let piece = Piece::new(&size, Type::DATA, scene.theme.text_soft);
    paint::right(ui.painter(), place.right(), place.center().y, piece);
    let said = ui.interact(place, ui.scope_id().with("cache size"), Sense::HOVER);
    said.widget_info(|| WidgetInfo::labeled(Role::Status, true, format!("{folder} {size}")));
    let place = rows.row(ui, "Delete the cache", "The logs and what you keep are not touched", scene);
    button_ui(ui, place, Command::DeleteCache, scene, out);
}

fn masks_ui(ui: &mut Ui, rows: &mut Rows, scene: &Scene<'_>) {
    let words = "What is masked is said in the workspace file, eventscope.toml, beside the log or given by name. A masked \
                 value is masked wherever payloads pass: in the window, in what is copied or exported, in pictures, and \
                 for screen readers. It is never written to the cache in clear.";
    rows.words(ui, words, scene);
    rows.words(
        ui,
        "Nothing that Eventscope reads leaves this machine: it opens no connection of its own, and reports nothing.",
        scene,
    );
}

fn keys_page_ui(ui: &mut Ui, rows: &mut Rows, scene: &Scene<'_>, out: &mut Vec<Action>) {
    let own = scene.session.keys.own_count() as u64;
    let said = match own {
        0 => "All keys are those of the table".to_owned(),
        _ => format!("{} of yours", words::count(own, "command has a key", "commands have keys")),
    };
    let place = rows.row(ui, "Every command with its key", &said, scene);
    button_ui(ui, place, Command::Keys, scene, out);
    if own > 0 {
        let place = rows.row(ui, "Give every command its own key back", "", scene);
        button_ui(ui, place, Command::ResetKeys, scene, out);
    }
    rows.words(ui, "In the key sheet a click on a key waits for another one.", scene);
}

fn log_ui(ui: &mut Ui, rows: &mut Rows, scene: &Scene<'_>, out: &mut Vec<Action>) {
    let Some(log) = &scene.session.log else { return };
    rows.row(ui, "Log", &log.info.locator, scene);
    rows.row(ui, "Snapshots and bookmarks are kept in", &kept_in(scene), scene);
    let place =
        rows.row(ui, "Restored the next time", "Stream, cursor, tab, filters and the widths of the panes", scene);
    button_ui(ui, place, Command::ForgetView, scene, out);
    let place = rows.row(ui, "Command line", "Opens this log in the same view", scene);
    button_ui(ui, place, Command::CopyCommandLine, scene, out);
}
