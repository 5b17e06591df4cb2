//! What the ledger can say about accounts and log-ins.

audit::actions! {
    /// Someone registered, or tried to.
    REGISTERED = "identity.account.register" on "account";
    /// Someone logged in, or tried to.
    LOGGED_IN = "identity.session.login" on "session";
    /// A log-in got new tokens, or was refused them.
    REFRESHED = "identity.session.refresh" on "session";
    /// A refresh token was used twice and both successors were wanted: one of the two who hold it
    /// is a thief, and the log-in was ended.
    REFRESH_REUSED = "identity.session.theft" on "session";
    /// A log-in was ended by its own means.
    LOGGED_OUT = "identity.session.logout" on "session";
    /// A provider ended a log-in that it had vouched for, or tried to.
    LOGGED_OUT_BY_PROVIDER = "identity.session.logout_by_provider" on "session";
    /// All log-ins of a person were ended.
    LOGGED_OUT_EVERYWHERE = "identity.session.logout_all" on "account";
    /// All log-ins of all people were ended by whoever runs the installation.
    LOGGED_OUT_EVERYBODY = "identity.session.logout_everybody" on "tenant";
    /// A person looked at their log-ins.
    SESSIONS_LISTED = "identity.session.list" on "account";
    /// A person ended another log-in of theirs.
    SESSION_REVOKED = "identity.session.revoke" on "session";
    /// A person looked at their account.
    ACCOUNT_READ = "identity.account.read" on "account";
    /// A person closed their account.
    ACCOUNT_CLOSED = "identity.account.close" on "account";
    /// A person opened their closed account again.
    ACCOUNT_REOPENED = "identity.account.reopen" on "account";
    /// The keys and rows of a closed account were destroyed.
    ACCOUNT_ERASED = "identity.account.erase" on "account";
    /// An administrator made an account.
    ACCOUNT_CREATED = "identity.account.create" on "account";
    /// An administrator looked at accounts and the names of their people.
    ACCOUNTS_LISTED = "identity.account.list" on "account";
    /// An administrator changed a person's roles.
    ROLES_CHANGED = "identity.account.roles" on "account";
    /// An administrator blocked an account.
    SUSPENDED = "identity.account.suspend" on "account";
    /// An administrator let an account be used again.
    RESUMED = "identity.account.resume" on "account";
    /// A person looked at their profile.
    PROFILE_READ = "identity.profile.read" on "profile";
    /// A person changed their profile.
    PROFILE_CHANGED = "identity.profile.change" on "profile";
    /// A person looked at what happened to their account.
    ACTIVITY_READ = "identity.activity.read" on "account";
    /// Someone who looks after the installation read the ledger.
    LEDGER_LISTED = "audit.ledger.list" on "audit_ledger";
    /// Someone who looks after the installation took a copy of the ledger away.
    LEDGER_DOWNLOADED = "audit.ledger.download" on "audit_ledger";
    /// Someone who looks after the installation took a proof away.
    LEDGER_PROVED = "audit.ledger.prove" on "audit_ledger";
    /// A letter with a link to a new password was asked for.
    RESET_ASKED = "identity.password.forgot" on "account";
    /// A new password was chosen with the link of a letter.
    PASSWORD_RESET = "identity.password.reset" on "account";
    /// A letter about an address was asked for.
    VERIFICATION_ASKED = "identity.email.ask" on "account";
    /// An address was proved to be that of its person.
    EMAIL_VERIFIED = "identity.email.verify" on "account";
    /// An administrator forgave failed tries.
    UNLOCKED = "identity.account.unlock" on "account";
    /// An administrator got a link to hand over.
    LINK_SHOWN = "identity.link.show" on "account";
    /// An administrator invited someone.
    INVITE_CREATED = "identity.invite.create" on "invite";
    /// An administrator looked at the invitations.
    INVITES_LISTED = "identity.invite.list" on "invite";
    /// An administrator took an invitation back.
    INVITE_REVOKED = "identity.invite.revoke" on "invite";
    /// An administrator looked at who may make an account.
    SIGN_UP_READ = "identity.sign_up.read" on "sign_up";
    /// An administrator decided who may make an account.
    SIGN_UP_CHANGED = "identity.sign_up.change" on "sign_up";
    /// A set-up code for the first administrator was made.
    SETUP_CODE_MADE = "identity.setup.code" on "setup_code";
    /// A first factor was right, and a second one was asked for.
    FACTOR_ASKED = "identity.factor.ask" on "account";
    /// A person looked at their second factors.
    FACTORS_LISTED = "identity.factor.list" on "account";
    /// A person was shown a secret for an authenticator app.
    TOTP_BEGUN = "identity.totp.begin" on "account";
    /// A person's authenticator app is asked for from now on.
    TOTP_CONFIRMED = "identity.totp.confirm" on "account";
    /// A person's authenticator app is not asked for any more.
    TOTP_REMOVED = "identity.totp.remove" on "account";
    /// A person was given new recovery codes.
    RECOVERY_MADE = "identity.recovery_codes.make" on "account";
    /// A person asked to make a passkey.
    PASSKEY_BEGUN = "identity.passkey.begin" on "account";
    /// A person has one more passkey, or tried to have.
    PASSKEY_ADDED = "identity.passkey.add" on "passkey";
    /// A person looked at their passkeys.
    PASSKEYS_LISTED = "identity.passkey.list" on "account";
    /// A person gave a passkey another name.
    PASSKEY_RENAMED = "identity.passkey.rename" on "passkey";
    /// A person removed a passkey, or tried to.
    PASSKEY_REMOVED = "identity.passkey.remove" on "passkey";
    /// A person showed again that it is them, or tried to.
    STEPPED_UP = "identity.session.step_up" on "session";
    /// An account elsewhere opens a person's account from now on, or was to.
    PROVIDER_LINKED = "identity.provider.link" on "account";
    /// It does not any more.
    PROVIDER_UNLINKED = "identity.provider.unlink" on "account";
    /// A person looked at the accounts elsewhere that open theirs.
    PROVIDERS_LISTED = "identity.provider.list" on "account";
    /// A person chose a name to log in with, or tried to.
    USERNAME_CHOSEN = "identity.username.choose" on "account";
    /// A person changed their password.
    PASSWORD_CHANGED = "identity.password.change" on "account";
}
