//! Pinned paths over the state: each with its last values and what the event at the cursor made of it.

use egui::{Painter, Pos2, Rect, Role, Sense, Shape, Stroke, Ui, WidgetInfo, pos2, vec2};

use crate::gui::fonts::Type;
use crate::gui::icons;
use crate::gui::layout::Room;
use crate::gui::paint::{self, Piece};
use crate::gui::scene::Scene;
use crate::gui::theme::INSET;
use crate::gui::widgets::{Button, Icon, Look, Tip, tip};
use crate::limits::PIN_EVENTS;
use crate::protocol::PinAt;
use crate::session::Action;

const ROW: f32 = 28.0;
const SPARK: (f32, f32) = (64.0, 20.0);
/// Pins that are shown at once; in a low window fewer.
const SHOWN_MAX: usize = 5;
const SHOWN_LOW: usize = 2;
const LOW: f32 = 800.0;

/// Draws the pins at the top of `rect`; returns what is left below them.
pub fn pins_ui(ui: &Ui, rect: Rect, scene: &Scene<'_>, out: &mut Vec<Action>) -> Rect {
    let paths = &scene.session.pins.paths;
    if paths.is_empty() {
        return rect;
    }
    let most = if scene.window_height < LOW { SHOWN_LOW } else { SHOWN_MAX };
    let mut y = rect.top() + 4.0;
    let shown = if paths.len() > most { most - 1 } else { paths.len() };
    for path in &paths[..shown] {
        let row = Rect::from_min_size(pos2(rect.left(), y), vec2(rect.width(), ROW));
        row_ui(ui, row, scene, path, out);
        y = row.bottom();
    }
    if shown < paths.len() {
        let hidden = &paths[shown..];
        let words = format!("{} more pinned", hidden.len());
        let row = Rect::from_min_size(pos2(rect.left(), y), vec2(rect.width(), ROW));
        let said = Piece::new(&words, Type::CAPTION, scene.theme.text_muted);
        paint::left(ui.painter(), rect.left() + 32.0, row.center().y, 200.0, said);
        let response = ui.interact(row, ui.scope_id().with("more pins"), Sense::HOVER);
        response.widget_info(|| WidgetInfo::labeled(Role::Label, true, &words));
        tip(response, &Tip { name: &words, key: "", help: &hidden.join("  ") }, scene.theme);
        y = row.bottom();
    }
    y += 4.0;
    paint::hline(ui.painter(), rect.left(), rect.right(), y - 1.0, scene.theme.line_subtle);
    rect.with_min_y(y)
}

fn row_ui(ui: &Ui, rect: Rect, scene: &Scene<'_>, path: &str, out: &mut Vec<Action>) {
    let theme = scene.theme;
    let painter = ui.painter();
    let middle = rect.center().y;
    let pin = scene.session.pin_on_show(path);
    let sentence = sentence(path, pin);
    let response = ui.interact(rect, ui.scope_id().with(("pinned", path)), Sense::CLICK);
    response.widget_info(|| WidgetInfo::labeled(Role::ListItem, true, &sentence));
    if response.hovered() {
        painter.rect_filled(rect, 0.0, theme.bg_hover);
    }
    if response.clicked() {
        out.push(Action::SelectPath(path.to_owned()));
    }
    let name = format!("Unpin {path}");
    let unpin = Button {
        name: &name,
        text: "",
        icon: Some(Icon { color: Some(theme.text_soft), ..Icon::filled(icons::PUSH_PIN).sized(14.0) }),
        look: Look::Bare,
        tip: Tip { name: &name, key: "", help: "Watch it no more" },
        ..Button::new(&name)
    };
    let place = Rect::from_center_size(pos2(rect.left() + 18.0, middle), vec2(24.0, 24.0));
    if unpin.show(ui, place, theme).clicked() {
        out.push(Action::TogglePin(path.to_owned()));
    }
    let x = rect.left() + 32.0;
    let shown = paint::fit_middle(painter, if path.is_empty() { "/" } else { path }, Type::DATA, 128.0);
    paint::left(painter, x, middle, 132.0, Piece::new(&shown, Type::DATA, theme.text));
    let mut left = x + 136.0;
    if scene.room > Room::Narrow {
        let spark = Rect::from_min_size(pos2(left, middle - SPARK.1 / 2.0), vec2(SPARK.0, SPARK.1));
        if let Some(pin) = pin {
            spark_line(painter, spark, &pin.values, scene);
        }
        left = spark.right() + 8.0;
    }
    values(painter, left, rect.right() - INSET, middle, pin, scene);
    tip(response, &Tip { name: &sentence, key: "", help: "Click to select the path" }, theme);
}

/// Old → new at the right end; what did not change is said to be the same.
fn values(painter: &Painter, left: f32, right: f32, middle: f32, pin: Option<&PinAt>, scene: &Scene<'_>) {
    let theme = scene.theme;
    let Some(pin) = pin else {
        let bar = Rect::from_min_max(pos2(right - 72.0, middle - 4.0), pos2(right, middle + 4.0));
        painter.rect_filled(bar, 4.0, theme.bg_active);
        return;
    };
    let absent = "absent";
    let new = pin.to.as_deref().unwrap_or(absent);
    let room = right - left;
    if pin.from == pin.to {
        let text = paint::fit_middle(painter, new, Type::DATA, room - 40.0);
        let end = paint::right(painter, right, middle, Piece::new(&text, Type::DATA, theme.text));
        paint::right(painter, end - 8.0, middle, Piece::new("same", Type::CAPTION, theme.text_muted));
        return;
    }
    let old = pin.from.as_deref().unwrap_or(absent);
    let pieces = [
        Piece::new(old, Type::DATA, theme.text_muted).struck(),
        Piece::new(" → ", Type::DATA, theme.text_muted),
        Piece::new(new, Type::DATA, theme.text_strong),
    ];
    let whole = paint::layout(painter, &pieces, f32::INFINITY).size().x;
    if whole <= room {
        paint::pieces(painter, right - whole, middle, whole + 1.0, &pieces);
    } else {
        let text = paint::fit_middle(painter, new, Type::DATA, room - 14.0);
        let end = paint::right(painter, right, middle, Piece::new(&text, Type::DATA, theme.text_strong));
        paint::right(painter, end - 4.0, middle, Piece::new("~", Type::DATA_MEDIUM, theme.cursor));
    }
}

/// The last values as a step line that ends in the cursor's dot; where there was no number, nothing.
#[expect(clippy::cast_precision_loss, clippy::cast_possible_truncation, reason = "some dozen points of a small chart")]
fn spark_line(painter: &Painter, rect: Rect, values: &[Option<f64>], scene: &Scene<'_>) {
    let known = || values.iter().flatten().copied();
    let (low, high) = (known().fold(f64::INFINITY, f64::min), known().fold(f64::NEG_INFINITY, f64::max));
    if !(low.is_finite() && high.is_finite()) {
        return;
    }
    let span = if high > low { high - low } else { 1.0 };
    let flat = high <= low;
    let step = rect.width() / PIN_EVENTS as f32;
    let first = (PIN_EVENTS as usize + 1).saturating_sub(values.len());
    let at = |index: usize, value: f64| {
        let share = if flat { 0.5 } else { (value - low) / span };
        pos2(rect.left() + step * (first + index) as f32, rect.bottom() - 2.0 - (rect.height() - 4.0) * share as f32)
    };
    let mut run: Vec<Pos2> = Vec::new();
    let stroke = Stroke::new(1.0, scene.theme.text_soft);
    let draw = |run: &mut Vec<Pos2>| {
        if run.len() > 1 {
            painter.add(Shape::line(std::mem::take(run), stroke));
        }
        run.clear();
    };
    for (index, value) in values.iter().enumerate() {
        match value {
            Some(value) => {
                let point = at(index, *value);
                if let Some(last) = run.last() {
                    run.push(pos2(point.x, last.y));
                }
                run.push(point);
            }
            None => draw(&mut run),
        }
    }
    draw(&mut run);
    if let Some(Some(value)) = values.last() {
        painter.circle_filled(at(values.len() - 1, *value), 2.0, scene.theme.cursor);
    }
}

fn sentence(path: &str, pin: Option<&PinAt>) -> String {
    let path = if path.is_empty() { "/" } else { path };
    let Some(pin) = pin else { return format!("Pinned {path}, being read") };
    let text = |value: &Option<String>| value.clone().unwrap_or_else(|| "absent".to_owned());
    if pin.from == pin.to {
        format!("Pinned {path}, same, {}", text(&pin.to))
    } else {
        format!("Pinned {path}, changed from {} to {}", text(&pin.from), text(&pin.to))
    }
}
