//! A Protobuf descriptor set, as `protoc --descriptor_set_out --include_imports` and `buf build` write it: which messages
//! there are, and which fields they have. Read after `google/protobuf/descriptor.proto`.

use std::collections::HashMap;

use super::{Bytes, check_depth};

/// All messages and enums of a descriptor set, by their full names.
#[derive(Debug, Default)]
pub(in crate::payload) struct Descriptors {
    messages: HashMap<String, Message>,
    enums: HashMap<String, HashMap<i32, String>>,
}

/// One message.
#[derive(Debug, Default)]
pub(super) struct Message {
    /// Its fields, in the order in which they are declared.
    pub(super) fields: Vec<Field>,
    /// True for the entries of a map: a key and a value.
    pub(super) is_map_entry: bool,
}

/// One field.
#[derive(Debug, Default, Clone)]
pub(super) struct Field {
    pub(super) name: String,
    pub(super) json_name: String,
    pub(super) number: u64,
    /// As `FieldDescriptorProto.Type` numbers them.
    pub(super) kind: u64,
    pub(super) is_repeated: bool,
    /// The full name of the message or enum.
    pub(super) type_name: String,
    /// True where a field that is not there is not the same as one with the default value.
    pub(super) has_presence: bool,
}

/// What stands in a descriptor: numbers and bytes by their field numbers.
enum Part<'a> {
    Number(u64),
    Bytes(&'a [u8]),
}

fn parts<'a>(bytes: &'a [u8], mut each: impl FnMut(u64, Part<'a>) -> Result<(), String>) -> Result<(), String> {
    let mut bytes = Bytes::new(bytes);
    while !bytes.is_empty() {
        let tag = bytes.varint()?;
        let part = match tag & 7 {
            0 => Part::Number(bytes.varint()?),
            1 => Part::Bytes(bytes.take(8)?),
            2 => Part::Bytes(bytes.counted()?),
            5 => Part::Bytes(bytes.take(4)?),
            other => return Err(format!("is no descriptor set: wire type {other}")),
        };
        each(tag >> 3, part)?;
    }
    Ok(())
}

fn text(bytes: &[u8]) -> Result<String, String> {
    String::from_utf8(bytes.to_vec()).map_err(|_| "is no descriptor set: a name is no text".to_owned())
}

fn joined(scope: &str, name: &str) -> String {
    if scope.is_empty() { name.to_owned() } else { format!("{scope}.{name}") }
}

impl Descriptors {
    /// Reads a descriptor set.
    ///
    /// # Errors
    /// Why it is none.
    pub(in crate::payload) fn parse(bytes: &[u8]) -> Result<Self, String> {
        let mut found = Self::default();
        parts(bytes, |number, part| match (number, part) {
            (1, Part::Bytes(file)) => found.file(file),
            _ => Ok(()),
        })?;
        if found.messages.is_empty() {
            return Err("is no descriptor set: it has no messages".to_owned());
        }
        Ok(found)
    }

    /// The message of this full name.
    pub(super) fn message(&self, name: &str) -> Option<&Message> {
        self.messages.get(name)
    }

    /// The name of an enum's value.
    pub(super) fn enum_value(&self, name: &str, number: i32) -> Option<&str> {
        self.enums.get(name)?.get(&number).map(String::as_str)
    }

    /// The full name of a message: as it is, or the only one whose last parts are these.
    pub(in crate::payload) fn find(&self, name: &str) -> Option<&str> {
        if let Some((full, _)) = self.messages.get_key_value(name) {
            return Some(full);
        }
        let mut ending = self.messages.keys().filter(|full| {
            full.strip_suffix(name).is_some_and(|rest| rest.ends_with('.')) && !full.starts_with("google.protobuf.")
        });
        match (ending.next(), ending.next()) {
            (Some(full), None) => Some(full),
            _ => None,
        }
    }

    fn file(&mut self, bytes: &[u8]) -> Result<(), String> {
        let (mut package, mut syntax, mut edition) = (String::new(), String::new(), 0);
        parts(bytes, |number, part| {
            match (number, part) {
                (2, Part::Bytes(name)) => package = text(name)?,
                (12, Part::Bytes(name)) => syntax = text(name)?,
                (14, Part::Number(number)) => edition = number,
                _ => {}
            }
            Ok(())
        })?;
        // Before proto3, and with editions unless said otherwise, each field knows whether it is there.
        let is_implicit = syntax == "proto3" && edition == 0;
        parts(bytes, |number, part| match (number, part) {
            (4, Part::Bytes(message)) => self.add_message(&package, message, is_implicit, 0),
            (5, Part::Bytes(list)) => self.add_enum(&package, list),
            _ => Ok(()),
        })
    }

    fn add_message(&mut self, scope: &str, bytes: &[u8], is_implicit: bool, depth: usize) -> Result<(), String> {
        check_depth(depth)?;
        let (mut name, mut message) = (String::new(), Message::default());
        parts(bytes, |number, part| {
            match (number, part) {
                (1, Part::Bytes(given)) => name = text(given)?,
                (2, Part::Bytes(field)) => message.fields.push(field_of(field, is_implicit)?),
                (7, Part::Bytes(options)) => parts(options, |number, part| {
                    if let (7, Part::Number(is)) = (number, part) {
                        message.is_map_entry = is != 0;
                    }
                    Ok(())
                })?,
                _ => {}
            }
            Ok(())
        })?;
        let full = joined(scope, &name);
        parts(bytes, |number, part| match (number, part) {
            (3, Part::Bytes(nested)) => self.add_message(&full, nested, is_implicit, depth + 1),
            (4, Part::Bytes(list)) => self.add_enum(&full, list),
            _ => Ok(()),
        })?;
        self.messages.insert(full, message);
        Ok(())
    }

    fn add_enum(&mut self, scope: &str, bytes: &[u8]) -> Result<(), String> {
        let (mut name, mut values) = (String::new(), HashMap::new());
        parts(bytes, |number, part| {
            match (number, part) {
                (1, Part::Bytes(given)) => name = text(given)?,
                (2, Part::Bytes(value)) => {
                    let (mut name, mut of) = (String::new(), 0_u64);
                    parts(value, |number, part| {
                        match (number, part) {
                            (1, Part::Bytes(given)) => name = text(given)?,
                            (2, Part::Number(number)) => of = number,
                            _ => {}
                        }
                        Ok(())
                    })?;
                    // Of two names for one number the first is shown.
                    values.entry(low_32(of)).or_insert(name);
                }
                _ => {}
            }
            Ok(())
        })?;
        self.enums.insert(joined(scope, &name), values);
        Ok(())
    }
}

/// The lowest 32 bits, as Protobuf reads a number that is too large.
#[expect(clippy::cast_possible_truncation, reason = "what is cut off is cut off by the format")]
pub(super) fn low_32(number: u64) -> i32 {
    (number as u32).cast_signed()
}

fn field_of(bytes: &[u8], is_implicit: bool) -> Result<Field, String> {
    let mut field = Field { has_presence: !is_implicit, ..Field::default() };
    parts(bytes, |number, part| {
        match (number, part) {
            (1, Part::Bytes(name)) => field.name = text(name)?,
            (3, Part::Number(number)) => field.number = number,
            (4, Part::Number(label)) => field.is_repeated = label == 3,
            (5, Part::Number(kind)) => field.kind = kind,
            (6, Part::Bytes(name)) => text(name)?.trim_start_matches('.').clone_into(&mut field.type_name),
            // One of several, or `optional`.
            (9, Part::Number(_)) => field.has_presence = true,
            (10, Part::Bytes(name)) => field.json_name = text(name)?,
            (17, Part::Number(is)) => field.has_presence |= is != 0,
            _ => {}
        }
        Ok(())
    })?;
    if field.json_name.is_empty() {
        field.json_name.clone_from(&field.name);
    }
    Ok(field)
}
