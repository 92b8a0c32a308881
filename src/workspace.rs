//! The workspace file `eventscope.toml`: what a team says about its log once, and commits. Beside the log, or named.
//!
//! Each part of it is a table of its own; this module reads the file, and binds reducers to streams:
//!
//! ```toml
//! [[reducer]]
//! streams = "account-*"            # `*` is any text, `?` any one character; the first that matches holds
//! file = "reducers/account.js"     # beside this file: JavaScript (.js, .mjs) rules or a process (.toml)
//!
//! [[reducer]]
//! streams = "*"
//! name = "auto"
//! ```

use std::io::Read as _;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::error::{Error, Result};
use crate::limits::SCRIPT_BYTES_MAX;
use crate::locator::Locator;
use crate::reducer::pattern::matches;
use crate::reducer::process::{Process, ProcessCommand};
use crate::reducer::rules::Rules;
use crate::reducer::{self, Bind, Reducer, javascript};

mod consent;
pub mod reducers;

pub use consent::Consent;

/// The name of the file beside a log.
pub const FILE_NAME: &str = "eventscope.toml";

/// Which reducer folds which streams.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Binding {
    streams: String,
    file: Option<String>,
    name: Option<String>,
}

/// A workspace file, or the empty one where there is none.
#[derive(Clone, Debug, Default)]
pub struct Workspace {
    path: Option<PathBuf>,
    table: toml::Table,
    reducers: Vec<Binding>,
    consent: Consent,
    /// The reducer that a repro bundle carries: it holds for all of it.
    embedded: Option<Source>,
}

/// A reducer as it is written: `auto`, or a file's name with its text.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
pub struct Source {
    /// `auto`, or the file's name, which tells the kind.
    pub name: String,
    /// The text; `None` for what is built in, and for a program that runs beside this one.
    pub text: Option<String>,
}

impl Source {
    fn reducer(&self) -> Result<Box<dyn Reducer>> {
        let Some(text) = &self.text else {
            return reducer::by_name(&self.name).map_err(|_| {
                Error::Input(format!("the reducer {} is not in the bundle (give it with --reducer)", self.name))
            });
        };
        if Path::new(&self.name).extension().is_some_and(|extension| extension == "toml") {
            return Ok(Box::new(Rules::parse(&self.name, text)?));
        }
        javascript::compile(&self.name, text)
    }
}

impl Workspace {
    /// The workspace of a log: the file that was named, or that its locator names, else the one beside the log, else the
    /// empty one.
    ///
    /// # Errors
    /// `Input` where the file that was named is not there, or the file is malformed, with the place.
    pub fn of_log(locator: &str, named: Option<&Path>) -> Result<Self> {
        if let Some(path) = named {
            return Self::parse(path, &text_of(path)?);
        }
        let place = Locator::parse(locator);
        if let Some(path) = &place.workspace {
            return Self::parse(path, &text_of(path)?);
        }
        if let Some(embedded) = embedded_in(place.file()) {
            return Ok(Self { embedded: Some(embedded), ..Self::default() });
        }
        let beside = place.file().with_file_name(FILE_NAME);
        if locator.contains("://") || !beside.is_file() {
            return Ok(Self::default());
        }
        Self::parse(&beside, &text_of(&beside)?)
    }

    fn parse(path: &Path, text: &str) -> Result<Self> {
        let malformed = |error: toml::de::Error| Error::Input(format!("{}: {error}", path.display()));
        let table: toml::Table = toml::from_str(text).map_err(malformed)?;
        let reducers = match table.get("reducer") {
            Some(bindings) => bindings.clone().try_into::<Vec<Binding>>().map_err(malformed)?,
            None => Vec::new(),
        };
        for binding in &reducers {
            if binding.file.is_some() == binding.name.is_some() {
                let streams = &binding.streams;
                let path = path.display();
                return Err(Error::Input(format!(
                    "{path}: the reducer of \"{streams}\" needs either a file or a name"
                )));
            }
        }
        Ok(Self { path: Some(path.to_owned()), table, reducers, consent: Consent::Remembered, embedded: None })
    }

    /// The same workspace, with what the user says about running its programs.
    #[must_use]
    pub fn allowing(mut self, consent: Consent) -> Self {
        self.consent = consent;
        self
    }

    /// The file, where there is one.
    #[must_use]
    pub fn path(&self) -> Option<&Path> {
        self.path.as_deref()
    }

    /// A part of the file by its name.
    #[must_use]
    pub fn part(&self, name: &str) -> Option<&toml::Value> {
        self.table.get(name)
    }

    /// A path that the file names: relative to the file.
    #[must_use]
    pub fn beside(&self, relative: &str) -> PathBuf {
        let folder = self.path.as_deref().and_then(Path::parent).unwrap_or(Path::new(""));
        folder.join(relative)
    }

    /// Which of its bindings holds for a stream: where two streams have the same, one reducer folds both.
    #[must_use]
    pub fn binding_of(&self, stream: &str) -> Option<usize> {
        self.reducers.iter().position(|binding| matches(&binding.streams, stream))
    }

    /// The reducer of a stream: the first whose pattern matches, else *Auto*.
    ///
    /// # Errors
    /// As [`reducer_named`].
    pub fn reducer_of(&self, stream: &str) -> Result<Box<dyn Reducer>> {
        if let Some(embedded) = &self.embedded {
            return embedded.reducer();
        }
        let Some(binding) = self.reducers.iter().find(|binding| matches(&binding.streams, stream)) else {
            return reducer::by_name("auto");
        };
        match (&binding.file, &binding.name) {
            (Some(file), _) => reducer_in(&self.beside(file), self.consent),
            (None, Some(name)) => reducer::by_name(name),
            (None, None) => reducer::by_name("auto"),
        }
    }
}

impl Workspace {
    /// The reducer of a stream as it is written.
    ///
    /// # Errors
    /// As [`source_named`].
    pub fn source_of(&self, stream: &str) -> Result<Source> {
        if let Some(embedded) = &self.embedded {
            return Ok(embedded.clone());
        }
        match self.reducers.iter().find(|binding| matches(&binding.streams, stream)) {
            Some(Binding { file: Some(file), .. }) => source_in(&self.beside(file)),
            Some(Binding { name: Some(name), .. }) => Ok(Source { name: name.clone(), text: None }),
            Some(_) | None => Ok(Source { name: "auto".to_owned(), text: None }),
        }
    }
}

/// The reducer of this name, or in this file, as it is written.
///
/// # Errors
/// `Input` where the file cannot be read.
pub fn source_named(name: &str) -> Result<Source> {
    if name == "auto" { Ok(Source { name: name.to_owned(), text: None }) } else { source_in(Path::new(name)) }
}

fn source_in(path: &Path) -> Result<Source> {
    let text = text_of(path)?;
    let name = path.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
    let is_table = path.extension().is_some_and(|extension| extension == "toml");
    let runs = is_table && ProcessCommand::parse(&name, &text, PathBuf::from("."))?.is_some();
    Ok(Source { name, text: (!runs).then_some(text) })
}

/// The reducer in a repro bundle, where the file is one.
fn embedded_in(path: &Path) -> Option<Source> {
    /// What of a bundle is looked at here.
    #[derive(Deserialize)]
    struct Part {
        reducer: Source,
    }
    const MARK: &[u8] = b"\"eventscope_bundle\"";
    let mut head = Vec::new();
    std::fs::File::open(path).ok()?.take(256).read_to_end(&mut head).ok()?;
    head.windows(MARK.len()).find(|part| *part == MARK)?;
    let file = std::fs::File::open(path).ok()?;
    serde_json::from_reader::<_, Part>(std::io::BufReader::new(file.take(crate::limits::BUNDLE_BYTES_MAX)))
        .ok()
        .map(|part| part.reducer)
}

impl Bind for Workspace {
    fn binding(&self, stream: &str) -> usize {
        self.binding_of(stream).unwrap_or(usize::MAX)
    }

    fn reducer(&self, stream: &str) -> Result<Box<dyn Reducer>> {
        self.reducer_of(stream)
    }
}

/// The reducer of this name, or in this file.
///
/// # Errors
/// `Input` where there is no such file or reducer, it is refused, with the reason, or it is a process that nobody said
/// yes to.
pub fn reducer_named(name: &str, consent: Consent) -> Result<Box<dyn Reducer>> {
    if name == "auto" {
        return reducer::by_name(name);
    }
    let path = Path::new(name);
    if path.extension().is_none() && !path.exists() {
        return Err(Error::Input(format!(
            "no reducer is named \"{name}\", and there is no such file (give auto, or a file: .js, .toml)"
        )));
    }
    reducer_in(path, consent)
}

fn reducer_in(path: &Path, consent: Consent) -> Result<Box<dyn Reducer>> {
    let text = text_of(path)?;
    let name = path.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
    match path.extension().and_then(|extension| extension.to_str()) {
        Some("js" | "mjs" | "cjs") => javascript::compile(&name, &text),
        Some("toml") => {
            let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
            match ProcessCommand::parse(&name, &text, folder.to_owned())? {
                Some(command) => {
                    consent::check(path, &command, consent)?;
                    let fingerprint = fingerprint(&text, &command);
                    Ok(Box::new(Process::new(&name, command, &fingerprint)))
                }
                None => Ok(Box::new(Rules::parse(&name, &text)?)),
            }
        }
        _ => Err(Error::Input(format!(
            "the reducer {} is of no known kind: its name must end in .js (JavaScript) or .toml (rules, or a process)",
            path.display()
        ))),
    }
}

/// What changes with the team's code: the file's text, and the files that the command names.
fn fingerprint(text: &str, command: &ProcessCommand) -> Vec<u8> {
    let mut hasher = blake3::Hasher::new();
    hasher.update(text.as_bytes());
    for word in &command.command {
        let path = command.folder.join(word);
        let small = path.metadata().is_ok_and(|file| file.is_file() && file.len() <= SCRIPT_BYTES_MAX as u64);
        if small && let Ok(bytes) = std::fs::read(&path) {
            hasher.update(&bytes);
        }
    }
    hasher.finalize().as_bytes().to_vec()
}

/// The text of a file that the user named.
///
/// # Errors
/// `Input` where it cannot be read, or is not UTF-8.
pub fn text_of(path: &Path) -> Result<String> {
    std::fs::read_to_string(path).map_err(|error| Error::Input(format!("cannot read {}: {error}", path.display())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_malformed_file_says_where() {
        let path = Path::new("eventscope.toml");
        for text in ["[[reducer]]\nstreams = 1", "a = ", "[[reducer]]\nstreams = \"*\"", "[[reducer]]\nstream = \"*\""]
        {
            assert!(matches!(Workspace::parse(path, text), Err(Error::Input(_))), "{text}");
        }
        let other = Workspace::parse(path, "[masks]\na = 1").unwrap();
        assert!(other.part("masks").is_some());
    }
}
