//! When somebody is asked.

use crate::views::{FixedAnswer, Resources};
use kernel::Timestamp;
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// It is not asked in the visit in which it happened.
const REST: Duration = Duration::from_hours(6);
/// How long the question stands, once it was shown.
const SHOWN: Duration = Duration::from_hours(12);
/// After so long it is not asked any more.
const OLD: Duration = Duration::from_hours(24 * 30);

/// What is kept. The form is stored: it only changes with the format of its column.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Body {
    /// When help last came first, in microseconds, as long as there is something to ask.
    #[serde(rename = "d", default)]
    pub(super) due: Option<i64>,
    /// When the question was first shown.
    #[serde(rename = "s", default)]
    pub(super) shown: Option<i64>,
    /// The person does not want to be asked.
    #[serde(rename = "n", default)]
    pub(super) never: bool,
}

impl Body {
    /// Help came first at this moment.
    pub(super) fn alerted(&mut self, at: Timestamp) {
        if !self.never {
            self.due = self.due.max(Some(at.as_micros()));
            self.shown = None;
        }
    }

    /// Whether it is time to ask; from the first time that it is shown, it stands for some hours.
    pub(super) fn ask(&mut self, now: Timestamp) -> bool {
        let Some(due) = self.due.map(Timestamp::from_micros) else { return false };
        let over = self.shown.is_some_and(|at| now >= Timestamp::from_micros(at).plus(SHOWN));
        if self.never || over || now >= due.plus(OLD) {
            (self.due, self.shown) = (None, None);
            return false;
        }
        if now < due.plus(REST) {
            return false;
        }
        self.shown.get_or_insert(now.as_micros());
        true
    }

    /// The person answered.
    pub(super) fn answered(&mut self, answer: Answer) {
        (self.due, self.shown) = (None, None);
        match answer {
            Answer::Better | Answer::Hard => {}
            Answer::Never => self.never = true,
            Answer::Allow => self.never = false,
        }
    }
}

/// What somebody answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = CrisisFollowUpAnswerName)]
pub enum Answer {
    /// It is better, or there is nothing to say.
    Better,
    /// It is still hard: help is shown.
    Hard,
    /// Do not ask again, ever.
    Never,
    /// It may be asked again.
    Allow,
}

/// The question, with whom to turn to.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
#[schema(as = CrisisFollowUpQuestion)]
pub struct Question {
    /// What is asked.
    pub response: FixedAnswer,
    /// Whom to turn to.
    pub resources: Resources,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(hour: i64) -> Timestamp {
        Timestamp::from_micros(hour * 3_600_000_000)
    }

    #[test]
    fn it_is_asked_the_next_time_once_and_not_again() {
        let mut body = Body::default();
        assert!(!body.ask(at(0)));
        body.alerted(at(0));
        assert!(!body.ask(at(5)), "still the same visit");
        assert!(body.ask(at(9)) && body.ask(at(10)), "a reload does not lose it");
        assert!(!body.ask(at(21)) && body.due.is_none(), "whoever does not answer is left alone");
        body.alerted(at(30));
        assert!(body.ask(at(40)));
        body.answered(Answer::Better);
        assert!(!body.ask(at(41)));
    }

    #[test]
    fn a_no_for_good_holds_until_it_is_taken_back() {
        let mut body = Body::default();
        body.answered(Answer::Never);
        body.alerted(at(0));
        assert!(!body.ask(at(9)));
        body.answered(Answer::Allow);
        body.alerted(at(10));
        assert!(body.ask(at(19)));
    }

    #[test]
    fn after_a_month_it_is_not_asked_any_more() {
        let mut body = Body::default();
        body.alerted(at(0));
        assert!(!body.ask(at(24 * 30)) && body.due.is_none());
    }

    #[test]
    fn stored_forms_are_read_for_ever() {
        let stored = r#"{"d":5,"s":7,"n":false}"#;
        let body: Body = serde_json::from_str(stored).unwrap();
        assert_eq!(body, Body { due: Some(5), shown: Some(7), never: false });
        assert_eq!(serde_json::to_string(&body).unwrap(), stored);
    }
}
