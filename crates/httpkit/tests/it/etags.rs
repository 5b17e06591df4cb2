//! Versions in answers and conditions in requests.

use crate::world::{Sent, World, failed};
use axum::{Router, routing::put};
use httpkit::{ApiResult, IfMatch, Json, MaybeIfMatch, NoContent, WithEtag};

fn routes() -> Router {
    let must = async |IfMatch(condition): IfMatch| -> ApiResult<NoContent> {
        condition.check(3)?;
        Ok(NoContent)
    };
    let may = async |MaybeIfMatch(condition): MaybeIfMatch| -> ApiResult<NoContent> {
        condition.map_or(Ok(()), |condition| condition.check(3))?;
        Ok(NoContent)
    };
    Router::new()
        .route("/api/must", put(must).get(async || WithEtag(3, Json("body"))))
        .route("/api/may", put(may))
}

async fn change(path: &str, condition: Option<&str>) -> (u16, String) {
    let request = Sent::new("PUT", path);
    let request = match condition {
        Some(text) => request.header("if-match", text),
        None => request,
    };
    let answer = World::new().around(routes()).send(request).await;
    if answer.status == 204 { failed(204, "") } else { answer.failure() }
}

#[tokio::test]
async fn what_was_read_can_be_changed_with_its_own_tag() {
    let read = World::new().around(routes()).send(Sent::get("/api/must")).await;
    assert_eq!(read.header("etag"), "\"v3\"");
    for condition in [read.header("etag"), "*", "\"v1\", \"v3\""] {
        assert_eq!(change("/api/must", Some(condition)).await.0, 204, "{condition}");
    }
}

#[tokio::test]
async fn what_someone_else_changed_is_not_overwritten() {
    assert_eq!(change("/api/must", Some("\"v2\"")).await, failed(412, "VERSION_STALE"));
    assert_eq!(change("/api/may", Some("\"v2\"")).await, failed(412, "VERSION_STALE"));
}

#[tokio::test]
async fn a_condition_can_be_demanded() {
    assert_eq!(change("/api/must", None).await, failed(428, "PRECONDITION_REQUIRED"));
    assert_eq!(change("/api/may", None).await.0, 204);
}

#[tokio::test]
async fn a_condition_that_cannot_be_read_is_refused() {
    for bad in ["W/\"v3\"", "v3", "\"v3", ""] {
        assert_eq!(change("/api/may", Some(bad)).await, failed(400, "INVALID_REQUEST"), "{bad}");
    }
}
