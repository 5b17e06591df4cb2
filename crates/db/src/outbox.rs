//! What happened, written in the same transaction as the happening, for others to react to.
//! Each event becomes one job per listener, in one transaction, so that none is lost or doubled.

use crate::{
    database::{Db, TxSpec},
    error::DbError,
    jobs, params, row, run_tx, statements,
    transaction::Tx,
};
use kernel::Env;
use serde::Serialize;
use uuid::Uuid;

const BATCH: u32 = 200;

statements! { "db.outbox";
    ADD = "INSERT INTO outbox (id, topic, payload, created_at) VALUES ($1, $2, $3, $4)";
    TAKE = "DELETE FROM outbox WHERE id IN
            (SELECT id FROM outbox ORDER BY id LIMIT $1 {skip_locked})
        RETURNING topic, payload";
}

row! {
    struct Event {
        topic: String,
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

/// Turns waiting events into jobs; answers how many events there were.
pub(crate) async fn relay(db: &Db, listeners: &[Listener]) -> Result<usize, DbError> {
    run_tx!(db, TxSpec::queue("db.relay_outbox"), |tx| {
        let events: Vec<Event> = tx.all(&TAKE, params![BATCH]).await?;
        for event in &events {
            for listener in listeners.iter().filter(|listener| listener.topic == event.topic) {
                let payload = event.payload.clone();
                jobs::add(tx, db.env(), listener.job.to_owned(), payload, db.env().now());
            }
        }
        Ok(events.len())
    })
}
