//! Masks: what of a payload, its metadata and a state nobody is to see. They are applied where payloads are decoded, so
//! that search, copy, export, pictures and blame have nothing else to show.
//!
//! ```toml
//! [mask]
//! keys = ["email", "*_token"]             # fields of these names, at any depth; * and ? as ever, whatever the case
//! paths = ["/customer/address", "/items/*/price"]   # JSON pointers into payload and state; * is any one step
//! metadata = ["/remote_ip"]               # JSON pointers into the metadata
//! values = ['[\w.+-]+@[\w-]+(\.[\w-]+)+'] # regular expressions: what they match in a text is hidden
//! ```
//!
//! Text that is JSON again is masked inside. A null stays: it says nothing, and merging needs it.

use std::borrow::Cow;

use regex_lite::Regex;
use serde::Deserialize;
use serde_json::Map;

use crate::error::{Error, Result};
use crate::event::{Value, nesting};
use crate::limits::{MASKS_MAX, PAYLOAD_DEPTH_MAX};
use crate::reducer::pattern::matches;

/// What stands where something is hidden.
pub const HIDDEN: &str = "[masked]";

/// Texts in texts that are looked into.
const NESTED_TEXTS_MAX: usize = 4;

/// The part `[mask]` of a workspace file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Part {
    #[serde(default)]
    keys: Vec<String>,
    #[serde(default)]
    paths: Vec<String>,
    #[serde(default)]
    metadata: Vec<String>,
    #[serde(default)]
    values: Vec<String>,
}

/// What is hidden.
#[derive(Debug, Default)]
pub(super) struct Masks {
    keys: Vec<String>,
    paths: Vec<Vec<String>>,
    metadata: Vec<Vec<String>>,
    values: Vec<Regex>,
}

impl Masks {
    /// Reads the part of a workspace file.
    ///
    /// # Errors
    /// `Input` with what is wrong.
    pub(super) fn parse(part: &toml::Value) -> Result<Self> {
        let part: Part = part.clone().try_into().map_err(|error| Error::Input(format!("[mask]: {error}")))?;
        let count = part.keys.len() + part.paths.len() + part.metadata.len() + part.values.len();
        if count > MASKS_MAX {
            return Err(Error::Input(format!(
                "[mask] has {count} entries, more than the {MASKS_MAX} that are applied"
            )));
        }
        let pointers = |texts: &[String]| texts.iter().map(|text| steps(text)).collect::<Result<Vec<_>>>();
        let expression = |text: &String| {
            Regex::new(text)
                .map_err(|error| Error::Input(format!("[mask]: \"{text}\" is no regular expression: {error}")))
        };
        Ok(Self {
            keys: part.keys.iter().map(|key| key.to_lowercase()).collect(),
            paths: pointers(&part.paths)?,
            metadata: pointers(&part.metadata)?,
            values: part.values.iter().map(expression).collect::<Result<_>>()?,
        })
    }

    /// True where nothing is hidden.
    pub(super) fn is_empty(&self) -> bool {
        self.keys.is_empty() && self.paths.is_empty() && self.metadata.is_empty() && self.values.is_empty()
    }

    /// Hides what is to be hidden in a payload or a state.
    pub(super) fn payload(&self, value: &mut Value) {
        for path in &self.paths {
            hide_at(value, path);
        }
        self.inside(value, 0);
    }

    /// The same in metadata. Metadata that is no object could be anything.
    pub(super) fn metadata(&self, value: &mut Value) {
        if !value.is_object() && !value.is_null() {
            *value = Value::from(HIDDEN);
            return;
        }
        for path in &self.metadata {
            hide_at(value, path);
        }
        self.inside(value, 0);
    }

    /// Keys and values at every depth; depth was bounded when the value was made.
    fn inside(&self, value: &mut Value, texts: usize) {
        match value {
            Value::Array(items) => items.iter_mut().for_each(|item| self.inside(item, texts)),
            Value::Object(fields) => {
                for (key, field) in fields.iter_mut() {
                    if self.hides_key(key) {
                        hide(field);
                    } else {
                        self.inside(field, texts);
                    }
                }
                if fields.keys().any(|key| self.hides_text(key)) {
                    self.rename(fields);
                }
            }
            Value::String(text) => {
                if let Some(hidden) = self.text(text, texts) {
                    *value = Value::String(hidden);
                }
            }
            Value::Number(number) => {
                if self.hides_text(&number.to_string()) {
                    hide(value);
                }
            }
            Value::Null | Value::Bool(_) => {}
        }
    }

    fn hides_key(&self, key: &str) -> bool {
        !self.keys.is_empty() && {
            let key = key.to_lowercase();
            self.keys.iter().any(|pattern| matches(pattern, &key))
        }
    }

    fn hides_text(&self, text: &str) -> bool {
        self.values.iter().any(|expression| expression.is_match(text))
    }

    /// The text with what is hidden in it, where something is.
    fn text(&self, text: &str, texts: usize) -> Option<String> {
        if text.starts_with(['{', '[']) && texts < NESTED_TEXTS_MAX && nesting(text) <= PAYLOAD_DEPTH_MAX {
            let mut parser = serde_json::Deserializer::from_str(text);
            parser.disable_recursion_limit();
            if let Ok(mut inner) = Value::deserialize(&mut parser)
                && parser.end().is_ok()
            {
                let before = inner.clone();
                self.inside(&mut inner, texts + 1);
                return (inner != before).then(|| inner.to_string());
            }
        }
        let mut hidden = Cow::Borrowed(text);
        for expression in &self.values {
            if expression.is_match(&hidden) {
                hidden = Cow::Owned(expression.replace_all(&hidden, regex_lite::NoExpand(HIDDEN)).into_owned());
            }
        }
        match hidden {
            Cow::Owned(hidden) => Some(hidden),
            Cow::Borrowed(_) => None,
        }
    }

    /// Names of fields that are values themselves: a table by e-mail address.
    fn rename(&self, fields: &mut Map<String, Value>) {
        let mut renamed = Map::new();
        for (key, value) in std::mem::take(fields) {
            let name = self.text(&key, NESTED_TEXTS_MAX).unwrap_or(key);
            let mut unique = name.clone();
            let mut number = 2;
            while renamed.contains_key(&unique) {
                unique = format!("{name} {number}");
                number += 1;
            }
            renamed.insert(unique, value);
        }
        *fields = renamed;
    }
}

fn hide(value: &mut Value) {
    if !value.is_null() {
        *value = Value::from(HIDDEN);
    }
}

fn hide_at(value: &mut Value, path: &[String]) {
    let Some((step, rest)) = path.split_first() else {
        hide(value);
        return;
    };
    match value {
        Value::Object(fields) if step == "*" => fields.values_mut().for_each(|field| hide_at(field, rest)),
        Value::Object(fields) => {
            if let Some(field) = fields.get_mut(step) {
                hide_at(field, rest);
            }
        }
        Value::Array(items) if step == "*" => items.iter_mut().for_each(|item| hide_at(item, rest)),
        Value::Array(items) => {
            if let Some(item) = step.parse::<usize>().ok().and_then(|index| items.get_mut(index)) {
                hide_at(item, rest);
            }
        }
        _ => {}
    }
}

fn steps(pointer: &str) -> Result<Vec<String>> {
    let steps = pointer.strip_prefix('/').ok_or_else(|| {
        Error::Input(format!("[mask]: \"{pointer}\" is no JSON pointer: it must begin with / (as /customer/email)"))
    })?;
    Ok(steps.split('/').map(|step| step.replace("~1", "/").replace("~0", "~")).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn masks(text: &str) -> Masks {
        Masks::parse(&toml::Value::Table(toml::from_str(text).unwrap())).unwrap()
    }

    #[test]
    fn keys_paths_and_values_are_hidden_at_every_depth() {
        let masks = masks(
            r#"keys = ["e*mail", "*token"]
            paths = ["/items/*/price", "/a~1b"]
            metadata = ["/ip"]
            values = ['\d{4}-\d{4}', '[a-z]+@[a-z.]+']"#,
        );
        let mut value = json!({
            "Email": "x", "email": null, "e-mail": {"deep": 1}, "authToken": 7, "a/b": [1], "price": 2,
            "items": [{"price": 3, "n": 1}, {"price": {"x": 1}}],
            "note": "card 1234-5678, bob@shop.example.", "by": {"bob@shop.example": 1, "eve@shop.example": 2},
            "text": "{\"token\":\"abc\",\"ok\":1}", "kept": "{not json"
        });
        masks.payload(&mut value);
        let expected = json!({
            "Email": HIDDEN, "email": null, "e-mail": HIDDEN, "authToken": HIDDEN, "a/b": HIDDEN, "price": 2,
            "items": [{"price": HIDDEN, "n": 1}, {"price": HIDDEN}],
            "note": "card [masked], [masked]", "by": {"[masked]": 1, "[masked] 2": 2},
            "text": "{\"token\":\"[masked]\",\"ok\":1}", "kept": "{not json"
        });
        assert_eq!(value, expected);
        let mut metadata = json!({"ip": "::1", "token": "t", "user": "bob@shop.example"});
        masks.metadata(&mut metadata);
        assert_eq!(metadata, json!({"ip": HIDDEN, "token": HIDDEN, "user": HIDDEN}));
        let mut text = json!("anything");
        masks.metadata(&mut text);
        assert_eq!(text, json!(HIDDEN));
        let mut number = json!([12_345, "1234-5678"]);
        self::masks("values = ['^1234']").payload(&mut number);
        assert_eq!(number, json!([HIDDEN, "[masked]-5678"]));
    }

    #[test]
    fn what_is_malformed_is_refused() {
        for text in ["keys = 1", "paths = [\"email\"]", "values = [\"(\"]", "key = [\"email\"]"] {
            let part = toml::Value::Table(toml::from_str(text).unwrap());
            assert!(matches!(Masks::parse(&part), Err(Error::Input(_))), "{text}");
        }
    }
}
