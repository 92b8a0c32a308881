//! `map`: a guess of which columns hold what, to be kept as `eventscope.toml` beside the log.

use super::arguments::MapArguments;
use super::output::{Answer, Ending, Output};
use crate::store;

/// Prints the guess as TOML.
pub fn run(arguments: &MapArguments, output: &mut Output) -> Ending {
    for line in store::sqlite::map_text(&arguments.log)?.lines() {
        output.line(line)?;
    }
    Ok(Answer::Yes)
}
