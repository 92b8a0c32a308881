//! Numbers, sizes, ages and times in the words of the window.

use std::cell::RefCell;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::event::Time;
use crate::protocol::Times;

/// How times are told in the frame that is drawn.
struct Shown {
    times: Times,
    zone: TimeZone,
    now: Time,
}

thread_local! {
    // Each window draws on its own thread, and every part of a frame tells times in the same way.
    static SHOWN: RefCell<Shown> = const { RefCell::new(Shown { times: Times::Utc, zone: TimeZone::UTC, now: Time(0) }) };
}

/// Says how times are told from now on, on this thread.
pub fn show_times(times: Times, now: Time) {
    SHOWN.with_borrow_mut(|shown| {
        if times != shown.times {
            shown.zone = if times == Times::Local { TimeZone::system() } else { TimeZone::UTC };
        }
        (shown.times, shown.now) = (times, now);
    });
}

/// The zone that times are told in, in a word: `UTC`, `CET`, `ago`.
#[must_use]
pub fn zone() -> String {
    SHOWN.with_borrow(|shown| match shown.times {
        Times::Utc => "UTC".to_owned(),
        Times::Relative => "ago".to_owned(),
        Times::Local => Timestamp::from_microsecond(shown.now.0)
            .map(|now| shown.zone.to_offset_info(now).abbreviation().to_owned())
            .unwrap_or_default(),
    })
}

/// How far the zone is ahead of UTC at a time, in microseconds.
#[must_use]
pub fn offset_us(time: Time) -> i64 {
    SHOWN.with_borrow(|shown| {
        let offset = Timestamp::from_microsecond(time.0).map(|time| shown.zone.to_offset(time).seconds());
        offset.map_or(0, |seconds| i64::from(seconds) * 1_000_000)
    })
}

/// A time by `strftime` rules in the zone that is shown, or how long ago it is.
#[must_use]
pub fn time(time: Time, pattern: &str) -> String {
    let relative = SHOWN.with_borrow(|shown| (shown.times == Times::Relative).then_some(shown.now));
    match relative {
        Some(now) => ago(time, now),
        None => Time(time.0.saturating_add(offset_us(time))).format(pattern),
    }
}

/// How long before now, in two units: `23 d 4 h`.
fn ago(time: Time, now: Time) -> String {
    let seconds = now.0.saturating_sub(time.0) / 1_000_000;
    let sign = if seconds < 0 { "in " } else { "" };
    let seconds = seconds.unsigned_abs();
    let text = match seconds {
        0..60 => format!("{seconds} s"),
        60..3_600 => format!("{} min {} s", seconds / 60, seconds % 60),
        3_600..86_400 => format!("{} h {} min", seconds / 3_600, seconds / 60 % 60),
        _ => format!("{} d {} h", thousands(seconds / 86_400), seconds / 3_600 % 24),
    };
    format!("{sign}{text}")
}

/// A whole number with a comma at each thousand: `8,214,351`.
#[must_use]
pub fn thousands(value: impl Into<i128>) -> String {
    let value: i128 = value.into();
    let digits = value.unsigned_abs().to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3 + 1);
    if value < 0 {
        text.push('-');
    }
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// Three significant figures, no zeros behind: `8.7`, `0.98`, `1,284`.
#[must_use]
pub fn figures(value: f64) -> String {
    let size = value.abs();
    if !value.is_finite() {
        return "–".to_owned();
    }
    if size >= 100.0 {
        #[expect(clippy::cast_possible_truncation, reason = "a rate or a size, far below 2^63")]
        return thousands(value.round() as i64);
    }
    let text = if size >= 10.0 {
        format!("{value:.1}")
    } else if size >= 0.005 {
        format!("{value:.2}")
    } else {
        return "0".to_owned();
    };
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// A size: `5.1 GB`, `2.1 kB`, `118 bytes`.
#[must_use]
#[expect(clippy::cast_precision_loss, reason = "three significant figures are shown")]
pub fn bytes(value: u64) -> String {
    let units = [(1e12, "TB"), (1e9, "GB"), (1e6, "MB"), (1e3, "kB")];
    let size = value as f64;
    for (unit, name) in units {
        if size >= unit {
            return format!("{} {name}", figures(size / unit));
        }
    }
    if value == 1 { "1 byte".to_owned() } else { format!("{value} bytes") }
}

/// A text that begins with a capital letter.
#[must_use]
pub fn sentence(text: &str) -> String {
    let mut signs = text.chars();
    signs.next().map_or_else(String::new, |first| first.to_uppercase().chain(signs).collect())
}

/// A count with its noun: `1 event`, `48,213 events`.
#[must_use]
pub fn count(value: u64, one: &str, many: &str) -> String {
    format!("{} {}", thousands(value), if value == 1 { one } else { many })
}

/// How long ago: `now`, `4 s`, `2 min`, `3 h`, `5 d`.
#[must_use]
pub fn age(then: Time, now: Time) -> String {
    let seconds = now.0.saturating_sub(then.0) / 1_000_000;
    match seconds {
        ..=0 => "now".to_owned(),
        1..=59 => format!("{seconds} s"),
        60..=3_599 => format!("{} min", seconds / 60),
        3_600..=86_399 => format!("{} h", seconds / 3_600),
        _ => format!("{} d", thousands(seconds / 86_400)),
    }
}

/// The time from one event to the next, with its sign: `+3.1 s`, `+12 ms`, `+2 d`.
#[must_use]
#[expect(clippy::cast_precision_loss, reason = "one digit behind the point is shown")]
pub fn delta(from: Time, to: Time) -> String {
    let micros = to.0.saturating_sub(from.0);
    let sign = if micros < 0 { '-' } else { '+' };
    let size = micros.unsigned_abs();
    // A tenth of a minute is told only where there is room for it.
    let tenth = |unit: u64, name: &str| {
        let value = size as f64 / unit as f64;
        let long = value >= 10.0 && name.len() > 1;
        if long { format!("{sign}{value:.0} {name}") } else { format!("{sign}{value:.1} {name}") }
    };
    let whole = |unit: u64, name: &str| format!("{sign}{} {name}", thousands(size / unit));
    match size {
        0..1_000_000 => whole(1_000, "ms"),
        1_000_000..60_000_000 => tenth(1_000_000, "s"),
        60_000_000..3_600_000_000 => tenth(60_000_000, "min"),
        3_600_000_000..86_400_000_000 => tenth(3_600_000_000, "h"),
        _ => whole(86_400_000_000, "d"),
    }
}

/// The time of day with milliseconds: `14:32:29.816`.
#[must_use]
pub fn clock(at: Time) -> String {
    time(at, "%H:%M:%S%.3f")
}

/// Day and minute: `19 Jul 14:32`.
#[must_use]
pub fn day_and_minute(at: Time) -> String {
    time(at, "%-d %b %H:%M")
}

/// Day and time: `19 Jul 2026 14:32:29.816`.
#[must_use]
pub fn day_and_time(at: Time) -> String {
    time(at, "%-d %b %Y %H:%M:%S%.3f")
}

/// How long something took, from microseconds: `0.4 ms`, `12 ms`, `1.2 s`.
#[must_use]
#[expect(clippy::cast_precision_loss, reason = "three significant figures are shown")]
pub fn elapsed(micros: u64) -> String {
    if micros < 1_000_000 {
        format!("{} ms", figures(micros as f64 / 1e3))
    } else {
        format!("{} s", figures(micros as f64 / 1e6))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_told_in_the_way_that_was_chosen() {
        let at = Time::parse("2026-07-19T23:30:00Z").unwrap();
        let now = Time::parse("2026-08-12T03:31:00Z").unwrap();
        show_times(Times::Relative, now);
        assert_eq!((clock(at), zone()), ("23 d 4 h".into(), "ago".into()));
        assert_eq!(
            (clock(Time(now.0 - 61_000_000)), clock(Time(now.0 + 5_000_000))),
            ("1 min 1 s".into(), "in 5 s".into())
        );
        show_times(Times::Utc, now);
        assert_eq!((clock(at), zone(), offset_us(at)), ("23:30:00.000".into(), "UTC".into(), 0));
        SHOWN.with_borrow_mut(|shown| {
            shown.times = Times::Local;
            shown.zone = TimeZone::fixed(jiff::tz::offset(2));
        });
        assert_eq!((day_and_minute(at), offset_us(at)), ("20 Jul 01:30".into(), 7_200_000_000));
        assert_eq!(zone(), "+02");
        show_times(Times::Utc, now);
    }

    #[test]
    fn numbers_read_as_the_design_writes_them() {
        assert_eq!(thousands(8_214_351), "8,214,351");
        assert_eq!((thousands(-1_000), thousands(0), thousands(999)), ("-1,000".into(), "0".into(), "999".into()));
        assert_eq!((figures(8.7), figures(0.98), figures(1284.4)), ("8.7".into(), "0.98".into(), "1,284".into()));
        assert_eq!((figures(99.96), figures(0.0), figures(f64::NAN)), ("100".into(), "0".into(), "–".into()));
        assert_eq!((bytes(5_100_000_000), bytes(2_100), bytes(1)), ("5.1 GB".into(), "2.1 kB".into(), "1 byte".into()));
        assert_eq!(
            (count(1, "event", "events"), count(2_000, "event", "events")),
            ("1 event".into(), "2,000 events".into())
        );
    }

    #[test]
    fn times_read_as_the_design_writes_them() {
        let time = Time::parse("2026-07-19T14:32:29.816Z").unwrap();
        assert_eq!((clock(time), day_and_minute(time)), ("14:32:29.816".into(), "19 Jul 14:32".into()));
        let later = |seconds: i64| Time(time.0 + seconds * 1_000_000);
        assert_eq!(
            (age(time, time), age(time, later(4)), age(time, later(7_300))),
            ("now".into(), "4 s".into(), "2 h".into())
        );
        assert_eq!(delta(time, Time(time.0 + 12_000)), "+12 ms");
        assert_eq!((delta(time, later(41)), delta(later(41), time)), ("+41.0 s".into(), "-41.0 s".into()));
        assert_eq!((delta(time, later(200_000)), elapsed(400)), ("+2 d".into(), "0.4 ms".into()));
    }
}
