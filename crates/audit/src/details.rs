//! Whether what names people in the ledger can be opened: the boxes of entries are no column that
//! could be read by itself, for whose they are is told by a pseudonym alone.

use crate::{
    entry::{ActorRef, Entry},
    error::AuditError,
    ledger::{ByOrAbout, Filter, Ledger},
    seal::{Side, open_detail, pseudonym_of},
    word::Pseudonym,
};
use kernel::{PageSize, Subject};
use vault::{Keyring, VaultError};

/// How many boxes open.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct DetailReport {
    /// They open.
    pub opened: u64,
    /// They do not.
    pub failed: u64,
}

impl DetailReport {
    fn count(&mut self, keyring: &Keyring, entry: &Entry, side: Side) {
        match open_detail(keyring, entry, side) {
            Ok(Some(_)) => self.opened += 1,
            Ok(None) => {}
            Err(_) => self.failed += 1,
        }
    }
}

/// Nothing where keys are gone or do not unwrap.
fn lost<T>(result: Result<T, AuditError>) -> Result<Option<T>, AuditError> {
    match result {
        Ok(value) => Ok(Some(value)),
        Err(AuditError::Vault(
            VaultError::Erased(_) | VaultError::KeysLost(_) | VaultError::WrongKms(_),
        )) => Ok(None),
        Err(error) => Err(error),
    }
}

impl Ledger {
    /// Opens every box of everybody whose keys are there, and looks at none. Whose keys do not
    /// unwrap is found by the vault.
    pub async fn verify_details(
        &self,
        on_progress: &(dyn Fn(&DetailReport) + Send + Sync),
    ) -> Result<DetailReport, AuditError> {
        let (mut report, mut after) = (DetailReport::default(), None);
        loop {
            let (people, last) = self.vault().accountable(after).await?;
            for subject in people {
                self.verify_details_of(subject, &mut report).await?;
                on_progress(&report);
            }
            match last {
                Some(_) => after = last,
                None => return Ok(report),
            }
        }
    }

    async fn keyring_and_pseudonym(
        &self,
        subject: Subject,
    ) -> Result<(Keyring, Pseudonym), AuditError> {
        let keyring = self.vault().keyring(subject).await?;
        let person = pseudonym_of(&keyring)?;
        Ok((keyring, person))
    }

    async fn verify_details_of(
        &self,
        subject: Subject,
        report: &mut DetailReport,
    ) -> Result<(), AuditError> {
        let Some((keyring, person)) = lost(self.keyring_and_pseudonym(subject).await)? else {
            return Ok(());
        };
        let whole = Subject::tenant_itself(subject.tenant);
        let Some((whole, _)) = lost(self.keyring_and_pseudonym(whole).await)? else {
            return Ok(());
        };
        for person in [ByOrAbout::About(person), ByOrAbout::By(person)] {
            let filter = Filter { person: Some(person), ..Filter::default() };
            let mut after = None;
            loop {
                let page = self.entries(&filter, after, PageSize::MAX).await?;
                for entry in page.items.iter().map(|record| &record.entry) {
                    match person {
                        ByOrAbout::About(_) => {
                            report.count(&keyring, entry, Side::Subject);
                            if !matches!(entry.actor, ActorRef::Person { .. }) {
                                report.count(&whole, entry, Side::Actor);
                            }
                        }
                        ByOrAbout::By(_) => report.count(&keyring, entry, Side::Actor),
                    }
                }
                match page.next {
                    Some(_) => after = page.next,
                    None => break,
                }
            }
        }
        Ok(())
    }
}
