//! Where one crate needs something of another that it must not know: small adapters.

use async_trait::async_trait;
use audit::Ledger;
use care::{hotlines::Help, responses::Place};
use companion::{Author, Companion, Contact, Finding, Guard, Safety, Said};
use consent::{ConsentError, ConsentType, Consents, Registration};
use crisis::{CrisisTeam, Looked, Lookout};
use db::{Db, Tx};
use httpkit::auth::{AuthError, Authenticator};
use identity::{ConsentsNotRecorded, Identity, NewPerson, RegistrationConsents};
use journal::Journal;
use kernel::{Ctx, Person, Phi, RoleSet, Secret};
use std::sync::Arc;
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
        // What stands below the answer, such as that a program writes it, belongs to it.
        let reply = response.map(|response| {
            let parts = [response.text(Place::Body), response.text(Place::Footer)];
            parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("\n\n")
        });
        Finding { safety, reply, contacts }
    }
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
fn contacts(help: &Help<'_>) -> Vec<Contact> {
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

/// What people write down and fill in, and who answers them.
pub fn diaries(
    (db, vault): (&Db, &Vault),
    (consents, ledger): (&Consents, &Ledger),
    lookout: &Arc<Lookout>,
) -> (Journal, Wellbeing, CrisisTeam) {
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
    let team = CrisisTeam::new(
        (db.clone(), vault.clone()),
        (ledger.clone(), consents.clone()),
        lookout.clone(),
    );
    (journal, wellbeing, team)
}
