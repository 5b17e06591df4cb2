//! `salus backup` and `salus restore`.

use super::{CommandError, CommandResult, open};
use crate::{
    app::{self, App},
    backup::{self, Files, OnProgress},
    config::Config,
    registry, ui,
};
use audit::VerifyOptions;
use clap::Args;
use db::SqlSealedRows;
use kernel::Env;
use std::{path::PathBuf, sync::Arc, time::Duration};

/// Write an encrypted backup while the server runs
#[derive(Args)]
pub struct Backup {
    /// The directory for the two files of a backup
    directory: PathBuf,
    /// Remove files with people's keys that are older than this
    #[arg(long, value_name = "DAYS", default_value_t = 30)]
    keep_keys: u16,
    /// Only seal the backups in the directory anew with the newest root key
    #[arg(long)]
    reseal: bool,
}

/// Restore a backup into an empty database
#[derive(Args)]
pub struct Restore {
    /// The file with the data, ending in .backup; the file with the keys is beside it
    file: PathBuf,
}

fn progress_bar() -> (indicatif::ProgressBar, OnProgress) {
    let bar = ui::progress(0, "rows");
    let shown = bar.clone();
    let on_progress: OnProgress = Arc::new(move |progress| {
        shown.set_length(progress.of.unwrap_or(progress.rows));
        shown.set_position(progress.rows);
    });
    (bar, on_progress)
}

impl Backup {
    pub async fn run(self, config: Config) -> CommandResult {
        let (app, _) = open(config).await?;
        if self.reseal {
            let world = (app.kms.as_ref(), &app.env);
            let done = backup::reseal_all(&self.directory, world).await;
            let done = done.map_err(CommandError::failed)?;
            ui::say(format_args!("{} files were sealed anew", done.len()));
            return Ok(());
        }
        let (bar, on_progress) = progress_bar();
        let made = backup::create(&app.db, app.kms.as_ref(), &self.directory, &on_progress).await;
        let report = made.map_err(CommandError::failed)?;
        bar.finish_and_clear();
        ui::say(format_args!("{} ({} rows)", report.data.display(), report.counts.total()));
        ui::say(format_args!(
            "{} (people's keys: keep for weeks, not years)",
            report.keys.display()
        ));
        let keep = Duration::from_hours(24 * u64::from(self.keep_keys));
        let pruned = backup::prune(&self.directory, keep, &app.env).await;
        for path in pruned.map_err(CommandError::failed)? {
            ui::say(format_args!("removed {}", path.display()));
        }
        app.db.close();
        Ok(())
    }
}

impl Restore {
    pub async fn run(self, mut config: Config) -> CommandResult {
        let env = Env::system();
        // New root keys would open no backup, and stand in the way of the real ones.
        if !app::has_keys(&config)? {
            return Err(CommandError::Failed(format!(
                "first put the key files of the backed up Salus into {}",
                config.keys_dir()?.display()
            )));
        }
        app::make_private_dir(&config.data_dir()?)?;
        let kms = app::open_kms(&config, &env)?;
        let db = app::open_database(&config, &env)?;
        let files = Files::beside(&self.file).await.map_err(CommandError::failed)?;
        let (bar, on_progress) = progress_bar();
        let set = registry::migrations();
        let restored = backup::restore(&files, &db, &kms, &set, &on_progress).await;
        let restored = restored.map_err(CommandError::failed)?;
        bar.finish_and_clear();
        db.close();
        ui::say(format_args!(
            "{} rows of {} are back",
            restored.counts.total(),
            restored.data.created
        ));
        config.database.migrate_on_start = false;
        let (app, ctx) = open(config).await?;
        // A device that was logged in at that moment may belong to somebody else by now.
        app.accounts.end_everybodys_sessions(&ctx).await.map_err(CommandError::failed)?;
        ui::say("All log-ins were ended. Everything else is as it was at that moment:");
        ui::say("passwords and factors that were changed since, keys for programs that were");
        ui::say("revoked and consents that were withdrawn count again. Tell people about it");
        if restored.data.id == restored.keys.id {
            ui::say("People who were erased after that moment are back: erase them again");
        }
        prove(&app).await
    }
}

/// Says whether what was restored is what was backed up.
async fn prove(app: &App) -> CommandResult {
    let ledger =
        app.ledger.verify(&VerifyOptions::default()).await.map_err(CommandError::failed)?;
    let rows = SqlSealedRows::new(app.db.clone(), &registry::columns());
    let values = app.vault.verify(&rows, &|_| ()).await.map_err(CommandError::failed)?;
    app.db.close();
    ui::say(format_args!(
        "{} ledger entries and {} sealed values were checked",
        ledger.leaves, values.opened
    ));
    if ledger.is_sound() && values.is_clean() {
        ui::say("Everything is as it was");
        return Ok(());
    }
    ui::say("Not everything is as it was: see `salus audit verify` and `salus keys verify`");
    Err(CommandError::Found)
}
