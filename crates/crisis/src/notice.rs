//! That something was noticed: for the person's own record, and for counters that know nobody.

use crate::{
    attention::Attention,
    follow_up::{ALERTED_TOPIC, Alerted},
    look::number_of,
};
use audit::{AuditError, Event, Keys, Ledger};
use care::responses::Level;
use crisis_engine::Assessment;
use db::{Tx, outbox};
use kernel::{Ctx, Subject, TenantId, Timestamp};
use serde::{Deserialize, Serialize};

audit::actions! {
    /// Signs of danger were noticed, and help was shown.
    CRISIS_NOTICED = "crisis.notice" on "person";
}

/// Where [`notice`] tells of it.
pub const NOTICED_TOPIC: &str = "crisis.noticed";

/// How many rules the ledger keeps, the weightiest first.
const RULES: usize = 16;

/// Where something was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// In a conversation.
    Chat,
    /// In the journal.
    Journal,
    /// In a check-in.
    CheckIn,
    /// In a questionnaire.
    Questionnaire,
    /// In a diary card, a chain analysis or a safety plan.
    Record,
    /// In what a program of theirs asked a model.
    Program,
    /// In a wish for a human.
    Wish,
    /// In words that anybody had looked at without keeping them.
    Assess,
    /// In something that is to be remembered.
    Memory,
}

impl Source {
    /// The stable name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Chat => "chat",
            Self::Journal => "journal",
            Self::CheckIn => "check_in",
            Self::Questionnaire => "questionnaire",
            Self::Record => "record",
            Self::Program => "program",
            Self::Wish => "wish",
            Self::Assess => "assess",
            Self::Memory => "memory",
        }
    }
}

/// What was found, as far as it is told: never a word.
#[derive(Debug, Clone, Copy)]
pub struct Found<'a> {
    /// From 0 to 10.
    pub level: f32,
    /// Help was put within reach.
    pub support: bool,
    /// Help came first.
    pub alert: bool,
    /// Danger seemed to be now.
    pub imminent: bool,
    /// Why, as names of rules.
    pub rules: &'a [String],
}

impl<'a> From<&'a Attention> for Found<'a> {
    fn from(found: &'a Attention) -> Self {
        let Attention { level, support, alert, imminent, rules, .. } = found;
        Self { level: *level, support: *support, alert: *alert, imminent: *imminent, rules }
    }
}

impl<'a> From<&'a Assessment> for Found<'a> {
    fn from(found: &'a Assessment) -> Self {
        let Assessment { level, support, alert, imminent, rules, .. } = found;
        Self { level: *level, support: *support, alert: *alert, imminent: *imminent, rules }
    }
}

impl Found<'_> {
    /// The weightiest rules in one line, as the ledger keeps them.
    #[must_use]
    pub fn reasons(&self) -> String {
        self.rules.iter().take(RULES).map(String::as_str).collect::<Vec<_>>().join(" ")
    }
}

/// That help was shown to somebody. It does not say to whom.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Noticed {
    /// The organisation.
    pub tenant: TenantId,
    /// Where it was.
    pub source: Source,
    /// Whether help came first.
    pub alert: bool,
    /// Whether danger seemed to be now.
    pub imminent: bool,
    /// When.
    pub at: Timestamp,
}

/// How serious something was, as it is counted.
pub(crate) const fn grade(alert: bool, imminent: bool) -> &'static str {
    match (alert, imminent) {
        (_, true) => "imminent",
        (true, false) => "alert",
        (false, false) => "support",
    }
}

/// Says that help was shown, in the transaction that keeps what was written. The ledger's entry
/// has level and rules, readable with the person's key; what is counted has neither a person nor
/// a rule. Words are in neither.
pub fn notice<'a>(
    tx: &mut Tx,
    ctx: &Ctx,
    (ledger, keys, subject): (&Ledger, &Keys, Subject),
    source: Source,
    found: impl Into<Found<'a>>,
) -> Result<(), AuditError> {
    let found = found.into();
    if !found.support {
        return Ok(());
    }
    record(tx, ctx, (ledger, keys, subject), (source, &found))?;
    let noticed = Noticed {
        tenant: subject.tenant,
        source,
        alert: found.alert,
        imminent: found.imminent,
        at: ctx.now(),
    };
    outbox::publish(tx, ctx.env(), NOTICED_TOPIC, &noticed)?;
    if found.alert { ask_next_time(tx, ctx, subject) } else { Ok(()) }
}

/// Says that a second opinion saw danger. It is counted apart from what the rules found, so nothing
/// is counted here; the person is asked the next time all the same.
pub(crate) fn second_notice(
    tx: &mut Tx,
    ctx: &Ctx,
    (ledger, keys, subject): (&Ledger, &Keys, Subject),
    (source, level, rules): (Source, Level, &[String]),
) -> Result<(), AuditError> {
    let (alert, imminent) = (level >= Level::Alert, level >= Level::Imminent);
    let found = Found { level: number_of(level), support: true, alert, imminent, rules };
    record(tx, ctx, (ledger, keys, subject), (source, &found))?;
    ask_next_time(tx, ctx, subject)
}

fn record(
    tx: &mut Tx,
    ctx: &Ctx,
    (ledger, keys, subject): (&Ledger, &Keys, Subject),
    (source, found): (Source, &Found<'_>),
) -> Result<(), AuditError> {
    let event = Event::new(&CRISIS_NOTICED, subject)
        .detail("source", source.name())
        .detail("level", format!("{:.1}", found.level))
        .detail("rules", found.reasons());
    ledger.record(tx, ctx, keys, &event)?;
    Ok(())
}

fn ask_next_time(tx: &mut Tx, ctx: &Ctx, whom: Subject) -> Result<(), AuditError> {
    let Subject { tenant, user, .. } = whom;
    let alerted = Alerted { tenant, user, at: ctx.now() };
    outbox::publish(tx, ctx.env(), ALERTED_TOPIC, &alerted)?;
    Ok(())
}
