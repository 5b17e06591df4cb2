//! Accounts and the names people log in with: types and rules, no I/O.

use kernel::{Acr, Phi, Role, RoleSet, SessionId, Subject, Timestamp};
use std::{fmt, str::FromStr};
use unicode_normalization::UnicodeNormalization;

/// What a name is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum NameKind {
    /// An e-mail address to log in with.
    Email,
    /// A username to log in with.
    Username,
    /// What the person wants to be called.
    Display,
}

impl NameKind {
    const ALL: [Self; 3] = [Self::Email, Self::Username, Self::Display];

    /// The stable name, as stored.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Email => "email",
            Self::Username => "username",
            Self::Display => "display",
        }
    }

    /// The kind with this name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

/// Why a text is not a name. Never repeats the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NameError {
    /// Not an e-mail address.
    #[error("email: this is not an e-mail address")]
    Email,
    /// Not a username.
    #[error("username: 3 to 32 letters, digits, dots, dashes or underscores")]
    Username,
    /// Not something to call a person.
    #[error("display_name: 1 to 80 letters on one line")]
    Display,
}

/// A name to log in with.
#[derive(Clone)]
pub struct LoginName {
    kind: NameKind,
    shown: Phi<String>,
    folded: Phi<String>,
}

impl LoginName {
    /// An e-mail address. Upper and lower case are the same, as in every mail system in use.
    pub fn email(text: &str) -> Result<Self, NameError> {
        let shown: String = text.trim().nfc().collect();
        let folded: String = shown.to_lowercase().nfc().collect();
        if !is_email(&folded) {
            return Err(NameError::Email);
        }
        Ok(Self { kind: NameKind::Email, shown: Phi::new(shown), folded: Phi::new(folded) })
    }

    /// A username. Those that differ in upper and lower case only are the same.
    pub fn username(text: &str) -> Result<Self, NameError> {
        let shown: String = text.trim().nfc().collect();
        let harmless = |letter: char| letter.is_alphanumeric() || "._-".contains(letter);
        let length = shown.chars().count();
        if !(3..=32).contains(&length) || !shown.chars().all(harmless) {
            return Err(NameError::Username);
        }
        // Up and down again, so that "ß" and "SS" meet.
        let folded = shown.to_uppercase().to_lowercase().nfc().collect();
        Ok(Self { kind: NameKind::Username, shown: Phi::new(shown), folded: Phi::new(folded) })
    }

    /// Either: an address has an `@`, a username cannot.
    pub fn either(text: &str) -> Result<Self, NameError> {
        if text.contains('@') { Self::email(text) } else { Self::username(text) }
    }

    /// Which of the two it is.
    #[must_use]
    pub const fn kind(&self) -> NameKind {
        self.kind
    }

    /// As the person wrote it.
    #[must_use]
    pub const fn shown(&self) -> &Phi<String> {
        &self.shown
    }

    /// As it is compared.
    #[must_use]
    pub const fn folded(&self) -> &Phi<String> {
        &self.folded
    }

    /// What a blind index is made of: no address has the index of a username.
    #[must_use]
    pub fn index_text(&self) -> Phi<String> {
        self.folded.map(|folded| format!("{}:{folded}", self.kind.name()))
    }
}

fn is_email(text: &str) -> bool {
    let Some((local, domain)) = text.rsplit_once('@') else { return false };
    let printable = |letter: char| !letter.is_whitespace() && !letter.is_control();
    let label = |label: &str| {
        !label.is_empty()
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.chars().all(|letter| letter.is_alphanumeric() || letter == '-')
    };
    text.len() <= 254
        && (1..=64).contains(&local.len())
        && local.chars().all(|letter| printable(letter) && !"@,;:<>()[]\\\"".contains(letter))
        && domain.split('.').all(label)
}

/// What a person wants to be called.
#[derive(Clone)]
pub struct DisplayName(Phi<String>);

impl DisplayName {
    /// This name.
    pub fn new(text: &str) -> Result<Self, NameError> {
        let text: String = text.trim().nfc().collect();
        let fits = (1..=80).contains(&text.chars().count());
        if fits && !text.chars().any(char::is_control) {
            Ok(Self(Phi::new(text)))
        } else {
            Err(NameError::Display)
        }
    }

    /// The name.
    #[must_use]
    pub const fn text(&self) -> &Phi<String> {
        &self.0
    }
}

/// The state of an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// It can be used.
    Active,
    /// An administrator blocked it.
    Suspended,
    /// Its person closed it and can still open it again.
    Deleting,
    /// The time for that is over; its keys are being destroyed.
    Erasing,
}

impl Status {
    const ALL: [Self; 4] = [Self::Active, Self::Suspended, Self::Deleting, Self::Erasing];

    /// The stable name, as stored and shown.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Suspended => "suspended",
            Self::Deleting => "deleting",
            Self::Erasing => "erasing",
        }
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The text named no status.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("no such status")]
pub struct StatusError;

impl FromStr for Status {
    type Err = StatusError;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|status| status.name() == text).ok_or(StatusError)
    }
}

/// What a person agreed to when they registered.
#[expect(clippy::struct_excessive_bools, reason = "five separate questions with yes or no")]
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct GivenConsents {
    /// The terms and the privacy notice; nobody registers without.
    pub terms: bool,
    /// Keeping health data.
    pub health_data: bool,
    /// Showing it to a model.
    pub ai_interaction: bool,
    /// Sharing it with clinicians.
    pub data_sharing: bool,
    /// News about the product.
    pub marketing: bool,
}

/// An account as its person and administrators see it.
pub struct Account {
    /// The person.
    pub subject: Subject,
    /// Its state.
    pub status: Status,
    /// The person's rights.
    pub roles: RoleSet,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it will be erased, if its person closed it.
    pub erase_at: Option<Timestamp>,
    /// The e-mail address to log in with.
    pub email: Option<Phi<String>>,
    /// The username to log in with.
    pub username: Option<Phi<String>>,
    /// What the person wants to be called.
    pub display_name: Option<Phi<String>>,
}

/// A log-in as its person sees it.
pub struct SessionView {
    /// The log-in.
    pub id: SessionId,
    /// Whether it holds a cookie or tokens.
    pub kind: SessionKind,
    /// How surely the person was recognised.
    pub acr: Acr,
    /// When it began.
    pub created_at: Timestamp,
    /// When it was last used, to the minute.
    pub seen_at: Timestamp,
    /// When it ends in any case.
    pub expires_at: Timestamp,
    /// The program and the address it came from.
    pub client: Client,
}

/// How a client shows that it is logged in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SessionKind {
    /// Access and refresh tokens.
    Tokens,
    /// A cookie that browsers send by themselves.
    Cookie,
}

impl SessionKind {
    /// The stable name, as shown.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Tokens => "tokens",
            Self::Cookie => "cookie",
        }
    }
}

/// Where a log-in came from.
#[derive(Clone, Default)]
pub struct Client {
    /// What the program calls itself.
    pub user_agent: Option<Phi<String>>,
    /// Its address.
    pub ip: Option<Phi<String>>,
}

/// Whether the roles reach beyond the person's own data; their log-ins end sooner.
#[must_use]
pub fn is_privileged(roles: RoleSet) -> bool {
    const BEYOND: [Role; 4] = [Role::Provider, Role::CrisisResponder, Role::Auditor, Role::Admin];
    BEYOND.into_iter().any(|role| roles.contains(role))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn folded(name: Result<LoginName, NameError>) -> String {
        name.unwrap().folded().expose().clone()
    }

    #[test]
    fn an_address_is_the_same_in_upper_and_lower_case_and_composed_or_not() {
        assert_eq!(folded(LoginName::email(" Ana@Example.ORG ")), "ana@example.org");
        let composed = folded(LoginName::email("jos\u{e9}@example.org"));
        assert_eq!(folded(LoginName::email("jose\u{301}@example.org")), composed);
    }

    #[test]
    fn what_is_no_address_is_refused() {
        for bad in ["", "@", "a@", "@b", "a b@c.de", "a@b..c", "a@-b.c", "a@b@c.de", "a@b\n.c"] {
            assert!(LoginName::email(bad).is_err(), "{bad:?}");
        }
        assert!(LoginName::email(&format!("{}@b.de", "a".repeat(65))).is_err());
    }

    #[test]
    fn usernames_that_differ_in_case_only_are_the_same() {
        assert_eq!(folded(LoginName::username("Ana.B")), "ana.b");
        assert_eq!(folded(LoginName::username("STRASSE")), folded(LoginName::username("straße")));
    }

    #[test]
    fn usernames_have_three_to_thirty_two_harmless_letters() {
        for bad in ["ab", "a b c", "ana@home", "<ana>", &"x".repeat(33)] {
            assert_eq!(LoginName::username(bad).err(), Some(NameError::Username), "{bad:?}");
        }
    }

    #[test]
    fn an_address_never_has_the_index_of_a_username() {
        let email = LoginName::either("ana@example.org").unwrap().index_text();
        assert_eq!(email.expose(), "email:ana@example.org");
        assert_eq!(LoginName::either("Ana").unwrap().index_text().expose(), "username:ana");
    }

    proptest! {
        #[test]
        fn folding_twice_changes_nothing(text in "\\PC{0,40}") {
            if let Ok(name) = LoginName::either(&text) {
                let again = LoginName::either(name.folded().expose());
                prop_assert_eq!(folded(again), name.folded().expose().clone());
            }
        }
    }

    #[test]
    fn every_status_reads_back() {
        for status in Status::ALL {
            assert_eq!(status.name().parse(), Ok(status));
        }
    }
}
