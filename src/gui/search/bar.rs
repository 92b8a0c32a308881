//! The field with its chips, what may follow, and how far the search is.

use egui::{
    Align2, Area, Color32, FontSelection, Id, Key, Margin, Modifiers, Order, Rect, Role, Sense, Stroke, StrokeKind,
    TextEdit, Ui, WidgetInfo, pos2, vec2,
};

use crate::event::Scope;
use crate::gui::fonts::Type;
use crate::gui::paint::{self, Piece};
use crate::gui::scene::Scene;
use crate::gui::theme::{INSET, RADIUS_1, RADIUS_2, Theme};
use crate::gui::widgets::{Button, Field, Icon, Info, Look, Tip, clickable, tip};
use crate::gui::{icons, words};
use crate::protocol::{SearchEnd, SearchFrom};
use crate::session::{Action, Command, Field as TextField, SearchAction};

/// The height of the field's row.
const BAR: f32 = 44.0;
/// The height of the row that says how far the search is.
const PROGRESS: f32 = 32.0;
/// The height of a proposal.
const PROPOSAL: f32 = 24.0;
/// The width of the proposals.
const PROPOSALS: f32 = 320.0;
/// The least room for what is typed.
const TYPED_MIN: f32 = 120.0;
/// The accessible name of the field.
const NAME: &str = "Search";

/// Draws the field. Returns what is left below.
pub fn bar_ui(ui: &mut Ui, rect: Rect, scene: &Scene<'_>, out: &mut Vec<Action>) -> Rect {
    let (theme, search) = (scene.theme, &scene.session.search);
    let bar = rect.with_max_y(rect.top() + BAR);
    let painter = ui.painter().clone();
    let middle = bar.center().y;
    let close = Button {
        text: "",
        icon: Some(Icon::new(icons::X).sized(14.0)),
        look: Look::Bare,
        tip: Tip { name: "Close search", key: Command::Escape.key(), help: "Return to the events; the terms stay" },
        ..Button::new("Close search")
    };
    let mut right = bar.right() - 8.0;
    if close.show(ui, Rect::from_center_size(pos2(right - 14.0, middle), vec2(28.0, 28.0)), theme).clicked() {
        out.push(Action::Search(SearchAction::Close));
    }
    right -= 36.0;
    let (text, other) = match search.from {
        SearchFrom::Newest => ("Newest first", SearchFrom::Oldest),
        SearchFrom::Oldest => ("Oldest first", SearchFrom::Newest),
    };
    let turn = Button {
        icon: Some(Icon::new(icons::ARROWS_DOWN_UP)),
        tip: Tip { name: text, key: "", help: "Which end of the log is searched first; click to begin at the other" },
        ..Button::new(text)
    };
    let width = turn.width(&painter);
    let place = Rect::from_min_size(pos2(right - width, middle - 14.0), vec2(width, 28.0));
    if turn.show(ui, place, theme).clicked() {
        out.push(Action::Search(SearchAction::Turn(other)));
    }
    let field = Rect::from_min_max(pos2(bar.left() + INSET, middle - 14.0), pos2(place.left() - 8.0, middle + 14.0));
    field_ui(ui, field, scene, out);
    let mut below = rect.with_min_y(bar.bottom());
    if let Some(fault) = &search.fault {
        let line = below.with_max_y(below.top() + 24.0);
        painter.rect_filled(line, 0.0, theme.bg_removed);
        let at = pos2(line.left() + 18.0, line.center().y);
        paint::icon(&painter, at, icons::WARNING_CIRCLE, Type::icon_fill(14.0), theme.danger);
        let text = words::sentence(&fault.to_string());
        let room = line.width() - 44.0;
        paint::left(&painter, line.left() + 32.0, line.center().y, room, Piece::new(&text, Type::LABEL, theme.danger));
        let said = ui.interact(line, ui.scope_id().with("fault"), Sense::HOVER);
        said.widget_info(|| WidgetInfo::labeled(Role::Alert, true, &text));
        crate::gui::widgets::hover_text(said, &text);
        below.min.y = line.bottom();
    }
    below
}

/// The chips, and behind them what is typed.
fn field_ui(ui: &mut Ui, rect: Rect, scene: &Scene<'_>, out: &mut Vec<Action>) {
    let (theme, search) = (scene.theme, &scene.session.search);
    let painter = ui.painter().clone();
    let id = Field::id(ui, NAME);
    let focused = ui.memory(|memory| memory.has_focus(id));
    let line = if search.fault.is_some() { theme.danger } else { theme.line_strong };
    painter.rect(rect, RADIUS_2, theme.bg_field, Stroke::new(1.0, line), StrokeKind::Inside);
    if focused {
        paint::focus_ring(&painter, rect, f32::from(RADIUS_2.nw), theme);
    }
    let middle = rect.center().y;
    let at = pos2(rect.left() + 15.0, middle);
    paint::icon(&painter, at, icons::MAGNIFYING_GLASS, Type::icon(14.0), theme.text_muted);
    let mut x = rect.left() + 28.0;
    let mut end = rect.right() - 8.0;
    if !search.chips.is_empty() || !search.text.is_empty() {
        let clear = Button {
            text: "",
            icon: Some(Icon::new(icons::X).sized(12.0)),
            look: Look::Bare,
            tip: Tip { name: "Clear terms", key: "", help: "Take all terms out" },
            ..Button::new("Clear terms")
        };
        if clear.show(ui, Rect::from_center_size(pos2(end - 8.0, middle), vec2(24.0, 24.0)), theme).clicked() {
            out.push(Action::Search(SearchAction::Clear));
        }
        end -= 24.0;
    }
    // The newest chips stay in view; older ones are counted.
    let widths: Vec<f32> = search.chips.iter().map(|term| chip_width(&painter, term.text())).collect();
    let room = end - x - TYPED_MIN;
    let mut first = 0;
    while first + 1 < widths.len() && widths[first..].iter().map(|width| width + 4.0).sum::<f32>() > room - 28.0 {
        first += 1;
    }
    if first > 0 {
        let more = format!("+{first}");
        x = paint::left(&painter, x, middle, 28.0, Piece::new(&more, Type::CAPTION_MEDIUM, theme.text_muted)) + 6.0;
    }
    for (index, term) in search.chips.iter().enumerate().skip(first) {
        let width = widths[index].min((end - x - 60.0).max(40.0));
        let place = Rect::from_min_size(pos2(x, middle - 10.0), vec2(width, 20.0));
        chip_ui(ui, place, (index, term.text()), theme, out);
        x = place.right() + 4.0;
    }
    let inner = Rect::from_min_max(pos2(x + 2.0, rect.top()), pos2(end.max(x + 2.0), rect.bottom()));
    if scene.session.wants_focus == Some(TextField::Search) {
        ui.memory_mut(|memory| memory.request_focus(id));
    }
    let proposals = scene.session.search_proposals();
    if focused {
        ui.memory_mut(|memory| {
            let filter = egui::EventFilter {
                tab: !proposals.is_empty(),
                horizontal_arrows: true,
                ..egui::EventFilter::default()
            };
            memory.set_focus_lock_filter(id, filter);
        });
        let taken = !proposals.is_empty() && ui.input_mut(|input| input.consume_key(Modifiers::NONE, Key::Tab));
        if taken {
            out.push(Action::Search(SearchAction::Take(0)));
        }
        if search.text.is_empty() && ui.input(|input| input.key_pressed(Key::Backspace)) {
            out.push(Action::Search(SearchAction::TakeBack));
        }
    }
    let hint = if search.chips.is_empty() { "type:Order* data.total>100 free words" } else { "" };
    let hint = egui::RichText::new(hint).font(Type::DATA.font()).color(theme.text_muted);
    let mut text = search.text.clone();
    let edit = TextEdit::singleline(&mut text)
        .id(id)
        .font(FontSelection::FontId(Type::DATA.font()))
        .text_color(theme.text_strong)
        .hint_text(hint)
        .frame(egui::Frame::NONE)
        .background_color(Color32::TRANSPARENT)
        .margin(Margin::ZERO)
        .align(Align2::LEFT_CENTER)
        .desired_width(inner.width())
        .min_size(inner.size());
    let response = ui.put(inner, edit).accessible_name(NAME);
    if response.changed() {
        out.push(Action::Search(SearchAction::SetText(text)));
    }
    if response.lost_focus() && ui.input(|input| input.key_pressed(Key::Enter)) {
        out.push(Action::Search(SearchAction::Start));
    }
    let help = "Words, and terms like type:Order* data.total>100 -has:meta.test after:2026-01-01; Enter searches";
    tip(response, &Tip { name: NAME, key: Command::Search.key(), help }, theme);
}

fn chip_width(painter: &egui::Painter, text: &str) -> f32 {
    (paint::width(painter, text, Type::DATA_SMALL) + 6.0 + 22.0).ceil()
}

fn chip_ui(ui: &Ui, rect: Rect, (index, text): (usize, &str), theme: &Theme, out: &mut Vec<Action>) {
    let name = format!("Remove {text}");
    let response =
        clickable(ui, rect, ("chip", index), &Info { role: Role::Button, name: &name, enabled: true, selected: None });
    let painter = ui.painter();
    let fill = if response.hovered() { theme.bg_active } else { theme.bg_selected };
    painter.rect_filled(rect, RADIUS_1, fill);
    let room = rect.width() - 28.0;
    let shown = paint::fit_middle(painter, text, Type::DATA_SMALL, room);
    let color = if text.starts_with('-') { theme.danger } else { theme.text };
    paint::left(painter, rect.left() + 6.0, rect.center().y, room, Piece::new(&shown, Type::DATA_SMALL, color));
    paint::icon(painter, pos2(rect.right() - 11.0, rect.center().y), icons::X, Type::icon_bold(10.0), theme.text_muted);
    if response.has_focus() {
        paint::focus_ring(painter, rect, f32::from(RADIUS_1.nw), theme);
    }
    if tip(response, &Tip { name: text, key: "", help: "Click to take this term out" }, theme).clicked() {
        out.push(Action::Search(SearchAction::Remove(index)));
    }
}

/// What the word that is being typed may go on to be, under the field.
pub fn proposals_ui(ui: &Ui, rect: Rect, scene: &Scene<'_>, out: &mut Vec<Action>) {
    let proposals = scene.session.search_proposals();
    let focused = ui.memory(|memory| memory.has_focus(Field::id(ui, NAME)));
    if proposals.is_empty() || !focused {
        return;
    }
    let theme = scene.theme;
    #[expect(clippy::cast_precision_loss, reason = "a handful")]
    let size = vec2(PROPOSALS.min(rect.width() - 24.0), PROPOSAL * proposals.len() as f32 + 8.0);
    let place = Rect::from_min_size(pos2(rect.left() + INSET, rect.top() + BAR - 4.0), size);
    let area =
        Area::new(Id::unique("eventscope proposals")).order(Order::Foreground).fixed_pos(place.min).movable(false);
    area.show(ui.ctx(), |ui| {
        ui.allocate_rect(place, Sense::HOVER);
        let painter = ui.painter().clone();
        painter.add(theme.shadow_menu().as_shape(place, RADIUS_2));
        painter.rect(place, RADIUS_2, theme.bg_raised, Stroke::new(1.0, theme.line_strong), StrokeKind::Inside);
        let mut y = place.top() + 4.0;
        for (index, proposal) in proposals.iter().enumerate() {
            let row = Rect::from_min_size(pos2(place.left() + 4.0, y), vec2(place.width() - 8.0, PROPOSAL));
            y += PROPOSAL;
            let info = Info { role: Role::MenuItem, name: proposal, enabled: true, selected: None };
            let response = clickable(ui, row, ("proposal", index), &info);
            if response.hovered() || index == 0 {
                painter.rect_filled(row, RADIUS_1, theme.bg_active);
            }
            let shown = paint::fit_middle(&painter, proposal, Type::DATA, row.width() - 56.0);
            let piece = Piece::new(&shown, Type::DATA, theme.text);
            paint::left(&painter, row.left() + 8.0, row.center().y, row.width() - 16.0, piece);
            if index == 0 {
                crate::gui::widgets::written_keycaps(&painter, row.right() - 6.0, row.center().y, "Tab", theme);
            }
            if response.clicked() {
                out.push(Action::Search(SearchAction::Take(index)));
            }
        }
    });
}

/// Draws how far the search is. Returns what is left below.
pub fn progress_ui(ui: &Ui, rect: Rect, scene: &Scene<'_>, out: &mut Vec<Action>) -> Rect {
    let (theme, search) = (scene.theme, &scene.session.search);
    let line = rect.with_max_y(rect.top() + PROGRESS);
    let painter = ui.painter();
    let edge = line.bottom() - 1.0;
    paint::hline(painter, line.left(), line.right(), edge, theme.line_subtle);
    let middle = line.center().y;
    let mut right = line.right() - INSET;
    if search.is_searching() {
        let stop = Button {
            hint: "Esc",
            tip: Tip { name: "Stop", key: Command::Escape.key(), help: "End the search; what it found stays" },
            ..Button::new("Stop")
        };
        let width = stop.width(painter);
        let place = Rect::from_min_size(pos2(right - width, middle - 12.0), vec2(width, 24.0));
        if stop.show(ui, place, theme).clicked() {
            out.push(Action::Search(SearchAction::Stop));
        }
        right = place.left() - 12.0;
        #[expect(clippy::cast_precision_loss, reason = "a part of a line")]
        let part = (search.word.scanned as f32 / search.word.of.max(1) as f32).min(1.0);
        let done = Rect::from_min_size(pos2(line.left(), line.bottom() - 2.0), vec2(line.width() * part, 2.0));
        painter.rect_filled(done, 0.0, theme.accent);
    }
    let (strong, text) = said(scene);
    let word = &search.word;
    if word.undecodable > 0 {
        let count = words::count(word.undecodable, "event", "events");
        let text = format!("{count} not decoded, not searched");
        right = paint::right(painter, right, middle, Piece::new(&text, Type::CAPTION, theme.warn)) - 12.0;
    }
    let mut x = line.left() + INSET;
    if !strong.is_empty() {
        x = paint::left(painter, x, middle, right - x, Piece::new(&strong, Type::LABEL_STRONG, theme.text_strong))
            + 8.0;
    }
    let color = if search.failure().is_some() { theme.danger } else { theme.text_muted };
    paint::left(painter, x, middle, right - x, Piece::new(&text, Type::CAPTION, color));
    let status = ui.interact(line.with_max_x(right.max(line.left())), ui.scope_id().with("progress"), Sense::HOVER);
    let sentence = if strong.is_empty() { text } else { format!("{strong} {text}") };
    status.widget_info(|| WidgetInfo::labeled(Role::Status, true, &sentence));
    rect.with_min_y(line.bottom())
}

/// How many hits, and how far the search is or what it cost.
fn said(scene: &Scene<'_>) -> (String, String) {
    let search = &scene.session.search;
    let word = &search.word;
    if !search.has_answer() {
        let scope = match &search.scope {
            None | Some(Scope::Log) => "the whole log".to_owned(),
            Some(Scope::Category(category)) => format!("category {category}"),
            Some(Scope::Stream(stream)) => format!("stream {stream}"),
        };
        return (String::new(), format!("Searches {scope}: type a word or a term, then Enter"));
    }
    if let Some(why) = search.failure() {
        return (String::new(), why.to_owned());
    }
    let hits = words::count(word.hits_total, "hit", "hits");
    let scanned = format!("scanned {} of {}", words::thousands(word.scanned), words::thousands(word.of));
    let mut text = match &word.ended {
        None => match left(word.scanned, word.of, word.elapsed_us) {
            Some(left) => format!("{scanned}, {left} left"),
            None => scanned,
        },
        Some(SearchEnd::Stopped) => format!("stopped, {scanned}"),
        Some(_) => format!("{scanned} in {}", words::elapsed(word.elapsed_us)),
    };
    if word.hits_total > search.hits.len() as u64 && word.ended.is_some() {
        text = format!("{text}, the first {} listed", words::thousands(search.hits.len() as u64));
    }
    (hits, text)
}

/// What is left, by how fast it went so far; nothing while that says little.
fn left(scanned: u64, of: u64, elapsed_us: u64) -> Option<String> {
    if scanned == 0 || elapsed_us < 300_000 || scanned >= of {
        return None;
    }
    let left = u128::from(of - scanned) * u128::from(elapsed_us) / u128::from(scanned);
    u64::try_from(left).ok().map(words::elapsed)
}
