//! Two values made alike in how their arrays are read, so that a comparison finds items again: by a key, or by place.
//!
//! An array whose items are known by a key becomes an object of its items under that key, on both sides.

use crate::event::Value;

/// How the items of arrays are found again.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Arrays {
    /// Objects by `id`, `key`, or the first field that tells them apart; all else by value.
    #[default]
    ByKey,
    /// What is the same at both ends stays, between them by place.
    ByValue,
    /// By place alone.
    ByIndex,
}

/// What was made of two values.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Aligned {
    /// The older value.
    pub old: Value,
    /// The newer value.
    pub new: Value,
    /// Arrays whose items are known by a key: JSON pointer in the aligned values, and the key.
    pub matched: Vec<(String, String)>,
    /// Items that stand elsewhere than before: pointer in the aligned values, index before and now.
    pub moved: Vec<(String, usize, usize)>,
}

/// Makes two values alike in how their arrays are read.
#[must_use]
pub fn align(old: &Value, new: &Value, arrays: Arrays) -> Aligned {
    let mut aligned = Aligned::default();
    let (before, after) = match arrays {
        Arrays::ByValue => (old.clone(), new.clone()),
        Arrays::ByKey | Arrays::ByIndex => both(old, new, arrays, "", &mut aligned),
    };
    Aligned { old: before, new: after, ..aligned }
}

fn both(old: &Value, new: &Value, arrays: Arrays, path: &str, aligned: &mut Aligned) -> (Value, Value) {
    match (old, new) {
        (Value::Object(before), Value::Object(after)) => {
            let (mut olds, mut news) = (before.clone(), after.clone());
            for (key, value) in after {
                if let Some(older) = before.get(key) {
                    let (was, is) = both(older, value, arrays, &below(path, key), aligned);
                    olds.insert(key.clone(), was);
                    news.insert(key.clone(), is);
                }
            }
            (Value::Object(olds), Value::Object(news))
        }
        (Value::Array(before), Value::Array(after)) => {
            let names = match arrays {
                Arrays::ByIndex => Some((by_index(before), by_index(after))),
                _ => known_by(before, after).map(|(key, olds, news)| {
                    aligned.matched.push((path.to_owned(), key));
                    (olds, news)
                }),
            };
            let Some((old_names, new_names)) = names else { return (old.clone(), new.clone()) };
            let mut olds: serde_json::Map<String, Value> =
                old_names.iter().cloned().zip(before.iter().cloned()).collect();
            let mut news = serde_json::Map::new();
            for (index, (name, value)) in new_names.iter().zip(after).enumerate() {
                let place = below(path, name);
                let was = old_names.iter().position(|older| older == name);
                let Some((was, older)) = was.and_then(|was| Some((was, before.get(was)?))) else {
                    news.insert(name.clone(), value.clone());
                    continue;
                };
                if was != index {
                    aligned.moved.push((place.clone(), was, index));
                }
                let (older, value) = both(older, value, arrays, &place, aligned);
                olds.insert(name.clone(), older);
                news.insert(name.clone(), value);
            }
            (Value::Object(olds), Value::Object(news))
        }
        _ => (old.clone(), new.clone()),
    }
}

fn by_index(items: &[Value]) -> Vec<String> {
    (0..items.len()).map(|index| index.to_string()).collect()
}

/// The key that tells the objects of both arrays apart, and their names by it.
fn known_by(before: &[Value], after: &[Value]) -> Option<(String, Vec<String>, Vec<String>)> {
    let first = before.first().or(after.first())?.as_object()?;
    let common = ["id", "key"].into_iter().map(str::to_owned);
    common.chain(first.keys().cloned()).find_map(|key| {
        let names = |items: &[Value]| -> Option<Vec<String>> {
            let names: Vec<String> = items.iter().map(|item| name(item.get(&key)?)).collect::<Option<_>>()?;
            let mut sorted = names.clone();
            sorted.sort_unstable();
            sorted.dedup();
            (sorted.len() == names.len()).then_some(names)
        };
        Some((key.clone(), names(before)?, names(after)?))
    })
}

fn name(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

fn below(path: &str, key: &str) -> String {
    format!("{path}/{}", key.replace('~', "~0").replace('/', "~1"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn objects_are_known_by_their_key_and_moves_are_told() {
        let old = json!({"holds": [{"id": "a", "n": 1}, {"id": "b", "n": 2}]});
        let new = json!({"holds": [{"id": "b", "n": 3}, {"id": "c", "n": 4}]});
        let aligned = align(&old, &new, Arrays::ByKey);
        assert_eq!(aligned.new, json!({"holds": {"b": {"id": "b", "n": 3}, "c": {"id": "c", "n": 4}}}));
        assert_eq!(aligned.old["holds"]["b"], json!({"id": "b", "n": 2}));
        assert_eq!(aligned.matched, [("/holds".to_owned(), "id".to_owned())]);
        assert_eq!(aligned.moved, [("/holds/b".to_owned(), 1, 0)]);
    }

    #[test]
    fn what_has_no_key_is_left_and_by_index_every_item_has_its_place() {
        let (old, new) = (json!([1, 2]), json!([2]));
        assert_eq!(align(&old, &new, Arrays::ByKey).new, new);
        let twins = json!([{"n": 1}, {"n": 1}]);
        assert_eq!(align(&twins, &twins, Arrays::ByKey).new, twins, "the same twice cannot be told apart");
        assert_eq!(align(&old, &new, Arrays::ByIndex).new, json!({"0": 2}));
    }
}
