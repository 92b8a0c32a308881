//! The find bar under the breadcrumb, and the list of intervals that it found.

use egui::{Painter, Rect, Role, Sense, Ui, WidgetInfo, pos2, vec2};

use crate::gui::fonts::Type;
use crate::gui::layout::Room;
use crate::gui::paint::{self, Piece};
use crate::gui::rows::{Place, Rows, scroll_ui};
use crate::gui::scene::Scene;
use crate::gui::theme::{INSET, height};
use crate::gui::widgets::{Button, Field, Icon, Look, Tip, chip, hover_text, tip};
use crate::gui::{glyphs, icons, words};
use crate::protocol::{FindEnd, IntervalAt};
use crate::session::{Action, Command, Field as TextField, FindAction};

const BAR: f32 = 36.0;
const HEAD: f32 = 24.0;
const ROW: f32 = 24.0;
/// Rows that are shown at once.
const ROWS_MAX: usize = 8;

/// Draws the bar and the list from the top of `rect` on; returns what is left below.
pub fn find_ui(ui: &mut Ui, rect: Rect, scene: &Scene<'_>, place: &mut Place, out: &mut Vec<Action>) -> Rect {
    if !scene.session.find.open {
        return rect;
    }
    let bar = rect.with_max_y(rect.top() + BAR);
    bar_ui(ui, bar, scene, out);
    let mut below = rect.with_min_y(bar.bottom());
    if scene.session.find.refused().is_some() {
        let line = below.with_max_y(below.top() + height::FOOT);
        refused_ui(ui, line, scene);
        below.min.y = line.bottom();
    }
    let count = scene.session.find.intervals.len();
    if count > 0 {
        // At least a few events stay in view.
        let room = ((below.height() - HEAD - 5.0 * height::ROW) / ROW).floor().max(1.0);
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a dozen rows")]
        let shown = count.min(ROWS_MAX).min(room as usize);
        #[expect(clippy::cast_precision_loss, reason = "a dozen rows")]
        let list = below.with_max_y(below.top() + HEAD + ROW * shown as f32);
        list_ui(ui, list, scene, place, out);
        paint::hline(ui.painter(), list.left(), list.right(), list.bottom(), scene.theme.line_strong);
        below.min.y = list.bottom() + 1.0;
    }
    below
}

fn bar_ui(ui: &mut Ui, rect: Rect, scene: &Scene<'_>, out: &mut Vec<Action>) {
    let (theme, find) = (scene.theme, &scene.session.find);
    let painter = ui.painter().clone();
    paint::hline(&painter, rect.left(), rect.right(), rect.bottom() - 1.0, theme.line_subtle);
    let middle = rect.center().y - 0.5;
    let mut left = rect.left() + INSET;
    if scene.room > Room::Narrow {
        left = paint::left(&painter, left, middle, 90.0, Piece::new("Find where", Type::LABEL, theme.text_muted)) + 8.0;
    }
    let field = Field {
        name: "Condition",
        hint: "state.balance < 0",
        icon: None,
        key: if find.text.is_empty() { Command::Find.key() } else { "" },
        data: true,
        wrong: find.refused().is_some(),
        tip: Tip {
            name: "Condition",
            key: "Enter",
            help: "JavaScript over event, state, and before: the state before the event",
        },
    };
    let mut right = rect.right() - 8.0;
    let close = Button {
        text: "",
        icon: Some(Icon::new(icons::X).sized(14.0)),
        look: Look::Bare,
        tip: Tip { name: "Close find", key: Command::Escape.key(), help: "Close the bar and its list" },
        ..Button::new("Close find")
    };
    if close.show(ui, Rect::from_center_size(pos2(right - 14.0, middle), vec2(28.0, 28.0)), theme).clicked() {
        out.push(Action::Find(FindAction::Close));
    }
    right -= 32.0;
    if !find.intervals.is_empty() && !find.is_searching() {
        for (command, icon) in [(Command::NextInterval, icons::CARET_DOWN), (Command::IntervalBefore, icons::CARET_UP)]
        {
            let place = Rect::from_center_size(pos2(right - 14.0, middle), vec2(28.0, 28.0));
            if Button::icon_of(command, Icon::new(icon)).show(ui, place, theme).clicked() {
                out.push(Action::Run(command));
            }
            right -= 30.0;
        }
    }
    let start = find.text.trim().is_empty() || find.is_searching();
    let button = if find.is_searching() {
        let words = Tip { name: "Stop", key: Command::Escape.key(), help: "End the search; what it found stays" };
        Button { tip: words, ..Button::new("Stop") }
    } else {
        let words = Tip { name: "Find", key: "Enter", help: "Look through every version" };
        Button { enabled: !start, tip: words, ..Button::new("Find") }
    };
    let width = button.width(&painter);
    let place = Rect::from_min_size(pos2(right - width, middle - 12.0), vec2(width, 24.0));
    if button.show(ui, place, theme).clicked() {
        let action = if find.is_searching() { FindAction::Stop } else { FindAction::Start };
        out.push(Action::Find(action));
    }
    right = place.left() - 8.0;
    let width = (right - left).clamp(80.0, 240.0);
    let place = Rect::from_min_size(pos2(left, middle - 12.0), vec2(width, 24.0));
    if scene.session.wants_focus == Some(TextField::Find) {
        ui.memory_mut(|memory| memory.request_focus(Field::id(ui, field.name)));
    }
    let mut text = find.text.clone();
    let response = field.show(ui, place, &mut text, theme);
    if response.changed() {
        out.push(Action::Find(FindAction::SetText(text)));
    }
    if response.lost_focus() && ui.input(|input| input.key_pressed(egui::Key::Enter)) {
        out.push(Action::Find(FindAction::Start));
    }
    word_ui(ui, place.right() + 12.0, right, middle, scene);
}

/// How far the search is, and what it cost.
fn word_ui(ui: &Ui, left: f32, right: f32, middle: f32, scene: &Scene<'_>) {
    let (theme, find) = (scene.theme, &scene.session.find);
    if !find.has_answer() || find.refused().is_some() || right - left < 60.0 {
        return;
    }
    let painter = ui.painter();
    let word = &find.word;
    let count = words::count(word.intervals_total, "interval", "intervals");
    let shown = chip(painter, left, middle, None, &count, theme.text, theme);
    let scanned = format!("{} of {}", words::thousands(word.scanned), words::thousands(word.of));
    let took = words::elapsed(word.elapsed_us);
    let mut text = match &word.ended {
        None => scanned,
        Some(FindEnd::Stopped) => format!("stopped after {scanned}"),
        Some(_) => {
            let versions = words::count(word.versions, "version", "versions");
            format!("{versions}, all {} folded in {took}", words::thousands(word.scanned))
        }
    };
    if word.intervals_total > find.intervals.len() as u64 {
        text = format!("{text}, the first {} listed", words::thousands(find.intervals.len() as u64));
    }
    if word.failed > 0 {
        text = format!("{text}, the condition failed at {}", words::count(word.failed, "event", "events"));
    }
    let x = shown.right() + 8.0;
    paint::left(painter, x, middle, right - x, Piece::new(&text, Type::CAPTION, theme.text_muted));
    let said = ui.interact(
        Rect::from_min_max(pos2(left, middle - 12.0), pos2(right, middle + 12.0)),
        ui.scope_id().with("find word"),
        Sense::HOVER,
    );
    let sentence = format!("{count}, {text}");
    said.widget_info(|| WidgetInfo::labeled(Role::Status, true, &sentence));
    tip(said, &Tip { name: &sentence, key: "", help: word.failure.as_deref().unwrap_or("") }, theme);
}

fn refused_ui(ui: &Ui, rect: Rect, scene: &Scene<'_>) {
    let theme = scene.theme;
    let Some(why) = scene.session.find.refused() else { return };
    ui.painter().rect_filled(rect, 0.0, theme.bg_removed);
    let middle = rect.center().y;
    paint::icon(ui.painter(), pos2(rect.left() + 18.0, middle), icons::WARNING, Type::icon_fill(14.0), theme.danger);
    let x = rect.left() + 32.0;
    paint::left(ui.painter(), x, middle, rect.right() - INSET - x, Piece::new(why, Type::LABEL, theme.danger));
    let said = ui.interact(rect, ui.scope_id().with("refused"), Sense::HOVER);
    said.widget_info(|| WidgetInfo::labeled(Role::Alert, true, why));
    hover_text(said, why);
}

/// Where the columns stand: right edges of numbers, left edges of the rest. What does not fit gives way.
struct Columns {
    index: f32,
    stream: Option<f32>,
    from: f32,
    to: Option<f32>,
    versions: f32,
    entered: f32,
    held: Option<f32>,
    extreme: Option<f32>,
    by: Option<f32>,
}

impl Columns {
    fn of(rect: Rect, scene: &Scene<'_>) -> Self {
        let find = &scene.session.find;
        let narrow = scene.room == Room::Narrow;
        let many = find.asked.as_ref().is_some_and(|asked| asked.scope.stream().is_none());
        let compares = find.intervals.iter().any(|interval| interval.extreme.is_some());
        let index = rect.left() + INSET;
        let mut x = rect.left() + 40.0;
        let stream = many.then(|| {
            let at = x;
            x += 120.0;
            at
        });
        x += 60.0;
        let from = x;
        let to = (!narrow).then(|| {
            x += 68.0;
            x
        });
        x += 68.0;
        let versions = x;
        x += 16.0;
        let entered = x;
        x += 148.0;
        let fits = |x: f32| x + 100.0 < rect.right();
        let held = (!narrow && fits(x)).then(|| {
            x += 68.0;
            x
        });
        let extreme = (!narrow && compares && fits(x + 80.0)).then(|| {
            x += 80.0;
            x
        });
        let by = (!narrow && fits(x)).then_some(x + 16.0);
        Self { index, stream, from, to, versions, entered, held, extreme, by }
    }
}

fn list_ui(ui: &Ui, rect: Rect, scene: &Scene<'_>, place: &mut Place, out: &mut Vec<Action>) {
    let (theme, find) = (scene.theme, &scene.session.find);
    let columns = Columns::of(rect, scene);
    let head = rect.with_max_y(rect.top() + HEAD);
    titles(ui.painter(), head, &columns, scene);
    let list = rect.with_min_y(head.bottom());
    let rows = Rows { count: find.intervals.len() as u64, height: ROW, view: list.height() };
    *place = rows.kept(*place);
    let (range, mut y) = rows.visible(*place);
    let painter = ui.painter().with_clip_rect(list.intersect(ui.clip_rect()));
    for row in range {
        let at = Rect::from_min_size(list.min + vec2(0.0, y), vec2(list.width(), ROW));
        y += ROW;
        let Some((index, interval)) =
            usize::try_from(row).ok().and_then(|index| Some((index, find.intervals.get(index)?)))
        else {
            continue;
        };
        let chosen = find.chosen == Some(index);
        let sentence = sentence(interval);
        let response = ui.interact(at.intersect(list), ui.scope_id().with(("interval", index)), Sense::CLICK);
        response.widget_info(|| WidgetInfo::selected(Role::Row, true, chosen, &sentence));
        if chosen {
            painter.rect_filled(at, 0.0, theme.bg_selected);
            painter.rect_filled(at.with_max_x(at.left() + 2.0), 0.0, theme.accent);
        } else if response.hovered() {
            painter.rect_filled(at, 0.0, theme.bg_hover);
        }
        row_of(&painter, at, index, interval, &columns, scene);
        if response.double_clicked() || response.triple_clicked() {
            out.push(Action::Find(FindAction::GoTo(index)));
        } else if response.clicked() {
            out.push(Action::Find(FindAction::Choose(index)));
        }
        let help = "Click to choose, Enter or a double click moves the cursor there";
        tip(response, &Tip { name: &sentence, key: Command::NextInterval.key(), help }, theme);
    }
    *place = scroll_ui(ui, ui.scope_id().with("intervals"), list, &rows, *place, theme, "Scroll the intervals");
}

fn titles(painter: &Painter, rect: Rect, columns: &Columns, scene: &Scene<'_>) {
    let theme = scene.theme;
    let middle = rect.center().y;
    let name = |text| Piece::new(text, Type::CAPTION_MEDIUM, theme.text_muted);
    if let Some(x) = columns.stream {
        paint::left(painter, x, middle, 110.0, name("Stream"));
    }
    paint::right(painter, columns.from, middle, name("From"));
    if let Some(x) = columns.to {
        paint::right(painter, x, middle, name("To"));
    }
    paint::right(painter, columns.versions, middle, name("Versions"));
    paint::left(painter, columns.entered, middle, 140.0, name("Entered (UTC)"));
    if let Some(x) = columns.held {
        paint::right(painter, x, middle, name("Held for"));
    }
    if let Some(x) = columns.extreme {
        let lowest = scene.session.find.asked.as_ref().is_some_and(|asked| asked.condition.contains('<'));
        paint::right(painter, x, middle, name(if lowest { "Lowest" } else { "Highest" }));
    }
    if let Some(x) = columns.by {
        paint::left(painter, x, middle, 100.0, name("Entered by"));
    }
    paint::hline(painter, rect.left(), rect.right(), rect.bottom() - 1.0, theme.line_subtle);
}

fn row_of(painter: &Painter, rect: Rect, index: usize, interval: &IntervalAt, columns: &Columns, scene: &Scene<'_>) {
    let theme = scene.theme;
    let middle = rect.center().y;
    let here = scene.session.scope.stream() == Some(&interval.stream)
        && (interval.from_position..=interval.to_position).contains(&scene.session.cursor);
    let number = (index + 1).to_string();
    paint::left(painter, columns.index, middle, 40.0, Piece::new(&number, Type::DATA, theme.text_muted));
    if let Some(x) = columns.stream {
        let name = paint::fit_middle(painter, interval.stream.as_str(), Type::DATA, 112.0);
        paint::left(painter, x, middle, 116.0, Piece::new(&name, Type::DATA, theme.text_soft));
    }
    let from = words::thousands(interval.from_version);
    let color = if here { theme.cursor } else { theme.text_strong };
    paint::right(painter, columns.from, middle, Piece::new(&from, Type::DATA, color));
    if let Some(x) = columns.to {
        let to = if interval.still { "still holds".to_owned() } else { words::thousands(interval.to_version) };
        let face = if interval.still { Type::CAPTION } else { Type::DATA };
        paint::right(painter, x, middle, Piece::new(&to, face, theme.text_soft));
    }
    let versions = words::thousands(interval.to_position - interval.from_position + 1);
    paint::right(painter, columns.versions, middle, Piece::new(&versions, Type::DATA, theme.text_soft));
    if let Some(time) = interval.time {
        let time = time.format("%-d %b %H:%M:%S%.3f");
        paint::left(painter, columns.entered, middle, 150.0, Piece::new(&time, Type::DATA, theme.text_soft));
    }
    if let (Some(x), Some(held)) = (columns.held, held_for(interval)) {
        paint::right(painter, x, middle, Piece::new(&held, Type::DATA, theme.text_soft));
    }
    if let (Some(x), Some(extreme)) = (columns.extreme, &interval.extreme) {
        paint::right(painter, x, middle, Piece::new(extreme, Type::DATA, theme.text_strong));
    }
    if let Some(x) = columns.by {
        glyphs::paint(painter, pos2(x + 6.0, middle), scene.looks.of(&interval.event_type), theme, 1.0);
        let room = rect.right() - INSET - x - 20.0;
        let label = paint::fit_middle(painter, scene.looks.label(&interval.event_type), Type::LABEL, room);
        paint::left(painter, x + 20.0, middle, room, Piece::new(&label, Type::LABEL, theme.text));
    }
}

fn held_for(interval: &IntervalAt) -> Option<String> {
    let (from, until) = (interval.time?, interval.until?);
    Some(words::delta(from, until).trim_start_matches('+').to_owned())
}

fn sentence(interval: &IntervalAt) -> String {
    let from = words::thousands(interval.from_version);
    let to =
        if interval.still { "still holds".to_owned() } else { format!("to {}", words::thousands(interval.to_version)) };
    let extreme = interval.extreme.as_deref().map(|value| format!(", farthest {value}")).unwrap_or_default();
    format!("{}, versions {from} {to}, entered by {}{extreme}", interval.stream, interval.event_type)
}
