//! The whole program over a throw-away database, with people who write in their journals.

use crate::{
    Failure,
    http::Connection,
    load::{Client, Load, cpu, drive},
};
use async_trait::async_trait;
use db::Db;
use httpkit::serve::{ServeConfig, serve};
use journal::{Draft, EntryId, Filter, Journal};
use kernel::{
    Acr, Actor, Ctx, Cursor, Env, Origin, PageSize, Person, Phi, RequestId, Role, RoleSet,
    SessionId, Subject, TenantId,
};
use serde_json::json;
use server::{
    app::{App, assemble},
    config::{Config, Rates},
    router,
};
use std::{
    net::{Ipv4Addr, SocketAddr},
    sync::Arc,
    time::Duration,
};
use tokio::{net::TcpListener, sync::oneshot, task::JoinHandle};
use vault::MemoryKms;

/// The program, listening on a port of this machine. Its ledger takes events into the line, and
/// nothing takes them out of it: no sequencer and no jobs disturb a measurement.
pub struct World {
    /// Its parts.
    pub app: Arc<App>,
    /// Where it listens.
    pub address: SocketAddr,
    stop: oneshot::Sender<()>,
    served: JoinHandle<usize>,
}

/// Somebody who is logged in.
#[derive(Clone)]
pub struct Writer {
    /// The person.
    pub subject: Subject,
    /// The access token.
    pub token: String,
    person: Person,
}

/// Something that people do with their journals.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Deed {
    /// Write an entry.
    Create,
    /// Read one.
    Read,
    /// Read the newest twenty.
    List,
}

impl Deed {
    /// All of them; what writes comes last, so that the others read the same.
    pub const ALL: [Self; 3] = [Self::Read, Self::List, Self::Create];

    /// Its name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Read => "read",
            Self::List => "list",
        }
    }
}

/// An entry as people write them: some hundred bytes, a mood, tags.
#[must_use]
pub fn draft() -> Draft {
    Draft {
        title: Phi::new("Evening by the sea".to_owned()),
        text: Phi::new(TEXT.repeat(6)),
        mood: Some(Phi::new("calm".to_owned())),
        tags: vec!["sea".to_owned(), "evening walk".to_owned()],
        ..Draft::default()
    }
}

/// The same as the body of a request.
#[must_use]
pub fn draft_json() -> serde_json::Value {
    json!({
        "title": "Evening by the sea", "content": TEXT.repeat(6),
        "mood": "calm", "tags": ["sea", "evening walk"],
    })
}

const TEXT: &str = "Walked along the shore until dark, slept well, talked with my sister. ";

impl World {
    /// Puts the program together and lets it listen.
    pub async fn start(db: Db) -> Result<Self, Failure> {
        let mut config = Config::default();
        config.http.rates = Rates::Generous;
        // Only registering and logging in hash passwords, and neither is measured.
        config.accounts.password.memory_kib = 19_456;
        config.accounts.password.passes = 2;
        let env = Env::system();
        let kms = Arc::new(MemoryKms::new(env.clone()));
        let app = assemble(config, env, db, kms).await?;
        let routes = router::build(&app)?;
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = listener.local_addr()?;
        let (stop, stopped) = oneshot::channel::<()>();
        let stopped = async {
            let _ = stopped.await;
        };
        let serving = async { serve(listener, routes, stopped, ServeConfig::default()).await };
        let served = tokio::runtime::Handle::current().spawn(serving);
        Ok(Self { app, address, stop, served })
    }

    /// People who have registered and are logged in.
    pub async fn people(&self, count: usize) -> Result<Vec<Writer>, Failure> {
        let mut connection = Connection::open(self.address).await?;
        let mut people = Vec::with_capacity(count);
        for number in 0..count {
            people.push(self.register(&mut connection, number).await?);
        }
        Ok(people)
    }

    async fn register(&self, at: &mut Connection, number: usize) -> Result<Writer, Failure> {
        let answer = at.json(("POST", "/api/auth/register"), None, Some(&newcomer(number))).await?;
        let text = |place: &str| answer.pointer(place).and_then(serde_json::Value::as_str);
        let user = text("/user/id").ok_or("no id")?.parse()?;
        let token = text("/access_token").ok_or("no token")?.to_owned();
        let subject = Subject::new(TenantId::DEFAULT, user);
        let person = Person {
            subject,
            session: self.app.env.new_id::<SessionId>(),
            roles: RoleSet::of(&[Role::User]),
            acr: Acr::Single,
            auth_time: self.app.env.now(),
        };
        Ok(Writer { subject, token, person })
    }

    /// A request by this person.
    #[must_use]
    pub fn ctx(&self, writer: &Writer) -> Ctx {
        ctx(&self.app.env, &writer.person)
    }

    /// Writes so many entries of this person; answers some of their ids.
    pub async fn seed(&self, writer: &Writer, count: usize) -> Result<Vec<EntryId>, Failure> {
        let mut ids = Vec::new();
        for _ in 0..count {
            ids.push(self.app.journal.create_entry(&self.ctx(writer), draft()).await?.entry.id);
        }
        Ok(ids)
    }

    /// Somebody who calls the use case without HTTP.
    #[must_use]
    pub fn caller(&self, writer: &Writer, deed: Deed, ids: &Arc<[EntryId]>) -> Caller {
        let (env, journal) = (self.app.env.clone(), self.app.journal.clone());
        let (person, ids) = (writer.person.clone(), ids.clone());
        Caller { env, journal, person, deed, ids, after: None, calls: 0 }
    }

    /// Stops listening.
    pub async fn stop(self) -> Result<(), Failure> {
        let _ = self.stop.send(());
        self.served.await?;
        Ok(())
    }
}

/// Somebody who registers.
#[must_use]
pub fn newcomer(number: usize) -> serde_json::Value {
    json!({
        "username": format!("writer-{number}"), "password": "a long walk by the sea",
        "consents": { "terms": true, "health_data": true },
    })
}

fn ctx(env: &Env, person: &Person) -> Ctx {
    let actor = Actor::Person(person.clone());
    Ctx::request(env.clone(), RequestId::random(env), actor, Origin::default())
}

/// Calls a use case without HTTP.
pub struct Caller {
    env: Env,
    journal: Journal,
    person: Person,
    deed: Deed,
    ids: Arc<[EntryId]>,
    /// Where the page begins that is listed.
    pub after: Option<Cursor>,
    calls: usize,
}

#[async_trait]
impl Client for Caller {
    async fn call(&mut self) -> Result<(), Failure> {
        let ctx = ctx(&self.env, &self.person);
        self.calls += 1;
        match self.deed {
            Deed::Create => drop(self.journal.create_entry(&ctx, draft()).await?),
            Deed::Read => {
                let id = self.ids.get(self.calls % self.ids.len()).ok_or("no entry")?;
                drop(self.journal.read_entry(&ctx, *id).await?);
            }
            Deed::List => {
                let (filter, size) = (Filter::default(), PageSize::default());
                let page = self.journal.list_entries(&ctx, &filter, self.after, size).await?;
                if page.items.len() != size.get() {
                    return Err("a page is not full".into());
                }
            }
        }
        Ok(())
    }
}

/// Runs clients on a thread of their own. Answers also the processor time that everything else in
/// this process took: the server and the threads of its database.
pub async fn drive_apart<F>(make: F, time: Duration) -> Result<(Load, Duration), Failure>
where
    F: AsyncFnOnce() -> Result<Vec<Box<dyn Client>>, Failure> + Send + 'static,
{
    let (tell, told) = oneshot::channel();
    let thread = std::thread::Builder::new().name("clients".into()).spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let measured = runtime.map_err(Failure::from).and_then(|runtime| {
            let clients = runtime.block_on(make())?;
            let (process, thread) = cpu()?;
            let load = runtime.block_on(drive(clients, time))?;
            let (process_after, thread_after) = cpu()?;
            let apart = process_after
                .saturating_sub(process)
                .saturating_sub(thread_after.saturating_sub(thread));
            Ok((load, apart))
        });
        // Whoever asked has gone away, then.
        let _ = tell.send(measured);
    })?;
    let measured = told.await.map_err(|_| "the clients panicked")?;
    thread.join().map_err(|_| "the clients panicked")?;
    measured
}
