//! What the API document says of operations.

use httpkit::{
    Access, Audit, Contract, Created, Json, LoggedIn, NoContent, OpenApiRouter, Path, Query,
    UnderContract,
    openapi::{document, facts, idempotent_paths, to_json},
    routes,
};
use kernel::{ErrorCode, ErrorKind, Role};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

const ENTRY_FULL: ErrorCode =
    ErrorCode { code: "ENTRY_FULL", kind: ErrorKind::Conflict, message: "It is full." };

#[derive(Serialize, Deserialize, ToSchema)]
struct Entry {
    title: String,
}

#[derive(Deserialize, IntoParams)]
struct Paging {
    #[expect(dead_code, reason = "only its documentation is looked at")]
    limit: Option<u32>,
}

#[utoipa::path(post, path = "/api/entries", tag = "journal", request_body = Entry, responses((status = 201, body = Entry)))]
async fn create(LoggedIn(_ctx): LoggedIn, Json(entry): Json<Entry>) -> Created<Entry> {
    Created(entry)
}

#[utoipa::path(get, path = "/api/entries", tag = "journal", params(Paging), responses((status = 200, body = Vec<Entry>)))]
async fn list(LoggedIn(_ctx): LoggedIn, Query(_paging): Query<Paging>) -> Json<Vec<Entry>> {
    Json(Vec::new())
}

#[utoipa::path(delete, path = "/api/entries/{id}", tag = "journal", params(("id" = Uuid, Path,)), responses((status = 204), (status = 409, description = "in words of its own")))]
async fn delete(LoggedIn(_ctx): LoggedIn, Path(_id): Path<Uuid>) -> NoContent {
    NoContent
}

#[utoipa::path(get, path = "/health", responses((status = 200)))]
async fn health() -> NoContent {
    NoContent
}

#[utoipa::path(get, path = "/api/admin/users", responses((status = 200)))]
async fn users() -> NoContent {
    NoContent
}

#[utoipa::path(get, path = "/api/forgotten", responses((status = 200)))]
async fn forgotten() -> NoContent {
    NoContent
}

fn router() -> OpenApiRouter {
    OpenApiRouter::new()
        .routes(
            routes!(create)
                .under(&Contract::own("journal.create").errors(&[&ENTRY_FULL]).idempotent()),
        )
        .routes(routes!(list).under(&Contract::own("journal.list")))
        .routes(routes!(delete).under(
            &Contract::own("journal.delete").errors(&[&ENTRY_FULL]).if_match_required().step_up(),
        ))
        .routes(
            routes!(health).under(&Contract::new(
                Access::Anonymous,
                Audit::Nothing("says nothing about anybody"),
            )),
        )
        .routes(routes!(users).under(&Contract::role(&[Role::Admin], "admin.users")))
        .routes(routes!(forgotten))
}

fn api() -> Value {
    let api = document(router().into_openapi(), "1.2.3", "__Host-salus_sid");
    serde_json::from_str(&to_json(&api).unwrap()).unwrap()
}

#[test]
fn the_document_is_openapi_3_1_with_our_name_and_version() {
    let api = api();
    assert_eq!(api["openapi"], "3.1.0");
    assert_eq!(
        (&api["info"]["title"], &api["info"]["version"]),
        (&"Salus".into(), &"1.2.3".into())
    );
}

#[test]
fn routes_with_an_idempotent_operation_are_known() {
    let list = || OpenApiRouter::<()>::new().routes(routes!(list));
    let paths = idempotent_paths(&router().into_openapi());
    assert_eq!(paths.into_iter().collect::<Vec<_>>(), ["/api/entries"]);
    assert!(idempotent_paths(&list().into_openapi()).is_empty());
}

#[test]
fn the_same_code_gives_the_same_bytes() {
    let text = || to_json(&document(router().into_openapi(), "1", "sid")).unwrap();
    assert_eq!(text(), text());
}

#[test]
fn an_operation_lists_its_own_codes_and_those_of_the_edge() {
    let codes = |path: &str, method: &str| -> Vec<String> {
        let api = document(router().into_openapi(), "1", "sid");
        let all = facts(&api).unwrap();
        all.into_iter().find(|f| f.path == path && f.method == method).unwrap().codes
    };
    let create = codes("/api/entries", "POST");
    for code in [
        "ENTRY_FULL",
        "AUTH_REQUIRED",
        "SESSION_EXPIRED",
        "CSRF_INVALID",
        "INVALID_REQUEST",
        "UNSUPPORTED_MEDIA_TYPE",
        "TOO_LARGE",
        "IDEMPOTENCY_KEY_REUSED",
        "INTERNAL",
        "RATE_LIMITED",
    ] {
        assert!(create.iter().any(|found| found == code), "{code}");
    }
    assert!(create.is_sorted());
    let list = codes("/api/entries", "GET");
    assert!(list.contains(&"INVALID_REQUEST".to_owned()));
    assert!(!list.contains(&"CSRF_INVALID".to_owned()) && !list.contains(&"ENTRY_FULL".to_owned()));
    let delete = codes("/api/entries/{id}", "DELETE");
    for code in ["INVALID_ID", "VERSION_STALE", "PRECONDITION_REQUIRED", "STEP_UP_REQUIRED"] {
        assert!(delete.iter().any(|found| found == code), "{code}");
    }
    let health = codes("/health", "GET");
    assert!(!health.contains(&"AUTH_REQUIRED".to_owned()));
    assert!(codes("/api/admin/users", "GET").contains(&"ADMIN_REQUIRED".to_owned()));
}

#[test]
fn every_code_is_documented_as_an_answer_with_the_one_body() {
    let api = api();
    let responses = &api["paths"]["/api/entries"]["post"]["responses"];
    let conflict = &responses["409"];
    assert!(conflict["description"].as_str().unwrap().contains("`ENTRY_FULL`: It is full."));
    assert_eq!(
        conflict["content"]["application/json"]["schema"]["$ref"],
        "#/components/schemas/ErrorBody"
    );
    assert!(api["components"]["schemas"]["ErrorBody"]["properties"]["request_id"].is_object());
    for status in ["201", "400", "401", "403", "413", "415", "429", "500", "503", "504"] {
        assert!(responses[status].is_object(), "{status}");
    }
    let own = &api["paths"]["/api/entries/{id}"]["delete"]["responses"]["409"]["description"];
    assert_eq!(own, "in words of its own");
}

#[test]
fn every_answer_is_described_as_openapi_3_1_demands() {
    for (path, item) in api()["paths"].as_object().unwrap() {
        for operation in item.as_object().unwrap().values() {
            for (status, response) in operation["responses"].as_object().unwrap() {
                let about = response["description"].as_str().unwrap_or_default();
                assert!(!about.is_empty(), "{path} {status}");
            }
        }
    }
}

#[test]
fn who_may_call_and_what_is_recorded_can_be_walked() {
    let all = facts(&document(router().into_openapi(), "1", "sid")).unwrap();
    let table: Vec<_> = all
        .iter()
        .map(|f| {
            let access = f.access.as_deref().unwrap_or("-");
            (f.method.as_str(), f.path.as_str(), access, f.audit.as_deref().unwrap_or("-"))
        })
        .collect();
    assert_eq!(
        table,
        [
            ("GET", "/api/admin/users", "role:admin", "admin.users"),
            ("GET", "/api/entries", "own", "journal.list"),
            ("POST", "/api/entries", "own", "journal.create"),
            ("DELETE", "/api/entries/{id}", "own", "journal.delete"),
            ("GET", "/api/forgotten", "-", "-"),
            ("GET", "/health", "anonymous", "none: says nothing about anybody"),
        ]
    );
}

#[test]
fn a_browser_needs_its_token_for_changes_only() {
    let api = api();
    let security = |path: &str, method: &str| api["paths"][path][method]["security"].clone();
    assert_eq!(
        security("/api/entries", "post"),
        serde_json::json!([{"bearer": []}, {"cookie": [], "csrf": []}])
    );
    assert_eq!(
        security("/api/entries", "get"),
        serde_json::json!([{"bearer": []}, {"cookie": []}])
    );
    assert_eq!(security("/health", "get"), serde_json::json!([]));
    let schemes = &api["components"]["securitySchemes"];
    assert_eq!(schemes["bearer"]["scheme"], "bearer");
    assert_eq!(schemes["cookie"]["name"], "__Host-salus_sid");
    assert_eq!(schemes["csrf"]["in"], "header");
}

#[test]
fn headers_that_a_contract_brings_are_parameters() {
    let api = api();
    let named = |path: &str, method: &str, name: &str| -> Value {
        let parameters = api["paths"][path][method]["parameters"].as_array().unwrap().clone();
        parameters.into_iter().find(|parameter| parameter["name"] == name).unwrap_or_default()
    };
    assert_eq!(named("/api/entries", "post", "Idempotency-Key")["required"], false);
    assert_eq!(named("/api/entries/{id}", "delete", "If-Match")["required"], true);
    assert_eq!(named("/api/entries/{id}", "delete", "id")["in"], "path");
}
