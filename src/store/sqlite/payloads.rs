//! What the workspace file says of a log's payloads, given to the decoder of its layout.

use std::path::Path;

use super::layouts::Recognised;
use crate::error::{Error, Result};
use crate::payload::{Masking, Settings};

/// The layout with what the workspace file beside the log says of payloads; the evidence says what that is.
///
/// # Errors
/// `Open` where the file is malformed, with the place.
pub(super) fn configure(mut recognised: Recognised, log: &Path) -> Result<Recognised> {
    let file = log.with_file_name("eventscope.toml");
    if !file.is_file() {
        return Ok(recognised);
    }
    let text = std::fs::read_to_string(&file)
        .map_err(|error| Error::Open(format!("cannot read {}: {error}", file.display())))?;
    let settings = Settings::parse(&file, &text, Masking::On).map_err(|error| Error::Open(error.to_string()))?;
    if let Some(settings) = settings {
        recognised.evidence.extend(settings.facts());
        let decoder = std::mem::take(&mut recognised.map.decoder);
        recognised.map.decoder = decoder.with_settings(Some(settings));
    }
    Ok(recognised)
}
