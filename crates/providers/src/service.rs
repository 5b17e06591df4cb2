//! The use cases of administrators: providers are listed, added, changed, removed and tried, and
//! models are shown to some and kept from others. Each change is recorded where it is made.

mod trial;

pub use trial::Tested;

use crate::{
    config::{ModelSettings, SettingsError},
    error::ProvidersError,
    model::{
        Change, Draft, Given, Invalid, Listed, MOST_PROVIDERS, Setup, allowed_fits, key_fits,
        provider_name,
    },
    rules::Viewer,
    store::{self, PROVIDER_SECRET, Stored},
    supply::{About, Supply},
};
use audit::{Event, Ledger};
use db::{Db, run_tx};
use kernel::{Actor, Ctx, Env, Role, RoleSet, Secret, Subject, TenantId};
use llm::{Gateway, Location, Model, ModelId, ProviderId, Registry};
use std::{collections::BTreeSet, sync::Arc};
use vault::{Keyring, Sealed, Vault};

audit::actions! {
    /// An administrator looked at how providers are set up.
    PROVIDERS_LISTED = "providers.list" on "tenant";
    /// A provider was set up.
    PROVIDER_ADDED = "providers.create" on "provider";
    /// A provider was set up differently.
    PROVIDER_CHANGED = "providers.update" on "provider";
    /// A provider was removed.
    PROVIDER_REMOVED = "providers.delete" on "provider";
    /// A provider was tried.
    PROVIDER_TESTED = "providers.test" on "tenant";
    /// A model was shown to some, or to all.
    MODEL_SHOWN = "providers.show" on "tenant";
    /// It was decided which models of someone else people may use.
    REACH_SET = "providers.allow" on "tenant";
}

/// The providers of models. Cheap to clone.
#[derive(Clone)]
pub struct Providers(Arc<Inner>);

struct Inner {
    db: Db,
    vault: Vault,
    ledger: Ledger,
    supply: Supply,
}

/// What they are made of.
pub struct Parts {
    /// Where those are kept that administrators set up.
    pub db: Db,
    /// The keys of organisations.
    pub vault: Vault,
    /// The ledger.
    pub ledger: Ledger,
    /// The world.
    pub env: Env,
    /// Where models are put.
    pub gateway: Gateway,
    /// What is part of the program.
    pub builtin: Registry,
    /// Which models of someone else may be used at all: all if nobody said.
    pub elsewhere: Option<Vec<String>>,
}

/// What one piece of an administrator's work needs.
struct Work {
    tenant: TenantId,
    keyring: Keyring,
    keys: audit::Keys,
}

impl Work {
    fn event(&self, action: &'static audit::Action) -> Event {
        Event::new(action, Subject::tenant_itself(self.tenant))
    }
}

impl Providers {
    /// Over these parts and what the settings name. Nothing is connected yet.
    pub fn new(parts: Parts, settings: &ModelSettings) -> Result<Self, SettingsError> {
        let Parts { db, vault, ledger, env, gateway, builtin, elsewhere } = parts;
        let supply = Supply::new((builtin, settings), elsewhere, (gateway, env))?;
        Ok(Self(Arc::new(Inner { db, vault, ledger, supply })))
    }

    /// Who answers.
    #[must_use]
    pub fn gateway(&self) -> &Gateway {
        self.0.supply.gateway()
    }

    /// Whether this person may use this model.
    #[must_use]
    pub fn offers(&self, viewer: Viewer, model: &Model) -> bool {
        self.0.supply.rules().allow(viewer, model)
    }

    /// Which models this person may use; none if nothing is kept from anybody there.
    #[must_use]
    pub fn allowed(&self, viewer: Viewer) -> Option<BTreeSet<ModelId>> {
        self.0.supply.rules().allowed(viewer, self.gateway().registry().models())
    }

    /// Whether this provider is there for this person.
    pub(crate) fn is_for(&self, viewer: Viewer, provider: &ProviderId) -> bool {
        self.0.supply.rules().is_for(viewer.tenant, provider)
    }

    /// Reads what administrators set up, without asking anybody.
    pub async fn load(&self) -> Result<(), ProvidersError> {
        self.0.supply.load((&self.0.db, &self.0.vault)).await
    }

    /// Reads what administrators set up, if it changed; also what they changed in another process.
    pub async fn refresh(&self) {
        if let Err(error) = self.0.supply.refresh((&self.0.db, &self.0.vault)).await {
            tracing::warn!(%error, "the providers stay as they are for now");
        }
    }

    /// Asks the providers whose models nobody named, and looks who is on this machine.
    pub async fn ask(&self) {
        if let Err(error) = self.0.supply.ask((&self.0.db, &self.0.vault)).await {
            tracing::warn!(%error, "the providers stay as they are for now");
        }
    }

    /// How all providers are set up that are there for the caller's organisation, and which of
    /// the models of someone else may be used there.
    pub async fn list(
        &self,
        ctx: &Ctx,
    ) -> Result<(Vec<Listed>, Option<Vec<String>>), ProvidersError> {
        let work = self.begin(ctx).await?;
        self.refresh().await;
        let all = self.0.supply.about(work.tenant).await;
        let listed = all.into_iter().map(|about| self.listed(work.tenant, about)).collect();
        let rules = self.0.supply.rules();
        let reach = rules.tenants.get(&work.tenant).and_then(|rules| rules.reach.clone());
        let event = work.event(&PROVIDERS_LISTED);
        self.0.ledger.record_now(ctx, &work.keys, &event).await?;
        Ok((listed, reach))
    }

    fn listed(&self, tenant: TenantId, about: About) -> Listed {
        let (registry, rules) = (self.gateway().registry(), self.0.supply.rules());
        let of_tenant = rules.tenants.get(&tenant);
        let audience = |model: &Model| of_tenant.and_then(|of| of.visible.get(&model.id)).copied();
        let own = registry.models().filter(|model| *model.id.provider() == about.id);
        let models = own.map(|model| (model.clone(), audience(model))).collect();
        let About { id, origin, setup, updated_at } = about;
        Listed { id, origin, setup, models, updated_at }
    }

    /// One provider, as the list has it.
    async fn one(&self, tenant: TenantId, id: &ProviderId) -> Result<Listed, ProvidersError> {
        let all = self.0.supply.about(tenant).await;
        let about = all.into_iter().find(|about| about.id == *id);
        Ok(self.listed(tenant, about.ok_or(ProvidersError::NotFound)?))
    }

    /// Sets up a provider.
    pub async fn add(&self, ctx: &Ctx, draft: Draft) -> Result<Listed, ProvidersError> {
        let work = self.begin(ctx).await?;
        let Draft { name, kind, url, local, key, models } = draft;
        let name = provider_name(&name)?;
        let setup = Setup { kind, url, local, models, has_key: key.is_some() };
        setup.check()?;
        if self.0.supply.is_fixed(&name).await {
            return Err(ProvidersError::Taken);
        }
        let id = ctx.new_id();
        let secret = key.map(|key| seal(&work, id, &key)).transpose()?;
        let (created_at, updated_at) = (ctx.now(), ctx.now());
        let tenant = work.tenant;
        let stored = Stored { tenant, id, name, setup, secret, version: 1, created_at, updated_at };
        let event = about(work.event(&PROVIDER_ADDED).resource(id), &stored);
        let added = run_tx!(self.0.db, "providers.add", |tx| {
            if store::is_taken(tx, &stored.name).await? {
                return Err(ProvidersError::Taken);
            }
            if store::count(tx, tenant).await? >= MOST_PROVIDERS {
                return Err(ProvidersError::Full);
            }
            store::insert(tx, &stored);
            store::changed(tx);
            self.0.ledger.record(tx, ctx, &work.keys, &event)?;
            Ok::<_, ProvidersError>(())
        });
        self.refresh().await;
        added?;
        self.one(tenant, &stored.name).await
    }

    /// Sets up a provider differently. Its key does not follow it to another address by itself.
    pub async fn change(
        &self,
        ctx: &Ctx,
        name: &ProviderId,
        change: Change,
    ) -> Result<Listed, ProvidersError> {
        let work = self.begin(ctx).await?;
        if let Given::Value(key) = &change.key {
            key_fits(key)?;
        }
        let changed = run_tx!(self.0.db, "providers.change", |tx| {
            let stored = store::by_name(tx, work.tenant, name).await?;
            let stored = stored.ok_or_else(|| self.missing(name))?;
            let stored = changed(ctx, &work, stored, &change)?;
            store::replace(tx, &stored);
            store::changed(tx);
            let event = about(work.event(&PROVIDER_CHANGED).resource(stored.id), &stored);
            self.0.ledger.record(tx, ctx, &work.keys, &event)?;
            Ok::<_, ProvidersError>(())
        });
        self.refresh().await;
        changed?;
        self.one(work.tenant, name).await
    }

    /// Removes a provider with its key. Answers that have begun go on.
    pub async fn remove(&self, ctx: &Ctx, name: &ProviderId) -> Result<(), ProvidersError> {
        let work = self.begin(ctx).await?;
        let removed = run_tx!(self.0.db, "providers.remove", |tx| {
            let stored = store::by_name(tx, work.tenant, name).await?;
            let stored = stored.ok_or_else(|| self.missing(name))?;
            store::delete(tx, work.tenant, name);
            store::changed(tx);
            let event = about(work.event(&PROVIDER_REMOVED).resource(stored.id), &stored);
            self.0.ledger.record(tx, ctx, &work.keys, &event)?;
            Ok::<_, ProvidersError>(())
        });
        self.refresh().await;
        removed
    }

    /// Shows a model to people with one of these roles and to nobody else, or to everybody.
    pub async fn show(
        &self,
        ctx: &Ctx,
        model: &str,
        roles: Option<RoleSet>,
    ) -> Result<(), ProvidersError> {
        let work = self.begin(ctx).await?;
        let id: ModelId = model.parse().map_err(|_| Invalid::Model)?;
        let registry = self.gateway().registry();
        let known = registry
            .model(&id)
            .filter(|_| self.0.supply.rules().is_for(work.tenant, id.provider()));
        if known.is_some_and(|model| model.location == Location::Builtin) {
            return Err(Invalid::Companion.into());
        }
        // A rule on a model that is away just now can be taken back.
        if known.is_none() && roles.is_some() {
            return Err(Invalid::Model.into());
        }
        let names = |roles: RoleSet| roles.iter().map(Role::name).collect::<Vec<_>>().join(" ");
        let event = work.event(&MODEL_SHOWN).detail("model", id.to_string());
        let event = event.detail("roles", roles.map_or_else(|| "everybody".to_owned(), names));
        let shown = run_tx!(self.0.db, "providers.show", |tx| {
            store::show(tx, work.tenant, &id, roles);
            store::changed(tx);
            self.0.ledger.record(tx, ctx, &work.keys, &event)?;
            Ok::<_, ProvidersError>(())
        });
        self.refresh().await;
        shown
    }

    /// Decides which models of someone else the people of the caller's organisation may use: all
    /// that the settings allow if there is no list.
    pub async fn allow(
        &self,
        ctx: &Ctx,
        allowed: Option<Vec<String>>,
    ) -> Result<(), ProvidersError> {
        let work = self.begin(ctx).await?;
        if let Some(list) = &allowed {
            allowed_fits(list)?;
        }
        let names = allowed.as_ref().map_or_else(|| "all".to_owned(), |list| list.join(" "));
        let event = work.event(&REACH_SET).detail("models", names);
        let set = run_tx!(self.0.db, "providers.allow", |tx| {
            store::set_reach(tx, work.tenant, allowed.as_deref());
            store::changed(tx);
            self.0.ledger.record(tx, ctx, &work.keys, &event)?;
            Ok::<_, ProvidersError>(())
        });
        self.refresh().await;
        set
    }

    /// Why there is no provider of this name to be changed.
    fn missing(&self, name: &ProviderId) -> ProvidersError {
        let is_there = self.gateway().registry().provider(name).is_some();
        let is_someones = self.0.supply.rules().owners.contains_key(name);
        if is_there && !is_someones { ProvidersError::Fixed } else { ProvidersError::NotFound }
    }

    /// For administrators, and for operators at the machine.
    async fn begin(&self, ctx: &Ctx) -> Result<Work, ProvidersError> {
        let tenant = match &ctx.actor {
            Actor::Operator => TenantId::DEFAULT,
            Actor::Person(person) if person.roles.contains(Role::Admin) => person.subject.tenant,
            Actor::Person(_) => return Err(ProvidersError::NotAdmin),
            Actor::Anonymous | Actor::System(_) => return Err(ProvidersError::NotLoggedIn),
        };
        let whole = Subject::tenant_itself(tenant);
        let keyring = self.0.vault.keyring(whole).await?;
        let keys = self.0.ledger.keys(ctx, whole).await?;
        Ok(Work { tenant, keyring, keys })
    }
}

/// What the ledger tells of a provider: never its key.
fn about(event: Event, stored: &Stored) -> Event {
    let place = if stored.setup.local { "local" } else { "elsewhere" };
    event
        .detail("name", stored.name.to_string())
        .detail("url", stored.setup.url.clone())
        .detail("place", place.to_owned())
}

fn seal(
    work: &Work,
    id: crate::model::AddedId,
    key: &Secret<String>,
) -> Result<Sealed, ProvidersError> {
    key_fits(key)?;
    // EXPOSE: goes nowhere but into the seal.
    Ok(work.keyring.seal(&PROVIDER_SECRET, id.as_uuid(), key.expose().as_bytes())?)
}

fn changed(
    ctx: &Ctx,
    work: &Work,
    before: Stored,
    change: &Change,
) -> Result<Stored, ProvidersError> {
    let old = before.setup.clone();
    let mut setup = Setup {
        kind: change.kind.unwrap_or(old.kind),
        url: change.url.clone().unwrap_or_else(|| old.url.clone()),
        local: change.local.unwrap_or(old.local),
        models: change.models.clone().unwrap_or_else(|| old.models.clone()),
        has_key: old.has_key,
    };
    setup.check()?;
    let secret = match &change.key {
        // Whoever may change an address must not learn by that what nobody is told.
        Given::Nothing if old.has_key && (setup.local != old.local || !setup.is_at(&old)?) => {
            return Err(Invalid::KeyStays.into());
        }
        Given::Nothing => before.secret,
        Given::Null => None,
        Given::Value(key) => Some(seal(work, before.id, key)?),
    };
    setup.has_key = secret.is_some();
    let (version, updated_at) = (before.version + 1, ctx.now());
    Ok(Stored { setup, secret, version, updated_at, ..before })
}
