//! Who may call what: every operation is called as everyone, and the statuses are compared with
//! the table that was last looked at, and with what the operation says of itself.

use super::{
    operations,
    samples::{Sample, World, sample},
};
use db::testing::TestDb;
use httpkit::openapi::Facts;
use kernel::Role;
use server::registry;
use std::{
    fmt::Write,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};
use testkit::{Login, ManualClock, TestApp};
use tokio::task::JoinSet;
use vault::MemoryKms;

/// The one who calls.
#[derive(Clone, Copy, PartialEq, Eq)]
enum As {
    Nobody,
    Expired,
    Owner(Role),
    Other,
}

const EVERYONE: [(&str, As); 9] = [
    ("nobody", As::Nobody),
    ("expired", As::Expired),
    ("user", As::Owner(Role::User)),
    ("premium", As::Owner(Role::Premium)),
    ("provider", As::Owner(Role::Provider)),
    ("responder", As::Owner(Role::CrisisResponder)),
    ("auditor", As::Owner(Role::Auditor)),
    ("admin", As::Owner(Role::Admin)),
    ("other", As::Other),
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn everyone_may_call_what_the_table_says_and_nothing_else() {
    let stage = Arc::new(Stage::set().await);
    let operations = Arc::new(operations());
    let next = Arc::new(AtomicUsize::new(0));
    let mut walks = JoinSet::new();
    for _ in 0..WALKS {
        let (stage, operations, next) = (stage.clone(), operations.clone(), next.clone());
        walks.spawn(async move {
            let mut lines = Vec::new();
            while let Some(operation) = operations.get(next.fetch_add(1, Ordering::SeqCst)) {
                lines.push((operation.clone(), stage.line(operation).await));
            }
            lines
        });
    }
    let mut lines = walks.join_all().await.concat();
    lines.sort();
    assert_eq!(lines.len(), operations.len());
    let table: String = lines.into_iter().map(|(_, line)| line + "\n").collect();
    let stage = Arc::into_inner(stage).unwrap();
    stage.app.app.db.close();
    stage.long_ago.app.db.close();
    stage.db.discard().await;
    insta::assert_snapshot!("authorization_matrix", table);
}

/// Half of the time is that of hashing passwords, on threads of its own.
const WALKS: usize = 4;

/// What belongs to one person is limited, and each call makes some.
const USES: usize = 6;

/// Someone about whom nothing was changed but that they have more things.
struct Known {
    role: Role,
    uses: usize,
    login: Login,
}

/// One program for all calls, and people who are used again as long as nothing was changed.
struct Stage {
    db: TestDb,
    app: TestApp,
    /// The same program, so long ago that what it gave out is no longer good.
    long_ago: TestApp,
    expired: Login,
    other: Login,
    people: Mutex<Vec<Known>>,
}

impl Stage {
    async fn set() -> Self {
        let db = TestDb::sqlite(&registry::migrations()).await;
        let past = ManualClock::at(db.env().now());
        let long_ago = TestApp::with(&db, past.clone(), Arc::new(MemoryKms::new(past.env()))).await;
        let expired = long_ago.register().await;
        let now = ManualClock::at(past.env().now().plus(Duration::from_mins(16)));
        let app = TestApp::with(&db, now, long_ago.kms.clone()).await;
        let other = app.register().await;
        // The last administrator could not close their account.
        app.register_as(Role::Admin).await;
        Self { db, app, long_ago, expired, other, people: Mutex::default() }
    }

    /// The operation and how everyone is answered.
    async fn line(&self, operation: &Facts) -> String {
        let name = format!("{} {}", operation.method, operation.path);
        let Some(sample) = sample(&operation.method, &operation.path) else {
            panic!("{name} has no sample in samples.rs")
        };
        let mut line = format!("{name:48}");
        for (who, role) in EVERYONE {
            if role == As::Other && !operation.path.contains('{') {
                continue;
            }
            let status = if sample.is_apart() {
                self.call_apart(&sample, role).await
            } else {
                self.call(&sample, role).await
            };
            check(operation, role, status);
            write!(line, " {who}={status}").unwrap();
        }
        line
    }

    /// Each call is about things made for it alone.
    async fn call(&self, sample: &Sample, who: As) -> u16 {
        let role = if let As::Owner(role) = who { role } else { Role::User };
        let Known { uses, login, .. } = self.someone(role).await;
        let world = World::of(&self.app, login, sample.path()).await;
        let request = sample.request(&self.app, &world);
        let request = match who {
            As::Nobody => request,
            As::Other => request.by(&self.other),
            As::Owner(_) => request.by(&world.login),
            As::Expired => request.by(&self.expired),
        };
        let status = request.send().await.status;
        if uses < USES && (sample.only_reads() || !status.is_success()) {
            self.people.lock().unwrap().push(Known { role, uses: uses + 1, login: world.login });
        }
        status.as_u16()
    }

    /// In a program of its own, whose clock may be moved.
    async fn call_apart(&self, sample: &Sample, who: As) -> u16 {
        let clock = ManualClock::at(self.app.clock.env().now());
        let app = TestApp::with(&self.db, clock, self.app.kms.clone()).await;
        let login = match who {
            As::Owner(role) if role != Role::User => app.register_as(role).await,
            _ => app.register().await,
        };
        let world = World::of(&app, login, sample.path()).await.before(&app, sample).await;
        let request = sample.request(&app, &world);
        let request = match who {
            As::Nobody => request,
            As::Other => request.by(&app.register().await),
            As::Owner(_) => request.by(&world.login),
            As::Expired => {
                app.clock.advance(Duration::from_mins(16));
                request.by(&world.login)
            }
        };
        let status = request.send().await.status.as_u16();
        app.app.db.close();
        status
    }

    async fn someone(&self, role: Role) -> Known {
        let known = {
            let mut people = self.people.lock().unwrap();
            let place = people.iter().position(|known| known.role == role);
            place.map(|place| people.swap_remove(place))
        };
        if let Some(known) = known {
            return known;
        }
        let login = match role {
            Role::User => self.app.register().await,
            _ => self.app.register_as(role).await,
        };
        Known { role, uses: 1, login }
    }
}

/// The rules behind the table.
fn check(operation: &Facts, role: As, status: u16) {
    let name = format!("{} {}", operation.method, operation.path);
    let access = operation.access.as_deref().unwrap_or_default();
    match (access, role) {
        ("own", As::Nobody | As::Expired) => {
            assert_eq!(status, 401, "{name}; 404 if `build` of router.rs does not serve it");
        }
        ("own", As::Other) => assert_eq!(status, 404, "{name}: someone else's"),
        ("own" | "anonymous", As::Owner(_)) => {
            assert!((200..300).contains(&status), "{name}: {status}");
        }
        ("operator", _) => assert_eq!(status, 404, "{name}"),
        ("anonymous", _) => assert!(status != 401 && status != 403, "{name}: {status}"),
        (roles, As::Owner(role)) if roles.starts_with("role:") => {
            let admitted = roles.trim_start_matches("role:").split('|').any(|r| r == role.name());
            assert_eq!(status == 403, !admitted, "{name} as {role}: {status}");
        }
        (roles, As::Nobody | As::Expired) if roles.starts_with("role:") => {
            assert_eq!(status, 401, "{name}");
        }
        (roles, As::Other) if roles.starts_with("role:") => assert_eq!(status, 403, "{name}"),
        (other, _) => panic!("{name}: unknown access {other}"),
    }
}
