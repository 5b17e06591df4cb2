//! Where one crate needs something of another that it must not know: small adapters.

use crate::config::{Config, ConfigError, CrisisSettings};
use async_trait::async_trait;
use audit::Ledger;
use care::{Lang, companion::Disclosure, responses::Place};
use companion::{Author, Companion, Contact, Finding, Guard, Safety, Said};
use consent::{ConsentError, ConsentType, Consents, Registration};
use crisis::{
    Attention, Attentive, CrisisLines, CrisisTeam, FollowUps, Looked, Lookout, NotTold, Outside,
    Resources, Source, Whereabouts,
    lines::LinesError,
    opinion::{self, Again, Opinions, SECOND_RULE, SecondOpinion},
};
use db::{Db, JobHandler, Tx};
use httpkit::auth::{AuthError, Authenticator};
use identity::{ConsentsNotRecorded, Identity, NewPerson, RegistrationConsents};
use journal::Journal;
use kernel::{Ctx, Person, Phi, RoleSet, Secret, TenantId, Timestamp};
use notify::{WebhookError, Webhooks};
use std::{
    path::Path,
    sync::{Arc, OnceLock},
};
use tokio_util::task::TaskTracker;
use uuid::Uuid;
use vault::Vault;
use wellbeing::Wellbeing;

/// Puts what someone agreed to while registering into the consent ledger.
pub struct ConsentsAtRegistration(pub Consents);

#[async_trait]
impl RegistrationConsents for ConsentsAtRegistration {
    async fn record(&self, tx: &mut Tx, person: &NewPerson<'_>) -> Result<(), ConsentsNotRecorded> {
        let chosen = [
            (ConsentType::Terms, person.given.terms),
            (ConsentType::HealthData, person.given.health_data),
            (ConsentType::AiInteraction, person.given.ai_interaction),
            (ConsentType::DataSharing, person.given.data_sharing),
            (ConsentType::Marketing, person.given.marketing),
        ];
        // The form that was filled in showed the texts that are in force.
        let given: Vec<_> = chosen
            .into_iter()
            .filter(|(_, given)| *given)
            .map(|(consent, _)| (consent, self.0.in_force(consent)))
            .collect();
        let registration = Registration { subject: person.subject, given: &given };
        let recorded =
            self.0.record_at_registration(tx, person.ctx, person.ledger_keys, registration);
        recorded.map_err(|error| match error {
            ConsentError::Db(error) => error.into(),
            other => ConsentsNotRecorded::Other(Box::new(other)),
        })
    }
}

/// Whoever may ask: people who are logged in, and programs of people with a personal key.
pub struct LogInsAndKeys {
    /// Log-ins.
    pub accounts: Identity,
    /// Personal keys.
    pub companion: Companion,
}

#[async_trait]
impl Authenticator for LogInsAndKeys {
    async fn bearer(&self, ctx: &Ctx, token: &Secret<String>) -> Result<Person, AuthError> {
        self.accounts.bearer(ctx, token).await
    }

    async fn session(&self, ctx: &Ctx, cookie: &Secret<String>) -> Result<Person, AuthError> {
        self.accounts.session(ctx, cookie).await
    }

    async fn key(&self, ctx: &Ctx, key: &Secret<String>) -> Result<(Person, Uuid), AuthError> {
        self.companion.key_holder(ctx, key).await
    }

    fn withheld(&self, person: &Person) -> RoleSet {
        self.accounts.withheld(person)
    }
}

/// Looks at messages of conversations as crisis care does.
pub struct CrisisGuard(pub Arc<Lookout>);

impl Guard for CrisisGuard {
    fn look(
        &self,
        text: &Phi<String>,
        before: &[Said<'_>],
        language: Option<&str>,
        place: Option<&str>,
    ) -> Finding {
        let shown: Vec<&str> =
            before.iter().flat_map(|said| said.shown).map(String::as_str).collect();
        let by_person = |said: &Said<'_>| said.author == Author::Person;
        let before: Vec<crisis::Said<'_>> = before
            .iter()
            .map(|said| crisis::Said { by_person: by_person(said), text: said.text })
            .collect();
        let Looked { assessment, response, lang } =
            self.0.look(text, &before, (language, place), &shown);
        let contacts = response
            .as_ref()
            .map_or_else(Vec::new, |response| contacts(&self.0.help(place, Some(response), lang)));
        let parts = response.iter().flat_map(|response| &response.parts);
        let safety = Safety {
            level: level(assessment.level),
            support: assessment.support,
            alert: assessment.alert,
            rules: assessment.rules,
            shown: parts.map(|part| part.id.clone()).collect(),
        };
        let reply = response
            .map(|response| whole([response.text(Place::Body), response.text(Place::Footer)]));
        Finding { safety, imminent: assessment.imminent, reply, contacts }
    }

    fn look_again(
        &self,
        ctx: &Ctx,
        again: Again,
        (language, country): (Option<&str>, Option<&str>),
        show: Box<dyn FnOnce(Finding) + Send>,
    ) {
        let own = |text: &str| text.to_owned();
        let at = Whereabouts { country: country.map(own), language: language.map(own) };
        let lookout = self.0.clone();
        self.0.look_again(ctx, again, move |raised| {
            let answer = lookout.answer_to(raised, SECOND_RULE.to_owned(), &at);
            if let Some(noticed) = answer {
                show(finding(noticed));
            }
        });
    }

    fn helped_unrecorded(&self, tenant: TenantId, source: Source, found: &Finding) {
        self.0.count_later(tenant, source, found);
    }
}

/// What stands below an answer, such as that a program writes it, belongs to it.
fn whole(parts: [String; 2]) -> String {
    parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("\n\n")
}

/// What is answered to something that was noticed elsewhere, as a guard says it.
fn finding(noticed: Attention) -> Finding {
    let contacts = contacts(&noticed.resources);
    let Attention { support, alert, imminent, rules, response, .. } = noticed;
    let safety = Safety { level: level(noticed.level), support, alert, rules, shown: Vec::new() };
    let reply = Some(whole([response.text, response.footer]));
    Finding { safety, imminent, reply, contacts }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "brought within 0 and 10 before"
)]
fn level(level: f32) -> u8 {
    level.clamp(0.0, 10.0).round() as u8
}

/// Numbers of the place, best first, then lists of others.
fn contacts(help: &Resources) -> Vec<Contact> {
    let contact = |name: &str, by: &str, at: &str, hours: Option<&str>| Contact {
        name: name.to_owned(),
        by: by.to_owned(),
        at: at.to_owned(),
        hours: hours.map(str::to_owned),
    };
    let emergency = help.emergency.iter().map(|number| contact("", "emergency", number, None));
    let lines = help.lines.iter().flat_map(|line| {
        let ways = [("call", &line.call), ("text", &line.text), ("chat", &line.chat)];
        let there = ways.into_iter().filter_map(|(by, at)| Some((by, at.as_deref()?)));
        there.map(|(by, at)| contact(&line.name, by, at, Some(&line.hours))).collect::<Vec<_>>()
    });
    let lists = help.directories.iter().map(|list| contact(&list.name, "web", &list.url, None));
    emergency.chain(lines).chain(lists).collect()
}

/// How it is said that an AI answers, in every language that there is.
pub fn disclosures(lookout: &Lookout) -> Vec<Disclosure> {
    let words = &lookout.care().companion;
    Lang::ALL.iter().filter_map(|lang| words.disclosure(*lang).cloned()).collect()
}

/// Where the web app shows who waits.
const TEAM_PAGE: &str = "/team";

/// Calls programs of the crisis team elsewhere.
pub struct Pagers {
    hooks: Webhooks,
    queue: String,
}

impl Pagers {
    /// As the settings say; the queue is a page of the web app unless they name another.
    pub fn new(config: &Config) -> Result<Self, ConfigError> {
        let CrisisSettings { webhooks, queue_url, .. } = &config.crisis;
        let hooks = Webhooks::new(webhooks)
            .map_err(|error| ConfigError::Setting(format!("crisis.webhooks: {error}")))?;
        let page = |url: &String| format!("{}{TEAM_PAGE}", url.trim_end_matches('/'));
        let queue = queue_url.clone().or_else(|| config.http.public_url.as_ref().map(page));
        Ok(Self { hooks, queue: queue.unwrap_or_default() })
    }
}

#[async_trait]
impl Outside for Pagers {
    fn names(&self) -> Vec<String> {
        self.hooks.names()
    }

    fn queue(&self) -> String {
        self.queue.clone()
    }

    async fn tell(&self, name: &str, body: Vec<u8>, now: Timestamp) -> Result<(), NotTold> {
        self.hooks.call(name, body, now).await.map_err(|error| match error {
            WebhookError::Unknown => NotTold::Gone,
            WebhookError::Unreachable => NotTold::Later("webhook_unreachable"),
            WebhookError::Elsewhere => NotTold::Later("webhook_elsewhere"),
            WebhookError::Resting => NotTold::Later("webhook_resting"),
            WebhookError::NotTaken(_) => NotTold::Later("webhook_not_taken"),
        })
    }
}

/// What people write down and fill in.
pub fn diaries(
    (db, vault): (&Db, &Vault),
    (consents, ledger): (&Consents, &Ledger),
    lookout: &Arc<Lookout>,
) -> (Journal, Wellbeing) {
    let journal =
        Journal::new(db.clone(), vault.clone(), ledger.clone(), consents.clone(), lookout.clone());
    let wellbeing = Wellbeing::new(wellbeing::Parts {
        db: db.clone(),
        vault: vault.clone(),
        ledger: ledger.clone(),
        consents: consents.clone(),
        journal: journal.clone(),
        lookout: lookout.clone(),
    });
    (journal, wellbeing)
}

/// What stands behind help in a crisis: humans, lines of this installation, the next time.
pub struct CrisisCare {
    /// Humans who answer people in danger.
    pub team: CrisisTeam,
    /// What this installation changes about crisis lines.
    pub lines: CrisisLines,
    /// Asks people, once, how they are.
    pub follow_ups: FollowUps,
    /// The door to second opinions, open as long as this is there.
    pub opinions: OnceLock<Opinions>,
}

impl CrisisCare {
    /// Over these, with the lines of this installation in memory and in this folder.
    pub async fn open(
        (db, vault): (&Db, &Vault),
        (consents, ledger): (&Consents, &Ledger),
        lookout: &Arc<Lookout>,
        (pagers, folder): (Pagers, Option<&Path>),
    ) -> Result<Self, LinesError> {
        let lines = CrisisLines::with_copy((db.clone(), ledger.clone()), lookout.clone(), folder);
        lines.refresh().await?;
        let kept = || (db.clone(), vault.clone());
        let recorded = (ledger.clone(), consents.clone());
        Ok(Self {
            team: CrisisTeam::new(kept(), recorded, lookout.clone(), Arc::new(pagers)),
            lines,
            follow_ups: FollowUps::new(kept(), ledger.clone(), lookout.clone()),
            opinions: OnceLock::new(),
        })
    }

    /// Lets a model give second opinions, if the settings name one.
    pub fn second_by(
        &self,
        settings: &SecondOpinion,
        (companion, lookout): (&Companion, &Arc<Lookout>),
        (db, ledger): (&Db, &Ledger),
        tasks: &TaskTracker,
    ) -> Result<(), ConfigError> {
        let wrong = |what| ConfigError::Setting(format!("crisis.second_opinion.{what}"));
        settings.check().map_err(wrong)?;
        let parts = opinion::Parts {
            settings: settings.clone(),
            second: Arc::new(companion.clone()),
            db: db.clone(),
            ledger: ledger.clone(),
            team: self.team.clone(),
            tasks: tasks.clone(),
        };
        if let Some(opened) = Opinions::open(parts, lookout) {
            let _ = self.opinions.set(opened);
        }
        Ok(())
    }

    /// What is done in the background.
    #[must_use]
    pub fn jobs(&self) -> Vec<Arc<dyn JobHandler>> {
        let mut jobs = crisis::team::jobs(&self.team);
        jobs.extend(crisis::follow_up::jobs(&self.follow_ups));
        jobs
    }

    /// What every process does once a minute: takes up lines that another process has changed, and
    /// writes down what was counted in memory. What fails is done the next time.
    pub async fn tidy(&self, now: Timestamp) {
        if let Err(error) = self.lines.refresh().await {
            tracing::warn!(%error, "crisis lines stay as they are for now");
        }
        if let Err(error) = self.team.write_down_counts(now).await {
            tracing::warn!(%error, "how often help was shown is written down later");
        }
    }
}
