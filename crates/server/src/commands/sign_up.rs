//! `salus sign-up`.

use super::{CommandError, CommandResult, open};
use crate::{config::Config, ui};
use clap::{Subcommand, ValueEnum};
use identity::SignUpRule;
use kernel::TenantId;

/// Decide who may make an account
#[derive(Subcommand)]
pub enum SignUp {
    /// Say who may make an account
    Show,
    /// Decide it, whatever the settings say
    Set {
        /// Who may
        #[arg(value_enum)]
        mode: Mode,
    },
    /// Let the settings (`accounts.sign_up`) say it again
    Reset,
}

/// Who may make an account.
#[derive(Clone, Copy, ValueEnum)]
pub enum Mode {
    /// Everybody
    Open,
    /// Whoever has an invitation
    InviteOnly,
    /// Nobody
    Closed,
}

impl From<Mode> for identity::SignUp {
    fn from(mode: Mode) -> Self {
        match mode {
            Mode::Open => Self::Open,
            Mode::InviteOnly => Self::InviteOnly,
            Mode::Closed => Self::Closed,
        }
    }
}

impl SignUp {
    pub async fn run(self, config: Config) -> CommandResult {
        let (app, ctx) = open(config).await?;
        let (people, tenant) = (&app.accounts, TenantId::DEFAULT);
        let rule = match self {
            Self::Show => people.sign_up(&ctx, tenant).await,
            Self::Set { mode } => people.set_sign_up(&ctx, tenant, Some(mode.into())).await,
            Self::Reset => people.set_sign_up(&ctx, tenant, None).await,
        };
        app.db.close();
        show(rule.map_err(CommandError::failed)?);
        Ok(())
    }
}

fn show(rule: SignUpRule) {
    let mode = rule.mode.name();
    match rule.decided_at {
        Some(at) => ui::say(format_args!("{mode}, decided at {at}")),
        None => ui::say(format_args!("{mode}, as the settings say")),
    }
}
