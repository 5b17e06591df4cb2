//! Forgiving failed tries, when someone proved on another way who they are.

use super::{Identity, admin::require_admin, names::open_client};
use crate::{
    actions::UNLOCKED,
    error::IdentityError,
    limits::{Attempt, Factor},
    store,
};
use audit::Event;
use kernel::{Ctx, Cursor, PageSize, Subject};
use std::{collections::BTreeSet, net::IpAddr};

impl Identity {
    /// Forgives the failed tries at an account: those that slow it down or close a factor of it,
    /// and those from networks where its person is logged in. What strangers elsewhere did goes
    /// on counting against them.
    pub async fn unlock(&self, ctx: &Ctx, subject: Subject) -> Result<(), IdentityError> {
        require_admin(ctx)?;
        store::account(&self.0.db, subject).await?.ok_or(IdentityError::NotFound)?;
        let keys = self.0.ledger.keys(ctx, subject).await?;
        self.0.ledger.record_now(ctx, &keys, &Event::new(&UNLOCKED, subject)).await?;
        let networks = self.networks(ctx, subject).await?;
        for name in self.login_names(subject).await? {
            for index in self.indexes(subject.tenant, &name).await? {
                for network in &networks {
                    self.forgive(ctx, Factor::Password, *network, index.as_bytes()).await;
                }
            }
        }
        let user = subject.user.as_uuid();
        for factor in [Factor::Confirmation, Factor::Totp, Factor::RecoveryCode] {
            self.forgive(ctx, factor, None, user.as_bytes()).await;
        }
        Ok(())
    }

    async fn forgive(&self, ctx: &Ctx, factor: Factor, address: Option<IpAddr>, account: &[u8]) {
        let attempt = Attempt::forgiven(&self.0.config.attempts, factor, address, account);
        self.0.attempts.succeeded(&attempt, ctx.now()).await;
    }

    /// Addresses where the person is logged in, and none at all.
    async fn networks(
        &self,
        ctx: &Ctx,
        subject: Subject,
    ) -> Result<BTreeSet<Option<IpAddr>>, IdentityError> {
        let keys = self.0.vault.keyring(subject).await?;
        let page = (Cursor::NEWEST, PageSize::default());
        let mut found = BTreeSet::from([None]);
        for row in store::devices(&self.0.db, subject, page, ctx.now()).await? {
            let client = open_client(&keys, row.id.into(), row.client)?;
            // EXPOSE: only hashes of it are looked up.
            let address = client.ip.as_ref().and_then(|ip| ip.expose().parse().ok());
            found.insert(address);
        }
        Ok(found)
    }
}
