//! Reducers' files as a window uses them: what is bound to what, which files to watch, and what is wrong with one.

use std::path::{Path, PathBuf};

use super::{Consent, Workspace, consent, reducer_in, text_of};
use crate::error::{Error, Result};
use crate::reducer::process::ProcessCommand;
use crate::reducer::rules::Rules;
use crate::reducer::{Reducer, javascript};

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
    /// The reducer that a repro bundle carries; `None` for the workspace of any other log.
    #[must_use]
    pub fn carried(&self) -> Option<&super::Source> {
        self.embedded.as_ref()
    }

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

/// The reducer of a text that is being edited; the file's name says of what kind it is. A process is not tried out.
///
/// # Errors
/// `Input` with what is wrong with the text.
pub fn of_text(file: &Path, text: &str) -> Result<Box<dyn Reducer>> {
    let name = file.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
    match file.extension().and_then(|extension| extension.to_str()) {
        Some("js" | "mjs" | "cjs") => javascript::compile(&name, text),
        Some("toml") => {
            if ProcessCommand::parse(&name, text, PathBuf::new())?.is_some() {
                return Err(Error::Input("a process is not tried out while it is edited: save it first".to_owned()));
            }
            Ok(Box::new(Rules::parse(&name, text)?))
        }
        _ => Err(Error::Input("a reducer's file ends in .js (JavaScript) or .toml (rules, or a process)".to_owned())),
    }
}

/// Saves a text as a whole: who reads the file meanwhile sees the old text or the new one.
///
/// # Errors
/// `Other` where the file cannot be written.
pub fn save(file: &Path, text: &str) -> Result<()> {
    let failed = |error: std::io::Error| Error::Other(format!("cannot write {}: {error}", file.display()));
    if let Some(folder) = file.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        std::fs::create_dir_all(folder).map_err(failed)?;
    }
    let fresh = file.with_extension(format!("{}.tmp", std::process::id()));
    std::fs::write(&fresh, text).map_err(failed)?;
    std::fs::rename(&fresh, file).map_err(failed)
}

/// Binds a reducer's file to a pattern of streams, before all other bindings, in a workspace file that may not be there
/// yet. The rest of that file stays as it is.
///
/// # Errors
/// `Input` where the workspace file is malformed; `Other` where it cannot be written.
pub fn bind(workspace: &Path, streams: &str, file: &Path) -> Result<()> {
    let text = if workspace.exists() { text_of(workspace)? } else { String::new() };
    let known = Workspace::parse(workspace, &text)?;
    if known.bindings().iter().any(|bound| bound.streams == streams && bound.file.as_deref() == Some(file)) {
        return Ok(());
    }
    let folder = workspace.parent().unwrap_or(Path::new(""));
    let relative = file.strip_prefix(folder).unwrap_or(file).to_string_lossy();
    let quoted = |text: &str| toml::Value::String(text.to_owned()).to_string();
    let binding = format!("[[reducer]]\nstreams = {}\nfile = {}\n\n", quoted(streams), quoted(&relative));
    // The first that matches holds, so that a new one stands before the others.
    let lines = text.split_inclusive('\n');
    let at = lines.scan(0, |at, line| Some((std::mem::replace(at, *at + line.len()), line)));
    let first = at.into_iter().find(|(_, line)| line.trim_start().starts_with("[[reducer]]")).map(|(at, _)| at);
    let bound = match first {
        Some(at) => format!("{}{binding}{}", &text[..at], &text[at..]),
        None if text.is_empty() => binding,
        None => format!("{}\n\n{binding}", text.trim_end()),
    };
    Workspace::parse(workspace, &bound)?;
    save(workspace, &bound)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_binding_stands_first_and_the_rest_stays() {
        let folder = tempfile::tempdir().unwrap();
        let workspace = folder.path().join("eventscope.toml");
        let file = |name: &str| folder.path().join(name);
        bind(&workspace, "account-*", &file("a \"b\".js")).unwrap();
        std::fs::write(&workspace, format!("# ours\n{}# end\n", std::fs::read_to_string(&workspace).unwrap())).unwrap();
        bind(&workspace, "*", &file("all.toml")).unwrap();
        bind(&workspace, "*", &file("all.toml")).unwrap();
        let text = std::fs::read_to_string(&workspace).unwrap();
        assert!(text.starts_with("# ours\n") && text.ends_with("# end\n"), "{text}");
        let streams: Vec<String> =
            Workspace::parse(&workspace, &text).unwrap().bindings().into_iter().map(|bound| bound.streams).collect();
        assert_eq!(streams, ["*", "account-*"]);
    }
}
