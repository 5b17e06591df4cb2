//! What people wanted to be remembered, put together with who needs it: conversations ask for facts,
//! and do not know whom.

use crate::config::{Config, ConfigError};
use async_trait::async_trait;
use audit::Ledger;
use companion::{Recall, Recalled};
use consent::Consents;
use crisis::Lookout;
use db::Db;
use embed::Sentences;
use kernel::{Ctx, Phi, Timestamp};
use memory::{Meaning, Memory, Parts, Told};
use std::{path::PathBuf, sync::Arc};
use vault::Vault;

/// What is remembered of everyone, found by meaning where a model for that is installed.
pub fn memory(
    config: &Config,
    (db, vault): (&Db, &Vault),
    (consents, ledger): (&Consents, &Ledger),
    lookout: &Arc<Lookout>,
) -> Result<Memory, ConfigError> {
    let sentences = Sentences::new(models_folder(config)?)
        .map_err(|error| ConfigError::Setting(error.to_string()))?;
    Ok(Memory::new(Parts {
        db: db.clone(),
        vault: vault.clone(),
        ledger: ledger.clone(),
        consents: consents.clone(),
        watch: lookout.clone(),
        meaning: Arc::new(Meanings(sentences)),
    }))
}

/// Where models are that work on this machine.
pub fn models_folder(config: &Config) -> Result<PathBuf, ConfigError> {
    Ok(config.data_dir()?.join("models"))
}

/// What sentences mean, as memory asks for it.
struct Meanings(Sentences);

#[async_trait]
impl Meaning for Meanings {
    fn model(&self) -> Option<String> {
        self.0.model()
    }

    async fn vectors(&self, texts: &[Phi<String>]) -> Option<Vec<Phi<Vec<f32>>>> {
        self.0.vectors(texts).await
    }

    fn tidy(&self, now: Timestamp) {
        self.0.tidy(now);
    }
}

/// Memory as conversations use it.
pub struct Remembered(pub Memory);

#[async_trait]
impl Recall for Remembered {
    async fn recall(&self, ctx: &Ctx, said: &Phi<String>, anew: bool) -> Recalled {
        match self.0.recall(ctx, said, anew).await {
            Ok(Told { facts, kept, event }) => {
                let facts = facts.into_iter().map(|(id, text)| (id.as_uuid(), text)).collect();
                Recalled { facts, kept: kept.map(|id| id.as_uuid()), event }
            }
            Err(error) => {
                // An answer without memory is better than none.
                tracing::warn!(%error, "what is remembered could not be searched");
                Recalled::default()
            }
        }
    }
}
