//! Refresh tokens over the real rows.

use super::bed::{Bed, schema};
use crate::{IdentityError, service::Tokens};
use db::{db_test, testing::TestDb};
use httpkit::auth::AuthError;
use kernel::Secret;
use proptest::{prelude::*, strategy::ValueTree};
use std::time::Duration;

db_test!(a_refresh_token_gets_new_tokens_and_voids_the_old_ones, schema(), |db| {
    let bed = Bed::on(db).await;
    let (login, first) = bed.register("ana").await;
    let second = bed.refresh(&first.refresh).await.unwrap();
    let person = bed.bearer(&second.access).await.unwrap();
    assert_eq!(person.session, login.session);
    assert!(matches!(bed.bearer(&first.access).await, Err(AuthError::Expired)));
    bed.close();
});

db_test!(an_answer_that_got_lost_can_be_asked_for_again, schema(), |db| {
    let bed = Bed::on(db).await;
    let (_, first) = bed.register("ana").await;
    let lost = bed.refresh(&first.refresh).await.unwrap();
    let second = bed.refresh(&first.refresh).await.unwrap();
    assert!(matches!(bed.bearer(&lost.access).await, Err(AuthError::Expired)));
    assert!(matches!(bed.refresh(&lost.refresh).await, Err(IdentityError::Superseded)));
    assert!(bed.bearer(&second.access).await.is_ok());
    assert!(bed.refresh(&second.refresh).await.is_ok());
    bed.close();
});

db_test!(a_stolen_refresh_token_ends_the_log_in_for_both, schema(), |db| {
    let bed = Bed::on(db).await;
    for thief_uses_access in [true, false] {
        let name = format!("ana-{thief_uses_access}");
        let (_, stolen) = bed.register(&name).await;
        let mut thief = bed.refresh(&stolen.refresh).await.unwrap();
        if thief_uses_access {
            bed.bearer(&thief.access).await.unwrap();
        } else {
            thief = bed.refresh(&thief.refresh).await.unwrap();
        }
        assert!(matches!(bed.refresh(&stolen.refresh).await, Err(IdentityError::SessionEnded)));
        assert!(matches!(bed.bearer(&thief.access).await, Err(AuthError::Expired)));
        assert!(matches!(bed.refresh(&thief.refresh).await, Err(IdentityError::SessionEnded)));
        let told = bed.told().await;
        assert_eq!(told[1], ("identity.session.theft".into(), "denied", "SESSION_EXPIRED".into()));
    }
    bed.close();
});

db_test!(of_tabs_that_refresh_at_the_same_moment_one_goes_on, schema(), |db| {
    let bed = Bed::on(db).await;
    let other = bed.other_process(db).await;
    let (_, first) = bed.register("ana").await;
    let (one, two, three) = tokio::join!(
        bed.refresh(&first.refresh),
        other.refresh(&first.refresh),
        bed.refresh(&first.refresh),
    );
    let mut good = 0;
    for tokens in [one, two, three].into_iter().flatten() {
        good += usize::from(bed.bearer(&tokens.access).await.is_ok());
    }
    assert_eq!(good, 1);
    other.close();
    bed.close();
});

db_test!(
    a_refresh_token_lies_idle_for_two_weeks_at_most_and_a_log_in_lasts_thirty_days,
    schema(),
    |db| {
        const DAY: Duration = Duration::from_hours(24);
        let bed = Bed::on(db).await;
        let (_, idle) = bed.register("ana").await;
        let (_, mut used) = bed.register("ben").await;
        bed.clock.forward(13 * DAY);
        used = bed.refresh(&used.refresh).await.unwrap();
        bed.clock.forward(2 * DAY);
        assert!(matches!(bed.refresh(&idle.refresh).await, Err(IdentityError::SessionEnded)));
        used = bed.refresh(&used.refresh).await.unwrap();
        bed.clock.forward(13 * DAY);
        used = bed.refresh(&used.refresh).await.unwrap();
        bed.clock.forward(3 * DAY);
        assert!(matches!(bed.refresh(&used.refresh).await, Err(IdentityError::SessionEnded)));
        bed.close();
    }
);

db_test!(made_up_refresh_tokens_leave_no_trace, schema(), |db| {
    let bed = Bed::on(db).await;
    let (_, tokens) = bed.register("ana").await;
    let before = bed.told().await.len();
    let mut changed = tokens.refresh.expose().clone();
    changed.pop();
    changed.push(if tokens.refresh.expose().ends_with('A') { 'E' } else { 'A' });
    let cookie = bed.cookie_of("ana").await;
    let before = before + 1;
    for bad in ["", "srt1_", "nonsense", &changed, &"x".repeat(5000), cookie.expose()] {
        let refused = bed.refresh(&Secret::new(bad.to_owned())).await;
        assert!(matches!(refused, Err(IdentityError::AuthRequired)));
    }
    assert_eq!(bed.told().await.len(), before);
    bed.close();
});

#[derive(Debug, Clone, Copy)]
enum Step {
    Refresh(usize),
    RefreshLost(usize),
    Access(usize),
    Share(usize, usize),
}

fn step() -> impl Strategy<Value = Step> {
    let party = 0usize..2;
    prop_oneof![
        3 => party.clone().prop_map(Step::Refresh),
        1 => party.clone().prop_map(Step::RefreshLost),
        2 => party.clone().prop_map(Step::Access),
        1 => (party.clone(), party).prop_map(|(from, to)| Step::Share(from, to)),
    ]
}

fn copy(tokens: &Tokens) -> Tokens {
    Tokens {
        access: tokens.access.clone(),
        expires_in: tokens.expires_in,
        refresh: tokens.refresh.clone(),
    }
}

/// Which of the tokens handed out so far a text is.
fn number(all: &[Tokens], tokens: &Tokens) -> usize {
    let text = tokens.refresh.expose();
    all.iter().position(|one| one.refresh.expose() == text).unwrap()
}

/// What the rule says, on the numbers of tokens.
#[derive(Default)]
struct Model {
    ended: bool,
    live: Option<usize>,
    successor: std::collections::HashMap<usize, usize>,
    used: std::collections::HashSet<usize>,
    revoked: std::collections::HashSet<usize>,
}

impl Model {
    fn refresh(&mut self, shown: usize, next: usize) -> bool {
        if self.ended || self.revoked.contains(&shown) {
            return false;
        }
        if let Some(successor) = self.successor.get(&shown).copied() {
            if self.live != Some(successor) || self.used.contains(&successor) {
                self.ended = true;
                return false;
            }
            self.revoked.insert(successor);
        }
        self.successor.insert(shown, next);
        self.live = Some(next);
        true
    }

    fn access(&mut self, shown: usize) -> bool {
        let good = !self.ended && self.live == Some(shown);
        if good {
            self.used.insert(shown);
        }
        good
    }
}

async fn follow(bed: &Bed, name: &str, steps: &[Step]) {
    let (_, first) = bed.register(name).await;
    let mut all = vec![copy(&first)];
    let mut now = [copy(&first), first];
    let mut model = Model { live: Some(0), ..Model::default() };
    for step in steps {
        match *step {
            Step::Refresh(party) | Step::RefreshLost(party) => {
                let shown = number(&all, &now[party]);
                let result = bed.refresh(&now[party].refresh).await.ok();
                assert_eq!(
                    result.is_some(),
                    model.refresh(shown, all.len()),
                    "{step:?} of {steps:?}"
                );
                if let Some(tokens) = result {
                    all.push(copy(&tokens));
                    if matches!(step, Step::Refresh(_)) {
                        now[party] = tokens;
                    }
                }
            }
            Step::Access(party) => {
                let shown = number(&all, &now[party]);
                let good = bed.bearer(&now[party].access).await.is_ok();
                assert_eq!(good, model.access(shown), "{step:?} of {steps:?}");
            }
            Step::Share(from, to) => now[to] = copy(&now[from]),
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_rows_do_what_the_rule_says_in_any_order_of_events() {
    let db = TestDb::sqlite(&schema()).await;
    let bed = Bed::on(&db).await;
    let mut runner = proptest::test_runner::TestRunner::default();
    for case in 0..40 {
        let steps = prop::collection::vec(step(), 1..25);
        let steps = steps.new_tree(&mut runner).unwrap().current();
        follow(&bed, &format!("person-{case}"), &steps).await;
    }
    bed.close();
    db.discard().await;
}
