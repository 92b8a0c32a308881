//! The hits, in the order of the search.

use egui::{Painter, Rect, Role, Sense, Ui, WidgetInfo, pos2, vec2};

use super::SearchLocal;
use crate::filter::{Contained, Filter, Name, Part, Place, Step, Term};
use crate::gui::fonts::Type;
use crate::gui::layout::Room;
use crate::gui::paint::{self, Piece};
use crate::gui::rows::{Rows, scroll_ui};
use crate::gui::scene::Scene;
use crate::gui::theme::{INSET, fade, height};
use crate::gui::widgets::{Button, Tip, describe, empty_ui, menu_text_ui};
use crate::gui::{glyphs, icons, words};
use crate::protocol::{EventRow, SearchEnd, SearchHit};
use crate::session::{Action, Command, SearchAction};

/// Left or right edges of the columns.
struct Columns {
    position: f32,
    stream: f32,
    version: Option<f32>,
    kind: f32,
    time: Option<f32>,
    payload: f32,
    end: f32,
}

impl Columns {
    fn of(rect: Rect, scene: &Scene<'_>) -> Self {
        let narrow = scene.room <= Room::Narrow;
        let mut x = rect.left() + INSET + 76.0;
        let position = x;
        x += 16.0;
        let stream = x;
        x += 104.0;
        let version = (!narrow).then(|| {
            x += 56.0;
            x
        });
        x += 16.0;
        let kind = x;
        x += 136.0;
        let time = (!narrow).then(|| {
            let at = x;
            x += 156.0;
            at
        });
        Self { position, stream, version, kind, time, payload: x, end: rect.right() - INSET }
    }
}

/// What of a payload is shown first, and marked.
struct Sought<'a> {
    /// Texts that it contains.
    marked: Vec<&'a Contained>,
    /// Paths whose values are compared, as rows write them.
    asked: Vec<String>,
}

/// The paths of the payload that the terms look at, as rows write them: `customer.name`.
fn asked(filter: &Filter) -> Vec<String> {
    let places = filter.terms().iter().filter_map(Term::place).filter(|place| place.part == Part::Payload);
    let path = |place: &Place| {
        let key = |step: &Step| match step {
            Step::Key(key) => Some(key.clone()),
            Step::Any => None,
        };
        place.steps.iter().map(key).collect::<Option<Vec<_>>>().map(|keys| keys.join("."))
    };
    places.filter_map(path).filter(|path| !path.is_empty()).collect()
}

/// Draws the hits, or says why there are none.
pub fn results_ui(ui: &Ui, rect: Rect, scene: &Scene<'_>, local: &mut SearchLocal, out: &mut Vec<Action>) {
    let (theme, search) = (scene.theme, &scene.session.search);
    if search.hits.is_empty() {
        empty(ui, rect, scene, out);
        return;
    }
    let columns = Columns::of(rect, scene);
    let head = rect.with_max_y(rect.top() + height::COLUMNS);
    titles(ui.painter(), head, &columns, scene);
    let list = rect.with_min_y(head.bottom());
    let rows = Rows { count: search.hits.len() as u64, height: height::ROW, view: list.height() };
    if local.chosen != search.chosen {
        local.chosen = search.chosen;
        // The chosen hit comes into view.
        if let Some(row) = search.chosen.map(|row| row as u64) {
            let last = local.hits.top + rows.room().saturating_sub(1);
            if row < local.hits.top || search.hits.len() < 2 {
                local.hits.top = row;
                local.hits.part = 0.0;
            } else if row >= last {
                local.hits.top = row.saturating_sub(rows.room().saturating_sub(1));
                local.hits.part = 0.0;
            }
        }
    }
    local.hits = rows.kept(local.hits);
    let (range, mut y) = rows.visible(local.hits);
    let painter = ui.painter().with_clip_rect(list.intersect(ui.clip_rect()));
    let filter = search.filter();
    let sought = Sought { marked: filter.marked().collect(), asked: asked(&filter) };
    for row in range {
        let place = Rect::from_min_size(list.min + vec2(0.0, y), vec2(list.width(), height::ROW));
        y += height::ROW;
        let Ok(index) = usize::try_from(row) else { continue };
        let Some(hit) = search.hits.get(index) else { continue };
        row_ui(ui, &painter, (place, list), (index, hit), &columns, &sought, scene, out);
    }
    local.hits = scroll_ui(ui, ui.scope_id().with("hits"), list, &rows, local.hits, theme, "Scroll the hits");
}

fn empty(ui: &Ui, rect: Rect, scene: &Scene<'_>, out: &mut Vec<Action>) {
    let (theme, search) = (scene.theme, &scene.session.search);
    if search.is_searching() {
        return;
    }
    if !search.has_answer() {
        let words =
            ["Nothing is searched yet", "type:Order* data.total>100 -has:meta.test after:2026-01-01 \"free words\""];
        empty_ui(ui, rect, icons::MAGNIFYING_GLASS, words, None, theme);
        return;
    }
    if search.failure().is_some() {
        let words = ["The search failed", "The reason stands above"];
        let button = Button::new("Retry");
        if empty_ui(ui, rect, icons::WARNING_CIRCLE, words, Some(&button), theme) {
            out.push(Action::Search(SearchAction::Start));
        }
        return;
    }
    let word = &search.word;
    let scanned = words::count(word.scanned, "event", "events");
    let all = if word.ended == Some(SearchEnd::Whole) { "all " } else { "" };
    let undecodable = match word.undecodable {
        0 => String::new(),
        count => format!(". {} cannot be decoded", words::thousands(count)),
    };
    let text = format!("Scanned {all}{scanned}{undecodable}");
    let button = Button::new("Clear filter");
    if empty_ui(ui, rect, icons::FUNNEL, ["No event matches", &text], Some(&button), theme) {
        out.push(Action::Search(SearchAction::Clear));
    }
}

fn titles(painter: &Painter, rect: Rect, columns: &Columns, scene: &Scene<'_>) {
    let theme = scene.theme;
    let middle = rect.center().y;
    let name = |text| Piece::new(text, Type::CAPTION_MEDIUM, theme.text_muted);
    paint::right(painter, columns.position, middle, name("Position"));
    paint::left(painter, columns.stream, middle, 100.0, name("Stream"));
    if let Some(x) = columns.version {
        paint::right(painter, x, middle, name("Version"));
    }
    paint::left(painter, columns.kind, middle, 120.0, name("Type"));
    if let Some(x) = columns.time {
        let head = format!("Time ({})", words::zone());
        paint::left(painter, x, middle, 150.0, Piece::new(&head, Type::CAPTION_MEDIUM, theme.text_muted));
    }
    paint::left(painter, columns.payload, middle, 120.0, name("Payload"));
    paint::hline(painter, rect.left(), rect.right(), rect.bottom() - 1.0, theme.line_subtle);
}

#[expect(clippy::too_many_arguments, reason = "one row of a table: its place, its columns, its scene")]
fn row_ui(
    ui: &Ui,
    painter: &Painter,
    (rect, list): (Rect, Rect),
    (index, hit): (usize, &SearchHit),
    columns: &Columns,
    sought: &Sought<'_>,
    scene: &Scene<'_>,
    out: &mut Vec<Action>,
) {
    let theme = scene.theme;
    let chosen = scene.session.search.chosen == Some(index);
    let response = ui.interact(rect.intersect(list), ui.scope_id().with(("hit", index)), Sense::CLICK);
    let sentence = sentence(hit);
    response.widget_info(|| WidgetInfo::selected(Role::Row, true, chosen, &sentence));
    if chosen {
        painter.rect_filled(rect, 0.0, theme.bg_selected);
        painter.rect_stroke(rect, 0.0, egui::Stroke::new(1.0, theme.accent), egui::StrokeKind::Inside);
        painter.rect_filled(rect.with_max_x(rect.left() + 2.0), 0.0, theme.accent);
    } else if response.hovered() {
        painter.rect_filled(rect, 0.0, theme.bg_hover);
    }
    draw(painter, rect, hit, columns, sought, scene);
    if response.double_clicked() || response.triple_clicked() {
        out.push(Action::Search(SearchAction::GoTo(index)));
    } else if response.clicked() {
        out.push(Action::Search(SearchAction::Choose(index)));
    }
    let event = &hit.event;
    let name =
        |name, value: &str, excludes| Action::Search(SearchAction::Name { name, value: value.to_owned(), excludes });
    egui::Popup::context_menu(&response).width(260.0).show(|ui| {
        let items = [
            ("Go there".to_owned(), Action::Search(SearchAction::GoTo(index))),
            (format!("Only {}", event.event_type), name(Name::Type, &event.event_type, false)),
            (format!("Without {}", event.event_type), name(Name::Type, &event.event_type, true)),
            (format!("Only {}", event.stream), name(Name::Stream, event.stream.as_str(), false)),
            (format!("Without {}", event.stream), name(Name::Stream, event.stream.as_str(), true)),
        ];
        for (label, action) in items {
            if menu_text_ui(ui, &label, theme) {
                out.push(action);
                ui.close();
            }
        }
    });
    let help = "Click to preview, Enter or a double click moves the cursor there";
    describe(&response, &Tip { name: &sentence, key: Command::CursorToSelection.key(), help });
}

fn draw(painter: &Painter, rect: Rect, hit: &SearchHit, columns: &Columns, sought: &Sought<'_>, scene: &Scene<'_>) {
    let theme = scene.theme;
    let (middle, event) = (rect.center().y, &hit.event);
    let position = words::thousands(hit.row + 1);
    paint::right(painter, columns.position, middle, Piece::new(&position, Type::DATA, theme.text_soft));
    let stream = paint::fit_middle(painter, event.stream.as_str(), Type::DATA, 98.0);
    paint::left(painter, columns.stream, middle, 102.0, Piece::new(&stream, Type::DATA, theme.text));
    if let (Some(x), Some(version)) = (columns.version, event.version) {
        let version = words::thousands(version);
        paint::right(painter, x, middle, Piece::new(&version, Type::DATA, theme.text_soft));
    }
    glyphs::paint(painter, pos2(columns.kind + 6.0, middle), scene.looks.of(&event.event_type), theme, 1.0);
    let label = paint::fit_middle(painter, scene.looks.label(&event.event_type), Type::LABEL, 108.0);
    paint::left(painter, columns.kind + 20.0, middle, 112.0, Piece::new(&label, Type::LABEL, theme.text));
    if let (Some(x), Some(time)) = (columns.time, event.time) {
        let time = words::time(time, "%-d %b %H:%M:%S%.3f");
        paint::left(painter, x, middle, 152.0, Piece::new(&time, Type::DATA, theme.text_soft));
    }
    payload(painter, middle, event, columns, sought, scene);
}

/// The payload from the first pair that holds what was looked for, with that marked.
fn payload(
    painter: &Painter,
    middle: f32,
    event: &EventRow,
    columns: &Columns,
    sought: &Sought<'_>,
    scene: &Scene<'_>,
) {
    let Sought { marked, asked } = sought;
    let theme = scene.theme;
    let room = columns.end - columns.payload;
    if room < 40.0 {
        return;
    }
    if let Some(fault) = &event.fault {
        paint::left(painter, columns.payload, middle, room, Piece::new(fault, Type::DATA, theme.danger));
        return;
    }
    let is_marked = |text: &str| marked.iter().any(|contained| contained.is_in(text));
    let is_asked = |key: &str| asked.iter().any(|asked| asked == key);
    let first = event.payload.iter().position(|(key, value)| is_asked(key) || is_marked(key) || is_marked(value));
    let first = first.unwrap_or(0);
    let mut x = columns.payload;
    let mut put = |text: &str, color| {
        if x >= columns.end || text.is_empty() {
            return;
        }
        let from = x;
        let galley = paint::layout(painter, &[Piece::new(text, Type::DATA, color)], columns.end - x);
        if let Some(found) = marked.iter().find_map(|contained| contained.find(text)) {
            let before = paint::width(painter, &text[..found.start], Type::DATA);
            let width = paint::width(painter, &text[found], Type::DATA);
            let place = Rect::from_min_size(pos2(from + before, middle - 9.0), vec2(width, 18.0));
            let place = place.with_max_x(place.right().min(columns.end));
            painter.rect_filled(place, 0.0, fade(theme.accent, 0.22));
        }
        x = paint::place(painter, from, middle, Type::DATA, galley);
    };
    for (index, (key, value)) in event.payload.iter().enumerate().skip(first) {
        if index > first {
            put(" · ", theme.text_muted);
        }
        put(key, theme.text_muted);
        if !key.is_empty() {
            put(" ", theme.text_muted);
        }
        put(value, if is_marked(value) { theme.text_strong } else { theme.text });
    }
}

fn sentence(hit: &SearchHit) -> String {
    let event = &hit.event;
    let version = event.version.map_or_else(String::new, |version| format!(" version {}", words::thousands(version)));
    let time = event.time.map_or_else(String::new, |time| format!(", {}", words::day_and_time(time)));
    format!(
        "Hit at position {}, stream {}{version}, {}{time}",
        words::thousands(hit.row + 1),
        event.stream,
        event.event_type
    )
}
