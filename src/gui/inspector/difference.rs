//! Two truths about one state, beside each other: a difference is not a change, so nothing is struck through.

use egui::{Painter, Rect, Role, Sense, Ui, WidgetInfo, pos2, vec2};

use super::tree;
use crate::gui::fonts::Type;
use crate::gui::paint::{self, Piece};
use crate::gui::rows::{Place, Rows, scroll_ui};
use crate::gui::scene::Scene;
use crate::gui::theme::{INSET, Theme, height};
use crate::gui::widgets::{Tip, tip};
use crate::limits::SPOKEN_CHARS_MAX;
use crate::protocol::{Change, Line, StateLines};
use crate::visible;

/// Draws the lines that differ, and those that hold one that does.
pub fn difference_ui(ui: &Ui, rect: Rect, scene: &Scene<'_>, lines: &StateLines, place: &mut Place) {
    let differing: Vec<usize> = lines
        .lines
        .iter()
        .enumerate()
        .filter(|(_, line)| line.change != Change::Same)
        .map(|(index, _)| index)
        .collect();
    let rows = Rows { count: differing.len() as u64, height: height::TREE_ROW, view: rect.height() };
    *place = rows.kept(*place);
    let (range, mut y) = rows.visible(*place);
    let painter = ui.painter().with_clip_rect(rect.intersect(ui.clip_rect()));
    for row in range {
        let at = Rect::from_min_size(rect.min + vec2(0.0, y), vec2(rect.width(), height::TREE_ROW));
        y += height::TREE_ROW;
        let index = usize::try_from(row).ok().and_then(|row| differing.get(row)).copied();
        let Some((index, line)) = index.and_then(|index| Some((index, lines.lines.get(index)?))) else { continue };
        let sentence = sentence(lines, index, line);
        let response = ui.interact(at.intersect(rect), ui.scope_id().with(("differs", index)), Sense::HOVER);
        response.widget_info(|| WidgetInfo::labeled(Role::TreeItem, true, &sentence));
        difference_line(&painter, at, line, scene.theme);
        tip(response, &Tip { name: &sentence, key: "", help: "" }, scene.theme);
    }
    *place =
        scroll_ui(ui, ui.scope_id().with("differences"), rect, &rows, *place, scene.theme, "Scroll the differences");
}

/// One line: the key, then both values with `≠` between them.
pub fn difference_line(painter: &Painter, rect: Rect, line: &Line, theme: &Theme) {
    if matches!(line.change, Change::Same | Change::Below) {
        tree::line(painter, rect, &Line { old: None, change: Change::Same, ..line.clone() }, false, theme);
        return;
    }
    painter.rect_filled(rect, 0.0, theme.bg_caution);
    painter.rect_filled(rect.with_max_x(rect.left() + 2.0), 0.0, theme.warn);
    let middle = rect.center().y;
    paint::centred(painter, pos2(rect.left() + 12.0, middle), Piece::new("≠", Type::DATA_MEDIUM, theme.warn));
    let x = rect.left() + tree::indent(line.depth);
    let (before, now) = both(line);
    let key = match visible::start(&line.key, tree::KEY_CHARS_MAX) {
        key if key.is_empty() => String::new(),
        key => format!("{key}: "),
    };
    let pieces = [
        Piece::new(&key, Type::DATA, theme.text),
        Piece::new(before, Type::DATA, theme.text_soft),
        Piece::new(" ≠ ", Type::DATA, theme.warn),
        Piece::new(now, Type::DATA, theme.text_strong),
    ];
    paint::pieces(painter, x, middle, rect.right() - INSET - x, &pieces);
}

/// The value of the one truth and of the other.
pub fn both(line: &Line) -> (&str, &str) {
    match line.change {
        Change::Added => ("absent", &line.text),
        Change::Removed => (&line.text, "absent"),
        _ => (line.old.as_deref().unwrap_or(&line.text), &line.text),
    }
}

fn sentence(lines: &StateLines, index: usize, line: &Line) -> String {
    match line.change {
        Change::Same | Change::Below => tree::sentence(lines, index, &Line { change: Change::Same, ..line.clone() }),
        _ => {
            let pointer = lines.pointer_shown(index, tree::KEY_CHARS_MAX);
            let path = if pointer.is_empty() { "/" } else { &pointer };
            let (before, now) = both(line);
            let said = |text| visible::start(text, SPOKEN_CHARS_MAX);
            format!("{path}, {} differs from {}", said(before), said(now))
        }
    }
}
