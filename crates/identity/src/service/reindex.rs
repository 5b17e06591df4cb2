//! Blind indexes made anew after their key was rotated, so that the old key can go.

use super::Identity;
use crate::{
    error::IdentityError,
    store::{
        LoginRow,
        reindex::{self, OldLink, Older},
    },
};
use kernel::{Ctx, Subject, TenantId};

/// What became of the indexes of an older key.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Reindexed {
    /// Made anew.
    pub moved: u64,
    /// Not: whose they are could not be read. They hold up no other, and keep the old key alive.
    pub left: u64,
}

impl Reindexed {
    fn count(&mut self, moved: &Result<bool, IdentityError>) {
        match moved {
            Ok(true) => self.moved += 1,
            Ok(false) | Err(_) => self.left += 1,
        }
    }
}

impl Identity {
    /// Makes all indexes anew that were made with an older key, `page` of them at a time, and lets
    /// old keys go that nothing needs any more.
    pub async fn reindex(
        &self,
        ctx: &Ctx,
        tenant: TenantId,
        page: u32,
    ) -> Result<Reindexed, IdentityError> {
        // Asked before the indexes are: what is written from here on is written with the newest.
        let retiring = self.0.vault.retiring_index(tenant).await?;
        let mut done = Reindexed::default();
        self.reindex_logins(tenant, page, &mut done).await?;
        self.reindex_links(tenant, page, &mut done).await?;
        self.reindex_vouched(tenant, page, &mut done).await?;
        if let Some(version) = retiring.filter(|_| done == Reindexed::default())
            && reindex::invites(&self.0.db, tenant, version, ctx.now()).await? == 0
        {
            self.0.vault.retire_index(tenant).await?;
        }
        Ok(done)
    }

    async fn reindex_logins(
        &self,
        tenant: TenantId,
        page: u32,
        done: &mut Reindexed,
    ) -> Result<(), IdentityError> {
        let version = self.0.vault.blind_index(tenant, &super::LOGIN_INDEX, b"").await?.version();
        let mut older = Older { tenant, version, after: Vec::new() };
        loop {
            let rows = reindex::logins(&self.0.db, &older, page).await?;
            let Some(last) = rows.last() else { return Ok(()) };
            older.after = last.name_index.to_vec();
            for row in &rows {
                done.count(&self.reindex_login(tenant, row).await);
            }
        }
    }

    async fn reindex_login(&self, tenant: TenantId, row: &LoginRow) -> Result<bool, IdentityError> {
        for name in self.login_names(Subject::new(tenant, row.user_id.into())).await? {
            let known = self.indexes(tenant, &name).await?;
            if known.iter().any(|index| *index.as_bytes() == row.name_index) {
                let index = self.index(tenant, &name).await?;
                let (from, to) = (&row.name_index, index.as_bytes());
                return Ok(reindex::move_login(&self.0.db, tenant, from, to).await?);
            }
        }
        Ok(false)
    }

    async fn reindex_links(
        &self,
        tenant: TenantId,
        page: u32,
        done: &mut Reindexed,
    ) -> Result<(), IdentityError> {
        let version = self.subject_index(tenant, ("", "")).await?.version();
        let mut older = Older { tenant, version, after: Vec::new() };
        loop {
            let rows = reindex::links(&self.0.db, &older, page).await?;
            let Some(last) = rows.last() else { return Ok(()) };
            older.after = last.subject_index.to_vec();
            for row in rows {
                done.count(&self.reindex_link(tenant, row).await);
            }
        }
    }

    async fn reindex_vouched(
        &self,
        tenant: TenantId,
        page: u32,
        done: &mut Reindexed,
    ) -> Result<(), IdentityError> {
        let version = self.subject_index(tenant, ("", "")).await?.version();
        let mut older = Older { tenant, version, after: Vec::new() };
        loop {
            let rows = reindex::vouched(&self.0.db, &older, page).await?;
            let Some(last) = rows.last() else { return Ok(()) };
            older.after = last.subject_index.to_vec();
            for row in rows {
                done.count(&self.reindex_vouched_one(tenant, row).await);
            }
        }
    }

    async fn reindex_vouched_one(
        &self,
        tenant: TenantId,
        row: OldLink,
    ) -> Result<bool, IdentityError> {
        let subject = Subject::new(tenant, row.user_id.into());
        let by = self.indexes_of_vouched(subject, (row.id, row.account)).await?;
        Ok(reindex::move_vouched(&self.0.db, subject, row.id, by).await?)
    }

    async fn reindex_link(&self, tenant: TenantId, row: OldLink) -> Result<bool, IdentityError> {
        let subject = Subject::new(tenant, row.user_id.into());
        let index = self.index_of_link(subject, (row.id, row.account)).await?;
        Ok(reindex::move_link(&self.0.db, subject, row.id, *index.as_bytes()).await?)
    }
}
