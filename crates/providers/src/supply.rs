//! The models of this moment, out of what the program brings, what the settings name, what is
//! found on this machine and what administrators set up.

use crate::{
    config::{ModelSettings, ProviderSettings, SettingsError},
    error::ProvidersError,
    model::{AddedId, Origin, Setup, provider_name},
    rules::{OfTenant, Rules},
    store::{self, PROVIDER_SECRET, Stored},
};
use futures_util::future::join_all;
use kernel::{Env, Secret, Subject, TenantId, Timestamp};
use llm::{Gateway, Limits, Model, Place, Provider, ProviderId, Registry};
use std::{
    collections::BTreeMap,
    sync::{Arc, PoisonError, RwLock},
    time::Duration,
};
use tokio::{sync::Mutex, time::timeout};
use vault::Vault;

/// How long a provider may take to say which models it has.
pub(crate) const PATIENCE: Duration = Duration::from_secs(5);
/// The same for one that may not be there at all.
const SOON: Duration = Duration::from_secs(1);

/// A provider that is asked which models it has, unless they are named.
struct Source {
    provider: Arc<dyn Provider>,
    setup: Setup,
    models: Vec<Model>,
}

impl Source {
    fn new(
        id: &ProviderId,
        setup: Setup,
        key: Option<Secret<String>>,
        env: &Env,
    ) -> Result<Self, String> {
        let provider = setup.connect(id, key, env).map_err(|error| error.to_string())?;
        let models = setup.named(id).map_err(|error| error.to_string())?;
        Ok(Self { provider, setup, models })
    }

    /// Asks which models there are. Those that are known stay where it does not answer.
    async fn ask(&mut self) {
        if !self.setup.models.is_empty() {
            return;
        }
        let provider = self.provider.id().clone();
        match timeout(PATIENCE, self.provider.models()).await {
            Ok(Ok(found)) => self.models = found,
            Ok(Err(error)) => tracing::debug!(%provider, %error, "its models are not known"),
            Err(_) => tracing::debug!(%provider, "it does not answer"),
        }
    }
}

/// A provider that an administrator set up, as it was last read.
struct Added {
    source: Source,
    id: AddedId,
    version: i64,
    updated_at: Timestamp,
}

/// What was last read and found.
#[derive(Default)]
struct Seen {
    /// The number of the changes that were read; none before the first time.
    revision: Option<i64>,
    settings: BTreeMap<ProviderId, Source>,
    added: BTreeMap<ProviderId, Added>,
    found: Vec<(Place, Arc<dyn Provider>, Vec<Model>)>,
}

/// See the module.
pub(crate) struct Supply {
    env: Env,
    gateway: Gateway,
    /// What is part of the program.
    builtin: Registry,
    /// Where to look for others.
    places: Vec<Place>,
    seen: Mutex<Seen>,
    rules: RwLock<Arc<Rules>>,
    /// Which models of someone else the settings allow.
    installation: Option<Vec<String>>,
}

/// How a provider came here and is set up, for administrators.
pub(crate) struct About {
    pub id: ProviderId,
    pub origin: Origin,
    pub setup: Option<Setup>,
    pub updated_at: Option<Timestamp>,
}

impl Supply {
    /// What the program brings and the settings name. Nothing is connected yet.
    pub(crate) fn new(
        (builtin, settings): (Registry, &ModelSettings),
        installation: Option<Vec<String>>,
        (gateway, env): (Gateway, Env),
    ) -> Result<Self, SettingsError> {
        let wrong = SettingsError::new;
        let mut seen = Seen::default();
        for (name, provider) in &settings.providers {
            let id: ProviderId = name.parse().map_err(|error| wrong(name, &error))?;
            if builtin.provider(&id).is_some() {
                return Err(wrong(name, &"this name is taken"));
            }
            let source = Source::new(&id, setup_of(provider), provider.key.clone(), &env);
            seen.settings.insert(id, source.map_err(|reason| wrong(name, &reason))?);
        }
        let places = if settings.detect { llm::usual_places() } else { Vec::new() };
        let rules = Rules { installation: installation.clone(), ..Rules::default() };
        let rules = RwLock::new(Arc::new(rules));
        let supply =
            Self { env, gateway, builtin, places, seen: Mutex::default(), rules, installation };
        supply.gateway.replace(supply.registry(&seen));
        Ok(Self { seen: Mutex::new(seen), ..supply })
    }

    /// Who may use what.
    pub(crate) fn rules(&self) -> Arc<Rules> {
        self.rules.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(crate) fn gateway(&self) -> &Gateway {
        &self.gateway
    }

    /// Whether a provider of this name is not for administrators to set up.
    pub(crate) async fn is_fixed(&self, id: &ProviderId) -> bool {
        provider_name(id.as_str()).is_err()
            || self.builtin.provider(id).is_some()
            || self.seen.lock().await.settings.contains_key(id)
    }

    /// Reads what administrators set up, if that is different from what was read last.
    pub(crate) async fn refresh(
        &self,
        (db, vault): (&db::Db, &Vault),
    ) -> Result<(), ProvidersError> {
        let mut seen = self.seen.lock().await;
        if seen.revision == Some(store::revision(db).await?) {
            return Ok(());
        }
        self.read(&mut seen, (db, vault)).await?;
        let added = seen.added.values_mut().map(|added| &mut added.source);
        join_all(added.filter(|source| source.models.is_empty()).map(Source::ask)).await;
        self.gateway.replace(self.registry(&seen));
        Ok(())
    }

    /// Reads what administrators set up, and asks nobody.
    pub(crate) async fn load(&self, parts: (&db::Db, &Vault)) -> Result<(), ProvidersError> {
        let mut seen = self.seen.lock().await;
        self.read(&mut seen, parts).await?;
        self.gateway.replace(self.registry(&seen));
        Ok(())
    }

    /// Asks the providers whose models nobody named, and looks who is on this machine.
    pub(crate) async fn ask(&self, parts: (&db::Db, &Vault)) -> Result<(), ProvidersError> {
        let mut seen = self.seen.lock().await;
        // Also without a change: a key that did not open may do so now.
        self.read(&mut seen, parts).await?;
        let Seen { settings, added, .. } = &mut *seen;
        let added = added.values_mut().map(|added| &mut added.source);
        join_all(settings.values_mut().chain(added).map(Source::ask)).await;
        seen.found = self.look_around(&seen).await;
        self.gateway.replace(self.registry(&seen));
        Ok(())
    }

    async fn look_around(&self, seen: &Seen) -> Vec<(Place, Arc<dyn Provider>, Vec<Model>)> {
        let taken = |place: &Place| {
            let named = |id: &ProviderId| id.as_str() == place.id;
            seen.settings.keys().any(named) || seen.added.keys().any(named)
        };
        let places: Vec<Place> =
            self.places.iter().filter(|place| !taken(place)).cloned().collect();
        let found = llm::detect(&places, &self.env, Limits::default(), SOON).await;
        let with_place = |(provider, models): (Arc<dyn Provider>, Vec<Model>)| {
            tracing::debug!(provider = %provider.id(), "found on this machine");
            let place = places.iter().find(|place| place.id == provider.id().as_str())?;
            Some((place.clone(), provider, models))
        };
        found.into_iter().filter_map(with_place).collect()
    }

    /// Reads the providers of administrators, and the rules. Those that did not change keep their
    /// connections; one that cannot be had is left out and does not keep the others away.
    async fn read(
        &self,
        seen: &mut Seen,
        (db, vault): (&db::Db, &Vault),
    ) -> Result<(), ProvidersError> {
        // Read first: what changes meanwhile is read again the next time.
        let revision = store::revision(db).await?;
        let mut rules = Rules { installation: self.installation.clone(), ..Rules::default() };
        let mut before = std::mem::take(&mut seen.added);
        let mut fresh = Vec::new();
        for stored in store::of_all(db).await? {
            let stored = match stored {
                Ok(stored) => stored,
                Err(error) => {
                    tracing::warn!(%error, "a provider that was set up cannot be read");
                    continue;
                }
            };
            let name = stored.name.clone();
            if self.builtin.provider(&name).is_some() || seen.settings.contains_key(&name) {
                tracing::warn!(provider = %name, "the settings name it too, and win");
                continue;
            }
            rules.owners.insert(name.clone(), stored.tenant);
            let same = |added: &Added| added.id == stored.id && added.version == stored.version;
            match before.remove(&name) {
                Some(added) if same(&added) => {
                    seen.added.insert(name, added);
                }
                _ => fresh.push(stored),
            }
        }
        for stored in fresh {
            let name = stored.name.clone();
            self.gateway.forget(&name);
            match self.open(vault, stored).await {
                Ok(added) => {
                    seen.added.insert(name, added);
                }
                Err(reason) => tracing::warn!(provider = %name, reason, "it cannot be used"),
            }
        }
        read_rules(&mut rules, db).await?;
        *self.rules.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(rules);
        seen.revision = Some(revision);
        Ok(())
    }

    async fn open(&self, vault: &Vault, stored: Stored) -> Result<Added, String> {
        let Stored { tenant, id, name, setup, secret, version, updated_at, .. } = stored;
        let key = match &secret {
            Some(sealed) => {
                let keyring = vault.keyring(Subject::tenant_itself(tenant)).await;
                let keyring = keyring.map_err(|error| error.to_string())?;
                let opened = keyring.open(&PROVIDER_SECRET, id.as_uuid(), sealed);
                let bytes = opened.map_err(|error| error.to_string())?;
                // EXPOSE: becomes a secret, which is as guarded.
                let text = String::from_utf8(bytes.expose().clone());
                Some(Secret::new(text.map_err(|_| "its key is no text".to_owned())?))
            }
            None => None,
        };
        let source = Source::new(&name, setup, key, &self.env)?;
        Ok(Added { source, id, version, updated_at })
    }

    fn registry(&self, seen: &Seen) -> Registry {
        let mut registry = self.builtin.clone();
        let added = seen.added.values().map(|added| &added.source);
        for Source { provider, models, .. } in seen.settings.values().chain(added) {
            registry = registry.with(provider.clone(), models.clone());
        }
        for (_, provider, models) in &seen.found {
            // Somebody may have given the name to another one since.
            if registry.provider(provider.id()).is_none() {
                registry = registry.with(provider.clone(), models.clone());
            }
        }
        registry
    }

    /// All providers that are there for this organisation.
    pub(crate) async fn about(&self, tenant: TenantId) -> Vec<About> {
        let seen = self.seen.lock().await;
        let rules = self.rules();
        let registry = self.gateway.registry();
        let all = registry.providers().map(|provider| provider.id().clone());
        let about = |id: ProviderId| {
            let found = seen.found.iter().find(|(_, provider, _)| *provider.id() == id);
            let (origin, setup, updated_at) =
                if let Some(Added { source, updated_at, .. }) = seen.added.get(&id) {
                    (Origin::Added, Some(source.setup.clone()), Some(*updated_at))
                } else if let Some(source) = seen.settings.get(&id) {
                    (Origin::Settings, Some(source.setup.clone()), None)
                } else if let Some((place, _, _)) = found {
                    (Origin::Found, Some(setup_at(place)), None)
                } else {
                    (Origin::Builtin, None, None)
                };
            About { id, origin, setup, updated_at }
        };
        all.filter(|id| rules.is_for(tenant, id)).map(about).collect()
    }
}

async fn read_rules(rules: &mut Rules, db: &db::Db) -> Result<(), ProvidersError> {
    for (tenant, model, roles) in store::visibility(db).await? {
        of(rules, tenant).visible.insert(model, roles);
    }
    for (tenant, allowed) in store::reach(db).await? {
        of(rules, tenant).reach = Some(allowed);
    }
    Ok(())
}

fn of(rules: &mut Rules, tenant: TenantId) -> &mut OfTenant {
    rules.tenants.entry(tenant).or_default()
}

fn setup_of(provider: &ProviderSettings) -> Setup {
    Setup {
        kind: provider.kind,
        url: provider.url.clone(),
        local: provider.local,
        models: provider.models.clone(),
        has_key: provider.key.is_some(),
    }
}

fn setup_at(place: &Place) -> Setup {
    let (url, models) = (place.url.clone(), Vec::new());
    Setup { kind: place.dialect.into(), url, local: true, models, has_key: false }
}
