//! What goes on beside the requests: the ledger's sequencer and its checkpoints, jobs, and the
//! tidying of keys in memory.

use crate::{app::App, forgery, tunnel};
use db::Worker;
use std::{sync::Arc, time::Duration};
use tokio::{sync::watch, task::JoinSet, time};

/// How often keys that nobody used for a while leave the memory.
const TIDY_EVERY: Duration = Duration::from_mins(1);

/// How often providers are asked which models they have.
const ASK_EVERY: Duration = Duration::from_mins(5);
/// How often it is looked whether an administrator changed them.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// Tasks that are brought to their end before the program ends.
pub struct Background {
    stop: watch::Sender<bool>,
    tasks: JoinSet<()>,
}

impl Background {
    /// Starts what every serving process does, and jobs if this one does them too.
    #[must_use]
    pub fn start(app: &Arc<App>, with_jobs: bool) -> Self {
        let (stop, stopped) = watch::channel(false);
        let mut tasks = JoinSet::new();
        tasks.spawn(keep_ledger(app.clone(), stopped.clone()));
        tasks.spawn(keep_watch(app.clone(), stopped.clone()));
        tasks.spawn(keep_tidy(app.clone(), stopped.clone()));
        tasks.spawn(keep_models(app.clone(), stopped.clone()));
        if with_jobs {
            tasks.spawn(do_jobs(app.clone(), stopped));
        }
        Self { stop, tasks }
    }

    /// Lets each task finish what it is at.
    pub async fn finish(mut self) {
        self.stop.send_replace(true);
        while let Some(ended) = self.tasks.join_next().await {
            if let Err(error) = ended {
                tracing::error!(%error, "a background task ended badly");
            }
        }
    }
}

/// `false` once it is time to stop.
async fn pause(stopped: &mut watch::Receiver<bool>, time: Duration) -> bool {
    tokio::select! {
        biased;
        _ = stopped.wait_for(|stop| *stop) => false,
        () = time::sleep(time) => true,
    }
}

async fn keep_ledger(app: Arc<App>, stopped: watch::Receiver<bool>) {
    app.ledger.keep(stop(stopped)).await;
}

async fn keep_watch(app: Arc<App>, stopped: watch::Receiver<bool>) {
    app.accounts.keep_watch(stop(stopped)).await;
}

async fn keep_models(app: Arc<App>, mut stopped: watch::Receiver<bool>) {
    loop {
        app.providers.ask().await;
        // In between, what administrators change in other processes is heard of.
        for _ in 0..ASK_EVERY.as_secs() {
            if !pause(&mut stopped, LOOK_EVERY).await {
                return;
            }
            app.providers.refresh().await;
        }
    }
}

async fn keep_tidy(app: Arc<App>, mut stopped: watch::Receiver<bool>) {
    while pause(&mut stopped, TIDY_EVERY).await {
        app.vault.tidy();
        app.memory.tidy(app.env.now());
        if let Err(error) = forgery::renew(&app.csrf, &app.vault).await {
            tracing::warn!(%error, "the keys of pages stay as they are for now");
        }
        if let Err(error) = tunnel::tell(&app).await {
            tracing::warn!(%error, "refused requests are told to the ledger later");
        }
        if let Err(error) = app.ledger_health.hear(&app.db).await {
            tracing::warn!(%error, "whether the ledger is sound is heard later");
        }
        app.crisis.tidy(app.env.now()).await;
    }
    app.crisis.tidy(app.env.now()).await;
}

async fn do_jobs(app: Arc<App>, stopped: watch::Receiver<bool>) {
    Worker::new(app.db.clone(), app.jobs()).run(stop(stopped)).await;
}

async fn stop(mut stopped: watch::Receiver<bool>) {
    // A sender that is gone means the same.
    let _ = stopped.wait_for(|stop| *stop).await;
}
