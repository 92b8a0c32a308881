//! `completions`: the script by which a shell completes commands and options. It is made from the same definition as
//! the parser, so that it knows all of them.

use clap::CommandFactory as _;

use super::arguments::{Arguments, CompletionsArguments};
use super::output::{Answer, Ending, Output};

/// Prints the script.
pub fn run(arguments: &CompletionsArguments, output: &mut Output) -> Ending {
    let mut script = Vec::new();
    clap_complete::generate(arguments.shell, &mut Arguments::command(), "eventscope", &mut script);
    output.line(String::from_utf8_lossy(&script).trim_end())?;
    Ok(Answer::Yes)
}
