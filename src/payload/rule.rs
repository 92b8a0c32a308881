//! How payloads are decoded, where a workspace file says it.
//!
//! ```toml
//! [[decode]]
//! type = "Order*"              # events of these types; without it all
//! layout = "pekko"             # in logs of this layout; without it in any
//! as = "protobuf"              # auto, json, jsonb, messagepack, cbor, yaml, text, hex, protobuf, avro
//! packed = "zstd"              # auto (by the first bytes), none, zlib, gzip, deflate, zstd
//! skip = 5                     # bytes in front that are no part of it
//! cipher = "aes-gcm"           # with the key in EVENTSCOPE_KEY or EVENTSCOPE_KEY_FILE
//! descriptor = "events.desc"   # protobuf: a descriptor set, beside this file
//! message = "shop.OrderPlaced" # protobuf, avro: the message; without it the one that is named as the type
//! names = "json"               # protobuf: fields as Protobuf's JSON names them; without it as the .proto file does
//! schema = "order.avsc"        # avro: a schema
//! ```
//!
//! The first that fits an event holds, and there is no guessing beside it: what does not fit is a fault.

use std::path::Path;

use serde::Deserialize;

use super::codec::descriptor::Descriptors;
use super::codec::{avro, protobuf};
use super::crypt::Key;
use super::{binary, json, unpack, yaml};
use crate::error::{Error, Result};
use crate::event::Value;
use crate::limits::SCHEMA_BYTES_MAX;
use crate::reducer::pattern::matches;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Part {
    #[serde(rename = "type")]
    event_type: Option<String>,
    layout: Option<String>,
    #[serde(rename = "as")]
    form: String,
    packed: Option<String>,
    #[serde(default)]
    skip: usize,
    cipher: Option<String>,
    descriptor: Option<String>,
    message: Option<String>,
    names: Option<String>,
    schema: Option<String>,
}

/// One entry of `[[decode]]`.
#[derive(Debug)]
pub(super) struct Rule {
    event_type: Option<String>,
    form: Form,
    packing: Packing,
    skip: usize,
    /// The key, or why there is none.
    cipher: Option<std::result::Result<Key, String>>,
    message: Option<String>,
}

#[derive(Debug)]
enum Form {
    /// As where no workspace file says anything.
    Auto,
    Json,
    Binary(&'static str),
    Yaml,
    Text,
    Hex,
    Protobuf(Descriptors, protobuf::FieldNames),
    Avro(avro::Schema),
}

#[derive(Debug)]
enum Packing {
    Auto,
    None,
    Said(&'static str),
}

/// Outcome of decoding: the value and what was done, or why not and what was done up to there.
type Decoding = std::result::Result<(Value, String), (String, String)>;

impl Rule {
    /// Reads an entry; nothing where it is for other layouts. What it names is added to `hasher`.
    ///
    /// # Errors
    /// `Input` with what is wrong.
    pub(super) fn parse(
        part: &toml::Value,
        folder: &Path,
        layout: &str,
        hasher: &mut blake3::Hasher,
    ) -> Result<Option<Self>> {
        let part: Part = part.clone().try_into().map_err(|error| Error::Input(format!("[[decode]]: {error}")))?;
        if part.layout.as_deref().is_some_and(|pattern| !matches(pattern, layout)) {
            return Ok(None);
        }
        let wrong = |why: String| Error::Input(format!("[[decode]]: {why}"));
        let mut read = |name: &Option<String>, key: &str| -> Result<Vec<u8>> {
            let name = name.as_ref().ok_or_else(|| wrong(format!("as = \"{}\" needs {key} = \"FILE\"", part.form)))?;
            let bytes = bytes_of(&folder.join(name), SCHEMA_BYTES_MAX).map_err(wrong)?;
            hasher.update(&bytes);
            Ok(bytes)
        };
        let form = match part.form.as_str() {
            "auto" => Form::Auto,
            "json" => Form::Json,
            "jsonb" => Form::Binary("JSONB"),
            "messagepack" | "msgpack" => Form::Binary("MessagePack"),
            "cbor" => Form::Binary("CBOR"),
            "yaml" => Form::Yaml,
            "text" => Form::Text,
            "hex" => Form::Hex,
            "protobuf" => {
                let names = match part.names.as_deref() {
                    None | Some("proto") => protobuf::FieldNames::Proto,
                    Some("json") => protobuf::FieldNames::Json,
                    Some(other) => return Err(wrong(format!("names = \"{other}\" is neither proto nor json"))),
                };
                let bytes = read(&part.descriptor, "descriptor")?;
                let descriptors = Descriptors::parse(&bytes)
                    .map_err(|why| wrong(format!("{} {why}", part.descriptor.as_deref().unwrap_or_default())))?;
                if let Some(message) = &part.message
                    && descriptors.find(message).is_none()
                {
                    return Err(wrong(format!("the descriptor set has no message {message}, or several of that name")));
                }
                Form::Protobuf(descriptors, names)
            }
            "avro" => {
                let bytes = read(&part.schema, "schema")?;
                let schema = avro::Schema::parse(&String::from_utf8_lossy(&bytes))
                    .map_err(|why| wrong(format!("{} {why}", part.schema.as_deref().unwrap_or_default())))?;
                Form::Avro(schema)
            }
            other => {
                return Err(wrong(format!(
                    "as = \"{other}\" is no form that is known (auto, json, jsonb, messagepack, cbor, yaml, text, hex, \
                     protobuf, avro)"
                )));
            }
        };
        let packing = match part.packed.as_deref() {
            None | Some("auto") => Packing::Auto,
            Some("none") => Packing::None,
            Some(name) => Packing::Said(unpack::known(name).ok_or_else(|| {
                wrong(format!("packed = \"{name}\" is not known (auto, none, zlib, gzip, deflate, zstd)"))
            })?),
        };
        let cipher = match part.cipher.as_deref() {
            None => None,
            Some("aes-gcm") => {
                let missing = "no key is given (EVENTSCOPE_KEY or EVENTSCOPE_KEY_FILE)";
                let key = Key::from_environment().and_then(|key| key.ok_or_else(|| missing.to_owned()));
                if let Ok(key) = &key {
                    hasher.update(key.mark().as_bytes());
                }
                Some(key)
            }
            Some(other) => return Err(wrong(format!("cipher = \"{other}\" is not known (aes-gcm)"))),
        };
        Ok(Some(Self { event_type: part.event_type, form, packing, skip: part.skip, cipher, message: part.message }))
    }

    /// True where it is for events of this type; snapshots have none, and are for those that name none.
    pub(super) fn fits(&self, event_type: Option<&str>) -> bool {
        match (&self.event_type, event_type) {
            (None, _) => true,
            (Some(pattern), Some(event_type)) => matches(pattern, event_type),
            (Some(_), None) => false,
        }
    }

    /// True where it takes encryption off itself.
    pub(super) fn decrypts(&self) -> bool {
        self.cipher.is_some()
    }

    /// What it does, as a fact.
    pub(super) fn fact(&self) -> String {
        let of = self.event_type.as_ref().map_or_else(|| "all payloads".to_owned(), |of| format!("payloads of {of}"));
        format!("the workspace file decodes {of} as {}", self.form.name())
    }

    /// Decodes a payload. `auto` is what is done where no rule says anything.
    pub(super) fn decode(
        &self,
        event_type: Option<&str>,
        stored: &[u8],
        auto: impl FnOnce(&[u8]) -> Decoding,
    ) -> Decoding {
        let mut done: Vec<String> = Vec::new();
        let outcome = self.steps(event_type.unwrap_or_default(), stored, auto, &mut done);
        let by = done.join(", ");
        outcome.map(|value| (value, by.clone())).map_err(|fault| (fault, by))
    }

    fn steps(
        &self,
        event_type: &str,
        stored: &[u8],
        auto: impl FnOnce(&[u8]) -> Decoding,
        done: &mut Vec<String>,
    ) -> std::result::Result<Value, String> {
        let decrypted;
        let mut bytes = stored;
        match &self.cipher {
            Some(Ok(key)) => {
                let plain = key.decrypt(bytes);
                decrypted =
                    plain.ok_or_else(|| format!("AES-GCM: the key does not fit these {} bytes", stored.len()))?;
                bytes = &decrypted;
                done.push("AES-GCM".to_owned());
            }
            Some(Err(why)) => return Err(format!("AES-GCM: {why}")),
            None => {}
        }
        if self.skip > 0 {
            bytes = bytes.get(self.skip..).ok_or_else(|| format!("has no {} bytes to skip", self.skip))?;
            done.push(format!("{} bytes skipped", self.skip));
        }
        if matches!(self.form, Form::Auto) && matches!(self.packing, Packing::Auto) {
            let (value, by) = auto(bytes).map_err(|(fault, _)| fault)?;
            done.push(by);
            return Ok(value);
        }
        let opened = match &self.packing {
            Packing::Auto => unpack::unpack(bytes)?,
            Packing::None => unpack::Opened::plain(bytes),
            Packing::Said(name) => unpack::forced(bytes, name)?,
        };
        if !opened.unpacked_by().is_empty() {
            done.push(opened.unpacked_by().to_owned());
        }
        self.form(event_type, &opened.bytes, auto, done)
    }

    fn form(
        &self,
        event_type: &str,
        bytes: &[u8],
        auto: impl FnOnce(&[u8]) -> Decoding,
        done: &mut Vec<String>,
    ) -> std::result::Result<Value, String> {
        let misfit = |what: &str| format!("{what}: the {} bytes are none", bytes.len());
        let mut by = self.form.name().to_owned();
        let value = match &self.form {
            Form::Auto => {
                let (value, how) = auto(bytes).map_err(|(fault, _)| fault)?;
                by = how;
                value
            }
            Form::Json => json::parse(&unpack::Opened::plain(bytes), bytes.len())?,
            Form::Binary(name) => binary::as_form(bytes, name).ok_or_else(|| misfit(name))?,
            Form::Yaml => yaml::any(bytes).ok_or_else(|| misfit("YAML"))?,
            Form::Text => Value::from(std::str::from_utf8(bytes).map_err(|_| misfit("text"))?),
            Form::Hex => return Err(format!("{} bytes, shown as they are", bytes.len())),
            Form::Protobuf(descriptors, names) => {
                let wanted = self.message.as_deref().unwrap_or_else(|| own_name(event_type));
                let name = descriptors.find(wanted);
                let name = name.ok_or_else(|| format!("Protobuf: the descriptor set has no message {wanted}"))?;
                by = format!("Protobuf {name}");
                protobuf::decode(descriptors, *names, name, bytes)
                    .map_err(|why| format!("Protobuf {name}: it {why}"))?
            }
            Form::Avro(schema) => {
                let wanted = self.message.as_deref().unwrap_or_else(|| own_name(event_type));
                let (value, header) = avro::decode(schema, wanted, bytes).map_err(|why| format!("Avro: it {why}"))?;
                by = format!("{header}Avro");
                value
            }
        };
        done.push(by);
        Ok(value)
    }
}

impl Form {
    fn name(&self) -> &'static str {
        match self {
            Self::Auto => "what they look like",
            Self::Json => "JSON",
            Self::Binary(name) => name,
            Self::Yaml => "YAML",
            Self::Text => "text",
            Self::Hex => "bytes",
            Self::Protobuf(..) => "Protobuf",
            Self::Avro(_) => "Avro",
        }
    }
}

/// The type's own name: what stands behind its last dot, colon, slash or dollar.
fn own_name(event_type: &str) -> &str {
    event_type.rsplit(['.', ':', '/', '\\', '$']).next().unwrap_or(event_type)
}

/// The bytes of a file that a workspace file names.
pub(super) fn bytes_of(path: &Path, bytes_max: usize) -> std::result::Result<Vec<u8>, String> {
    let cannot = |why: String| format!("cannot read {}: {why}", path.display());
    let size = std::fs::metadata(path).map_err(|error| cannot(error.to_string()))?.len();
    if size > bytes_max as u64 {
        return Err(cannot(format!("it is larger than {} KiB", bytes_max >> 10)));
    }
    std::fs::read(path).map_err(|error| cannot(error.to_string()))
}
