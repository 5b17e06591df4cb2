//! The commands of the program. They translate, as handlers do: rules live in the services that
//! the API calls too.

mod audit;
mod backup;
mod crisis;
mod doctor;
mod documents;
mod invite;
mod keys;
mod migrate;
mod models;
mod passwords;
mod serve;
mod sign_up;
mod user;

use crate::{
    app::{self, App, StartError},
    config::{Config, ConfigError},
    logging,
};
use clap::{Args, Parser, Subcommand};
use kernel::{Ctx, Env};
use std::{path::PathBuf, process::ExitCode, sync::Arc};

/// A private health companion to host yourself.
#[derive(Parser)]
#[command(name = "salus", version, about, propagate_version = true)]
pub struct Cli {
    #[command(flatten)]
    place: Place,
    #[command(subcommand)]
    command: Command,
}

/// Where settings and data are.
#[derive(Args)]
struct Place {
    /// The settings file. Nothing needs to be set
    #[arg(long, global = true, value_name = "FILE", env = "SALUS_CONFIG")]
    config: Option<PathBuf>,
    /// Where keys, the embedded database and files live
    #[arg(long, global = true, value_name = "DIR")]
    data_dir: Option<PathBuf>,
}

#[derive(Subcommand)]
enum Command {
    /// Start the server
    Serve(serve::Serve),
    /// Do background work only, beside servers that run with worker.in_process = false
    Worker,
    /// Bring the schema of the database up to date
    Migrate(migrate::Migrate),
    /// Check an installation and say what to do
    Doctor(doctor::Doctor),
    /// Look after the encryption keys
    #[command(subcommand)]
    Keys(keys::Keys),
    /// Examine the tamper-evident ledger
    #[command(subcommand)]
    Audit(audit::Audit),
    /// Look after accounts
    #[command(subcommand)]
    User(user::User),
    /// Invite people to make an account
    #[command(subcommand)]
    Invite(invite::Invite),
    /// Decide who may make an account
    #[command(subcommand)]
    SignUp(sign_up::SignUp),
    /// Look after models that work on this machine
    #[command(subcommand)]
    Models(models::Models),
    /// Look after the list of passwords that nobody may choose
    #[command(subcommand)]
    Passwords(passwords::Passwords),
    /// Write an encrypted backup while the server runs
    Backup(backup::Backup),
    /// Restore a backup into an empty database
    Restore(backup::Restore),
    /// Look at how danger is recognised
    #[command(subcommand)]
    Crisis(crisis::Crisis),
    /// Print the OpenAPI document
    Openapi,
    /// Show what can be configured
    #[command(subcommand)]
    Config(documents::ConfigCommand),
    /// Print completions for a shell
    Completions {
        /// Which shell
        shell: clap_complete::Shell,
    },
    /// Print the reference of all commands
    #[command(hide = true)]
    HelpMarkdown,
}

/// Why a command failed.
#[derive(Debug, thiserror::Error)]
pub enum CommandError {
    /// The installation cannot be opened.
    #[error(transparent)]
    Start(#[from] StartError),
    /// What was asked for failed.
    #[error("{0}")]
    Failed(String),
    /// A check found something; it has been said what.
    #[error("see above")]
    Found,
}

impl From<ConfigError> for CommandError {
    fn from(error: ConfigError) -> Self {
        Self::Start(error.into())
    }
}

impl CommandError {
    fn failed(error: impl std::fmt::Display) -> Self {
        Self::Failed(error.to_string())
    }
}

type CommandResult = Result<(), CommandError>;

fn must_be_there(config: &Config) -> CommandResult {
    if app::has_keys(config)? {
        return Ok(());
    }
    let dir = config.keys_dir()?;
    Err(CommandError::Failed(format!(
        "there is no Salus here: no keys in {}. `salus serve` makes one; --data-dir or --config \
         says where another is",
        dir.display()
    )))
}

/// Runs the command; an error is said on standard error.
#[must_use]
pub fn run(cli: Cli) -> ExitCode {
    let result = match cli.command {
        // These need neither settings nor data.
        Command::Openapi => documents::openapi(),
        Command::Crisis(crisis) => crisis.run(),
        Command::Config(documents::ConfigCommand::Schema) => {
            documents::config_schema();
            Ok(())
        }
        Command::Completions { shell } => documents::completions(shell),
        Command::HelpMarkdown => {
            documents::help_markdown();
            Ok(())
        }
        command => settings(&cli.place).and_then(|config| run_with(command, config)),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(CommandError::Found) => ExitCode::from(2),
        Err(error) => {
            complain(&error);
            ExitCode::FAILURE
        }
    }
}

#[expect(clippy::print_stderr, reason = "where a terminal program says why it failed")]
fn complain(error: &CommandError) {
    eprintln!("salus: {error}");
}

fn settings(place: &Place) -> Result<Config, CommandError> {
    let mut config = Config::load(place.config.as_deref())?;
    if let Some(dir) = &place.data_dir {
        config.data_dir = Some(dir.clone());
    }
    logging::start(&config.log)?;
    Ok(config)
}

fn run_with(command: Command, config: Config) -> CommandResult {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let runtime = runtime.map_err(CommandError::failed)?;
    runtime.block_on(async {
        match command {
            Command::Serve(serve) => serve.run(config).await,
            Command::Worker => serve::work(config).await,
            Command::Migrate(migrate) => migrate.run(config).await,
            Command::Doctor(doctor) => doctor.run(config).await,
            Command::Keys(keys) => keys.run(config).await,
            Command::Audit(audit) => audit.run(config).await,
            Command::User(user) => user.run(config).await,
            Command::Invite(invite) => invite.run(config).await,
            Command::SignUp(sign_up) => sign_up.run(config).await,
            Command::Models(models) => models.run(&config).await,
            Command::Passwords(passwords) => passwords.run(&config),
            Command::Backup(backup) => backup.run(config).await,
            Command::Restore(restore) => restore.run(config).await,
            Command::Config(command) => documents::config(&command, &config),
            Command::Crisis(crisis) => crisis.run(),
            Command::Openapi | Command::Completions { .. } | Command::HelpMarkdown => Ok(()),
        }
    })
}

/// The installation, for a command that someone runs at the machine. It must be there: a new one,
/// made because the command ran as someone else or elsewhere, would look like one without data.
async fn open(config: Config) -> Result<(Arc<App>, Ctx), CommandError> {
    must_be_there(&config)?;
    let env = Env::system();
    let app = app::start(config, env.clone()).await?;
    Ok((app, Ctx::operator(env)))
}
