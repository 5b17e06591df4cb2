//! Log-ins that were found good a moment ago.
//!
//! A log-in is looked up at most twice a second however many requests it makes. What this process
//! changes counts for it at once; what another process changes, after half a second at most.

use kernel::{Acr, RoleSet, SessionId, Subject, Timestamp};
use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use uuid::Uuid;

/// How long an answer of the database counts.
const FRESH: Duration = Duration::from_millis(500);
/// Of so many people log-ins are remembered; beyond it all are looked up anew.
const CAPACITY: usize = 20_000;

/// Which credential of which log-in: `token` is nil for a cookie.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Shown {
    pub(crate) session: SessionId,
    pub(crate) token: Uuid,
}

/// A log-in that was found good.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct LiveSession {
    pub(crate) roles: RoleSet,
    pub(crate) acr: Acr,
    pub(crate) auth_at: Timestamp,
    pub(crate) seen_at: Timestamp,
    pub(crate) idle_until: Timestamp,
    pub(crate) expires_at: Timestamp,
    pub(crate) secret_hash: Option<[u8; 32]>,
}

struct Kept {
    shown: Shown,
    session: LiveSession,
    at: Timestamp,
}

struct State {
    people: HashMap<Subject, Vec<Kept>>,
    /// Go up with every change, so that an answer read before one is not kept after it. People
    /// share them by the last byte of their id: a change of one rarely concerns another.
    changes: [u64; 256],
}

impl Default for State {
    fn default() -> Self {
        Self { people: HashMap::new(), changes: [0; 256] }
    }
}

impl State {
    fn changes_of(&self, subject: Subject) -> u64 {
        let [.., last] = *subject.user.as_uuid().as_bytes();
        self.changes.get(usize::from(last)).copied().unwrap_or_default()
    }

    fn count_change(&mut self, subject: Subject) {
        let [.., last] = *subject.user.as_uuid().as_bytes();
        if let Some(changes) = self.changes.get_mut(usize::from(last)) {
            *changes += 1;
        }
    }
}

/// See the module.
#[derive(Default)]
pub(crate) struct LiveSessions(Mutex<State>);

/// The number of changes before an answer was asked for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Before(u64);

impl LiveSessions {
    pub(crate) fn get(
        &self,
        subject: Subject,
        shown: Shown,
        now: Timestamp,
    ) -> Option<LiveSession> {
        let state = self.lock();
        let kept = state.people.get(&subject)?.iter().find(|kept| kept.shown == shown)?;
        let fresh = kept.at <= now && now.since(kept.at) < FRESH;
        fresh.then_some(kept.session)
    }

    /// To be asked before the database is.
    pub(crate) fn before(&self, subject: Subject) -> Before {
        Before(self.lock().changes_of(subject))
    }

    pub(crate) fn put(
        &self,
        (subject, shown): (Subject, Shown),
        session: LiveSession,
        before: Before,
        now: Timestamp,
    ) {
        let mut state = self.lock();
        if state.changes_of(subject) != before.0 {
            return;
        }
        if state.people.len() >= CAPACITY {
            state.people.clear();
        }
        let kept = state.people.entry(subject).or_default();
        kept.retain(|kept| kept.shown != shown && now.since(kept.at) < FRESH);
        kept.push(Kept { shown, session, at: now });
    }

    /// Something about this person's log-ins has changed.
    pub(crate) fn changed(&self, subject: Subject) {
        let mut state = self.lock();
        state.count_change(subject);
        state.people.remove(&subject);
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use kernel::{TenantId, UserId};

    fn at(millis: i64) -> Timestamp {
        Timestamp::from_micros(millis * 1000)
    }

    fn who() -> (Subject, Shown) {
        let subject = Subject::new(TenantId::DEFAULT, UserId::from_uuid(Uuid::from_u128(1)));
        (subject, Shown { session: Uuid::from_u128(2).into(), token: Uuid::nil() })
    }

    fn session() -> LiveSession {
        LiveSession {
            roles: RoleSet::default(),
            acr: Acr::Single,
            auth_at: at(0),
            seen_at: at(0),
            idle_until: at(0),
            expires_at: at(0),
            secret_hash: None,
        }
    }

    #[test]
    fn an_answer_counts_for_half_a_second() {
        let live = LiveSessions::default();
        live.put(who(), session(), live.before(who().0), at(0));
        let (subject, shown) = who();
        assert_eq!(live.get(subject, shown, at(499)), Some(session()));
        assert_eq!(live.get(subject, shown, at(500)), None);
        let other = Shown { token: Uuid::from_u128(9), ..shown };
        assert_eq!(live.get(subject, other, at(1)), None);
    }

    #[test]
    fn a_change_counts_at_once() {
        let live = LiveSessions::default();
        let (subject, shown) = who();
        live.put(who(), session(), live.before(who().0), at(0));
        live.changed(subject);
        assert_eq!(live.get(subject, shown, at(1)), None);
    }

    #[test]
    fn an_answer_from_before_a_change_is_not_kept() {
        let live = LiveSessions::default();
        let (subject, shown) = who();
        let before = live.before(subject);
        live.changed(subject);
        live.put(who(), session(), before, at(0));
        assert_eq!(live.get(subject, shown, at(1)), None);
    }
}
