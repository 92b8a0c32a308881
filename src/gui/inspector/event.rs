//! One event in full: its payload, where and when it stands, its metadata, and its bytes where they cannot be decoded.

use egui::{Rect, Role, Sense, Ui, WidgetInfo, pos2, vec2};

use super::{HEAD, InspectorLocal, head_ui, tree};
use crate::filter::Part;
use crate::gui::fonts::Type;
use crate::gui::paint::{self, Piece};
use crate::gui::rows::{Place, Rows, scroll_ui};
use crate::gui::scene::Scene;
use crate::gui::theme::{INSET, height};
use crate::gui::widgets::{Button, Icon, Segment, Tip, empty_ui, hover_text, menu_text_ui, segments};
use crate::gui::{icons, words};
use crate::limits::SPOKEN_CHARS_MAX;
use crate::protocol::{EventDetail, Line, LineKind, StateLines};
use crate::session::{Action, Command, EventForm, SearchAction};
use crate::visible;

/// Bytes in one row of the hex view: eight fit into the narrowest inspector.
const HEX_BYTES: usize = 8;
/// The bar in which the form of the payload is chosen.
const FORMS: f32 = 36.0;
/// How wide the names of facts are.
const LABEL: f32 = 88.0;

/// One row of the tab.
#[derive(Clone)]
enum Item<'a> {
    Space,
    Heading(&'static str, String),
    Line(Part, &'a StateLines, usize, &'a Line),
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
        Some(detail) if Some(detail.row) == row => {
            detail_ui(ui, body, scene, (detail, session.console_on_show()), local, out);
        }
        _ => {
            let words = Piece::new("Reading the event…", Type::LABEL, scene.theme.text_muted);
            paint::left(ui.painter(), body.left() + INSET, body.top() + 20.0, f32::INFINITY, words);
        }
    }
}

/// The choice of the form in which the payload is shown.
fn forms_ui(ui: &Ui, bar: Rect, scene: &Scene<'_>, out: &mut Vec<Action>) {
    const FORMS: [(EventForm, &str, &str); 3] = [
        (EventForm::Raw, "Raw", "The bytes as they are stored"),
        (EventForm::Decoded, "Decoded", "What the bytes say"),
        (EventForm::Upcast, "Upcast", "What upcasters make of it, as reducers see it"),
    ];
    let choices = FORMS.map(|(_, text, help)| Segment { text, tip: Tip { name: text, key: "", help } });
    let chosen = FORMS.iter().position(|(form, ..)| *form == scene.session.event_form).unwrap_or(1);
    let place = Rect::from_min_max(pos2(bar.left(), bar.top() + 4.0), pos2(bar.right() - INSET, bar.bottom() - 4.0));
    if let (_, Some(index)) = segments(ui, place, &choices, chosen, scene.theme)
        && let Some((form, ..)) = FORMS.get(index)
    {
        out.push(Action::SetEventForm(*form));
    }
    paint::hline(ui.painter(), bar.left(), bar.right(), bar.bottom() - 1.0, scene.theme.line_subtle);
}

/// Rows of the tab: single ones, or a row for each line of a value, of which only those in view are looked at.
enum Section<'a> {
    One(Item<'a>),
    Lines(Part, &'a StateLines),
    Hex(&'a [u8]),
    Printed(&'a [String]),
}

impl<'a> Section<'a> {
    fn rows(&self) -> usize {
        match self {
            Section::One(_) => 1,
            Section::Lines(_, lines) => lines.lines.len(),
            Section::Hex(bytes) => bytes.len().div_ceil(HEX_BYTES),
            Section::Printed(lines) => lines.len(),
        }
    }

    fn row(&self, row: usize) -> Option<Item<'a>> {
        match self {
            Section::One(item) => Some(item.clone()),
            Section::Lines(part, lines) => Some(Item::Line(*part, lines, row, lines.lines.get(row)?)),
            Section::Hex(bytes) => Some(Item::Hex(row * HEX_BYTES, bytes.chunks(HEX_BYTES).nth(row)?)),
            Section::Printed(lines) => lines.get(row).map(|line| Item::Printed(line)),
        }
    }
}

/// The payload in the form that was chosen.
fn payload(detail: &EventDetail, form: EventForm) -> Vec<Section<'_>> {
    let size = words::bytes(detail.bytes);
    let hex = || Section::Hex(&detail.raw);
    let mut items = Vec::new();
    match (form, &detail.fault, &detail.upcast) {
        (EventForm::Raw, ..) => {
            items.push(Section::One(Item::Heading("As stored", size)));
            if detail.masked {
                items.push(Section::One(Item::Note("Something of payloads is masked: the bytes are not shown")));
            }
            items.push(hex());
        }
        (_, Some(fault), _) => {
            items.push(Section::One(Item::Heading("Payload", format!("{}, {size}", detail.decoded_by))));
            items.push(Section::One(Item::Note(fault)));
            items.push(hex());
        }
        (EventForm::Decoded, None, _) => {
            items.push(Section::One(Item::Heading("Payload", format!("{}, {size}", detail.decoded_by))));
            items.push(Section::Lines(Part::Payload, &detail.data));
        }
        (EventForm::Upcast, None, Ok(Some(upcast))) => {
            items.push(Section::One(Item::Heading("Upcast", "as reducers see it".to_owned())));
            items.push(Section::Lines(Part::Payload, upcast));
        }
        (EventForm::Upcast, None, Ok(None)) => {
            items.push(Section::One(Item::Heading("Upcast", "no upcaster changes this event".to_owned())));
            items.push(Section::Lines(Part::Payload, &detail.data));
        }
        (EventForm::Upcast, None, Err(fault)) => {
            items.push(Section::One(Item::Heading("Upcast", "no reducer sees this event".to_owned())));
            items.push(Section::One(Item::Note(fault)));
            items.push(Section::Lines(Part::Payload, &detail.data));
        }
    }
    items
}

fn items(detail: &EventDetail, form: EventForm) -> Vec<Section<'_>> {
    let shown = |text: &str| visible::start(text, SPOKEN_CHARS_MAX).into_owned();
    let mut items = payload(detail, form);
    items.push(Section::One(Item::Space));
    items.push(Section::One(Item::Heading("Where and when", String::new())));
    items.push(Section::One(Item::Fact("Position", words::thousands(detail.row + 1))));
    items.push(Section::One(Item::Fact("Seq", detail.seq.clone())));
    items.push(Section::One(Item::Fact("Stream", shown(detail.stream.as_str()))));
    if let Some(version) = detail.version {
        items.push(Section::One(Item::Fact("Version", words::thousands(version))));
    }
    items.push(Section::One(Item::Fact("Type", shown(&detail.event_type))));
    if let Some(id) = &detail.id {
        items.push(Section::One(Item::Fact("Event id", shown(id))));
    }
    if let Some(time) = detail.time {
        items.push(Section::One(Item::Fact("Stored", format!("{} {}", words::day_and_time(time), words::zone()))));
    }
    items.push(Section::One(Item::Space));
    if detail.metadata.lines.is_empty() {
        items.push(Section::One(Item::Heading("Metadata", "none".to_owned())));
    } else {
        items.push(Section::One(Item::Heading("Metadata", String::new())));
        items.push(Section::Lines(Part::Metadata, &detail.metadata));
    }
    items
}

fn row_of<'a>(sections: &[Section<'a>], mut row: usize) -> Option<Item<'a>> {
    for section in sections {
        if row < section.rows() {
            return section.row(row);
        }
        row -= section.rows();
    }
    None
}

/// Draws an event in full, and what the reducer printed at it.
pub fn detail_ui(
    ui: &Ui,
    rect: Rect,
    scene: &Scene<'_>,
    (detail, console): (&EventDetail, &[String]),
    local: &mut InspectorLocal,
    out: &mut Vec<Action>,
) {
    let bar = rect.with_max_y(rect.top() + FORMS);
    forms_ui(ui, bar, scene, out);
    let rect = rect.with_min_y(bar.bottom());
    let mut items = items(detail, scene.session.event_form);
    if !console.is_empty() {
        items.push(Section::One(Item::Space));
        items.push(Section::One(Item::Heading("Console", "what the reducer printed at this event".to_owned())));
        items.push(Section::Printed(console));
    }
    let count = items.iter().map(Section::rows).sum::<usize>() as u64;
    let rows = Rows { count, height: height::TREE_ROW, view: rect.height() - 8.0 };
    local.event = rows.kept(local.event);
    let (range, mut y) = rows.visible(local.event);
    let painter = ui.painter().with_clip_rect(rect.intersect(ui.clip_rect()));
    for row in range {
        let place = Rect::from_min_size(rect.min + vec2(0.0, y + 8.0), vec2(rect.width(), height::TREE_ROW));
        y += height::TREE_ROW;
        let Some(item) = usize::try_from(row).ok().and_then(|row| row_of(&items, row)) else { continue };
        item_ui(ui, &painter, place, (row, &item), scene, out);
    }
    local.event = scroll_ui(ui, ui.scope_id().with("event"), rect, &rows, local.event, scene.theme, "Scroll the event");
}

fn item_ui(
    ui: &Ui,
    painter: &egui::Painter,
    rect: Rect,
    (row, item): (u64, &Item<'_>),
    scene: &Scene<'_>,
    out: &mut Vec<Action>,
) {
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
        Item::Line(_, of, index, line) => {
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
    let sense = if matches!(item, Item::Line(..)) { Sense::CLICK } else { Sense::HOVER };
    let response = ui.interact(rect.intersect(painter.clip_rect()), ui.scope_id().with(("item", row)), sense);
    response.widget_info(|| WidgetInfo::labeled(Role::ListItem, true, &sentence));
    if let Item::Line(part, of, index, line) = item
        && !matches!(line.kind, LineKind::Object(_) | LineKind::Array(_))
    {
        value_menu_ui(&response, *part, || of.pointer(*index), scene, out);
    }
    if !matches!(item, Item::Heading(..)) {
        hover_text(response, &sentence);
    }
}

/// What can be done with a value, by a right click.
fn value_menu_ui(
    response: &egui::Response,
    part: Part,
    pointer: impl Fn() -> String,
    scene: &Scene<'_>,
    out: &mut Vec<Action>,
) {
    egui::Popup::context_menu(response).width(220.0).show(|ui| {
        for (label, excludes) in [("Include this value", false), ("Exclude this value", true)] {
            if menu_text_ui(ui, label, scene.theme) {
                out.push(Action::Search(SearchAction::Value { part, pointer: pointer(), excludes }));
                ui.close();
            }
        }
    });
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
