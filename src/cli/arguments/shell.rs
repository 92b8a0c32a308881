//! What shells and manuals ask of the program itself.

use clap::Args;
use clap_complete::Shell;

/// `completions`.
#[derive(Args, Debug)]
pub struct CompletionsArguments {
    /// The shell
    #[arg(value_enum)]
    pub shell: Shell,
}
