//! The whole schema of the program.

use super::*;
use db::testing::ENGINES;

/// Finds columns of types that a dump does not know, and steps that a restore cannot go through.
#[tokio::test]
async fn every_table_of_the_program_is_backed_up_and_restored() {
    let set = crate::registry::migrations();
    for (from, to) in ENGINES.into_iter().zip(ENGINES.into_iter().rev()) {
        let (Some(old), Some(new)) = (blank(from).await, blank(to).await) else { continue };
        old.migrate(&set).await.unwrap();
        let (dir, kms) = (tempfile::tempdir().unwrap(), kms());
        vault(&old, &kms).keyring(person()).await.unwrap();
        let made = backup(&old, &kms, dir.path()).await;
        let mut tables: Vec<String> = old.schema().await.unwrap().0.into_keys().collect();
        tables.retain(|table| !["schema_history", "lineage"].contains(&table.as_str()));
        assert_eq!(made.counts.0.keys().cloned().collect::<Vec<_>>(), tables);
        let restored = restore_files(&files(&made), &new, &*kms, &set, &silent()).await.unwrap();
        assert_eq!(restored.counts, made.counts);
        assert!(restored.counts.0["vault_keys"] > 0);
        assert_eq!(new.schema().await.unwrap(), old.schema().await.unwrap());
        old.discard().await;
        new.discard().await;
    }
}
