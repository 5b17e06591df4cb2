//! What moods add up to.

use super::{Journal, MOODS_READ, Work};
use crate::{
    envelope,
    error::JournalError,
    model::{CheckIn, Mood},
    stats::{
        LocalTime, MoodStats, Observation,
        together::{Comparison, Marked},
    },
    store,
};
use consent::Action;
use kernel::{Ctx, Cursor, Phi, Timestamp};
use std::time::Duration;
use uuid::Uuid;

/// How many entries, and how many check-ins, are counted at most.
const COUNTED: usize = 20_000;
/// A mood that was chosen so long ago is still one of today.
const LATELY: Duration = Duration::from_hours(72);
/// How many entries are opened to find the last mood.
const FEW: usize = 50;
/// The longest time that is looked at: a leap year.
const LONGEST: Duration = Duration::from_hours(366 * 24);

/// Which moods are counted.
#[derive(Debug, Clone, Copy)]
pub struct Period {
    /// From this moment.
    pub from: Timestamp,
    /// Until before this one.
    pub to: Timestamp,
    /// Where the person's days begin.
    pub local: LocalTime,
}

impl Period {
    /// At most a year: of a longer time the end.
    #[must_use]
    pub fn new(from: Option<Timestamp>, to: Timestamp, usual: Duration, local: LocalTime) -> Self {
        let from = from.unwrap_or_else(|| to.minus(usual)).max(to.minus(LONGEST));
        Self { from, to, local }
    }
}

/// What moods add up to, and whether there were more entries than are counted.
pub struct Moods {
    /// The statistics.
    pub stats: MoodStats,
    /// Whether only the newest entries were counted.
    pub truncated: bool,
}

impl Journal {
    /// What the caller's moods of a time add up to.
    pub async fn moods(&self, ctx: &Ctx, period: Period) -> Result<Moods, JournalError> {
        let work = self.begin(ctx, Action::Read).await?;
        let range = (period.from, period.to);
        let mut rows = store::moods(&self.0.db, &work.access, range, COUNTED + 1).await?;
        let truncated = rows.len() > COUNTED;
        rows.truncate(COUNTED);
        let observe = |row: &store::SealedMeta| {
            let meta = envelope::open_meta(&work.keyring, row)?;
            // EXPOSE: counted.
            let meta = meta.expose();
            let (mood, valence) = (meta.mood, meta.valence());
            Ok(Observation { at: row.occurred_at, mood, valence })
        };
        let mut observations =
            rows.iter().map(observe).collect::<Result<Vec<_>, JournalError>>()?;
        let (checked, more) = self.checked_in_between(&work, range).await?;
        observations.extend(checked.iter().map(|check_in| {
            // EXPOSE: counted.
            let rated = check_in.rated.expose();
            Observation { at: check_in.occurred_at, mood: rated.mood, valence: rated.valence() }
        }));
        let truncated = truncated || more;
        let stats = MoodStats::of(&observations, period.local);
        self.0.ledger.record_now(ctx, &work.keys, &work.event(&MOODS_READ)).await?;
        Ok(Moods { stats, truncated })
    }

    /// What went together with the caller's mood in a time.
    pub async fn compare(&self, ctx: &Ctx, period: Period) -> Result<Comparison, JournalError> {
        let work = self.begin(ctx, Action::Read).await?;
        let range = (period.from, period.to);
        let rows = store::moods(&self.0.db, &work.access, range, COUNTED).await?;
        let mut marked = Vec::with_capacity(rows.len());
        for row in &rows {
            let meta = envelope::open_meta(&work.keyring, row)?;
            // EXPOSE: counted.
            let meta = meta.expose();
            let factors = Phi::new(meta.tags.as_slice().to_vec());
            marked.push(Marked { at: row.occurred_at, valence: meta.valence(), factors });
        }
        let (checked, _) = self.checked_in_between(&work, range).await?;
        marked.extend(checked.iter().map(|check_in| {
            // EXPOSE: counted.
            let rated = check_in.rated.expose();
            let factors = Phi::new(rated.factors.as_slice().to_vec());
            Marked { at: check_in.occurred_at, valence: rated.valence(), factors }
        }));
        let compared = Comparison::of(&marked, period.local);
        self.0.ledger.record_now(ctx, &work.keys, &work.event(&MOODS_READ)).await?;
        Ok(compared)
    }

    /// The mood that the caller chose last, if that was within three days.
    pub async fn last_mood(&self, ctx: &Ctx) -> Result<Option<Mood>, JournalError> {
        let work = self.begin(ctx, Action::Read).await?;
        let (now, from) = (ctx.now(), ctx.now().minus(LATELY));
        let range = (from, now.plus(Duration::from_secs(1)));
        let entries = store::moods(&self.0.db, &work.access, range, FEW).await?;
        let mut chosen = Vec::new();
        for row in &entries {
            let meta = envelope::open_meta(&work.keyring, row)?;
            // EXPOSE: only the name of a mood leaves.
            chosen.extend(meta.expose().mood.map(|mood| (row.occurred_at, mood)));
        }
        let (checked, _) = self.checked_in_between(&work, range).await?;
        // EXPOSE: only the name of a mood leaves.
        chosen.extend(
            checked
                .iter()
                .filter_map(|check_in| Some((check_in.occurred_at, check_in.rated.expose().mood?))),
        );
        self.0.ledger.record_now(ctx, &work.keys, &work.event(&MOODS_READ)).await?;
        Ok(chosen.into_iter().max_by_key(|(at, _)| *at).map(|(_, mood)| mood))
    }

    /// The newest check-ins of a time, and whether there are more than are counted.
    pub(super) async fn checked_in_between(
        &self,
        work: &Work,
        (from, to): (Timestamp, Timestamp),
    ) -> Result<(Vec<CheckIn>, bool), JournalError> {
        let end = Cursor { at: to, id: Uuid::nil() };
        let (db, access) = (&self.0.db, &work.access);
        let mut rows = store::check_ins::newest_first(db, access, (end, from), COUNTED + 1).await?;
        let more = rows.len() > COUNTED;
        rows.truncate(COUNTED);
        let open = |row| envelope::open_check_in(&work.keyring, row);
        Ok((rows.iter().map(open).collect::<Result<_, _>>()?, more))
    }
}
