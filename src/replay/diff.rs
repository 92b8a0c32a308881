//! The difference of two JSON values as operations (RFC 6902): applied in order to the older value, they give the newer.

use serde::Serialize;

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

/// The operations that lead from `old` to `new`.
#[must_use]
pub fn diff(old: &Value, new: &Value) -> Vec<Operation> {
    let mut operations = Vec::new();
    compare(String::new(), old, new, &mut operations);
    operations
}

fn compare(path: String, old: &Value, new: &Value, out: &mut Vec<Operation>) {
    match (old, new) {
        (Value::Object(before), Value::Object(after)) => {
            for (key, value) in before.iter().filter(|(key, _)| !after.contains_key(*key)) {
                out.push(Operation { op: "remove", path: below(&path, key), from: value.clone(), to: Value::Null });
            }
            for (key, value) in after {
                match before.get(key) {
                    Some(older) => compare(below(&path, key), older, value, out),
                    None => {
                        out.push(Operation {
                            op: "add",
                            path: below(&path, key),
                            from: Value::Null,
                            to: value.clone(),
                        });
                    }
                }
            }
        }
        (Value::Array(before), Value::Array(after)) => {
            let (head, tail) = common_ends(before, after);
            let (before_to, after_to) = (before.len() - tail, after.len() - tail);
            let paired_to = before_to.min(after_to);
            for index in head..paired_to {
                compare(below(&path, &index.to_string()), &before[index], &after[index], out);
            }
            for index in (paired_to..before_to).rev() {
                let path = below(&path, &index.to_string());
                out.push(Operation { op: "remove", path, from: before[index].clone(), to: Value::Null });
            }
            for (index, value) in after.iter().enumerate().take(after_to).skip(paired_to) {
                let path = below(&path, &index.to_string());
                out.push(Operation { op: "add", path, from: Value::Null, to: value.clone() });
            }
        }
        _ if old == new => {}
        _ => out.push(Operation { op: "replace", path, from: old.clone(), to: new.clone() }),
    }
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
}
