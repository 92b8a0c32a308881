//! A list of any length: which rows are in view, and how wheel and scroll bar move it.
//!
//! egui's own lists compute `row * height` in `f32`, which is 16 points coarse at ten million rows. Here a place in the
//! list is a whole row and the part of it that is scrolled out, so that it is exact at a million million rows.

use egui::{CursorIcon, Id, Rect, Role, Sense, Ui, WidgetInfo, pos2, vec2};

use super::theme::{Theme, fade};

/// The height of the smallest handle of a scroll bar.
const HANDLE_MIN: f32 = 24.0;
/// The width of a scroll bar, and its distance from the edge.
const BAR: (f32, f32) = (4.0, 2.0);
/// The width in which a scroll bar can be caught.
const BAR_REACH: f32 = 12.0;

/// A place in a list.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub struct Place {
    /// The topmost row.
    pub top: u64,
    /// The part of it that is scrolled out, 0 to 1.
    pub part: f32,
}

/// A list and the room that it has.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Rows {
    /// How many rows there are.
    pub count: u64,
    /// The height of one, in points.
    pub height: f32,
    /// The height of the view, in points.
    pub view: f32,
}

impl Rows {
    /// Whole rows that there is room for.
    #[must_use]
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a view is some thousand points high")]
    pub fn room(&self) -> u64 {
        (self.view / self.height).floor().max(0.0) as u64
    }

    /// The place where the last row stands at the bottom.
    #[must_use]
    pub fn end(&self) -> Place {
        Place { top: self.count.saturating_sub(self.room()), part: 0.0 }
    }

    /// The rows that are at least partly in view, with the upper edge of the first: 0 or less.
    #[must_use]
    pub fn visible(&self, place: Place) -> (std::ops::Range<u64>, f32) {
        let end = place.top.saturating_add(self.room()).saturating_add(2).min(self.count);
        (place.top.min(end)..end, -place.part * self.height)
    }

    /// The upper edge of a row, relative to the view; far away rows are as far as an `f32` can say.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "exact for the rows in view, which is what is drawn")]
    pub fn y_of(&self, place: Place, row: u64) -> f32 {
        let rows = if row >= place.top { (row - place.top) as f32 } else { -((place.top - row) as f32) };
        (rows - place.part) * self.height
    }

    /// The row at this height of the view, if there is one.
    #[must_use]
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a view is some thousand points high")]
    pub fn row_at(&self, place: Place, y: f32) -> Option<u64> {
        if y < 0.0 || y >= self.view {
            return None;
        }
        let below = (y / self.height + place.part).floor() as u64;
        place.top.checked_add(below).filter(|row| *row < self.count)
    }

    /// The place `points` further down (up where negative), kept in the list.
    #[must_use]
    #[expect(clippy::cast_possible_truncation, reason = "the steps of a wheel are small against 64 bits")]
    pub fn moved(&self, place: Place, points: f32) -> Place {
        let rows = f64::from(place.part) + f64::from(points) / f64::from(self.height);
        let whole = rows.floor();
        let top = i128::from(place.top) + whole as i128;
        let Ok(top) = u64::try_from(top) else { return Place::default() };
        self.kept(Place { top, part: (rows - whole) as f32 })
    }

    /// The place, or the last one where it lies behind it.
    #[must_use]
    pub fn kept(&self, place: Place) -> Place {
        let end = self.end();
        if place.top >= end.top { end } else { place }
    }

    /// The place, moved as little as it takes to have a row in view with a row of room around it.
    #[must_use]
    pub fn bringing_into_view(&self, place: Place, row: u64) -> Place {
        let room = self.room().max(1);
        let (above, below) = (row.saturating_sub(1), row.saturating_add(2));
        if above < place.top || (above == place.top && place.part > 0.0) {
            return self.kept(Place { top: above, part: 0.0 });
        }
        let first = below.min(self.count).saturating_sub(room);
        if first > place.top { self.kept(Place { top: first, part: 0.0 }) } else { place }
    }

    /// How far down a place is, 0 to 1.
    #[must_use]
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        reason = "a share of the height of a scroll bar"
    )]
    pub fn share_of(&self, place: Place) -> f32 {
        let end = self.end().top;
        if end == 0 { 0.0 } else { ((place.top as f64 + f64::from(place.part)) / end as f64) as f32 }
    }

    /// The place this far down, 0 to 1.
    #[must_use]
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_precision_loss,
        clippy::cast_sign_loss,
        reason = "a pointer on a scroll bar cannot be more exact than its pixels"
    )]
    pub fn at_share(&self, share: f64) -> Place {
        let end = self.end().top;
        let rows = share.clamp(0.0, 1.0) * end as f64;
        self.kept(Place { top: (rows.floor() as u64).min(end), part: rows.fract() as f32 })
    }

    /// The handle of a scroll bar that is `length` long: its start and its length. `None` where all rows are in view.
    #[must_use]
    #[expect(clippy::cast_precision_loss, clippy::cast_possible_truncation, reason = "a length in points")]
    pub fn handle(&self, place: Place, length: f32) -> Option<(f32, f32)> {
        if self.count <= self.room() {
            return None;
        }
        let share = self.room() as f64 / self.count as f64;
        let size = ((f64::from(length) * share) as f32).max(HANDLE_MIN).min(length);
        Some((self.share_of(place) * (length - size), size))
    }
}

/// Lets wheel and scroll bar move a list that fills `rect`; returns where it is now. Draw the rows first, then call
/// this, so that the bar stands on top of them.
#[must_use]
pub fn scroll_ui(ui: &Ui, id: Id, rect: Rect, rows: &Rows, place: Place, theme: &Theme, name: &str) -> Place {
    let mut place = place;
    if ui.rect_contains_pointer(rect) {
        let wheel = ui.input(|input| input.smooth_scroll_delta().y);
        if wheel != 0.0 {
            place = rows.moved(place, -wheel);
        }
    }
    let Some((start, size)) = rows.handle(place, rect.height()) else { return place };
    let lane = Rect::from_min_max(pos2(rect.right() - BAR_REACH, rect.top()), rect.max);
    let response = ui.interact(lane, id.with("scroll bar"), Sense::DRAG | Sense::CLICK);
    let grab = id.with("scroll bar grab");
    let mut handle = (start, size);
    if let Some(pointer) = response.interact_pointer_pos()
        && (response.dragged() || response.is_pointer_button_down_on())
    {
        let y = pointer.y - rect.top();
        let inside = y >= start && y <= start + size;
        let held =
            ui.data_mut(|data| *data.get_temp_mut_or_insert_with(grab, || if inside { y - start } else { size / 2.0 }));
        let share = f64::from(y - held) / f64::from((rect.height() - size).max(1.0));
        place = rows.at_share(share);
        handle = rows.handle(place, rect.height()).unwrap_or(handle);
    } else {
        ui.data_mut(|data| data.remove::<f32>(grab));
    }
    let strong = response.hovered() || response.dragged();
    let corner = pos2(rect.right() - BAR.0 - BAR.1, rect.top() + handle.0);
    let bar = Rect::from_min_size(corner, vec2(BAR.0, handle.1));
    let color = if strong { theme.line_control } else { fade(theme.line_control, 0.6) };
    ui.painter().rect_filled(bar, BAR.0 / 2.0, color);
    response.widget_info(|| {
        let mut info = WidgetInfo::labeled(Role::ScrollBar, true, name);
        info.value = Some(f64::from(rows.share_of(place)));
        info
    });
    response.on_hover_cursor(CursorIcon::Default);
    place
}

#[cfg(test)]
mod tests {
    use super::*;

    const TRILLION: Rows = Rows { count: 1_000_000_000_000, height: 24.0, view: 610.0 };

    #[test]
    fn rows_are_exactly_one_height_apart_at_a_million_million() {
        let place = TRILLION.moved(TRILLION.end(), -7.5);
        let (rows, first_y) = TRILLION.visible(place);
        assert_eq!(rows.end, TRILLION.count);
        for (index, row) in rows.enumerate() {
            let expected = first_y + 24.0 * f32::from(u16::try_from(index).unwrap());
            assert!((TRILLION.y_of(place, row) - expected).abs() < 0.001, "row {row}");
        }
    }

    #[test]
    fn the_wheel_moves_by_its_points_at_a_million_million() {
        let start = Place { top: 999_999_000_000, part: 0.0 };
        let mut place = start;
        for _ in 0..1_000 {
            place = TRILLION.moved(place, 3.0);
        }
        assert_eq!(place.top, start.top + 125);
        assert!(place.part < 0.001 || place.part > 0.999, "{}", place.part);
    }

    #[test]
    fn there_is_no_place_before_the_first_or_behind_the_last_row() {
        assert_eq!(TRILLION.moved(Place { top: 3, part: 0.5 }, -1e9), Place::default());
        assert_eq!(TRILLION.moved(TRILLION.end(), 1e9), TRILLION.end());
        let few = Rows { count: 3, ..TRILLION };
        assert_eq!((few.end(), few.moved(Place::default(), 50.0)), (Place::default(), Place::default()));
        let none = Rows { count: 0, ..TRILLION };
        assert_eq!(none.visible(Place::default()).0, 0..0);
    }

    #[test]
    fn a_row_is_brought_into_view_by_as_little_as_it_takes() {
        let rows = Rows { count: 1_000_000_000_000, height: 20.0, view: 205.0 };
        let place = Place { top: 500_000_000_000, part: 0.5 };
        assert_eq!(rows.bringing_into_view(place, 500_000_000_005), place);
        assert_eq!(rows.bringing_into_view(place, 999_999_999_999), rows.end());
        assert_eq!(rows.bringing_into_view(place, 0), Place::default());
        for row in [499_999_999_999, 500_000_000_000, 500_000_000_009, 500_000_000_010, 700_000_000_000] {
            let at = rows.bringing_into_view(place, row);
            let y = rows.y_of(at, row);
            assert!(y >= 0.0 && y + rows.height <= rows.view, "{row}: {at:?}");
        }
    }

    #[test]
    fn the_row_under_the_pointer_is_the_row_that_is_drawn_there() {
        let place = Place { top: 999_999_999_000, part: 0.25 };
        for y in [0.0, 17.9, 18.1, 300.0, 609.0] {
            let row = TRILLION.row_at(place, y).unwrap();
            let top = TRILLION.y_of(place, row);
            assert!(top <= y && y < top + 24.0, "{y} {row} {top}");
        }
        assert_eq!(TRILLION.row_at(place, 610.0), None);
        assert_eq!(Rows { count: 2, ..TRILLION }.row_at(Place::default(), 50.0), None);
    }

    #[test]
    fn the_scroll_bar_reaches_both_ends() {
        assert_eq!(TRILLION.at_share(0.0), Place::default());
        assert_eq!(TRILLION.at_share(1.0), TRILLION.end());
        assert_eq!(TRILLION.at_share(0.5).top, TRILLION.end().top / 2);
        assert_eq!(TRILLION.handle(TRILLION.end(), 600.0), Some((600.0 - HANDLE_MIN, HANDLE_MIN)));
        assert_eq!(Rows { count: 5, ..TRILLION }.handle(Place::default(), 600.0), None);
    }
}
