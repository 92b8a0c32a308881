//! The first events as the mapping makes them.

use egui::{Painter, Rect, Role, Sense, Ui, WidgetInfo, pos2, vec2};

use super::MappingLocal;
use crate::gui::fonts::Type;
use crate::gui::paint::{self, Piece};
use crate::gui::rows::{Rows, scroll_ui};
use crate::gui::scene::Scene;
use crate::gui::theme::{INSET, fade, height};
use crate::gui::widgets::empty_ui;
use crate::gui::{glyphs, icons, words};
use crate::protocol::EventRow;
use crate::session::MappingPane;

/// Draws the preview.
pub fn preview_ui(ui: &Ui, rect: Rect, pane: &MappingPane, scene: &Scene<'_>, local: &mut MappingLocal) {
    let theme = scene.theme;
    let painter = ui.painter();
    if rect.height() < 60.0 {
        return;
    }
    let head = rect.with_max_y(rect.top() + 44.0);
    let x = rect.left() + 16.0;
    let x = paint::left(
        painter,
        x,
        head.center().y + 4.0,
        100.0,
        Piece::new("Preview", Type::LABEL_STRONG, theme.text_strong),
    );
    let shown = pane.preview.as_ref();
    let words = match shown {
        None => "Reading the first rows…".to_owned(),
        Some(_) if !pane.is_current() => "Reading with the new choice…".to_owned(),
        Some(preview) => format!(
            "the first {}, decoded with this mapping",
            words::count(preview.events.len() as u64, "event", "events")
        ),
    };
    paint::left(painter, x + 8.0, head.center().y + 4.0, 400.0, Piece::new(&words, Type::CAPTION, theme.text_muted));
    paint::hline(painter, rect.left(), rect.right(), head.bottom() - 1.0, theme.line_subtle);
    let body = rect.with_min_y(head.bottom());
    let Some(preview) = shown else { return };
    if let Some(error) = &preview.error {
        let text = error.strip_prefix("Cannot open log: ").unwrap_or(error);
        empty_ui(ui, body, icons::WARNING_CIRCLE, ["This mapping opens no log", text], None, theme);
        return;
    }
    if preview.events.is_empty() {
        empty_ui(ui, body, icons::TRAY, ["No event", "The table has no row that would be one"], None, theme);
        return;
    }
    let columns = Columns::of(body);
    let names = body.with_max_y(body.top() + height::COLUMNS);
    columns.titles(painter, names, scene);
    let list = body.with_min_y(names.bottom());
    let rows = Rows { count: preview.events.len() as u64, height: height::ROW, view: list.height() };
    local.preview = rows.kept(local.preview);
    let (range, mut y) = rows.visible(local.preview);
    let clipped = painter.with_clip_rect(list.intersect(ui.clip_rect()));
    let strength = if pane.is_current() { 1.0 } else { 0.6 };
    for row in range {
        let place = Rect::from_min_size(list.min + vec2(0.0, y), vec2(list.width(), height::ROW));
        y += height::ROW;
        let Some(index) = usize::try_from(row).ok() else { continue };
        let Some(event) = preview.events.get(index) else { continue };
        let before = index.checked_sub(1).and_then(|before| preview.events.get(before));
        columns.row(&clipped, place, (event, before), strength, scene);
        let sentence = sentence(event);
        let response = ui.interact(place.intersect(list), ui.scope_id().with(("preview", row)), Sense::HOVER);
        response.widget_info(|| WidgetInfo::labeled(Role::Row, true, &sentence));
    }
    local.preview =
        scroll_ui(ui, ui.scope_id().with("preview"), list, &rows, local.preview, theme, "Scroll the preview");
}

struct Columns {
    stream: f32,
    stream_room: f32,
    version: f32,
    kind: f32,
    time: f32,
    /// How a time is written, and its room.
    time_form: (&'static str, f32),
    delta: Option<f32>,
    payload: f32,
    end: f32,
}

impl Columns {
    fn of(rect: Rect) -> Self {
        let stream = rect.left() + 16.0;
        let stream_room = if rect.width() > 760.0 { 132.0 } else { 90.0 };
        let version = stream + stream_room + 52.0;
        let kind = version + 16.0;
        let time = kind + 140.0;
        let time_form = if rect.width() > 660.0 { ("%Y-%m-%d %H:%M:%S%.3f", 172.0) } else { ("%H:%M:%S%.3f", 96.0) };
        let delta = (rect.width() > 700.0).then_some(time + time_form.1 + 60.0);
        let payload = delta.unwrap_or(time + time_form.1) + 16.0;
        Self { stream, stream_room, version, kind, time, time_form, delta, payload, end: rect.right() - INSET }
    }

    fn titles(&self, painter: &Painter, rect: Rect, scene: &Scene<'_>) {
        let theme = scene.theme;
        let middle = rect.center().y;
        let name = |text| Piece::new(text, Type::CAPTION_MEDIUM, theme.text_muted);
        paint::left(painter, self.stream, middle, 100.0, name("Stream"));
        paint::right(painter, self.version, middle, name("Version"));
        paint::left(painter, self.kind, middle, 100.0, name("Type"));
        let head = format!("Time ({})", words::zone());
        paint::left(painter, self.time, middle, 160.0, Piece::new(&head, Type::CAPTION_MEDIUM, theme.text_muted));
        if let Some(delta) = self.delta {
            paint::right(painter, delta, middle, name("Delta"));
        }
        paint::left(painter, self.payload, middle, 100.0, name("Payload"));
        paint::hline(painter, rect.left(), rect.right(), rect.bottom() - 1.0, theme.line_subtle);
    }

    fn row(
        &self,
        painter: &Painter,
        rect: Rect,
        (event, before): (&EventRow, Option<&EventRow>),
        strength: f32,
        scene: &Scene<'_>,
    ) {
        let theme = scene.theme;
        let middle = rect.center().y;
        let soft = fade(theme.text_soft, strength);
        let stream = paint::fit_middle(painter, event.stream.as_str(), Type::DATA, self.stream_room);
        let text = fade(theme.text, strength);
        paint::left(painter, self.stream, middle, self.stream_room, Piece::new(&stream, Type::DATA, text));
        if let Some(version) = event.version {
            paint::right(painter, self.version, middle, Piece::new(&words::thousands(version), Type::DATA, soft));
        }
        glyphs::paint(painter, pos2(self.kind + 6.0, middle), scene.looks.of(&event.event_type), theme, strength);
        let label = paint::fit_middle(painter, scene.looks.label(&event.event_type), Type::LABEL, 112.0);
        paint::left(painter, self.kind + 20.0, middle, 116.0, Piece::new(&label, Type::LABEL, text));
        if let Some(time) = event.time {
            let shown = words::time(time, self.time_form.0);
            paint::left(painter, self.time, middle, self.time_form.1, Piece::new(&shown, Type::DATA, soft));
            if let (Some(right), Some(before)) = (self.delta, before.and_then(|before| before.time)) {
                let delta = words::delta(before, time);
                paint::right(painter, right, middle, Piece::new(&delta, Type::DATA, soft));
            }
        }
        let room = self.end - self.payload;
        if room < 30.0 {
            return;
        }
        if let Some(fault) = &event.fault {
            paint::left(painter, self.payload, middle, room, Piece::new(fault, Type::DATA, theme.danger));
            return;
        }
        let muted = fade(theme.text_muted, strength);
        let mut pieces = Vec::new();
        for (index, (key, value)) in event.payload.iter().enumerate() {
            if index > 0 {
                pieces.push(Piece::new(" · ", Type::DATA, muted));
            }
            pieces.push(Piece::new(key, Type::DATA, muted));
            pieces.push(Piece::new(" ", Type::DATA, muted));
            pieces.push(Piece::new(value, Type::DATA, text));
        }
        paint::pieces(painter, self.payload, middle, room, &pieces);
    }
}

fn sentence(event: &EventRow) -> String {
    let version = event.version.map_or_else(String::new, |version| format!(" version {}", words::thousands(version)));
    let time = event.time.map_or_else(String::new, |time| format!(", {}", words::day_and_time(time)));
    format!("Stream {}{version}, {}{time}", event.stream, event.event_type)
}
