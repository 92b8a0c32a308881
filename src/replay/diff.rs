//! The difference of two JSON values as operations (RFC 6902): applied in order to the older value, they give the newer.
//!
//! Arrays are compared by place, or item by item where a key of their objects is given to know them by.

use std::collections::HashMap;

use serde::Serialize;

use super::ignore::{Pattern, without};
use super::lines::common_ends;
use crate::event::Value;

/// One operation.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Operation {
    /// `add`, `remove` or `replace`.
    pub op: &'static str,
    /// JSON pointer (RFC 6901).
    pub path: String,
    /// The older value; null where there was none.
    pub from: Value,
    /// The newer value; null where there is none.
    pub to: Value,
}

/// What a comparison leaves out and how it knows the items of arrays.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Rules {
    /// What these name is not compared.
    pub ignore: Vec<Pattern>,
    /// Keys by which objects in arrays are known again: of these, the first that tells all items of both arrays apart.
    /// Items that only moved are no difference then.
    pub keys: Vec<String>,
}

/// The operations that lead from `old` to `new`.
#[must_use]
pub fn diff(old: &Value, new: &Value) -> Vec<Operation> {
    diff_by(old, new, &Rules::default())
}

/// The operations that lead from `old` to `new`: but for what is ignored, and but for the order of items that are known
/// by a key.
#[must_use]
pub fn diff_by(old: &Value, new: &Value, rules: &Rules) -> Vec<Operation> {
    let mut differ = Differ { keys: &rules.keys, operations: Vec::new() };
    if rules.ignore.is_empty() {
        differ.compare(String::new(), old, new);
    } else {
        differ.compare(String::new(), &without(old, &rules.ignore), &without(new, &rules.ignore));
        differ.operations.retain(|operation| !rules.ignore.iter().any(|pattern| pattern.covers(&operation.path)));
    }
    differ.operations
}

struct Differ<'a> {
    keys: &'a [String],
    operations: Vec<Operation>,
}

impl Differ<'_> {
    fn compare(&mut self, path: String, old: &Value, new: &Value) {
        match (old, new) {
            (Value::Object(before), Value::Object(after)) => {
                for (key, value) in before.iter().filter(|(key, _)| !after.contains_key(*key)) {
                    self.remove(below(&path, key), value);
                }
                for (key, value) in after {
                    match before.get(key) {
                        Some(older) => self.compare(below(&path, key), older, value),
                        None => self.add(below(&path, key), value),
                    }
                }
            }
            (Value::Array(before), Value::Array(after)) => match self.identities(before, after) {
                Some((before_ids, after_ids)) => self.compare_known(&path, before, after, &before_ids, &after_ids),
                None => self.compare_items(&path, before, after),
            },
            _ if old == new => {}
            _ => self.operations.push(Operation { op: "replace", path, from: old.clone(), to: new.clone() }),
        }
    }

    /// By place: from both ends what is the same, between them index by index.
    fn compare_items(&mut self, path: &str, before: &[Value], after: &[Value]) {
        let (head, tail) = common_ends(before, after);
        let (before_to, after_to) = (before.len() - tail, after.len() - tail);
        let paired_to = before_to.min(after_to);
        for index in head..paired_to {
            self.compare(below(path, &index.to_string()), &before[index], &after[index]);
        }
        for index in (paired_to..before_to).rev() {
            self.remove(below(path, &index.to_string()), &before[index]);
        }
        for (index, value) in after.iter().enumerate().take(after_to).skip(paired_to) {
            self.add(below(path, &index.to_string()), value);
        }
    }

    /// By identity: changes at their older index, then what went, from the last on, then what came, at its newer index.
    fn compare_known(
        &mut self,
        path: &str,
        before: &[Value],
        after: &[Value],
        before_ids: &[String],
        after_ids: &[String],
    ) {
        let newer: HashMap<&String, &Value> = after_ids.iter().zip(after).collect();
        let older: HashMap<&String, &Value> = before_ids.iter().zip(before).collect();
        for (index, (id, value)) in before_ids.iter().zip(before).enumerate() {
            if let Some(now) = newer.get(id) {
                self.compare(below(path, &index.to_string()), value, now);
            }
        }
        for (index, (id, value)) in before_ids.iter().zip(before).enumerate().rev() {
            if !newer.contains_key(id) {
                self.remove(below(path, &index.to_string()), value);
            }
        }
        for (index, (id, value)) in after_ids.iter().zip(after).enumerate() {
            if !older.contains_key(id) {
                self.add(below(path, &index.to_string()), value);
            }
        }
    }

    /// What the items of both arrays are known by, where a key tells them apart.
    fn identities(&self, before: &[Value], after: &[Value]) -> Option<(Vec<String>, Vec<String>)> {
        self.keys.iter().find_map(|key| Some((known_by(before, key)?, known_by(after, key)?)))
    }

    fn add(&mut self, path: String, value: &Value) {
        self.operations.push(Operation { op: "add", path, from: Value::Null, to: value.clone() });
    }

    fn remove(&mut self, path: String, value: &Value) {
        self.operations.push(Operation { op: "remove", path, from: value.clone(), to: Value::Null });
    }
}

/// The key's value in each item, as JSON text; `None` unless every item is an object that has one of its own.
fn known_by(items: &[Value], key: &str) -> Option<Vec<String>> {
    let mut seen = std::collections::HashSet::new();
    items
        .iter()
        .map(|item| match item.get(key)? {
            id @ (Value::String(_) | Value::Number(_) | Value::Bool(_)) => Some(id.to_string()),
            _ => None,
        })
        .map(|id| id.filter(|id| seen.insert(id.clone())))
        .collect()
}

fn below(path: &str, key: &str) -> String {
    format!("{path}/{}", key.replace('~', "~0").replace('/', "~1"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    /// RFC 6902 for the three operations that `diff` gives.
    fn apply(value: &mut Value, operation: &Operation) {
        if operation.path.is_empty() {
            *value = operation.to.clone();
            return;
        }
        let (parent, key) = operation.path.rsplit_once('/').unwrap();
        let key = key.replace("~1", "/").replace("~0", "~");
        match (value.pointer_mut(parent).unwrap(), operation.op) {
            (Value::Object(map), "remove") => drop(map.shift_remove(&key).unwrap()),
            (Value::Object(map), _) => drop(map.insert(key, operation.to.clone())),
            (Value::Array(items), "remove") => drop(items.remove(key.parse().unwrap())),
            (Value::Array(items), "add") => items.insert(key.parse().unwrap(), operation.to.clone()),
            (Value::Array(items), _) => items[key.parse::<usize>().unwrap()] = operation.to.clone(),
            (other, op) => panic!("{op} at {} in {other}", operation.path),
        }
    }

    fn values() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            (0..4_i64).prop_map(Value::from),
            "[ab/~]{0,2}".prop_map(Value::from)
        ];
        leaf.prop_recursive(4, 24, 4, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
                prop::collection::vec(("[ab/~]{0,2}", inner), 0..4)
                    .prop_map(|pairs| Value::Object(pairs.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn the_operations_lead_from_the_older_to_the_newer_value(old in values(), new in values()) {
            let mut value = old.clone();
            for operation in diff(&old, &new) {
                apply(&mut value, &operation);
            }
            prop_assert_eq!(value, new);
        }
    }

    #[test]
    fn an_item_taken_out_is_one_operation() {
        let operations = diff(&json!({"a": [1, 2, 3]}), &json!({"a": [1, 3]}));
        assert_eq!(operations, [Operation { op: "remove", path: "/a/1".into(), from: json!(2), to: Value::Null }]);
    }

    fn known(keys: &[&str]) -> Rules {
        Rules { keys: keys.iter().map(|key| (*key).to_owned()).collect(), ..Rules::default() }
    }

    #[test]
    fn an_item_known_by_its_key_may_move() {
        let old = json!([{"id": 1, "n": 1}, {"id": 2, "n": 2}, {"id": 3, "n": 3}]);
        let new = json!([{"id": 3, "n": 3}, {"id": 1, "n": 7}]);
        let told: Vec<_> =
            diff_by(&old, &new, &known(&["sku", "id"])).into_iter().map(|one| (one.op, one.path)).collect();
        assert_eq!(told, [("replace", "/0/n".to_owned()), ("remove", "/1".to_owned())]);
        assert!(diff(&old, &new).len() > 2);
        let twice = json!([{"id": 1}, {"id": 1}]);
        assert_eq!(diff_by(&twice, &json!([{"id": 1}]), &known(&["id"])).len(), 1, "by place where an id stands twice");
    }

    fn tables() -> impl Strategy<Value = Value> {
        let row = (0..6_u8, 0..3_u8);
        prop::collection::vec(row, 0..6).prop_map(|rows| {
            let mut seen = std::collections::HashSet::new();
            let rows = rows.into_iter().filter(|(id, _)| seen.insert(*id));
            Value::Array(rows.map(|(id, n)| json!({"id": id, "n": n})).collect())
        })
    }

    fn by_id(value: &Value) -> Vec<String> {
        let mut rows: Vec<String> = value.as_array().unwrap().iter().map(Value::to_string).collect();
        rows.sort();
        rows
    }

    proptest! {
        #[test]
        fn operations_by_key_lead_to_the_newer_items_in_some_order(old in tables(), new in tables()) {
            let mut value = old.clone();
            for operation in diff_by(&old, &new, &known(&["id"])) {
                apply(&mut value, &operation);
            }
            prop_assert_eq!(by_id(&value), by_id(&new));
        }

        #[test]
        fn what_is_ignored_makes_no_difference(old in values(), new in values()) {
            let ignore = vec![Pattern::parse("/**/a").unwrap(), Pattern::parse("/*/b").unwrap()];
            let rules = Rules { ignore: ignore.clone(), ..Rules::default() };
            let operations = diff_by(&old, &new, &rules);
            for operation in &operations {
                prop_assert!(!ignore.iter().any(|pattern| pattern.covers(&operation.path)));
            }
            prop_assert_eq!(operations.is_empty(), without(&old, &ignore) == without(&new, &ignore));
        }
    }
}
