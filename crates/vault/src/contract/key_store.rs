//! What every store of wrapped keys must do.

use super::{Verdict, ensure, must};
use crate::{
    column::Ring,
    kms::{KmsKey, KmsLine},
    store::{KeyKind, KeyLine, KeyPosition, KeyRow, KeyStore, Select, Wrapping},
    tree,
};
use kernel::{Env, Subject, TenantId, Timestamp, UserId};
use std::time::Duration;

/// Runs every check against an empty store.
pub async fn key_store(store: &dyn KeyStore, env: &Env) -> Verdict {
    let check = Check { store, env, owner: new_owner(env) };
    ensure(must(store.load(&check.owner).await)?.is_empty(), "an empty store holds nothing")?;
    check.inserts().await?;
    check.succeeds().await?;
    check.rewraps().await?;
    check.expires_and_removes().await?;
    check.shreds().await?;
    check.pages().await?;
    check.counts().await
}

fn new_owner(env: &Env) -> Subject {
    Subject::new(TenantId::DEFAULT, env.new_id::<UserId>())
}

const ROOT: KmsKey = KmsKey { line: KmsLine::Root, version: 7 };

struct Check<'a> {
    store: &'a dyn KeyStore,
    env: &'a Env,
    owner: Subject,
}

impl Check<'_> {
    /// A row that differs from others in every field that it can.
    fn row(&self, owner: Subject, ring: Ring, name: &str, version: u32) -> KeyRow {
        let line = KeyLine { kind: KeyKind::Dek, ring: Some(ring), name: name.to_owned() };
        let mut row = tree::draft(self.env, owner, line, version);
        let parent = Some(self.env.new_id());
        row.wrapping =
            Wrapping { parent, kms: Some(ROOT), bytes: self.env.random::<40>().to_vec() };
        row.active_from = row.created_at.plus(Duration::from_secs(5));
        row
    }

    fn journal(&self, version: u32) -> KeyRow {
        self.row(self.owner, Ring::Clinical, "journal", version)
    }

    async fn find(&self, row: &KeyRow) -> Result<Option<KeyRow>, String> {
        let rows = must(self.store.load(&row.owner).await)?;
        Ok(rows.into_iter().find(|there| there.id == row.id))
    }

    async fn inserts(&self) -> Verdict {
        let (first, other) = (self.journal(1), self.row(self.owner, Ring::Clinical, "chat", 1));
        ensure(must(self.store.insert(&[first.clone(), other.clone()]).await)?, "both are new")?;
        ensure(self.find(&first).await? == Some(first.clone()), "a row reads back as it was")?;
        ensure(self.find(&other).await? == Some(other), "all rows of one call are stored")?;
        let bare = Wrapping { parent: None, kms: None, bytes: vec![1] };
        let mut system = self.row(crate::installation(), Ring::Clinical, "tokens", 1);
        system.line = KeyLine { kind: KeyKind::System, ring: None, name: "tokens".to_owned() };
        system.wrapping = bare;
        ensure(must(self.store.insert(&[system.clone()]).await)?, "without parent and ring too")?;
        ensure(self.find(&system).await? == Some(system), "absent parts read back as absent")?;
        let third = self.row(self.owner, Ring::Clinical, "documents", 1);
        let clash = must(self.store.insert(&[third.clone(), self.journal(1)]).await)?;
        ensure(!clash, "a version that is there already is refused")?;
        ensure(self.find(&third).await?.is_none(), "and nothing of that call is stored")?;
        let same_elsewhere = [
            self.row(self.owner, Ring::Accountability, "journal", 1),
            self.row(new_owner(self.env), Ring::Clinical, "journal", 1),
        ];
        ensure(must(self.store.insert(&same_elsewhere).await)?, "other rings and owners are apart")
    }

    async fn succeeds(&self) -> Verdict {
        let second = self.journal(2);
        let at = second.created_at.plus(Duration::from_mins(1));
        ensure(must(self.store.succeed(&second, at).await)?, "the next version is new")?;
        ensure(!must(self.store.succeed(&self.journal(2), at).await)?, "but only once")?;
        let third = self.journal(3);
        let later = at.plus(Duration::from_mins(1));
        ensure(must(self.store.succeed(&third, later).await)?, "and so is the one after")?;
        let mut rows = must(self.store.load(&self.owner).await)?;
        rows.retain(|row| row.line == third.line);
        rows.sort_by_key(|row| row.version);
        let expiries: Vec<_> = rows.iter().map(|row| row.expires_at).collect();
        ensure(expiries == [Some(at), Some(later), None], "older versions expire, each once")?;
        let others = must(self.store.load(&self.owner).await)?;
        let untouched = |row: &KeyRow| row.line == third.line || row.expires_at.is_none();
        ensure(others.iter().all(untouched), "other lines do not expire")
    }

    async fn rewraps(&self) -> Verdict {
        let row = self.journal(4);
        must(self.store.insert(std::slice::from_ref(&row)).await)?;
        let to = Wrapping {
            parent: Some(self.env.new_id()),
            kms: Some(KmsKey { line: KmsLine::Epoch, version: 8 }),
            bytes: vec![8; 50],
        };
        ensure(must(self.store.rewrap(&row, &to).await)?, "a row as it was read is rewrapped")?;
        let expected = KeyRow { wrapping: to.clone(), ..row.clone() };
        ensure(self.find(&row).await? == Some(expected.clone()), "and only its wrapping changes")?;
        ensure(!must(self.store.rewrap(&row, &to).await)?, "a row that has changed is not")?;
        ensure(must(self.store.remove(&expected).await)?, "it can be removed")?;
        ensure(!must(self.store.rewrap(&expected, &to).await)?, "a row that is gone is not")
    }

    async fn expires_and_removes(&self) -> Verdict {
        let row = self.row(self.owner, Ring::Clinical, "sleep", 1);
        must(self.store.insert(std::slice::from_ref(&row)).await)?;
        let at = row.created_at.plus(Duration::from_secs(9));
        must(self.store.expire(&row, at).await)?;
        let found = self.find(&row).await?;
        ensure(found.is_some_and(|row| row.expires_at == Some(at)), "expiry is stored")?;
        ensure(must(self.store.remove(&row).await)?, "a row is removed")?;
        ensure(!must(self.store.remove(&row).await)?, "once")?;
        ensure(self.find(&row).await?.is_none(), "and is gone")
    }

    async fn shreds(&self) -> Verdict {
        let owner = new_owner(self.env);
        let doomed = [
            self.row(owner, Ring::Clinical, "journal", 1),
            self.row(owner, Ring::Clinical, "chat", 1),
        ];
        let kept = self.row(owner, Ring::Accountability, "audit", 1);
        must(self.store.insert(&doomed).await)?;
        must(self.store.insert(std::slice::from_ref(&kept)).await)?;
        let (ring, name) = (Some(Ring::Clinical), String::new());
        let line = KeyLine { kind: KeyKind::Tombstone, ring, name };
        let tombstone = tree::draft(self.env, owner, line, 1);
        ensure(must(self.store.shred(&tombstone).await)? == 2, "all keys of the ring go")?;
        let again = KeyRow { id: self.env.new_id(), ..tombstone.clone() };
        ensure(must(self.store.shred(&again).await)? == 0, "shredding again is fine")?;
        let rows = must(self.store.load(&owner).await)?;
        ensure(rows.len() == 2, "the other ring and one tombstone stay")?;
        ensure(rows.contains(&kept) && rows.contains(&tombstone), "as they were")?;
        let late = self.row(owner, Ring::Clinical, "journal", 1);
        ensure(
            !must(self.store.insert(std::slice::from_ref(&late)).await)?,
            "a dead ring takes no key",
        )?;
        let at = late.created_at;
        ensure(!must(self.store.succeed(&late, at).await)?, "nor the next version of one")?;
        let alive = self.row(owner, Ring::Accountability, "audit", 2);
        ensure(must(self.store.insert(&[alive]).await)?, "the other ring does")
    }

    async fn pages(&self) -> Verdict {
        let line =
            KeyLine { kind: KeyKind::PersonKek, ring: Some(Ring::Clinical), name: String::new() };
        let of_ring = KeyRow { line, ..self.journal(1) };
        must(self.store.insert(&[of_ring]).await)?;
        let everything = self.walk(Select::All, 1).await?;
        let in_one = self.walk(Select::All, 1000).await?;
        ensure(everything == in_one, "pages of any size give the same rows in the same order")?;
        let owners: Vec<_> = everything
            .iter()
            .map(|row| (row.owner.tenant, row.owner.shard, row.owner.user, row.id))
            .collect();
        ensure(owners.is_sorted(), "the order is that of tenant, shard, user and id")?;
        let of_ring = everything.iter().find(|row| row.line.kind == KeyKind::PersonKek);
        let parent = of_ring.and_then(|row| row.wrapping.parent).ok_or("it has a parent")?;
        let first_expiry = everything.iter().filter_map(|row| row.expires_at).min();
        let first_expiry = first_expiry.ok_or("something expires")?;
        let selects = [
            Select::WrappedByKms(ROOT),
            Select::WrappedByTenantKey(parent),
            Select::Kind(KeyKind::System),
            Select::Kind(KeyKind::Dek),
            Select::Superseded(Timestamp::MAX),
            Select::Superseded(first_expiry),
        ];
        for select in selects {
            let fits = |row: &&KeyRow| match select {
                Select::All => true,
                Select::WrappedByKms(key) => row.wrapping.kms == Some(key),
                Select::WrappedByTenantKey(key) => {
                    row.line.kind != KeyKind::Dek && row.wrapping.parent == Some(key)
                }
                Select::Kind(kind) => row.line.kind == kind,
                Select::Superseded(by) => row.expires_at.is_some_and(|at| at <= by),
            };
            let expected: Vec<_> = everything.iter().filter(fits).cloned().collect();
            ensure(!expected.is_empty(), "every selection is tried on something")?;
            let selected = self.walk(select, 2).await?;
            ensure(selected == expected, &format!("a page holds what was selected: {select:?}"))?;
        }
        Ok(())
    }

    async fn walk(&self, select: Select, limit: usize) -> Result<Vec<KeyRow>, String> {
        let (mut rows, mut after) = (Vec::new(), None);
        loop {
            let page = must(self.store.page(select, after, limit).await)?;
            ensure(page.len() <= limit, "a page is not longer than asked")?;
            let Some(last) = page.last() else { return Ok(rows) };
            after = Some(KeyPosition::of(last));
            rows.extend(page);
        }
    }

    async fn counts(&self) -> Verdict {
        let rows = self.walk(Select::All, 1000).await?;
        let counts = must(self.store.counts().await)?;
        let total: u64 = counts.iter().map(|count| count.count).sum();
        ensure(total == rows.len() as u64, "every row is counted once")?;
        let alike = counts.iter().all(|count| {
            let same = rows.iter().filter(|row| {
                row.line == count.line
                    && row.version == count.version
                    && row.wrapping.kms == count.kms
                    && row.expires_at.is_some() == count.superseded
            });
            same.count() as u64 == count.count
        });
        ensure(alike, "rows that are alike are counted together")
    }
}
