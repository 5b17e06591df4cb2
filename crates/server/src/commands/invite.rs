//! `salus invite`.

use super::{CommandError, CommandResult, open};
use crate::{app::App, config::Config, ui};
use clap::{Args, Subcommand};
use identity::{InviteId, LoginName, NewInvite};
use kernel::{Ctx, Cursor, PageSize, Phi, Role, RoleSet, TenantId};
use std::time::Duration;

/// Invite people to make an account
#[derive(Subcommand)]
pub enum Invite {
    /// Make an invitation and print its code, once
    Create(Create),
    /// List invitations, newest first
    List,
    /// Take an invitation back; accounts that were made with it stay
    Revoke {
        /// The invitation's id
        id: InviteId,
    },
}

/// Make an invitation and print its code, once
#[derive(Args)]
pub struct Create {
    /// The role that whoever accepts it gets besides `user`
    #[arg(long)]
    role: Option<Role>,
    /// For how many hours it holds
    #[arg(long, default_value_t = 7 * 24)]
    hours: u32,
    /// How many accounts can be made with it
    #[arg(long, default_value_t = 1)]
    uses: u32,
    /// What it is for
    #[arg(long)]
    note: Option<String>,
    /// The only e-mail address that can be registered with it
    #[arg(long)]
    email: Option<String>,
}

impl Invite {
    pub async fn run(self, config: Config) -> CommandResult {
        let (app, ctx) = open(config).await?;
        let result = match self {
            Self::Create(create) => create.run(&app, &ctx).await,
            Self::List => list(&app, &ctx).await,
            Self::Revoke { id } => revoke(&app, &ctx, id).await,
        };
        app.db.close();
        result
    }
}

impl Create {
    async fn run(self, app: &App, ctx: &Ctx) -> CommandResult {
        let email = self.email.as_deref().map(LoginName::email).transpose();
        let new = NewInvite {
            roles: RoleSet::of(&[self.role.unwrap_or(Role::User)]),
            life: Duration::from_hours(self.hours.into()),
            max_uses: self.uses,
            note: self.note.map(Phi::new),
            email: email.map_err(CommandError::failed)?,
        };
        let made = app.accounts.create_invite(ctx, TenantId::DEFAULT, new).await;
        let (_, code) = made.map_err(CommandError::failed)?;
        // EXPOSE: printing it is what the command is for.
        ui::say(code.grouped().expose());
        Ok(())
    }
}

async fn list(app: &App, ctx: &Ctx) -> CommandResult {
    let mut after: Option<Cursor> = None;
    loop {
        let page = app.accounts.invites(ctx, TenantId::DEFAULT, after, PageSize::MAX).await;
        let page = page.map_err(CommandError::failed)?;
        for invite in &page.items {
            let roles: Vec<&str> = invite.roles.iter().map(Role::name).collect();
            // EXPOSE: an operator at the machine asked for the notes.
            let note = invite.note.as_ref().map_or("", |note| note.expose().as_str());
            ui::say(format_args!(
                "{}  {:8} {}/{} until {}  {:20} {note}",
                invite.id,
                invite.state(ctx.now()),
                invite.uses,
                invite.max_uses,
                invite.expires_at,
                roles.join(","),
            ));
        }
        after = page.next;
        if after.is_none() {
            return Ok(());
        }
    }
}

async fn revoke(app: &App, ctx: &Ctx, id: InviteId) -> CommandResult {
    let revoked = app.accounts.revoke_invite(ctx, TenantId::DEFAULT, id).await;
    revoked.map_err(CommandError::failed)?;
    ui::say("Done");
    Ok(())
}
