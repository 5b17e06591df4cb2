//! A tool that was asked for while an answer was written, as it is kept with the answer.

use crate::tool::Touches;
use kernel::Phi;
use serde::{Deserialize, Serialize};

/// How many tools may be used for one answer.
pub const TOOL_USES: usize = 8;
/// How often a model may ask again after it was told what came out.
pub const TOOL_ROUNDS: usize = 5;

/// How far the use of a tool has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = ToolUseState)]
pub enum ToolState {
    /// It waits for the person.
    Waiting,
    /// It runs.
    Running,
    /// It gave something.
    Done,
    /// It gave nothing; the result says why.
    Failed,
    /// The person did not want it.
    Refused,
    /// The person did not say anything in time, or the answer ended first.
    Expired,
}

/// The use of a tool.
#[derive(Clone, Serialize, Deserialize)]
pub struct ToolUse<T = Phi<String>> {
    /// Its number in the answer, from 1.
    #[serde(rename = "n")]
    pub number: u16,
    /// Which tool.
    #[serde(rename = "t")]
    pub tool: String,
    /// What it touches.
    #[serde(rename = "w")]
    pub touches: Touches,
    /// Whom it asks, where that is someone else.
    #[serde(rename = "p", default, skip_serializing_if = "Option::is_none")]
    pub place: Option<String>,
    /// What the model wrote for it.
    #[serde(rename = "a")]
    pub arguments: T,
    /// How far it has come.
    #[serde(rename = "s")]
    pub state: ToolState,
    /// What came out.
    #[serde(rename = "r")]
    pub result: T,
    /// How many bytes of the answer had been written by then.
    #[serde(rename = "o")]
    pub at: usize,
}

impl ToolUse {
    /// The same, to be written.
    pub(crate) fn shown(&self) -> ToolUse<&str> {
        ToolUse {
            number: self.number,
            tool: self.tool.clone(),
            touches: self.touches,
            place: self.place.clone(),
            // EXPOSE: goes into the seal, or to the person whose conversation it is.
            arguments: self.arguments.expose(),
            state: self.state,
            result: self.result.expose(),
            at: self.at,
        }
    }
}

/// What a person says to a tool that waits. The numbers are stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = ToolDecision)]
pub enum Decision {
    /// No.
    Refuse,
    /// This time.
    Once,
    /// In this conversation from now on.
    Always,
}

impl Decision {
    /// In a word, as the ledger has it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Refuse => "refuse",
            Self::Once => "once",
            Self::Always => "always",
        }
    }
}

/// What was said to which use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Decided {
    /// The number of the use.
    pub number: u16,
    /// What was said.
    pub decision: Decision,
}

impl Decided {
    /// As one number, for the other processes.
    pub(crate) const fn stored(self) -> i64 {
        let decision = match self.decision {
            Decision::Refuse => 0,
            Decision::Once => 1,
            Decision::Always => 2,
        };
        self.number as i64 * 4 + decision
    }

    /// What such a number says.
    pub(crate) fn from_stored(stored: i64) -> Option<Self> {
        let decision = match stored.rem_euclid(4) {
            0 => Decision::Refuse,
            1 => Decision::Once,
            2 => Decision::Always,
            _ => return None,
        };
        Some(Self { number: u16::try_from(stored.div_euclid(4)).ok()?, decision })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_decided_is_read_as_it_was_stored() {
        for decision in [Decision::Refuse, Decision::Once, Decision::Always] {
            let decided = Decided { number: 7, decision };
            assert_eq!(Decided::from_stored(decided.stored()), Some(decided));
        }
        assert_eq!(Decided { number: 1, decision: Decision::Always }.stored(), 6);
        assert_eq!((Decided::from_stored(7), Decided::from_stored(-4)), (None, None));
    }
}
