//! `salus keys`.

use super::{CommandError, CommandResult, must_be_there, open};
use crate::{
    app,
    config::{Config, secret_file},
    registry, ui,
};
use clap::{Subcommand, ValueEnum};
use db::SqlSealedRows;
use kernel::{Env, TenantId};
use std::path::PathBuf;
use vault::{FileKms, Passphrase, Start, Target, Unlock};

/// Look after the encryption keys
#[derive(Subcommand)]
pub enum Keys {
    /// Say which versions of which keys exist and how much they protect
    Status {
        /// As JSON
        #[arg(long)]
        json: bool,
    },
    /// Make new versions of keys; what is there stays readable
    Rotate {
        /// Which keys
        #[arg(value_enum)]
        level: Level,
        /// Use the new version at once. Only while no other process is running
        #[arg(long)]
        now: bool,
    },
    /// Seal everything anew under the newest keys and remove keys that nothing needs
    Sweep,
    /// Destroy old root keys that nothing in the database needs. Backups that were made under them
    /// never open again: seal those anew first, with `salus backup DIR --reseal`
    RetireRoots {
        /// Yes, all backups that matter were sealed anew
        #[arg(long, required = true)]
        backups_are_resealed: bool,
    },
    /// Open every sealed value; says which cannot be opened, never what is in them
    Verify,
    /// Protect the root key by a passphrase, or no longer
    Protect {
        /// A file with the new passphrase; without it the root key is stored in the clear
        #[arg(long, value_name = "FILE")]
        passphrase_file: Option<PathBuf>,
    },
}

/// Which keys are rotated.
#[derive(Clone, Copy, ValueEnum)]
pub enum Level {
    /// The root key
    Root,
    /// The shred epoch
    Epoch,
    /// The keys of the tenant
    Tenant,
    /// The keys of blind indexes
    Index,
    /// Everyone's keys of every purpose
    Purposes,
    /// What pages show that they are ours with; pages that are open go on
    Pages,
}

impl Keys {
    pub async fn run(self, config: Config) -> CommandResult {
        match self {
            Self::Status { json } => status(config, json).await,
            Self::Rotate { level, now } => rotate(config, level, now).await,
            Self::Sweep => sweep(config).await,
            Self::RetireRoots { .. } => retire_roots(config).await,
            Self::Verify => verify(config).await,
            Self::Protect { passphrase_file } => protect(&config, passphrase_file.as_deref()),
        }
    }
}

async fn status(config: Config, json: bool) -> CommandResult {
    let (app, _) = open(config).await?;
    let status = app.vault.status().await.map_err(CommandError::failed)?;
    let root = status.kms.iter().map(|count| {
        let made = count.version.created_at.to_string();
        (count.version.key.to_string(), "kms", count.wraps, false, made)
    });
    let table = status.keys.iter().map(|count| {
        let name =
            format!("{}{}/{}", count.line.kind.name(), dotted(&count.line.name), count.version);
        (name, "table", count.count, count.superseded, String::new())
    });
    for (key, place, count, superseded, made) in root.chain(table) {
        if json {
            ui::say_json_line(&serde_json::json!({
                "key": key, "place": place, "count": count, "superseded": superseded, "made": made,
            }));
        } else {
            let note = if superseded { "superseded" } else { &made };
            ui::say(format_args!("{place:6} {key:40} {count:>10}  {note}"));
        }
    }
    Ok(())
}

fn dotted(name: &str) -> String {
    if name.is_empty() { String::new() } else { format!(".{name}") }
}

async fn rotate(config: Config, level: Level, now: bool) -> CommandResult {
    let (app, _) = open(config).await?;
    let target = match level {
        Level::Root => Target::Root,
        Level::Epoch => Target::Epoch,
        Level::Tenant => Target::Tenant(TenantId::DEFAULT),
        Level::Index => Target::Index(TenantId::DEFAULT),
        Level::Purposes => {
            let start = if now { Start::Now } else { Start::WhenKnown };
            let bar = ui::progress(0, "people");
            let show = |done| bar.set_position(done);
            let rotated = app.vault.rotate_purposes(app.env.now(), start, &show).await;
            let rotated = rotated.map_err(CommandError::failed)?;
            bar.finish_and_clear();
            ui::say(format_args!("{rotated} keys have a new version; run `salus keys sweep`"));
            return Ok(());
        }
        Level::Pages => {
            // No page is logged in for longer.
            let (_, whole) = app.config.accounts.session.cookie_life(false);
            let target = Target::System(identity::CSRF_KEY, Some(whole));
            let start = if now { Start::Now } else { Start::WhenKnown };
            app.vault.rotate(target, start).await.map_err(CommandError::failed)?;
            ui::say("A new version is there; running programs take it up by themselves");
            return Ok(());
        }
    };
    let start = if now { Start::Now } else { Start::WhenKnown };
    app.vault.rotate(target, start).await.map_err(CommandError::failed)?;
    ui::say("A new version is there; run `salus keys sweep` to move what the old one protects");
    Ok(())
}

async fn sweep(config: Config) -> CommandResult {
    let (app, _) = open(config).await?;
    let rows = SqlSealedRows::new(app.db.clone(), &registry::columns());
    let bar = ui::progress(0, "sealed anew");
    let report = app.vault.sweep(&rows, &|report| bar.set_position(report.resealed)).await;
    let report = report.map_err(CommandError::failed)?;
    bar.finish_and_clear();
    ui::say(format_args!(
        "{} keys wrapped anew, {} values sealed anew, {} old keys removed, {} still needed",
        report.rewrapped, report.resealed, report.removed, report.waiting
    ));
    found(report.unopenable, &report.places)
}

async fn retire_roots(config: Config) -> CommandResult {
    let (app, _) = open(config).await?;
    for key in app.vault.retire_roots().await.map_err(CommandError::failed)? {
        ui::say(format_args!("destroyed {key}"));
    }
    Ok(())
}

async fn verify(config: Config) -> CommandResult {
    let (app, _) = open(config).await?;
    let rows = SqlSealedRows::new(app.db.clone(), &registry::columns());
    let bar = ui::progress(0, "opened");
    let report = app.vault.verify(&rows, &|report| bar.set_position(report.opened)).await;
    let report = report.map_err(CommandError::failed)?;
    bar.finish_and_clear();
    ui::say(format_args!(
        "keys of {} owners unwrap, of {} do not; {} values open, {} do not",
        report.owners, report.owners_failed, report.opened, report.failed
    ));
    for owner in &report.failed_owners {
        ui::say(format_args!("keys do not unwrap: user {}", owner.user));
    }
    found(report.owners_failed + report.failed, &report.places)
}

fn found(problems: u64, places: &[vault::Place]) -> CommandResult {
    for place in places {
        ui::say(format_args!("does not open: {place}"));
    }
    if problems == 0 { Ok(()) } else { Err(CommandError::Found) }
}

fn protect(config: &Config, file: Option<&std::path::Path>) -> CommandResult {
    must_be_there(config)?;
    let known = app::passphrase(config).map_err(CommandError::failed)?;
    let wanted = match file {
        Some(path) => {
            let secret = secret_file(path).map_err(CommandError::failed)?;
            Unlock::Passphrase(Passphrase::new(secret).map_err(CommandError::failed)?)
        }
        None => Unlock::Plain,
    };
    let dir = config.keys_dir().map_err(CommandError::failed)?;
    FileKms::protect(&dir, &Env::system(), known.as_ref(), wanted).map_err(CommandError::failed)?;
    ui::say("The root key is protected anew; set keys.passphrase_file to match");
    Ok(())
}
