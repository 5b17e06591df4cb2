//! Every setting of the program, in one typed tree. Nothing needs to be set to start.
//!
//! What is set wins in this order: a command's flag, the environment (`SALUS__HTTP__LISTEN`), the
//! file, the default. Unknown names are refused, so that a misspelt setting is not a silent
//! default. Each secret can also be named by a file that holds it.

use companion::CompanionConfig;
use crisis::opinion::SecondOpinion;
use httpkit::auth::AuthMode;
use identity::IdentityConfig;
use kernel::Secret;
use notify::{MailConfig, WebhookConfig};
use providers::{ModelSettings, SettingsError};
use schemars::JsonSchema;
use serde::Deserialize;
use std::{
    collections::BTreeMap,
    net::SocketAddr,
    path::{Path, PathBuf},
};

/// Names of environment variables start so; `__` goes one level down.
const PREFIX: &str = "SALUS__";
/// Settings that are text whatever they look like: a passphrase may be all digits.
const TEXTS: [&str; 9] = [
    "passphrase",
    "password",
    "secret",
    "url",
    "key",
    "origin_secret",
    "origin_secret_next",
    "client_id",
    "client_secret",
];

/// A setting cannot be understood.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file cannot be read.
    #[error("the settings file {path} cannot be read: {reason}")]
    File {
        /// Which file.
        path: PathBuf,
        /// Why.
        reason: String,
    },
    /// A name or a value is wrong.
    #[error("a setting is wrong: {0}")]
    Setting(String),
    /// A provider of models cannot be set up.
    #[error("a setting is wrong: {0}")]
    Provider(#[from] SettingsError),
    /// There is nowhere to keep data.
    #[error("set data_dir: there is no home directory to keep data in")]
    NoHome,
}

/// All settings.
#[derive(Deserialize, JsonSchema, Default)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Where keys, the embedded database and files live. Default: `salus` in the user's data
    /// directory.
    pub data_dir: Option<PathBuf>,
    /// Where the data is.
    pub database: Database,
    /// How the keys are protected.
    pub keys: Keys,
    /// How the program is reached.
    pub http: Http,
    /// Accounts and log-ins.
    pub accounts: IdentityConfig,
    /// Conversations.
    pub companion: CompanionConfig,
    /// Models that answer in conversations.
    pub models: ModelSettings,
    /// The ledger.
    pub audit: Audit,
    /// Background work.
    pub worker: Worker,
    /// How mail is sent.
    pub mail: MailConfig,
    /// Crisis care.
    pub crisis: CrisisSettings,
    /// What is written about the program's own work.
    pub log: Log,
}

/// Where the data is.
#[derive(Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Database {
    /// `sqlite:PATH` or `postgres://…`. Default: `salus.db` in the data directory.
    #[schemars(with = "Option<String>")]
    pub url: Option<Secret<String>>,
    /// A file that holds the URL.
    pub url_file: Option<PathBuf>,
    /// Connections to PostgreSQL that this process may hold.
    pub connections: u16,
    /// Certificates (PEM) to trust for PostgreSQL, besides the public ones.
    pub ca_file: Option<PathBuf>,
    /// Bring the schema up to date at the start. Switch it off where `salus migrate` is a step
    /// of its own.
    pub migrate_on_start: bool,
}

impl Default for Database {
    fn default() -> Self {
        Self { url: None, url_file: None, connections: 16, ca_file: None, migrate_on_start: true }
    }
}

/// How the keys are protected.
#[derive(Deserialize, JsonSchema, Default)]
#[serde(default, deny_unknown_fields)]
pub struct Keys {
    /// Where the root key lives. Default: `keys` in the data directory.
    pub dir: Option<PathBuf>,
    /// Unlocks the root key if it is protected by a passphrase.
    #[schemars(with = "Option<String>")]
    pub passphrase: Option<Secret<String>>,
    /// A file that holds the passphrase.
    pub passphrase_file: Option<PathBuf>,
}

/// How the program is reached.
#[derive(Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Http {
    /// Address and port. Default: 127.0.0.1:8787, or any free port if that one is taken.
    pub listen: Option<SocketAddr>,
    /// The address people use, if a proxy with TLS stands in front: `https://salus.example`.
    pub public_url: Option<String>,
    /// Which credentials count.
    #[schemars(with = "String")]
    pub auth_mode: AuthMode,
    /// Origins, besides our own, whose pages may call the API with a cookie.
    pub allowed_origins: Vec<String>,
    /// Proxies (addresses or networks) that may say where a request comes from.
    pub trusted_proxies: Vec<String>,
    /// Networks of whoever runs the installation: they may see `/metrics` and `/health/deep`.
    pub operators: Vec<String>,
    /// Answer only requests that the tunnel or proxy in front has signed with this secret.
    #[schemars(with = "Option<String>")]
    pub origin_secret: Option<Secret<String>>,
    /// A file that holds it.
    pub origin_secret_file: Option<PathBuf>,
    /// A second secret that counts as well, while one takes the other's place.
    #[schemars(with = "Option<String>")]
    pub origin_secret_next: Option<Secret<String>>,
    /// A file that holds it.
    pub origin_secret_next_file: Option<PathBuf>,
    /// How many requests are allowed.
    pub rates: Rates,
    /// How many connections one client may have open, and how many requests.
    pub open_per_client: u16,
    /// Largest request body in bytes, where a route does not say otherwise.
    pub body_limit: usize,
}

impl Default for Http {
    fn default() -> Self {
        Self {
            listen: None,
            public_url: None,
            auth_mode: AuthMode::Auto,
            allowed_origins: Vec::new(),
            trusted_proxies: Vec::new(),
            operators: vec!["127.0.0.0/8".into(), "::1/128".into()],
            origin_secret: None,
            origin_secret_file: None,
            origin_secret_next: None,
            origin_secret_next_file: None,
            rates: Rates::Default,
            open_per_client: 512,
            body_limit: httpkit::edge::BODY_LIMIT,
        }
    }
}

/// How many requests are allowed.
#[derive(Deserialize, JsonSchema, Clone, Copy, PartialEq, Eq, Debug)]
#[serde(rename_all = "snake_case")]
pub enum Rates {
    /// Fit for a web app: 600 a minute for people, 60 for strangers.
    Default,
    /// 200 an hour for people, 20 for strangers.
    Strict,
    /// So many that only a flood is stopped: for tests and measurements.
    Generous,
}

/// The ledger.
#[derive(Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Audit {
    /// Years after which entries are dropped; their hashes stay.
    pub retention_years: u8,
}

impl Default for Audit {
    fn default() -> Self {
        Self { retention_years: 7 }
    }
}

/// Background work.
#[derive(Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Worker {
    /// Whether `salus serve` does background work too. Switch it off where `salus worker` runs.
    pub in_process: bool,
}

impl Default for Worker {
    fn default() -> Self {
        Self { in_process: true }
    }
}

/// Crisis care.
#[derive(Deserialize, JsonSchema, Default)]
#[serde(default, deny_unknown_fields)]
pub struct CrisisSettings {
    /// Programs that are told when somebody asks for a human, by the name that they have here:
    /// `[crisis.webhooks.pager]`.
    pub webhooks: BTreeMap<String, WebhookConfig>,
    /// Where the crisis team finds who waits: what they are told leads there. Default: the page
    /// `/team` of the app at `http.public_url`.
    pub queue_url: Option<String>,
    /// A second opinion on danger, by a model.
    pub second_opinion: SecondOpinion,
}

/// What is written about the program's own work.
#[derive(Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Log {
    /// `error`, `warn`, `info`, `debug`, or a filter such as `info,db=debug`.
    pub level: String,
    /// How lines look.
    pub format: LogFormat,
}

impl Default for Log {
    fn default() -> Self {
        Self { level: "info".into(), format: LogFormat::Auto }
    }
}

/// How log lines look.
#[derive(Deserialize, JsonSchema, Clone, Copy, PartialEq, Eq, Debug)]
#[serde(rename_all = "snake_case")]
pub enum LogFormat {
    /// Text on a terminal, JSON elsewhere.
    Auto,
    /// One JSON object per line.
    Json,
    /// For people.
    Text,
}

impl Config {
    /// Reads the file, if there is one, and the environment.
    pub fn load(file: Option<&Path>) -> Result<Self, ConfigError> {
        let mut table = file.map_or_else(|| Ok(toml::Table::new()), read_table)?;
        for (name, value) in environment() {
            set(&mut table, &name, &value)?;
        }
        Self::from_table(table)
    }

    fn from_table(table: toml::Table) -> Result<Self, ConfigError> {
        let mut config: Self = table
            .try_into()
            .map_err(|error: toml::de::Error| ConfigError::Setting(error.message().to_owned()))?;
        from_file(&mut config.database.url, config.database.url_file.as_deref())?;
        from_file(&mut config.keys.passphrase, config.keys.passphrase_file.as_deref())?;
        for provider in config.models.providers.values_mut() {
            from_file(&mut provider.key, provider.key_file.as_deref())?;
        }
        for hook in config.crisis.webhooks.values_mut() {
            from_file(&mut hook.secret, hook.secret_file.as_deref())?;
        }
        for provider in config.accounts.providers.values_mut() {
            from_file(&mut provider.client_secret, provider.client_secret_file.as_deref())?;
        }
        from_file(&mut config.mail.password, config.mail.password_file.as_deref())?;
        let http = &mut config.http;
        from_file(&mut http.origin_secret, http.origin_secret_file.as_deref())?;
        from_file(&mut http.origin_secret_next, http.origin_secret_next_file.as_deref())?;
        Ok(config)
    }

    /// Where data lives.
    pub fn data_dir(&self) -> Result<PathBuf, ConfigError> {
        self.data_dir.clone().or_else(default_data_dir).ok_or(ConfigError::NoHome)
    }

    /// Where the root key lives.
    pub fn keys_dir(&self) -> Result<PathBuf, ConfigError> {
        self.keys.dir.clone().map_or_else(|| Ok(self.data_dir()?.join("keys")), Ok)
    }
}

fn read_table(path: &Path) -> Result<toml::Table, ConfigError> {
    let fail = |reason: String| ConfigError::File { path: path.to_owned(), reason };
    let text = std::fs::read_to_string(path).map_err(|error| fail(error.to_string()))?;
    text.parse().map_err(|error: toml::de::Error| fail(error.message().to_owned()))
}

/// Puts `HTTP__LISTEN=…` where it belongs in the tree.
fn set(table: &mut toml::Table, name: &str, value: &str) -> Result<(), ConfigError> {
    let wrong = || ConfigError::Setting(format!("{PREFIX}{name} names no setting"));
    let mut path: Vec<String> = name.split("__").map(str::to_lowercase).collect();
    let last = path.pop().filter(|last| !last.is_empty()).ok_or_else(wrong)?;
    let mut place = table;
    for section in path {
        place = place
            .entry(section)
            .or_insert_with(|| toml::Table::new().into())
            .as_table_mut()
            .ok_or_else(wrong)?;
    }
    let is_text = TEXTS.contains(&last.as_str());
    place.insert(last, if is_text { value.into() } else { as_toml(value) });
    Ok(())
}

/// Numbers, truth values and lists are meant as such; everything else is text.
fn as_toml(value: &str) -> toml::Value {
    let parsed = format!("value = {value}").parse::<toml::Table>().ok();
    let parsed = parsed.and_then(|mut table| table.remove("value"));
    match parsed {
        Some(
            value @ (toml::Value::Integer(_) | toml::Value::Boolean(_) | toml::Value::Array(_)),
        ) => value,
        _ => toml::Value::String(value.to_owned()),
    }
}

fn from_file(secret: &mut Option<Secret<String>>, file: Option<&Path>) -> Result<(), ConfigError> {
    let Some(path) = file else { return Ok(()) };
    if secret.is_some() {
        let both = format!("{} and the value itself are both set", path.display());
        return Err(ConfigError::Setting(both));
    }
    *secret = Some(secret_file(path)?);
    Ok(())
}

/// A secret that has a file of its own: all of it but the end of its line.
pub fn secret_file(path: &Path) -> Result<Secret<String>, ConfigError> {
    let text = std::fs::read_to_string(path)
        .map_err(|error| ConfigError::File { path: path.to_owned(), reason: error.to_string() })?;
    Ok(Secret::new(text.trim_end_matches(['\r', '\n']).to_owned()))
}

#[expect(clippy::disallowed_methods, reason = "the one place where the environment is read")]
fn default_data_dir() -> Option<PathBuf> {
    let path = |name| std::env::var(name).ok().filter(|dir| !dir.is_empty()).map(PathBuf::from);
    path("XDG_DATA_HOME")
        .or_else(|| Some(path("HOME")?.join(".local/share")))
        .map(|dir| dir.join("salus"))
}

fn environment() -> impl Iterator<Item = (String, String)> {
    std::env::vars()
        .filter_map(|(name, value)| Some((name.strip_prefix(PREFIX)?.to_owned(), value)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Config, ConfigError> {
        Config::from_table(text.parse().unwrap())
    }

    #[test]
    fn nothing_needs_to_be_set() {
        let config = parse("").unwrap();
        assert_eq!(config.http.auth_mode, AuthMode::Auto);
        assert!(config.worker.in_process);
    }

    #[test]
    fn a_misspelt_setting_is_refused_by_name() {
        let Err(error) = parse("[http]\nlissten = 1") else { panic!("accepted") };
        assert!(error.to_string().contains("lissten"), "{error}");
    }

    #[test]
    fn the_environment_reaches_every_level_of_the_tree() {
        let mut table = "[http]\nbody_limit = 5\n".parse().unwrap();
        set(&mut table, "HTTP__BODY_LIMIT", "7").unwrap();
        set(&mut table, "HTTP__ALLOWED_ORIGINS", "[\"https://a.example\"]").unwrap();
        set(&mut table, "WORKER__IN_PROCESS", "false").unwrap();
        set(&mut table, "DATABASE__URL", "sqlite:/x").unwrap();
        set(&mut table, "KEYS__PASSPHRASE", "1234567890").unwrap();
        let config = Config::from_table(table).unwrap();
        assert_eq!(config.http.body_limit, 7);
        assert_eq!(config.http.allowed_origins, ["https://a.example"]);
        assert!(!config.worker.in_process);
        assert_eq!(config.database.url.unwrap().expose(), "sqlite:/x");
        assert_eq!(config.keys.passphrase.unwrap().expose(), "1234567890");
    }

    #[test]
    fn a_secret_may_be_in_a_file_but_not_in_two_places() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("url");
        std::fs::write(&path, "sqlite:/y\n").unwrap();
        let file = format!("[database]\nurl_file = {:?}\n", path.display().to_string());
        assert_eq!(parse(&file).unwrap().database.url.unwrap().expose(), "sqlite:/y");
        assert!(parse(&format!("{file}url = \"sqlite:/z\"")).is_err());
    }
}
