//! Samples of what people fill in, and of the way to a human.

use super::{
    Body, World,
    emergency::{as_responder, by},
};
use crisis::Whereabouts;
use kernel::Phi;
use serde_json::{Value, json};
use testkit::{Login, TestApp};

/// What this person filled in, where the path names it.
pub async fn made(app: &TestApp, login: &Login, path: &str) -> Option<(String, String)> {
    if let Some(rest) = path.strip_prefix("/api/crisis/cases/{id}") {
        return Some((case(app, login, rest).await, String::new()));
    }
    let (path, _) = path.split_once("/{id}")?;
    let body = match path {
        "/api/journal/check-ins" => check_in(),
        "/api/wellbeing/results" => result(),
        "/api/wellbeing/forms" => form("A day."),
        "/api/wellbeing/practice" => practice(),
        _ => return None,
    };
    let made = app.post(path, &body).by(login).send().await.expect(201);
    let etag = made.header("etag").unwrap_or_default().to_owned();
    Some((made.json()["id"].as_str().unwrap().to_owned(), etag))
}

/// Somebody who asks for a human; whoever calls has the case, unless they want to take it.
async fn case(app: &TestApp, login: &Login, rest: &str) -> String {
    let asking = by(app, app.register().await.user);
    let team = &app.app.crisis.team;
    let (message, place) = (Phi::new("Please call me.".to_owned()), Whereabouts::default());
    let case = team.escalate(&asking, &message, &place).await.unwrap().case;
    if rest != "/claim" {
        team.claim(&as_responder(app, login.user), case.id).await.unwrap();
    }
    case.id.to_string()
}

fn result() -> Value {
    json!({ "questionnaire": "asq", "answers": asked() })
}

/// Every question of the shortest questionnaire without any yes.
fn asked() -> Value {
    let lookout = crisis::Lookout::shared().unwrap();
    let asq = lookout.care().questionnaires.get("asq").unwrap();
    let items = asq.items.iter().filter(|item| item.only_if.is_empty());
    items.map(|item| (item.id.clone(), Value::from(0))).collect::<serde_json::Map<_, _>>().into()
}

fn form(note: &str) -> Value {
    json!({
        "kind": "diary-card",
        "entry": { "note": { "text": note }, "emotions": { "marks": { "joy": 1 } },
            "urges": { "marks": { "suicide": 0 } } },
    })
}

fn line() -> Value {
    json!({ "put": [{
        "id": "house", "name": "Line of the house", "needs": ["everyone"], "call": "+43 1 4000",
        "hours": "24/7", "languages": ["de"], "source": "https://example.org",
        "checked": "2026-11-21", "sure": true,
    }] })
}

fn check_in() -> Value {
    json!({ "mood": "calm", "factors": ["sleep"] })
}

fn practice() -> Value {
    json!({ "skill": "stop", "helped": "yes" })
}

/// What to send.
pub fn body(method: &str, path: &str) -> Option<Body> {
    Some(match (method, path) {
        (
            "GET",
            "/api/skills"
            | "/api/skills/{name}"
            | "/api/questionnaires"
            | "/api/questionnaires/{name}"
            | "/api/forms"
            | "/api/forms/{name}"
            | "/api/chat/options"
            | "/api/crisis/escalations"
            | "/api/crisis/cases"
            | "/api/crisis/protocol"
            | "/api/crisis/lines"
            | "/api/crisis/follow-up"
            | "/api/admin/crisis/lines"
            | "/api/admin/crisis/lines/{code}"
            | "/api/crisis/cases/{id}"
            | "/api/admin/crisis/report"
            | "/api/journal/check-ins"
            | "/api/journal/check-ins/export"
            | "/api/wellbeing/results"
            | "/api/wellbeing/results/{id}"
            | "/api/wellbeing/trend"
            | "/api/wellbeing/forms"
            | "/api/wellbeing/forms/{id}"
            | "/api/wellbeing/forms/{id}/history"
            | "/api/wellbeing/practice"
            | "/api/wellbeing/export",
        )
        | (
            "DELETE",
            "/api/journal/check-ins/{id}"
            | "/api/wellbeing/results/{id}"
            | "/api/wellbeing/forms/{id}"
            | "/api/wellbeing/practice/{id}"
            | "/api/admin/crisis/lines/{code}",
        )
        | ("POST", "/api/crisis/cases/{id}/claim") => Body::None,
        ("POST", "/api/crisis/escalate") => {
            Body::Json(|_| json!({ "message": "Please call me.", "country": "AT" }))
        }
        ("POST", "/api/crisis/follow-up") => Body::Json(|_| json!({ "answer": "never" })),
        ("PUT", "/api/admin/crisis/lines/{code}") => Body::Json(|_| line()),
        ("POST", "/api/crisis/cases/{id}/note" | "/api/crisis/cases/{id}/close") => {
            Body::Json(|_| json!({ "text": "Called." }))
        }
        ("POST", "/api/journal/check-ins") => Body::Json(|_| check_in()),
        ("POST", "/api/wellbeing/results") => Body::Json(|_: &World| result()),
        ("POST", "/api/wellbeing/forms") => Body::Json(|_| form("A day.")),
        ("PUT", "/api/wellbeing/forms/{id}") => Body::Json(|_| form("Another day.")),
        ("POST", "/api/wellbeing/practice") => Body::Json(|_| practice()),
        ("POST", "/api/ai/suggest-exercises") => Body::Json(|_| json!({ "mood": "anxious" })),
        ("POST", "/api/ai/analyze-mood" | "/api/ai/generate-insights") => {
            Body::Json(|_| json!({ "days": 30 }))
        }
        _ => return None,
    })
}

/// What stands for the name in a path.
pub fn named(path: &str) -> &'static str {
    match path.split('/').nth(2) {
        Some("questionnaires") => "phq-9",
        Some("forms") => "safety-plan",
        _ => "stop",
    }
}
