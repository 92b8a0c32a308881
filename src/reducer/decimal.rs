//! Sums of decimal numbers as they are written: no digit is lost, and `12.50` and `1.5` are `14.00`.

use serde_json::Number;

/// A whole number of units of `10^-scale`.
#[derive(Clone, Copy)]
struct Decimal {
    units: i128,
    scale: u32,
}

/// The sum, or the difference where `negate`; `None` where it has more than some 38 digits.
pub(super) fn sum(one: &Number, other: &Number, negate: bool) -> Option<Number> {
    let (one, other) = (parse(one.as_str())?, parse(other.as_str())?);
    let scale = one.scale.max(other.scale);
    let (one, other) = (one.at(scale)?, other.at(scale)?);
    let units = if negate { one.checked_sub(other)? } else { one.checked_add(other)? };
    Decimal { units, scale }.text().parse().ok()
}

fn parse(text: &str) -> Option<Decimal> {
    let (mantissa, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
    let exponent: i32 = exponent.trim_start_matches('+').parse().ok()?;
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let units: i128 = format!("{whole}{fraction}").parse().ok()?;
    let scale = i32::try_from(fraction.len()).ok()?.checked_sub(exponent)?;
    match u32::try_from(scale) {
        Ok(scale) => Some(Decimal { units, scale }),
        Err(_) => Some(Decimal { units: units.checked_mul(10_i128.checked_pow(scale.unsigned_abs())?)?, scale: 0 }),
    }
}

impl Decimal {
    fn at(self, scale: u32) -> Option<i128> {
        self.units.checked_mul(10_i128.checked_pow(scale - self.scale)?)
    }

    fn text(self) -> String {
        let digits = self.units.unsigned_abs().to_string();
        let scale = usize::try_from(self.scale).unwrap_or(0);
        let digits = format!("{digits:0>width$}", width = scale + 1);
        let (whole, fraction) = digits.split_at(digits.len() - scale);
        let sign = if self.units < 0 { "-" } else { "" };
        let point = if fraction.is_empty() { "" } else { "." };
        format!("{sign}{whole}{point}{fraction}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_keep_every_digit() {
        for (one, other, expected) in [
            ("12.50", "1.5", Some("14.00")),
            ("0.1", "0.2", Some("0.3")),
            ("9007199254740993", "1", Some("9007199254740994")),
            ("1e3", "-1", Some("999")),
            ("1e-3", "1", Some("1.001")),
            ("-0.5", "0.25", Some("-0.25")),
            ("1e400", "1", None),
        ] {
            let sum = sum(&one.parse().unwrap(), &other.parse().unwrap(), false).map(|number| number.to_string());
            assert_eq!(sum.as_deref(), expected, "{one} {other}");
        }
    }
}
