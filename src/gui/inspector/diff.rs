//! What changed between two positions of the stream: A, in blue, was chosen; B, in amber, is the cursor.

use egui::{Rect, Role, Sense, Ui, WidgetInfo, pos2, vec2};

use super::{InspectorLocal, tree};
use crate::gui::fonts::Type;
use crate::gui::paint::{self, Piece};
use crate::gui::rows::{Rows, scroll_ui};
use crate::gui::scene::Scene;
use crate::gui::theme::{INSET, RADIUS_1, height};
use crate::gui::widgets::{Button, Tip, empty_ui, tip};
use crate::gui::{icons, words};
use crate::protocol::{Change, DiffAt};
use crate::session::{Action, Command};

const END: f32 = 28.0;
const BUTTONS: f32 = 44.0;
const SUMMARY: f32 = 28.0;

/// Draws the Diff tab.
pub fn diff_ui(ui: &mut Ui, rect: Rect, scene: &Scene<'_>, local: &mut InspectorLocal, out: &mut Vec<Action>) {
    let session = scene.session;
    if session.scope.stream().is_none() {
        let words = ["Choose a stream", "Two positions of one stream are compared"];
        empty_ui(ui, rect, icons::ROWS, words, None, scene.theme);
        return;
    }
    let Some(from) = session.diff.from else {
        let words = ["Nothing to compare with yet", "Set A at the cursor, then move the cursor"];
        let set = Button::command(Command::CompareFromHere);
        if empty_ui(ui, rect, icons::ROWS, words, Some(&set), scene.theme) {
            out.push(Action::Run(Command::CompareFromHere));
        }
        return;
    };
    let ends = rect.with_max_y(rect.top() + 4.0 + 2.0 * END);
    let buttons = Rect::from_min_size(ends.left_bottom(), vec2(rect.width(), BUTTONS));
    let foot = rect.with_min_y(rect.bottom() - height::FOOT);
    let body = Rect::from_min_max(buttons.left_bottom(), foot.right_top());
    let shown = session.diff_on_show();
    ends_ui(ui, ends, scene, from);
    buttons_ui(ui, buttons, scene, out);
    foot_ui(ui, foot, scene, shown.map(|shown| &**shown));
    let Some(shown) = shown else {
        let words = Piece::new("Folding…", Type::LABEL, scene.theme.text_muted);
        paint::left(ui.painter(), body.left() + INSET, body.top() + 22.0, f32::INFINITY, words);
        return;
    };
    if shown.changed.is_empty() {
        let words = ["A and B are the same", "No path differs between the two positions"];
        empty_ui(ui, body, icons::CHECK, words, None, scene.theme);
        return;
    }
    let summary = body.with_max_y(body.top() + SUMMARY);
    summary_ui(ui, summary, scene, shown);
    tree_ui(ui, body.with_min_y(summary.bottom()), scene, shown, local);
}

/// Which two positions are compared.
fn ends_ui(ui: &Ui, rect: Rect, scene: &Scene<'_>, from: u64) {
    let (session, theme) = (scene.session, scene.theme);
    let place = |position: u64, version: Option<i64>| match (position, version) {
        (0, _) => "Before the oldest event".to_owned(),
        (_, Some(version)) => format!("Version {}", words::thousands(version)),
        (position, None) => format!("{} folded", words::count(position, "event", "events")),
    };
    let shown = session.diff_on_show();
    let a = place(from, shown.and_then(|shown| shown.from_version));
    let b = place(session.cursor, shown.and_then(|shown| shown.to_version));
    let ends = [
        ("A", a, (theme.accent_fill, theme.on_accent), theme.accent, ""),
        ("B", b, (theme.cursor, theme.on_cursor), theme.cursor, "at the cursor"),
    ];
    let mut middle = rect.top() + 4.0 + END / 2.0;
    for (letter, text, (fill, on_fill), color, note) in ends {
        let badge = Rect::from_center_size(pos2(rect.left() + INSET + 8.0, middle), vec2(16.0, 16.0));
        ui.painter().rect_filled(badge, RADIUS_1, fill);
        paint::centred(ui.painter(), badge.center(), Piece::new(letter, Type::CAPTION_MEDIUM, on_fill));
        let x = rect.left() + INSET + 26.0;
        let pieces = [
            Piece::new(&text, Type::DATA_MEDIUM, color),
            Piece::new("  ", Type::CAPTION, theme.text_muted),
            Piece::new(note, Type::CAPTION, theme.text_muted),
        ];
        paint::pieces(
            ui.painter(),
            x,
            middle,
            rect.right() - INSET - x,
            &pieces[..if note.is_empty() { 1 } else { 3 }],
        );
        middle += END;
    }
}

fn buttons_ui(ui: &mut Ui, rect: Rect, scene: &Scene<'_>, out: &mut Vec<Action>) {
    let mut left = rect.left() + INSET;
    for (text, command) in [("A here", Command::CompareFromHere), ("Swap", Command::SwapCompared)] {
        let button = Button { text, hint: command.key(), ..Button::command(command) };
        let width = button.width(ui.painter());
        let place = Rect::from_min_size(pos2(left, rect.top() + 8.0), vec2(width, 28.0));
        if button.show(ui, place, scene.theme).clicked() {
            out.push(Action::Run(command));
        }
        left = place.right() + 8.0;
    }
    paint::hline(ui.painter(), rect.left(), rect.right(), rect.bottom() - 1.0, scene.theme.line_subtle);
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
    let number = |text, color| Piece::new(text, Type::DATA_MEDIUM, color);
    let pieces = [
        number("~ ", theme.cursor),
        number(&changed, theme.text),
        number("   + ", theme.live),
        number(&added, theme.text),
        number("   − ", theme.danger),
        number(&removed, theme.text),
        Piece::new("   paths", Type::CAPTION, theme.text_muted),
    ];
    paint::pieces(ui.painter(), rect.left() + INSET, rect.center().y, rect.width() - 2.0 * INSET, &pieces);
}

fn tree_ui(ui: &Ui, rect: Rect, scene: &Scene<'_>, shown: &DiffAt, local: &mut InspectorLocal) {
    let rows = Rows { count: shown.changed.len() as u64, height: height::TREE_ROW, view: rect.height() };
    local.diff = rows.kept(local.diff);
    let (range, mut y) = rows.visible(local.diff);
    let painter = ui.painter().with_clip_rect(rect.intersect(ui.clip_rect()));
    for row in range {
        let place = Rect::from_min_size(rect.min + vec2(0.0, y), vec2(rect.width(), height::TREE_ROW));
        y += height::TREE_ROW;
        let index = usize::try_from(row).ok().and_then(|row| shown.changed.get(row)).map(|index| *index as usize);
        let Some((index, line)) = index.and_then(|index| Some((index, shown.lines.lines.get(index)?))) else {
            continue;
        };
        let sentence = tree::sentence(&shown.lines, index, line);
        let response = ui.interact(place.intersect(rect), ui.scope_id().with(("difference", index)), Sense::HOVER);
        response.widget_info(|| WidgetInfo::labeled(Role::TreeItem, true, &sentence));
        tree::line(&painter, place, line, false, scene.theme);
        tip(response, &Tip { name: &sentence, key: "", help: "" }, scene.theme);
    }
    local.diff =
        scroll_ui(ui, ui.scope_id().with("diff"), rect, &rows, local.diff, scene.theme, "Scroll the differences");
}

fn foot_ui(ui: &Ui, rect: Rect, scene: &Scene<'_>, shown: Option<&DiffAt>) {
    let theme = scene.theme;
    let painter = ui.painter();
    paint::hline(painter, rect.left(), rect.right(), rect.top(), theme.line_subtle);
    let middle = rect.center().y;
    paint::icon(painter, pos2(rect.left() + 18.0, middle), icons::STACK, Type::icon(14.0), theme.text_muted);
    let Some(shown) = shown else { return };
    let between = words::count(shown.from.abs_diff(shown.to), "event", "events");
    let folded = words::thousands(shown.folded);
    let text = format!("{between} between · {folded} folded in {}", words::elapsed(shown.elapsed_us));
    let x = rect.left() + 32.0;
    paint::left(painter, x, middle, rect.right() - INSET - x, Piece::new(&text, Type::CAPTION, theme.text_muted));
}
