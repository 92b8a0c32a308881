//! What the hits are: counts by type, stream, values and month. A click keeps a value, Alt and a click leaves it out.

use egui::{Painter, Rect, Role, Ui, pos2, vec2};

use super::SearchLocal;
use crate::event::Value;
use crate::filter::Name;
use crate::gui::fonts::Type;
use crate::gui::paint::{self, Piece};
use crate::gui::rows::{Rows, scroll_ui};
use crate::gui::scene::Scene;
use crate::gui::theme::{INSET, height};
use crate::gui::widgets::{Info, Tip, clickable, empty_ui, menu_text_ui, tip};
use crate::gui::{glyphs, icons, words};
use crate::protocol::{Counted, Facet, FacetCount};
use crate::session::{Action, SearchAction};

/// Values of a facet that are shown before somebody asks for more.
const SHOWN: usize = 6;

/// One line of the list.
enum Line<'a> {
    Head(&'a Counted, bool),
    Value(&'a Counted, &'a FacetCount, u64),
    Rest(&'a Counted, u64, u64),
}

/// Draws the facets.
pub fn facets_ui(ui: &Ui, rect: Rect, scene: &Scene<'_>, local: &mut SearchLocal, out: &mut Vec<Action>) {
    let (theme, search) = (scene.theme, &scene.session.search);
    let painter = ui.painter();
    painter.rect_filled(rect, 0.0, theme.bg_panel);
    paint::vline(painter, rect.right() - 1.0, rect.top(), rect.bottom(), theme.line_subtle);
    let head = rect.with_max_y(rect.top() + height::HEAD);
    let middle = head.center().y;
    let x = paint::left(
        painter,
        head.left() + INSET,
        middle,
        80.0,
        Piece::new("Facets", Type::LABEL_STRONG, theme.text_strong),
    );
    let hits = words::count(search.word.hits_total, "hit", "hits");
    let so_far = if search.is_searching() { " so far" } else { "" };
    let text = if search.has_answer() { format!("of {hits}{so_far}") } else { String::new() };
    paint::left(painter, x + 8.0, middle, head.right() - x - 16.0, Piece::new(&text, Type::CAPTION, theme.text_muted));
    paint::hline(painter, rect.left(), rect.right(), head.bottom() - 1.0, theme.line_subtle);
    let list = rect.with_min_y(head.bottom());
    let lines = lines(&search.facets, local);
    if lines.is_empty() {
        if !search.is_searching() {
            let words = ["No facets", "They count what the hits are"];
            empty_ui(ui, list, icons::FUNNEL, words, None, theme);
        }
        return;
    }
    let rows = Rows { count: lines.len() as u64, height: height::ROW, view: list.height() };
    local.facets = rows.kept(local.facets);
    let (range, mut y) = rows.visible(local.facets);
    let clipped = painter.with_clip_rect(list.intersect(ui.clip_rect()));
    let mut toggled = None;
    for row in range {
        let place = Rect::from_min_size(list.min + vec2(0.0, y), vec2(list.width() - 1.0, height::ROW));
        y += height::ROW;
        let Some(line) = usize::try_from(row).ok().and_then(|row| lines.get(row)) else { continue };
        let shown = place.intersect(list);
        match line {
            Line::Head(counted, open) => {
                if head_ui(ui, &clipped, (place, shown), counted, *open, scene) {
                    toggled = Some(counted.facet.to_string());
                }
            }
            Line::Value(counted, value, most) => {
                value_ui(ui, &clipped, (place, shown), (counted, value, *most), scene, out);
            }
            Line::Rest(counted, values, events) => {
                let text = format!("{} more values", words::thousands(*values));
                let at_least = if counted.is_exact { "" } else { "+" };
                let middle = place.center().y;
                let events = format!("{}{at_least}", words::thousands(*events));
                paint::right(
                    &clipped,
                    place.right() - INSET,
                    middle,
                    Piece::new(&events, Type::DATA_SMALL, theme.text_muted),
                );
                paint::left(
                    &clipped,
                    place.left() + INSET,
                    middle,
                    place.width() - 80.0,
                    Piece::new(&text, Type::CAPTION, theme.text_muted),
                );
            }
        }
    }
    if let Some(facet) = toggled {
        match local.closed.iter().position(|closed| *closed == facet) {
            Some(at) => {
                local.closed.remove(at);
            }
            None => local.closed.push(facet),
        }
    }
    local.facets = scroll_ui(ui, ui.scope_id().with("facets"), list, &rows, local.facets, theme, "Scroll the facets");
}

fn lines<'a>(facets: &'a [Counted], local: &SearchLocal) -> Vec<Line<'a>> {
    let mut lines = Vec::new();
    for counted in facets.iter().filter(|counted| !counted.values.is_empty()) {
        let open = !local.closed.contains(&counted.facet.to_string());
        lines.push(Line::Head(counted, open));
        if !open {
            continue;
        }
        let most = counted.values.first().map_or(1, |value| value.events);
        let mut values: Vec<&FacetCount> = counted.values.iter().collect();
        let months = counted.facet == Facet::Month;
        let shown = if months { 24 } else { SHOWN };
        values.truncate(shown);
        if months {
            values.sort_by_key(|value| value.value.as_str().map(str::to_owned));
        }
        let listed: u64 = values.iter().map(|value| value.events).sum();
        let all: u64 = counted.values.iter().map(|value| value.events).sum::<u64>() + counted.other;
        let more = counted.distinct - values.len() as u64;
        lines.extend(values.into_iter().map(|value| Line::Value(counted, value, most)));
        if more > 0 {
            lines.push(Line::Rest(counted, more, all - listed));
        }
    }
    lines
}

fn title(facet: &Facet) -> String {
    match facet {
        Facet::Name(Name::Type) => "Type".to_owned(),
        Facet::Name(Name::Stream) => "Stream".to_owned(),
        Facet::Name(Name::Category) => "Category".to_owned(),
        Facet::Name(Name::Id) => "Id".to_owned(),
        Facet::Month => "Month".to_owned(),
        Facet::Value(place) => place.to_string(),
    }
}

fn head_ui(
    ui: &Ui,
    painter: &Painter,
    (rect, shown): (Rect, Rect),
    counted: &Counted,
    open: bool,
    scene: &Scene<'_>,
) -> bool {
    let theme = scene.theme;
    let name = title(&counted.facet);
    let info = Info { role: Role::Button, name: &name, enabled: true, selected: Some(open) };
    let response = clickable(ui, shown, ("facet", &name), &info);
    let middle = rect.center().y;
    paint::hline(painter, rect.left(), rect.right(), rect.top(), theme.line_subtle);
    let text = paint::fit_middle(painter, &name, Type::LABEL_STRONG, rect.width() - 48.0);
    paint::left(
        painter,
        rect.left() + INSET,
        middle,
        rect.width() - 48.0,
        Piece::new(&text, Type::LABEL_STRONG, theme.text_strong),
    );
    let caret = if open { icons::CARET_DOWN } else { icons::CARET_RIGHT };
    paint::icon(painter, pos2(rect.right() - INSET - 5.0, middle), caret, Type::icon_bold(10.0), theme.text_muted);
    let help = if open { "Click to close this list" } else { "Click to open this list" };
    tip(response, &Tip { name: &name, key: "", help }, theme).clicked()
}

fn value_ui(
    ui: &Ui,
    painter: &Painter,
    (rect, shown): (Rect, Rect),
    (counted, value, most): (&Counted, &FacetCount, u64),
    scene: &Scene<'_>,
    out: &mut Vec<Action>,
) {
    let theme = scene.theme;
    let text = match &value.value {
        Value::String(text) => text.clone(),
        word => word.to_string(),
    };
    let by = title(&counted.facet);
    let events = words::count(value.events, "hit", "hits");
    let sentence = format!("{by} {text}, {events}");
    let info = Info { role: Role::Button, name: &sentence, enabled: counted.facet != Facet::Month, selected: None };
    let response = clickable(ui, shown, ("facet value", &by, &text), &info);
    if response.hovered() {
        painter.rect_filled(rect, 0.0, theme.bg_hover);
    }
    let middle = rect.center().y;
    let count = words::thousands(value.events);
    paint::right(painter, rect.right() - INSET, middle, Piece::new(&count, Type::DATA_SMALL, theme.text_soft));
    let bar = Rect::from_min_size(pos2(rect.right() - INSET - 48.0 - 56.0, middle - 2.0), vec2(56.0, 4.0));
    painter.rect_filled(bar, 2.0, theme.bg_active);
    #[expect(clippy::cast_precision_loss, reason = "a part of a bar")]
    let part = (value.events as f32 / most.max(1) as f32).clamp(0.04, 1.0);
    painter.rect_filled(bar.with_max_x(bar.left() + bar.width() * part), 2.0, theme.text_muted);
    let mut x = rect.left() + INSET;
    let is_type = counted.facet == Facet::Name(Name::Type);
    let (label, face) = if is_type {
        glyphs::paint(painter, pos2(x + 6.0, middle), scene.looks.of(&text), theme, 1.0);
        x += 20.0;
        (scene.looks.label(&text), Type::LABEL)
    } else {
        (text.as_str(), Type::DATA)
    };
    let room = bar.left() - 8.0 - x;
    let label = paint::fit_middle(painter, label, face, room);
    paint::left(painter, x, middle, room, Piece::new(&label, face, theme.text));
    let act = |excludes| {
        Action::Search(SearchAction::Facet { facet: counted.facet.clone(), value: value.value.clone(), excludes })
    };
    if counted.facet != Facet::Month {
        egui::Popup::context_menu(&response).width(220.0).show(|ui| {
            for (label, excludes) in [("Include", false), ("Exclude", true)] {
                if menu_text_ui(ui, label, theme) {
                    out.push(act(excludes));
                    ui.close();
                }
            }
        });
    }
    let help = if counted.facet == Facet::Month { "" } else { "Click to include, Alt and click to exclude" };
    let alt = ui.input(|input| input.modifiers.alt);
    if tip(response, &Tip { name: &sentence, key: "", help }, theme).clicked() && counted.facet != Facet::Month {
        out.push(act(alt));
    }
}
