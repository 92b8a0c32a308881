//! Reducers' files as a window uses them: what is bound to what, which files to watch, and what is wrong with one.

use std::path::{Path, PathBuf};

use super::{Consent, Workspace, consent, reducer_in, text_of};
use crate::error::Error;
use crate::reducer::Reducer;
use crate::reducer::process::ProcessCommand;

/// A pattern of streams, and the reducer that folds them: a file, or *Auto*.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Bound {
    /// The pattern.
    pub streams: String,
    /// The file; `None` for *Auto*.
    pub file: Option<PathBuf>,
}

/// A reducer's file, read.
pub enum Loaded {
    /// It can fold.
    Ready(Box<dyn Reducer>),
    /// It runs this command line, and nobody has said yes to that.
    Unasked(String),
    /// It cannot be used, and why.
    Refused(String),
}

/// What a reducer's file holds, by its name and text.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    /// A declarative table.
    Rules,
    /// A script.
    JavaScript,
    /// A child process.
    Process,
}

impl Workspace {
    /// Its bindings: the first that matches a stream holds.
    #[must_use]
    pub fn bindings(&self) -> Vec<Bound> {
        let bound = |binding: &super::Binding| Bound {
            streams: binding.streams.clone(),
            file: binding.file.as_deref().map(|file| self.beside(file)),
        };
        self.reducers.iter().map(bound).collect()
    }
}

/// Reads a reducer's file.
#[must_use]
pub fn load(file: &Path, consent: Consent) -> Loaded {
    if consent == Consent::Remembered
        && let Some(command) = command_in(file)
        && matches!(consent::is_allowed(file, &command), Ok(false))
    {
        return Loaded::Unasked(command.command.join(" "));
    }
    match reducer_in(file, consent) {
        Ok(reducer) => Loaded::Ready(reducer),
        Err(Error::Input(why)) => Loaded::Refused(why),
        Err(error) => Loaded::Refused(error.to_string()),
    }
}

/// What a file of this name and text is.
#[must_use]
pub fn kind_of(file: &Path) -> Kind {
    match file.extension().and_then(|extension| extension.to_str()) {
        Some("toml") if command_in(file).is_some() => Kind::Process,
        Some("toml") => Kind::Rules,
        _ => Kind::JavaScript,
    }
}

/// The files whose change is a change of this reducer: its own, and those that its command names.
#[must_use]
pub fn watched(file: &Path) -> Vec<PathBuf> {
    let mut files = vec![file.to_owned()];
    if let Some(command) = command_in(file) {
        files.extend(command.command.iter().map(|word| command.folder.join(word)).filter(|path| path.is_file()));
    }
    files
}

fn command_in(file: &Path) -> Option<ProcessCommand> {
    if file.extension().is_none_or(|extension| extension != "toml") {
        return None;
    }
    let text = text_of(file).ok()?;
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    ProcessCommand::parse("", &text, folder.to_owned()).ok().flatten()
}
