use super::*;
use proptest::prelude::*;
use serde_json::json;

fn texts(portable: &Portable) -> Vec<(&str, Option<usize>)> {
    portable
        .messages
        .iter()
        .map(|message| (message.text.expose().as_str(), message.parent))
        .collect()
}

#[test]
fn a_chatgpt_export_becomes_a_tree_without_what_nobody_said() {
    let file = json!([{
        "title": "A trip", "create_time": 1_700_000_000.5, "conversation_id": "c1",
        "current_node": "n5",
        "mapping": {
            "n0": {"id": "n0", "message": null, "parent": null, "children": ["n1"]},
            "n1": {"id": "n1", "parent": "n0", "message": {"author": {"role": "system"},
                "content": {"content_type": "text", "parts": [""]}}},
            "n2": {"id": "n2", "parent": "n1", "message": {"author": {"role": "user"},
                "create_time": 1_700_000_001.0,
                "content": {"content_type": "text", "parts": ["Where to?"]}}},
            "n3": {"id": "n3", "parent": "n2", "message": {"author": {"role": "tool"},
                "content": {"content_type": "text", "parts": ["{}"]}}},
            "n4": {"id": "n4", "parent": "n3", "message": {"author": {"role": "assistant"},
                "metadata": {"model_slug": "gpt-4o"},
                "content": {"content_type": "multimodal_text", "parts": ["To the ", {"x": 1}, "sea."]}}},
            "n5": {"id": "n5", "parent": "n2", "message": {"author": {"role": "assistant"},
                "content": {"content_type": "text", "parts": ["To the hills."]}}},
        },
    }]);
    let mut all = read(file.to_string().as_bytes()).unwrap();
    let trip = all.remove(0).unwrap();
    let mut found = texts(&trip);
    assert_eq!(found.remove(0), ("Where to?", None));
    found.sort_unstable();
    assert_eq!(found, [("To the \n\nsea.", Some(0)), ("To the hills.", Some(0))]);
    assert_eq!(trip.messages[trip.leaf].text.expose(), "To the hills.");
    assert_eq!(trip.created_at.as_micros(), 1_700_000_000_500_000);
    assert_eq!(trip.title.unwrap().expose(), "A trip");
    assert!(trip.messages.iter().any(|one| one.model.as_deref() == Some("chatgpt/gpt-4o")));
}

#[test]
fn what_is_none_of_the_two_forms_is_refused_by_name() {
    for (file, error) in [
        ("", Unreadable::Json(1)),
        ("[1,", Unreadable::Json(1)),
        ("7", Unreadable::Form),
        ("{}", Unreadable::Form),
        (r#"{"salus_conversations":2}"#, Unreadable::Newer),
        (r#"{"salus_conversations":1}"#, Unreadable::Form),
    ] {
        assert_eq!(read(file.as_bytes()).err(), Some(error), "{file}");
    }
    assert!(read("[".repeat(100_000).as_bytes()).is_err(), "too deep");
    let mixed = br#"{"salus_conversations":1,"conversations":[7,{"id":"x","messages":[]}]}"#;
    let mixed = read(mixed).unwrap();
    assert_eq!(mixed[0].as_ref().err(), Some(&Unreadable::Form));
    assert_eq!(mixed[1].as_ref().err(), Some(&Unreadable::Empty));
}

#[test]
fn many_rings_do_not_take_long() {
    let node = |number: usize| {
        json!({"id": format!("{number:05}"), "parent_id": format!("{:05}", number ^ 1),
            "role": "user", "content": "x"})
    };
    let messages: Vec<_> = (0..4_000).map(node).collect();
    let file =
        json!({"salus_conversations": 1, "conversations": [{"id": "a", "messages": messages}]});
    let all = read(file.to_string().as_bytes()).unwrap();
    assert_eq!(all[0].as_ref().unwrap().messages.len(), 4_000);
}

proptest! {
    #[test]
    fn whatever_hangs_on_what_each_message_comes_once_and_after_what_it_follows(
        edges in proptest::collection::vec((0u8..12, proptest::option::of(0u8..14), 0u8..3), 1..20),
        leaf in 0u8..14,
    ) {
        let node = |(id, parent, role): &(u8, Option<u8>, u8)| {
            let parent = parent.map(|parent| parent.to_string());
            let (name, words) = [("user", "x"), ("assistant", "y"), ("user", "")][usize::from(*role)];
            json!({"id": id.to_string(), "parent_id": parent, "role": name, "content": words})
        };
        let messages: Vec<_> = edges.iter().map(node).collect();
        let file = json!({"salus_conversations": 1, "conversations":
            [{"id": "c", "leaf_id": leaf.to_string(), "messages": messages}]});
        let mut all = read(file.to_string().as_bytes()).unwrap();
        let said: HashSet<u8> =
            edges.iter().filter(|(_, _, role)| *role < 2).map(|(id, _, _)| *id).collect();
        match all.remove(0) {
            Err(error) => prop_assert!(error == Unreadable::Empty && said.is_empty()),
            Ok(found) => {
                let ids: HashSet<&str> = found.messages.iter().map(|one| one.id.as_str()).collect();
                prop_assert_eq!(ids.len(), found.messages.len());
                prop_assert_eq!(ids.len(), said.len());
                prop_assert!(found.leaf < found.messages.len());
                for (place, one) in found.messages.iter().enumerate() {
                    if let Some(parent) = one.parent {
                        prop_assert!(parent < place);
                        prop_assert!(found.messages[parent].created_at < one.created_at);
                    }
                }
            }
        }
    }
}
