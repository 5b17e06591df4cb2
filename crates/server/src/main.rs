//! The `salus` program.

use clap::Parser;
use std::process::ExitCode;

fn main() -> ExitCode {
    server::commands::run(server::commands::Cli::parse())
}
