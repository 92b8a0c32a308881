//! Avro schemas: JSON, with types that are named once and then meant by their names.
//!
//! <https://avro.apache.org/docs/current/specification/>

use std::collections::HashMap;

use super::check_depth;
use crate::event::Value;

/// All types of a schema; the first are those that it holds at its top.
#[derive(Debug, Default)]
pub(in crate::payload) struct Schema {
    types: Vec<Kind>,
    named: HashMap<String, usize>,
    /// The types at the top: one, or those of a union or a list of schemas.
    pub(super) tops: Vec<usize>,
}

/// One type. A number is the place of another one in [`Schema`].
#[derive(Clone, PartialEq, Debug)]
pub(super) enum Kind {
    Null,
    Boolean,
    Int(Meaning),
    Long(Meaning),
    Float,
    Double,
    Bytes(Meaning),
    String,
    Fixed {
        size: usize,
        meaning: Meaning,
    },
    Enum(Vec<String>),
    Array(usize),
    Map(usize),
    Union(Vec<usize>),
    Record {
        name: String,
        fields: Vec<(String, usize)>,
    },
    /// Named, and not read yet.
    Pending,
}

/// What a number or bytes stand for.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(super) enum Meaning {
    #[default]
    Plain,
    Date,
    /// So many nanoseconds a unit, since midnight.
    TimeOfDay(i64),
    /// So many a second, since 1970.
    Timestamp {
        per_second: i64,
        is_local: bool,
    },
    Decimal {
        scale: u32,
    },
    Uuid,
}

impl Schema {
    /// Reads a schema, or a list of them.
    ///
    /// # Errors
    /// What is wrong with it.
    pub(in crate::payload) fn parse(text: &str) -> Result<Self, String> {
        let json: Value = serde_json::from_str(text).map_err(|error| format!("is no Avro schema: {error}"))?;
        let mut schema = Self::default();
        let top = schema.add(&json, "", 0)?;
        schema.tops = match schema.kind(top) {
            Kind::Union(members) => members.clone(),
            _ => vec![top],
        };
        if let Some(name) = schema.named.iter().find(|(_, place)| *schema.kind(**place) == Kind::Pending) {
            return Err(format!("is no Avro schema: the type {} has no definition", name.0));
        }
        Ok(schema)
    }

    pub(super) fn kind(&self, place: usize) -> &Kind {
        self.types.get(place).unwrap_or(&Kind::Null)
    }

    /// The record of this name, full or without its namespace; the only type where there is no choice.
    pub(super) fn top(&self, name: &str) -> Option<usize> {
        let is_named = |place: &&usize| match self.kind(**place) {
            Kind::Record { name: full, .. } => {
                full == name || full.strip_suffix(name).is_some_and(|rest| rest.ends_with('.'))
            }
            _ => false,
        };
        self.tops.iter().find(is_named).or_else(|| if self.tops.len() == 1 { self.tops.first() } else { None }).copied()
    }

    fn push(&mut self, kind: Kind) -> usize {
        self.types.push(kind);
        self.types.len() - 1
    }

    fn add(&mut self, json: &Value, namespace: &str, depth: usize) -> Result<usize, String> {
        check_depth(depth)?;
        match json {
            Value::String(name) => self.by_name(name, namespace),
            Value::Array(members) => {
                let members = members.iter().map(|member| self.add(member, namespace, depth + 1));
                let members = members.collect::<Result<Vec<_>, _>>()?;
                Ok(self.push(Kind::Union(members)))
            }
            Value::Object(fields) => {
                let Some(of) = fields.get("type") else {
                    return Err("is no Avro schema: a type is missing".to_owned());
                };
                match of.as_str() {
                    Some("record" | "error" | "enum" | "fixed") => {
                        self.named(json, of.as_str().unwrap_or(""), namespace, depth)
                    }
                    Some("array" | "map") => {
                        let key = if of == "array" { "items" } else { "values" };
                        let Some(inner) = fields.get(key) else {
                            return Err(format!("is no Avro schema: {key} is missing"));
                        };
                        let inner = self.add(inner, namespace, depth + 1)?;
                        Ok(self.push(if of == "array" { Kind::Array(inner) } else { Kind::Map(inner) }))
                    }
                    Some(name) => {
                        let meaning = meaning(json);
                        let place = self.by_name(name, namespace)?;
                        let kind = match self.kind(place) {
                            Kind::Int(_) => Kind::Int(meaning),
                            Kind::Long(_) => Kind::Long(meaning),
                            Kind::Bytes(_) => Kind::Bytes(meaning),
                            _ => return Ok(place),
                        };
                        Ok(self.push(kind))
                    }
                    None => self.add(of, namespace, depth + 1),
                }
            }
            other => Err(format!("is no Avro schema: {other} is no type")),
        }
    }

    fn by_name(&mut self, name: &str, namespace: &str) -> Result<usize, String> {
        let kind = match name {
            "null" => Kind::Null,
            "boolean" => Kind::Boolean,
            "int" => Kind::Int(Meaning::Plain),
            "long" => Kind::Long(Meaning::Plain),
            "float" => Kind::Float,
            "double" => Kind::Double,
            "bytes" => Kind::Bytes(Meaning::Plain),
            "string" => Kind::String,
            name => {
                let full = full_name(name, namespace);
                let known = self.named.get(&full).or_else(|| self.named.get(name));
                return known.copied().ok_or_else(|| format!("is no Avro schema: the type {name} is not known"));
            }
        };
        Ok(self.push(kind))
    }

    fn named(&mut self, json: &Value, of: &str, namespace: &str, depth: usize) -> Result<usize, String> {
        let Some(name) = json.get("name").and_then(Value::as_str) else {
            return Err(format!("is no Avro schema: a {of} has no name"));
        };
        let namespace = json.get("namespace").and_then(Value::as_str).unwrap_or(namespace);
        let full = full_name(name, namespace);
        let namespace = full.rsplit_once('.').map_or("", |(namespace, _)| namespace).to_owned();
        let place = self.push(Kind::Pending);
        self.named.insert(full.clone(), place);
        let kind = match of {
            "enum" => {
                let symbols = json.get("symbols").and_then(Value::as_array).into_iter().flatten();
                Kind::Enum(symbols.filter_map(Value::as_str).map(str::to_owned).collect())
            }
            "fixed" => {
                let size = json.get("size").and_then(Value::as_u64).and_then(|size| usize::try_from(size).ok());
                let size = size.ok_or_else(|| format!("is no Avro schema: {full} has no size"))?;
                Kind::Fixed { size, meaning: meaning(json) }
            }
            _ => {
                let mut fields = Vec::new();
                for field in json.get("fields").and_then(Value::as_array).into_iter().flatten() {
                    let (Some(name), Some(of)) = (field.get("name").and_then(Value::as_str), field.get("type")) else {
                        return Err(format!("is no Avro schema: a field of {full} has no name or no type"));
                    };
                    fields.push((name.to_owned(), self.add(of, &namespace, depth + 1)?));
                }
                Kind::Record { name: full, fields }
            }
        };
        if let Some(slot) = self.types.get_mut(place) {
            *slot = kind;
        }
        Ok(place)
    }
}

fn full_name(name: &str, namespace: &str) -> String {
    if name.contains('.') || namespace.is_empty() { name.to_owned() } else { format!("{namespace}.{name}") }
}

fn meaning(json: &Value) -> Meaning {
    let stamp = |per_second, is_local| Meaning::Timestamp { per_second, is_local };
    match json.get("logicalType").and_then(Value::as_str) {
        Some("date") => Meaning::Date,
        Some("time-millis") => Meaning::TimeOfDay(1_000_000),
        Some("time-micros") => Meaning::TimeOfDay(1_000),
        Some("timestamp-millis") => stamp(1_000, false),
        Some("timestamp-micros") => stamp(1_000_000, false),
        Some("timestamp-nanos") => stamp(1_000_000_000, false),
        Some("local-timestamp-millis") => stamp(1_000, true),
        Some("local-timestamp-micros") => stamp(1_000_000, true),
        Some("local-timestamp-nanos") => stamp(1_000_000_000, true),
        Some("decimal") => {
            let scale = json.get("scale").and_then(Value::as_u64).and_then(|scale| u32::try_from(scale).ok());
            Meaning::Decimal { scale: scale.unwrap_or(0) }
        }
        Some("uuid") => Meaning::Uuid,
        _ => Meaning::Plain,
    }
}
