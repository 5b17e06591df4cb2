//! That an AI answers is said where a conversation begins, and again while it goes on. It follows
//! from the stored messages, so that it holds over reloads, processes and restarts.

use super::Companion;
use crate::model::{Message, Notice, NoticeKind};
use care::Lang;
use kernel::Timestamp;
use std::time::Duration;

impl Companion {
    /// What is to be said with the next answer after these messages, oldest first.
    pub(super) fn notice_after(
        &self,
        before: &[Message],
        now: Timestamp,
        language: Option<&str>,
    ) -> Option<Notice> {
        let every = Duration::from_secs(60 * u64::from(self.0.config.notice_minutes));
        let kind = due(before, now, every)?;
        let lang = language.map_or(Lang::English, Lang::nearest);
        let words = self.0.disclosures.iter().find(|one| one.language == lang)?;
        let text = match kind {
            NoticeKind::Begins => words.short.clone(),
            NoticeKind::GoesOn => words.reminder.clone(),
        };
        Some(Notice { kind, text })
    }
}

/// Whether it is time, and whether the conversation went on without a long pause.
fn due(before: &[Message], now: Timestamp, every: Duration) -> Option<NoticeKind> {
    let last = before.iter().rfind(|message| message.body.notice.is_some());
    let Some(last) = last else { return Some(NoticeKind::Begins) };
    if now < last.created_at.plus(every) {
        return None;
    }
    let goes_on = before.last().is_some_and(|message| now < message.created_at.plus(every));
    Some(if goes_on { NoticeKind::GoesOn } else { NoticeKind::Begins })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Author, Body, MessageId, State};
    use proptest::prelude::*;
    use uuid::Uuid;

    const EVERY: Duration = Duration::from_hours(3);

    fn at(minute: i64) -> Timestamp {
        Timestamp::from_micros(minute * 60_000_000)
    }

    fn message(minute: i64, told: bool) -> Message {
        let notice = told.then(|| Notice { kind: NoticeKind::Begins, text: "An AI.".to_owned() });
        Message {
            id: MessageId::from_uuid(Uuid::from_u128(1)),
            parent: None,
            author: Author::Companion,
            state: State::Done,
            created_at: at(minute),
            body: Body { notice, ..Body::default() },
        }
    }

    #[test]
    fn it_is_said_at_the_beginning_and_every_three_hours_of_a_conversation_that_goes_on() {
        assert_eq!(due(&[], at(0), EVERY), Some(NoticeKind::Begins));
        let mut said = vec![message(0, true)];
        said.extend((1..18).map(|n| message(n * 10, false)));
        assert_eq!(due(&said, at(179), EVERY), None);
        assert_eq!(due(&said, at(180), EVERY), Some(NoticeKind::GoesOn));
        said.push(message(180, true));
        assert_eq!(due(&said, at(181), EVERY), None);
    }

    #[test]
    fn whoever_comes_back_the_next_day_is_told_as_at_a_beginning() {
        let said = [message(0, true), message(5, false)];
        assert_eq!(due(&said, at(24 * 60), EVERY), Some(NoticeKind::Begins));
    }

    proptest! {
        #[test]
        fn nobody_writes_on_for_longer_than_that_without_being_told(
            pauses in prop::collection::vec(1_i64..200, 1..40),
        ) {
            let (mut said, mut minute, mut told) = (Vec::new(), 0, 0);
            for pause in pauses {
                minute += pause;
                let notice = due(&said, at(minute), EVERY).is_some();
                if notice {
                    told = minute;
                }
                prop_assert!(minute - told < 180);
                said.push(message(minute, notice));
            }
        }
    }
}
