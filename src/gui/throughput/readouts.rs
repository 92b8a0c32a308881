//! The six read-outs over the plots.

use egui::{Rect, Role, Sense, Ui, WidgetInfo, pos2};

use super::data::Data;
use crate::gui::fonts::Type;
use crate::gui::paint::{self, Piece};
use crate::gui::scene::Scene;
use crate::gui::theme::INSET;
use crate::gui::words;
use crate::session::Moment;

/// Samples that the rates of now are taken over: a second.
const NOW: usize = 4;

/// Draws the read-outs.
pub fn readouts_ui(ui: &Ui, rect: Rect, scene: &Scene<'_>, data: &Data) {
    let theme = scene.theme;
    let painter = ui.painter();
    let live = &scene.session.live;
    let shown = live.shown();
    let from = shown.len().saturating_sub(NOW);
    let mut now = Moment::default();
    for sample in shown.skip(from) {
        now.add(sample);
    }
    let peak = data.moments.iter().flatten().map(|moment| moment.peak).fold(0.0, f64::max);
    let peak_bytes = data.moments.iter().flatten().map(Moment::bytes_rate).fold(0.0, f64::max);
    let lag = live.latest().and_then(|sample| sample.lag_ms).or(now.lag_ms);
    let unknown = || ("–".to_owned(), String::new());
    let (p50, p99) = now.commits.or(data.total.commits).map_or_else(
        || (unknown(), unknown()),
        |(_, p50, p99)| (split(&words::elapsed(p50)), split(&words::elapsed(p99))),
    );
    let means = data.total.commits.map(|(_, p50, p99)| (words::elapsed(p50), words::elapsed(p99)));
    let own = "own writes only".to_owned();
    let cells: [(&str, (String, String), String); 6] = [
        (
            "Events",
            (words::figures(now.rate()), "/s".to_owned()),
            if data.history { "in the newest second".to_owned() } else { format!("peak {}", words::figures(peak)) },
        ),
        (
            "Data",
            bytes_rate(now.bytes_rate()),
            if data.history {
                "in the newest second".to_owned()
            } else {
                format!("peak {}", joined(&bytes_rate(peak_bytes)))
            },
        ),
        ("Commit p50", p50, means.as_ref().map_or_else(|| own.clone(), |(mean, _)| format!("mean {mean}"))),
        ("Commit p99", p99, means.map_or_else(|| own.clone(), |(_, worst)| format!("worst {worst}"))),
        (
            "Commit size",
            now.batch()
                .or(data.total.batch())
                .map_or_else(unknown, |batch| (words::figures(batch), "events".to_owned())),
            data.total.batch().map_or(own, |batch| format!("mean {}", words::figures(batch))),
        ),
        (
            "Tail lag",
            lag.map_or_else(unknown, |lag| (words::thousands(lag.max(0)), "ms".to_owned())),
            data.total
                .lag_ms
                .map_or_else(|| "no event yet".to_owned(), |lag| format!("worst {} ms", words::thousands(lag.max(0)))),
        ),
    ];
    paint::hline(painter, rect.left(), rect.right(), rect.bottom() - 1.0, theme.line_subtle);
    let width = rect.width() / 6.0;
    for (index, (name, (value, unit), small)) in cells.iter().enumerate() {
        #[expect(clippy::cast_precision_loss, reason = "six cells")]
        let left = (rect.left() + width * index as f32).round();
        let cell = Rect::from_min_max(pos2(left, rect.top()), pos2(left + width, rect.bottom()));
        let clipped = painter.with_clip_rect(cell.intersect(ui.clip_rect()));
        if index > 0 {
            paint::vline(painter, left, rect.top(), rect.bottom(), theme.line_subtle);
        }
        let x = left + INSET;
        let room = width - INSET - 8.0;
        paint::left(&clipped, x, rect.top() + 18.0, room, Piece::new(name, Type::CAPTION, theme.text_soft));
        let end = paint::left(&clipped, x, rect.top() + 37.0, room, Piece::new(value, Type::FIGURE, theme.text_strong));
        paint::left(&clipped, end + 5.0, rect.top() + 40.0, room, Piece::new(unit, Type::LABEL, theme.text_muted));
        paint::left(&clipped, x, rect.top() + 58.0, room, Piece::new(small, Type::CAPTION, theme.text_muted));
        let response = ui.interact(cell, ui.scope_id().with(("readout", *name)), Sense::HOVER);
        response.widget_info(|| WidgetInfo::labeled(Role::Status, true, format!("{name} {value} {unit}, {small}")));
    }
}

/// A rate of bytes in the unit that suits it.
fn bytes_rate(value: f64) -> (String, String) {
    let (size, unit) = match value {
        1e6.. => (value / 1e6, "MB/s"),
        1e3.. => (value / 1e3, "kB/s"),
        _ => (value, "B/s"),
    };
    (words::figures(size), unit.to_owned())
}

fn split(text: &str) -> (String, String) {
    text.split_once(' ')
        .map_or_else(|| (text.to_owned(), String::new()), |(value, unit)| (value.to_owned(), unit.to_owned()))
}

fn joined((value, unit): &(String, String)) -> String {
    format!("{value} {unit}")
}
