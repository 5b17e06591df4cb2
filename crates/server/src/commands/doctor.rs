//! `salus doctor`: checks an installation and says what to do.

use super::{CommandError, CommandResult};
use crate::{
    app::{self, App},
    config::Config,
    registry, ui,
};
use clap::Args;
use db::{
    jobs,
    outbox::{self, Waiting},
};
use identity::is_privileged;
use kernel::{Env, Role, RoleSet};
use serde::Serialize;
use std::{os::unix::fs::PermissionsExt, path::Path};

const DEAD_JOBS_SHOWN: u32 = 20;
const TOPICS_SHOWN: u32 = 100;

/// Check an installation and say what to do
#[derive(Args)]
pub struct Doctor {
    /// As JSON
    #[arg(long)]
    json: bool,
    /// Give a job that failed too often another round of attempts
    #[arg(long, value_name = "JOB")]
    revive: Option<uuid::Uuid>,
}

/// One thing that was looked at.
#[derive(Serialize)]
struct Finding {
    what: &'static str,
    ok: bool,
    says: String,
}

fn good(what: &'static str, says: impl Into<String>) -> Finding {
    Finding { what, ok: true, says: says.into() }
}

fn bad(what: &'static str, says: impl Into<String>) -> Finding {
    Finding { what, ok: false, says: says.into() }
}

impl Doctor {
    pub async fn run(self, mut config: Config) -> CommandResult {
        let mut findings = vec![modes(&config.data_dir()?)];
        findings.push(modes(&config.keys_dir()?));
        // Looking must not make what is not there.
        if app::has_keys(&config)? {
            findings.push(schema(&config).await?);
            findings.push(proxy(&config));
            findings.push(passkeys(&config));
            config.database.migrate_on_start = false;
            match app::start(config, Env::system()).await {
                Ok(app) => {
                    if let Some(job) = self.revive {
                        revive(&app, job).await?;
                    }
                    findings.extend(examine(&app).await);
                    findings.extend(providers(&app).await);
                    app.db.close();
                }
                Err(error) => findings.push(bad("start", error.to_string())),
            }
        } else {
            findings.push(bad("keys", "there are none: `salus serve` makes them"));
        }
        let healthy = findings.iter().all(|finding| finding.ok);
        for finding in &findings {
            if self.json {
                ui::say_json_line(finding);
            } else {
                let mark = if finding.ok { "ok   " } else { "LOOK " };
                ui::say(format_args!("{mark} {:10} {}", finding.what, finding.says));
            }
        }
        if healthy { Ok(()) } else { Err(CommandError::Found) }
    }
}

async fn revive(app: &App, job: uuid::Uuid) -> CommandResult {
    let revived = jobs::revive(&app.db, job).await.map_err(CommandError::failed)?;
    let missing = || CommandError::Failed(format!("there is no dead job {job}"));
    revived.then_some(()).ok_or_else(missing)
}

/// Others on the machine may do nothing with the folder.
const OTHERS: u32 = 0o077;

/// Whether others on the machine are kept out.
fn modes(dir: &Path) -> Finding {
    let shown = dir.display();
    match std::fs::metadata(dir) {
        Ok(data) if data.permissions().mode() & OTHERS == 0 => {
            good("files", format!("{shown} is private"))
        }
        Ok(_) => bad("files", format!("others can look into {shown}: chmod 700 {shown}")),
        Err(error) => bad("files", format!("{shown}: {error}. `salus serve` makes it")),
    }
}

/// Whether requests that come through a proxy are told apart.
fn proxy(config: &Config) -> Finding {
    let http = &config.http;
    match (&http.public_url, http.trusted_proxies.is_empty()) {
        (Some(url), true) => bad(
            "proxy",
            format!(
                "behind {url} everybody seems to come from the proxy, and shares its limits and \
                 its rights to /metrics: set http.trusted_proxies"
            ),
        ),
        (Some(_), false) => good("proxy", "its word on where requests come from counts"),
        (None, _) => good("proxy", "none; people reach the program itself"),
    }
}

/// Whether people can log in with passkeys.
fn passkeys(config: &Config) -> Finding {
    match config.accounts.passkeys.domain(config.http.public_url.as_deref()) {
        Ok(Some(domain)) => good("passkeys", format!("they are made for {domain}")),
        Ok(None) => bad(
            "passkeys",
            "browsers know them over https or on localhost only: set http.public_url to an https \
             address",
        ),
        Err(error) => bad("passkeys", format!("accounts.{error}")),
    }
}

/// Whether those who may vouch for people are who they should be.
async fn providers(app: &App) -> Vec<Finding> {
    let mut findings = Vec::new();
    for known in app.accounts.providers() {
        let answer = app.accounts.probe_provider(&known.id).await;
        findings.push(match answer {
            Ok(()) => good("provider", format!("{} answers", known.id)),
            Err(error) => {
                bad("provider", format!("{}: {error}: look at [accounts.providers]", known.id))
            }
        });
    }
    findings
}

async fn schema(config: &Config) -> Result<Finding, CommandError> {
    let db = app::open_database(config, &Env::system())?;
    let engine = db.engine().name();
    let finding = match db.missing(&registry::migrations()).await {
        Ok(missing) if missing.is_empty() => {
            good("database", format!("{engine}, schema up to date"))
        }
        Ok(missing) => {
            bad("database", format!("{} steps are missing: run `salus migrate`", missing.len()))
        }
        Err(error) => bad("database", error.to_string()),
    };
    db.close();
    Ok(finding)
}

async fn examine(app: &App) -> Vec<Finding> {
    let keys = match app.vault.health().await {
        Ok(()) => good("keys", "the root key can be used"),
        Err(error) => bad("keys", error.to_string()),
    };
    let jobs = [waiting_jobs(app).await, dead_jobs(app).await, events(app).await];
    [keys, wrapped(app).await, factors(app), mail(app).await, ledger(app).await]
        .into_iter()
        .chain(jobs)
        .collect()
}

/// Whether every key in the table can be unwrapped. One that cannot also keeps the root key or
/// shred epoch alive that it names.
async fn wrapped(app: &App) -> Finding {
    let bar = ui::progress(0, "key rings");
    let show = |report: &vault::VerifyReport| bar.set_position(report.owners);
    let report = app.vault.verify_keys(&show).await;
    bar.finish_and_clear();
    match report {
        Ok(report) if report.owners_failed == 0 => {
            good("keys", format!("{} key rings unwrap", report.owners))
        }
        Ok(report) => bad(
            "keys",
            format!(
                "{} key rings do not unwrap, and what they were wrapped by cannot be retired: \
                 put back the key folder of that time; `salus keys verify` says whose they are",
                report.owners_failed
            ),
        ),
        Err(error) => bad("keys", error.to_string()),
    }
}

/// Whether there are events that this program never reacts to.
async fn events(app: &App) -> Finding {
    let waiting = match outbox::waiting(&app.db, TOPICS_SHOWN).await {
        Ok(waiting) => waiting,
        Err(error) => return bad("events", error.to_string()),
    };
    let jobs = app.jobs();
    let unheard = |topic: &str| jobs.iter().all(|job| job.listens_to() != Some(topic));
    let list: Vec<String> = waiting
        .iter()
        .filter(|waiting| unheard(&waiting.topic))
        .map(|Waiting { topic, events }| format!("{topic} ({events})"))
        .collect();
    if list.is_empty() {
        return good("events", "none that nobody listens to");
    }
    let list = list.join(", ");
    bad("events", format!("written by a newer program, nothing here reacts to them: {list}"))
}

/// Who has to show a second factor. That it is nobody is a choice, and said.
fn factors(app: &App) -> Finding {
    let asked = &app.config.accounts.second_factor_for;
    let privileged = Role::ALL.into_iter().filter(|role| is_privileged(RoleSet::of(&[*role])));
    let (asked, not): (Vec<_>, Vec<_>) = privileged.partition(|role| asked.contains(role));
    let names = |roles: Vec<Role>| roles.into_iter().map(Role::name).collect::<Vec<_>>().join(", ");
    let words = match (asked.is_empty(), not.is_empty()) {
        (true, _) => format!("asked of nobody, not even of {}", names(not)),
        (false, true) => "asked of everyone whose role reaches beyond their own data".to_owned(),
        (false, false) => format!("asked of {}, not of {}", names(asked), names(not)),
    };
    good("two factors", format!("{words} (accounts.second_factor_for)"))
}

async fn mail(app: &App) -> Finding {
    match app.mailer.probe().await {
        None => good("mail", "none is sent: `salus user link` makes links to hand over"),
        Some(Ok(())) => good("mail", "the server answers"),
        Some(Err(error)) => bad("mail", format!("{error}: look at [mail]")),
    }
}

async fn ledger(app: &App) -> Finding {
    match app.ledger.head().await {
        Ok(head) => {
            good("ledger", format!("{} entries; `salus audit verify` proves them", head.size))
        }
        Err(error) => bad("ledger", error.to_string()),
    }
}

async fn waiting_jobs(app: &App) -> Finding {
    match jobs::counts(&app.db).await {
        Ok(counts) => {
            let ready: i64 = counts.iter().filter(|c| c.state == "ready").map(|c| c.jobs).sum();
            good("jobs", format!("{ready} waiting or under way"))
        }
        Err(error) => bad("jobs", error.to_string()),
    }
}

async fn dead_jobs(app: &App) -> Finding {
    let dead = match jobs::dead(&app.db, DEAD_JOBS_SHOWN).await {
        Ok(dead) => dead,
        Err(error) => return bad("jobs", error.to_string()),
    };
    if dead.is_empty() {
        return good("jobs", "none failed for good");
    }
    let list: Vec<String> = dead
        .iter()
        .map(|job| {
            let code = job.last_error.as_deref().unwrap_or("unknown");
            format!("{} {} ({code} after {} attempts)", job.id, job.kind, job.attempts)
        })
        .collect();
    bad(
        "jobs",
        format!("failed for good, `salus doctor --revive ID` tries again: {}", list.join("; ")),
    )
}
