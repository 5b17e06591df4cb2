//! How answers end, in whatever order things happen to them: what was used is charged, what was held
//! comes back once, and nothing is left behind.

use db::{db_test, params, testing::TestDb};
use kernel::{Role, Timestamp};
use llm::{MicroUsd, Model, Prices};
use modelmock::{Mock, Script, Step};
use serde_json::{Value, json};
use server::{config::Config, registry};
use std::{sync::Arc, time::Duration};
use testkit::{Login, ManualClock, PASSWORD, TestApp};
use tokio::{task::yield_now, time::timeout};
use vault::MemoryKms;

const STREAM: &str = "/api/chat/stream";
/// Each token that is read costs a thousandth of a dollar, each that is written twice as much.
const PRICES: Prices =
    Prices { input: MicroUsd(1_000_000_000), output: MicroUsd(2_000_000_000), ..Prices::NOTHING };
const PIECE: &str = "data: {\"choices\":[{\"delta\":{\"content\":\"Well\"}}]}\n\n";

type World = (ManualClock, Arc<MemoryKms>);

db::statements! { "server.tests.endings";
    RUNNING = "SELECT CAST(COUNT(*) AS BIGINT) AS n, COALESCE(MAX(lease_until), $1) AS until
        FROM companion_messages WHERE state = 0";
    HELD = "SELECT CAST(COUNT(*) AS BIGINT) AS n, COALESCE(MAX(lease_until), $1) AS until
        FROM companion_calls WHERE state = 0";
}

db::row! {
    struct Open {
        n: i64,
        until: Timestamp,
    }
}

/// In the middle of a day and of a month.
fn world() -> World {
    let clock = ManualClock::at("2026-12-10T10:00:00Z".parse().unwrap());
    let kms = Arc::new(MemoryKms::new(clock.env()));
    (clock, kms)
}

/// A program whose money is counted.
async fn with(db: &TestDb, world: World, change: impl FnOnce(&mut Config)) -> TestApp {
    TestApp::configured(db, world, |config| {
        config.companion.answer_tokens = 50;
        config.companion.allowance.user.micro_usd_per_day = 1_000_000_000;
        config.companion.budget.micro_usd_per_month = Some(1_000_000_000);
        config.companion.titles.by_model = false;
        change(config);
    })
    .await
}

/// Gives the scripted models these prices.
fn priced(app: &TestApp, prices: impl Fn(&str) -> Prices) {
    let gateway = app.app.providers.gateway();
    let registry = gateway.registry();
    let scripted = registry.provider(&"scripted".parse().unwrap()).unwrap().clone();
    let models = registry.models().filter(|model| model.id.provider() == scripted.id());
    let models = models.map(|model| {
        let prices = Some(prices(model.id.name()));
        Model { prices, ..model.clone() }
    });
    let models = models.collect();
    gateway.replace((*registry).clone().with(scripted, models));
}

async fn open(app: &TestApp) -> Open {
    app.app.db.one(&RUNNING, params![Timestamp::from_micros(0)]).await.unwrap()
}

async fn held(app: &TestApp) -> Open {
    app.app.db.one(&HELD, params![Timestamp::from_micros(0)]).await.unwrap()
}

async fn until<T>(mut look: impl AsyncFnMut() -> Option<T>) -> T {
    let found = async {
        loop {
            match look().await {
                Some(found) => return found,
                None => yield_now().await,
            }
        }
    };
    timeout(Duration::from_secs(20), found).await.expect("it comes to that")
}

/// The conversation and the answer that is being written in it.
async fn running(app: &TestApp, login: &Login) -> (String, String) {
    until(async || {
        let listed = app.get("/api/conversations").by(login).send().await.expect(200).json();
        let conversation = &listed["conversations"][0];
        let id = |name: &str| conversation[name].as_str().map(str::to_owned);
        Some((id("id")?, id("leaf_id")?))
    })
    .await
}

async fn usage(app: &TestApp, login: &Login) -> Value {
    app.get("/api/usage").by(login).send().await.expect(200).json()
}

/// That one answer was charged, once, with as much as it used, and nothing is held any more.
async fn charged_once(app: &TestApp, keeper: &Login, login: &Login, order: &str) {
    let used = usage(app, login).await;
    let days = used["days"].as_array().unwrap();
    assert_eq!(days.len(), 1, "{order}: {used}");
    let number = |value: &Value| value.as_u64().unwrap();
    assert_eq!(days[0]["answers"], 1, "{order}");
    let counted = number(&days[0]["input_tokens"]) + number(&days[0]["output_tokens"]);
    let (limits, left) = (&used["limits"], &used["remaining"]);
    let taken = number(&limits["tokens_per_day"]) - number(&left["tokens"]);
    assert_eq!(taken, counted, "{order}: tokens");
    let cost = number(&days[0]["micro_usd"]);
    assert!(cost > 0, "{order}");
    let paid = number(&limits["micro_usd_per_day"]) - number(&left["micro_usd"]);
    assert_eq!(paid, cost, "{order}: money of the person");
    assert_eq!(number(&limits["messages_per_day"]) - number(&left["messages"]), 1, "{order}");
    assert_eq!(spent(app, keeper).await, cost, "{order}: money of the installation");
    assert_eq!((open(app).await.n, held(app).await.n), (0, 0), "{order}");
}

async fn spent(app: &TestApp, keeper: &Login) -> u64 {
    let usage = app.get("/api/admin/usage").by(keeper).send().await.expect(200).json();
    usage["budget"]["month"]["spent_micro_usd"].as_u64().unwrap()
}

/// What may happen to an answer that is being written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Happening {
    /// Its conversation is deleted in another process.
    Delete,
    /// It is deleted alone, in another process.
    DeleteMessage,
    /// Its lease runs out and the job looks for such.
    Sweep,
    /// Whoever writes it comes to an end.
    Writer,
}

async fn happens(
    step: Happening,
    (here, elsewhere): (&TestApp, &TestApp),
    login: &Login,
    (conversation, answer): &(String, String),
) {
    match step {
        Happening::Delete => {
            let path = format!("/api/conversations/{conversation}");
            elsewhere.request("DELETE", &path).by(login).send().await.expect(204);
        }
        Happening::DeleteMessage => {
            let path = format!("/api/messages/{answer}");
            elsewhere.request("DELETE", &path).by(login).send().await.expect(204);
        }
        Happening::Sweep => {
            here.clock.advance(Duration::from_secs(61));
            elsewhere.work().await;
        }
        Happening::Writer => {
            let cancel = json!({ "stream_id": answer });
            here.post("/api/chat/cancel", &cancel).by(login).send().await;
            until(async || here.app.tasks.is_empty().then_some(())).await;
        }
    }
}

db_test!(
    whatever_happens_to_an_answer_in_whatever_order_it_is_charged_once,
    registry::migrations(),
    |db| {
        use Happening::{Delete, DeleteMessage, Sweep, Writer};
        let world = world();
        for order in [
            vec![Delete, Writer, Sweep],
            vec![Delete, Sweep, Writer],
            vec![Writer, Delete, Sweep],
            vec![Writer, Sweep, Delete],
            vec![Sweep, Delete, Writer],
            vec![Sweep, Writer, Delete],
            vec![DeleteMessage, Writer, Sweep],
            vec![DeleteMessage, Sweep, Writer],
            vec![DeleteMessage, Delete, Writer],
            // Whoever wrote it never comes back.
            vec![Delete, Sweep, Sweep],
        ] {
            let name = format!("{order:?}");
            db.tamper("DELETE FROM companion_spending").await.unwrap();
            db.tamper("DELETE FROM companion_usage").await.unwrap();
            let here = with(db, world.clone(), |_| {}).await;
            let elsewhere = with(db, world.clone(), |_| {}).await;
            priced(&here, |_| PRICES);
            let (keeper, ana) = (here.register_as(Role::Admin).await, here.register().await);
            let ask = json!({ "content": "good day", "model": "scripted/hang" });
            let asked = here.post(STREAM, &ask).by(&ana).send();
            let steps = async {
                let ids = running(&here, &ana).await;
                for step in &order {
                    happens(*step, (&here, &elsewhere), &ana, &ids).await;
                }
                if !order.contains(&Writer) {
                    charged_once(&here, &keeper, &ana, &name).await;
                    here.app.companion.close();
                }
            };
            let (answer, ()) = tokio::join!(asked, steps);
            answer.expect(200);
            here.app.tasks.close();
            here.app.tasks.wait().await;
            happens(Sweep, (&here, &elsewhere), &ana, &Default::default()).await;
            charged_once(&here, &keeper, &ana, &name).await;
            here.app.db.close();
            elsewhere.app.db.close();
        }
    }
);

db_test!(a_deletion_and_an_end_at_the_same_moment_give_back_once, registry::migrations(), |db| {
    let world = world();
    for round in 0..6 {
        db.tamper("DELETE FROM companion_spending").await.unwrap();
        db.tamper("DELETE FROM companion_usage").await.unwrap();
        let here = with(db, world.clone(), |_| {}).await;
        let both = (here.clock.clone(), here.kms.clone());
        let elsewhere = with(db, both, |_| {}).await;
        priced(&here, |_| PRICES);
        let (keeper, ana) = (here.register_as(Role::Admin).await, here.register().await);
        let ask = json!({ "content": "good day", "model": "scripted/hang" });
        let asked = here.post(STREAM, &ask).by(&ana).send();
        let steps = async {
            let ids = running(&here, &ana).await;
            let cancel = json!({ "stream_id": ids.1 });
            let stop = here.post("/api/chat/cancel", &cancel).by(&ana).send();
            let path = format!("/api/conversations/{}", ids.0);
            let delete = async {
                for _ in 0..4 * round {
                    yield_now().await;
                }
                elsewhere.request("DELETE", &path).by(&ana).send().await
            };
            tokio::join!(stop, delete);
        };
        let (answer, ()) = tokio::join!(asked, steps);
        answer.expect(200);
        here.app.tasks.close();
        here.app.tasks.wait().await;
        charged_once(&here, &keeper, &ana, &format!("round {round}")).await;
        here.app.db.close();
        elsewhere.app.db.close();
    }
});

db_test!(
    an_account_that_is_erased_while_an_answer_runs_gives_back_nothing_it_may_have_used,
    registry::migrations(),
    |db| {
        let app = with(db, world(), |_| {}).await;
        priced(&app, |_| PRICES);
        let (keeper, ana) = (app.register_as(Role::Admin).await, app.register().await);
        let ask = json!({ "content": "good day", "model": "scripted/echo" });
        app.post("/api/ai/chat", &ask).by(&ana).send().await.expect(200);
        // As if it were being written still, by somebody who will not come back.
        db.tamper("UPDATE companion_messages SET state = 0, reserved_cost = 7 WHERE role = 1")
            .await
            .unwrap();
        db.tamper("UPDATE companion_spending SET cost = cost + 7").await.unwrap();
        let held = spent(&app, &keeper).await;
        let proof = json!({ "password": PASSWORD });
        let closed = app.request("DELETE", "/api/auth/account").json(&proof).by(&ana);
        closed.send().await.expect(202);
        db.tamper("UPDATE accounts SET erase_at = 0 WHERE erase_at IS NOT NULL").await.unwrap();
        for _ in 0..2 {
            app.clock.advance(Duration::from_hours(1) + Duration::from_secs(1));
            app.work().await;
        }
        assert_eq!((open(&app).await.n, self::held(&app).await.n), (0, 0), "its rows are gone");
        let keeper = app.log_in(&keeper.username).await;
        assert_eq!(spent(&app, &keeper).await, held);
        app.app.db.close();
    }
);

db_test!(
    an_answer_keeps_its_lease_while_a_model_takes_long_to_begin,
    registry::migrations(),
    |db| {
        let app = with(db, world(), |_| {}).await;
        let ana = app.register().await;
        let ask = json!({ "content": "good day", "model": "scripted/silent" });
        let asked = app.post(STREAM, &ask).by(&ana).send();
        let steps = async {
            let (_, answer) = running(&app, &ana).await;
            for _ in 0..2 {
                let old = open(&app).await.until;
                app.clock.advance(Duration::from_secs(29));
                until(async || (open(&app).await.until > old).then_some(())).await;
                app.work().await;
                assert_eq!(open(&app).await.n, 1, "nobody else ends it");
            }
            let cancel = json!({ "stream_id": answer });
            app.post("/api/chat/cancel", &cancel).by(&ana).send().await.expect(200);
        };
        let (answer, ()) = tokio::join!(asked, steps);
        assert!(answer.expect(200).text().contains("event: cancelled"));
        app.app.db.close();
    }
);

db_test!(whoever_leaves_at_any_moment_leaves_nothing_behind, registry::migrations(), |db| {
    let app = with(db, world(), |_| {}).await;
    priced(&app, |_| PRICES);
    let ask = json!({ "content": "good day", "model": "scripted/echo" });
    for moment in 0..40 {
        let ana = app.register().await;
        let mut asked = Box::pin(app.post("/api/ai/chat", &ask).by(&ana).send());
        for _ in 0..moment {
            if futures_util::poll!(&mut asked).is_ready() {
                break;
            }
            yield_now().await;
        }
        drop(asked);
        until(async || app.app.tasks.is_empty().then_some(())).await;
        until(async || (open(&app).await.n == 0).then_some(())).await;
        let used = usage(&app, &ana).await;
        let number = |value: &Value| value.as_u64().unwrap_or_default();
        let day = &used["days"][0];
        let counted = number(&day["input_tokens"]) + number(&day["output_tokens"]);
        let taken =
            number(&used["limits"]["tokens_per_day"]) - number(&used["remaining"]["tokens"]);
        assert_eq!(taken, counted, "moment {moment}: {used}");
    }
    app.app.db.close();
});

db_test!(a_withdrawn_agreement_to_models_ends_a_running_answer, registry::migrations(), |db| {
    let mock = Mock::start(|_| Script::stream([PIECE]).then(Step::Hang)).unwrap();
    let provider = json!({ "kind": "openai_chat", "url": format!("{}/v1", mock.url()),
        "local": true, "models": ["talk"] });
    let app = with(db, world(), |config| {
        let provider = serde_json::from_value(provider).unwrap();
        config.models.providers.insert("near".to_owned(), provider);
    })
    .await;
    let ana = app.register().await;
    let version = consent::ConsentType::AiInteraction.version_in_force();
    let given = json!({ "consent_type": "ai_interaction", "version": version });
    app.post("/api/consent/record", &given).by(&ana).send().await.expect(200);
    let ask = json!({ "content": "good day", "model": "near/talk" });
    let asked = app.post(STREAM, &ask).by(&ana).send();
    let steps = async {
        running(&app, &ana).await;
        let withdrawal = json!({ "consent_type": "ai_interaction" });
        app.post("/api/consent/withdraw", &withdrawal).by(&ana).send().await.expect(200);
    };
    let (answer, ()) = tokio::join!(asked, steps);
    let text = answer.expect(200).text();
    assert!(text.contains("event: error") && text.contains("CONSENT_REQUIRED"), "{text}");
    mock.gone(1).await;
    assert_eq!(open(&app).await.n, 0);
    app.app.db.close();
});

db_test!(a_fallback_never_costs_more_than_was_held, registry::migrations(), |db| {
    let dear = Prices { output: MicroUsd(900_000_000_000), ..PRICES };
    let app = with(db, world(), |config| {
        config.companion.models =
            ["scripted/overloaded", "scripted/flood", "scripted/echo"].map(str::to_owned).to_vec();
    })
    .await;
    priced(&app, |name| if name == "flood" { dear } else { PRICES });
    let keeper = app.register_as(Role::Admin).await;
    let ana = app.register().await;
    let said = app.post("/api/ai/chat", &json!({ "content": "good day" })).by(&ana).send().await;
    let said = said.expect(200).json();
    assert_eq!(said["message"]["model"], "scripted/echo", "the dear one is passed over");
    charged_once(&app, &keeper, &ana, "fallback").await;
    // What is held covers it: with as much as the first may cost and no more, it is let through.
    let cost = usage(&app, &ana).await["days"][0]["micro_usd"].as_u64().unwrap();
    let input = said["message"]["usage"]["input_tokens"].as_u64().unwrap();
    assert!(cost <= input * 1_000 + 50 * 2_000, "{cost}");
    app.app.db.close();
});
