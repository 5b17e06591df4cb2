//! The parts of the program, put together once at the start.

use crate::{
    config::{Config, ConfigError},
    forgery,
    health::Examined,
    idempotency::{self, ForgetAnswers},
    models, registry,
    remembering::{self, Remembered},
    tools::{self, HouseTools},
    tunnel::Refused,
    upkeep,
    verdict::LedgerHealth,
    wiring::{ConsentsAtRegistration, CrisisCare, CrisisGuard, Pagers, diaries, disclosures},
};
use audit::{AuditError, Ledger, LedgerConfig};
use companion::Companion;
use consent::{Consents, Emergency};
use crisis::{Lookout, LookoutError, lines::LinesError};
use db::{Db, DbConfig, DbError, Engine, JobHandler, SqlKeyStore};
use httpkit::{csrf::Csrf, idempotency::Idempotency, observe::Metrics, proxy::TrustedProxies};
use identity::{Attempts, Identity, MemoryAttempts, Parts, PasswordFilter, SharedAttempts};
use journal::Journal;
use kernel::{Env, Timestamp};
use mcp::Mcp;
use memory::Memory;
use notify::Mailer;
use providers::Providers;
use std::{
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};
use tokio_util::task::TaskTracker;
use vault::{FileKms, Kms, KmsError, Passphrase, Unlock, Vault, VaultConfig, VaultError};
use wellbeing::Wellbeing;

const YEAR: Duration = Duration::from_hours(8766);

/// Why the program cannot start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The rules and answers of crisis care cannot be read.
    #[error(transparent)]
    Crisis(#[from] LookoutError),
    /// The crisis lines of this installation cannot be read.
    #[error(transparent)]
    Lines(#[from] LinesError),
    /// A setting is wrong.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The data directory cannot be used.
    #[error("the data directory {path} cannot be used: {source}")]
    DataDir {
        /// Which one.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// The root key cannot be had.
    #[error("the keys cannot be opened: {0}")]
    Kms(#[from] KmsError),
    /// The database cannot be used.
    #[error(transparent)]
    Db(#[from] DbError),
    /// The keys in the database cannot be used.
    #[error(transparent)]
    Vault(#[from] VaultError),
    /// The ledger cannot be opened.
    #[error(transparent)]
    Audit(#[from] AuditError),
    /// The schema is older than the program.
    #[error("the schema needs {0} more steps: run `salus migrate`")]
    SchemaOld(usize),
    /// The address cannot be listened on.
    #[error("cannot listen on {address}: {source}")]
    Listen {
        /// Which one.
        address: std::net::SocketAddr,
        /// What the system says.
        source: std::io::Error,
    },
}

/// The parts of the program.
pub struct App {
    /// The world it runs in.
    pub env: Env,
    /// What was configured.
    pub config: Config,
    /// When it started.
    pub started: Timestamp,
    /// The database.
    pub db: Db,
    /// The root keys.
    pub kms: Arc<dyn Kms>,
    /// Everyone's keys.
    pub vault: Vault,
    /// The ledger.
    pub ledger: Ledger,
    /// Accounts and log-ins.
    pub accounts: Identity,
    /// Knows requests that come from pages of ours.
    pub csrf: Csrf,
    /// Letters to people.
    pub mailer: Mailer,
    /// What people agreed to.
    pub consents: Consents,
    /// Emergency access.
    pub emergency: Emergency,
    /// Journals.
    pub journal: Journal,
    /// Questionnaires, forms and exercises.
    pub wellbeing: Wellbeing,
    /// What stands behind help in a crisis.
    pub crisis: CrisisCare,
    /// Looks for danger and knows help.
    pub lookout: Arc<Lookout>,
    /// What people wanted to be remembered.
    pub memory: Memory,
    /// Conversations.
    pub companion: Companion,
    /// Where models come from.
    pub providers: Providers,
    /// Tools of other servers.
    pub mcp: Mcp,
    /// Answers to requests that may come again.
    pub answers: Idempotency,
    /// Requests that outlive their clients; waited for at the end.
    pub tasks: TaskTracker,
    /// What is counted.
    pub metrics: Metrics,
    /// Whether the program was ready lately.
    pub examined: Examined,
    /// What the last verification of the ledger found.
    pub ledger_health: LedgerHealth,
    /// Requests that came past the tunnel.
    pub refused: Arc<Refused>,
    /// Networks of whoever runs the installation.
    pub operators: TrustedProxies,
    /// Proxies that may say where a request comes from.
    pub proxies: TrustedProxies,
}

/// Opens what the configuration names and puts the program together.
pub async fn start(mut config: Config, env: Env) -> Result<Arc<App>, StartError> {
    let data_dir = config.data_dir.insert(config.data_dir()?);
    make_private_dir(data_dir)?;
    let kms: Arc<dyn Kms> = Arc::new(open_kms(&config, &env)?);
    let db = open_database(&config, &env)?;
    bring_schema_up_to_date(&config, &db).await?;
    let app = assemble(config, env, db, kms).await?;
    if let Some(list) = own_password_list(&app.config)? {
        app.accounts.refuse_passwords(list);
    }
    Ok(app)
}

/// Where the operator's list of passwords is looked for.
pub fn password_list(config: &Config) -> Result<PathBuf, ConfigError> {
    Ok(config.data_dir()?.join("passwords.filter"))
}

fn own_password_list(config: &Config) -> Result<Option<PasswordFilter>, ConfigError> {
    let path = password_list(config)?;
    let wrong = |reason: String| ConfigError::File { path: path.clone(), reason };
    match std::fs::read(&path) {
        Ok(bytes) => {
            PasswordFilter::from_bytes(&bytes).map(Some).map_err(|error| wrong(error.to_string()))
        }
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(wrong(error.to_string())),
    }
}

/// Puts the program together over this database and these root keys.
pub async fn assemble(
    config: Config,
    env: Env,
    db: Db,
    kms: Arc<dyn Kms>,
) -> Result<Arc<App>, StartError> {
    let floor = Floor::lay(&config, &env, &db, &kms).await?;
    let (accounts, mailer) = people(&config, &db, &floor)?;
    let Floor { vault, ledger, consents } = floor;
    let emergency = Emergency::new(consents.clone(), vault.clone());
    let lookout = Lookout::shared()?;
    let (journal, wellbeing) = diaries((&db, &vault), (&consents, &ledger), &lookout);
    let memory = remembering::memory(&config, (&db, &vault), (&consents, &ledger), &lookout)?;
    let apart = (Pagers::new(&config)?, config.data_dir.as_deref());
    let crisis = CrisisCare::open((&db, &vault), (&consents, &ledger), &lookout, apart).await?;
    let (tasks, ledger_health) = (TaskTracker::new(), LedgerHealth::default());
    let of = (&db, &vault, &ledger);
    let mcp = tools::of_others(of)?;
    let providers = models::providers(&config, &env, of, lookout.care()).await?;
    let parts = companion::Parts {
        db: db.clone(),
        vault: vault.clone(),
        ledger: ledger.clone(),
        consents: consents.clone(),
        accounts: accounts.clone(),
        providers: providers.clone(),
        instructions: lookout.care().companion.system_prompt(None).into(),
        disclosures: disclosures(&lookout),
        guard: Arc::new(CrisisGuard(lookout.clone())),
        memory: Arc::new(Remembered(memory.clone())),
        tools: Arc::new(HouseTools::new(&journal, &memory, &lookout, &mcp)),
        tasks: tasks.clone(),
    };
    let companion = companion(parts, &config, (&crisis, &lookout))?;
    Ok(Arc::new(App {
        started: env.now(),
        csrf: forgery::guard(&config.http, &vault).await?,
        answers: idempotency::answers((&db, &vault), (&consents, &ledger), &tasks),
        metrics: upkeep::metrics(&db, &ledger_health, &accounts),
        operators: ranges("http.operators", &config.http.operators)?,
        proxies: ranges("http.trusted_proxies", &config.http.trusted_proxies)?,
        env,
        config,
        db,
        kms,
        vault,
        ledger,
        accounts,
        mailer,
        consents,
        emergency,
        journal,
        wellbeing,
        crisis,
        lookout,
        memory,
        companion,
        providers,
        mcp,
        tasks,
        examined: Examined::default(),
        ledger_health,
        refused: Arc::default(),
    }))
}

/// Conversations, and the second opinion on danger that their models give.
fn companion(
    parts: companion::Parts,
    config: &Config,
    (crisis, lookout): (&CrisisCare, &Arc<Lookout>),
) -> Result<Companion, ConfigError> {
    config.companion.check().map_err(|what| ConfigError::Setting(what.to_owned()))?;
    let (db, ledger, tasks) = (parts.db.clone(), parts.ledger.clone(), parts.tasks.clone());
    let companion = Companion::new(parts, config.companion.clone());
    let asked = (&companion, lookout);
    crisis.second_by(&config.crisis.second_opinion, asked, (&db, &ledger), &tasks)?;
    Ok(companion)
}

/// Accounts, and letters to the people who have them.
fn people(config: &Config, db: &Db, floor: &Floor) -> Result<(Identity, Mailer), StartError> {
    let parts = Parts {
        db: db.clone(),
        vault: floor.vault.clone(),
        ledger: floor.ledger.clone(),
        consents: Arc::new(ConsentsAtRegistration(floor.consents.clone())),
    };
    let base = config.http.public_url.as_deref();
    let mut settings = config.accounts.clone();
    settings.public_url = base.map(str::to_owned);
    let accounts = Identity::with_attempts(parts, settings, attempts(db))
        .map_err(|error| ConfigError::Setting(format!("accounts: {error}")))?;
    let mailer = Mailer::new(accounts.clone(), &config.mail, base)
        .map_err(|error| ConfigError::Setting(error.to_string()))?;
    Ok((accounts, mailer))
}

/// What every slice stands on.
struct Floor {
    vault: Vault,
    ledger: Ledger,
    consents: Consents,
}

impl Floor {
    async fn lay(
        config: &Config,
        env: &Env,
        db: &Db,
        kms: &Arc<dyn Kms>,
    ) -> Result<Self, StartError> {
        let keys = Arc::new(SqlKeyStore::new(db.clone()));
        let columns = VaultConfig::new(&registry::columns());
        let vault = Vault::new(env.clone(), kms.clone(), keys, columns);
        let ledger_config = LedgerConfig {
            retention: YEAR * u32::from(config.audit.retention_years),
            ..LedgerConfig::default()
        };
        let ledger = Ledger::open(db.clone(), vault.clone(), ledger_config).await?;
        let consents = Consents::new(db.clone(), ledger.clone());
        Ok(Self { vault, ledger, consents })
    }
}

impl App {
    /// Everything that is done in the background.
    #[must_use]
    pub fn jobs(&self) -> Vec<Arc<dyn JobHandler>> {
        let mut jobs: Vec<Arc<dyn JobHandler>> = vec![Arc::new(ForgetAnswers(self.db.clone()))];
        jobs.extend(upkeep::jobs(self));
        jobs.extend(identity::jobs(&self.accounts));
        jobs.extend(notify::jobs(&self.db, &self.accounts, &self.mailer));
        jobs.extend(consent::jobs(&self.consents));
        jobs.extend(journal::jobs(&self.journal));
        jobs.extend(wellbeing::jobs(&self.wellbeing));
        jobs.extend(self.crisis.jobs());
        jobs.extend(memory::jobs(&self.memory));
        jobs.extend(companion::jobs(&self.companion));
        jobs
    }
}

/// Where failed attempts are counted: in the database if several processes may share it.
fn attempts(db: &Db) -> Arc<dyn Attempts> {
    match db.engine() {
        Engine::Sqlite => Arc::new(MemoryAttempts::default()),
        Engine::Postgres => Arc::new(SharedAttempts::new(db.clone())),
    }
}

/// The root keys of this configuration.
pub fn open_kms(config: &Config, env: &Env) -> Result<FileKms, StartError> {
    let unlock = match passphrase(config)? {
        Some(passphrase) => Unlock::Passphrase(passphrase),
        None => Unlock::Plain,
    };
    Ok(FileKms::open(&config.keys_dir()?, env.clone(), unlock)?)
}

/// The passphrase that is set for the root key.
pub fn passphrase(config: &Config) -> Result<Option<Passphrase>, KmsError> {
    config.keys.passphrase.clone().map(Passphrase::new).transpose()
}

/// The database of this configuration.
pub fn open_database(config: &Config, env: &Env) -> Result<Db, StartError> {
    let wanted = match &config.database.url {
        Some(url) => DbConfig::from_url(url)?,
        None => DbConfig::Sqlite(config.data_dir()?.join("salus.db")),
    };
    let wanted = match wanted {
        DbConfig::Postgres(mut postgres) => {
            postgres.connections = config.database.connections;
            postgres.ca_file.clone_from(&config.database.ca_file);
            DbConfig::Postgres(postgres)
        }
        sqlite @ DbConfig::Sqlite(_) => sqlite,
    };
    Ok(Db::open(&wanted, env.clone())?)
}

async fn bring_schema_up_to_date(config: &Config, db: &Db) -> Result<(), StartError> {
    let set = registry::migrations();
    if config.database.migrate_on_start {
        for step in db.migrate(&set).await? {
            tracing::info!(step, "the schema was brought forward");
        }
        return Ok(());
    }
    match db.missing(&set).await?.len() {
        0 => Ok(()),
        missing => Err(StartError::SchemaOld(missing)),
    }
}

/// Networks written as `10.0.0.0/8`.
pub(crate) fn ranges(setting: &str, texts: &[String]) -> Result<TrustedProxies, ConfigError> {
    let parse = |text: &String| {
        text.parse().map_err(|_| ConfigError::Setting(format!("{setting}: {text} is no network")))
    };
    texts.iter().map(parse).collect::<Result<_, _>>().map(TrustedProxies::new)
}

/// Makes the folder if it is missing; then nobody else on the machine may look into it. One that
/// was there is left as it is, for it may be shared by others: `salus doctor` tells of that.
pub fn make_private_dir(path: &Path) -> Result<(), StartError> {
    use std::os::unix::fs::DirBuilderExt;
    let fail = |source| StartError::DataDir { path: path.to_owned(), source };
    std::fs::DirBuilder::new().recursive(true).mode(0o700).create(path).map_err(fail)
}

/// Whether there are root keys, as there are wherever Salus was started before.
pub fn has_keys(config: &Config) -> Result<bool, ConfigError> {
    let files = std::fs::read_dir(config.keys_dir()?);
    Ok(files.is_ok_and(|mut files| files.next().is_some()))
}
