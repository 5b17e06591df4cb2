//! `salus migrate`.

use super::{CommandError, CommandResult};
use crate::{app, config::Config, registry, ui};
use clap::Args;
use kernel::Env;

/// Bring the schema of the database up to date
#[derive(Args)]
pub struct Migrate {
    /// Only say what is missing; exit code 2 if anything is
    #[arg(long)]
    check: bool,
}

impl Migrate {
    pub async fn run(self, config: Config) -> CommandResult {
        app::make_private_dir(&config.data_dir()?)?;
        let db = app::open_database(&config, &Env::system())?;
        let set = registry::migrations();
        let steps = if self.check {
            db.missing(&set).await.map(|steps| steps.iter().map(|step| step.name).collect())
        } else {
            db.migrate(&set).await
        };
        let steps = steps.map_err(CommandError::failed)?;
        for step in &steps {
            ui::say(format_args!("{} {step}", if self.check { "missing" } else { "applied" }));
        }
        db.close();
        match (self.check, steps.is_empty()) {
            (_, true) => ui::say("The schema is up to date"),
            (true, false) => return Err(CommandError::Found),
            (false, false) => {}
        }
        Ok(())
    }
}
