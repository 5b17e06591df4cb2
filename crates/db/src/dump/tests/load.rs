//! Loading, also from one kind of database into the other.

use super::super::{DumpError, FormatError, fit::fit};
use super::{
    ADD, COUNT, DROP_SEED, MORES, NEXT, Rows, SEEDS, SEEDS_STEP, THINGS as THINGS_STEP, blank,
    dump, dump_all, load, new_set, old_set, rows, with_lineage,
};
use crate::{
    Bulk, BulkType, DbError, Engine, Migration, MigrationSet, Value, params, row, run_tx,
    testing::{ENGINES, TestDb},
};
use proptest::{prelude::*, test_runner::TestRunner};
use std::collections::BTreeMap;
use uuid::Uuid;

row! {
    struct Number {
        n: i64,
    }
}

const COLUMNS: &[(&str, BulkType)] = &[
    ("id", BulkType::Uuid),
    ("n", BulkType::Int),
    ("label", BulkType::Text),
    ("body", BulkType::Bytes),
    ("ok", BulkType::Bool),
    ("x", BulkType::Float),
];
static THINGS: Bulk = Bulk::into_table("things", COLUMNS);

/// What every column can hold, in both databases.
fn values() -> impl Strategy<Value = Vec<Value>> {
    let text = prop_oneof![
        Just(String::new()),
        Just("\u{1}\t\r\n\"'\\\\N,{}$1".to_owned()),
        Just("\u{feff}süß 💙 e\u{301} \u{202e}abc \u{10ffff}".to_owned()),
        ".{0,40}".prop_map(|text| text.replace('\0', " ")),
        (0_usize..70_000).prop_map(|length| "a".repeat(length)),
    ];
    let number =
        prop_oneof![Just(0), Just(1), Just(-1), Just(i64::MIN), Just(i64::MAX), any::<i64>()];
    let fraction = prop_oneof![
        Just(f64::INFINITY),
        Just(f64::NEG_INFINITY),
        Just(f64::MIN_POSITIVE / 2.0),
        Just(f64::MAX),
        Just(1.0),
        Just(9_007_199_254_740_993.0),
        any::<f64>().prop_filter("SQLite keeps no NaN", |x| !x.is_nan()),
    ];
    let bytes = prop_oneof![
        proptest::collection::vec(any::<u8>(), 0..40),
        proptest::collection::vec(any::<u8>(), 16..=16),
    ];
    (
        proptest::option::of(number),
        proptest::option::of(text),
        proptest::option::of(bytes),
        any::<Option<bool>>(),
        proptest::option::of(fraction),
    )
        .prop_map(|(n, label, body, ok, x)| params![n, label, body, ok, x])
}

async fn fill(db: &TestDb, things: &[Vec<Value>]) {
    run_tx!(db, "test.fill", |tx| {
        let rows = things.iter().enumerate().map(|(number, values)| {
            let mut row = params![Uuid::from_u128(number as u128)];
            row.extend(values.iter().cloned());
            row
        });
        tx.bulk(&THINGS, rows.collect()).await
    })
    .unwrap();
}

/// The rows as PostgreSQL types them, in order of their ids, for comparison.
fn plain(bytes: &[u8]) -> Vec<BTreeMap<String, Value>> {
    let tables: Rows = rows(bytes);
    let mut things = tables["things"].clone();
    for (column, kind) in COLUMNS {
        for thing in &mut things {
            let value = thing.remove(*column).unwrap();
            thing.insert((*column).to_owned(), fit(value, *kind, Engine::Postgres).unwrap());
        }
    }
    things.sort_by_key(|thing| format!("{:?}", uuid(&thing["id"])));
    things
}

fn uuid(value: &Value) -> Uuid {
    match value {
        Value::Uuid(id) => *id,
        other => panic!("{other:?}"),
    }
}

/// There and back again over each pair of databases.
async fn round_trip(things: &[Vec<Value>]) {
    let set = old_set();
    for (from, to) in [
        (Engine::Sqlite, Engine::Postgres),
        (Engine::Postgres, Engine::Sqlite),
        (Engine::Sqlite, Engine::Sqlite),
        (Engine::Postgres, Engine::Postgres),
    ] {
        let (Some(first), Some(second), Some(third)) =
            (blank(from).await, blank(to).await, blank(from).await)
        else {
            continue;
        };
        first.migrate(&set).await.unwrap();
        fill(&first, things).await;
        let original = dump_all(&first).await;
        let counts = load(&second, &[&original], &set).await.unwrap();
        assert_eq!(counts.0["things"], things.len() as u64);
        let crossed = dump_all(&second).await;
        load(&third, &[&crossed], &set).await.unwrap();
        let returned = dump_all(&third).await;
        assert_eq!(plain(&crossed), plain(&original));
        assert_eq!(plain(&returned), plain(&original));
        for db in [first, second, third] {
            db.discard().await;
        }
    }
}

#[test]
fn what_is_dumped_on_one_database_loads_on_the_other_and_back() {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let mut runner = TestRunner::new(ProptestConfig { cases: 6, ..ProptestConfig::default() });
    runner
        .run(&proptest::collection::vec(values(), 0..60), |things| {
            runtime.block_on(round_trip(&things));
            Ok(())
        })
        .unwrap();
}

fn seeded_set() -> MigrationSet {
    MigrationSet::new(&[&[THINGS_STEP, SEEDS_STEP]])
}

async fn with_one_thing(engine: Engine, set: &MigrationSet) -> Option<TestDb> {
    let db = blank(engine).await?;
    db.migrate(set).await.unwrap();
    fill(&db, &[params![41, "a", vec![1_u8], true, 0.5]]).await;
    Some(db)
}

/// Runs a body on each pair of a filled and a blank database.
macro_rules! on_both {
    ($name:ident, $set:expr, |$from:ident, $to:ident| $body:block) => {
        #[tokio::test]
        async fn $name() {
            for engine in ENGINES {
                let Some($from) = with_one_thing(engine, &$set).await else { continue };
                let $to = blank(engine).await.unwrap();
                $body
                $from.discard().await;
                $to.discard().await;
            }
        }
    };
}

on_both!(a_database_with_rows_is_refused_and_stays_as_it_is, old_set(), |from, to| {
    let bytes = dump_all(&from).await;
    let before = from.one::<Number>(&COUNT, params![]).await.unwrap().n;
    let result = load(&from, &[&bytes], &old_set()).await;
    assert!(matches!(result, Err(DumpError::NotEmpty(table)) if table == "things"));
    assert_eq!(from.one::<Number>(&COUNT, params![]).await.unwrap().n, before);
    to.migrate(&old_set()).await.unwrap();
    load(&to, &[&bytes], &old_set()).await.unwrap();
});

on_both!(what_was_loaded_begins_a_lineage_of_its_own, with_lineage(), |from, to| {
    let known = from.lineage().await.unwrap();
    assert_eq!(from.another().lineage().await.unwrap(), known, "one for all programs");
    let bytes = dump_all(&from).await;
    load(&to, &[&bytes], &with_lineage()).await.unwrap();
    assert_ne!(to.lineage().await.unwrap(), known);
});

on_both!(a_dump_of_an_older_program_goes_through_the_later_steps, old_set(), |from, to| {
    let bytes = dump_all(&from).await;
    load(&to, &[&bytes], &new_set()).await.unwrap();
    assert!(to.missing(&new_set()).await.unwrap().is_empty());
    assert_eq!(to.one::<Number>(&MORES, params![]).await.unwrap().n, 42);
});

on_both!(rows_that_a_step_brings_are_replaced_by_those_of_the_dump, seeded_set(), |from, to| {
    from.exec(&DROP_SEED, params![]).await.unwrap();
    let bytes = dump_all(&from).await;
    load(&to, &[&bytes], &seeded_set()).await.unwrap();
    let seeds: Vec<Number> = to.all(&SEEDS, params![]).await.unwrap();
    assert_eq!(seeds.iter().map(|seed| seed.n).collect::<Vec<_>>(), [2]);
});

on_both!(a_dump_of_a_newer_program_is_refused, new_set(), |from, to| {
    let bytes = dump_all(&from).await;
    let result = load(&to, &[&bytes], &old_set()).await;
    assert!(matches!(result, Err(DumpError::Db(DbError::Schema(_)))), "{result:?}");
});

on_both!(a_dump_of_another_history_is_refused, old_set(), |from, to| {
    let bytes = dump_all(&from).await;
    let changed = Migration { sql: "SELECT 1;", ..super::THINGS };
    let set = MigrationSet::new(&[&[changed]]);
    let result = load(&to, &[&bytes], &set).await;
    assert!(matches!(result, Err(DumpError::Db(DbError::Schema(_)))), "{result:?}");
});

on_both!(a_database_that_is_newer_than_the_dump_is_refused, old_set(), |from, to| {
    let bytes = dump_all(&from).await;
    to.migrate(&new_set()).await.unwrap();
    let result = load(&to, &[&bytes], &new_set()).await;
    assert!(matches!(result, Err(DumpError::TargetAhead(step)) if step == "9001_more"));
});

on_both!(a_dump_that_breaks_off_leaves_the_database_as_it_was, new_set(), |from, to| {
    let bytes = dump_all(&from).await;
    let cut = load(&to, &[&bytes[..bytes.len() - 1]], &new_set()).await;
    assert!(matches!(cut, Err(DumpError::Format(FormatError::Truncated))), "{cut:?}");
    assert!(!to.schema().await.unwrap().0.contains_key("things"));
    load(&to, &[&bytes], &new_set()).await.unwrap();
});

on_both!(dumps_of_different_steps_are_loaded_together, old_set(), |from, to| {
    let things = dump(&from, |table| table == "things").await;
    from.migrate(&new_set()).await.unwrap();
    let rest = dump(&from, |table| table != "things").await;
    let counts = load(&to, &[&rest, &things], &new_set()).await.unwrap();
    assert_eq!(counts.0.keys().collect::<Vec<_>>(), ["numbered", "others", "things"]);
    assert_eq!(to.one::<Number>(&MORES, params![]).await.unwrap().n, 42);
});

on_both!(a_table_that_is_in_two_dumps_is_refused, old_set(), |from, to| {
    let bytes = dump_all(&from).await;
    let result = load(&to, &[&bytes, &bytes], &old_set()).await;
    assert!(matches!(result, Err(DumpError::Twice(_))), "{result:?}");
});

on_both!(numbers_given_out_by_the_database_go_on_after_the_loaded_ones, new_set(), |from, to| {
    for wanted in 1..=3 {
        assert_eq!(from.exec_opt::<Number>(&NEXT, params![]).await.unwrap().unwrap().n, wanted);
    }
    let bytes = dump_all(&from).await;
    load(&to, &[&bytes], &new_set()).await.unwrap();
    assert_eq!(to.exec_opt::<Number>(&NEXT, params![]).await.unwrap().unwrap().n, 4);
});

#[tokio::test]
async fn a_value_that_the_other_database_cannot_hold_is_refused_by_its_place() {
    let (Some(sqlite), Some(postgres)) = (
        with_one_thing(Engine::Sqlite, &old_set()).await,
        with_one_thing(Engine::Postgres, &old_set()).await,
    ) else {
        return;
    };
    let id = Uuid::from_u128(1000);
    let none = None::<Vec<u8>>;
    let zero = params![id, 0, "a\0b", none.clone(), true, 0.5];
    sqlite.exec(&ADD, zero).await.unwrap();
    postgres.exec(&ADD, params![id, 0, "", none, true, f64::NAN]).await.unwrap();
    for (from, place) in [(&sqlite, "things.label"), (&postgres, "things.x")] {
        let other = if from.engine() == Engine::Sqlite { Engine::Postgres } else { Engine::Sqlite };
        let target = blank(other).await.unwrap();
        let result = load(&target, &[&dump_all(from).await], &old_set()).await;
        assert!(
            matches!(&result, Err(DumpError::Misfit { place: found, .. }) if found == place),
            "{result:?}"
        );
        target.discard().await;
        let same = blank(from.engine()).await.unwrap();
        load(&same, &[&dump_all(from).await], &old_set()).await.unwrap();
        same.discard().await;
    }
    sqlite.discard().await;
    postgres.discard().await;
}
