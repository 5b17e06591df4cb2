//! The use cases of lines that an installation changes.

use super::{
    copy::Copy,
    error::LinesError,
    model::{Change, bounded, checked},
    store,
};
use crate::look::Lookout;
use audit::{Event, Ledger};
use care::hotlines::{Country, Hotlines, Override};
use db::{Db, run_tx};
use kernel::{Ctx, Subject, TenantId};
use std::{path::Path, sync::Arc};

audit::actions! {
    /// An administrator looked at the changed lines.
    LINES_READ = "crisis.lines.read" on "organisation";
    /// The lines of a country were changed.
    LINES_CHANGED = "crisis.lines.change" on "organisation";
    /// The lines of a country are those that are built in again.
    LINES_RESTORED = "crisis.lines.restore" on "organisation";
}

/// What an installation changes about crisis lines. Cheap to clone.
#[derive(Clone)]
pub struct CrisisLines(Arc<Inner>);

struct Inner {
    db: Db,
    ledger: Ledger,
    lookout: Arc<Lookout>,
    copy: Option<Copy>,
}

impl CrisisLines {
    /// Over these; whoever looks for danger gets the lines.
    #[must_use]
    pub fn new(db: Db, ledger: Ledger, lookout: Arc<Lookout>) -> Self {
        Self::with_copy((db, ledger), lookout, None)
    }

    /// The same, with a copy of the changes in this folder.
    #[must_use]
    pub fn with_copy(
        (db, ledger): (Db, Ledger),
        lookout: Arc<Lookout>,
        folder: Option<&Path>,
    ) -> Self {
        let copy = folder.map(Copy::in_folder);
        Self(Arc::new(Inner { db, ledger, lookout, copy }))
    }

    /// Takes the changes from the copy in this folder into memory, while there is no database.
    pub fn recall(folder: &Path, lookout: &Lookout) {
        let changes = Copy::in_folder(folder).read(&lookout.care().hotlines);
        lookout.change_lines(&changes);
    }

    /// Takes the stored changes into memory: at the start, and now and then, because another process
    /// may have changed them. Without a database everything stays as it was.
    pub async fn refresh(&self) -> Result<(), LinesError> {
        let changes: Vec<Override> =
            self.stored().await?.into_iter().map(|change| change.what).collect();
        self.0.lookout.change_lines(&changes);
        if let Some(copy) = &self.0.copy
            && let Err(error) = copy.keep(self.0.db.env(), &changes)
        {
            tracing::warn!(%error, "the copy of the crisis lines stays as it was");
        }
        Ok(())
    }

    async fn stored(&self) -> Result<Vec<Change>, LinesError> {
        let rows = store::all(&self.0.db).await?;
        let read = |row: store::ChangeRow| {
            let Ok(what) = serde_json::from_str(&row.body) else {
                tracing::error!(country = row.code, "changed crisis lines cannot be understood");
                return None;
            };
            Some(Change { what, changed_at: row.changed_at })
        };
        Ok(rows.into_iter().filter_map(read).collect())
    }

    /// All changes, by country.
    pub async fn changes(&self, ctx: &Ctx) -> Result<Vec<Change>, LinesError> {
        let changes = self.stored().await?;
        let keys = self.0.ledger.keys(ctx, whole()).await?;
        self.0.ledger.record_now(ctx, &keys, &Event::new(&LINES_READ, whole())).await?;
        Ok(changes)
    }

    /// A country as it is built in and as it is changed.
    pub async fn country(
        &self,
        ctx: &Ctx,
        code: &str,
    ) -> Result<(Option<Country>, Option<Change>), LinesError> {
        let code = country_code(code)?;
        let changes = self.changes(ctx).await?;
        let change = changes.into_iter().find(|change| change.what.code == code);
        Ok((self.built_in().country(&code).cloned(), change))
    }

    /// Changes the lines of a country, instead of what was changed before. The country, as people
    /// see it then.
    pub async fn change(&self, ctx: &Ctx, change: Override) -> Result<Country, LinesError> {
        let code = country_code(&change.code)?;
        let change = Override { code, ..change };
        bounded(&change)?;
        let country = checked(&change, self.built_in())?;
        let body = serde_json::to_string(&change).map_err(|_| LinesError::Damaged)?;
        let keys = self.0.ledger.keys(ctx, whole()).await?;
        let event = Event::new(&LINES_CHANGED, whole()).detail("country", change.code.as_str());
        run_tx!(self.0.db, "crisis.change_lines", |tx| {
            store::put(tx, &change.code, ctx.now(), &body);
            self.0.ledger.record(tx, ctx, &keys, &event)?;
            Ok::<_, LinesError>(())
        })?;
        self.seen_soon().await;
        Ok(country)
    }

    /// The lines of a country are those that are built in again.
    pub async fn restore(&self, ctx: &Ctx, code: &str) -> Result<(), LinesError> {
        let code = country_code(code)?;
        let keys = self.0.ledger.keys(ctx, whole()).await?;
        let event = Event::new(&LINES_RESTORED, whole()).detail("country", code.as_str());
        run_tx!(self.0.db, "crisis.restore_lines", |tx| {
            store::remove(tx, &code);
            self.0.ledger.record(tx, ctx, &keys, &event)?;
            Ok::<_, LinesError>(())
        })?;
        self.seen_soon().await;
        Ok(())
    }

    /// At once in this process; if that fails, with the next round.
    async fn seen_soon(&self) {
        if let Err(error) = self.refresh().await {
            tracing::warn!(%error, "changed crisis lines are taken up later");
        }
    }

    /// The countries that are changed, as people see them. Needs no database.
    #[must_use]
    pub fn changed(&self) -> Vec<Country> {
        self.0.lookout.changed_lines()
    }

    fn built_in(&self) -> &Hotlines {
        &self.0.lookout.care().hotlines
    }
}

fn whole() -> Subject {
    Subject::tenant_itself(TenantId::DEFAULT)
}

/// Two letters, as capitals.
fn country_code(text: &str) -> Result<String, LinesError> {
    let letters = text.len() == 2 && text.bytes().all(|b| b.is_ascii_alphabetic());
    if letters { Ok(text.to_ascii_uppercase()) } else { Err(LinesError::NotFound) }
}
