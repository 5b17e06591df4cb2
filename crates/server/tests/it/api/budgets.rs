//! Money: of a person's month and of the whole installation, with a warning and an end.

use db::{db_test, testing::TestDb};
use kernel::Role;
use llm::{MicroUsd, Model, Prices};
use serde_json::{Value, json};
use server::registry;
use std::{sync::Arc, time::Duration};
use testkit::{Answer, Login, ManualClock, TestApp};
use vault::MemoryKms;

/// Each token that is read costs a thousandth of a dollar.
const PRICES: Prices = Prices { input: MicroUsd(1_000_000_000), ..Prices::NOTHING };

type World = (ManualClock, Arc<MemoryKms>);

/// The first day of a month.
fn world() -> World {
    let clock = ManualClock::at("2026-12-01T10:00:00Z".parse().unwrap());
    let kms = Arc::new(MemoryKms::new(clock.env()));
    (clock, kms)
}

/// A program whose scripted models cost something.
async fn with(
    db: &TestDb,
    world: World,
    change: impl FnOnce(&mut server::config::Config),
) -> TestApp {
    let app = TestApp::configured(db, world, |config| {
        config.companion.answer_tokens = 10;
        change(config);
    })
    .await;
    let gateway = app.app.providers.gateway();
    let registry = gateway.registry();
    let scripted = registry.provider(&"scripted".parse().unwrap()).unwrap().clone();
    let models = registry.models().filter(|model| model.id.provider() == scripted.id());
    let models = models.map(|model| Model { prices: Some(PRICES), ..model.clone() }).collect();
    gateway.replace((*registry).clone().with(scripted, models));
    app
}

async fn say(app: &TestApp, login: &Login, text: &str) -> Answer {
    app.post("/api/ai/chat", &json!({ "content": text })).by(login).send().await
}

async fn usage(app: &TestApp, login: &Login) -> Value {
    app.get("/api/usage").by(login).send().await.expect(200).json()
}

/// What one such message costs; and one was sent.
async fn cost(db: &TestDb, world: World) -> u64 {
    let app = with(db, world, |_| {}).await;
    let ana = app.register().await;
    say(&app, &ana, "good day").await.expect(200);
    let cost = usage(&app, &ana).await["days"][0]["micro_usd"].as_u64().unwrap();
    assert!(cost > 0);
    app.app.db.close();
    cost
}

db_test!(a_month_of_a_person_ends_and_the_next_one_begins, registry::migrations(), |db| {
    let world = world();
    let cost = cost(db, world.clone()).await;
    let app = with(db, world, |config| {
        config.companion.allowance.user.micro_usd_per_day = 100 * cost;
        config.companion.allowance.user.micro_usd_per_month = Some(3 * cost);
    })
    .await;
    let (ana, ben) = (app.register().await, app.register().await);
    say(&app, &ana, "good day").await.expect(200);
    app.clock.advance(Duration::from_hours(24));
    let ana = app.log_in(&ana.username).await;
    say(&app, &ana, "good day").await.expect(200);
    let used = usage(&app, &ana).await;
    assert_eq!(used["limits"]["micro_usd_per_month"], 3 * cost);
    assert_eq!(used["remaining"]["micro_usd_this_month"], cost);
    say(&app, &ana, "good day").await.expect(200);
    let refused = say(&app, &ana, "good day").await.expect(429);
    assert_eq!(refused.code(), "QUOTA_EXCEEDED");
    let wait: u64 = refused.header("retry-after").unwrap().parse().unwrap();
    assert!(wait > 28 * 86_400, "until the month is over: {wait}");
    assert_eq!(usage(&app, &ana).await["nearly_used_up"], true);
    say(&app, &ben, "good day").await.expect(401);
    let ben = app.log_in(&ben.username).await;
    say(&app, &ben, "good day").await.expect(200);
    app.clock.advance(Duration::from_hours(24 * 31));
    let ana = app.log_in(&ana.username).await;
    say(&app, &ana, "good day").await.expect(200);
    app.app.db.close();
});

db_test!(the_money_of_an_installation_is_one_and_help_costs_none, registry::migrations(), |db| {
    let world = world();
    let cost = cost(db, world.clone()).await;
    let app = with(db, world, |config| {
        // One was spent before anybody counted.
        config.companion.budget.micro_usd_per_month = Some(5 * cost);
        config.companion.budget.micro_usd_per_day = Some(100 * cost);
        config.companion.budget.warn_at_percent = 60;
        config.companion.allowance.user.micro_usd_per_day = 100 * cost;
    })
    .await;
    let keeper = app.register_as(Role::Admin).await;
    let (ana, ben) = (app.register().await, app.register().await);
    let budget = async || {
        let usage = app.get("/api/admin/usage").by(&keeper).send().await.expect(200).json();
        usage["budget"]["month"].clone()
    };
    let warned = async || {
        app.clock.advance(Duration::from_secs(61));
        app.work().await;
        let (all, most) = (audit::Filter::default(), kernel::PageSize::MAX);
        let found = app.app.ledger.entries(&all, None, most).await.unwrap().items;
        let low =
            |record: &&audit::Record| record.entry.action.to_string() == "companion.budget.low";
        found.iter().filter(low).count()
    };
    say(&app, &ana, "good day").await.expect(200);
    assert_eq!(budget().await["spent_micro_usd"], 2 * cost);
    assert_eq!((budget().await["nearly_used_up"].clone(), warned().await), (json!(false), 0));
    for person in [&ben, &ana, &ben] {
        say(&app, person, "good day").await.expect(200);
    }
    let month = budget().await;
    assert_eq!(
        (&month["spent_micro_usd"], &month["limit_micro_usd"]),
        (&json!(5 * cost), &json!(5 * cost))
    );
    assert_eq!(
        (month["nearly_used_up"].clone(), warned().await, warned().await),
        (json!(true), 1, 1)
    );
    let refused = say(&app, &ben, "good day").await.expect(429);
    assert_eq!(refused.code(), "BUDGET_USED_UP");
    assert_eq!(budget().await["spent_micro_usd"], 5 * cost, "a refusal takes nothing");
    let danger = "I want to kill myself tonight. I have the pills here.";
    let help = say(&app, &ben, danger).await.expect(200).json();
    assert!(help["message"]["content"].as_str().unwrap().len() > 40);
    let free = json!({ "content": "good day", "model": "salus/companion" });
    app.post("/api/ai/chat", &free).by(&ben).send().await.expect(200);
    app.app.db.close();
});

db_test!(many_at_once_do_not_spend_more_than_there_is, registry::migrations(), |db| {
    let world = world();
    let cost = cost(db, world.clone()).await;
    let app = with(db, world, |config| {
        config.companion.budget.micro_usd_per_day = Some(4 * cost);
        config.companion.answers_at_once = 100;
    })
    .await;
    let mut people = Vec::new();
    for _ in 0..6 {
        people.push(app.register().await);
    }
    let asking = people.iter().map(|person| say(&app, person, "good day"));
    let answers = futures_util::future::join_all(asking).await;
    let taken = answers.iter().filter(|answer| answer.status == 200).count();
    // One was spent before.
    assert_eq!(taken, 3);
    assert!(answers.iter().all(|answer| answer.status == 200 || answer.code() == "BUDGET_USED_UP"));
    app.app.db.close();
});
