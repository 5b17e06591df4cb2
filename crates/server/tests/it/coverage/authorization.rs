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
use std::{fmt::Write, sync::Arc, time::Duration};
use testkit::{ManualClock, TestApp};
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
    let db = TestDb::sqlite(&registry::migrations()).await;
    let kms = TestApp::on(&db).await.kms;
    let mut table = String::new();
    for operation in operations() {
        let name = format!("{} {}", operation.method, operation.path);
        let Some(sample) = sample(&operation.method, &operation.path) else {
            panic!("{name} has no sample in samples.rs")
        };
        let mut line = format!("{name:48}");
        for (who, role) in EVERYONE {
            if role == As::Other && !operation.path.contains('{') {
                continue;
            }
            let status = call(&db, &kms, &sample, role).await;
            check(&operation, role, status);
            write!(line, " {who}={status}").unwrap();
        }
        writeln!(table, "{line}").unwrap();
    }
    db.discard().await;
    insta::assert_snapshot!("authorization_matrix", table);
}

/// Each call has a program, and so a clock, of its own.
async fn call(db: &TestDb, kms: &Arc<MemoryKms>, sample: &Sample, role: As) -> u16 {
    let app = TestApp::with(db, ManualClock::at(db.env().now()), kms.clone()).await;
    let login = match role {
        As::Owner(role) if role != Role::User => app.register_as(role).await,
        _ => app.register().await,
    };
    let world = World::of(&app, login, sample.path()).await.before(&app, sample).await;
    let request = sample.request(&app, &world);
    let request = match role {
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
