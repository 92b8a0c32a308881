//! JavaScript values → JSON, by the rules of KurrentDB's own serializer, with every digit of numbers that were only
//! copied.
//!
//! A script computes with doubles. A number in the state before or in the payload that a double cannot hold is
//! remembered with its place; where the same double stands in the state afterwards, the original digits are written.

use std::collections::{HashMap, HashSet};

use rquickjs::object::Filter;
use rquickjs::{Array, Atom, Ctx, Object, Value as Js};

use super::engine::Stop;
use crate::event::Value;
use crate::limits::SCRIPT_STATE_DEPTH_MAX;

/// A step on the way to a value: a key, or an index.
type Step = String;

/// Numbers that doubles cannot hold, by the double that stands for them.
#[derive(Default, Debug)]
pub(crate) struct Exact {
    by_double: HashMap<u64, Vec<(Vec<Step>, String)>>,
    lossy: bool,
}

impl Exact {
    /// Remembers the long numbers of a value.
    pub(crate) fn add(&mut self, value: &Value) {
        self.walk(value, &mut Vec::new());
    }

    /// True where at least one number would lose digits.
    pub(crate) fn is_needed(&self) -> bool {
        self.lossy
    }

    fn walk(&mut self, value: &Value, path: &mut Vec<Step>) {
        match value {
            Value::Number(number) => {
                let text = number.as_str();
                if text.len() < 16 {
                    return;
                }
                let Ok(double) = text.parse::<f64>() else { return };
                self.lossy |= is_lossy(text);
                self.by_double.entry(double.to_bits()).or_default().push((path.clone(), text.to_owned()));
            }
            Value::Array(items) => {
                for (index, item) in items.iter().enumerate() {
                    path.push(index.to_string());
                    self.walk(item, path);
                    path.pop();
                }
            }
            Value::Object(map) => {
                for (key, item) in map {
                    path.push(key.clone());
                    self.walk(item, path);
                    path.pop();
                }
            }
            Value::Null | Value::Bool(_) | Value::String(_) => {}
        }
    }

    /// The digits of this double at this place: those of the number whose own place ends most like it.
    fn digits(&self, double: f64, path: &[Step]) -> Option<&str> {
        let candidates = self.by_double.get(&double.to_bits())?;
        let likeness =
            |other: &[Step]| path.iter().rev().zip(other.iter().rev()).take_while(|(one, other)| one == other).count();
        let mut best: Option<(usize, &str)> = None;
        for (other, text) in candidates {
            let like = likeness(other);
            if best.is_none_or(|(most, _)| like > most) {
                best = Some((like, text));
            }
        }
        best.map(|(_, text)| text)
    }
}

/// True where the decimal number differs from the shortest decimal of its double.
pub(crate) fn is_lossy(text: &str) -> bool {
    let Ok(double) = text.parse::<f64>() else { return false };
    !double.is_finite() || decimal(text) != decimal(&format!("{double:e}"))
}

/// True where a JSON text may hold a number of 16 digits or more, or one with an exponent. It looks at strings too: a
/// long number in a string costs time and no truth.
pub(crate) fn may_be_lossy(json: &str) -> bool {
    let bytes = json.as_bytes();
    // A run of 16 digits, with at most a point in it, has a digit or a point at every eighth place.
    let mut at = 7;
    while let Some(byte) = bytes.get(at) {
        if is_of_number(*byte) {
            let before = bytes[..at].iter().rev().take_while(|byte| is_of_number(**byte)).count();
            let after = bytes[at..].iter().take_while(|byte| is_of_number(**byte)).count();
            if before + after >= 16 {
                return true;
            }
            at += after;
        }
        at += 8;
    }
    // 1e400: an exponent stands after a digit and before a sign or a digit.
    let exponent = |window: &[u8]| {
        window[0].is_ascii_digit()
            && matches!(window[1], b'e' | b'E')
            && (window[2].is_ascii_digit() || matches!(window[2], b'+' | b'-'))
    };
    bytes.windows(3).any(exponent)
}

fn is_of_number(byte: u8) -> bool {
    byte.is_ascii_digit() || byte == b'.'
}

/// Sign, digits without zeros around them, and the exponent of the first digit.
fn decimal(text: &str) -> (bool, String, i64) {
    let (negative, text) = text.strip_prefix('-').map_or((false, text), |rest| (true, rest));
    let (mantissa, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
    let exponent: i64 = exponent.trim_start_matches('+').parse().unwrap_or(0);
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = format!("{whole}{fraction}");
    let leading = digits.len() - digits.trim_start_matches('0').len();
    let significant = digits.trim_matches('0').to_owned();
    if significant.is_empty() {
        return (false, significant, 0);
    }
    let before_point = i64::try_from(whole.len()).unwrap_or(0) - i64::try_from(leading).unwrap_or(0);
    (negative, significant, exponent + before_point)
}

/// A value as JSON, and whether the live value may stand for it.
pub(crate) struct Written {
    /// The JSON.
    pub(crate) value: Value,
    /// True where reading the JSON back gives a value that no script could tell from the live one.
    pub(crate) plain: bool,
    /// How many values it holds.
    pub(crate) nodes: usize,
    /// Where JSON does not keep the value, if anywhere.
    pub(crate) changed: Option<String>,
}

/// Writes a value as JSON. Levels beyond `depth_max`, cycles and symbols are faults.
pub(crate) fn write<'js>(
    ctx: &Ctx<'js>,
    value: &Js<'js>,
    exact: Option<&Exact>,
    depth_max: usize,
) -> Result<Written, Stop> {
    write_without(ctx, value, exact, depth_max, None)
}

/// Writes a value as JSON; where it holds the object `never`, it is not plain.
pub(crate) fn write_without<'js>(
    ctx: &Ctx<'js>,
    value: &Js<'js>,
    exact: Option<&Exact>,
    depth_max: usize,
    never: Option<&Js<'js>>,
) -> Result<Written, Stop> {
    let mut writer = Writer {
        exact: exact.filter(|exact| exact.is_needed()),
        depth_max: depth_max.min(SCRIPT_STATE_DEPTH_MAX),
        plain: true,
        nodes: 0,
        changed: None,
        path: Vec::new(),
        seen: never.cloned().into_iter().collect(),
        object: Object::new(ctx.clone())?.get_prototype(),
        array: Array::new(ctx.clone())?.as_object().get_prototype(),
    };
    let value = writer.value(value, 0)?.unwrap_or(Value::Null);
    Ok(Written { value, plain: writer.plain, nodes: writer.nodes, changed: writer.changed })
}

struct Writer<'a, 'js> {
    exact: Option<&'a Exact>,
    depth_max: usize,
    plain: bool,
    nodes: usize,
    changed: Option<String>,
    path: Vec<Step>,
    seen: HashSet<Js<'js>>,
    object: Option<Object<'js>>,
    array: Option<Object<'js>>,
}

impl<'js> Writer<'_, 'js> {
    fn value(&mut self, value: &Js<'js>, depth: usize) -> Result<Option<Value>, Stop> {
        self.nodes += 1;
        if let Some(number) = value.as_int() {
            return Ok(Some(Value::from(number)));
        }
        if let Some(flag) = value.as_bool() {
            return Ok(Some(Value::Bool(flag)));
        }
        if let Some(text) = value.as_string() {
            return Ok(Some(Value::String(string(text)?)));
        }
        if value.is_null() {
            return Ok(Some(Value::Null));
        }
        if let Some(double) = value.as_float() {
            return Ok(Some(self.number(double)));
        }
        if value.is_undefined() {
            self.changes("undefined");
            return Ok(None);
        }
        if value.is_big_int() {
            self.changes("a bigint");
            let text: rquickjs::Coerced<String> = value.get()?;
            return Ok(Some(Value::String(text.0)));
        }
        if value.is_symbol() {
            return Err(Stop::Said(format!("a symbol cannot be kept in a state{}", self.at())));
        }
        if value.is_function() {
            self.changes("a function");
            return Ok(Some(Value::Object(serde_json::Map::new())));
        }
        let Some(object) = value.as_object() else {
            self.changes("a value that is no JSON");
            return Ok(Some(Value::Null));
        };
        if depth >= self.depth_max {
            return Err(Stop::Said(format!("the state is cyclic or nested deeper than {} levels", self.depth_max)));
        }
        if !self.seen.insert(value.clone()) {
            // The same object at two places: two objects once it is read back.
            self.plain = false;
        }
        if let Some(array) = value.as_array() { self.array(array, depth) } else { self.object(object, depth) }
    }

    fn number(&mut self, double: f64) -> Value {
        if !double.is_finite() {
            self.changes("a number that is not finite");
            return Value::Null;
        }
        if double == 0.0 && double.is_sign_negative() {
            self.plain = false;
            return Value::from(0);
        }
        let digits = self.exact.and_then(|exact| exact.digits(double, &self.path));
        if let Some(number) = digits.and_then(|text| text.parse::<serde_json::Number>().ok()) {
            return Value::Number(number);
        }
        // Whole numbers are written without a point, as scripts write them.
        let whole = format!("{double}");
        if double.fract() == 0.0
            && double.abs() < 1e21
            && let Ok(number) = whole.parse::<serde_json::Number>()
        {
            return Value::Number(number);
        }
        serde_json::Number::from_f64(double).map_or(Value::Null, Value::Number)
    }

    fn array(&mut self, array: &Array<'js>, depth: usize) -> Result<Option<Value>, Stop> {
        self.plain &= array.as_object().get_prototype() == self.array;
        let mut items = Vec::new();
        for index in 0..array.len() {
            let item: Js<'js> = array.get(index)?;
            self.enter(|| index.to_string());
            let written = self.value(&item, depth + 1)?;
            self.leave();
            items.push(written.unwrap_or(Value::Null));
        }
        Ok(Some(Value::Array(items)))
    }

    fn object(&mut self, object: &Object<'js>, depth: usize) -> Result<Option<Value>, Stop> {
        if object.get_prototype() != self.object {
            self.changes("an object of a class");
        }
        if object.own_keys::<Atom<'js>>(Filter::new().symbol()).next().is_some() {
            return Err(Stop::Said(format!("a symbol cannot be a key in a state{}", self.at())));
        }
        let mut map = serde_json::Map::new();
        for key in object.own_keys::<Atom<'js>>(Filter::new().string()) {
            let key = key?;
            let name = string(&key.to_js_string()?)?;
            let item: Js<'js> = object.get(key)?;
            self.enter(|| name.clone());
            let written = self.value(&item, depth + 1)?;
            self.leave();
            if let Some(written) = written {
                map.insert(name, written);
            }
        }
        Ok(Some(Value::Object(map)))
    }

    fn enter(&mut self, step: impl FnOnce() -> Step) {
        self.path.push(step());
    }

    fn leave(&mut self) {
        self.path.pop();
    }

    fn changes(&mut self, what: &str) {
        self.plain = false;
        if self.changed.is_none() {
            self.changed = Some(format!("{what}{}", self.at()));
        }
    }

    fn at(&self) -> String {
        if self.path.is_empty() { String::new() } else { format!(" at /{}", self.path.join("/")) }
    }
}

/// A string; one half of a surrogate pair alone becomes the replacement character.
fn string(text: &rquickjs::String<'_>) -> Result<String, Stop> {
    Ok(text.to_string().or_else(|_| {
        // Not UTF-8: a lone surrogate. JSON.stringify would write it as an escape that no other tool reads.
        text.get::<String>()
    })?)
}

/// Reads JSON into the context.
pub(crate) fn read<'js>(ctx: &Ctx<'js>, value: &Value) -> Result<Js<'js>, Stop> {
    Ok(match value {
        Value::Null => Js::new_null(ctx.clone()),
        Value::Bool(flag) => Js::new_bool(ctx.clone(), *flag),
        Value::String(text) => rquickjs::String::from_str(ctx.clone(), text)?.into_value(),
        other => ctx.json_parse(serde_json::to_vec(other).map_err(|error| Stop::Said(error.to_string()))?)?,
    })
}
