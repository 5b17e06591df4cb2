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
use std::{path::PathBuf, time::Duration};
use vault::{FileKms, Passphrase, Start, SystemSecret, Target, Unlock};

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
        /// With `secrets`: this one alone
        #[arg(long, value_name = "NAME")]
        only: Option<String>,
        /// With `secrets`: what was made with the old versions holds no longer, as if somebody
        /// else might know them. Log-ins, links and remembered devices end
        #[arg(long)]
        distrust: bool,
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
    /// The keys around everyone's keys of every purpose
    People,
    /// The secrets of the program itself, with which it signs log-ins, links and pages; what was
    /// made with the old versions goes on
    Secrets,
}

impl Keys {
    pub async fn run(self, config: Config) -> CommandResult {
        match self {
            Self::Status { json } => status(config, json).await,
            Self::Rotate { level, now, only, distrust } => {
                let start = if now { Start::Now } else { Start::WhenKnown };
                match level {
                    Level::Secrets => rotate_secrets(config, start, only, distrust).await,
                    _ if distrust || only.is_some() => Err(CommandError::failed(ForSecrets)),
                    _ => rotate(config, level, start).await,
                }
            }
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

/// Some options are for one level.
#[derive(Debug, thiserror::Error)]
#[error("--only and --distrust are for `secrets`")]
struct ForSecrets;

/// A secret cannot be rotated so.
#[derive(Debug, thiserror::Error)]
enum SecretError {
    #[error("there is no secret of the program named {0}")]
    Unknown(String),
    #[error("{0} is needed for what is stored: it can be rotated, but not distrusted")]
    Needed(&'static str),
}

async fn rotate(config: Config, level: Level, start: Start) -> CommandResult {
    let (app, _) = open(config).await?;
    let bar = ui::progress(0, "keys");
    let show = |done| bar.set_position(done);
    let (vault, now) = (&app.vault, app.env.now());
    let rotated = match level {
        Level::Root => vault.rotate(Target::Root, start).await.map(|()| 1),
        Level::Epoch => vault.rotate(Target::Epoch, start).await.map(|()| 1),
        Level::Tenant => vault.rotate(Target::Tenant(TenantId::DEFAULT), start).await.map(|()| 1),
        Level::Index => vault.rotate(Target::Index(TenantId::DEFAULT), start).await.map(|()| 1),
        Level::Purposes => vault.rotate_purposes(now, start, &show).await,
        Level::People => vault.rotate_rings(now, &show).await,
        Level::Secrets => Ok(0),
    };
    let rotated = rotated.map_err(CommandError::failed)?;
    bar.finish_and_clear();
    let keys = if rotated == 1 { "key has" } else { "keys have" };
    ui::say(format_args!(
        "{rotated} {keys} a new version; run `salus keys sweep` to move what the old ones protect"
    ));
    Ok(())
}

async fn rotate_secrets(
    config: Config,
    start: Start,
    only: Option<String>,
    distrust: bool,
) -> CommandResult {
    let (app, _) = open(config).await?;
    let mut secrets = registry::secrets(&app.config);
    if let Some(name) = only {
        secrets.retain(|secret| secret.name == name);
        if secrets.is_empty() {
            return Err(CommandError::failed(SecretError::Unknown(name)));
        }
    } else if distrust {
        secrets.retain(|secret| secret.keep.is_some());
    }
    for SystemSecret { name, keep } in secrets {
        let keep = match keep {
            Some(_) if distrust => Some(Duration::ZERO),
            None if distrust => return Err(CommandError::failed(SecretError::Needed(name))),
            keep => keep,
        };
        app.vault.rotate(Target::System(name, keep), start).await.map_err(CommandError::failed)?;
        ui::say(format_args!("{name} has a new version"));
    }
    ui::say("Running programs take them up by themselves");
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
    let details = app.ledger.verify_details(&|report| bar.set_position(report.opened)).await;
    let details = details.map_err(CommandError::failed)?;
    bar.finish_and_clear();
    ui::say(format_args!(
        "{} details of the ledger open, {} do not",
        details.opened, details.failed
    ));
    for owner in &report.failed_owners {
        ui::say(format_args!("keys do not unwrap: user {}", owner.user));
    }
    found(report.owners_failed + report.failed + details.failed, &report.places)
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
