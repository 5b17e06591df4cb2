//! What matters for a message.

use super::world::*;
use crate::{Kind, MemoryError, service::ACTIONS};
use audit::Action;
use crisis::Whereabouts;
use db::{db_test, params, row};
use kernel::Phi;
use std::{sync::Arc, time::Duration};

row! {
    struct Stored {
        body: Vec<u8>,
        vector: Option<Vec<u8>>,
    }
}

db::statements! { "memory.tests";
    STORED = "SELECT body, vector FROM memory_facts ORDER BY created_at";
}

db_test!(nothing_is_remembered_or_used_before_the_person_wishes_it, schema(), |db| {
    let world = world(db).await;
    let wish = "Remember that I keep bees.";
    assert_eq!(world.told(1, wish).await, (vec![], false));
    let (ctx, bees) = (world.by(1), draft("I keep bees.", Kind::Other));
    let refused = world.memory.add(&ctx, &bees, &Whereabouts::default()).await;
    assert!(matches!(refused, Err(MemoryError::Off)));
    assert!(world.recorded_actions().await.is_empty(), "nothing was read but the wish");

    world.memory.switch(&world.by(1), true).await.unwrap();
    assert_eq!(world.told(1, wish).await, (vec![], true));
    assert_eq!(world.told(1, "my bees").await, (vec!["I keep bees.".to_owned()], false));
    assert_eq!(world.told(2, "my bees").await, (vec![], false), "of somebody else");
});

db_test!(a_wish_is_kept_once_and_only_from_a_new_message, schema(), |db| {
    let world = world(db).await;
    let ctx = world.by(1);
    world.memory.switch(&ctx, true).await.unwrap();
    let said = Phi::new("Remember that I keep bees.".to_owned());
    assert!(world.memory.recall(&ctx, &said, false).await.unwrap().kept.is_none());
    let first = world.memory.recall(&ctx, &said, true).await.unwrap().kept.unwrap();
    assert_eq!(world.memory.recall(&ctx, &said, true).await.unwrap().kept, Some(first));
    assert_eq!(world.memory.status(&ctx).await.unwrap().facts, 1);
});

db_test!(switching_it_off_counts_at_once_here_and_within_a_second_elsewhere, schema(), |db| {
    let world = world(db).await;
    world.remembers(1, &[("I keep bees.", Kind::Other)]).await;
    let other = world.elsewhere(db.another(), Arc::new(NoMeaning));
    assert_eq!(told_by(&other, &world.by(1), "bees").await.0.len(), 1);
    world.memory.switch(&world.by(1), false).await.unwrap();
    assert_eq!(world.told(1, "bees").await.0.len(), 0);
    world.clock.advance(Duration::from_millis(500));
    assert_eq!(told_by(&other, &world.by(1), "bees").await.0.len(), 0);
    assert_eq!(world.memory.status(&world.by(1)).await.unwrap().facts, 1, "it is kept for them");
});

db_test!(what_another_process_changed_is_found_within_a_second, schema(), |db| {
    let world = world(db).await;
    world.remembers(1, &[("I keep bees.", Kind::Other)]).await;
    let other = world.elsewhere(db.another(), Arc::new(NoMeaning));
    assert_eq!(told_by(&other, &world.by(1), "bees").await.0, ["I keep bees."]);
    world.memory.delete_all(&world.by(1)).await.unwrap();
    world.remembers(1, &[("I sold my bees.", Kind::Other)]).await;
    world.clock.advance(Duration::from_millis(500));
    assert_eq!(told_by(&other, &world.by(1), "bees").await.0, ["I sold my bees."]);
});

db_test!(with_a_model_facts_are_found_by_what_they_mean, schema(), |db| {
    let world = world(db).await;
    let facts = [("No nuts for me.", Kind::Health), ("My sister is Ruth.", Kind::People)];
    world.remembers(1, &facts).await;
    assert!(world.told(1, "What may I eat?").await.0.is_empty(), "no word is shared");

    let topics = Arc::new(Topics::default());
    let memory = world.elsewhere(db.another(), topics.clone());
    let ctx = world.by(1);
    assert!(told_by(&memory, &ctx, "What may I eat?").await.0.is_empty(), "not read yet");
    assert_eq!(*topics.read.lock().unwrap(), 3, "the message, and then both facts");
    assert_eq!(told_by(&memory, &ctx, "What may I eat?").await.0, ["No nuts for me."]);
    assert_eq!(*topics.read.lock().unwrap(), 4, "facts are read once");
    memory.add(&ctx, &draft("I love bread.", Kind::Other), &Whereabouts::default()).await.unwrap();
    let mut found = told_by(&memory, &ctx, "dinner").await.0;
    found.sort();
    assert_eq!(found, ["I love bread.", "No nuts for me."], "a new one is read when it is kept");
    assert!(world.recorded_actions().await.contains(&"memory.index".to_owned()));
});

db_test!(neither_words_nor_numbers_are_stored_in_the_clear, schema(), |db| {
    let world = world(db).await;
    let memory = world.elsewhere(db.another(), Arc::new(Topics::default()));
    let ctx = world.by(1);
    memory.switch(&ctx, true).await.unwrap();
    memory
        .add(&ctx, &draft("No nuts for me.", Kind::Health), &Whereabouts::default())
        .await
        .unwrap();
    let rows: Vec<Stored> = db.all(&STORED, params![]).await.unwrap();
    let vector = rows[0].vector.as_ref().unwrap();
    let holds = |bytes: &[u8], part: &[u8]| bytes.windows(part.len()).any(|some| some == part);
    assert!(!holds(&rows[0].body, b"nuts") && !holds(vector, b"topics@1"));
    assert!(!holds(vector, &1.0_f32.to_le_bytes()));
});

db_test!(a_search_is_recorded_with_the_message_and_says_how_it_was_done, schema(), |db| {
    let world = world(db).await;
    world.remembers(1, &[("I keep bees.", Kind::Other)]).await;
    let said = Phi::new("bees".to_owned());
    let told = world.memory.recall(&world.by(1), &said, true).await.unwrap();
    assert!(told.event.is_some());
    let names = ACTIONS.iter().map(|action: &&Action| action.name());
    assert!(names.collect::<Vec<_>>().contains(&"memory.recall"));
    world.clock.advance(Duration::from_mins(2));
    world.memory.tidy(world.env.now());
    assert_eq!(world.told(1, "bees").await.0.len(), 1, "read anew");
});
