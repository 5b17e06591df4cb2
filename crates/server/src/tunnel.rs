//! The origin lock of this installation: its secrets, and what the ledger hears of refusals.
//!
//! Each refusal is counted, and the count goes into the ledger once a minute: whoever floods the
//! program past its tunnel must not fill the ledger.

use crate::{
    app::App,
    config::{ConfigError, Http},
};
use audit::{AuditError, Event};
use axum::Router;
use httpkit::origin_lock::{self, OriginLock, Refusals};
use kernel::{Ctx, Secret, Subject, TenantId, common};
use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

audit::actions! {
    /// Requests came past the tunnel and were refused.
    ORIGIN_REFUSED = "http.origin.refuse" on "request";
}

/// How many requests were refused since the ledger was told.
#[derive(Default)]
pub struct Refused(AtomicU64);

impl Refusals for Refused {
    fn refused(&self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

/// The routes behind the lock, if there is a secret.
pub fn behind(app: &App, routes: Router) -> Result<Router, ConfigError> {
    let secrets = secrets(&app.config.http);
    if secrets.is_empty() {
        return Ok(routes);
    }
    let lock = OriginLock::new(app.env.clone(), &secrets, app.refused.clone())
        .map_err(|error| ConfigError::Setting(format!("http.origin_secret: {error}")))?;
    Ok(origin_lock::behind(lock, routes))
}

fn secrets(http: &Http) -> Vec<Secret<String>> {
    [&http.origin_secret, &http.origin_secret_next].into_iter().flatten().cloned().collect()
}

/// Tells the ledger how many were refused since the last time, if any were.
pub async fn tell(app: &Arc<App>) -> Result<(), AuditError> {
    let refused = app.refused.0.swap(0, Ordering::Relaxed);
    if refused == 0 {
        return Ok(());
    }
    let ctx = Ctx::system(app.env.clone(), "http.origin_lock");
    let whole = Subject::tenant_itself(TenantId::DEFAULT);
    let keys = app.ledger.keys(&ctx, whole).await?;
    let event = Event::new(&ORIGIN_REFUSED, whole)
        .denied(&common::FORBIDDEN)
        .detail("requests", refused.to_string());
    if let Err(error) = app.ledger.record_now(&ctx, &keys, &event).await {
        // They are told with the next ones.
        app.refused.0.fetch_add(refused, Ordering::Relaxed);
        return Err(error);
    }
    Ok(())
}
