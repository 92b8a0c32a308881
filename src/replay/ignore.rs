//! Paths that a comparison leaves out: `/meta/updatedAt`, `/lines/*/note`, `/**/etag`.
//!
//! A pattern is a JSON pointer in which `*` stands for any one key or index and `**` for any number of them, also none.
//! It leaves out what it names and all below.

use super::blame::check_pointer;
use crate::error::{Error, Result};
use crate::event::Value;

/// One pattern.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Pattern(Vec<Part>);

#[derive(Clone, PartialEq, Eq, Debug)]
enum Part {
    Key(String),
    One,
    Any,
}

impl Pattern {
    /// Reads a pattern.
    ///
    /// # Errors
    /// `Input` where it is no JSON pointer, or names the whole state.
    pub fn parse(text: &str) -> Result<Self> {
        check_pointer(text)?;
        if text.is_empty() {
            return Err(Error::Input("the empty pattern leaves out the whole state (name a path in it)".to_owned()));
        }
        let part = |part: &str| match part {
            "*" => Part::One,
            "**" => Part::Any,
            key => Part::Key(unescape(key)),
        };
        Ok(Self(text.split('/').skip(1).map(part).collect()))
    }

    /// True where the pattern names this path or one above it.
    #[must_use]
    pub fn covers(&self, pointer: &str) -> bool {
        let keys: Vec<String> = pointer.split('/').skip(1).map(unescape).collect();
        covers(&self.0, &keys)
    }
}

fn covers(pattern: &[Part], keys: &[String]) -> bool {
    match (pattern.split_first(), keys.split_first()) {
        (None, _) => true,
        (Some((Part::Any, rest)), _) => {
            covers(rest, keys) || keys.split_first().is_some_and(|(_, below)| covers(pattern, below))
        }
        (Some(_), None) => false,
        (Some((Part::One, rest)), Some((_, below))) => covers(rest, below),
        (Some((Part::Key(wanted), rest)), Some((key, below))) => wanted == key && covers(rest, below),
    }
}

/// A value without what the patterns name. An item of an array is made null instead, so that the others keep their
/// index.
#[must_use]
pub fn without(value: &Value, patterns: &[Pattern]) -> Value {
    let parts: Vec<&[Part]> = patterns.iter().map(|pattern| pattern.0.as_slice()).collect();
    prune(value, &parts)
}

fn prune(value: &Value, patterns: &[&[Part]]) -> Value {
    if patterns.is_empty() {
        return value.clone();
    }
    match value {
        Value::Object(map) => {
            let mut kept = serde_json::Map::new();
            for (key, child) in map {
                if let Some(below) = step(patterns, key) {
                    kept.insert(key.clone(), prune(child, &below));
                }
            }
            Value::Object(kept)
        }
        Value::Array(items) => {
            let item = |(index, child): (usize, &Value)| {
                step(patterns, &index.to_string()).map_or(Value::Null, |below| prune(child, &below))
            };
            Value::Array(items.iter().enumerate().map(item).collect())
        }
        leaf => leaf.clone(),
    }
}

/// The patterns that are left below this key; `None` where one of them names it.
fn step<'a>(patterns: &[&'a [Part]], key: &str) -> Option<Vec<&'a [Part]>> {
    let mut left = Vec::new();
    for &pattern in patterns {
        follow(pattern, key, &mut left);
    }
    // What is left of a pattern that ends here, or in nothing but `**`, is nothing to wait for.
    let named = left.iter().any(|pattern| pattern.iter().all(|part| *part == Part::Any));
    (!named).then_some(left)
}

fn follow<'a>(pattern: &'a [Part], key: &str, left: &mut Vec<&'a [Part]>) {
    match pattern.split_first() {
        Some((Part::Any, rest)) => {
            left.push(pattern);
            if rest.is_empty() {
                left.push(rest);
            } else {
                follow(rest, key, left);
            }
        }
        Some((Part::One, rest)) => left.push(rest),
        Some((Part::Key(wanted), rest)) if wanted == key => left.push(rest),
        _ => {}
    }
}

fn unescape(key: &str) -> String {
    key.replace("~1", "/").replace("~0", "~")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn pruned(value: &Value, patterns: &[&str]) -> Value {
        let patterns: Vec<Pattern> = patterns.iter().map(|text| Pattern::parse(text).unwrap()).collect();
        without(value, &patterns)
    }

    #[test]
    fn what_a_pattern_names_is_left_out_with_all_below() {
        let value = json!({"a": {"etag": 1, "b": {"etag": 2, "c": 3}}, "etag": 4, "x/y": {"z": 5}});
        assert_eq!(pruned(&value, &["/**/etag"]), json!({"a": {"b": {"c": 3}}, "x/y": {"z": 5}}));
        assert_eq!(pruned(&value, &["/a", "/x~1y/*"]), json!({"etag": 4, "x/y": {}}));
        assert_eq!(pruned(&value, &["/a/**/c", "/nobody"])["a"]["b"], json!({"etag": 2}));
        assert_eq!(pruned(&value, &["/*"]), json!({}));
    }

    #[test]
    fn an_item_that_is_left_out_keeps_its_place() {
        let value = json!({"lines": [{"n": 1, "note": "x"}, {"n": 2, "note": "y"}]});
        assert_eq!(pruned(&value, &["/lines/*/note"]), json!({"lines": [{"n": 1}, {"n": 2}]}));
        assert_eq!(pruned(&value, &["/lines/0"]), json!({"lines": [null, {"n": 2, "note": "y"}]}));
    }

    #[test]
    fn a_pattern_covers_a_path_and_what_is_below() {
        let covers = |pattern: &str, path: &str| Pattern::parse(pattern).unwrap().covers(path);
        assert!(covers("/a", "/a") && covers("/a", "/a/b/0") && covers("/**/c", "/a/b/c/d") && covers("/*/b", "/x/b"));
        assert!(!covers("/a", "/ab") && !covers("/a/b", "/a") && !covers("/**/c", "/a/b") && !covers("/a", ""));
    }

    #[test]
    fn what_is_no_pattern_is_refused() {
        for text in ["", "a", "/a~2"] {
            assert!(Pattern::parse(text).is_err(), "{text}");
        }
    }
}
