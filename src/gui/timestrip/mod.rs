//! The time strip: transport, and a scrubber over the density of the scope with the cursor in it.

mod marks;
mod scrubber;
mod table;

use egui::{Rect, Stroke, StrokeKind, Ui, pos2, vec2};

use super::fonts::Type;
use super::icons;
use super::layout::Room;
use super::paint::{self, Piece};
use super::scene::Scene;
use super::theme::{INSET, height};
use super::widgets::{Button, Icon, Look, Segment, Tip, chip, chip_width, segments, segments_width};
use super::words;
use crate::session::{Action, Command, Region, StepBy};

/// Draws the time strip.
pub fn timestrip_ui(ui: &mut Ui, rect: Rect, scene: &Scene<'_>, out: &mut Vec<Action>) {
    let theme = scene.theme;
    let painter = ui.painter();
    painter.rect_filled(rect, 0.0, theme.bg_panel);
    let bar = rect.with_max_y(rect.top() + height::HEAD);
    transport_ui(ui, bar, scene, out);
    let below = rect.with_min_y(bar.bottom());
    if scene.session.strip.table {
        table::strip_table_ui(ui, below, scene, out);
    } else {
        scrubber::scrubber_ui(ui, below, scene, out);
    }
    paint::hline(ui.painter(), rect.left(), rect.right(), rect.top(), theme.line_strong);
    if scene.session.region == Region::Time {
        ui.painter().rect_stroke(rect, 0.0, Stroke::new(1.0, theme.accent), StrokeKind::Inside);
    }
}

fn transport_ui(ui: &Ui, rect: Rect, scene: &Scene<'_>, out: &mut Vec<Action>) {
    let (session, theme) = (scene.session, scene.theme);
    let painter = ui.painter();
    let middle = rect.center().y + 0.5;
    let playing = session.play.direction != 0;
    let events = session.events.events();
    let buttons = [
        (Command::Oldest, Icon::filled(icons::SKIP_BACK), 28.0, session.cursor > 0),
        (Command::StepBack, Icon::new(icons::CARET_LEFT), 28.0, session.cursor > 0),
        (Command::PlayPause, Icon::filled(if playing { icons::PAUSE } else { icons::PLAY }), 32.0, events > 0),
        (Command::StepForward, Icon::new(icons::CARET_RIGHT), 28.0, session.cursor < events),
        (Command::Newest, Icon::filled(icons::SKIP_FORWARD), 28.0, events > 0),
    ];
    let mut x = rect.left() + 8.0;
    for (command, icon, width, enabled) in buttons {
        let look = if command == Command::PlayPause { Look::Cursor } else { Look::Bare };
        let place = Rect::from_min_size(pos2(x, middle - 14.0), vec2(width, 28.0));
        let button = Button { look, enabled, on: None, ..Button::icon_of(command, icon) };
        if button.show(ui, place, theme).clicked() {
            out.push(Action::Run(command));
        }
        x += width + 2.0;
    }
    x += 12.0;
    paint::vline(painter, x.round(), middle - 10.0, middle + 10.0, theme.line_subtle);
    x += 12.0;
    if scene.room >= Room::Normal {
        x = step_ui(ui, x, middle, scene, out) + 16.0;
    }
    if scene.room >= Room::Wide {
        x = paint::left(painter, x, middle, 60.0, Piece::new("Speed", Type::LABEL, theme.text_muted)) + 8.0;
    }
    // Where the bar is full the speed gives way; its keys and the palette stay.
    if scene.room > Room::Tight {
        x = speed_ui(ui, x, middle, scene, out);
    }
    place_ui(ui, rect, x + 16.0, middle, scene);
}

/// What forward and back go to. Returns the right end.
fn step_ui(ui: &Ui, x: f32, middle: f32, scene: &Scene<'_>, out: &mut Vec<Action>) -> f32 {
    let theme = scene.theme;
    let word = Piece::new("Step", Type::LABEL, theme.text_muted);
    let x = paint::left(ui.painter(), x, middle, 60.0, word) + 8.0;
    let choices = StepBy::ALL.map(|step| {
        let (text, help) = step.words();
        Segment { text, tip: Tip { name: text, key: Command::StepKind.key(), help } }
    });
    let width = segments_width(ui.painter(), &choices);
    let place = Rect::from_min_size(pos2(x, middle - 14.0), vec2(width, 28.0));
    let chosen = StepBy::ALL.iter().position(|step| *step == scene.session.play.step).unwrap_or(0);
    if let (_, Some(index)) = segments(ui, place, &choices, chosen, theme) {
        out.push(Action::SetStep(StepBy::ALL[index]));
    }
    place.right()
}

/// Slower, the speed, faster. Returns the right end.
fn speed_ui(ui: &Ui, x: f32, middle: f32, scene: &Scene<'_>, out: &mut Vec<Action>) -> f32 {
    let theme = scene.theme;
    let mut x = x;
    let words = format!("{} /s", words::thousands(scene.session.play.speed));
    let middle_width = 62.0;
    let frame = Rect::from_min_size(pos2(x, middle - 14.0), vec2(2.0 * 26.0 + middle_width, 28.0));
    ui.painter().rect(frame, 6.0, theme.bg_field, theme.outline(), StrokeKind::Inside);
    for (command, icon) in [(Command::Slower, icons::MINUS), (Command::Faster, icons::PLUS)] {
        let place = Rect::from_min_size(pos2(x + 2.0, middle - 12.0), vec2(24.0, 24.0));
        if Button::icon_of(command, Icon::new(icon).sized(12.0)).show(ui, place, theme).clicked() {
            out.push(Action::Run(command));
        }
        x += 26.0;
        if command == Command::Slower {
            let at = pos2(x + middle_width / 2.0, middle);
            paint::centred(ui.painter(), at, Piece::new(&words, Type::DATA, theme.text));
            x += middle_width;
        }
    }
    x
}

/// Where the cursor stands, at the right end: `Version 31,406 / 48,213`.
fn place_ui(ui: &Ui, rect: Rect, left: f32, middle: f32, scene: &Scene<'_>) {
    let (session, theme) = (scene.session, scene.theme);
    let painter = ui.painter();
    let total = format!(" / {}", words::thousands(session.events.events()));
    let here = words::thousands(session.cursor);
    let mut right = rect.right() - INSET;
    right = paint::right(painter, right, middle, Piece::new(&total, Type::READING, theme.text_muted));
    right = paint::right(painter, right, middle, Piece::new(&here, Type::READING, theme.cursor));
    if scene.room >= Room::Normal {
        // In a stream whose versions count from 1 the position is the version.
        let row = session.cursor_row().and_then(|row| session.events.row(row));
        let is_version = row.is_some_and(|row| row.version == i64::try_from(session.cursor).ok());
        let word = if session.scope.stream().is_some() && is_version { "Version" } else { "Position" };
        right = paint::right(painter, right - 8.0, middle, Piece::new(word, Type::LABEL, theme.text_muted));
    }
    if session.following {
        let width = chip_width(painter, Some(icons::CHECK), "At the newest");
        if right - 12.0 - width > left {
            chip(painter, right - 12.0 - width, middle, Some(icons::CHECK), "At the newest", theme.live, theme);
        }
    }
}
