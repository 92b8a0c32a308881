//! What changed between two places: A, in blue, was chosen; B, in amber, is the cursor.

use egui::{Rect, Role, Sense, Stroke, StrokeKind, Ui, WidgetInfo, pos2, vec2};

use super::{InspectorLocal, tree};
use crate::gui::fonts::Type;
use crate::gui::layout::Room;
use crate::gui::paint::{self, Piece};
use crate::gui::rows::{Rows, scroll_ui};
use crate::gui::scene::Scene;
use crate::gui::theme::{INSET, RADIUS_1, height};
use crate::gui::widgets::{Button, Icon, Info, Look, Segment, Tip, clickable, empty_ui, segments, tip};
use crate::gui::{glyphs, icons, words};
use crate::protocol::{Arrays, Change, DiffAt, DiffPlace, Line};
use crate::session::{Action, Command, DiffAction, Region};

const END: f32 = 28.0;
const ROW: f32 = 36.0;
const IGNORED: f32 = 32.0;
const SUMMARY: f32 = 28.0;
const BETWEEN: f32 = 76.0;
/// Room for the version that set a value.
const SET_AT: f32 = 64.0;
/// Types that the bar between A and B names.
const TYPES_MAX: usize = 5;

/// Draws the Diff tab.
pub fn diff_ui(ui: &mut Ui, rect: Rect, scene: &Scene<'_>, local: &mut InspectorLocal, out: &mut Vec<Action>) {
    let session = scene.session;
    let Some(from) = &session.diff.from else {
        let words =
            ["Nothing to compare with yet", "Set A at the cursor, then move the cursor or choose another stream"];
        let set = Button::command(Command::CompareFromHere);
        if empty_ui(ui, rect, icons::GIT_DIFF, words, Some(&set), scene.theme) {
            out.push(Action::Run(Command::CompareFromHere));
        }
        return;
    };
    let shown = session.diff_on_show();
    // The answer before stays, dimmed, until the new one is here.
    let dimmed = session.diff.shown.as_ref().filter(|_| shown.is_none());
    let on_screen = shown.or(dimmed).map(|shown| &**shown);
    let ends = rect.with_max_y(rect.top() + 8.0 + 2.0 * END);
    ends_ui(ui, ends, scene, from, out);
    let controls = Rect::from_min_size(ends.left_bottom(), vec2(rect.width(), ROW));
    controls_ui(ui, controls, scene, out);
    let ignored = Rect::from_min_size(controls.left_bottom(), vec2(rect.width(), IGNORED));
    ignored_ui(ui, ignored, scene, on_screen, out);
    let foot = rect.with_min_y(rect.bottom() - height::FOOT);
    foot_ui(ui, foot, scene, on_screen);
    let mut body = Rect::from_min_max(ignored.left_bottom(), foot.right_top());
    let Some(diff) = on_screen else {
        let words = Piece::new("Folding…", Type::LABEL, scene.theme.text_muted);
        paint::left(ui.painter(), body.left() + INSET, body.top() + 22.0, f32::INFINITY, words);
        return;
    };
    if !diff.between.is_empty() && body.height() > BETWEEN + 160.0 && scene.room > Room::Narrow {
        let between = body.with_min_y(body.bottom() - BETWEEN);
        between_ui(ui, between, scene, diff);
        body.max.y = between.top();
    }
    if diff.changed.is_empty() && !session.diff.shows_all {
        let keys = diff.lines.lines.len().saturating_sub(1) as u64;
        let words = format!("{} compared", words::count(keys, "path", "paths"));
        empty_ui(ui, body, icons::CHECK, ["A and B are the same", &words], None, scene.theme);
        return;
    }
    ui.scope(|ui| {
        if dimmed.is_some() {
            ui.set_opacity(0.6);
        }
        let summary = body.with_max_y(body.top() + SUMMARY);
        summary_ui(ui, summary, scene, diff);
        tree_ui(ui, body.with_min_y(summary.bottom()), scene, diff, local, out);
    });
}

/// Which two places are compared.
fn ends_ui(ui: &Ui, rect: Rect, scene: &Scene<'_>, from: &DiffPlace, out: &mut Vec<Action>) {
    let (session, theme) = (scene.session, scene.theme);
    let shown = session.diff_on_show();
    let wanted = session.diff_wanted();
    let to = wanted.as_ref().map(|wanted| wanted.to.clone());
    let other = to.as_ref().is_some_and(|to| to.stream != from.stream);
    let place = |position: u64, version: Option<i64>| match (position, version) {
        (0, _) => "Before the oldest event".to_owned(),
        (_, Some(version)) => words::thousands(version),
        (position, None) => format!("{} folded", words::count(position, "event", "events")),
    };
    let end = |at: &DiffPlace, version: Option<i64>| {
        let text = place(at.position, version);
        if other { format!("{} {text}", paint::cut_middle(at.stream.as_str(), 18)) } else { text }
    };
    let a = end(from, shown.and_then(|shown| shown.from_version));
    let b = to.map_or_else(String::new, |to| end(&to, shown.and_then(|shown| shown.to_version)));
    let time = |time: Option<crate::event::Time>| time.map(words::day_and_time).unwrap_or_default();
    let a_note = time(shown.and_then(|shown| shown.from_time));
    let b_time = time(shown.and_then(|shown| shown.to_time));
    let b_note = if b_time.is_empty() { "at the cursor".to_owned() } else { format!("{b_time}  at the cursor") };
    let ends = [
        (
            "A",
            a,
            (theme.accent_fill, theme.on_accent),
            theme.text_strong,
            a_note,
            (Command::SwapCompared, icons::ARROWS_DOWN_UP),
        ),
        ("B", b, (theme.cursor, theme.on_cursor), theme.cursor, b_note, (Command::Escape, icons::X)),
    ];
    let mut middle = rect.top() + 4.0 + END / 2.0;
    for (letter, text, (fill, on_fill), color, note, (command, icon)) in ends {
        let badge = Rect::from_center_size(pos2(rect.left() + INSET + 8.0, middle), vec2(16.0, 16.0));
        ui.painter().rect_filled(badge, RADIUS_1, fill);
        paint::centred(ui.painter(), badge.center(), Piece::new(letter, Type::CAPTION_MEDIUM, on_fill));
        let x = rect.left() + INSET + 26.0;
        let pieces = [
            Piece::new(&text, Type::DATA_MEDIUM, color),
            Piece::new("  ", Type::CAPTION, theme.text_muted),
            Piece::new(&note, Type::DATA_SMALL, theme.text_muted),
        ];
        let room = rect.right() - INSET - 28.0 - x;
        paint::pieces(ui.painter(), x, middle, room, &pieces[..if note.is_empty() { 1 } else { 3 }]);
        let button = Rect::from_center_size(pos2(rect.right() - INSET - 10.0, middle), vec2(24.0, 24.0));
        let close = command == Command::Escape;
        let named = Button::icon_of(command, Icon::new(icon).sized(14.0));
        let named = if close {
            let words = Tip { name: "Compare no more", key: command.key(), help: "A is forgotten" };
            Button { name: "Compare no more", tip: words, ..named }
        } else {
            named
        };
        if named.show(ui, button, theme).clicked() {
            out.push(if close { Action::Diff(DiffAction::Close) } else { Action::Run(command) });
        }
        let said = ui.interact(
            Rect::from_min_max(pos2(x, middle - 12.0), pos2(button.left(), middle + 12.0)),
            ui.scope_id().with(("end", letter)),
            Sense::HOVER,
        );
        said.widget_info(|| WidgetInfo::labeled(Role::Label, true, format!("{letter}, {text}, {note}")));
        middle += END;
    }
}

fn controls_ui(ui: &Ui, rect: Rect, scene: &Scene<'_>, out: &mut Vec<Action>) {
    let (session, theme) = (scene.session, scene.theme);
    let middle = rect.center().y;
    paint::hline(ui.painter(), rect.left(), rect.right(), rect.top(), theme.line_subtle);
    let choice = |text, help| Segment { text, tip: Tip { name: text, key: "", help } };
    let choices =
        [choice("All", "Show what is the same, too"), choice("Changed", "Show only what changed from A to B")];
    let all = usize::from(!session.diff.shows_all);
    let place =
        Rect::from_min_max(pos2(rect.left() + INSET, middle - 14.0), pos2(rect.left() + INSET + 104.0, middle + 14.0));
    let (_, clicked) = segments(ui, place, &choices, all, theme);
    if let Some(index) = clicked {
        out.push(Action::Diff(DiffAction::ShowAll(index == 0)));
    }
    let here =
        Button { text: "A here", hint: Command::CompareFromHere.key(), ..Button::command(Command::CompareFromHere) };
    let arrays = match session.diff.arrays {
        Arrays::ByKey => "Arrays by key",
        Arrays::ByValue => "Arrays by value",
        Arrays::ByIndex => "Arrays by index",
    };
    let arrays = Button { text: arrays, ..Button::command(Command::CycleArrays) };
    let patch = Button {
        text: "",
        icon: Some(Icon::new(icons::COPY)),
        enabled: session.diff_on_show().is_some(),
        ..Button::command(Command::CopyPatch)
    };
    let mut right = rect.right() - INSET;
    for (button, command) in
        [(patch, Command::CopyPatch), (arrays, Command::CycleArrays), (here, Command::CompareFromHere)]
    {
        let width = button.width(ui.painter());
        let at = Rect::from_min_size(pos2(right - width, middle - 14.0), vec2(width, 28.0));
        if at.left() < place.right() + 8.0 {
            break;
        }
        if button.show(ui, at, theme).clicked() {
            out.push(Action::Run(command));
        }
        right = at.left() - 8.0;
    }
}

/// What is left out: never silently.
fn ignored_ui(ui: &Ui, rect: Rect, scene: &Scene<'_>, diff: Option<&DiffAt>, out: &mut Vec<Action>) {
    let (session, theme) = (scene.session, scene.theme);
    let painter = ui.painter();
    let middle = rect.center().y - 2.0;
    paint::hline(painter, rect.left(), rect.right(), rect.bottom() - 1.0, theme.line_subtle);
    let mut x = rect.left() + INSET;
    x = paint::left(painter, x, middle, 60.0, Piece::new("Ignored", Type::CAPTION, theme.text_muted)) + 8.0;
    let hidden = diff.map_or(0, |diff| diff.hidden);
    let right = if hidden > 0 {
        let text = format!("{} hidden", words::thousands(hidden));
        paint::right(painter, rect.right() - INSET, middle, Piece::new(&text, Type::CAPTION, theme.text_muted))
    } else {
        rect.right() - INSET
    };
    let ignore = Button {
        text: "Ignore path",
        hint: Command::IgnorePath.key(),
        look: Look::Link,
        ..Button::command(Command::IgnorePath)
    };
    let ignore_width = ignore.width(painter);
    for (index, pattern) in session.diff.ignore.iter().enumerate() {
        let shown = paint::cut_middle(pattern, 20);
        let width = paint::width(painter, &shown, Type::DATA_SMALL) + 28.0;
        if x + width + ignore_width + 16.0 > right {
            let rest = session.diff.ignore.len() - index;
            let text = format!("{rest} more");
            x = paint::left(painter, x, middle, 60.0, Piece::new(&text, Type::CAPTION, theme.text_muted)) + 8.0;
            break;
        }
        let place = Rect::from_min_size(pos2(x, middle - 12.0), vec2(width, 24.0));
        let name = format!("Ignore {pattern} no more");
        let response = clickable(ui, place, ("ignored", index), &Info::button(&name));
        let fill = if response.hovered() { theme.bg_raised } else { theme.bg_selected };
        painter.rect_filled(place.shrink2(vec2(0.0, 2.0)), RADIUS_1, fill);
        paint::left(painter, x + 6.0, middle, width, Piece::new(&shown, Type::DATA_SMALL, theme.text));
        paint::icon(painter, pos2(place.right() - 11.0, middle), icons::X, Type::icon(10.0), theme.text_soft);
        if response.has_focus() {
            paint::focus_ring(painter, place, 4.0, theme);
        }
        if tip(response, &Tip { name: &name, key: "", help: "Compare it again" }, theme).clicked() {
            out.push(Action::Diff(DiffAction::Unignore(pattern.clone())));
        }
        x = place.right() + 6.0;
    }
    let place = Rect::from_min_size(pos2(x, middle - 12.0), vec2(ignore_width, 24.0));
    if place.right() <= right && ignore.show(ui, place, theme).clicked() {
        out.push(Action::Run(Command::IgnorePath));
    }
}

/// `~ 4  + 2  − 1`: leaf paths.
fn summary_ui(ui: &Ui, rect: Rect, scene: &Scene<'_>, shown: &DiffAt) {
    let theme = scene.theme;
    let count = |change: Change| {
        let lines = &shown.lines.lines;
        let leaves = shown.changed.iter().filter_map(|index| lines.get(*index as usize));
        leaves.filter(|line| line.below == 0 && line.change == change).count() as u64
    };
    let [changed, added, removed] =
        [Change::Changed, Change::Added, Change::Removed].map(|change| words::thousands(count(change)));
    let moved = match shown.moved.len() {
        0 => "   paths".to_owned(),
        moved => format!("   paths, {moved} moved"),
    };
    let number = |text, color| Piece::new(text, Type::DATA_MEDIUM, color);
    let pieces = [
        number("~ ", theme.cursor),
        number(&changed, theme.text),
        number("   + ", theme.live),
        number(&added, theme.text),
        number("   − ", theme.danger),
        number(&removed, theme.text),
        Piece::new(&moved, Type::CAPTION, theme.text_muted),
    ];
    paint::pieces(ui.painter(), rect.left() + INSET, rect.center().y, rect.width() - 2.0 * INSET, &pieces);
    if !shown.set_at.is_empty() {
        let piece = Piece::new("Set at", Type::CAPTION, theme.text_muted);
        paint::right(ui.painter(), rect.right() - INSET, rect.center().y, piece);
    }
}

fn tree_ui(ui: &Ui, rect: Rect, scene: &Scene<'_>, shown: &DiffAt, local: &mut InspectorLocal, out: &mut Vec<Action>) {
    let all = scene.session.diff.shows_all;
    let total = if all { shown.lines.lines.len() } else { shown.changed.len() };
    let rows = Rows { count: total as u64, height: height::TREE_ROW, view: rect.height() };
    local.diff = rows.kept(local.diff);
    let (range, mut y) = rows.visible(local.diff);
    let painter = ui.painter().with_clip_rect(rect.intersect(ui.clip_rect()));
    for row in range {
        let place = Rect::from_min_size(rect.min + vec2(0.0, y), vec2(rect.width(), height::TREE_ROW));
        y += height::TREE_ROW;
        let Ok(row) = usize::try_from(row) else { continue };
        let index = if all { Some(row) } else { shown.changed.get(row).map(|index| *index as usize) };
        let Some((index, line)) = index.and_then(|index| Some((index, shown.lines.lines.get(index)?))) else {
            continue;
        };
        line_ui(ui, &painter, place, rect, (index, line), scene, shown, out);
    }
    local.diff =
        scroll_ui(ui, ui.scope_id().with("diff"), rect, &rows, local.diff, scene.theme, "Scroll the differences");
}

#[expect(clippy::too_many_arguments, reason = "one row of a tree: its place, its line, its scene")]
fn line_ui(
    ui: &Ui,
    painter: &egui::Painter,
    place: Rect,
    clip: Rect,
    (index, line): (usize, &Line),
    scene: &Scene<'_>,
    shown: &DiffAt,
    out: &mut Vec<Action>,
) {
    let theme = scene.theme;
    let path = shown.lines.pointer(index);
    let set_at = u32::try_from(index).ok().and_then(|index| shown.set_at.get(&index)).copied();
    let matched = shown.matched.iter().find(|(known, _)| *known == path).map(|(_, key)| key);
    let moved = shown.moved.iter().find(|(known, _, _)| *known == path);
    let mut sentence = tree::sentence(&shown.lines, index, line);
    let note = match (matched, moved) {
        (Some(key), _) => format!("matched by {key}"),
        (None, Some((_, was, is))) => format!("moved {was} → {is}"),
        (None, None) => String::new(),
    };
    if !note.is_empty() {
        sentence = format!("{sentence}, {note}");
    }
    let chosen = scene.session.state.selected.as_deref() == Some(&path);
    let response = ui.interact(place.intersect(clip), ui.scope_id().with(("difference", index)), Sense::CLICK);
    response.widget_info(|| WidgetInfo::selected(Role::TreeItem, true, chosen, &sentence));
    let right = set_at.map_or(place.right(), |_| place.right() - SET_AT);
    // The tint goes over the whole width, the text not under the version.
    tree::line_within(painter, place, right, line, false, theme);
    if let Some(version) = set_at {
        let at_cursor = shown.to_version == Some(version);
        let color = if at_cursor { theme.cursor } else { theme.text_muted };
        let text = words::thousands(version);
        paint::right(painter, place.right() - INSET, place.center().y, Piece::new(&text, Type::DATA_SMALL, color));
    }
    if !note.is_empty() {
        let end = set_at.map_or(place.right() - INSET, |_| place.right() - SET_AT);
        let piece = Piece::new(&note, Type::CAPTION, theme.text_muted);
        paint::right(painter, end, place.center().y, piece);
    }
    if chosen {
        painter.rect_stroke(place, 0.0, Stroke::new(1.0, theme.accent), StrokeKind::Inside);
    }
    if response.clicked() {
        out.push(Action::SelectPath(path));
        out.push(Action::Focus(Region::Inspector));
    }
    let set = set_at.map(|version| format!("Set at version {}. ", words::thousands(version))).unwrap_or_default();
    let help = format!("{set}Click to select: then B says who set it, I leaves it out");
    tip(response, &Tip { name: &sentence, key: "", help: &help }, theme);
}

/// The events between A and B by type.
#[expect(clippy::cast_precision_loss, reason = "shares of a bar")]
fn between_ui(ui: &Ui, rect: Rect, scene: &Scene<'_>, shown: &DiffAt) {
    let theme = scene.theme;
    let painter = ui.painter();
    paint::hline(painter, rect.left(), rect.right(), rect.top(), theme.line_subtle);
    let total: u64 = shown.between.iter().map(|(_, count)| count).sum();
    let title = Piece::new("Between A and B", Type::LABEL_STRONG, theme.text_strong);
    paint::left(painter, rect.left() + INSET, rect.top() + 16.0, 160.0, title);
    let mut words_ = words::count(total, "event", "events");
    if let (Some(from), Some(to)) = (shown.from_time, shown.to_time) {
        words_ = format!("{words_}, {}", words::delta(from.min(to), from.max(to)).trim_start_matches('+'));
    }
    paint::right(
        painter,
        rect.right() - INSET,
        rect.top() + 16.0,
        Piece::new(&words_, Type::DATA_SMALL, theme.text_muted),
    );
    let bar =
        Rect::from_min_max(pos2(rect.left() + INSET, rect.top() + 32.0), pos2(rect.right() - INSET, rect.top() + 40.0));
    let mut x = bar.left();
    let mut label = bar.left();
    let rest: u64 = shown.between.iter().skip(TYPES_MAX).map(|(_, count)| count).sum();
    let named = shown.between.iter().take(TYPES_MAX).map(|(name, count)| (Some(name), *count));
    let other = (rest > 0).then_some((None, rest));
    for (name, count) in named.chain(other) {
        let width = bar.width() * (count as f32 / total.max(1) as f32);
        let look = name.map(|name| scene.looks.of(name));
        let color = look.map_or(theme.line_control, |look| look.color(theme));
        painter.rect_filled(Rect::from_min_max(pos2(x, bar.top()), pos2(x + width - 1.0, bar.bottom())), 0.0, color);
        x += width;
        let middle = rect.top() + 56.0;
        let text = words::thousands(count);
        let needed = paint::width(painter, &text, Type::DATA_SMALL) + 40.0;
        if label + needed <= bar.right() {
            if let Some(look) = look {
                glyphs::paint(painter, pos2(label + 6.0, middle), look, theme, 1.0);
            } else {
                let more = format!("{} more", shown.between.len() - TYPES_MAX);
                label = paint::left(painter, label, middle, 60.0, Piece::new(&more, Type::CAPTION, theme.text_muted))
                    - 10.0;
            }
            label =
                paint::left(painter, label + 18.0, middle, 80.0, Piece::new(&text, Type::DATA_SMALL, theme.text_soft))
                    + 14.0;
        }
    }
    let types: Vec<String> = shown.between.iter().map(|(name, count)| format!("{count} {name}")).collect();
    let said = ui.interact(rect, ui.scope_id().with("between"), Sense::HOVER);
    let sentence = format!("Between A and B {words_}: {}", types.join(", "));
    said.widget_info(|| WidgetInfo::labeled(Role::Label, true, &sentence));
    tip(said, &Tip { name: "Between A and B", key: "", help: &sentence }, theme);
}

fn foot_ui(ui: &Ui, rect: Rect, scene: &Scene<'_>, shown: Option<&DiffAt>) {
    let theme = scene.theme;
    let painter = ui.painter();
    paint::hline(painter, rect.left(), rect.right(), rect.top(), theme.line_subtle);
    let middle = rect.center().y;
    paint::icon(painter, pos2(rect.left() + 18.0, middle), icons::STACK, Type::icon(14.0), theme.text_muted);
    let Some(shown) = shown else { return };
    let folded = words::count(shown.folded, "event", "events");
    let text = if shown.asked.from.stream == shown.asked.to.stream {
        let between = words::count(shown.asked.from.position.abs_diff(shown.asked.to.position), "event", "events");
        format!("{between} between · {folded} folded in {}", words::elapsed(shown.elapsed_us))
    } else {
        format!("Two streams · {folded} folded in {}", words::elapsed(shown.elapsed_us))
    };
    let x = rect.left() + 32.0;
    paint::left(painter, x, middle, rect.right() - INSET - x, Piece::new(&text, Type::CAPTION, theme.text_muted));
}
