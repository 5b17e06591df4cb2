//! Routes for those who run the installation.

mod invites;
mod ledger;
mod sign_up;
mod users;

use super::IdentityApi;
use httpkit::OpenApiRouter;
use kernel::{Cursor, PageSize, Role};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

pub(super) fn routes() -> OpenApiRouter<IdentityApi> {
    OpenApiRouter::new()
        .merge(sign_up::routes())
        .merge(invites::routes())
        .merge(users::routes())
        .merge(ledger::routes())
}

/// The roles that an administrator can give.
const ADMINS: &[Role] = &[Role::Admin];

/// A role, as clients write it.
#[derive(Clone, Copy, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = Role)]
pub(super) enum RoleName {
    /// Everyone with an account.
    User,
    /// A person with a paid plan.
    Premium,
    /// A clinician; sees what patients grant.
    Provider,
    /// Answers people in crisis.
    CrisisResponder,
    /// Reads the audit ledger, no health data.
    Auditor,
    /// Runs the installation, sees no health data.
    Admin,
}

impl From<RoleName> for Role {
    fn from(name: RoleName) -> Self {
        match name {
            RoleName::User => Self::User,
            RoleName::Premium => Self::Premium,
            RoleName::Provider => Self::Provider,
            RoleName::CrisisResponder => Self::CrisisResponder,
            RoleName::Auditor => Self::Auditor,
            RoleName::Admin => Self::Admin,
        }
    }
}

/// Which page of a list.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct PageQuery {
    /// `next_cursor` of the page before.
    cursor: Option<String>,
    /// How many items, 1 to 100; what lies outside is brought inside. 20 if left out.
    #[param(value_type = Option<u64>)]
    limit: Option<u32>,
}

impl PageQuery {
    fn place(&self) -> Result<(Option<Cursor>, PageSize), crate::IdentityError> {
        let after = self.cursor.as_deref().map(str::parse).transpose()?;
        Ok((after, self.limit.map_or_else(PageSize::default, PageSize::clamped)))
    }
}
