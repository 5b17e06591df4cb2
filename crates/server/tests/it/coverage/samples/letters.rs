//! Links of letters, as an operator gets them where no mail is sent.

use super::Body;
use identity::{LinkPurpose, LoginName, NewAccount, Password};
use kernel::{Ctx, RoleSet, Secret, Subject, TenantId};
use serde_json::json;
use testkit::{Login, PASSWORD, TestApp};

/// The link that an operation with this path wants; nothing for any other.
pub async fn token(app: &TestApp, login: &Login, path: &str) -> String {
    let ctx = Ctx::operator(app.app.env.clone());
    let (subject, purpose) = match path {
        "/api/auth/password/reset" => {
            (Subject::new(TenantId::DEFAULT, login.user), LinkPurpose::ResetPassword)
        }
        "/api/auth/verify-email" => {
            let address = format!("{}@example.org", login.user);
            let new = NewAccount {
                login: LoginName::email(&address).unwrap(),
                password: Password::new(&Secret::new(PASSWORD.to_owned())),
                display_name: None,
                roles: RoleSet::default(),
            };
            let made = app.app.accounts.create_account(&ctx, TenantId::DEFAULT, &new).await;
            (made.unwrap().subject, LinkPurpose::VerifyEmail)
        }
        _ => return String::new(),
    };
    let shown = app.app.accounts.show_link(&ctx, subject, purpose).await.unwrap();
    shown.token.expose().clone()
}

/// The body of an operation about letters.
pub fn body(path: &str) -> Option<Body> {
    Some(match path {
        "/api/auth/verify-email" => Body::Json(|world| json!({ "token": world.token })),
        "/api/auth/password/forgot" => Body::Json(|_| json!({ "email": "someone@example.org" })),
        "/api/auth/password/reset" => {
            Body::Json(|world| json!({ "token": world.token, "password": "over the hills" }))
        }
        "/api/admin/users/{id}/link" => Body::Json(|_| json!({ "purpose": "reset_password" })),
        _ => return None,
    })
}
