//! Arguments → the window or the command line, and nothing else.

use std::process::ExitCode;

use clap::Parser;
use eventscope::cli::{self, arguments::Arguments, arguments::Command};
use eventscope::gui::{self, Start, WindowError};

fn main() -> ExitCode {
    match Arguments::parse() {
        Arguments { command: Some(Command::Demo), .. } => match gui::run(&Start::Demo) {
            Err(WindowError::NoDisplay(_)) => cli::run(Command::Demo),
            ended => exit(ended),
        },
        Arguments { command: Some(command), .. } => cli::run(command),
        Arguments { command: None, log } => exit(gui::run(&log.map_or(Start::Welcome, Start::Log))),
    }
}

fn exit(ended: Result<(), WindowError>) -> ExitCode {
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        Err(WindowError::NoDisplay(why)) => cli::no_display(&why),
        Err(WindowError::Failed(error)) => cli::failed(&error),
    }
}
