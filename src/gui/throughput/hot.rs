//! The busiest streams of the window.

use egui::{Rect, Role, Sense, Ui, WidgetInfo, pos2, vec2};

use super::View;
use crate::event::Scope;
use crate::gui::fonts::Type;
use crate::gui::paint::{self, Piece};
use crate::gui::theme::{INSET, height};
use crate::gui::widgets::{Tip, tip};
use crate::gui::words;
use crate::session::{Action, Command};

/// Draws the list.
pub fn hot_ui(ui: &Ui, rect: Rect, view: &View<'_>, out: &mut Vec<Action>) {
    let (theme, data) = (view.scene.theme, view.data);
    let painter = ui.painter();
    let head = rect.with_max_y(rect.top() + height::HEAD);
    paint::hline(painter, rect.left(), rect.right(), rect.top(), theme.line_subtle);
    paint::hline(painter, rect.left(), rect.right(), head.bottom() - 1.0, theme.line_subtle);
    let middle = head.center().y;
    let title = Piece::new("Hottest streams", Type::LABEL_STRONG, theme.text_strong);
    let x = paint::left(painter, rect.left() + INSET, middle, 300.0, title);
    let window = format!("last {}", view.scene.session.live.window.label());
    let small = if data.history { "measured only while it is watched" } else { window.as_str() };
    paint::left(painter, x + 8.0, middle, 300.0, Piece::new(small, Type::CAPTION, theme.text_muted));
    let names = Rect::from_min_size(head.left_bottom(), vec2(rect.width(), height::COLUMNS));
    let columns = Columns::of(rect);
    let name = |text| Piece::new(text, Type::CAPTION_MEDIUM, theme.text_muted);
    let middle = names.center().y;
    paint::left(painter, columns.stream, middle, 120.0, name("Stream"));
    paint::left(painter, columns.bars, middle, 120.0, name("Activity"));
    paint::right(painter, columns.rate, middle, name("Events /s"));
    paint::left(painter, columns.share, middle, 160.0, name("Share of all events"));
    paint::right(painter, columns.bytes, middle, name("Bytes /s"));
    paint::hline(painter, rect.left(), rect.right(), names.bottom() - 1.0, theme.line_subtle);
    if data.streams.is_empty() {
        let words = Piece::new("No stream was written to in this time", Type::LABEL, theme.text_muted);
        if names.bottom() + 24.0 < rect.bottom() {
            paint::left(painter, columns.stream, names.bottom() + 14.0, 400.0, words);
        }
        return;
    }
    let mut y = names.bottom();
    let mut shown = 0;
    for hot in &data.streams {
        if y + height::ROW > rect.bottom() {
            break;
        }
        shown += 1;
        row_ui(
            ui,
            Rect::from_min_size(pos2(rect.left(), y), vec2(rect.width(), height::ROW)),
            hot,
            &columns,
            view,
            out,
        );
        y += height::ROW;
    }
    let count = format!("{shown} of {} active", words::thousands(data.streams_active as u64));
    paint::right(painter, rect.right() - INSET, head.center().y, Piece::new(&count, Type::CAPTION, theme.text_muted));
}

struct Columns {
    stream: f32,
    bars: f32,
    rate: f32,
    share: f32,
    share_end: f32,
    bytes: f32,
}

impl Columns {
    fn of(rect: Rect) -> Self {
        let left = rect.left() + INSET;
        let right = rect.right() - INSET;
        let stream = (rect.width() * 0.26).clamp(150.0, 320.0);
        let rate = left + stream + 120.0 + 80.0;
        Self { stream: left, bars: left + stream, rate, share: rate + 16.0, share_end: right - 96.0, bytes: right }
    }
}

fn row_ui(ui: &Ui, rect: Rect, hot: &super::data::Hot, columns: &Columns, view: &View<'_>, out: &mut Vec<Action>) {
    let theme = view.scene.theme;
    let response = ui.interact(rect, ui.scope_id().with(("hot", hot.stream.as_str())), Sense::CLICK);
    let (rate, bytes) = (words::figures(hot.rate), words::figures(hot.bytes_rate));
    let share = format!("{} %", words::figures(hot.share * 100.0));
    let sentence = format!("Stream {}, {rate} events per second, {share} of all", hot.stream);
    response.widget_info(|| WidgetInfo::labeled(Role::Row, true, &sentence));
    let painter = ui.painter();
    if view.scene.session.is_chosen(&hot.stream) {
        painter.rect_filled(rect, 0.0, theme.bg_selected);
    } else if response.hovered() {
        painter.rect_filled(rect, 0.0, theme.bg_hover);
    }
    if response.has_focus() {
        paint::focus_ring(painter, rect.shrink(1.0), 0.0, theme);
    }
    let middle = rect.center().y;
    let room = columns.bars - columns.stream - 12.0;
    let name = paint::fit_middle(painter, hot.stream.as_str(), Type::DATA, room);
    paint::left(painter, columns.stream, middle, room, Piece::new(&name, Type::DATA, theme.text_strong));
    let most = hot.bars.iter().copied().max().unwrap_or(0).max(1);
    for (index, events) in hot.bars.iter().enumerate().filter(|(_, events)| **events > 0) {
        #[expect(clippy::cast_precision_loss, reason = "bars of twelve points")]
        let (x, tall) = (columns.bars + 4.0 * index as f32, (12.0 * *events as f32 / most as f32).max(1.0));
        let bar = Rect::from_min_max(pos2(x, middle + 6.0 - tall), pos2(x + 3.0, middle + 6.0));
        painter.rect_filled(bar, 0.0, theme.text_muted);
    }
    paint::right(painter, columns.rate, middle, Piece::new(&rate, Type::DATA, theme.text_strong));
    let bar = Rect::from_min_max(pos2(columns.share, middle - 2.0), pos2(columns.share_end - 64.0, middle + 2.0));
    if bar.width() > 16.0 {
        painter.rect_filled(bar, 2.0, theme.bg_active);
        #[expect(clippy::cast_possible_truncation, reason = "a share")]
        let filled = bar.with_max_x(bar.left() + bar.width() * hot.share.clamp(0.0, 1.0) as f32);
        painter.rect_filled(filled, 2.0, theme.series[0]);
    }
    paint::right(painter, columns.share_end, middle, Piece::new(&share, Type::DATA, theme.text_soft));
    paint::right(painter, columns.bytes, middle, Piece::new(&bytes, Type::DATA, theme.text_soft));
    let help = "Click to look at its events";
    if tip(response, &Tip { name: hot.stream.as_str(), key: "", help }, theme).clicked() {
        out.push(Action::ChooseScope(Scope::Stream(hot.stream.clone())));
        out.push(Action::Run(Command::ViewReplay));
    }
}
