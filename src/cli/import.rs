//! `import`: a file, or any log, into a log that Eventscope made; whole or not at all.

use std::fmt::Write as _;
use std::path::Path;

use serde_json::json;

use super::arguments::{FileFormat, ImportArguments, locator};
use super::export::progress;
use super::output::{Answer, Ending, Output, counted, thousands};
use crate::store::exchange::import;

/// Imports, and says what was new.
pub fn run(arguments: &ImportArguments, output: &mut Output) -> Ending {
    let log = Path::new(&arguments.log.log);
    let format = arguments.format.map(FileFormat::format);
    let from = locator(&arguments.from, arguments.workspace.as_deref());
    let imported = import(log, Path::new(&from), format, &mut progress())?;
    if output.is_json() {
        output.object(&json!({
            "events": imported.events,
            "repeated": imported.repeated,
            "resumed_after": imported.resumed_after,
            "renumbered": imported.renumbered,
        }))?;
        return Ok(Answer::Yes);
    }
    let mut text = format!("{} from {}", counted(imported.events, "event"), arguments.from);
    if imported.repeated > 0 {
        let _ = write!(text, ", {} of them in the log already", thousands(imported.repeated));
    }
    if imported.resumed_after > 0 {
        let _ = write!(text, ", the first {} by an import that was interrupted", thousands(imported.resumed_after));
    }
    if imported.renumbered {
        text.push_str("; its versions begin at 0, and are one higher here");
    }
    output.line(text)?;
    Ok(Answer::Yes)
}
