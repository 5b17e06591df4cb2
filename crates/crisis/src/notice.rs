//! That something was noticed: for the person's own record, and for counters that know nobody.

use crate::attention::Attention;
use audit::{AuditError, Event, Keys, Ledger};
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
        }
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

/// Says that help was shown, in the transaction that keeps what was written. The ledger's entry
/// has level and rules, readable with the person's key; what is counted has neither a person nor
/// a rule. Words are in neither.
pub fn notice(
    tx: &mut Tx,
    ctx: &Ctx,
    (ledger, keys, subject): (&Ledger, &Keys, Subject),
    source: Source,
    found: &Attention,
) -> Result<(), AuditError> {
    if !found.support {
        return Ok(());
    }
    let event = Event::new(&CRISIS_NOTICED, subject)
        .detail("source", source.name())
        .detail("level", format!("{:.1}", found.level))
        .detail("rules", found.rules.iter().take(RULES).cloned().collect::<Vec<_>>().join(" "));
    ledger.record(tx, ctx, keys, &event)?;
    let noticed = Noticed {
        tenant: subject.tenant,
        source,
        alert: found.alert,
        imminent: found.imminent,
        at: ctx.now(),
    };
    outbox::publish(tx, ctx.env(), NOTICED_TOPIC, &noticed)?;
    Ok(())
}
