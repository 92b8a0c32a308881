//! Numbers by their exact value, as they are written: no digit is lost, and `1e2`, `100` and `100.00` are equal.

use std::cmp::Ordering;

/// A number taken apart: its value is `0.D × 10^exponent`, D being the digits without zeros at both ends.
struct Parts<'a> {
    is_negative: bool,
    whole: &'a str,
    fraction: &'a str,
    exponent: i64,
}

/// How two numbers compare; `None` where one of the texts is no number as JSON writes them.
#[must_use]
pub fn compare_numbers(one: &str, other: &str) -> Option<Ordering> {
    let (one, other) = (parse(one)?, parse(other)?);
    Some(match (one.sign(), other.sign()) {
        (0, 0) => Ordering::Equal,
        (left, right) if left != right => left.cmp(&right),
        (sign, _) => {
            let larger = one.exponent.cmp(&other.exponent).then_with(|| one.digits().cmp(other.digits()));
            if sign < 0 { larger.reverse() } else { larger }
        }
    })
}

/// True where a text is a number as JSON writes them.
pub(super) fn is_number(text: &str) -> bool {
    parse(text).is_some()
}

impl Parts<'_> {
    fn sign(&self) -> i8 {
        match (self.digits().next(), self.is_negative) {
            (None, _) => 0,
            (Some(_), true) => -1,
            (Some(_), false) => 1,
        }
    }

    fn digits(&self) -> impl Iterator<Item = u8> {
        self.whole.bytes().chain(self.fraction.bytes())
    }
}

fn parse(text: &str) -> Option<Parts<'_>> {
    let (is_negative, rest) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    let (mantissa, exponent) = match rest.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, exponent_of(exponent)?),
        None => (rest, 0),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, "0"));
    let is_digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    if !is_digits(whole) || !is_digits(fraction) {
        return None;
    }
    let length = |part: &str| i64::try_from(part.len()).unwrap_or(i64::MAX);
    let whole = whole.trim_start_matches('0');
    let fraction = fraction.trim_end_matches('0');
    if whole.is_empty() {
        let shorter = fraction.trim_start_matches('0');
        let zeros = length(fraction) - length(shorter);
        return Some(Parts { is_negative, whole, fraction: shorter, exponent: exponent.saturating_sub(zeros) });
    }
    let exponent = exponent.saturating_add(length(whole));
    let whole = if fraction.is_empty() { whole.trim_end_matches('0') } else { whole };
    Some(Parts { is_negative, whole, fraction, exponent })
}

/// An exponent beyond all numbers is the largest there is.
fn exponent_of(text: &str) -> Option<i64> {
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let size = digits.parse::<i64>().unwrap_or(i64::MAX / 4).min(i64::MAX / 4);
    Some(if text.starts_with('-') { -size } else { size })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_compare_by_value_with_every_digit() {
        for (one, other, expected) in [
            ("1", "1.0", Ordering::Equal),
            ("100", "1e2", Ordering::Equal),
            ("100", "1.00E+2", Ordering::Equal),
            ("0.001", "1e-3", Ordering::Equal),
            ("-0", "0.00e9", Ordering::Equal),
            ("0100", "100", Ordering::Equal),
            ("9007199254740993", "9007199254740992", Ordering::Greater),
            ("18446744073709551616", "18446744073709551615", Ordering::Greater),
            ("0.1", "0.10000000000000000001", Ordering::Less),
            ("-2", "-10", Ordering::Greater),
            ("-1", "0", Ordering::Less),
            ("9", "10", Ordering::Less),
            ("99.5", "100", Ordering::Less),
            ("1e400", "1e399", Ordering::Greater),
            ("1e99999999999999999999", "1e400", Ordering::Greater),
            ("0.09", "0.1", Ordering::Less),
        ] {
            assert_eq!(compare_numbers(one, other), Some(expected), "{one} {other}");
            assert_eq!(compare_numbers(other, one), Some(expected.reverse()), "{other} {one}");
        }
    }

    #[test]
    fn what_is_no_number_does_not_compare() {
        for text in ["", "-", "1.", ".5", "1e", "1e+", "0x1", "1 ", "NaN", "1_000", "--1", "١"] {
            assert_eq!(compare_numbers(text, "1"), None, "{text}");
        }
    }
}
