//! The snapshot dialog: the one that writes, and it says to which file.

use egui::{Area, Id, Order, Rect, Role, Stroke, StrokeKind, Ui, WidgetInfo, pos2, vec2};

use super::fonts::Type;
use super::icons;
use super::inspector::kept_in;
use super::keys::{close_ui, scrim_ui};
use super::paint::{self, Piece};
use super::scene::Scene;
use super::theme::RADIUS_4;
use super::widgets::{Button, Field, Icon, Look, Tip, chip};
use super::words;
use crate::session::{Action, Command, Field as TextField, SnapshotDialog};

const WIDTH: f32 = 520.0;
const HEAD: f32 = 48.0;
const ROW: f32 = 36.0;
const FOOT: f32 = 56.0;
const LABEL: f32 = 100.0;
const PAD: f32 = 16.0;

/// Draws the snapshot dialog over the window.
pub fn snapshot_ui(ui: &Ui, window: Rect, dialog: &SnapshotDialog, scene: &Scene<'_>, out: &mut Vec<Action>) {
    if scrim_ui(ui, window, scene) {
        out.push(Action::Run(Command::Escape));
    }
    let size = vec2(WIDTH, HEAD + 12.0 + 4.0 * ROW + 12.0 + FOOT);
    let top = (window.top() + 176.0).min((window.center().y - size.y / 2.0).round());
    let rect = Rect::from_min_size(pos2((window.center().x - WIDTH / 2.0).round(), top), size);
    let area = Area::new(Id::unique("eventscope snapshot")).order(Order::Foreground).fixed_pos(rect.min).movable(false);
    area.show(ui.ctx(), |ui| {
        let ground = ui.allocate_rect(rect, egui::Sense::HOVER | egui::Sense::CLICK);
        ground.widget_info(|| WidgetInfo::labeled(Role::Dialog, true, "Take a snapshot"));
        content_ui(ui, rect, dialog, scene, out);
    });
}

fn content_ui(ui: &mut Ui, rect: Rect, dialog: &SnapshotDialog, scene: &Scene<'_>, out: &mut Vec<Action>) {
    let theme = scene.theme;
    let painter = ui.painter().clone();
    painter.add(theme.shadow_modal().as_shape(rect, RADIUS_4));
    painter.rect(rect, RADIUS_4, theme.bg_raised, Stroke::new(1.0, theme.line_strong), StrokeKind::Inside);
    let middle = rect.top() + HEAD / 2.0;
    paint::diamond(&painter, pos2(rect.left() + PAD + 6.0, middle), theme.snapshot, true);
    let title = Piece::new("Take a snapshot", Type::TITLE, theme.text_strong);
    let x = paint::left(&painter, rect.left() + 38.0, middle, 200.0, title);
    let room = rect.right() - PAD - 60.0 - x - 12.0;
    let stream = paint::cut_middle(dialog.stream.as_str(), 32);
    paint::left(&painter, x + 12.0, middle, room, Piece::new(&stream, Type::DATA, theme.text_muted));
    close_ui(ui, pos2(rect.right() - PAD, middle), scene, out);
    paint::hline(&painter, rect.left(), rect.right(), rect.top() + HEAD, theme.line_subtle);

    let label = |row: f32, text: &str| {
        let y = rect.top() + HEAD + 12.0 + ROW * (row + 0.5);
        paint::left(&painter, rect.left() + PAD, y, LABEL, Piece::new(text, Type::LABEL, theme.text_muted));
        y
    };
    let value_x = rect.left() + PAD + LABEL;
    let value_room = rect.right() - PAD - value_x;
    let y = label(0.0, "Version");
    let version = words::thousands(dialog.version);
    let end = paint::left(&painter, value_x, y, value_room, Piece::new(&version, Type::DATA_MEDIUM, theme.text_strong));
    paint::left(&painter, end + 8.0, y, 120.0, Piece::new("at the cursor", Type::CAPTION, theme.text_muted));

    let y = label(1.0, "Name");
    name_ui(ui, Rect::from_min_size(pos2(value_x, y - 14.0), vec2(value_room, 28.0)), dialog, scene, out);

    let y = label(2.0, "State");
    if let Some(state) = &scene.session.state.shown {
        let size = words::bytes(state.bytes);
        let reducer = paint::cut_middle(&state.reducer, 28);
        let pieces = [
            Piece::new(&size, Type::DATA, theme.text),
            Piece::new("  folded by ", Type::CAPTION, theme.text_muted),
            Piece::new(&reducer, Type::DATA_SMALL, theme.text_soft),
        ];
        paint::pieces(&painter, value_x, y, value_room, &pieces);
    }

    let y = label(3.0, "Stored in");
    let kept = kept_in(scene);
    let end = paint::left(&painter, value_x, y, value_room, Piece::new(&kept, Type::LABEL, theme.text));
    if let Some(log) = scene.session.log.as_ref().filter(|log| log.info.read_only) {
        let words = format!("{} is not written", paint::cut_middle(&log.info.name, 18));
        let width = super::widgets::chip_width(&painter, Some(icons::LOCK_SIMPLE), &words);
        if end + 8.0 + width <= rect.right() - PAD {
            chip(&painter, end + 8.0, y, Some(icons::LOCK_SIMPLE), &words, theme.text_soft, theme);
        }
    }
    foot_ui(ui, rect.with_min_y(rect.bottom() - FOOT), scene, out);
}

fn name_ui(ui: &mut Ui, rect: Rect, dialog: &SnapshotDialog, scene: &Scene<'_>, out: &mut Vec<Action>) {
    let field = Field {
        name: "Snapshot name",
        hint: "May be empty",
        icon: None,
        key: "",
        data: false,
        wrong: false,
        tip: Tip { name: "Snapshot name", key: "", help: "What to call it; may be empty" },
    };
    if scene.session.wants_focus == Some(TextField::SnapshotName) {
        ui.memory_mut(|memory| memory.request_focus(Field::id(ui, field.name)));
    }
    let mut name = dialog.name.clone();
    let response = field.show(ui, rect, &mut name, scene.theme);
    if response.changed() {
        out.push(Action::SetSnapshotName(name));
    }
    if response.lost_focus() && ui.input(|input| input.key_pressed(egui::Key::Enter)) {
        out.push(Action::TakeSnapshot);
    }
}

fn foot_ui(ui: &Ui, rect: Rect, scene: &Scene<'_>, out: &mut Vec<Action>) {
    let theme = scene.theme;
    paint::hline(ui.painter(), rect.left(), rect.right(), rect.top(), theme.line_subtle);
    let take = Button {
        look: Look::Primary,
        icon: Some(Icon::new(icons::ARROW_ELBOW_DOWN_LEFT).sized(14.0)),
        tip: Tip { name: "Take snapshot", key: "Enter", help: "Keep this state" },
        ..Button::new("Take snapshot")
    };
    let cancel = Button {
        tip: Tip { name: "Cancel", key: Command::Escape.key(), help: "Keep nothing" },
        ..Button::new("Cancel")
    };
    let mut right = rect.right() - PAD;
    for (button, action) in [(take, Action::TakeSnapshot), (cancel, Action::Run(Command::Escape))] {
        let width = button.width(ui.painter());
        let place = Rect::from_min_size(pos2(right - width, rect.center().y - 14.0), vec2(width, 28.0));
        if button.show(ui, place, theme).clicked() {
            out.push(action);
        }
        right -= width + 8.0;
    }
}
