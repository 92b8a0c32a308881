//! `export --as`: a slice of a stream with the state that it comes to, as a fixture, a test, or a repro bundle.

use std::path::Path;

use serde_json::{Value, json};

use super::arguments::{Artefact, ExportArguments};
use super::output::{Answer, Ending, Output, counted};
use super::{position_of_version, reducer_for, replay_of, workspace_of};
use crate::error::{Error, Result};
use crate::log::Bookmark;
use crate::replay::artefact::check;
use crate::replay::artefact::skeleton::{Language, skeleton};
use crate::store::bundle::{Source, write_new};
use crate::store::sqlite::companion::Companion;
use crate::workspace;

/// Writes the file and says how many events it holds.
pub fn run(arguments: &ExportArguments, artefact: Artefact, output: &mut Output) -> Ending {
    let events = &arguments.events;
    let Some(name) = events.stream.as_deref() else {
        return Err(Error::Input("which stream? --as takes the events of one (give --stream)".to_owned()).into());
    };
    let picks = events.pick.picks() || events.category.is_some() || events.event_type.is_some();
    if picks || events.limit.is_some() || events.after_position.is_some() {
        let why = "a state comes of all events of a stream: --as takes --stream, --after-version and --version only";
        return Err(Error::Input(why.to_owned()).into());
    }
    let locator = events.log.locator();
    let (mut replay, stream) = replay_of(&locator, name, &events.pick.reducer)?;
    let Some(info) = replay.log().stream(&stream)? else {
        return Err(Error::Input(format!("there is no stream \"{stream}\" in this log")).into());
    };
    let mut position = |version: Option<i64>, default: u64| match version {
        Some(version) => position_of_version(replay.log(), &stream, version),
        None => Ok(default),
    };
    let (from, to) = (position(events.after_version, 0)?, position(arguments.version, info.events)?);
    if from > to {
        return Err(
            Error::Input("the slice ends before it begins (give --version after --after-version)".to_owned()).into()
        );
    }
    if artefact == Artefact::Bundle && from > 0 {
        let why = "a bundle begins at the stream's first event, so that it can be replayed (leave --after-version out)";
        return Err(Error::Input(why.to_owned()).into());
    }
    let slice = replay.slice(&stream, from..to)?;
    let count = slice.events.len() as u64;
    let path = Path::new(&arguments.to);
    let stem = path.file_stem().unwrap_or_default().to_string_lossy();
    match artefact {
        Artefact::Fixture => {
            let text = serde_json::to_string_pretty(&slice.fixture()).map_err(std::io::Error::from)?;
            write_new(path, &text)?;
        }
        Artefact::Rust => write_new(path, skeleton(&slice, Language::Rust, &stem).trim_end())?,
        Artefact::Typescript => write_new(path, skeleton(&slice, Language::TypeScript, &stem).trim_end())?,
        Artefact::Python => write_new(path, skeleton(&slice, Language::Python, &stem).trim_end())?,
        Artefact::Java => write_new(path, skeleton(&slice, Language::Java, &stem).trim_end())?,
        Artefact::Bundle => {
            let source = match &events.pick.reducer.reducer {
                Some(name) => workspace::source_named(name)?,
                None => workspace_of(&locator, &events.pick.reducer)?.source_of(stream.as_str())?,
            };
            let source = Source { name: source.name, text: source.text };
            let wanted = arguments.expect.as_deref().map(expected).transpose()?;
            let was_given = wanted.is_some();
            let mut bundle = slice.bundle(source, &bookmarks(&locator)?, wanted);
            if bundle.masked && !was_given {
                // What the masked events come to, which is what a check folds.
                let reducer = reducer_for(&locator, stream.as_str(), &events.pick.reducer)?;
                bundle.expected = check(path, bundle.clone(), reducer)?.folded;
            }
            bundle.write(path)?;
        }
    }
    if output.is_json() {
        output.object(&json!({ "events": count, "format": artefact.name(), "file": arguments.to }))?;
    } else {
        output.line(format!("{} with the state that they come to in {}", counted(count, "event"), path.display()))?;
    }
    Ok(Answer::Yes)
}

/// The state that a person expects: JSON in a file.
fn expected(path: &Path) -> Result<Value> {
    serde_json::from_str(&workspace::text_of(path)?)
        .map_err(|error| Error::Input(format!("{} is not JSON: {error}", path.display())))
}

fn bookmarks(locator: &str) -> Result<Vec<Bookmark>> {
    let path = crate::locator::Locator::parse(locator).path;
    match Companion::open_for(Path::new(&path)) {
        Ok(Some(companion)) => companion.bookmarks(),
        Ok(None) | Err(_) => Ok(Vec::new()),
    }
}
