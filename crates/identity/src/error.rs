//! What can go wrong with accounts and log-ins, and what the caller hears of it.

use crate::{
    config::ConfigError, factors::FactorKind, model::NameError, password::PasswordProblem,
    providers::ProviderError, service::ConsentsNotRecorded, token::TokenError,
};
use audit::AuditError;
use db::{DbError, jobs::JobError};
use httpkit::{
    StaleVersion,
    codes::{ADMIN_REQUIRED, SESSION_EXPIRED, USER_INACTIVE},
    step_up::StepUp,
};
use kernel::{Coded, CursorError, ErrorCode, Timestamp, common};
use std::{error::Error, time::Duration};
use vault::VaultError;

kernel::error_codes! {
    /// The password was right, but the account is closed; the detail says when it will be erased.
    ACCOUNT_CLOSED = Conflict, "This account is closed. You can still open it again by logging in with `restore`.";
    /// Its person closed it: nothing can be changed about it by others.
    ACCOUNT_GOING = Conflict, "This account was closed by its person and cannot be changed.";
    /// Seed 003: not an invitation that holds, or none where one is needed.
    INVALID_INVITE = Forbidden, "An invitation is needed here, and this one does not hold (any more).";
    /// Without this person nobody could administer the installation.
    LAST_ADMIN = Conflict, "This is the last administrator. Please make someone else one first.";
    /// Nothing else opens the account.
    LAST_WAY_IN = Conflict, "Nothing else opens your account. Please add another way in first.";
    /// As many as there can be.
    LINKS_FULL = Conflict, "You have as many accounts elsewhere as there can be. Please remove one first.";
    /// Begun in another browser, too long ago, or done already.
    OIDC_LATE = Gone, "This log-in took too long, or was begun elsewhere. Please start again.";
    /// Someone who is logged in came back as somebody else.
    OIDC_OTHER = Forbidden, "That was another account than the one that opens this one.";
    /// What the provider said does not hold.
    OIDC_REFUSED = Forbidden, "This log-in could not be confirmed. Please try again.";
    /// The account there opens an account here already.
    OIDC_TAKEN = Conflict, "This account there opens an account here already.";
    /// The provider does not answer as it should.
    OIDC_UNREACHABLE = Unavailable, "Logging in there does not work at the moment. Please try again later.";
    /// There is one already; it is to be removed first.
    FACTOR_EXISTS = Conflict, "You have an authenticator app already. Please remove it first.";
    /// What was asked for goes with a second factor.
    FACTOR_MISSING = Conflict, "Please set up a second factor first.";
    /// A factor cannot vouch for its own removal.
    FACTOR_SAME = Forbidden, "Please confirm this with something else than what you remove.";
    /// A second factor that does not hold, or was used before.
    FACTOR_WRONG = Forbidden, "This code is not valid. Each code can be used once.";
    /// The log-in took too long, or was finished already.
    LOGIN_TICKET_INVALID = Gone, "This log-in took too long. Please start again.";
    /// Not signed by the provider, for others, too old, shown before, or about something else.
    LOGOUT_TOKEN_INVALID = Invalid, "This logout token does not hold.";
    /// A link that was made up, is over, or was used.
    LINK_INVALID = Invalid, "This link does not work (any more). Please ask for a new one.";
    /// Someone has this label.
    LABEL_EXISTS = Conflict, "Someone has this label already.";
    /// No such label, not its key, or not a challenge of ours. Which one is never told.
    LABEL_PROOF_INVALID = Unauthenticated, "This proof does not hold.";
    /// No such account, or not its password. Which one is never told.
    LOGIN_FAILED = Unauthenticated, "The name or the password is wrong.";
    /// It was used after a copy of it had been: someone else has the key.
    PASSKEY_COPIED = Forbidden, "There seems to be a copy of this passkey, so it was not taken. Please log in another way and remove it.";
    /// Too long ago, or answered before.
    PASSKEY_LATE = Gone, "This took too long, or was done already. Please try again.";
    /// Whatever is wrong with it: of another account or page, removed, without the device unlocked.
    PASSKEY_WRONG = Forbidden, "This passkey was not recognised here.";
    /// As many as there can be.
    PASSKEYS_FULL = Conflict, "You have as many passkeys as there can be. Please remove one first.";
    /// Browsers know no passkeys on pages that are reached so.
    PASSKEYS_OFF = Conflict, "Passkeys work over https or on localhost only. Whoever runs this installation can set its public address.";
    /// A new password that is guessed too easily.
    PASSWORD_REFUSED = Invalid, "Please choose another password.";
    /// Someone who is logged in typed a wrong password where it is asked for again.
    PASSWORD_WRONG = Forbidden, "The password is wrong.";
    /// Not the present set-up code, or there is an administrator already.
    SETUP_CODE_INVALID = Forbidden, "This set-up code is not valid.";
    /// New accounts are made by administrators only.
    SIGN_UP_CLOSED = Forbidden, "New accounts cannot be made here at the moment.";
    /// Nobody registers without agreeing to the terms.
    TERMS_REQUIRED = Invalid, "Please agree to the terms first.";
    /// The refresh token was replaced before it was used; the log-in goes on with the other one.
    TOKEN_SUPERSEDED = Unauthenticated, "Another window of yours has a newer token. Please use that one.";
    /// It is chosen once.
    USERNAME_KEPT = Conflict, "You have a username already.";
    /// Seed 003: someone has this username.
    USERNAME_EXISTS = Conflict, "Someone has this username already.";
}

/// What went wrong with an account or a log-in.
#[derive(Debug, thiserror::Error)]
pub enum IdentityError {
    /// A name that cannot be one.
    #[error(transparent)]
    Name(#[from] NameError),
    /// Neither an e-mail address nor a username, or both.
    #[error("exactly one of email and username is needed")]
    OneName,
    /// Neither a password nor a code, or both.
    #[error("exactly one of password, code and passkey is needed")]
    OneProof,
    /// A page cursor that is not ours.
    #[error(transparent)]
    Cursor(#[from] CursorError),
    /// A new password that is guessed too easily.
    #[error(transparent)]
    Password(#[from] PasswordProblem),
    /// Someone has this username.
    #[error("the username is taken")]
    UsernameExists,
    /// The person has a username.
    #[error("there is a username already")]
    UsernameKept,
    /// Someone has this label.
    #[error("the label is taken")]
    LabelExists,
    /// A signature, a challenge or a label does not hold.
    #[error("the proof does not hold")]
    LabelProof,
    /// The terms were not agreed to.
    #[error("the terms were not agreed to")]
    TermsRequired,
    /// The set-up code does not hold.
    #[error("the set-up code does not hold")]
    SetupCode,
    /// There is no invitation that holds.
    #[error("no invitation that holds")]
    Invite,
    /// Nobody can register.
    #[error("sign-up is closed")]
    SignUpClosed,
    /// The last administrator would lose their rights.
    #[error("the last administrator")]
    LastAdmin,
    /// The account is closed, so that nothing can be changed about it.
    #[error("the account is being erased")]
    Going,
    /// Only those who look after the installation may do this.
    #[error("only administrators and auditors may do this")]
    OverseerRequired,
    /// Someone changed it meanwhile.
    #[error(transparent)]
    Stale(#[from] StaleVersion),
    /// A link that does not hold.
    #[error("the link does not hold")]
    Link,
    /// A field that does not fit; the text names it and says what would.
    #[error("{0}")]
    Field(&'static str),
    /// Name or password is wrong.
    #[error("name or password is wrong")]
    LoginFailed,
    /// The password of someone who is logged in is wrong.
    #[error("the password is wrong")]
    PasswordWrong,
    /// Too many failures.
    #[error("too many failed attempts")]
    TooManyAttempts(Duration),
    /// A second factor is wrong or was used before.
    #[error("the second factor is wrong")]
    FactorWrong(FactorKind),
    /// A second factor was tried too often.
    #[error("the second factor is closed")]
    FactorClosed(FactorKind, Duration),
    /// There is such a factor already.
    #[error("there is such a factor already")]
    FactorExists,
    /// There is no second factor.
    #[error("there is no second factor")]
    FactorMissing,
    /// There is a copy of a passkey.
    #[error("a passkey was copied")]
    PasskeyCopied,
    /// A question for a passkey is too old, or was answered before.
    #[error("the question for the passkey is not good")]
    PasskeyLate,
    /// There are as many passkeys as there can be.
    #[error("there are as many passkeys as there can be")]
    PasskeysFull,
    /// There can be no passkeys here.
    #[error("there can be no passkeys here")]
    PasskeysOff,
    /// The last way in would be gone.
    #[error("nothing else opens the account")]
    LastWayIn,
    /// There are as many accounts elsewhere as there can be.
    #[error("as many accounts elsewhere as there can be")]
    LinksFull,
    /// A question to a provider was asked elsewhere, long ago, or answered before.
    #[error("not an answer to a question of this browser")]
    OidcLate,
    /// A provider vouched for somebody else.
    #[error("the provider vouched for somebody else")]
    OidcOther,
    /// An account elsewhere opens another one here.
    #[error("the account elsewhere opens an account already")]
    OidcTaken,
    /// What a provider says of a log-out does not hold.
    #[error("the logout token does not hold")]
    LogoutToken,
    /// A provider vouched for nobody.
    #[error(transparent)]
    Provider(#[from] ProviderError),
    /// A factor cannot vouch for its own removal.
    #[error("a factor cannot vouch for its own removal")]
    SameFactor,
    /// The first half of a log-in is too long ago, or was used.
    #[error("the ticket of this log-in is not good")]
    TicketInvalid,
    /// The person has to show first that it is them.
    #[error("a surer or fresher log-in is needed")]
    StepUp(#[from] StepUp),
    /// Too many passwords wait to be hashed.
    #[error("too many passwords wait to be hashed")]
    HashersBusy,
    /// The account is closed until it is erased at this time.
    #[error("the account is closed")]
    Closed(Timestamp),
    /// The account is blocked.
    #[error("the account is not active")]
    Inactive,
    /// The log-in has ended, or never was.
    #[error("the session has ended")]
    SessionEnded,
    /// The refresh token was replaced before it was used.
    #[error("the refresh token was superseded")]
    Superseded,
    /// There is nothing here that the caller may see.
    #[error("not found")]
    NotFound,
    /// Nobody is logged in.
    #[error("nobody is logged in")]
    AuthRequired,
    /// Only administrators may do this.
    #[error("only administrators may do this")]
    AdminRequired,
    /// A stored hash cannot be read.
    #[error("a stored password hash cannot be read")]
    UnreadableHash,
    /// A stored value cannot be read.
    #[error("the stored {0} cannot be read")]
    Unreadable(&'static str),
    /// An access token cannot be made.
    #[error(transparent)]
    Token(#[from] TokenError),
    /// The settings are unsafe.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The consents could not be recorded.
    #[error("the consents cannot be recorded")]
    Consents(#[source] Box<dyn Error + Send + Sync>),
    /// The database failed.
    #[error(transparent)]
    Db(#[from] DbError),
    /// The keys failed.
    #[error(transparent)]
    Vault(#[from] VaultError),
    /// The ledger failed.
    #[error(transparent)]
    Audit(#[from] AuditError),
}

impl Coded for IdentityError {
    fn code(&self) -> &'static ErrorCode {
        match self {
            Self::Name(_) | Self::OneName | Self::OneProof | Self::Field(_) => {
                &common::INVALID_REQUEST
            }
            Self::Cursor(error) => error.code(),
            Self::Password(_) => &PASSWORD_REFUSED,
            Self::UsernameExists => &USERNAME_EXISTS,
            Self::UsernameKept => &USERNAME_KEPT,
            Self::LabelExists => &LABEL_EXISTS,
            Self::LabelProof => &LABEL_PROOF_INVALID,
            Self::TermsRequired => &TERMS_REQUIRED,
            Self::SetupCode => &SETUP_CODE_INVALID,
            Self::Invite => &INVALID_INVITE,
            Self::SignUpClosed => &SIGN_UP_CLOSED,
            Self::LastAdmin => &LAST_ADMIN,
            Self::Going => &ACCOUNT_GOING,
            Self::Link => &LINK_INVALID,
            Self::OverseerRequired => &common::FORBIDDEN,
            Self::Stale(error) => error.code(),
            Self::LoginFailed => &LOGIN_FAILED,
            Self::PasswordWrong => &PASSWORD_WRONG,
            Self::TooManyAttempts(_) | Self::FactorClosed(..) => &common::RATE_LIMITED,
            Self::FactorWrong(FactorKind::Passkey) => &PASSKEY_WRONG,
            Self::FactorWrong(_) => &FACTOR_WRONG,
            Self::PasskeyCopied => &PASSKEY_COPIED,
            Self::PasskeyLate => &PASSKEY_LATE,
            Self::PasskeysFull => &PASSKEYS_FULL,
            Self::PasskeysOff => &PASSKEYS_OFF,
            Self::FactorExists => &FACTOR_EXISTS,
            Self::FactorMissing => &FACTOR_MISSING,
            Self::LastWayIn => &LAST_WAY_IN,
            Self::LinksFull => &LINKS_FULL,
            Self::OidcLate => &OIDC_LATE,
            Self::OidcOther => &OIDC_OTHER,
            Self::OidcTaken => &OIDC_TAKEN,
            Self::LogoutToken => &LOGOUT_TOKEN_INVALID,
            Self::Provider(ProviderError::Refused(_)) => &OIDC_REFUSED,
            Self::Provider(ProviderError::Unreachable(_)) => &OIDC_UNREACHABLE,
            Self::SameFactor => &FACTOR_SAME,
            Self::TicketInvalid => &LOGIN_TICKET_INVALID,
            Self::StepUp(error) => error.code(),
            Self::HashersBusy => &common::UNAVAILABLE,
            Self::Closed(_) => &ACCOUNT_CLOSED,
            Self::Inactive => &USER_INACTIVE,
            Self::SessionEnded => &SESSION_EXPIRED,
            Self::Superseded => &TOKEN_SUPERSEDED,
            Self::NotFound => &common::NOT_FOUND,
            Self::AuthRequired => &common::AUTH_REQUIRED,
            Self::AdminRequired => &ADMIN_REQUIRED,
            Self::UnreadableHash
            | Self::Unreadable(_)
            | Self::Token(_)
            | Self::Config(_)
            | Self::Consents(_) => &common::INTERNAL,
            Self::Db(error) => error.code(),
            Self::Vault(error) => error.code(),
            Self::Audit(error) => error.code(),
        }
    }

    fn detail(&self) -> Option<String> {
        match self {
            Self::Name(problem) => Some(problem.to_string()),
            Self::OneName | Self::OneProof | Self::Field(_) => Some(self.to_string()),
            Self::Password(problem) => Some(problem.to_string()),
            Self::FactorWrong(kind) => Some(kind.name().to_owned()),
            Self::FactorClosed(kind, _) => {
                Some(format!("{}: too many wrong codes; other ways in stay open", kind.name()))
            }
            Self::Closed(erase_at) => Some(format!("it will be erased at {erase_at}")),
            _ => None,
        }
    }

    fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::TooManyAttempts(wait) | Self::FactorClosed(_, wait) => Some(*wait),
            Self::HashersBusy => Some(Duration::from_secs(2)),
            Self::Vault(error) => error.retry_after(),
            _ => None,
        }
    }
}

impl From<ConsentsNotRecorded> for IdentityError {
    fn from(error: ConsentsNotRecorded) -> Self {
        match error {
            ConsentsNotRecorded::Db(error) => Self::Db(error),
            ConsentsNotRecorded::Other(error) => Self::Consents(error),
        }
    }
}

impl From<IdentityError> for JobError {
    fn from(error: IdentityError) -> Self {
        tracing::warn!(error = %error, "a job about an account failed");
        Self::Retry(error.code().code)
    }
}
