//! Consent as a client sees it.

use super::world::*;
use db::db_test;
use http::StatusCode;

const STATUS: (&str, &str) = ("GET", "/api/consent/status");
const RECORD: (&str, &str) = ("POST", "/api/consent/record");
const WITHDRAW: (&str, &str) = ("POST", "/api/consent/withdraw");

db_test!(status_shows_every_type_and_what_is_missing, schema(), |db| {
    let server = world(db).await.server();
    let (status, body) = send(&server, STATUS, "1", None).await;
    assert_eq!(status, StatusCode::OK);
    assert_eq!(body["consents"].as_array().unwrap().len(), 5);
    assert_eq!(body["missing"], serde_json::json!(["terms"]));
    let terms = &body["consents"][0];
    assert_eq!(terms["standing"], "never");
    assert_eq!(terms["version_in_force"], "1.0");
    assert!(terms["text"].as_str().unwrap().contains("not a doctor"));
    assert_eq!(
        body["consents"][1]["needed_for"],
        serde_json::json!(["self_care", "ai_interaction", "treatment"])
    );
});

db_test!(what_is_recorded_shows_in_the_status_and_can_be_withdrawn, schema(), |db| {
    let server = world(db).await.server();
    let agree = r#"{"consent_type": "health_data", "version": "1.0"}"#;
    for _ in 0..2 {
        let (status, body) = send(&server, RECORD, "1", Some(agree)).await;
        assert_eq!((status, &body["consents"][1]["standing"]), (StatusCode::OK, &"given".into()));
    }
    let (_, body) = send(&server, STATUS, "1", None).await;
    assert_eq!(body["consents"][1]["version"], "1.0");
    assert_eq!(body["consents"][1]["changed_at"], "2027-01-15T08:00:00.000000Z");
    let camel = r#"{"consentType": "health_data"}"#;
    let (status, body) = send(&server, WITHDRAW, "1", Some(camel)).await;
    assert_eq!((status, &body["consents"][1]["standing"]), (StatusCode::OK, &"withdrawn".into()));
    let (_, other) = send(&server, STATUS, "2", None).await;
    assert_eq!(other["consents"][1]["standing"], "never");
});

db_test!(refusals_have_stable_codes, schema(), |db| {
    let server = world(db).await.server();
    let old = r#"{"consent_type": "terms", "version": "0.1"}"#;
    let unknown = r#"{"consent_type": "everything", "version": "1.0"}"#;
    let terms = r#"{"consent_type": "terms"}"#;
    for (request, token, body, wanted) in [
        (STATUS, "nobody", None, (401, "AUTH_REQUIRED")),
        (RECORD, "nobody", Some(old), (401, "AUTH_REQUIRED")),
        (WITHDRAW, "nobody", Some(terms), (401, "AUTH_REQUIRED")),
        (RECORD, "1", Some(old), (409, "CONSENT_TEXT_CHANGED")),
        (RECORD, "1", Some(unknown), (400, "INVALID_REQUEST")),
        (RECORD, "1", Some(terms), (400, "INVALID_REQUEST")),
        (WITHDRAW, "1", Some(terms), (409, "TERMS_BIND")),
    ] {
        let (status, answer) = send(&server, request, token, body).await;
        assert_eq!((status.as_u16(), answer["code"].as_str().unwrap()), wanted);
    }
});
