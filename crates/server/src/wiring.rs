//! Where one crate needs something of another that it must not know: small adapters.

use async_trait::async_trait;
use consent::{ConsentError, ConsentType, Consents, Registration};
use db::Tx;
use identity::{ConsentsNotRecorded, NewPerson, RegistrationConsents};

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
