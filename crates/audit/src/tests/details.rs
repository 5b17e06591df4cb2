//! Whether everything in the boxes of entries opens.

use super::bed::*;
use crate::*;
use db::db_test;
use kernel::{Actor, Subject, TenantId};
use vault::{KeyKind, KeyStore, Ring};

db_test!(every_detail_is_opened_and_those_that_do_not_open_are_counted, schema(), |db| {
    let (bed, anna, ben) = (bed(db).await, person(), person());
    bed.fill(anna, 120).await;
    bed.fill(ben, 1).await;
    let whole = Subject::tenant_itself(TenantId::DEFAULT);
    let mut stranger = by(anna);
    stranger.actor = Actor::Anonymous;
    for (ctx, subject) in [(by(ben), anna), (stranger, whole)] {
        let keys = bed.ledger.keys(&ctx, subject).await.unwrap();
        let event = Event::new(&THING_READ, subject).detail("note", "a secret word");
        bed.ledger.record_now(&ctx, &keys, &event).await.unwrap();
    }
    bed.ledger.sequence_all().await.unwrap();
    let verify = async || bed.ledger.verify_details(&|_| ()).await.unwrap();
    let (all, of_anna) = (2 * (120 + 1 + 2), 2 * 120 + 1);
    assert_eq!(verify().await, DetailReport { opened: all, failed: 0 });

    let rows = bed.keys.load(&anna).await.unwrap();
    let of_boxes =
        rows.iter().find(|row| row.line.kind == KeyKind::Dek && row.line.name == "audit");
    assert!(bed.keys.remove(of_boxes.unwrap()).await.unwrap());
    bed.vault.forget_all();
    assert_eq!(verify().await, DetailReport { opened: all - of_anna, failed: of_anna });

    bed.vault.shred(anna, Ring::Accountability).await.unwrap();
    assert_eq!(verify().await, DetailReport { opened: all - of_anna, failed: 0 });
});
