//! The use cases: administrators set servers up, look at their tools and allow some of them; what was
//! allowed is called for people. Each change is recorded where it is made.

use crate::{
    client::{Client, Failure, Said, Talk},
    error::McpError,
    model::{
        Definition, Draft, Invalid, SERVERS, Seen, Server, ServerId, Standing, Ticked, asked_as,
        place,
    },
    store::{self, SERVER_SECRET, Stored},
};
use audit::{Event, Ledger};
use db::{Db, run_tx};
use kernel::{Actor, Ctx, Phi, Role, Secret, Subject, TenantId};
use outbound::{Breaker, DialError, Place};
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};
use vault::{Keyring, Vault};

/// How long a server is left alone that could not be reached a few times.
const REST: Duration = Duration::from_mins(1);

audit::actions! {
    /// An administrator looked at how servers of tools are set up.
    SERVERS_LISTED = "mcp.list" on "tenant";
    /// A server of tools was set up.
    SERVER_ADDED = "mcp.create" on "mcp_server";
    /// A server of tools was removed.
    SERVER_REMOVED = "mcp.delete" on "mcp_server";
    /// A server was asked which tools it has.
    TOOLS_LOOKED_AT = "mcp.look" on "tenant";
    /// It was decided which tools of a server may be used.
    TOOLS_ALLOWED = "mcp.allow" on "mcp_server";
}

/// The servers of tools. Cheap to clone.
#[derive(Clone)]
pub struct Mcp(Arc<Inner>);

struct Inner {
    parts: Parts,
    client: Client,
    breakers: Mutex<HashMap<ServerId, Arc<Breaker>>>,
}

/// What they are made of.
pub struct Parts {
    /// Where they are kept.
    pub db: Db,
    /// The keys of organisations.
    pub vault: Vault,
    /// The ledger.
    pub ledger: Ledger,
}

/// A tool that may be used.
#[derive(Clone)]
pub struct Offered {
    tenant: TenantId,
    server: Server,
    /// How it was described when it was allowed.
    pub definition: Definition,
}

impl Offered {
    /// The name by which models ask for it.
    #[must_use]
    pub fn asked_as(&self) -> String {
        asked_as(&self.server.name, self.definition.name())
    }

    /// The name of its server.
    #[must_use]
    pub fn server(&self) -> &str {
        &self.server.name
    }

    /// Whether its server is on a machine of ours.
    #[must_use]
    pub const fn is_local(&self) -> bool {
        self.server.local
    }
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

impl Mcp {
    /// Over these. Nothing is connected yet.
    pub fn new(parts: Parts) -> Result<Self, DialError> {
        let client = Client::new()?;
        Ok(Self(Arc::new(Inner { parts, client, breakers: Mutex::default() })))
    }

    fn db(&self) -> &Db {
        &self.0.parts.db
    }

    fn ledger(&self) -> &Ledger {
        &self.0.parts.ledger
    }

    /// How all servers are set up.
    pub async fn list(&self, ctx: &Ctx) -> Result<Vec<Server>, McpError> {
        let work = self.begin(ctx).await?;
        let all = store::all(self.db(), work.tenant).await?;
        self.ledger().record_now(ctx, &work.keys, &work.event(&SERVERS_LISTED)).await?;
        Ok(all.into_iter().map(|stored| stored.server).collect())
    }

    /// Sets up a server. None of its tools may be used yet.
    pub async fn add(&self, ctx: &Ctx, draft: Draft) -> Result<Server, McpError> {
        let work = self.begin(ctx).await?;
        draft.check()?;
        let Draft { name, url, local, key } = draft;
        let id: ServerId = ctx.new_id();
        // EXPOSE: goes nowhere but into the seal.
        let seal = |key: Secret<String>| {
            work.keyring.seal(&SERVER_SECRET, id.as_uuid(), key.expose().as_bytes())
        };
        let secret = key.map(seal).transpose()?;
        let (has_key, created_at) = (secret.is_some(), ctx.now());
        let server = Server { id, name, url, local, has_key, created_at, allowed: Vec::new() };
        let event = about(work.event(&SERVER_ADDED), &server);
        let stored = Stored { server, secret };
        run_tx!(self.db(), "mcp.add", |tx| {
            let names = store::names(tx, work.tenant).await?;
            if names.contains(&stored.server.name) {
                return Err(McpError::Taken);
            }
            if names.len() >= SERVERS {
                return Err(McpError::Full);
            }
            store::insert(tx, work.tenant, &stored);
            self.ledger().record(tx, ctx, &work.keys, &event)?;
            Ok(())
        })?;
        Ok(stored.server)
    }

    /// Removes a server with its key and what was allowed of it.
    pub async fn remove(&self, ctx: &Ctx, name: &str) -> Result<(), McpError> {
        let work = self.begin(ctx).await?;
        let server = self.one(work.tenant, name).await?.server;
        let event = about(work.event(&SERVER_REMOVED), &server);
        let removed = run_tx!(self.db(), "mcp.remove", |tx| {
            store::delete(tx, work.tenant, server.id);
            self.ledger().record(tx, ctx, &work.keys, &event)?;
            Ok::<_, McpError>(())
        });
        match removed {
            Err(McpError::Db(refused)) if store::was_gone(&refused) => Err(McpError::NotFound),
            removed => removed,
        }
    }

    /// Asks a server which tools it has, and says how each stands.
    pub async fn look(&self, ctx: &Ctx, name: &str) -> Result<Vec<Seen>, McpError> {
        let work = self.begin(ctx).await?;
        let stored = self.one(work.tenant, name).await?;
        let event = work.event(&TOOLS_LOOKED_AT).detail("name", name.to_owned());
        self.ledger().record_now(ctx, &work.keys, &event).await?;
        let now = self.ask(&work.keyring, &stored).await?;
        let seen = now.into_iter().map(|definition| {
            let standing = stored.server.standing(&definition);
            Seen { definition, standing }
        });
        Ok(seen.collect())
    }

    /// Allows exactly these tools of a server, each as the administrator saw it. One that the server
    /// describes differently by now is not allowed.
    pub async fn allow(
        &self,
        ctx: &Ctx,
        name: &str,
        ticked: &[Ticked],
    ) -> Result<Server, McpError> {
        let work = self.begin(ctx).await?;
        let stored = self.one(work.tenant, name).await?;
        let now =
            if ticked.is_empty() { Vec::new() } else { self.ask(&work.keyring, &stored).await? };
        let mut server = stored.server;
        server.allowed = chosen(&server.name, &now, ticked)?;
        let names: Vec<&str> = server.allowed.iter().map(Definition::name).collect();
        let event = about(work.event(&TOOLS_ALLOWED), &server).detail("tools", names.join(" "));
        run_tx!(self.db(), "mcp.allow", |tx| {
            store::allow(tx, work.tenant, (server.id, &server.allowed));
            self.ledger().record(tx, ctx, &work.keys, &event)?;
            Ok::<_, McpError>(())
        })?;
        Ok(server)
    }

    /// The tools that people of this organisation may have called.
    pub async fn offered(&self, tenant: TenantId) -> Result<Vec<Offered>, McpError> {
        let all = store::all(self.db(), tenant).await?;
        let of = |server: Server| {
            let allowed = server.allowed.clone();
            let offer = move |definition| Offered { tenant, server: server.clone(), definition };
            allowed.into_iter().map(offer)
        };
        Ok(all.into_iter().flat_map(|stored| of(stored.server)).collect())
    }

    /// Has a tool run, if it may still be used and is described as it was when it was allowed. Whoever
    /// calls this has asked the person, and has recorded what leaves.
    pub async fn call(
        &self,
        ctx: &Ctx,
        tool: &Offered,
        arguments: &Phi<String>,
    ) -> Result<Said, McpError> {
        let stored = self.one(tool.tenant, &tool.server.name).await?;
        let keyring = self.keyring(tool.tenant).await?;
        if stored.server.standing(&tool.definition) != Standing::Allowed {
            return Err(Invalid::Changed.into());
        }
        let key = secret(&keyring, &stored)?;
        let at = place(&stored.server.url, stored.server.local).map_err(Invalid::Url)?;
        let breaker = self.breaker(stored.server.id);
        if !breaker.admits(ctx.now()) {
            return Err(Failure::Unreachable.into());
        }
        let said = self.converse((&at, key.as_ref()), (&tool.definition, arguments)).await;
        match &said {
            Err(McpError::Server(Failure::Unreachable | Failure::Slow)) => {
                breaker.failed(ctx.now());
            }
            Ok(_) | Err(_) => breaker.reached(),
        }
        said
    }

    async fn converse(
        &self,
        (at, key): (&Place, Option<&Secret<String>>),
        (pinned, arguments): (&Definition, &Phi<String>),
    ) -> Result<Said, McpError> {
        let mut talk = self.0.client.open(at, key).await?;
        let said = unchanged_and_called(&mut talk, pinned, arguments).await;
        talk.close().await;
        said
    }

    fn breaker(&self, id: ServerId) -> Arc<Breaker> {
        let mut all = self.0.breakers.lock().unwrap_or_else(PoisonError::into_inner);
        all.entry(id).or_insert_with(|| Arc::new(Breaker::resting(REST))).clone()
    }

    /// The tools that a server has now.
    async fn ask(&self, keyring: &Keyring, stored: &Stored) -> Result<Vec<Definition>, McpError> {
        let key = secret(keyring, stored)?;
        let at = place(&stored.server.url, stored.server.local).map_err(Invalid::Url)?;
        let mut talk = self.0.client.open(&at, key.as_ref()).await?;
        let tools = talk.tools().await;
        talk.close().await;
        Ok(tools?)
    }

    async fn one(&self, tenant: TenantId, name: &str) -> Result<Stored, McpError> {
        let all = store::all(self.db(), tenant).await?;
        all.into_iter().find(|stored| stored.server.name == name).ok_or(McpError::NotFound)
    }

    async fn keyring(&self, tenant: TenantId) -> Result<Keyring, McpError> {
        Ok(self.0.parts.vault.keyring(Subject::tenant_itself(tenant)).await?)
    }

    /// For administrators, and for operators at the machine.
    async fn begin(&self, ctx: &Ctx) -> Result<Work, McpError> {
        let tenant = match &ctx.actor {
            Actor::Operator => TenantId::DEFAULT,
            Actor::Person(person) if person.roles.contains(Role::Admin) => person.subject.tenant,
            Actor::Person(_) => return Err(McpError::NotAdmin),
            Actor::Anonymous | Actor::System(_) => return Err(McpError::NotLoggedIn),
        };
        let keyring = self.keyring(tenant).await?;
        let keys = self.ledger().keys(ctx, Subject::tenant_itself(tenant)).await?;
        Ok(Work { tenant, keyring, keys })
    }
}

async fn unchanged_and_called(
    talk: &mut Talk<'_>,
    pinned: &Definition,
    arguments: &Phi<String>,
) -> Result<Said, McpError> {
    if !talk.tools().await?.contains(pinned) {
        return Err(Invalid::Changed.into());
    }
    // EXPOSE: the person agreed that this server is told.
    let arguments = serde_json::from_str(arguments.expose()).map_err(|_| Failure::Malformed)?;
    Ok(talk.call(pinned.name(), arguments).await?)
}

/// The tools that were ticked, as the server describes them now.
fn chosen(server: &str, now: &[Definition], ticked: &[Ticked]) -> Result<Vec<Definition>, Invalid> {
    let find = |tick: &Ticked| -> Result<Definition, Invalid> {
        let is_it =
            |one: &&Definition| one.name() == tick.name && one.fingerprint() == tick.fingerprint;
        let found = now.iter().find(is_it).ok_or(Invalid::Changed)?;
        found.check(server)?;
        Ok(found.clone())
    };
    let mut chosen = ticked.iter().map(find).collect::<Result<Vec<_>, Invalid>>()?;
    chosen.sort_by(|one, other| one.name().cmp(other.name()));
    chosen.dedup_by(|one, other| one.name() == other.name());
    Ok(chosen)
}

fn secret(keyring: &Keyring, stored: &Stored) -> Result<Option<Secret<String>>, McpError> {
    let open = |sealed| {
        let bytes = keyring.open(&SERVER_SECRET, stored.server.id.as_uuid(), sealed)?;
        // EXPOSE: becomes a secret again, for the server it belongs to.
        let text = String::from_utf8(bytes.expose().clone()).map_err(|_| McpError::Damaged)?;
        Ok(Secret::new(text))
    };
    stored.secret.as_ref().map(open).transpose()
}

/// What the ledger tells of a server: never its key.
fn about(event: Event, server: &Server) -> Event {
    let place = if server.local { "local" } else { "elsewhere" };
    let event = event.resource(server.id).detail("name", server.name.clone());
    event.detail("url", server.url.clone()).detail("place", place.to_owned())
}
