//! Entries over both databases.

use super::world::*;
use crate::*;
use consent::ConsentType;
use crisis::Whereabouts;
use db::{Db, Worker, db_test, outbox, run_tx};
use httpkit::Precondition;
use kernel::{Coded, Ctx, Cursor, PageSize, Phi, Timestamp};
use std::{fmt::Write, time::Duration};

fn title(entry: &Entry) -> &str {
    entry.content.title.expose()
}

fn version(number: u64) -> Precondition {
    Precondition::Versions(vec![number])
}

async fn reading(world: &World) -> consent::Access {
    let (anna, action) = (world.by(1), consent::Action::Read);
    world.consents.authorize(&anna, action, subject(1)).await.unwrap()
}

async fn titles(world: &World, ctx: &Ctx, filter: &Filter, size: u32) -> Vec<String> {
    let (mut all, mut after) = (Vec::new(), None::<Cursor>);
    loop {
        let size = PageSize::clamped(size);
        let page = world.journal.list_entries(ctx, filter, after, size).await.unwrap();
        assert!(page.items.len() <= size.get());
        all.extend(page.items.iter().map(|entry| title(entry).to_owned()));
        after = page.next;
        if after.is_none() {
            return all;
        }
    }
}

db_test!(both_databases_can_prepare_every_statement, schema(), |db| {
    for statement in STATEMENTS.concat() {
        db.check_statement(statement).await.unwrap();
    }
});

db_test!(what_is_written_is_read_back_and_both_are_recorded, schema(), |db| {
    let (world, written) = (world(db).await, Timestamp::from_micros(1_799_000_000_000_000));
    let anna = world.by(1);
    let draft = Draft {
        id: None,
        occurred_at: Some(written),
        title: Phi::new("A day".to_owned()),
        text: Phi::new("at the \u{1f30a}\r\n".to_owned()),
        mood: Some(Phi::new("calm".to_owned())),
        scale: Some(-2),
        tags: vec![" sea ".to_owned(), "sea".to_owned(), "sun".to_owned()],
        favourite: true,
        place: Whereabouts::default(),
    };
    let created = world.journal.create_entry(&anna, draft).await.unwrap().entry;
    let read = world.journal.read_entry(&anna, created.id).await.unwrap();
    assert!(read.content.same_as(&created.content));
    assert_eq!((read.version, read.created_at), (1, world.env.now()));
    assert_eq!(read.content.occurred_at, written);
    assert_eq!(read.content.text.expose(), "at the \u{1f30a}\r\n");
    let meta = read.content.meta.expose();
    assert_eq!((meta.mood, meta.scale.map(Scale::get)), (Some(Mood::Calm), Some(-2)));
    assert_eq!((meta.tags.as_slice(), meta.favourite), (&["sea".into(), "sun".into()][..], true));

    let recorded = world.recorded().await;
    let [.., create, read] = recorded.as_slice() else { panic!("two events at least") };
    assert_eq!(create.action.as_str(), "journal.entry.create");
    assert_eq!(read.action.as_str(), "journal.entry.read");
    assert_eq!(create.resource, read.resource);
    assert!(create.resource.is_some());
});

db_test!(nothing_that_was_written_stands_in_the_clear, schema(), |db| {
    let world = world(db).await;
    let canary = "canary-b7d1";
    let draft = Draft {
        tags: vec![canary.to_owned()],
        text: Phi::new(canary.to_owned()),
        mood: Some(Phi::new("overwhelmed".to_owned())),
        ..draft(canary)
    };
    let entry = world.journal.create_entry(&world.by(1), draft).await.unwrap().entry;
    let access = reading(&world).await;
    let row = store::get(db, &access, entry.id).await.unwrap().unwrap();
    let sealed = row.content.unwrap();
    for bytes in [sealed.meta.as_bytes(), sealed.body.as_bytes()] {
        let holds = |needle: &[u8]| bytes.windows(needle.len()).any(|window| window == needle);
        assert!(!holds(canary.as_bytes()) && !holds(b"overwhelmed"));
    }
    let keyring = world.vault.keyring(subject(1)).await.unwrap();
    let moved = keyring.open(&ENTRY_BODY, entry_id(7).as_uuid(), &sealed.body);
    assert!(moved.is_err(), "a value opens only in its own row");
});

db_test!(a_client_that_chose_the_id_may_send_the_same_again, schema(), |db| {
    let world = world(db).await;
    let anna = world.by(1);
    let again = || Draft { id: Some(entry_id(9)), ..draft("A day") };
    let first = world.journal.create_entry(&anna, again()).await.unwrap().entry;
    world.clock.advance(Duration::from_mins(1));
    let second = world.journal.create_entry(&anna, again()).await.unwrap().entry;
    assert_eq!((second.id, second.version, second.created_at), (first.id, 1, first.created_at));
    let other = Draft { id: Some(entry_id(9)), ..draft("Another day") };
    let refused = world.journal.create_entry(&anna, other).await.err().unwrap();
    assert_eq!(refused.code(), &ENTRY_EXISTS);
    let dated = Draft { occurred_at: Some(world.env.now()), ..again() };
    let refused = world.journal.create_entry(&anna, dated).await.err().unwrap();
    assert_eq!(refused.code(), &ENTRY_EXISTS);
    // Someone else's entry may have the same id: nobody learns of it.
    let theirs = world.journal.create_entry(&world.by(2), again()).await.unwrap().entry;
    assert_eq!(theirs.id, first.id);
    world.journal.delete_entry(&anna, first.id, None).await.unwrap();
    let gone = world.journal.create_entry(&anna, again()).await.err().unwrap();
    assert_eq!(gone.code(), &ENTRY_EXISTS);
});

db_test!(a_change_names_the_version_that_it_changes, schema(), |db| {
    let world = world(db).await;
    let anna = world.by(1);
    let entry = world.journal.create_entry(&anna, draft("one")).await.unwrap().entry;
    world.clock.advance(Duration::from_mins(1));
    let change = async |known: Precondition, title: &str| {
        world.journal.update_entry(&anna, entry.id, &known, draft(title)).await
    };
    let two = change(version(1), "two").await.unwrap().entry;
    assert_eq!((two.version, two.created_at), (2, entry.created_at));
    assert_eq!(two.updated_at, world.env.now());
    assert_eq!(two.content.occurred_at, entry.content.occurred_at, "as it was");
    let stale = change(version(1), "three").await.err().unwrap();
    assert_eq!(stale.code().code, "VERSION_STALE");
    assert_eq!(change(Precondition::Any, "three").await.unwrap().entry.version, 3);
    let read = world.journal.read_entry(&anna, entry.id).await.unwrap();
    assert_eq!((title(&read), read.version), ("three", 3));
    let other = Draft { id: Some(entry_id(5)), ..draft("x") };
    let refused = world.journal.update_entry(&anna, entry.id, &Precondition::Any, other).await;
    assert_eq!(refused.err().unwrap().detail().unwrap(), Invalid::OtherId.to_string());
});

db_test!(of_many_who_change_the_same_version_one_wins, schema(), |db| {
    let world = world(db).await;
    let anna = world.by(1);
    let entry = world.journal.create_entry(&anna, draft("0")).await.unwrap().entry;
    let other = world.journal_on(db.another());
    let change = |n: usize| {
        let journal = if n.is_multiple_of(2) { &world.journal } else { &other };
        let (anna, id) = (&anna, entry.id);
        async move { journal.update_entry(anna, id, &version(1), draft(&n.to_string())).await }
    };
    let results = futures_util::future::join_all((1..10).map(change)).await;
    let won: Vec<_> = results.iter().filter_map(|result| result.as_ref().ok()).collect();
    assert_eq!(won.len(), 1);
    let read = world.journal.read_entry(&anna, entry.id).await.unwrap();
    assert_eq!((title(&read), read.version), (title(&won[0].entry), 2));
});

db_test!(a_deleted_entry_leaves_nothing_but_its_id, schema(), |db| {
    let world = world(db).await;
    let anna = world.by(1);
    let entry = world.journal.create_entry(&anna, draft("one")).await.unwrap().entry;
    let delete = async |known: Option<Precondition>| {
        let deleted = world.journal.delete_entry(&anna, entry.id, known.as_ref()).await;
        deleted.map_err(|error| error.code().code)
    };
    assert_eq!(delete(Some(version(7))).await, Err("VERSION_STALE"));
    world.clock.advance(Duration::from_mins(1));
    assert_eq!(delete(Some(version(1))).await, Ok(()));
    assert_eq!(delete(None).await, Err("NOT_FOUND"));
    let read = world.journal.read_entry(&anna, entry.id).await.err().unwrap();
    assert_eq!(read.code().code, "NOT_FOUND");
    assert!(titles(&world, &anna, &Filter::default(), 9).await.is_empty());
    let row = store::get(db, &reading(&world).await, entry.id).await.unwrap().unwrap();
    assert!(row.content.is_none());
    assert_eq!(row.occurred_at, world.env.now(), "not even the day it was about");
});

db_test!(lists_are_paged_from_the_newest_to_the_oldest, schema(), |db| {
    let world = world(db).await;
    let anna = world.by(1);
    let day = |n: i64| Timestamp::from_micros(1_700_000_000_000_000 + n * 86_400_000_000);
    for n in 0..7 {
        // Two of the same moment: the id decides.
        let occurred_at = Some(day(n / 2));
        let id = Some(entry_id(u128::try_from(n).unwrap() + 1));
        let draft = Draft { id, occurred_at, ..draft(&n.to_string()) };
        world.journal.create_entry(&anna, draft).await.unwrap();
    }
    world.journal.create_entry(&world.by(2), draft("of someone else")).await.unwrap();
    for size in [1, 2, 3, 7, 100] {
        let all = titles(&world, &anna, &Filter::default(), size).await;
        assert_eq!(all, ["6", "5", "4", "3", "2", "1", "0"]);
    }
    let some = Filter { from: Some(day(1)), to: Some(day(3)), ..Filter::default() };
    assert_eq!(titles(&world, &anna, &some, 2).await, ["5", "4", "3", "2"]);
});

fn filters() -> Vec<(Filter, &'static [&'static str])> {
    let all = Filter::default;
    let tag = |tag: &str| Some(Phi::new(tag.to_owned()));
    let search = |words: &str| Search::new(&Phi::new(words.to_owned())).unwrap();
    vec![
        (Filter { mood: Some(Mood::Sad), ..all() }, &["c"]),
        (Filter { tag: tag("sea"), ..all() }, &["b", "a"]),
        (Filter { tag: tag("Sea"), ..all() }, &[]),
        (Filter { favourite: Some(true), ..all() }, &["a"]),
        (Filter { favourite: Some(false), ..all() }, &["c", "b"]),
        (Filter { search: search("WAVES sea"), ..all() }, &["a"]),
        (Filter { search: search("süß"), ..all() }, &["b"]),
        (Filter { search: search("  "), ..all() }, &["c", "b", "a"]),
        (Filter { mood: Some(Mood::Sad), favourite: Some(true), ..all() }, &[]),
    ]
}

db_test!(filters_look_into_entries, schema(), |db| {
    let world = world(db).await;
    let anna = world.by(1);
    let write = async |draft: Draft| {
        world.clock.advance(Duration::from_mins(1));
        world.journal.create_entry(&anna, draft).await.unwrap().entry
    };
    let sea = || vec!["sea".to_owned()];
    write(Draft { tags: sea(), favourite: true, text: Phi::new("Waves".into()), ..draft("a") })
        .await;
    write(Draft { tags: sea(), text: Phi::new("SÜSS? SÜß!".into()), ..draft("b") }).await;
    write(Draft { mood: Some(Phi::new("sad".into())), ..draft("c") }).await;
    for (filter, wanted) in filters() {
        assert_eq!(titles(&world, &anna, &filter, 1).await, wanted);
    }
});

db_test!(a_search_goes_on_where_it_stopped, schema(), |db| {
    let world = world(db).await;
    let anna = world.by(1);
    let mut lines = String::from("occurred_at,title\n");
    for n in 0..2_150 {
        let name = if n % 1_000 == 0 { "rare" } else { "common" };
        writeln!(lines, "{},{name}", Timestamp::from_micros(n * 1_000_000)).unwrap();
    }
    let report = world
        .journal
        .import(&anna, Format::Csv, lines.as_bytes(), &Whereabouts::default())
        .await
        .unwrap();
    assert_eq!(report.taken, 2_150);
    let search = Search::new(&Phi::new("rare".to_owned())).unwrap();
    let filter = Filter { search, ..Filter::default() };
    let size = PageSize::clamped(10);
    let first = world.journal.list_entries(&anna, &filter, None, size).await.unwrap();
    assert_eq!(first.items.len(), 2, "the third lies beyond what one request opens");
    let rest = world.journal.list_entries(&anna, &filter, first.next, size).await.unwrap();
    assert_eq!((rest.items.len(), rest.next), (1, None));
});

db_test!(a_journal_needs_consent_but_leaving_does_not, schema(), |db| {
    let world = world(db).await;
    let anna = world.by(1);
    let entry = world.journal.create_entry(&anna, draft("one")).await.unwrap().entry;
    world.consents.withdraw(&anna, ConsentType::HealthData).await.unwrap();
    let code = |error: Option<JournalError>| error.map(|error| error.code().code);
    let refused = Some("CONSENT_REQUIRED");
    assert_eq!(code(world.journal.create_entry(&anna, draft("two")).await.err()), refused);
    assert_eq!(code(world.journal.read_entry(&anna, entry.id).await.err()), refused);
    assert_eq!(code(world.journal.export(&anna, Format::Json).await.err()), None);
    assert_eq!(code(world.journal.delete_entry(&anna, entry.id, None).await.err()), None);
});

db_test!(what_cannot_be_recorded_is_neither_written_nor_shown, schema(), |db| {
    let world = world(db).await;
    let anna = world.by(1);
    let entry = world.journal.create_entry(&anna, draft("one")).await.unwrap().entry;
    db.tamper("DROP TABLE audit_outbox").await.unwrap();
    assert!(world.journal.create_entry(&anna, draft("two")).await.is_err());
    assert!(world.journal.read_entry(&anna, entry.id).await.is_err());
    let size = PageSize::default();
    assert!(world.journal.list_entries(&anna, &Filter::default(), None, size).await.is_err());
    assert!(world.journal.export(&anna, Format::Json).await.is_err());
    assert_eq!(count(db, &world).await, 1);
});

async fn count(db: &Db, world: &World) -> usize {
    let rows = store::since(db, &reading(world).await, 0, 1000).await.unwrap();
    rows.len()
}

db_test!(a_journal_goes_with_the_account_and_nobody_elses_does, schema(), |db| {
    let world = world(db).await;
    for number in [1, 2] {
        world.journal.create_entry(&world.by(number), draft("one")).await.unwrap();
    }
    let worker = Worker::new(db.db.clone(), jobs(&world.journal));
    for _ in 0..2 {
        run_tx!(db, "test.erase", |tx| {
            let gone = serde_json::json!({ "tenant": subject(1).tenant, "user": subject(1).user });
            outbox::publish(tx, db.env(), "identity.account_erased", &gone)
        })
        .unwrap();
        assert_eq!(worker.run_until_idle().await.unwrap(), 1);
    }
    assert_eq!(count(db, &world).await, 0);
    let all = Filter::default();
    assert_eq!(titles(&world, &world.by(2), &all, 9).await, ["one"]);
    let erased = world.recorded_actions().await;
    assert!(erased.contains(&"journal.erase".to_owned()));
});
