//! What the workspace file says of a log's payloads, given to the decoder of its layout.

use super::layouts::Recognised;
use crate::error::{Error, Result};
use crate::locator::Locator;
use crate::payload::{Masking, Settings};

/// The layout with what the workspace file that was named, else the one beside the log, says of payloads; the evidence
/// says what that is.
///
/// # Errors
/// `Open` where the file is malformed, with the place; `Input` where it was named.
pub(super) fn configure(mut recognised: Recognised, place: &Locator) -> Result<Recognised> {
    let beside = place.file().with_file_name("eventscope.toml");
    let file = match &place.workspace {
        Some(named) => named,
        None if beside.is_file() => &beside,
        None => return Ok(recognised),
    };
    let failed = |why: String| match place.workspace {
        Some(_) => Error::Input(why),
        None => Error::Open(why),
    };
    let text =
        std::fs::read_to_string(file).map_err(|error| failed(format!("cannot read {}: {error}", file.display())))?;
    let settings = Settings::parse(file, &text, recognised.layout, Masking::of_program())
        .map_err(|error| failed(error.to_string()))?;
    if let Some(settings) = settings {
        recognised.evidence.extend(settings.facts());
        let decoder = std::mem::take(&mut recognised.map.decoder);
        recognised.map.decoder = decoder.with_settings(Some(settings));
    }
    Ok(recognised)
}
