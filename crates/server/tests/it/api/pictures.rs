//! Pictures in conversations: kept sealed, told to a model of the house, gone with their message.

use db::db_test;
use serde_json::{Value, json};
use server::registry;
use testkit::{Login, TestApp};

/// The smallest GIF there is, in Base64.
const GIF: &str = "R0lGODlhAQABAAAAADs=";

fn picture() -> Value {
    json!({ "media_type": "image/gif", "data": GIF })
}

async fn talk(app: &TestApp, login: &Login, body: &Value) -> Value {
    app.post("/api/ai/chat", body).by(login).send().await.expect(200).json()
}

async fn messages(app: &TestApp, login: &Login, conversation: &Value) -> Vec<Value> {
    let path = format!("/api/conversations/{}/messages", conversation.as_str().unwrap());
    let page = app.get(&path).by(login).send().await.expect(200).json();
    page["messages"].as_array().unwrap().clone()
}

fn path_of(message: &Value) -> String {
    format!("/api/pictures/{}", message["pictures"][0]["id"].as_str().unwrap())
}

db_test!(
    a_picture_is_told_to_a_model_that_sees_and_shown_to_its_owner,
    registry::migrations(),
    |db| {
        let app = TestApp::on(db).await;
        let (ana, ben) = (app.register().await, app.register().await);
        let said = talk(&app, &ana, &json!({ "content": "Look:", "pictures": [picture()] })).await;
        assert_eq!(said["message"]["content"], "You said: Look: a picture");
        let kept = messages(&app, &ana, &said["conversation_id"]).await;
        assert_eq!(kept[0]["pictures"][0]["media_type"], "image/gif");
        assert_eq!(kept[1]["pictures"], json!([]));
        let path = path_of(&kept[0]);
        let file = app.get(&path).by(&ana).send().await.expect(200);
        assert_eq!(file.header("content-type"), Some("application/octet-stream"));
        assert!(file.bytes.starts_with(b"GIF89a"));
        assert_eq!(app.get(&path).by(&ben).send().await.expect(404).code(), "PICTURE_NOT_FOUND");

        // It is there in later turns too, and in another answer to the same message.
        let on = json!({ "content": "And?", "conversation_id": said["conversation_id"] });
        talk(&app, &ana, &on).await;
        let again = talk(&app, &ana, &json!({ "reply_to": kept[0]["id"] })).await;
        assert_eq!(again["message"]["content"], "You said: Look: a picture");
        app.app.db.close();
    }
);

db_test!(a_picture_may_come_alone, registry::migrations(), |db| {
    let app = TestApp::on(db).await;
    let ana = app.register().await;
    for ask in
        [json!({ "pictures": [picture()] }), json!({ "content": "", "pictures": [picture()] })]
    {
        let said = talk(&app, &ana, &ask).await;
        assert_eq!(said["message"]["content"], "You said: (a picture) a picture");
        let kept = messages(&app, &ana, &said["conversation_id"]).await;
        assert_eq!(
            (&kept[0]["content"], kept[0]["pictures"].as_array().unwrap().len()),
            (&json!(""), 1)
        );
        // It is told in later turns too, and those have a title to give.
        let on = json!({ "content": "And?", "conversation_id": said["conversation_id"] });
        talk(&app, &ana, &on).await;
        let path = format!("/api/conversations/{}", said["conversation_id"].as_str().unwrap());
        let read = app.get(&path).by(&ana).send().await.expect(200).json();
        assert_eq!(read["title"], "And?");
        let edit = format!("/api/messages/{}", kept[0]["id"].as_str().unwrap());
        let edit = app.request("PATCH", &edit).json(&json!({ "content": "" })).by(&ana);
        assert_eq!(edit.send().await.expect(201).json()["pictures"][0]["media_type"], "image/gif");
    }
    for nothing in [json!({}), json!({ "content": " " }), json!({ "content": "", "pictures": [] })]
    {
        let refused = app.post("/api/ai/chat", &nothing).by(&ana).send().await.expect(400);
        assert_eq!(refused.code(), "MESSAGE_INVALID");
    }
    app.app.db.close();
});

db_test!(copies_of_a_message_have_pictures_of_their_own, registry::migrations(), |db| {
    let app = TestApp::on(db).await;
    let ana = app.register().await;
    let said = talk(&app, &ana, &json!({ "content": "Look:", "pictures": [picture()] })).await;
    let first = messages(&app, &ana, &said["conversation_id"]).await[0].clone();
    let edit = format!("/api/messages/{}", first["id"].as_str().unwrap());
    let edit = app.request("PATCH", &edit).json(&json!({ "content": "See:" }));
    let edited = edit.by(&ana).send().await.expect(201).json();
    let fork = json!({ "from_message_id": said["message"]["id"] });
    let fork = app.post("/api/conversations", &fork).by(&ana).send().await.expect(201).json();
    let copy = messages(&app, &ana, &fork["id"]).await[0].clone();
    let paths = [path_of(&first), path_of(&edited), path_of(&copy)];
    let old = format!("/api/messages/{}", first["id"].as_str().unwrap());
    app.request("DELETE", &old).by(&ana).send().await.expect(204);
    app.get(&paths[0]).by(&ana).send().await.expect(404);
    app.get(&paths[1]).by(&ana).send().await.expect(200);
    let whole = format!("/api/conversations/{}", said["conversation_id"].as_str().unwrap());
    app.request("DELETE", &whole).by(&ana).send().await.expect(204);
    app.get(&paths[1]).by(&ana).send().await.expect(404);
    app.get(&paths[2]).by(&ana).send().await.expect(200);
    app.app.db.close();
});

db_test!(pictures_go_into_a_file_and_come_out_of_it, registry::migrations(), |db| {
    let app = TestApp::on(db).await;
    let (ana, ben) = (app.register().await, app.register().await);
    talk(&app, &ana, &json!({ "content": "Look:", "pictures": [picture()] })).await;
    let file = app.get("/api/conversations/export").by(&ana).send().await.expect(200).json();
    assert_eq!(file["conversations"][0]["messages"][0]["pictures"], json!([picture()]));
    app.post("/api/conversations/import", &file).by(&ben).send().await.expect(200);
    let listed = app.get("/api/conversations").by(&ben).send().await.expect(200).json();
    let kept = messages(&app, &ben, &listed["conversations"][0]["id"]).await;
    let taken = app.get(&path_of(&kept[0])).by(&ben).send().await.expect(200);
    assert!(taken.bytes.starts_with(b"GIF89a"));
    app.app.db.close();
});

db_test!(what_is_no_picture_or_nobody_here_can_see_is_refused, registry::migrations(), |db| {
    let app = TestApp::on(db).await;
    let ana = app.register().await;
    let of = |kind: &str, data: &str| json!([{ "media_type": kind, "data": data }]);
    for pictures in [
        of("image/gif", "no base64!"),
        of("image/png", GIF),
        of("image/svg+xml", "PHN2Zz4="),
        json!([picture(), picture(), picture(), picture(), picture()]),
    ] {
        let ask = json!({ "content": "Look:", "pictures": pictures });
        let refused = app.post("/api/ai/chat", &ask).by(&ana).send().await.expect(400);
        assert_eq!(refused.code(), "MESSAGE_INVALID");
    }
    let blind = json!({
        "content": "Look:", "pictures": [picture()], "model": "salus/companion",
    });
    let refused = app.post("/api/ai/chat", &blind).by(&ana).send().await.expect(400);
    assert!(refused.text().contains("no model of this house"), "{}", refused.text());
    app.app.db.close();
});
