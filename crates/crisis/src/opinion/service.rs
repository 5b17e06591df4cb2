//! One question after what was written was looked at, and what follows from the opinion.

use super::model::{Again, Asking, NoOpinion, Opinion, SECOND_RULE, SecondOpinion, Verdict};
use crate::{look::Lookout, notice::second_notice, team::CrisisTeam};
use async_trait::async_trait;
use audit::Ledger;
use care::responses::Level;
use db::{Db, TxSpec, run_tx};
use kernel::{Ctx, Subject};
use outbound::Breaker;
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError, Weak},
    time::Duration,
};
use tokio_util::task::TaskTracker;

/// A model that could not be asked a few times in a row is left alone for so long.
const REST: Duration = Duration::from_mins(5);
const HOUR: i64 = 3_600;

/// Whoever can ask a model, for a person who agreed to that.
#[async_trait]
pub trait Second: Send + Sync {
    /// Whether asking this model costs money, or goes to someone else; none if it is not there.
    fn costs(&self, model: &str) -> Option<bool>;

    /// Asks, if the person agreed. What it costs is paid by the installation, and what goes
    /// elsewhere goes through the gate and is recorded.
    async fn ask(&self, ctx: &Ctx, asking: &Asking) -> Result<Opinion, NoOpinion>;
}

/// What they are made of.
pub struct Parts {
    /// What the installation decided.
    pub settings: SecondOpinion,
    /// Who asks.
    pub second: Arc<dyn Second>,
    /// Where it is kept that something was noticed.
    pub db: Db,
    /// The ledger.
    pub ledger: Ledger,
    /// Whose queue a wish for a human waits in.
    pub team: CrisisTeam,
    /// Questions go on in these tasks when whoever wrote has been answered.
    pub tasks: TaskTracker,
}

/// The one door to second opinions. Cheap to clone.
#[derive(Clone)]
pub struct Opinions(Arc<Inner>);

struct Inner {
    model: String,
    parts: Parts,
    lookout: Arc<Lookout>,
    breaker: Breaker,
    busy: Mutex<Busy>,
}

/// Who was asked about in this hour, and how many questions are open.
#[derive(Default)]
struct Busy {
    hour: i64,
    people: HashMap<Subject, u16>,
    open: u16,
}

/// A question that is open.
struct Open(Arc<Inner>);

impl Drop for Open {
    fn drop(&mut self) {
        let mut busy = self.0.busy.lock().unwrap_or_else(PoisonError::into_inner);
        busy.open = busy.open.saturating_sub(1);
    }
}

/// The door as [`Lookout`] holds it, which does not keep what stands behind it.
#[derive(Clone)]
pub(crate) struct Door(Weak<Inner>);

impl Door {
    /// As it is, unless the program is at its end.
    pub(crate) fn open(&self) -> Option<Opinions> {
        self.0.upgrade().map(Opinions)
    }
}

impl Opinions {
    /// Opens the door of this lookout, if the settings name a model. Whoever calls keeps it open.
    #[must_use]
    pub fn open(parts: Parts, lookout: &Arc<Lookout>) -> Option<Self> {
        let model = parts.settings.model.clone()?;
        let (breaker, busy) = (Breaker::resting(REST), Mutex::default());
        let lookout = lookout.clone();
        let opinions = Self(Arc::new(Inner { model, parts, lookout, breaker, busy }));
        opinions.0.lookout.second_by(Door(Arc::downgrade(&opinions.0)));
        Some(opinions)
    }

    /// Lets the model read this again, aside; whoever wrote has their answer. `show` is called with
    /// the level if danger is seen that the rules did not see.
    pub(crate) fn consider(
        &self,
        ctx: &Ctx,
        again: Again,
        show: impl FnOnce(Level) + Send + 'static,
    ) {
        let Ok(whose) = ctx.own_subject() else { return };
        let Some(open) = self.enter(ctx, whose, &again) else { return };
        let (opinions, ctx) = (self.clone(), ctx.clone());
        self.0.parts.tasks.spawn(async move {
            let verdict = opinions.ask(&ctx, &again).await;
            drop(open);
            if let Some(name) = verdict.name() {
                opinions.0.lookout.opinions().count((whose.tenant, again.source, name));
            }
            if let Some(level) = verdict.raised() {
                // First what helps, then what is kept: that needs a database.
                show(level);
                opinions.keep(&ctx, (whose, &again), level).await;
            }
        });
    }

    /// Whether this is asked about, within the limits.
    fn enter(&self, ctx: &Ctx, whose: Subject, again: &Again) -> Option<Open> {
        let inner = &self.0;
        let costs = inner.parts.second.costs(&inner.model)?;
        let [random] = ctx.env().random::<1>();
        let chance = u8::try_from(u16::from(random) * 100 / 256).unwrap_or(99);
        let settings = &inner.parts.settings;
        if !settings.asks(again, costs, chance) {
            return None;
        }
        let mut busy = inner.busy.lock().unwrap_or_else(PoisonError::into_inner);
        let hour = ctx.now().as_seconds().div_euclid(HOUR);
        if busy.hour != hour {
            busy.hour = hour;
            busy.people.clear();
        }
        if busy.open >= settings.at_once {
            return None;
        }
        let of_person = busy.people.entry(whose).or_default();
        if *of_person >= settings.per_person_an_hour {
            return None;
        }
        if !inner.breaker.admits(ctx.now()) {
            return None;
        }
        *of_person += 1;
        busy.open += 1;
        Some(Open(inner.clone()))
    }

    async fn ask(&self, ctx: &Ctx, again: &Again) -> Verdict {
        let Inner { model, parts, breaker, .. } = self.0.as_ref();
        let patience = parts.settings.patience();
        let asking = Asking { model: model.clone(), told: again.told(), patience };
        match parts.second.ask(ctx, &asking).await {
            Ok(opinion) => {
                breaker.reached();
                again.verdict(opinion)
            }
            Err(why) => {
                match why {
                    NoOpinion::NotAsked => {}
                    NoOpinion::Refused => breaker.reached(),
                    NoOpinion::Late | NoOpinion::Unreadable | NoOpinion::Failed => {
                        breaker.failed(ctx.now());
                    }
                }
                Verdict::No(why)
            }
        }
    }

    /// Keeps that danger was seen: for the person's own record, for the question of the next time,
    /// and, where it was a wish for a human, for whoever answers it.
    async fn keep(&self, ctx: &Ctx, (whose, again): (Subject, &Again), level: Level) {
        let Parts { db, ledger, team, .. } = &self.0.parts;
        let rules = [SECOND_RULE.to_owned()];
        let kept = async {
            let keys = ledger.keys(ctx, whose).await?;
            run_tx!(db, TxSpec::queue("crisis.second_opinion"), |tx| {
                second_notice(tx, ctx, (ledger, &keys, whose), (again.source, level, &rules))?;
                Ok::<_, audit::AuditError>(())
            })
        };
        if let Err(error) = kept.await {
            tracing::warn!(%error, "what a second opinion saw could not be kept");
        }
        if again.source == crate::Source::Wish
            && let Err(error) = team.more_serious(ctx, level, SECOND_RULE).await
        {
            tracing::warn!(%error, "the queue does not know yet what a second opinion saw");
        }
    }
}
