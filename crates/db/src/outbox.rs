//! What happened, written in the same transaction as the happening, for others to react to.
//! Each event becomes one job per listener, in one transaction, so that none is lost or doubled.
//! An event that nobody here listens to waits: a newer program may have written it for its own.

use crate::{
    database::{Db, TxSpec},
    error::DbError,
    jobs, params, row, run_tx, statements,
    transaction::Tx,
};
use kernel::Env;
use serde::Serialize;
use std::collections::BTreeSet;
use uuid::Uuid;

const BATCH: u32 = 200;

statements! { "db.outbox";
    ADD = "INSERT INTO outbox (id, topic, payload, created_at) VALUES ($1, $2, $3, $4)";
    TAKE = "DELETE FROM outbox WHERE id IN
            (SELECT id FROM outbox WHERE topic = $1 ORDER BY id LIMIT $2 {skip_locked})
        RETURNING payload";
    WAITING = "SELECT topic, COUNT(*) AS events FROM outbox GROUP BY topic ORDER BY topic LIMIT $1";
}

row! {
    struct Event {
        payload: String,
    }
}

/// Says that something happened, as part of this transaction. The payload holds ids only.
pub fn publish(
    tx: &mut Tx,
    env: &Env,
    topic: &'static str,
    payload: &impl Serialize,
) -> Result<(), DbError> {
    tx.defer(&ADD, params![env.new_id::<Uuid>(), topic, jobs::to_json(payload)?, env.now()]);
    Ok(())
}

/// Someone who reacts to a topic with a job of this kind.
#[derive(Debug, Clone, Copy)]
pub struct Listener {
    /// The topic.
    pub topic: &'static str,
    /// The kind of job that each event becomes.
    pub job: &'static str,
}

row! {
    /// Events that wait for someone to react to them.
    pub struct Waiting {
        /// Their topic.
        pub topic: String,
        /// How many there are.
        pub events: i64,
    }
}

/// The first topics with events that no worker has taken yet.
pub async fn waiting(db: &Db, limit: u32) -> Result<Vec<Waiting>, DbError> {
    db.all(&WAITING, params![limit]).await
}

/// Turns waiting events into jobs.
pub(crate) async fn relay(db: &Db, listeners: &[Listener]) -> Result<(), DbError> {
    let topics: BTreeSet<&str> = listeners.iter().map(|listener| listener.topic).collect();
    for topic in topics {
        run_tx!(db, TxSpec::queue("db.relay_outbox"), |tx| {
            let events: Vec<Event> = tx.all(&TAKE, params![topic, BATCH]).await?;
            for event in &events {
                for listener in listeners.iter().filter(|listener| listener.topic == topic) {
                    let payload = event.payload.clone();
                    jobs::add(tx, db.env(), listener.job.to_owned(), payload, db.env().now());
                }
            }
            Ok::<_, DbError>(())
        })?;
    }
    Ok(())
}
