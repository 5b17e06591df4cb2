//! What an emergency opens, and the tokens that open it. No I/O.

use aws_lc_rs::digest;
use kernel::{Env, Secret, Subject, TenantId, UserId};
use serde::{Deserialize, Serialize};
use std::{fmt::Write, time::Duration};
use subtle::ConstantTimeEq;
use utoipa::ToSchema;
use uuid::Uuid;

/// The header that carries a token (seed 002).
pub const TOKEN_HEADER: &str = "Emergency-Access-Token";
/// How often one card can be used at most.
pub const MAX_USES: u16 = 100;
/// Cards that are good at the same time.
pub(super) const MAX_CARDS: usize = 10;
/// How long a card is good at most, and if nothing is said.
pub(super) const LONGEST_CARD: Duration = Duration::from_hours(24 * 730);
pub(super) const USUAL_CARD: Duration = Duration::from_hours(24 * 365);
/// How long an override is good.
pub(super) const OVERRIDE_LIFE: Duration = Duration::from_hours(1);
/// When an override has to have been reviewed.
pub(super) const REVIEW_WITHIN: Duration = Duration::from_hours(72);
/// So many overrides in so long a time need nobody else.
pub(super) const ALONE: i64 = 3;
pub(super) const COOLING: Duration = Duration::from_hours(24);
/// How fresh the proof by two factors must be.
pub(super) const STEP_UP: Duration = Duration::from_mins(10);
/// Letters of a reason in words.
pub(super) const REASON: std::ops::RangeInclusive<usize> = 10..=2_000;

/// Classes of a person's data.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = EmergencyClass)]
#[repr(u8)]
pub enum Class {
    /// What the person reacts to.
    Allergies = 0,
    /// What the person takes.
    Medications = 1,
    /// What the person has.
    Conditions = 2,
    /// Whom to call.
    Contacts = 3,
    /// Journal and moods.
    Journal = 4,
    /// Conversations.
    Conversations = 5,
    /// Meals.
    Nutrition = 6,
    /// Documents and reports.
    Documents = 7,
}

impl Class {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::Allergies,
        Self::Medications,
        Self::Conditions,
        Self::Contacts,
        Self::Journal,
        Self::Conversations,
        Self::Nutrition,
        Self::Documents,
    ];

    /// The stable name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Allergies => "allergies",
            Self::Medications => "medications",
            Self::Conditions => "conditions",
            Self::Contacts => "contacts",
            Self::Journal => "journal",
            Self::Conversations => "conversations",
            Self::Nutrition => "nutrition",
            Self::Documents => "documents",
        }
    }
}

/// The two forms of emergency access.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = EmergencyForm)]
pub enum Form {
    /// The person handed it out.
    Card,
    /// A responder made it.
    Override,
}

impl Form {
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Card => "card",
            Self::Override => "override",
        }
    }

    /// Tells secret scanners what they found, too.
    const fn prefix(self) -> &'static str {
        match self {
            Self::Card => "sec1_",
            Self::Override => "seo1_",
        }
    }
}

/// The scope table: what each form can open at most. What is not here is never opened.
pub const SCOPE: [(Form, &[Class]); 2] = [
    (Form::Card, &[Class::Allergies, Class::Medications, Class::Conditions, Class::Contacts]),
    (Form::Override, &[Class::Allergies, Class::Medications, Class::Conditions, Class::Contacts]),
];

/// Whether the scope table lets this form open this class.
#[must_use]
pub fn is_open_to(form: Form, class: Class) -> bool {
    SCOPE.iter().any(|(row, classes)| *row == form && classes.contains(&class))
}

/// A set of classes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Classes(u8);

impl Classes {
    /// Just these.
    #[must_use]
    pub fn of(classes: &[Class]) -> Self {
        Self(classes.iter().fold(0, |bits, class| bits | 1 << *class as u8))
    }

    /// Those of the scope table.
    #[must_use]
    pub fn open_to(form: Form) -> Self {
        Self::all().only(|class| is_open_to(form, class))
    }

    fn all() -> Self {
        Self::of(&Class::ALL)
    }

    fn only(self, keep: impl Fn(Class) -> bool) -> Self {
        Self::of(&self.iter().filter(|class| keep(*class)).collect::<Vec<_>>())
    }

    /// Those in both.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// Whether there is none.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Whether it is among them.
    #[must_use]
    pub const fn contains(self, class: Class) -> bool {
        self.0 & (1 << class as u8) != 0
    }

    /// In their order.
    pub fn iter(self) -> impl Iterator<Item = Class> {
        Class::ALL.into_iter().filter(move |class| self.contains(*class))
    }

    pub(super) const fn bits(self) -> u8 {
        self.0
    }

    pub(super) const fn from_bits(bits: u8) -> Self {
        Self(bits)
    }

    pub(super) fn names(self) -> String {
        self.iter().map(Class::name).collect::<Vec<_>>().join(" ")
    }
}

/// Why a responder opens a person's data.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ReasonCode {
    /// The person cannot answer.
    Unresponsive,
    /// The person may die or come to harm.
    DangerToLife,
    /// What the person took or reacts to must be known now.
    Poisoning,
    /// A crisis of the mind in which the person cannot decide.
    AcuteCrisis,
}

impl ReasonCode {
    const ALL: [Self; 4] =
        [Self::Unresponsive, Self::DangerToLife, Self::Poisoning, Self::AcuteCrisis];

    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Unresponsive => "unresponsive",
            Self::DangerToLife => "danger_to_life",
            Self::Poisoning => "poisoning",
            Self::AcuteCrisis => "acute_crisis",
        }
    }

    pub(super) fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|code| code.name() == name)
    }
}

/// What opens emergency data: whose, which card or override, and 128 secret bits.
pub struct Token {
    /// Card or override.
    pub form: Form,
    /// Whose data.
    pub subject: Subject,
    pub(super) id: Uuid,
    secret: Secret<[u8; 16]>,
}

impl Token {
    pub(super) fn new(env: &Env, form: Form, subject: Subject, id: Uuid) -> Self {
        Self { form, subject, id, secret: Secret::new(env.random()) }
    }

    /// What is stored.
    pub(super) fn hash(&self) -> [u8; 32] {
        // EXPOSE: only the hash leaves this function; 128 random bits need no slow hash.
        let digest = digest::digest(&digest::SHA256, self.secret.expose());
        digest.as_ref().first_chunk().copied().unwrap_or_default()
    }

    pub(super) fn matches(&self, stored: &[u8; 32]) -> bool {
        self.hash().ct_eq(stored).into()
    }

    /// What is handed out.
    #[must_use]
    pub fn text(&self) -> Secret<String> {
        let mut bytes: Vec<u8> = Vec::with_capacity(64);
        bytes.extend(self.subject.tenant.as_uuid().as_bytes());
        bytes.extend(self.subject.user.as_uuid().as_bytes());
        bytes.extend(self.id.as_bytes());
        // EXPOSE: whoever holds it has to get its secret.
        bytes.extend(self.secret.expose());
        let mut text = self.form.prefix().to_owned();
        for byte in bytes {
            // Writing into a text cannot fail.
            let _ = write!(text, "{byte:02x}");
        }
        Secret::new(text)
    }

    /// The token that someone shows; `None` for what cannot be one.
    #[must_use]
    pub fn parse(text: &Secret<String>) -> Option<Self> {
        // EXPOSE: it has to be read to be compared.
        let text = text.expose().as_str();
        let form = [Form::Card, Form::Override];
        let form = form.into_iter().find(|form| text.starts_with(form.prefix()))?;
        let bytes = Secret::new(from_hex(text.strip_prefix(form.prefix())?)?);
        let (tenant, rest) = bytes.expose().split_first_chunk::<16>()?;
        let (user, rest) = rest.split_first_chunk::<16>()?;
        let (id, secret) = rest.split_first_chunk::<16>()?;
        let tenant = TenantId::from_uuid(Uuid::from_bytes(*tenant));
        let user = UserId::from_uuid(Uuid::from_bytes(*user));
        let secret = Secret::new(<[u8; 16]>::try_from(secret).ok()?);
        Some(Self { form, subject: Subject::new(tenant, user), id: Uuid::from_bytes(*id), secret })
    }
}

fn from_hex(text: &str) -> Option<Vec<u8>> {
    let (pairs, odd) = text.as_bytes().as_chunks::<2>();
    let lower = |byte: &u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(byte);
    let byte = |pair: &[u8; 2]| {
        let good = pair.iter().all(lower);
        u8::from_str_radix(std::str::from_utf8(pair).ok().filter(|_| good)?, 16).ok()
    };
    if odd.is_empty() { pairs.iter().map(byte).collect() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_is_private_is_in_no_row_of_the_scope_table() {
        for form in [Form::Card, Form::Override] {
            for class in [Class::Journal, Class::Conversations, Class::Nutrition, Class::Documents]
            {
                assert!(!is_open_to(form, class), "{class:?}");
            }
            assert_eq!(Classes::open_to(form).iter().count(), 4);
        }
    }

    #[test]
    fn the_format_of_tokens_never_changes() {
        let text = Secret::new(format!("sec1_{}", "07".repeat(64)));
        let token = Token::parse(&text).unwrap();
        assert_eq!((token.form, token.id), (Form::Card, Uuid::from_bytes([7; 16])));
        assert_eq!(token.text().expose(), text.expose());
    }

    #[test]
    fn reasons_read_back() {
        for code in ReasonCode::ALL {
            assert_eq!(ReasonCode::from_name(code.name()), Some(code));
        }
    }

    proptest! {
        #[test]
        fn any_text_is_refused_or_reads_back(text in "(sec1_|seo1_)?[0-9a-zA-F]{0,130}") {
            let secret = Secret::new(text.clone());
            if let Some(token) = Token::parse(&secret) {
                let again = token.text();
                prop_assert_eq!(again.expose(), &text);
            }
        }
    }
}
