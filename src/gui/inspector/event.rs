//! One event in full: its payload, where and when it stands, its metadata, and its bytes where they cannot be decoded.

use egui::{Rect, Role, Sense, Ui, WidgetInfo, pos2, vec2};

use super::{HEAD, InspectorLocal, head_ui, tree};
use crate::gui::fonts::Type;
use crate::gui::paint::{self, Piece};
use crate::gui::rows::{Place, Rows, scroll_ui};
use crate::gui::scene::Scene;
use crate::gui::theme::{INSET, height};
use crate::gui::widgets::{Button, Icon, empty_ui, hover_text};
use crate::gui::{icons, words};
use crate::limits::SPOKEN_CHARS_MAX;
use crate::protocol::{EventDetail, Line, StateLines};
use crate::session::{Action, Command};
use crate::visible;

/// Bytes in one row of the hex view: eight fit into the narrowest inspector.
const HEX_BYTES: usize = 8;
/// How wide the names of facts are.
const LABEL: f32 = 88.0;

/// One row of the tab.
#[derive(Clone)]
enum Item<'a> {
    Space,
    Heading(&'static str, String),
    Line(&'a StateLines, usize, &'a Line),
    Fact(&'static str, String),
    Hex(usize, &'a [u8]),
    Note(&'a str),
    Printed(&'a str),
}

/// Draws the Event tab.
pub fn event_ui(ui: &mut Ui, rect: Rect, scene: &Scene<'_>, local: &mut InspectorLocal, out: &mut Vec<Action>) {
    let session = scene.session;
    let row = session.detail_row();
    if local.event_row != row {
        local.event_row = row;
        local.event = Place::default();
    }
    let head = Rect::from_min_size(rect.min, vec2(rect.width(), HEAD));
    let copy = Button {
        text: "JSON",
        icon: Some(Icon::new(icons::COPY)),
        enabled: session.detail.is_some(),
        ..Button::command(Command::CopyEvent)
    };
    let width = copy.width(ui.painter());
    let place = Rect::from_min_size(pos2(head.right() - INSET - width, head.center().y - 14.0), vec2(width, 28.0));
    let event = row.and_then(|row| session.events.row(row));
    let title = if row.is_none() { "No event at the cursor" } else { "Event" };
    head_ui(ui, head, scene, event, title, if row.is_none() { rect.right() } else { place.left() });
    let body = rect.with_min_y(head.bottom());
    if row.is_none() {
        let words = ["No event at the cursor", "Step forward, or select a row"];
        empty_ui(ui, body, icons::TRAY, words, None, scene.theme);
        return;
    }
    if copy.show(ui, place, scene.theme).clicked() {
        out.push(Action::Run(Command::CopyEvent));
    }
    match &session.detail {
        Some(detail) if Some(detail.row) == row => list_ui(ui, body, scene, detail, local),
        _ => {
            let words = Piece::new("Reading the event…", Type::LABEL, scene.theme.text_muted);
            paint::left(ui.painter(), body.left() + INSET, body.top() + 20.0, f32::INFINITY, words);
        }
    }
}

/// Rows of the tab: single ones, or a row for each line of a value, of which only those in view are looked at.
enum Part<'a> {
    One(Item<'a>),
    Lines(&'a StateLines),
    Hex(&'a [u8]),
    Printed(&'a [String]),
}

impl<'a> Part<'a> {
    fn rows(&self) -> usize {
        match self {
            Part::One(_) => 1,
            Part::Lines(lines) => lines.lines.len(),
            Part::Hex(bytes) => bytes.len().div_ceil(HEX_BYTES),
            Part::Printed(lines) => lines.len(),
        }
    }

    fn row(&self, row: usize) -> Option<Item<'a>> {
        match self {
            Part::One(item) => Some(item.clone()),
            Part::Lines(lines) => Some(Item::Line(lines, row, lines.lines.get(row)?)),
            Part::Hex(bytes) => Some(Item::Hex(row * HEX_BYTES, bytes.chunks(HEX_BYTES).nth(row)?)),
            Part::Printed(lines) => lines.get(row).map(|line| Item::Printed(line)),
        }
    }
}

fn parts<'a>(detail: &'a EventDetail, console: &'a [String]) -> Vec<Part<'a>> {
    let heading = |title, extra: &str| Part::One(Item::Heading(title, extra.to_owned()));
    let mut parts = vec![heading("Payload", &format!("{}, {}", detail.decoded_by, words::bytes(detail.bytes)))];
    if let Some(fault) = &detail.fault {
        parts.push(Part::One(Item::Note(fault)));
        parts.push(Part::Hex(&detail.raw));
    }
    parts.extend([Part::Lines(&detail.data), Part::One(Item::Space), heading("Where and when", "")]);
    let shown = |text: &str| visible::start(text, SPOKEN_CHARS_MAX).into_owned();
    let facts = [
        ("Position", Some(words::thousands(detail.row + 1))),
        ("Seq", Some(detail.seq.clone())),
        ("Stream", Some(shown(detail.stream.as_str()))),
        ("Version", detail.version.map(words::thousands)),
        ("Type", Some(shown(&detail.event_type))),
        ("Event id", detail.id.as_deref().map(shown)),
        ("Stored", detail.time.map(|time| format!("{} UTC", words::day_and_time(time)))),
    ];
    parts.extend(facts.into_iter().filter_map(|(name, value)| Some(Part::One(Item::Fact(name, value?)))));
    parts.push(Part::One(Item::Space));
    parts.push(heading("Metadata", if detail.metadata.lines.is_empty() { "none" } else { "" }));
    parts.push(Part::Lines(&detail.metadata));
    if !console.is_empty() {
        parts.extend([Part::One(Item::Space), heading("Console", "what the reducer printed at this event")]);
        parts.push(Part::Printed(console));
    }
    parts
}

fn row_of<'a>(parts: &[Part<'a>], mut row: usize) -> Option<Item<'a>> {
    for part in parts {
        if row < part.rows() {
            return part.row(row);
        }
        row -= part.rows();
    }
    None
}

fn list_ui(ui: &Ui, rect: Rect, scene: &Scene<'_>, detail: &EventDetail, local: &mut InspectorLocal) {
    let parts = parts(detail, scene.session.console_on_show());
    let count = parts.iter().map(Part::rows).sum::<usize>() as u64;
    let rows = Rows { count, height: height::TREE_ROW, view: rect.height() - 8.0 };
    local.event = rows.kept(local.event);
    let (range, mut y) = rows.visible(local.event);
    let painter = ui.painter().with_clip_rect(rect.intersect(ui.clip_rect()));
    for row in range {
        let place = Rect::from_min_size(rect.min + vec2(0.0, y + 8.0), vec2(rect.width(), height::TREE_ROW));
        y += height::TREE_ROW;
        let Some(item) = usize::try_from(row).ok().and_then(|row| row_of(&parts, row)) else { continue };
        item_ui(ui, &painter, place, (row, &item), scene);
    }
    local.event = scroll_ui(ui, ui.scope_id().with("event"), rect, &rows, local.event, scene.theme, "Scroll the event");
}

fn item_ui(ui: &Ui, painter: &egui::Painter, rect: Rect, (row, item): (u64, &Item<'_>), scene: &Scene<'_>) {
    let theme = scene.theme;
    let (left, middle) = (rect.left() + INSET, rect.center().y);
    let sentence = match item {
        Item::Space => {
            paint::hline(painter, rect.left(), rect.right(), middle.floor(), theme.line_subtle);
            return;
        }
        Item::Heading(title, extra) => {
            let x = paint::left(painter, left, middle, 200.0, Piece::new(title, Type::LABEL_STRONG, theme.text_strong));
            let room = rect.right() - INSET - x - 8.0;
            paint::left(painter, x + 8.0, middle, room, Piece::new(extra, Type::CAPTION, theme.text_muted));
            format!("{title} {extra}")
        }
        Item::Line(of, index, line) => {
            tree::line(painter, rect, line, false, theme);
            tree::sentence(of, *index, line)
        }
        Item::Fact(name, value) => {
            paint::left(painter, left, middle, LABEL, Piece::new(name, Type::LABEL, theme.text_muted));
            let room = rect.right() - INSET - left - LABEL;
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "some dozen characters")]
            let text = paint::cut_middle(value, (room / 7.2).max(8.0) as usize);
            paint::left(painter, left + LABEL, middle, room + 8.0, Piece::new(&text, Type::DATA, theme.text));
            format!("{name} {value}")
        }
        Item::Printed(text) => {
            paint::left(
                painter,
                left,
                middle,
                rect.width() - 2.0 * INSET,
                Piece::new(text, Type::DATA, theme.text_soft),
            );
            format!("Printed {text}")
        }
        Item::Hex(offset, bytes) => hex_row(painter, left, middle, *offset, bytes, scene),
        Item::Note(text) => {
            painter.rect_filled(rect, 0.0, theme.bg_caution);
            painter.rect_filled(rect.with_max_x(rect.left() + 2.0), 0.0, theme.warn);
            paint::left(painter, left, middle, rect.width() - 2.0 * INSET, Piece::new(text, Type::LABEL, theme.text));
            (*text).to_owned()
        }
    };
    let response = ui.interact(rect.intersect(painter.clip_rect()), ui.scope_id().with(("item", row)), Sense::HOVER);
    response.widget_info(|| WidgetInfo::labeled(Role::ListItem, true, &sentence));
    if !matches!(item, Item::Heading(..)) {
        hover_text(response, &sentence);
    }
}

fn hex_row(painter: &egui::Painter, x: f32, middle: f32, offset: usize, bytes: &[u8], scene: &Scene<'_>) -> String {
    let theme = scene.theme;
    let place = format!("{offset:04x}");
    paint::left(painter, x, middle, 48.0, Piece::new(&place, Type::DATA, theme.text_muted));
    let cells: Vec<String> = bytes.iter().map(|byte| format!("{byte:02x} ")).collect();
    let color = |byte: u8| if byte == 0 { theme.text_muted } else { theme.text };
    let pieces: Vec<Piece<'_>> =
        cells.iter().zip(bytes).map(|(cell, byte)| Piece::new(cell, Type::DATA, color(*byte))).collect();
    paint::pieces(painter, x + 48.0, middle, f32::INFINITY, &pieces);
    let text: String = bytes.iter().map(|&byte| if byte.is_ascii_graphic() { char::from(byte) } else { '·' }).collect();
    paint::left(painter, x + 48.0 + 184.0, middle, 72.0, Piece::new(&text, Type::DATA, theme.text_soft));
    format!("{place} {}", cells.concat())
}
