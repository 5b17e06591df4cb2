//! `salus passwords`: which passwords nobody may choose.

use super::{CommandError, CommandResult};
use crate::{app, config::Config, ui};
use clap::{Args, Subcommand};
use db::files;
use identity::PasswordFilter;
use kernel::Env;
use std::{
    fs::File,
    path::{Path, PathBuf},
};

/// The server may run as somebody else than whoever imports a list.
const MODE: u32 = 0o644;

/// What can be done with lists of passwords.
#[derive(Subcommand)]
pub enum Passwords {
    /// Refuse the passwords of a list, besides those of the list that comes with Salus
    Import(Import),
}

/// A list and where its filter goes.
#[derive(Args)]
pub struct Import {
    /// One password on each line, or its SHA-1 in hexadecimal digits
    list: PathBuf,
    /// Where to write the filter. Default: where the server looks for it, in the data directory
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,
}

impl Passwords {
    pub fn run(self, config: &Config) -> CommandResult {
        match self {
            Self::Import(import) => import.run(config),
        }
    }
}

impl Import {
    fn run(self, config: &Config) -> CommandResult {
        let place = match self.output {
            Some(place) => place,
            None => app::password_list(config)?,
        };
        let list = File::open(&self.list).map_err(|error| failed(&self.list, error))?;
        let filter =
            PasswordFilter::from_list(list).map_err(|error| failed(&self.list, error))?.to_bytes();
        // As a whole or not at all: a server may be reading it.
        let written = files::replace(&Env::system(), &place, MODE, &filter);
        written.map_err(|error| failed(&place, error))?;
        ui::say(format_args!("wrote {} ({} bytes)", place.display(), filter.len()));
        Ok(())
    }
}

fn failed(path: &Path, error: impl std::fmt::Display) -> CommandError {
    CommandError::failed(format_args!("{}: {error}", path.display()))
}
