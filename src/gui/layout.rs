//! Where everything stands: pure arithmetic over the size of the window.

use egui::{Rect, Vec2, pos2, vec2};

use super::theme::height;
pub use crate::protocol::Panes as Dragged;

/// How much room there is across; what gives way follows from it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Room {
    /// Under 900 points, as a large text may leave: a rail, and the columns that say most.
    Tight,
    /// 900 to 1099 points: the streams are a rail.
    Narrow,
    /// 1100 to 1359 points.
    Medium,
    /// 1360 to 1899 points: as drawn.
    Normal,
    /// 1900 points and more.
    Wide,
}

impl Room {
    /// The room of a window this wide.
    #[must_use]
    pub fn of(width: f32) -> Self {
        if width < 900.0 {
            Self::Tight
        } else if width < 1_100.0 {
            Self::Narrow
        } else if width < 1_360.0 {
            Self::Medium
        } else if width < 1_900.0 {
            Self::Normal
        } else {
            Self::Wide
        }
    }
}

/// The narrowest and the widest that the streams may be.
pub const STREAMS_RANGE: (f32, f32) = (200.0, 400.0);
/// The narrowest and the widest that the inspector may be.
pub const INSPECTOR_RANGE: (f32, f32) = (304.0, 720.0);
/// The lowest and the highest that the time strip may be.
pub const TIME_RANGE: (f32, f32) = (132.0, 360.0);
/// The smallest window.
pub const WINDOW_MIN: Vec2 = vec2(900.0, 600.0);
/// The width of the streams where they are a rail.
const RAIL: f32 = 40.0;
/// The event list is never narrower than this: its columns and 80 points of payload.
const EVENTS_MIN: f32 = 480.0;
/// The live plot follows the inspector up to this width.
const LIVE_MAX: f32 = 480.0;

/// The smallest window, in points, that a larger text may leave: what is drawn then is the narrowest layout.
pub const SCALED_MIN: Vec2 = vec2(720.0, 450.0);

/// How far everything may be scaled in this window, 1 and more: it must still hold the narrowest layout.
#[must_use]
pub fn scale_room(ctx: &egui::Context) -> f32 {
    let size = ctx.content_rect().size() * ctx.zoom_factor();
    (size.x / SCALED_MIN.x).min(size.y / SCALED_MIN.y).max(1.0)
}

/// Where everything stands.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Layout {
    /// How much room there is.
    pub room: Room,
    /// The top bar.
    pub top: Rect,
    /// What is said under the top bar.
    pub banners: Rect,
    /// The streams, or their rail.
    pub streams: Rect,
    /// The event list.
    pub events: Rect,
    /// The inspector.
    pub inspector: Rect,
    /// The time strip.
    pub time: Rect,
    /// The live plot.
    pub live: Rect,
    /// The status bar.
    pub status: Rect,
}

impl Layout {
    /// The places in a window, with so many banners under the top bar.
    #[must_use]
    pub fn of(window: Rect, banners: usize, dragged: Dragged) -> Self {
        let room = Room::of(window.width());
        let (streams, inspector, time) = match room {
            Room::Tight | Room::Narrow => (RAIL, 304.0, 168.0),
            Room::Medium => (244.0, 360.0, 168.0),
            Room::Normal => (256.0, 400.0, 168.0),
            Room::Wide => (304.0, 480.0, 208.0),
        };
        let in_range = |value: f32, range: (f32, f32)| value.clamp(range.0, range.1);
        let streams = match (room, dragged.streams) {
            (Room::Tight | Room::Narrow, _) | (_, None) => streams,
            (_, Some(width)) => in_range(width, STREAMS_RANGE),
        };
        let inspector = dragged.inspector.map_or(inspector, |width| in_range(width, INSPECTOR_RANGE));
        let inspector = inspector.min((window.width() - streams - EVENTS_MIN).max(INSPECTOR_RANGE.0));
        let time_room = window.height() - height::BAR - height::STATUS - 240.0;
        let time = dragged.time.map_or(time, |size| in_range(size, TIME_RANGE)).min(time_room.max(TIME_RANGE.0));
        let live = inspector.min(LIVE_MAX);

        let (left, right, bottom) = (window.left(), window.right(), window.bottom());
        let between =
            |x0: f32, y0: f32, x1: f32, y1: f32| Rect::from_min_max(pos2(x0, y0), pos2(x1.max(x0), y1.max(y0)));
        let bar_end = window.top() + height::BAR;
        let body = bar_end + height::BANNER * f32::from(u8::try_from(banners).unwrap_or(u8::MAX));
        let status = bottom - height::STATUS;
        let strip = status - time;
        Self {
            room,
            top: between(left, window.top(), right, bar_end),
            banners: between(left, bar_end, right, body),
            streams: between(left, body, left + streams, strip),
            events: between(left + streams, body, right - inspector, strip),
            inspector: between(right - inspector, body, right, strip),
            time: between(left, strip, right - live, status),
            live: between(right - live, strip, right, status),
            status: between(left, status, right, bottom),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(width: f32, height: f32) -> Layout {
        Layout::of(Rect::from_min_size(pos2(0.0, 0.0), vec2(width, height)), 0, Dragged::default())
    }

    #[test]
    fn the_main_screen_stands_as_the_design_draws_it() {
        let layout = at(1440.0, 900.0);
        let rect = |x: f32, y: f32, w: f32, h: f32| Rect::from_min_size(pos2(x, y), vec2(w, h));
        assert_eq!(layout.top, rect(0.0, 0.0, 1440.0, 44.0));
        assert_eq!(layout.streams, rect(0.0, 44.0, 256.0, 664.0));
        assert_eq!(layout.events, rect(256.0, 44.0, 784.0, 664.0));
        assert_eq!(layout.inspector, rect(1040.0, 44.0, 400.0, 664.0));
        assert_eq!(layout.time, rect(0.0, 708.0, 1040.0, 168.0));
        assert_eq!(layout.live, rect(1040.0, 708.0, 400.0, 168.0));
        assert_eq!(layout.status, rect(0.0, 876.0, 1440.0, 24.0));
    }

    #[test]
    fn regions_touch_and_never_overlap_at_any_size() {
        for width in [720.0, 900.0, 1099.0, 1100.0, 1359.0, 1360.0, 1899.0, 1900.0, 2560.0] {
            for height in [450.0, 600.0, 699.0, 900.0, 1440.0] {
                let layout = at(width, height);
                let parts = [
                    layout.top,
                    layout.streams,
                    layout.events,
                    layout.inspector,
                    layout.time,
                    layout.live,
                    layout.status,
                ];
                let area: f32 = parts.iter().map(Rect::area).sum();
                assert!((area - width * height).abs() < 1.0, "{width} x {height}: {layout:?}");
                for (index, part) in parts.iter().enumerate() {
                    assert!(part.width() > 0.0 && part.height() > 0.0, "{width} x {height}: {part:?}");
                    for other in &parts[index + 1..] {
                        assert!(part.intersect(*other).area() <= 0.0 || !part.intersect(*other).is_positive());
                    }
                }
            }
        }
    }

    #[test]
    fn a_dragged_edge_leaves_room_for_the_events() {
        let window = Rect::from_min_size(pos2(0.0, 0.0), WINDOW_MIN);
        let dragged = Dragged { streams: Some(9e9), inspector: Some(9e9), time: Some(9e9) };
        let layout = Layout::of(window, 2, dragged);
        assert!(layout.events.width() >= 400.0 && layout.events.height() >= 100.0, "{layout:?}");
    }
}
