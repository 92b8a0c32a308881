//! The yes to running a program: given once for each workspace and command, and remembered in the user's own folder.
//!
//! A workspace file comes with a log and may come from anybody. Nothing that it names runs before the user said yes to
//! that command in that file. Another command, or the same one in another place, is asked for anew.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use crate::error::{Error, Result};
use crate::reducer::process::ProcessCommand;

/// The environment variable that names another folder for the user's settings.
pub const CONFIG_DIR_VARIABLE: &str = "EVENTSCOPE_CONFIG_DIR";
const FILE_NAME: &str = "allowed-processes";

/// What the user says about running programs.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Consent {
    /// Only what was allowed before.
    #[default]
    Remembered,
    /// Yes, and remember it.
    Given,
}

/// Checks, and remembers, the yes to a command in a reducer's file.
///
/// # Errors
/// `Input` where nobody said yes; `Other` where the yes cannot be remembered.
pub fn check(file: &Path, command: &ProcessCommand, consent: Consent) -> Result<()> {
    let hash = hash(file, command)?;
    let remembered = folder()?.join(FILE_NAME);
    match (is_known(&remembered, &hash), consent) {
        (true, _) => Ok(()),
        (false, Consent::Given) => remember(&remembered, &hash, file, command),
        (false, Consent::Remembered) => Err(Error::Input(format!(
            "{} runs a program: {} (say yes to it once with --allow-process)",
            file.display(),
            command.command.join(" ")
        ))),
    }
}

/// True where somebody said yes to a command in a reducer's file before.
///
/// # Errors
/// `Input` where the file is not there; `Other` where there is no folder for settings.
pub fn is_allowed(file: &Path, command: &ProcessCommand) -> Result<bool> {
    Ok(is_known(&folder()?.join(FILE_NAME), &hash(file, command)?))
}

fn is_known(remembered: &Path, hash: &str) -> bool {
    std::fs::read_to_string(remembered)
        .is_ok_and(|text| text.lines().any(|line| line.split_whitespace().next() == Some(hash)))
}

fn remember(remembered: &Path, hash: &str, file: &Path, command: &ProcessCommand) -> Result<()> {
    let failed = |error: std::io::Error| Error::Other(format!("cannot write {}: {error}", remembered.display()));
    if let Some(folder) = remembered.parent() {
        std::fs::create_dir_all(folder).map_err(failed)?;
    }
    // The rest of the line is for people: one line, whatever the command holds.
    let told = format!("{} {:?}", file.display(), command.command).replace(['\n', '\r'], " ");
    let mut open = std::fs::OpenOptions::new().create(true).append(true).open(remembered).map_err(failed)?;
    open.write_all(format!("{hash} {told}\n").as_bytes()).map_err(failed)
}

fn hash(file: &Path, command: &ProcessCommand) -> Result<String> {
    let real = std::fs::canonicalize(file)
        .map_err(|error| Error::Input(format!("cannot find {}: {error}", file.display())))?;
    let mut hasher = blake3::Hasher::new();
    for part in std::iter::once(real.to_string_lossy().as_ref()).chain(command.command.iter().map(String::as_str)) {
        hasher.update(&(part.len() as u64).to_le_bytes());
        hasher.update(part.as_bytes());
    }
    Ok(hasher.finalize().to_hex().to_string())
}

fn folder() -> Result<PathBuf> {
    match std::env::var_os(CONFIG_DIR_VARIABLE) {
        Some(folder) if !folder.is_empty() => Ok(PathBuf::from(folder)),
        _ => dirs::config_dir()
            .map(|folder| folder.join("eventscope"))
            .ok_or_else(|| Error::Other("there is no folder for settings (set EVENTSCOPE_CONFIG_DIR)".to_owned())),
    }
}
