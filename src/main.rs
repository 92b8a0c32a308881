//! Arguments → the window or the command line, and nothing else.

use std::process::ExitCode;

use clap::Parser;
use eventscope::cli::{self, arguments::Arguments};

fn main() -> ExitCode {
    match Arguments::parse() {
        Arguments { command: Some(command), .. } => cli::run(command),
        Arguments { command: None, .. } => cli::no_display(),
    }
}
