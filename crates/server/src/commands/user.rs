//! `salus user`.

use super::{CommandError, CommandResult, open};
use crate::{app::App, config::Config, ui};
use clap::{Args, Subcommand};
use identity::{Account, AccountFilter, LinkPurpose, LoginName, NewAccount, Password, Status};
use kernel::{Ctx, Cursor, PageSize, Role, RoleSet, Secret, TenantId};
use std::io::{BufRead, IsTerminal, Read};

/// Look after accounts
#[derive(Subcommand)]
pub enum User {
    /// List accounts, newest first
    List(List),
    /// Make an account; the first password is read from standard input
    Create(Create),
    /// Give an account exactly these roles, and end its log-ins
    Roles {
        /// E-mail address or username
        name: String,
        /// The roles
        #[arg(required = true)]
        roles: Vec<Role>,
    },
    /// Block an account and end its log-ins
    Suspend {
        /// E-mail address or username
        name: String,
    },
    /// Let a blocked account be used again
    Resume {
        /// E-mail address or username
        name: String,
    },
    /// Forgive failed tries at an account, so that its person need not wait
    Unlock {
        /// E-mail address or username
        name: String,
    },
    /// End all log-ins of an account
    Logout {
        /// E-mail address or username
        name: String,
    },
    /// Print a link to hand to its person, where no mail is sent
    Link {
        /// E-mail address or username
        name: String,
        /// What the link does
        #[arg(value_enum, default_value = "reset-password")]
        purpose: Purpose,
    },
    /// Print a new set-up code, as long as there is no administrator
    SetupCode,
}

/// What a link does.
#[derive(Clone, Copy, clap::ValueEnum)]
pub enum Purpose {
    /// Proves that an address is that of its person
    VerifyEmail,
    /// Lets its person choose a new password
    ResetPassword,
}

/// List accounts, newest first
#[derive(Args)]
pub struct List {
    /// Only those in this state: active, suspended, deleting or erasing
    #[arg(long)]
    status: Option<Status>,
    /// Only those with this role
    #[arg(long)]
    role: Option<Role>,
}

/// Make an account; the first password is read from standard input
#[derive(Args)]
pub struct Create {
    /// E-mail address or username
    name: String,
    /// The roles besides `user`
    #[arg(long)]
    role: Vec<Role>,
}

impl User {
    pub async fn run(self, config: Config) -> CommandResult {
        let (app, ctx) = open(config).await?;
        let result = self.run_on(&app, &ctx).await;
        app.db.close();
        result
    }

    async fn run_on(self, app: &App, ctx: &Ctx) -> CommandResult {
        let people = &app.accounts;
        match self {
            Self::List(which) => return list(app, ctx, &which).await,
            Self::Create(create) => return create.run(app, ctx).await,
            Self::Link { name, purpose } => return link(app, ctx, &name, purpose).await,
            Self::SetupCode => return setup_code(app, ctx).await,
            Self::Roles { name, roles } => {
                let subject = find(app, ctx, &name).await?.subject;
                people.set_roles(ctx, subject, RoleSet::of(&roles)).await
            }
            Self::Suspend { name } => {
                people.suspend(ctx, find(app, ctx, &name).await?.subject).await
            }
            Self::Resume { name } => people.resume(ctx, find(app, ctx, &name).await?.subject).await,
            Self::Unlock { name } => people.unlock(ctx, find(app, ctx, &name).await?.subject).await,
            Self::Logout { name } => {
                people.end_all_sessions(ctx, find(app, ctx, &name).await?.subject).await
            }
        }
        .map_err(CommandError::failed)?;
        ui::say("Done");
        Ok(())
    }
}

async fn find(app: &App, ctx: &Ctx, name: &str) -> Result<Account, CommandError> {
    let name = LoginName::either(name).map_err(CommandError::failed)?;
    let found = app.accounts.account_of(ctx, TenantId::DEFAULT, &name).await;
    found.map_err(CommandError::failed)
}

async fn list(app: &App, ctx: &Ctx, which: &List) -> CommandResult {
    let filter = AccountFilter { status: which.status, role: which.role };
    let mut after: Option<Cursor> = None;
    loop {
        let whose = (TenantId::DEFAULT, filter);
        let page = app.accounts.accounts(ctx, whose, after, PageSize::MAX).await;
        let page = page.map_err(CommandError::failed)?;
        for account in &page.items {
            show(account);
        }
        after = page.next;
        if after.is_none() {
            return Ok(());
        }
    }
}

fn show(account: &Account) {
    let name = account.username.as_ref().or(account.email.as_ref());
    // EXPOSE: an operator at the machine asked for the names.
    let name = name.map_or("", |name| name.expose().as_str());
    let roles: Vec<&str> = account.roles.iter().map(Role::name).collect();
    let (user, status) = (account.subject.user, account.status.name());
    ui::say(format_args!("{user}  {status:10} {name:30} {}", roles.join(",")));
}

async fn link(app: &App, ctx: &Ctx, name: &str, purpose: Purpose) -> CommandResult {
    let subject = find(app, ctx, name).await?.subject;
    let purpose = match purpose {
        Purpose::VerifyEmail => LinkPurpose::VerifyEmail,
        Purpose::ResetPassword => LinkPurpose::ResetPassword,
    };
    let shown = app.mailer.show_link(ctx, subject, purpose).await;
    let shown = shown.map_err(CommandError::failed)?;
    // EXPOSE: printing it is what the command is for.
    ui::say(shown.link.expose());
    ui::say(format_args!("It works once, until {}", shown.expires_at));
    Ok(())
}

async fn setup_code(app: &App, ctx: &Ctx) -> CommandResult {
    let code = app.accounts.setup_code(ctx, TenantId::DEFAULT).await;
    match code.map_err(CommandError::failed)? {
        // EXPOSE: printing it is what the command is for.
        Some(code) => ui::say(code.grouped().expose()),
        None => {
            return Err(CommandError::Failed("there is an administrator already".into()));
        }
    }
    Ok(())
}

impl Create {
    async fn run(self, app: &App, ctx: &Ctx) -> CommandResult {
        let login = LoginName::either(&self.name).map_err(CommandError::failed)?;
        let password = Password::new(&read_password()?);
        let roles = RoleSet::of(&self.role);
        let new = NewAccount { login, password, display_name: None, roles };
        let account = app.accounts.create_account(ctx, TenantId::DEFAULT, &new).await;
        show(&account.map_err(CommandError::failed)?);
        Ok(())
    }
}

/// Longer than any password may be.
const LINE: u64 = 2048;

/// The first line of standard input; never an argument, which other users of the machine can see.
fn read_password() -> Result<Secret<String>, CommandError> {
    if std::io::stdin().is_terminal() {
        ui::say("Type the first password and press Enter; it can be seen while you type:");
    }
    let mut text = String::new();
    std::io::stdin().lock().take(LINE).read_line(&mut text).map_err(CommandError::failed)?;
    Ok(Secret::new(text.trim_end_matches(['\r', '\n']).to_owned()))
}
