//! Help in a crisis: for everybody, and whatever else is out of order.

use db::db_test;
use serde_json::json;
use server::registry;
use testkit::TestApp;

db_test!(help_answers_everybody_also_while_the_database_is_down, registry::migrations(), |db| {
    let app = TestApp::on(db).await;
    let ana = app.register().await;
    app.app.db.close();
    let danger = json!({ "text": "I want to kill myself tonight", "country": "DE" });
    for token in [None, Some(&ana.access_token)] {
        let as_whoever = |request: testkit::Request| match token {
            Some(token) => request.token(token),
            None => request,
        };
        let found = as_whoever(app.post("/api/crisis/assess", &danger)).send().await.expect(200);
        let found = found.json();
        assert_eq!(found["alert"], true, "{found}");
        assert!(!found["response"]["text"].as_str().unwrap().is_empty());
        assert!(found["resources"]["emergency"].as_array().unwrap().contains(&json!("112")));
        let lines = as_whoever(app.get("/api/crisis/hotlines?country=de")).send().await.expect(200);
        assert!(!lines.json()["lines"].as_array().unwrap().is_empty());
        let anywhere = as_whoever(app.post("/api/crisis/resources", &json!({})));
        let anywhere = anywhere.send().await.expect(200).json();
        assert_eq!(anywhere["lines"], json!([]));
        assert!(!anywhere["directories"].as_array().unwrap().is_empty());
    }
});

db_test!(a_no_does_not_end_the_help, registry::migrations(), |db| {
    let app = TestApp::on(db).await;
    let later = json!({
        "text": "no, I'm fine",
        "history": [
            { "role": "user", "text": "I don't want to live anymore" },
            { "role": "assistant", "text": "Are you thinking about killing yourself?" },
        ],
    });
    let found = app.post("/api/crisis/assess", &later).send().await.expect(200).json();
    assert_eq!(found["support"], true, "{found}");
    assert!(!found["resources"]["directories"].as_array().unwrap().is_empty());
    app.app.db.close();
});
