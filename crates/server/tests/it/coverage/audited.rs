//! What the ledger records: every operation is called once as someone who may, and what stands in
//! the ledger afterwards is compared with what the operation says of itself.

use super::{
    as_surely_as_asked, operations,
    samples::{World, sample},
};
use audit::Filter;
use db::testing::TestDb;
use kernel::PageSize;
use server::registry;
use std::{collections::BTreeSet, fmt::Write};
use testkit::TestApp;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_ledger_records_what_each_operation_says() {
    let db = TestDb::sqlite(&registry::migrations()).await;
    let known: BTreeSet<&str> = registry::actions().iter().map(|action| action.name()).collect();
    let app = TestApp::on(&db).await;
    let mut table = String::new();
    for operation in operations() {
        let name = format!("{} {}", operation.method, operation.path);
        let Some(sample) = sample(&operation.method, &operation.path) else {
            panic!("{name} has no sample in samples.rs")
        };
        let access = operation.access.as_deref().unwrap_or_default();
        let login = match access.strip_prefix("role:").and_then(|roles| roles.split('|').next()) {
            Some(role) => app.register_as(role.parse().unwrap()).await,
            None => app.register().await,
        };
        let mut world = World::of(&app, login, &operation.path).await.before(&app, &sample).await;
        as_surely_as_asked(&app, &mut world.login, &operation).await;
        let before = recorded(&app).await;
        let request = sample.request(&app, &world).by(&world.login);
        let answer = match access {
            "operator" => request.from([127, 0, 0, 1]).send().await,
            _ => request.send().await,
        };
        assert!(answer.status.is_success(), "{name}: {} {}", answer.status, answer.text());
        let after = recorded(&app).await;
        let new: Vec<String> = after[..after.len() - before.len()].iter().rev().cloned().collect();
        let says = operation.audit.unwrap_or_default();
        if says.starts_with("none: ") {
            assert!(new.is_empty(), "{name} says nothing and records {new:?}");
        } else {
            assert!(known.contains(says.as_str()), "{name}: {says} is no known action");
            assert!(new.contains(&says), "{name} says {says} and records {new:?}");
        }
        writeln!(table, "{name:48} {}", if new.is_empty() { says } else { new.join(" ") }).unwrap();
    }
    app.app.db.close();
    db.discard().await;
    insta::assert_snapshot!("audit_matrix", table);
}

/// The actions in the ledger, newest first.
async fn recorded(app: &TestApp) -> Vec<String> {
    app.app.ledger.sequence_all().await.unwrap();
    let mut actions = Vec::new();
    let mut after = None;
    loop {
        let page = app.app.ledger.entries(&Filter::default(), after, PageSize::MAX).await.unwrap();
        actions.extend(page.items.iter().map(|record| record.entry.action.to_string()));
        after = page.next;
        if after.is_none() {
            return actions;
        }
    }
}
