//! What a refresh token that is shown is worth.
//!
//! Each token is used once and names its successor. A client that never got the answer, or a
//! second tab that did not know of the first, may use it again, but only as long as nothing that
//! came of the first use was used: then that is revoked and a new successor is made. Once a
//! successor was used, whoever shows its predecessor is someone else, one of the two is a thief,
//! and the whole log-in ends. There is no grace time, and never are two successors alive.
//!
//! The rule is that of Matrix Authentication Service. A token that was revoked in this way is
//! refused but ends nothing: it is most often held by the other tab.

use uuid::Uuid;

/// What became of a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum State {
    /// It can be used.
    Live,
    /// It was used, and this is its successor.
    Consumed { successor: Uuid },
    /// Another took its place before it was used.
    Revoked,
}

/// The successor of a token that was used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Successor {
    pub(crate) id: Uuid,
    pub(crate) state: State,
    /// Whether the access token that came with it was ever shown.
    pub(crate) access_used: bool,
}

/// What to do about a token that is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// Give it a successor.
    Rotate,
    /// Revoke the successor nobody used, and give it another.
    RotateAgain { revoke: Uuid },
    /// Refuse it; the log-in goes on elsewhere.
    Refuse,
    /// Two parties hold the same token: end the log-in.
    EndAll,
}

pub(crate) fn judge(shown: State, successor: Option<Successor>) -> Verdict {
    match (shown, successor) {
        (State::Live, _) => Verdict::Rotate,
        (State::Revoked, _) => Verdict::Refuse,
        (
            State::Consumed { successor },
            Some(Successor { id, state: State::Live, access_used: false }),
        ) if id == successor => Verdict::RotateAgain { revoke: id },
        (State::Consumed { .. }, _) => Verdict::EndAll,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::HashMap;

    /// A log-in in memory, with what is really stored: the rule is applied to it as the service
    /// applies it to rows.
    #[derive(Default)]
    struct Session {
        ended: bool,
        tokens: HashMap<Uuid, (State, bool)>,
        next: u128,
    }

    impl Session {
        fn begin() -> (Self, Uuid) {
            let mut session = Self::default();
            let first = session.issue();
            (session, first)
        }

        fn issue(&mut self) -> Uuid {
            self.next += 1;
            let id = Uuid::from_u128(self.next);
            self.tokens.insert(id, (State::Live, false));
            id
        }

        fn refresh(&mut self, shown: Uuid) -> Option<Uuid> {
            if self.ended {
                return None;
            }
            let (state, _) = self.tokens[&shown];
            let successor = match state {
                State::Consumed { successor: id } => {
                    let (state, access_used) = self.tokens[&id];
                    Some(Successor { id, state, access_used })
                }
                State::Live | State::Revoked => None,
            };
            match judge(state, successor) {
                Verdict::Rotate => {}
                Verdict::RotateAgain { revoke } => {
                    self.tokens.insert(revoke, (State::Revoked, false));
                }
                Verdict::Refuse => return None,
                Verdict::EndAll => {
                    self.ended = true;
                    return None;
                }
            }
            let successor = self.issue();
            let used = self.tokens[&shown].1;
            self.tokens.insert(shown, (State::Consumed { successor }, used));
            Some(successor)
        }

        /// Shows the access token that came with this refresh token.
        fn access(&mut self, token: Uuid) -> bool {
            if self.ended || self.tokens[&token].0 != State::Live {
                return false;
            }
            self.tokens.insert(token, (State::Live, true));
            true
        }

        fn live(&self) -> usize {
            self.tokens.values().filter(|(state, _)| *state == State::Live).count()
        }
    }

    #[derive(Debug, Clone, Copy)]
    enum Step {
        /// This party refreshes with the newest token it has.
        Refresh(usize),
        /// This party refreshes, and the answer is lost.
        RefreshLost(usize),
        /// This party shows its access token.
        Access(usize),
        /// This party gets to see the token of another, by sharing storage or by theft.
        Copy(usize, usize),
        /// This party shows the token it had before its present one.
        RefreshOld(usize),
    }

    fn step() -> impl Strategy<Value = Step> {
        let party = 0usize..3;
        prop_oneof![
            party.clone().prop_map(Step::Refresh),
            party.clone().prop_map(Step::RefreshLost),
            party.clone().prop_map(Step::Access),
            (party.clone(), party.clone()).prop_map(|(from, to)| Step::Copy(from, to)),
            party.prop_map(Step::RefreshOld),
        ]
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2_000))]
        #[test]
        fn no_order_of_events_keeps_two_branches_alive(steps in prop::collection::vec(step(), 0..60)) {
            let (mut session, first) = Session::begin();
            let mut now = [first; 3];
            let mut before = [first; 3];
            // Successors that were used, by the token that they came from.
            let mut used: HashMap<Uuid, Uuid> = HashMap::new();
            let mut parent: HashMap<Uuid, Uuid> = HashMap::new();
            for step in steps {
                let mut use_of = |token: Uuid, parent: &HashMap<Uuid, Uuid>| {
                    let Some(origin) = parent.get(&token) else { return true };
                    *used.entry(*origin).or_insert(token) == token
                };
                match step {
                    Step::Refresh(party) | Step::RefreshLost(party) | Step::RefreshOld(party) => {
                        let old = matches!(step, Step::RefreshOld(_));
                        let shown = if old { before[party] } else { now[party] };
                        if let Some(new) = session.refresh(shown) {
                            parent.insert(new, shown);
                            prop_assert!(use_of(shown, &parent), "two successors of one token used");
                            if !matches!(step, Step::RefreshLost(_)) {
                                before[party] = shown;
                                now[party] = new;
                            }
                        }
                    }
                    Step::Access(party) => {
                        if session.access(now[party]) {
                            prop_assert!(use_of(now[party], &parent), "two successors of one token used");
                        }
                    }
                    Step::Copy(from, to) => now[to] = now[from],
                }
                prop_assert!(session.live() <= 1 || session.ended);
            }
        }

        #[test]
        fn a_client_that_is_alone_is_never_logged_out(
            steps in prop::collection::vec(0u8..3, 0..60),
        ) {
            let (mut session, mut token) = Session::begin();
            for step in steps {
                match step {
                    0 => token = session.refresh(token).unwrap(),
                    // The answer got lost: it tries again with what it has.
                    1 => drop(session.refresh(token).unwrap()),
                    // After a lost answer its access token is void, so it refreshes.
                    _ => if !session.access(token) { token = session.refresh(token).unwrap() },
                }
                prop_assert!(!session.ended);
            }
        }

        #[test]
        fn once_both_have_used_their_tokens_thief_and_owner_are_both_out(
            more in 0usize..4,
        ) {
            let (mut session, stolen) = Session::begin();
            let mut ahead = session.refresh(stolen).unwrap();
            for _ in 0..more {
                ahead = session.refresh(ahead).unwrap();
            }
            prop_assert!(session.access(ahead));
            // Whoever was slower shows the token that both had, be it the thief or the owner.
            prop_assert_eq!(session.refresh(stolen), None);
            prop_assert!(session.ended);
            prop_assert_eq!(session.refresh(ahead), None);
            prop_assert!(!session.access(ahead));
        }
    }

    #[test]
    fn two_tabs_that_refresh_at_once_go_on_with_the_later_answer() {
        let (mut session, shared) = Session::begin();
        let first_tab = session.refresh(shared).unwrap();
        let second_tab = session.refresh(shared).unwrap();
        assert!(!session.access(first_tab), "the first answer was revoked");
        assert_eq!(session.refresh(first_tab), None);
        assert!(session.access(second_tab), "and the log-in goes on");
    }
}
