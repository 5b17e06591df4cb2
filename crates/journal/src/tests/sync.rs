//! Sync over both databases.

use super::world::*;
use crate::*;
use crisis::Whereabouts;
use db::db_test;
use kernel::{Coded, Ctx, PageSize, Phi, Timestamp};
use std::{collections::BTreeMap, time::Duration};

fn content(title: &str) -> Content {
    let occurred_at = Timestamp::from_micros(1_700_000_000_000_000);
    Draft { occurred_at: Some(occurred_at), ..draft(title) }.content(occurred_at).unwrap()
}

fn change(number: u128, base: u64, title: Option<&str>) -> (EntryId, Result<Incoming, Invalid>) {
    let id = entry_id(number);
    let change = Change { id, base, content: title.map(content) };
    (id, Ok(Incoming { change, created_at: None, updated_at: None }))
}

type Changes = Vec<(EntryId, Result<Incoming, Invalid>)>;

async fn sync(
    journal: &Journal,
    ctx: &Ctx,
    seen: impl Into<Option<SyncCursor>>,
    changes: Changes,
) -> SyncAnswer {
    let request = SyncRequest {
        seen: seen.into(),
        changes,
        size: PageSize::MAX,
        place: Whereabouts::default(),
    };
    journal.sync(ctx, request).await.unwrap()
}

fn outcomes(answer: &SyncAnswer) -> Vec<Result<Outcome, Invalid>> {
    answer.applied.iter().map(|applied| applied.outcome).collect()
}

/// Titles and versions by id; an empty title stands for a deleted entry.
fn heard(answer: &SyncAnswer) -> BTreeMap<EntryId, (String, u64)> {
    let one = |remote: &Remote| match remote {
        Remote::Present(entry) => (entry.id, (entry.content.title.expose().clone(), entry.version)),
        Remote::Deleted { id, version } => (*id, (String::new(), *version)),
    };
    answer.changes.iter().map(one).collect()
}

const START: Option<SyncCursor> = None;

db_test!(two_devices_hear_of_each_other, schema(), |db| {
    let world = world(db).await;
    let (anna, journal) = (world.by(1), &world.journal);
    let phone = sync(journal, &anna, START, vec![change(1, 0, Some("a")), change(2, 0, Some("b"))]);
    let phone = phone.await;
    assert_eq!(outcomes(&phone), [Ok(Outcome::Created), Ok(Outcome::Created)]);
    assert_eq!((phone.seen.seq, phone.has_more), (2, false));
    let tablet = sync(journal, &anna, START, Vec::new()).await;
    assert_eq!(heard(&tablet).len(), 2);
    let changes = vec![change(1, 1, Some("a2")), change(2, 1, None)];
    let tablet = sync(journal, &anna, tablet.seen, changes).await;
    assert_eq!(outcomes(&tablet), [Ok(Outcome::Updated), Ok(Outcome::Deleted)]);
    let phone = sync(journal, &anna, phone.seen, Vec::new()).await;
    let wanted = [(entry_id(1), ("a2".to_owned(), 2)), (entry_id(2), (String::new(), 2))];
    assert_eq!(heard(&phone), BTreeMap::from(wanted));
    let phone = sync(journal, &anna, phone.seen, Vec::new()).await;
    assert!(phone.changes.is_empty());
    assert!(sync(journal, &world.by(2), START, Vec::new()).await.changes.is_empty());
    assert_eq!(
        world.recorded_actions().await,
        [
            "journal.entry.create",
            "journal.entry.create",
            "journal.sync",
            "journal.sync",
            "journal.entry.update",
            "journal.entry.delete",
            "journal.sync",
            "journal.sync",
        ]
    );
});

db_test!(a_change_that_came_too_late_is_kept_as_a_copy_once, schema(), |db| {
    let world = world(db).await;
    let (anna, journal) = (world.by(1), &world.journal);
    sync(journal, &anna, START, vec![change(1, 0, Some("a"))]).await;
    sync(journal, &anna, START, vec![change(1, 1, Some("phone"))]).await;
    let late = || vec![change(1, 1, Some("tablet"))];
    let first = sync(journal, &anna, START, late()).await;
    let [Ok(Outcome::Copied { copy, new: true })] = outcomes(&first)[..] else {
        panic!("a copy is made")
    };
    let current = first.applied[0].current.as_ref().unwrap();
    assert_eq!((current.content.title.expose().as_str(), current.version), ("phone", 2));
    let again = sync(journal, &anna, START, late()).await;
    assert_eq!(outcomes(&again), [Ok(Outcome::Copied { copy, new: false })]);
    let wanted = [(entry_id(1), ("phone".to_owned(), 2)), (copy, ("tablet".to_owned(), 1))];
    assert_eq!(heard(&again), BTreeMap::from(wanted));
    let kept = journal.read_entry(&anna, copy).await.unwrap();
    assert_eq!(kept.content.meta.expose().copy_of, Some(entry_id(1)));
    // Someone else who writes the very same gets another id: it tells nothing about the text.
    let ben = world.by(2);
    for (base, title) in [(0, "a"), (1, "phone")] {
        sync(journal, &ben, START, vec![change(1, base, Some(title))]).await;
    }
    let others = sync(journal, &ben, START, late()).await;
    assert!(!heard(&others).contains_key(&copy));
});

db_test!(an_edit_wins_over_a_deletion_whoever_comes_first, schema(), |db| {
    let world = world(db).await;
    let (anna, journal) = (world.by(1), &world.journal);
    let both = || vec![change(1, 0, Some("a")), change(2, 0, Some("b"))];
    sync(journal, &anna, START, both()).await;
    sync(journal, &anna, START, vec![change(1, 1, None), change(2, 1, Some("b2"))]).await;
    let late = vec![change(1, 1, Some("a2")), change(2, 1, None)];
    let answer = sync(journal, &anna, START, late).await;
    assert_eq!(outcomes(&answer), [Ok(Outcome::Revived), Ok(Outcome::Kept)]);
    assert_eq!(answer.applied[1].current.as_ref().unwrap().content.title.expose(), "b2");
    let wanted = [(entry_id(1), ("a2".to_owned(), 3)), (entry_id(2), ("b2".to_owned(), 2))];
    assert_eq!(heard(&answer), BTreeMap::from(wanted));
});

db_test!(an_entry_that_is_shown_instead_of_being_deleted_is_recorded_as_read, schema(), |db| {
    let world = world(db).await;
    let (anna, journal) = (world.by(1), &world.journal);
    sync(journal, &anna, START, vec![change(1, 0, Some("a"))]).await;
    let seen = sync(journal, &anna, START, Vec::new()).await.seen;
    let before = world.recorded_actions().await.len();
    // The device has heard of everything: it is told nothing but what its own change came to.
    let answer = sync(journal, &anna, seen, vec![change(1, 0, None)]).await;
    assert_eq!(outcomes(&answer), [Ok(Outcome::Kept)]);
    assert!(answer.changes.is_empty() && answer.applied[0].current.is_some());
    assert_eq!(world.recorded_actions().await[before..], ["journal.sync"]);
});

db_test!(a_broken_change_does_not_hold_up_the_others, schema(), |db| {
    let world = world(db).await;
    let broken = (entry_id(2), Err(Invalid::TitleTooLong));
    let changes = vec![change(1, 0, Some("a")), broken, change(3, 0, Some("c"))];
    let answer = sync(&world.journal, &world.by(1), START, changes).await;
    let created = Ok(Outcome::Created);
    assert_eq!(outcomes(&answer), [created, Err(Invalid::TitleTooLong), created]);
    assert_eq!(answer.applied[2].id, entry_id(3));
    let twice = vec![change(4, 0, Some("a")), change(4, 0, Some("b"))];
    let request = SyncRequest {
        seen: START,
        changes: twice,
        size: PageSize::MAX,
        place: Whereabouts::default(),
    };
    let refused = world.journal.sync(&world.by(1), request).await.err().unwrap();
    assert_eq!(refused.code(), &SYNC_CHANGED_TWICE);
});

db_test!(a_long_absence_is_caught_up_in_pages, schema(), |db| {
    let world = world(db).await;
    let (anna, journal) = (world.by(1), &world.journal);
    for n in 1..=30 {
        sync(journal, &anna, START, vec![change(n, 0, Some("x"))]).await;
    }
    journal.delete_entry(&anna, entry_id(3), None).await.unwrap();
    let (mut seen, mut all, mut pages) = (START, BTreeMap::new(), 0);
    loop {
        let size = PageSize::clamped(7);
        let request =
            SyncRequest { seen, changes: Vec::new(), size, place: Whereabouts::default() };
        let answer = journal.sync(&anna, request).await.unwrap();
        all.extend(heard(&answer));
        (seen, pages) = (Some(answer.seen), pages + 1);
        if !answer.has_more {
            break;
        }
    }
    assert_eq!((all.len(), pages), (30, 5));
    assert_eq!(all[&entry_id(3)], (String::new(), 2));
});

db_test!(a_device_that_is_ahead_of_the_server_is_told_to_start_over, schema(), |db| {
    let world = world(db).await;
    let seen = SyncCursor { seq: 5, lineage: db.lineage().await.unwrap() };
    let request = SyncRequest {
        seen: Some(seen),
        changes: Vec::new(),
        size: PageSize::MAX,
        place: Whereabouts::default(),
    };
    let refused = world.journal.sync(&world.by(1), request).await.err().unwrap();
    assert_eq!(refused.code(), &SYNC_RESTART);
});

db_test!(a_device_that_saw_what_a_backup_did_not_hold_is_told_to_start_over, schema(), |db| {
    let world = world(db).await;
    let anna = world.by(1);
    let phone = sync(&world.journal, &anna, START, vec![change(1, 0, Some("lost"))]).await;
    // A loaded backup brings no lineage; by now its numbers have caught up with the phone's.
    db.tamper("DELETE FROM lineage; DELETE FROM journal_entries").await.unwrap();
    let restored = world.journal_on(db.another());
    sync(&restored, &anna, START, vec![change(2, 0, Some("new"))]).await;
    let request = SyncRequest {
        seen: Some(phone.seen),
        changes: Vec::new(),
        size: PageSize::MAX,
        place: Whereabouts::default(),
    };
    let refused = restored.sync(&anna, request).await.err().unwrap();
    assert_eq!(refused.code(), &SYNC_RESTART);
    assert_eq!(heard(&sync(&restored, &anna, START, Vec::new()).await).len(), 1);
});

db_test!(a_reader_who_pages_while_many_write_misses_nothing, schema(), |db| {
    let world = world(db).await;
    let anna = world.by(1);
    let other = world.journal_on(db.another());
    let write = |n: u128| {
        let journal = if n.is_multiple_of(2) { &world.journal } else { &other };
        let anna = &anna;
        async move {
            if n.is_multiple_of(3) {
                let draft = Draft { id: Some(entry_id(n)), ..draft("x") };
                journal.create_entry(anna, draft).await.map(drop).unwrap();
            } else {
                sync(journal, anna, START, vec![change(n, 0, Some("x"))]).await;
            }
        }
    };
    let writers = futures_util::future::join_all((1..=40).map(write));
    let reader = async {
        let (mut seen, mut all) = (START, BTreeMap::new());
        while all.len() < 40 {
            let answer = sync(&world.journal, &anna, seen, Vec::new()).await;
            all.extend(heard(&answer));
            seen = Some(answer.seen);
            tokio::task::yield_now().await;
        }
        (seen, all)
    };
    let reading = tokio::time::timeout(Duration::from_mins(1), reader);
    let (_, read) = tokio::join!(writers, reading);
    let (seen, all) = read.expect("a change was missed");
    assert_eq!((seen.unwrap().seq, all.len()), (40, 40), "every number once, none left out");
});

db_test!(a_copy_stays_a_copy_when_it_is_changed, schema(), |db| {
    let world = world(db).await;
    let (anna, journal) = (world.by(1), &world.journal);
    sync(journal, &anna, START, vec![change(1, 0, Some("a"))]).await;
    let late = sync(journal, &anna, START, vec![change(1, 7, Some("b"))]).await;
    let [Ok(Outcome::Copied { copy, .. })] = outcomes(&late)[..] else { panic!("a copy") };
    let known = httpkit::Precondition::Any;
    let text = Draft { text: Phi::new("more".to_owned()), ..draft("b") };
    journal.update_entry(&anna, copy, &known, text).await.unwrap();
    let change = Change { id: copy, base: 2, content: Some(content("c")) };
    let incoming = Incoming { change, created_at: None, updated_at: None };
    let answer = sync(journal, &anna, START, vec![(copy, Ok(incoming))]).await;
    assert_eq!(outcomes(&answer), [Ok(Outcome::Updated)]);
    let read = journal.read_entry(&anna, copy).await.unwrap();
    assert_eq!(read.content.meta.expose().copy_of, Some(entry_id(1)));
    assert_eq!(read.version, 3);
});
