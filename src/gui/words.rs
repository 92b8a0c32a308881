//! Numbers, sizes, ages and times in the words of the window.

use crate::event::Time;

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

/// The time of day with milliseconds, in UTC: `14:32:29.816`.
#[must_use]
pub fn clock(time: Time) -> String {
    time.format("%H:%M:%S%.3f")
}

/// Day and minute: `19 Jul 14:32`.
#[must_use]
pub fn day_and_minute(time: Time) -> String {
    time.format("%-d %b %H:%M")
}

/// Day and time: `19 Jul 2026 14:32:29.816`.
#[must_use]
pub fn day_and_time(time: Time) -> String {
    time.format("%-d %b %Y %H:%M:%S%.3f")
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
