//! Who may make an account: what an administrator decided, and until then what the settings say.
//!
//! It is looked up for each newcomer, so that a decision holds in every process at once.

use super::{Identity, admin::require_admin};
use crate::{
    actions::{SIGN_UP_CHANGED, SIGN_UP_READ},
    config::SignUp,
    error::IdentityError,
    store::sign_up as store,
};
use audit::Event;
use db::run_tx;
use kernel::{Ctx, Subject, TenantId, Timestamp};

/// Who may make an account, and why.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SignUpRule {
    /// What holds.
    pub mode: SignUp,
    /// What the settings say.
    pub configured: SignUp,
    /// When an administrator decided, if one did.
    pub decided_at: Option<Timestamp>,
}

impl Identity {
    pub(super) async fn sign_up_rule(&self, tenant: TenantId) -> Result<SignUpRule, IdentityError> {
        let configured = self.0.config.sign_up;
        let Some(row) = store::mode(&self.0.db, tenant).await? else {
            return Ok(SignUpRule { mode: configured, configured, decided_at: None });
        };
        let mode = SignUp::from_name(&row.mode).ok_or(IdentityError::Unreadable("sign-up mode"))?;
        Ok(SignUpRule { mode, configured, decided_at: Some(row.decided_at) })
    }

    /// Who may make an account, for administrators.
    pub async fn sign_up(&self, ctx: &Ctx, tenant: TenantId) -> Result<SignUpRule, IdentityError> {
        require_admin(ctx)?;
        let rule = self.sign_up_rule(tenant).await?;
        let whole = Subject::tenant_itself(tenant);
        let keys = self.0.ledger.keys(ctx, whole).await?;
        self.0.ledger.record_now(ctx, &keys, &Event::new(&SIGN_UP_READ, whole)).await?;
        Ok(rule)
    }

    /// Decides who may make an account from now on; without a mode the settings say it again.
    pub async fn set_sign_up(
        &self,
        ctx: &Ctx,
        tenant: TenantId,
        mode: Option<SignUp>,
    ) -> Result<SignUpRule, IdentityError> {
        require_admin(ctx)?;
        let whole = Subject::tenant_itself(tenant);
        let keys = self.0.ledger.keys(ctx, whole).await?;
        let event = Event::new(&SIGN_UP_CHANGED, whole)
            .detail("mode", mode.map_or("configured", SignUp::name));
        run_tx!(self.0.db, "identity.set_sign_up", |tx| {
            match mode {
                Some(mode) => store::put_mode(tx, tenant, mode.name(), ctx.now()),
                None => store::drop_mode(tx, tenant),
            }
            self.0.ledger.record(tx, ctx, &keys, &event)?;
            Ok::<_, IdentityError>(())
        })?;
        self.sign_up_rule(tenant).await
    }
}
