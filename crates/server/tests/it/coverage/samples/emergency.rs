//! Emergency cards and overrides to call operations on.

use super::{Body, World};
use consent::emergency::{Class, Classes, NewCard, NewOverride, ReasonCode};
use kernel::{
    Acr, Actor, Ctx, Origin, Person, Phi, RequestId, Role, RoleSet, SessionId, Subject, TenantId,
    UserId,
};
use serde_json::{Value, json};
use testkit::{Login, TestApp};
use uuid::Uuid;

/// What a path below `/api/emergency` can name.
#[derive(Default)]
pub struct Emergency {
    pub id: String,
    pub token: String,
    /// Someone whom a responder can help.
    pub patient: String,
}

impl Emergency {
    /// Nothing is made for paths that name none of it.
    pub async fn of(app: &TestApp, login: &Login, path: &str) -> Self {
        let opens = path.starts_with("/api/medical/emergency-info/");
        let rest = path.strip_prefix("/api/emergency/").or(opens.then_some("scope"));
        let Some(rest) = rest else { return Self::default() };
        let patient = app.register().await.user;
        if rest.starts_with("overrides/") || rest.starts_with("reviews/") {
            // The fourth of a day waits for a second person.
            let mut made = Uuid::nil();
            let responder = as_responder(app, app.register().await.user);
            for _ in 0..4 {
                let new = NewOverride {
                    patient,
                    code: ReasonCode::Unresponsive,
                    reason: Phi::new("found unconscious".to_owned()),
                };
                made = app.app.emergency.make_override(&responder, &new).await.unwrap().id;
            }
            return Self { id: made.to_string(), patient: patient.to_string(), ..Self::default() };
        }
        let new = NewCard { classes: Classes::of(&[Class::Contacts]), life: None, max_uses: 5 };
        let card = app.app.emergency.make_card(&by(app, login.user), &new).await.unwrap();
        Self {
            id: card.card.id.to_string(),
            token: card.token.expose().clone(),
            patient: patient.to_string(),
        }
    }
}

pub(super) fn by(app: &TestApp, user: UserId) -> Ctx {
    person(app, user, RoleSet::of(&[Role::User]))
}

/// A request by a responder, recognised by two factors just now.
pub fn as_responder(app: &TestApp, user: UserId) -> Ctx {
    person(app, user, RoleSet::of(&[Role::User, Role::CrisisResponder]))
}

/// A request by this person, recognised by two factors just now.
fn person(app: &TestApp, user: UserId, roles: RoleSet) -> Ctx {
    let env = app.app.env.clone();
    let person = Person {
        subject: Subject::new(TenantId::DEFAULT, user),
        session: SessionId::from_uuid(Uuid::nil()),
        roles,
        acr: Acr::Mfa,
        auth_time: env.now(),
    };
    let request = RequestId::random(&env);
    Ctx::request(env, request, Actor::Person(person), Origin::default())
}

/// What to send to an operation below `/api/emergency`, or to open what a token opens.
pub(super) fn sample(method: &str, path: &str) -> Option<Body> {
    if path == "/api/medical/emergency-info/{user_id}" {
        return Some(Body::None);
    }
    Some(match (method, path.strip_prefix("/api/emergency/")?) {
        ("GET", "accesses" | "cards" | "reviews" | "scope" | "sheet")
        | ("POST", "overrides/{id}/approve")
        | ("DELETE", "cards/{id}" | "sheet") => Body::None,
        ("PUT", "sheet") => Body::Json(|_| json!({ "allergies": "nuts" })),
        ("POST", "cards") => Body::Json(|_| json!({ "classes": ["allergies"] })),
        ("POST", "overrides") => Body::Json(request),
        ("POST", "reviews/{id}") => Body::Json(|_| json!({ "justified": true })),
        _ => return None,
    })
}

fn request(world: &World) -> Value {
    json!({
        "patient_id": world.emergency.patient,
        "reason_code": "unresponsive",
        "reason": "found unconscious",
    })
}
