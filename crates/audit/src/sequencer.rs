//! The one path into the tree. Any instance may run it; the lock on the head row lets one at a
//! time through, and each batch is one transaction: either all of its events have left the line
//! and stand in the tree, or none.

use crate::{
    error::AuditError,
    store::{self, Head, NewLeaf},
    tree::{Frontier, leaf_hash},
};
use db::{Db, DbError, TxSpec, run_tx};

/// The steps of a batch, for tests that stop between them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Step {
    Locked,
    Taken,
    Written,
    Grown,
    Finished,
}

impl Step {
    #[cfg(test)]
    pub(crate) const ALL: [Self; 5] =
        [Self::Locked, Self::Taken, Self::Written, Self::Grown, Self::Finished];
}

/// Gives the first events of the line their places; answers how many.
pub(crate) async fn sequence(
    db: &Db,
    limit: u32,
    reached: impl Fn(Step) -> Result<(), AuditError>,
) -> Result<u64, AuditError> {
    if !store::is_waiting(db).await? {
        return Ok(0);
    }
    match batch(db, limit, &reached, store::Repeated::Unexpected).await {
        // Someone put an event into the line again. It must not hold up those behind it.
        Err(AuditError::Db(DbError::Duplicate { .. })) => {
            batch(db, limit, &reached, store::Repeated::LookedFor).await
        }
        other => other,
    }
}

async fn batch(
    db: &Db,
    limit: u32,
    reached: &impl Fn(Step) -> Result<(), AuditError>,
    repeated: store::Repeated,
) -> Result<u64, AuditError> {
    run_tx!(db, TxSpec::queue("audit.sequence"), |tx| {
        let Head { mut frontier, .. } = store::lock_head(tx).await?.try_into()?;
        reached(Step::Locked)?;
        let taken = store::take(tx, limit).await?;
        reached(Step::Taken)?;
        if taken.is_empty() {
            return Ok(0);
        }
        let size_before = frontier.size();
        let leaves = taken.into_iter().map(|event| append(&mut frontier, event.entry)).collect();
        store::add_leaves(tx, leaves, repeated).await?;
        reached(Step::Written)?;
        if !store::grow(tx, &frontier, size_before).await? {
            return Err(AuditError::Contradiction("the right edge moved under its lock"));
        }
        reached(Step::Grown)?;
        store::add_batch(tx, &frontier, db.env().now());
        reached(Step::Finished)?;
        Ok(frontier.size() - size_before)
    })
}

fn append(frontier: &mut Frontier, bytes: Vec<u8>) -> NewLeaf {
    let seq = frontier.size();
    NewLeaf { seq, hashes: frontier.append(leaf_hash(&bytes)), bytes }
}
