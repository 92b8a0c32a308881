//! The dialogs about reducers: which file folds, and whether the program that it names may run.

use egui::{Align2, Area, Id, Order, Rect, Role, Stroke, StrokeKind, Ui, WidgetInfo, pos2, vec2};

use super::fonts::Type;
use super::icons;
use super::keys::{close_ui, scrim_ui};
use super::paint::{self, Piece};
use super::scene::Scene;
use super::theme::{RADIUS_2, RADIUS_4};
use super::widgets::{Button, Field, Icon, Look, Tip, hover_text};
use crate::session::{Action, Command, Field as TextField, ReducerAction, ReducerDialog};

const WIDTH: f32 = 560.0;
const HEAD: f32 = 48.0;
const BODY: f32 = 116.0;
const FOOT: f32 = 56.0;
const PAD: f32 = 16.0;

/// Draws the dialog over the window.
pub fn reducer_dialog_ui(ui: &Ui, window: Rect, dialog: &ReducerDialog, scene: &Scene<'_>, out: &mut Vec<Action>) {
    if scrim_ui(ui, window, scene) {
        out.push(Action::Run(Command::Escape));
    }
    let size = vec2(WIDTH.min(window.width() - 32.0), HEAD + BODY + FOOT);
    let rect = Rect::from_min_size(pos2((window.center().x - size.x / 2.0).round(), window.top() + 176.0), size);
    let area = Area::new(Id::unique("eventscope reducer")).order(Order::Foreground).fixed_pos(rect.min).movable(false);
    area.show(ui.ctx(), |ui| {
        let title = match dialog {
            ReducerDialog::Choose { .. } => "Reducer from a file",
            ReducerDialog::Allow { .. } => "Run this program?",
        };
        let ground = ui.allocate_rect(rect, egui::Sense::HOVER | egui::Sense::CLICK);
        ground.widget_info(|| WidgetInfo::labeled(Role::Dialog, true, title));
        let (theme, painter) = (scene.theme, ui.painter().clone());
        painter.add(theme.shadow_modal().as_shape(rect, RADIUS_4));
        painter.rect(rect, RADIUS_4, theme.bg_raised, Stroke::new(1.0, theme.line_strong), StrokeKind::Inside);
        let middle = rect.top() + HEAD / 2.0;
        paint::left(&painter, rect.left() + PAD, middle, 300.0, Piece::new(title, Type::TITLE, theme.text_strong));
        close_ui(ui, pos2(rect.right() - PAD, middle), scene, out);
        paint::hline(&painter, rect.left(), rect.right(), rect.top() + HEAD, theme.line_subtle);
        let body = Rect::from_min_size(rect.min + vec2(PAD, HEAD + 12.0), vec2(rect.width() - 2.0 * PAD, BODY - 24.0));
        match dialog {
            ReducerDialog::Choose { path } => choose_ui(ui, body, path, scene, out),
            ReducerDialog::Allow { file, command } => allow_ui(ui, body, file, command, scene),
        }
        foot_ui(ui, rect.with_min_y(rect.bottom() - FOOT), dialog, scene, out);
    });
}

fn choose_ui(ui: &mut Ui, body: Rect, path: &str, scene: &Scene<'_>, out: &mut Vec<Action>) {
    let theme = scene.theme;
    let browse = Button {
        icon: Some(Icon::new(icons::FOLDER_OPEN)),
        tip: Tip { name: "Browse…", key: "", help: "Choose the file in the system's dialog" },
        ..Button::new("Browse…")
    };
    let width = browse.width(ui.painter());
    let row = body.with_max_y(body.top() + 28.0);
    let field = Field {
        name: "Reducer's path",
        hint: "reducers/account.js",
        icon: Some(icons::FILE),
        key: "",
        data: true,
        wrong: false,
        tip: Tip { name: "Reducer's path", key: "", help: "A file that ends in .js, .mjs, .cjs or .toml" },
    };
    if scene.session.wants_focus == Some(TextField::Reducer) {
        ui.memory_mut(|memory| memory.request_focus(Field::id(ui, field.name)));
    }
    let mut text = path.to_owned();
    let response = field.show(ui, row.with_max_x(row.right() - width - 8.0), &mut text, theme);
    if response.changed() {
        out.push(Action::Reducer(ReducerAction::SetPath(text)));
    }
    if response.lost_focus() && ui.input(|input| input.key_pressed(egui::Key::Enter)) {
        out.push(Action::Reducer(ReducerAction::Confirm));
    }
    if browse.show(ui, row.with_min_x(row.right() - width), theme).clicked() {
        out.push(Action::Reducer(ReducerAction::Browse));
    }
    let words = "A .js file is a module or a KurrentDB projection, a .toml file is rules or a process. \
                 It folds every stream until you choose another; saving it folds anew";
    let piece = Piece::new(words, Type::LABEL, theme.text_muted);
    paint::paragraph(ui.painter(), row.left_bottom() + vec2(0.0, 12.0), body.width(), Align2::LEFT_TOP, 16.0, &piece);
}

fn allow_ui(ui: &Ui, body: Rect, file: &str, command: &str, scene: &Scene<'_>) {
    let theme = scene.theme;
    let painter = ui.painter();
    let place = body.with_max_y(body.top() + 36.0);
    painter.rect(place, RADIUS_2, theme.bg_field, theme.outline(), StrokeKind::Inside);
    let shown = paint::fit_middle(painter, command, Type::DATA, place.width() - 24.0);
    let piece = Piece::new(&shown, Type::DATA, theme.text_strong);
    paint::left(painter, place.left() + 12.0, place.center().y, place.width() - 24.0, piece);
    let said = ui.interact(place, ui.scope_id().with("command"), egui::Sense::HOVER);
    said.widget_info(|| WidgetInfo::labeled(Role::Label, true, command));
    hover_text(said, command);
    let words = format!(
        "{file} folds with this program. It runs as you, with your rights. The yes is remembered for this file"
    );
    let piece = Piece::new(&words, Type::LABEL, theme.text_muted);
    paint::paragraph(painter, place.left_bottom() + vec2(0.0, 12.0), body.width(), Align2::LEFT_TOP, 16.0, &piece);
}

fn foot_ui(ui: &Ui, rect: Rect, dialog: &ReducerDialog, scene: &Scene<'_>, out: &mut Vec<Action>) {
    paint::hline(ui.painter(), rect.left(), rect.right(), rect.top(), scene.theme.line_subtle);
    let (text, help) = match dialog {
        ReducerDialog::Choose { .. } => ("Fold with it", "Fold every stream with this file"),
        ReducerDialog::Allow { .. } => ("Run it", "Run this program for this file, now and later"),
    };
    let yes = Button { look: Look::Primary, tip: Tip { name: text, key: "Enter", help }, ..Button::new(text) };
    let no = Button {
        tip: Tip { name: "Cancel", key: Command::Escape.key(), help: "Change nothing" },
        ..Button::new("Cancel")
    };
    let mut right = rect.right() - PAD;
    for (button, action) in [(yes, Action::Reducer(ReducerAction::Confirm)), (no, Action::Run(Command::Escape))] {
        let width = button.width(ui.painter());
        let place = Rect::from_min_size(pos2(right - width, rect.center().y - 14.0), vec2(width, 28.0));
        if button.show(ui, place, scene.theme).clicked() {
            out.push(action);
        }
        right -= width + 8.0;
    }
}
