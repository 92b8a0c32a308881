//! The sandbox over the window: its banner, and the dialog in which an event is written.

use egui::{
    Area, Color32, FontSelection, Id, Margin, Order, Rect, Role, ScrollArea, Stroke, StrokeKind, TextEdit, Ui,
    WidgetInfo, pos2, vec2,
};

use super::fonts::Type;
use super::icons;
use super::keys::{close_ui, scrim_ui};
use super::paint::{self, Piece};
use super::scene::Scene;
use super::theme::{RADIUS_2, RADIUS_4};
use super::widgets::{Banner, Button, Field, Look, Tip};
use super::words;
use crate::protocol::Edit;
use crate::session::{Action, Command, EventDialog, Field as TextField, SandboxAction, Session};

const WIDTH: f32 = 560.0;
const HEAD: f32 = 48.0;
const BODY: f32 = 320.0;
const FOOT: f32 = 56.0;
const PAD: f32 = 16.0;
const LABEL: f32 = 76.0;

/// Says at all times that this is not the real history.
pub fn banner_ui(ui: &Ui, rect: Rect, scene: &Scene<'_>, out: &mut Vec<Action>) {
    let theme = scene.theme;
    let name = scene.session.log.as_ref().map_or("the log", |log| log.info.name.as_str());
    let text = format!(
        "Sandbox: {}. This is not the real history, and nothing is written to {name}",
        changes_in_words(scene.session)
    );
    let action = Button { text: "Leave sandbox", ..Button::command(Command::SandboxLeave) };
    let banner = Banner { icon: icons::WARNING, color: theme.warn, fill: theme.bg_caution, text: &text, action };
    if banner.show(ui, rect, theme) {
        out.push(Action::Run(Command::SandboxLeave));
    }
}

/// What is changed, counted: `1 event is off, 2 are edited`.
fn changes_in_words(session: &Session) -> String {
    let count = |is: fn(&Edit) -> bool| session.sandbox.changes.iter().filter(|change| is(&change.edit)).count() as u64;
    let kinds = [
        (count(|edit| matches!(edit, Edit::Skip(_))), "off"),
        (count(|edit| matches!(edit, Edit::Replace { .. })), "edited"),
        (count(|edit| matches!(edit, Edit::Insert { .. })), "put in"),
        (count(|edit| matches!(edit, Edit::Move { .. })), "moved"),
    ];
    let mut parts: Vec<String> = Vec::new();
    for (count, what) in kinds.into_iter().filter(|(count, _)| *count > 0) {
        let verb = if count == 1 { "is" } else { "are" };
        parts.push(if parts.is_empty() {
            format!("{} {verb} {what}", words::count(count, "event", "events"))
        } else {
            format!("{} {verb} {what}", words::thousands(count))
        });
    }
    parts.join(", ")
}

/// Draws the dialog in which an event is edited or put in.
pub fn dialog_ui(ui: &Ui, window: Rect, dialog: &EventDialog, scene: &Scene<'_>, out: &mut Vec<Action>) {
    if scrim_ui(ui, window, scene) {
        out.push(Action::Run(Command::Escape));
    }
    let size = vec2(WIDTH.min(window.width() - 32.0), HEAD + BODY + FOOT);
    let top = (window.top() + 120.0).min((window.center().y - size.y / 2.0).round());
    let rect = Rect::from_min_size(pos2((window.center().x - size.x / 2.0).round(), top), size);
    let area = Area::new(Id::unique("eventscope event")).order(Order::Foreground).fixed_pos(rect.min).movable(false);
    area.show(ui.ctx(), |ui| {
        let title = if dialog.inserts { "Insert an event" } else { "Edit the event" };
        let ground = ui.allocate_rect(rect, egui::Sense::HOVER | egui::Sense::CLICK);
        ground.widget_info(|| WidgetInfo::labeled(Role::Dialog, true, title));
        let (theme, painter) = (scene.theme, ui.painter().clone());
        painter.add(theme.shadow_modal().as_shape(rect, RADIUS_4));
        painter.rect(rect, RADIUS_4, theme.bg_raised, Stroke::new(1.0, theme.line_strong), StrokeKind::Inside);
        let middle = rect.top() + HEAD / 2.0;
        let flask = pos2(rect.left() + PAD + 6.0, middle);
        paint::icon(&painter, flask, icons::FLASK, Type::icon(16.0), theme.warn);
        let title = Piece::new(title, Type::TITLE, theme.text_strong);
        let x = paint::left(&painter, rect.left() + 42.0, middle, 240.0, title);
        let note = Piece::new("in the sandbox, the log is not written", Type::LABEL, theme.text_muted);
        paint::left(&painter, x + 12.0, middle, rect.right() - 80.0 - x, note);
        close_ui(ui, pos2(rect.right() - PAD, middle), scene, out);
        paint::hline(&painter, rect.left(), rect.right(), rect.top() + HEAD, theme.line_subtle);
        fields_ui(ui, Rect::from_min_size(rect.min + vec2(0.0, HEAD), vec2(rect.width(), BODY)), dialog, scene, out);
        foot_ui(ui, rect.with_min_y(rect.bottom() - FOOT), dialog, scene, out);
    });
}

fn fields_ui(ui: &mut Ui, rect: Rect, dialog: &EventDialog, scene: &Scene<'_>, out: &mut Vec<Action>) {
    let theme = scene.theme;
    let left = rect.left() + PAD + LABEL;
    let y = rect.top() + 26.0;
    paint::left(ui.painter(), rect.left() + PAD, y, LABEL, Piece::new("Type", Type::LABEL, theme.text_muted));
    let field = Field {
        name: "Event type",
        hint: "MoneyDeposited",
        icon: None,
        key: "",
        data: true,
        wrong: false,
        tip: Tip { name: "Event type", key: "", help: "The type's name as the log writes it" },
    };
    if scene.session.wants_focus == Some(TextField::EventType) {
        ui.memory_mut(|memory| memory.request_focus(Field::id(ui, field.name)));
    }
    let mut text = dialog.event_type.clone();
    let place = Rect::from_min_max(pos2(left, y - 14.0), pos2(rect.right() - PAD, y + 14.0));
    if field.show(ui, place, &mut text, theme).changed() {
        out.push(Action::Sandbox(SandboxAction::SetType(text)));
    }
    let top = y + 26.0;
    let label = Piece::new("Payload", Type::LABEL, theme.text_muted);
    paint::left(ui.painter(), rect.left() + PAD, top + 10.0, LABEL, label);
    let mistake = dialog.mistake.is_some();
    let place =
        Rect::from_min_max(pos2(left, top), pos2(rect.right() - PAD, rect.bottom() - if mistake { 30.0 } else { 8.0 }));
    let line = if mistake { theme.danger } else { theme.line_strong };
    ui.painter().rect(place, RADIUS_2, theme.bg_field, Stroke::new(1.0, line), StrokeKind::Inside);
    let id = ui.scope_id().with("payload");
    if scene.session.wants_focus == Some(TextField::EventData) {
        ui.memory_mut(|memory| memory.request_focus(id));
    }
    let mut data = dialog.data.clone();
    let mut inner = ui.new_child(egui::UiBuilder::new().max_rect(place.shrink(8.0)));
    inner.set_clip_rect(place.intersect(ui.clip_rect()));
    ScrollArea::vertical().id_salt("payload").auto_shrink(false).show(&mut inner, |ui| {
        let edit = TextEdit::multiline(&mut data)
            .id(id)
            .font(FontSelection::FontId(Type::DATA.font()))
            .text_color(theme.text_strong)
            .frame(egui::Frame::NONE)
            .background_color(Color32::TRANSPARENT)
            .margin(Margin::ZERO)
            .lock_focus(false)
            .desired_width(place.width() - 20.0)
            .desired_rows(8);
        let response = ui.add(edit).accessible_name("Event payload");
        if response.changed() {
            out.push(Action::Sandbox(SandboxAction::SetData(data.clone())));
        }
    });
    if let Some(mistake) = &dialog.mistake {
        let piece = Piece::new(mistake, Type::CAPTION, theme.danger);
        let y = rect.bottom() - 14.0;
        paint::left(ui.painter(), left, y, rect.right() - PAD - left, piece);
        let said = ui.interact(
            Rect::from_min_max(pos2(left, y - 10.0), pos2(rect.right() - PAD, y + 10.0)),
            ui.scope_id().with("mistake"),
            egui::Sense::HOVER,
        );
        said.widget_info(|| WidgetInfo::labeled(Role::Alert, true, mistake));
    }
}

fn foot_ui(ui: &Ui, rect: Rect, dialog: &EventDialog, scene: &Scene<'_>, out: &mut Vec<Action>) {
    paint::hline(ui.painter(), rect.left(), rect.right(), rect.top(), scene.theme.line_subtle);
    let text = if dialog.inserts { "Insert" } else { "Use in sandbox" };
    let yes = Button {
        look: Look::Primary,
        tip: Tip { name: text, key: "", help: "Fold the stream with it, beside the real line" },
        ..Button::new(text)
    };
    let no = Button {
        tip: Tip { name: "Cancel", key: Command::Escape.key(), help: "Change nothing" },
        ..Button::new("Cancel")
    };
    let mut right = rect.right() - PAD;
    for (button, action) in [(yes, Action::Sandbox(SandboxAction::Confirm)), (no, Action::Run(Command::Escape))] {
        let width = button.width(ui.painter());
        let place = Rect::from_min_size(pos2(right - width, rect.center().y - 14.0), vec2(width, 28.0));
        if button.show(ui, place, scene.theme).clicked() {
            out.push(action);
        }
        right -= width + 8.0;
    }
}
