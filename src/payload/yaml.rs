//! YAML as Ruby writes it: behind `---`, with symbols (`:order_id`) as names of fields.

use std::str::FromStr;

use serde_json::{Map, Number};
use yaml_rust2::{Yaml, YamlLoader};

use crate::event::Value;
use crate::limits::PAYLOAD_BINARY_DEPTH_MAX;

/// Bytes that are read as YAML: its parser takes much longer than that of JSON.
const BYTES_MAX: usize = 4 << 20;
/// Aliases in one payload, and what may be one: two of them may double what stands before, so these make a thousand
/// of one at most.
const ALIASES_MAX: usize = 20;

/// The object or array in a payload that is YAML; nothing where it is none.
pub(super) fn value(bytes: &[u8]) -> Option<Value> {
    if !bytes.starts_with(b"---") {
        return None;
    }
    any(bytes).filter(|value| value.is_object() || value.is_array())
}

/// The value in a payload of which somebody said that it is YAML.
pub(super) fn any(bytes: &[u8]) -> Option<Value> {
    let text = std::str::from_utf8(bytes).ok().filter(|text| text.len() <= BYTES_MAX)?;
    let aliases = text.as_bytes().windows(2).filter(|pair| pair[1] == b'*' && !pair[0].is_ascii_alphanumeric()).count();
    if aliases > ALIASES_MAX || is_deep(text) {
        return None;
    }
    let mut documents = YamlLoader::load_from_str(text).ok()?;
    let (document, rest) = (documents.pop()?, documents);
    plain(document, 0).filter(|_| rest.is_empty())
}

/// True where brackets or indentation may nest deeper than is read.
fn is_deep(text: &str) -> bool {
    let brackets = text.bytes().filter(|byte| matches!(byte, b'[' | b'{')).count();
    let indented = text.lines().map(|line| line.len() - line.trim_start_matches([' ', '-', '?', ':']).len()).max();
    brackets > PAYLOAD_BINARY_DEPTH_MAX * 64 || indented.unwrap_or(0) > PAYLOAD_BINARY_DEPTH_MAX * 4
}

fn plain(yaml: Yaml, depth: usize) -> Option<Value> {
    if depth > PAYLOAD_BINARY_DEPTH_MAX {
        return None;
    }
    Some(match yaml {
        Yaml::Null => Value::Null,
        Yaml::Boolean(is) => Value::Bool(is),
        Yaml::Integer(number) => Value::from(number),
        Yaml::Real(text) => Number::from_str(&text).map_or(Value::String(text), Value::Number),
        Yaml::String(text) => Value::String(text),
        Yaml::Array(items) => {
            Value::Array(items.into_iter().map(|item| plain(item, depth + 1)).collect::<Option<_>>()?)
        }
        Yaml::Hash(fields) => {
            let mut map = Map::new();
            for (name, value) in fields {
                let name = match plain(name, depth + 1)? {
                    Value::String(name) => name.strip_prefix(':').map(str::to_owned).unwrap_or(name),
                    other => other.to_string(),
                };
                map.insert(name, plain(value, depth + 1)?);
            }
            Value::Object(map)
        }
        Yaml::Alias(_) | Yaml::BadValue => return None,
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_ruby_writes_is_read() {
        let text = "---\n:order_id: 7\nprice: 7.990\n\"note\": \"a: b\"\n:items:\n- :sku: A-1\n  :qty: 2\n- :sku: B\n  :qty:\nbig: 123456789012345678901234567890\n";
        let read = value(text.as_bytes()).unwrap();
        let expected = r#"{"order_id":7,"price":7.990,"note":"a: b","items":[{"sku":"A-1","qty":2},{"sku":"B","qty":null}],"big":123456789012345678901234567890}"#;
        assert_eq!(read.to_string(), expected);
        assert_eq!(value(b"--- {}\n").unwrap(), json!({}));
    }

    #[test]
    fn what_is_none_or_a_trap_is_refused() {
        assert_eq!(value(b"--- hello\n"), None);
        assert_eq!(value(b"a: 1\n"), None);
        assert_eq!(value(b"---\na: [1\n"), None);
        let bomb: Vec<String> = (1..60).map(|n| format!("a{n}: &a{n} [*a{}, *a{}]\n", n - 1, n - 1)).collect();
        let bomb = bomb.concat();
        assert_eq!(value(format!("---\na0: &a0 x\n{bomb}").as_bytes()), None);
        assert_eq!(value(format!("---\na: {}", "[".repeat(100_000)).as_bytes()), None);
    }
}
