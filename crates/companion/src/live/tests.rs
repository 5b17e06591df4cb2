use super::*;
use futures_util::StreamExt;
use kernel::{TenantId, UserId};
use proptest::prelude::*;
use serde_json::{Value, json};
use uuid::Uuid;

fn person(number: u128) -> Subject {
    Subject::new(TenantId::DEFAULT, UserId::from_uuid(Uuid::from_u128(number)))
}

fn live() -> Arc<Live> {
    Arc::new(Live::new(person(1), CancellationToken::new()))
}

/// What a reader sees: the numbers, and the text as they put it together.
async fn read(live: Arc<Live>, after: u64) -> (Vec<(u64, String)>, String) {
    let bytes: Vec<Bytes> = live.follow(after).collect().await;
    let (mut seen, mut text) = (Vec::new(), String::new());
    for event in String::from_utf8(bytes.concat()).unwrap().split_terminator("\n\n") {
        let mut lines = event.lines();
        let number = lines.next().unwrap().strip_prefix("id: ").unwrap().parse().unwrap();
        let name = lines.next().unwrap().strip_prefix("event: ").unwrap().to_owned();
        let data: Value =
            serde_json::from_str(lines.next().unwrap().strip_prefix("data: ").unwrap()).unwrap();
        match name.as_str() {
            "delta" => text.push_str(data["text"].as_str().unwrap()),
            "snapshot" => text = data["text"].as_str().unwrap().to_owned(),
            _ => {}
        }
        seen.push((number, name));
    }
    (seen, text)
}

#[tokio::test]
async fn a_reader_hears_everything_once_and_the_end_last() {
    let live = live();
    live.pin("meta", &json!({}));
    let early = read(live.clone(), 0);
    let writes = async {
        for word in ["good ", "day"] {
            live.delta(word);
            tokio::task::yield_now().await;
        }
        live.end("done", &json!({}));
    };
    let ((seen, text), ()) = tokio::join!(early, writes);
    let names: Vec<_> = seen.iter().map(|(number, name)| (*number, name.as_str())).collect();
    assert_eq!(names, [(1, "meta"), (2, "delta"), (3, "delta"), (4, "done")]);
    assert_eq!(text, "good day");
    assert_eq!(read(live.clone(), 3).await.0, [(4, "done".to_owned())]);
    assert!(read(live, 4).await.0.is_empty());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]
    #[test]
    fn whoever_comes_back_has_the_whole_text_and_the_end(
        words in proptest::collection::vec("[a-z]{1,3000}", 1..120), after in 0u64..120,
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            let live = live();
            live.pin("meta", &json!({}));
            for word in &words {
                live.delta(word);
            }
            live.end("done", &json!({}));
            let after = after.min(words.len() as u64);
            let (seen, text) = read(live, after).await;
            let known: String = words.iter().take(usize::try_from(after).unwrap().saturating_sub(1))
                .map(String::as_str).collect();
            let whole = words.concat();
            let has_snapshot = seen.iter().any(|(_, name)| name == "snapshot");
            let read_on = if has_snapshot { text } else { known + &text };
            assert_eq!(read_on, whole);
            let ends = seen.iter().filter(|(_, name)| name == "done").count();
            assert_eq!((ends, seen.last().unwrap().1.as_str()), (1, "done"));
            let numbers: Vec<u64> = seen.iter().filter(|(_, name)| name != "meta")
                .map(|(number, _)| *number).collect();
            assert!(numbers.is_sorted_by(|a, b| a < b), "{numbers:?}");
        });
    }
}

#[test]
fn an_answer_belongs_to_one_person_and_they_may_have_a_few_at_once() {
    let hub = Hub::default();
    let id = |number| MessageId::from_uuid(Uuid::from_u128(number));
    let (_, first) = hub.begin(person(1), id(1), 2).unwrap();
    let _second = hub.begin(person(1), id(2), 2).unwrap();
    assert!(matches!(hub.begin(person(1), id(3), 2), Err(CompanionError::Pace(_))));
    let _other = hub.begin(person(2), id(4), 2).unwrap();
    assert!(hub.get(person(2), id(1)).is_none());
    drop(first);
    let _third = hub.begin(person(1), id(5), 2).unwrap();
    assert_eq!(hub.lock().len(), 3);
    hub.close();
    assert!(matches!(hub.begin(person(3), id(6), 2), Err(CompanionError::Stopping)));
}
