//! The streams: categories that open, the filter, and the types of the scope below.

use egui::{Rect, Role, Sense, Stroke, StrokeKind, Ui, WidgetInfo, pos2, vec2};

use super::breakpoints::{self, breakpoints_height, tabs_ui};
use super::fonts::Type;
use super::paint::{self, Piece};
use super::rows::{Place, Rows, scroll_ui};
use super::scene::Scene;
use super::theme::{INSET, height};
use super::widgets::{Field, Tip, empty_ui, hover_text};
use super::{glyphs, icons, words};
use crate::event::{Scope, Time};
use crate::log::StreamInfo;
use crate::session::{Action, Category, Command, Field as TextField, Region, StreamRow};

/// What the panel keeps for itself: where its list stands.
#[derive(Clone, Copy, Debug, Default)]
pub struct StreamsLocal {
    place: Place,
    breakpoints: Place,
    highlighted: usize,
}

const FILTER: f32 = 44.0;
const COLUMNS: f32 = 20.0;
const TYPES_MAX: usize = 8;

/// Draws the streams.
pub fn streams_ui(ui: &mut Ui, rect: Rect, scene: &Scene<'_>, local: &mut StreamsLocal, out: &mut Vec<Action>) {
    let theme = scene.theme;
    let painter = ui.painter().clone();
    painter.rect_filled(rect, 0.0, theme.bg_panel);
    let head = rect.with_max_y(rect.top() + height::HEAD);
    let title = Piece::new("Streams", Type::LABEL_STRONG, theme.text_strong);
    let x = paint::left(&painter, rect.left() + INSET, head.center().y, f32::INFINITY, title);
    if let Some(totals) = scene.session.log.as_ref().and_then(|log| log.totals.as_ref()) {
        let count = words::thousands(totals.streams);
        paint::left(&painter, x + 8.0, head.center().y, 120.0, Piece::new(&count, Type::DATA_SMALL, theme.text_muted));
    } else {
        paint::left(
            &painter,
            x + 8.0,
            head.center().y,
            120.0,
            Piece::new("Counting…", Type::CAPTION, theme.text_muted),
        );
    }
    filter_ui(ui, Rect::from_min_size(head.left_bottom(), vec2(rect.width(), FILTER)), scene, out);

    let columns = Rect::from_min_size(pos2(rect.left(), head.bottom() + FILTER), vec2(rect.width(), COLUMNS));
    let name = |text| Piece::new(text, Type::CAPTION_MEDIUM, theme.text_muted);
    paint::left(&painter, rect.left() + INSET, columns.center().y, f32::INFINITY, name("Name"));
    paint::right(&painter, events_column(rect), columns.center().y, name("Events"));
    paint::right(&painter, rect.right() - INSET, columns.center().y, name("Last"));

    let breakpoints = scene.session.breakpoints.shown;
    let types_height =
        if breakpoints { breakpoints_height(scene, rect.height()) } else { types_height(scene, rect.height()) };
    let types = rect.with_min_y(rect.bottom() - types_height);
    let list = Rect::from_min_max(columns.left_bottom(), pos2(rect.right(), types.top() - 4.0));
    list_ui(ui, list, scene, local, out);
    paint::hline(&painter, types.left(), types.right(), types.top(), theme.line_subtle);
    let tabs = types.with_max_y(types.top() + height::HEAD);
    tabs_ui(ui, tabs, scene, out);
    if breakpoints {
        breakpoints::list_ui(ui, types.with_min_y(tabs.bottom()), scene, &mut local.breakpoints, out);
    } else {
        types_ui(ui, types, scene);
    }
    paint::vline(&painter, rect.right() - 1.0, rect.top(), rect.bottom(), theme.line_subtle);
}

fn events_column(rect: Rect) -> f32 {
    rect.right() - INSET - 48.0
}

fn filter_ui(ui: &mut Ui, rect: Rect, scene: &Scene<'_>, out: &mut Vec<Action>) {
    let place = Rect::from_min_size(rect.min + vec2(INSET, 8.0), vec2(rect.width() - 2.0 * INSET, height::CONTROL));
    let field = Field {
        name: Command::FilterStreams.label(),
        hint: "Filter streams",
        icon: Some(icons::MAGNIFYING_GLASS),
        key: Command::FilterStreams.key(),
        data: true,
        wrong: false,
        tip: Tip::command(Command::FilterStreams),
    };
    if scene.session.wants_focus == Some(TextField::Streams) {
        ui.memory_mut(|memory| memory.request_focus(Field::id(ui, field.name)));
    }
    let mut text = scene.session.streams.filter.clone();
    let response = field.show(ui, place, &mut text, scene.theme);
    if response.changed() {
        out.push(Action::SetStreamFilter(text));
    }
    if response.gained_focus() {
        out.push(Action::Focus(Region::Streams));
    }
    if response.lost_focus() && ui.input(|input| input.key_pressed(egui::Key::Enter)) {
        out.push(Action::Run(Command::CursorToSelection));
    }
}

fn list_ui(ui: &mut Ui, rect: Rect, scene: &Scene<'_>, local: &mut StreamsLocal, out: &mut Vec<Action>) {
    let session = scene.session;
    let rows = session.streams.rows();
    if rows.len() == 1 && session.streams.found.as_ref().is_some_and(|found| !found.loading) {
        let words = ["No stream matches", "No name contains this text"];
        let clear =
            super::widgets::Button { text: "Clear filter", ..super::widgets::Button::command(Command::ClearFilter) };
        if empty_ui(ui, rect, icons::FUNNEL, words, Some(&clear), scene.theme) {
            out.push(Action::Run(Command::ClearFilter));
        }
        return;
    }
    let list = Rows { count: rows.len() as u64, height: height::ROW, view: rect.height() };
    if local.highlighted != session.streams.highlighted {
        local.highlighted = session.streams.highlighted;
        reveal(&list, local, session.streams.highlighted as u64);
    }
    local.place = list.kept(local.place);
    let (visible, mut y) = list.visible(local.place);
    for index in visible {
        let row_rect = Rect::from_min_size(rect.min + vec2(0.0, y), vec2(rect.width(), height::ROW));
        let index = usize::try_from(index).unwrap_or(usize::MAX);
        if let Some(row) = rows.get(index) {
            row_ui(ui, row_rect, rect, scene, (index, *row), out);
        }
        y += height::ROW;
    }
    if session.streams.found.as_ref().is_some_and(|found| found.loading) {
        let at = pos2(rect.left() + INSET, rect.top() + y.max(height::ROW) + 12.0);
        let word = Piece::new("Looking…", Type::LABEL, scene.theme.text_muted);
        paint::left(ui.painter(), at.x, at.y, f32::INFINITY, word);
    }
    local.place = scroll_ui(ui, ui.scope_id().with("list"), rect, &list, local.place, scene.theme, "Scroll streams");
}

fn reveal(list: &Rows, local: &mut StreamsLocal, row: u64) {
    let room = list.room().max(1);
    if row < local.place.top || (row == local.place.top && local.place.part > 0.0) {
        local.place = Place { top: row, part: 0.0 };
    } else if row >= local.place.top + room {
        local.place = Place { top: row + 1 - room, part: 0.0 };
    }
}

fn row_ui(
    ui: &Ui,
    rect: Rect,
    clip: Rect,
    scene: &Scene<'_>,
    (index, row): (usize, StreamRow<'_>),
    out: &mut Vec<Action>,
) {
    let (session, theme) = (scene.session, scene.theme);
    let (chosen, sentence, action) = match row {
        StreamRow::Log => (session.scope == Scope::Log, log_sentence(scene), Action::ChooseScope(Scope::Log)),
        StreamRow::Category(category) => (
            matches!(&session.scope, Scope::Category(name) if *name == category.info.category),
            category_sentence(category),
            Action::ToggleCategory(category.info.category.to_string()),
        ),
        StreamRow::Stream(stream, _) => (
            session.is_chosen(&stream.stream),
            stream_sentence(stream, scene.now),
            Action::ChooseScope(Scope::Stream(stream.stream.clone())),
        ),
        StreamRow::More(category) => (
            false,
            "Show more streams".to_owned(),
            Action::MoreStreams(category.map(|category| category.info.category.to_string())),
        ),
    };
    let painter = ui.painter().with_clip_rect(clip);
    let response = ui.interact(rect.intersect(clip), ui.scope_id().with(("row", index)), Sense::CLICK);
    let role = if matches!(row, StreamRow::More(_)) { Role::Button } else { Role::TreeItem };
    response.widget_info(|| WidgetInfo::selected(role, true, chosen, &sentence));
    if chosen {
        painter.rect_filled(rect, 0.0, theme.bg_selected);
        painter.rect_filled(rect.with_max_x(rect.left() + 2.0), 0.0, theme.accent);
    } else if response.hovered() {
        painter.rect_filled(rect, 0.0, theme.bg_hover);
    }
    if session.region == Region::Streams && session.streams.highlighted == index {
        painter.rect_stroke(rect, 0.0, Stroke::new(1.0, theme.accent), StrokeKind::Inside);
    }
    match row {
        StreamRow::Log => log_row(&painter, rect, scene),
        StreamRow::Category(category) => category_row(&painter, rect, scene, category),
        StreamRow::Stream(stream, nested) => stream_row(&painter, rect, scene, stream, nested, chosen),
        StreamRow::More(category) => more_row(&painter, rect, scene, category),
    }
    let clicked = response.clicked();
    super::widgets::tip(response, &Tip { name: &sentence, key: "", help: help_of(row) }, theme);
    if clicked {
        out.push(Action::Focus(Region::Streams));
        out.push(action);
    }
}

fn help_of(row: StreamRow<'_>) -> &'static str {
    match row {
        StreamRow::Log => "Show the events of all streams",
        StreamRow::Category(_) => "Show or hide its streams",
        StreamRow::Stream(..) => "Show its events and its state",
        StreamRow::More(_) => "List the next streams by name",
    }
}

fn log_sentence(scene: &Scene<'_>) -> String {
    match scene.session.log.as_ref().and_then(|log| log.totals.as_ref()) {
        Some(totals) => format!("Whole log, {}", words::count(totals.events, "event", "events")),
        None => "Whole log".to_owned(),
    }
}

fn category_sentence(category: &Category) -> String {
    let (info, open) = (&category.info, if category.open { "open" } else { "closed" });
    format!("Category {}, {}, {open}", info.category, words::count(info.streams, "stream", "streams"))
}

fn stream_sentence(stream: &StreamInfo, now: Time) -> String {
    let events = words::count(stream.events, "event", "events");
    match stream.last_time {
        Some(time) => format!("Stream {}, {events}, last {}", stream.stream, words::age(time, now)),
        None => format!("Stream {}, {events}", stream.stream),
    }
}

fn numbers(painter: &egui::Painter, rect: Rect, scene: &Scene<'_>, events: Option<u64>, last: Option<Time>) -> f32 {
    let middle = rect.center().y;
    let color = scene.theme.text_muted;
    if let Some(last) = last {
        let age = words::age(last, scene.now);
        paint::right(painter, rect.right() - INSET, middle, Piece::new(&age, Type::DATA_SMALL, color));
    }
    let right = events_column(rect);
    match events {
        Some(events) => {
            paint::right(painter, right, middle, Piece::new(&words::thousands(events), Type::DATA_SMALL, color))
        }
        None => right,
    }
}

fn log_row(painter: &egui::Painter, rect: Rect, scene: &Scene<'_>) {
    let theme = scene.theme;
    let totals = scene.session.log.as_ref().and_then(|log| log.totals.as_ref());
    let last = totals.and_then(|totals| totals.last_time).max(newest_arrival(scene));
    let end = numbers(painter, rect, scene, totals.map(|totals| totals.events), last);
    let middle = rect.center().y;
    paint::icon(painter, pos2(rect.left() + 18.0, middle), icons::ROWS, Type::icon(14.0), theme.text_soft);
    let x = rect.left() + 32.0;
    paint::left(painter, x, middle, end - x - 8.0, Piece::new("Whole log", Type::LABEL_MEDIUM, theme.text_strong));
}

/// When the newest event arrived that was seen coming, within the last ten seconds of samples.
fn newest_arrival(scene: &Scene<'_>) -> Option<Time> {
    let shown = scene.session.live.shown();
    let from = shown.len().saturating_sub(40);
    let arrived = shown.skip(from).filter(|sample| sample.events > 0).last()?;
    Some(Time(arrived.at_ms.saturating_mul(1_000)))
}

fn category_row(painter: &egui::Painter, rect: Rect, scene: &Scene<'_>, category: &Category) {
    let theme = scene.theme;
    let info = &category.info;
    let end = numbers(painter, rect, scene, info.events, info.last_time);
    let middle = rect.center().y;
    let caret = if category.open { icons::CARET_DOWN } else { icons::CARET_RIGHT };
    paint::icon(painter, pos2(rect.left() + 17.0, middle), caret, Type::icon_bold(10.0), theme.text_muted);
    let x = rect.left() + 28.0;
    let count = words::thousands(info.streams);
    let count_width = paint::width(painter, &count, Type::DATA_SMALL);
    let room = end - x - 8.0;
    let name = if info.category.is_empty() { "(no name)" } else { &info.category };
    let x = paint::left(painter, x, middle, room, Piece::new(name, Type::LABEL_MEDIUM, theme.text_strong));
    if x + 6.0 + count_width + 8.0 <= end {
        paint::left(painter, x + 6.0, middle, f32::INFINITY, Piece::new(&count, Type::DATA_SMALL, theme.text_muted));
    }
}

fn stream_row(painter: &egui::Painter, rect: Rect, scene: &Scene<'_>, stream: &StreamInfo, nested: bool, chosen: bool) {
    let theme = scene.theme;
    let end = numbers(painter, rect, scene, Some(stream.events), stream.last_time);
    let full = stream.stream.as_str();
    // Below its category a stream is told by what follows the category's name.
    let short = if nested {
        full.strip_prefix(&*stream.category).and_then(|rest| rest.strip_prefix('-')).filter(|rest| !rest.is_empty())
    } else {
        None
    };
    let x = rect.left() + if nested { 36.0 } else { INSET };
    let room = end - x - 8.0;
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "some dozen characters")]
    let characters = (room / 7.2).max(3.0) as usize;
    let name = paint::cut_middle(short.unwrap_or(full), characters);
    let color = if chosen { theme.text_strong } else { theme.text };
    paint::left(painter, x, rect.center().y, room + 8.0, Piece::new(&name, Type::DATA, color));
}

fn more_row(painter: &egui::Painter, rect: Rect, scene: &Scene<'_>, category: Option<&Category>) {
    let text = match category {
        Some(category) if category.loading => "Reading…".to_owned(),
        Some(category) => {
            let hidden = category.info.streams.saturating_sub(category.streams.len() as u64);
            if hidden == 0 { "Show more".to_owned() } else { format!("Show {} more", words::thousands(hidden)) }
        }
        None => "Show more".to_owned(),
    };
    let x = rect.left() + if category.is_some() { 36.0 } else { INSET };
    paint::left(painter, x, rect.center().y, f32::INFINITY, Piece::new(&text, Type::LABEL, scene.theme.accent));
}

fn types_shown(scene: &Scene<'_>) -> usize {
    let types = scene.session.density.as_ref().map_or(0, |density| density.by_type.len());
    let room = if scene.window_height < 800.0 { TYPES_MAX / 2 } else { TYPES_MAX };
    types.min(room)
}

fn types_height(scene: &Scene<'_>, panel: f32) -> f32 {
    if scene.window_height < 700.0 || panel < 320.0 {
        return height::HEAD;
    }
    #[expect(clippy::cast_precision_loss, reason = "at most eight rows")]
    let rows = types_shown(scene).max(1) as f32;
    height::HEAD + rows * height::ROW + 4.0
}

fn types_ui(ui: &Ui, rect: Rect, scene: &Scene<'_>) {
    let theme = scene.theme;
    let painter = ui.painter().with_clip_rect(rect);
    let middle = rect.top() + height::HEAD / 2.0;
    let Some(density) = &scene.session.density else {
        let at = middle + height::HEAD / 2.0 + 12.0;
        paint::left(&painter, rect.left() + INSET, at, 160.0, Piece::new("Counting…", Type::CAPTION, theme.text_muted));
        return;
    };
    let most = density.by_type.first().map_or(1, |(_, count)| *count).max(1);
    let shown = types_shown(scene);
    let unnamed = density.by_type.len() - shown;
    let named = if unnamed > 0 { shown.saturating_sub(1) } else { shown };
    let about = if density.exact { "" } else { "~" };
    let mut y = rect.top() + height::HEAD + height::ROW / 2.0;
    for (name, count) in density.by_type.iter().take(named) {
        let count_text = format!("{about}{}", words::thousands(*count));
        let row = Rect::from_center_size(pos2(rect.center().x, y), vec2(rect.width(), height::ROW));
        type_row(&painter, row, scene, name, &count_text, share(*count, most));
        let said = ui.interact(row, ui.scope_id().with(("type", name)), Sense::HOVER);
        said.widget_info(|| WidgetInfo::labeled(Role::ListItem, true, format!("Type {name}, {count_text} events")));
        hover_text(said, name);
        y += height::ROW;
    }
    if unnamed > 0 {
        let events: u64 = density.by_type.iter().skip(named).map(|(_, count)| *count).sum();
        let words = format!("{} more", unnamed + 1);
        paint::left(&painter, rect.left() + 30.0, y, f32::INFINITY, Piece::new(&words, Type::LABEL, theme.text_muted));
        let count = format!("{about}{}", words::thousands(events));
        paint::right(&painter, rect.right() - INSET, y, Piece::new(&count, Type::DATA_SMALL, theme.text_muted));
    }
}

#[expect(clippy::cast_precision_loss, clippy::cast_possible_truncation, reason = "a share of a bar")]
fn share(count: u64, most: u64) -> f32 {
    (count as f64 / most as f64) as f32
}

fn type_row(painter: &egui::Painter, row: Rect, scene: &Scene<'_>, name: &str, count: &str, share: f32) {
    let theme = scene.theme;
    let look = scene.looks.of(name);
    let middle = row.center().y;
    glyphs::paint(painter, pos2(row.left() + 18.0, middle), look, theme, 1.0);
    let bar_width = if row.width() < 256.0 { 28.0 } else { 40.0 };
    let bar = Rect::from_min_size(pos2(row.right() - 76.0 - bar_width, middle - 1.5), vec2(bar_width, 3.0));
    let room = bar.left() - row.left() - 38.0;
    let label = paint::fit_middle(painter, scene.looks.label(name), Type::LABEL, room);
    paint::left(painter, row.left() + 30.0, middle, room, Piece::new(&label, Type::LABEL, theme.text));
    painter.rect_filled(bar, 1.5, theme.bg_active);
    let filled = bar.with_max_x(bar.left() + (bar.width() * share).max(2.0));
    painter.rect_filled(filled, 1.5, look.color(theme));
    paint::right(painter, row.right() - INSET, middle, Piece::new(count, Type::DATA_SMALL, theme.text_muted));
}

/// The streams as a rail, where the window is narrow. True where it was asked to open.
pub fn rail_ui(ui: &Ui, rect: Rect, scene: &Scene<'_>) -> bool {
    let theme = scene.theme;
    let painter = ui.painter();
    painter.rect_filled(rect, 0.0, theme.bg_panel);
    paint::vline(painter, rect.right() - 1.0, rect.top(), rect.bottom(), theme.line_subtle);
    let button = super::widgets::Button {
        tip: Tip { name: "Streams", key: Command::FilterStreams.key(), help: "Show the streams over the events" },
        ..super::widgets::Button {
            text: "",
            icon: Some(super::widgets::Icon::new(icons::LIST)),
            look: super::widgets::Look::Bare,
            ..super::widgets::Button::new("Streams")
        }
    };
    let place = Rect::from_min_size(rect.min + vec2(6.0, 4.0), vec2(28.0, 28.0));
    let clicked = button.show(ui, place, theme).clicked();
    let galley = paint::layout(painter, &[Piece::new("Streams", Type::LABEL, theme.text_muted)], f32::INFINITY);
    let at = pos2(rect.left() + 20.0 + galley.size().y / 2.0, rect.top() + 44.0);
    painter.add(egui::epaint::TextShape::new(at, galley, theme.text_muted).with_angle(std::f32::consts::FRAC_PI_2));
    clicked
}
