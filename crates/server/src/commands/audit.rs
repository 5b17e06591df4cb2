//! `salus audit`.

use super::{CommandError, CommandResult, open};
use crate::{config::Config, ui};
use audit::{
    EventId, KeyKind, SigningKey, VerifierKey, VerifyOptions, VerifyReport, Witness, verify_export,
};
use clap::{Args, Subcommand};
use kernel::{Env, Secret};
use std::{
    io::Read,
    path::{Path, PathBuf},
    str::FromStr,
};

/// Examine the tamper-evident ledger
#[derive(Subcommand)]
pub enum Audit {
    /// Recompute everything and say whether anything was changed
    Verify(Verify),
    /// Print the newest signed checkpoint, to be kept somewhere else
    Checkpoint,
    /// Print the keys that checkpoints are signed with
    Keys,
    /// Print a proof that an event is in the ledger, for others to check offline
    Prove {
        /// The event's id
        event: EventId,
    },
    /// Copy the ledger into a new directory that `verify --export` checks without a server
    Export {
        /// The directory, which must not exist
        directory: PathBuf,
    },
    /// Be a witness of another installation's ledger, or ask one
    #[command(subcommand)]
    Witness(WitnessCommand),
}

/// Recompute everything and say whether anything was changed
#[derive(Args)]
pub struct Verify {
    /// An exported directory instead of this installation's ledger
    #[arg(long, value_name = "DIR")]
    export: Option<PathBuf>,
    /// A checkpoint that was kept somewhere else; the ledger must contain it
    #[arg(long, value_name = "FILE")]
    known: Vec<PathBuf>,
    /// A key whose signatures count, as `salus audit keys` prints it
    #[arg(long, value_name = "KEY")]
    key: Vec<VerifierKey>,
    /// As JSON
    #[arg(long)]
    json: bool,
}

/// Be a witness of another installation's ledger, or ask one
#[derive(Subcommand)]
pub enum WitnessCommand {
    /// Print what to send to a witness
    Request {
        /// How many leaves the witness has seen
        #[arg(long, default_value_t = 0)]
        old: u64,
    },
    /// Read a request from standard input; sign it if the ledger only grew
    Sign(Sign),
}

/// Read a request from standard input; sign it if the ledger only grew
#[derive(Args)]
pub struct Sign {
    /// The name of this witness
    #[arg(long)]
    name: String,
    /// A file with the witness's secret of 32 bytes; made if it is not there
    #[arg(long, value_name = "FILE")]
    key: PathBuf,
    /// Where the witness remembers what it has seen
    #[arg(long, value_name = "FILE")]
    state: PathBuf,
    /// A key of the ledger, as `salus audit keys` prints it there
    #[arg(long, value_name = "KEY", required = true)]
    ledger: Vec<VerifierKey>,
}

impl Audit {
    pub async fn run(self, config: Config) -> CommandResult {
        match self {
            Self::Verify(verify) => verify.run(config).await,
            Self::Witness(WitnessCommand::Sign(sign)) => sign.run(),
            other => other.run_on_ledger(config).await,
        }
    }

    async fn run_on_ledger(self, config: Config) -> CommandResult {
        let (app, ctx) = open(config).await?;
        let ledger = &app.ledger;
        match self {
            Self::Checkpoint => {
                ledger.sequence_all().await.map_err(CommandError::failed)?;
                say_file(ledger.checkpoint().await.map_err(CommandError::failed)?);
            }
            Self::Keys => {
                for key in ledger.verifier_keys().await.map_err(CommandError::failed)? {
                    ui::say(key);
                }
            }
            Self::Prove { event } => {
                say_file(ledger.prove(event).await.map_err(CommandError::failed)?);
            }
            Self::Export { directory } => {
                let bar = ui::progress(0, "leaves");
                let progress = |done, all| {
                    bar.set_length(all);
                    bar.set_position(done);
                };
                let export = ledger.export(&ctx, &directory, progress).await;
                let header = export.map_err(CommandError::failed)?;
                bar.finish_and_clear();
                ui::say(format_args!("{} entries are in {}", header.size, directory.display()));
            }
            Self::Witness(WitnessCommand::Request { old }) => {
                ledger.sequence_all().await.map_err(CommandError::failed)?;
                say_file(ledger.witness_request(old).await.map_err(CommandError::failed)?);
            }
            Self::Verify(_) | Self::Witness(WitnessCommand::Sign(_)) => {}
        }
        app.db.close();
        Ok(())
    }
}

impl Verify {
    async fn run(self, config: Config) -> CommandResult {
        let known = self.known.iter().map(|path| read(path)).collect::<Result<Vec<_>, _>>()?;
        let options = VerifyOptions { keys: self.key, known, since: None };
        let report = if let Some(directory) = &self.export {
            verify_export(directory, &options).map_err(CommandError::failed)?
        } else {
            let (app, _) = open(config).await?;
            app.ledger.sequence_all().await.map_err(CommandError::failed)?;
            app.ledger.checkpoint().await.map_err(CommandError::failed)?;
            let report = app.ledger.verify(&options).await.map_err(CommandError::failed)?;
            app.db.close();
            report
        };
        if self.json {
            ui::say_json(&report);
        } else {
            tell(&report);
        }
        if report.is_sound() { Ok(()) } else { Err(CommandError::Found) }
    }
}

/// Prints what is to be kept as a file, byte for byte: one more line end would spoil it.
fn say_file(text: impl std::fmt::Display) {
    let text = text.to_string();
    ui::say(text.strip_suffix('\n').unwrap_or(&text));
}

fn tell(report: &VerifyReport) {
    ui::say(format_args!(
        "{}: {} entries, {} batches, {} checkpoints recomputed; root {}",
        report.origin, report.leaves, report.batches, report.checkpoints, report.root
    ));
    for finding in &report.findings {
        ui::say(format_args!("FOUND {finding:?}"));
    }
    if report.unlisted > 0 {
        ui::say(format_args!("and {} more", report.unlisted));
    }
    ui::say(if report.is_sound() { "The ledger is sound" } else { "The ledger is NOT sound" });
}

fn read<T: FromStr<Err: std::fmt::Display>>(path: &Path) -> Result<T, CommandError> {
    let text = std::fs::read_to_string(path).map_err(CommandError::failed)?;
    text.parse().map_err(CommandError::failed)
}

impl Sign {
    fn run(self) -> CommandResult {
        let env = Env::system();
        let seed = seed(&self.key, &env).map_err(CommandError::failed)?;
        let key = SigningKey::from_seed(&self.name, KeyKind::Cosignature, &seed);
        let key = key.map_err(CommandError::failed)?;
        let public = key.verifier().to_string();
        let mut witness =
            Witness::open(key, self.ledger, &self.state).map_err(CommandError::failed)?;
        let mut request = String::new();
        std::io::stdin().read_to_string(&mut request).map_err(CommandError::failed)?;
        let signed = witness.add_checkpoint(&request, &env).map_err(CommandError::failed)?;
        say_file(signed);
        tracing::info!(public, "signed as a witness");
        Ok(())
    }
}

/// The secret of a witness, made on its first use.
fn seed(path: &Path, env: &Env) -> std::io::Result<Secret<Vec<u8>>> {
    use std::{io::Write, os::unix::fs::OpenOptionsExt};
    match std::fs::read(path) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            let seed = env.random::<32>().to_vec();
            let mut options = std::fs::OpenOptions::new();
            let mut file = options.create_new(true).write(true).mode(0o600).open(path)?;
            file.write_all(&seed)?;
            file.sync_all()?;
            Ok(Secret::new(seed))
        }
        found => found.map(Secret::new),
    }
}
