//! Export and import over both databases.

use super::world::*;
use crate::*;
use crisis::Whereabouts;
use db::db_test;
use futures_util::TryStreamExt;
use kernel::{Coded, Ctx, Phi, Timestamp};

async fn export(world: &World, ctx: &Ctx, format: Format) -> Vec<u8> {
    let pieces: Vec<_> =
        world.journal.export(ctx, format).await.unwrap().try_collect().await.unwrap();
    pieces.concat()
}

/// More than one piece of an export, texts that look like the formats, a conflict copy.
async fn fill(world: &World, ctx: &Ctx) {
    let nasty = ["---\n---", "\\---\n", "=1+1", "a\r\nb\r", "\"x\",y", "'", "", "💙\u{2028}"];
    for n in 0..230_i64 {
        let text = nasty[usize::try_from(n).unwrap() % nasty.len()];
        let entry = Draft {
            occurred_at: Some(Timestamp::from_micros(n / 2 * 1_000_003)),
            text: Phi::new(text.to_owned()),
            mood: (n % 3 == 0).then(|| Phi::new("tired".to_owned())),
            scale: (n % 2 == 0).then_some(n % 5 - 2),
            tags: vec!["a;b\\".to_owned(), "@c".to_owned()],
            favourite: n % 7 == 0,
            ..draft("=a title, \"quoted\"")
        };
        world.journal.create_entry(ctx, entry).await.unwrap();
    }
    let id = world.journal.create_entry(ctx, draft("mine")).await.unwrap().entry.id;
    let content = draft("late").content(world.env.now()).unwrap();
    let change = Change { id, base: 9, content: Some(content) };
    let change = Incoming { change, created_at: None, updated_at: None };
    let request = SyncRequest {
        seen: None,
        changes: vec![(id, Ok(change))],
        size: kernel::PageSize::MAX,
        place: Whereabouts::default(),
    };
    world.journal.sync(ctx, request).await.unwrap();
}

/// What was counted, whatever was noticed in texts that no person wrote.
fn counted(report: ImportReport) -> ImportReport {
    ImportReport { safety: None, ..report }
}

db_test!(a_journal_moves_to_another_account_byte_for_byte, schema(), |db| {
    let world = world(db).await;
    let anna = world.by(1);
    fill(&world, &anna).await;
    world.clock.advance(std::time::Duration::from_hours(1));
    for (format, number) in Format::ALL.into_iter().zip(11..) {
        let other = world.by(number);
        world.agree(number).await;
        let file = export(&world, &anna, format).await;
        let report =
            world.journal.import(&other, format, &file, &Whereabouts::default()).await.unwrap();
        assert_eq!(counted(report), ImportReport { taken: 232, ..ImportReport::default() });
        for check in Format::ALL {
            assert!(export(&world, &other, check).await == export(&world, &anna, check).await);
        }
        let again =
            world.journal.import(&other, format, &file, &Whereabouts::default()).await.unwrap();
        assert_eq!(counted(again), ImportReport { already_there: 232, ..ImportReport::default() });
    }
});

db_test!(an_import_never_overwrites, schema(), |db| {
    let world = world(db).await;
    let anna = world.by(1);
    let at = Some(world.env.now());
    let id = Some(entry_id(1));
    let mine = Draft { id, occurred_at: at, ..draft("mine") };
    world.journal.create_entry(&anna, mine).await.unwrap();
    let line = |title: &str| format!("{},{},{title}\n", entry_id(1), world.env.now());
    let file = format!("id,occurred_at,title\n{}{}{}", line("mine"), line("theirs"), line("more"));
    let report = world
        .journal
        .import(&anna, Format::Csv, file.as_bytes(), &Whereabouts::default())
        .await
        .unwrap();
    let wanted = ImportReport { already_there: 1, copied: 2, ..ImportReport::default() };
    assert_eq!(counted(report), wanted);
    let again = world
        .journal
        .import(&anna, Format::Csv, file.as_bytes(), &Whereabouts::default())
        .await
        .unwrap();
    assert_eq!(counted(again), ImportReport { already_there: 3, ..ImportReport::default() });
    let kept = world.journal.read_entry(&anna, entry_id(1)).await.unwrap();
    assert_eq!((kept.content.title.expose().as_str(), kept.version), ("mine", 1));
});

db_test!(entries_without_an_id_are_taken_once, schema(), |db| {
    let world = world(db).await;
    let anna = world.by(1);
    let file = "---\noccurred_at: 2020-01-01T00:00:00Z\n---\n\nHello\n\n\
        ---\noccurred_at: 2020-01-01T00:00:00Z\nmood: blue\n---\n\nHello\n";
    let rejected = vec![Rejected { number: 2, reason: Invalid::UnknownMood }];
    for (taken, already_there) in [(1, 0), (0, 1)] {
        let report = world
            .journal
            .import(&anna, Format::Markdown, file.as_bytes(), &Whereabouts::default())
            .await
            .unwrap();
        let rejected = rejected.clone();
        assert_eq!(
            report,
            ImportReport { taken, already_there, copied: 0, rejected, safety: None }
        );
    }
});

db_test!(a_file_that_cannot_be_read_changes_nothing, schema(), |db| {
    let world = world(db).await;
    let refused = world
        .journal
        .import(&world.by(1), Format::Json, b"{}", &Whereabouts::default())
        .await
        .err()
        .unwrap();
    assert_eq!(refused.code(), &FILE_UNREADABLE);
    let file = export(&world, &world.by(1), Format::Json).await;
    assert_eq!(file, b"{\"salus_journal\":1,\"entries\":[\n]}\n");
});

db_test!(what_an_import_brings_back_was_deleted_by_mistake, schema(), |db| {
    let world = world(db).await;
    let anna = world.by(1);
    let entry = world.journal.create_entry(&anna, draft("one")).await.unwrap().entry;
    let file = export(&world, &anna, Format::Json).await;
    world.journal.delete_entry(&anna, entry.id, None).await.unwrap();
    let report =
        world.journal.import(&anna, Format::Json, &file, &Whereabouts::default()).await.unwrap();
    assert_eq!(report.taken, 1);
    assert_eq!(export(&world, &anna, Format::Json).await, file);
});
