//! A copy of the ledger to take away: a directory that [`verify_export`](crate::verify_export)
//! checks without a server or a database. Details stay sealed in it.

use crate::{
    entry::LogId,
    error::AuditError,
    event::Event,
    ledger::Ledger,
    store::{self, Head, unsigned},
};
use base64::{Engine, engine::general_purpose::STANDARD};
use kernel::{Ctx, Subject, TenantId, Timestamp};
use serde::{Deserialize, Serialize};
use std::path::Path;
use tokio::{
    fs::File,
    io::{AsyncWriteExt, BufWriter},
};

crate::actions! {
    /// The ledger was copied out of the program.
    LEDGER_EXPORTED = "audit.ledger.export" on "audit_ledger";
    /// The bodies of old entries were dropped.
    BODIES_DROPPED = "audit.ledger.retention" on "audit_ledger";
}

/// The format of exports. Never changes; a new one gets a new name.
pub(crate) const FORMAT: &str = "salus-audit-export/1";
/// Rows read at once.
const PAGE: u32 = 4_096;

/// `ledger.json`: what the export is of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExportHeader {
    pub(crate) format: String,
    pub(crate) log_id: LogId,
    /// The number of leaves.
    pub size: u64,
    /// Leaves before this one have lost their bodies to retention.
    pub bodies_from: u64,
    /// When it was made.
    pub exported_at: Timestamp,
}

/// A line of `leaves.ndjson`.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct LeafLine {
    pub(crate) seq: u64,
    pub(crate) leaf: String,
    pub(crate) entry: Option<String>,
}

/// A line of `batches.ndjson`.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct BatchLine {
    pub(crate) size: u64,
    pub(crate) root: String,
    pub(crate) at: Timestamp,
}

/// A line of `checkpoints.ndjson`.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct CheckpointLine {
    pub(crate) size: u64,
    pub(crate) note: String,
}

/// A file of an export, written line by line.
struct Lines(BufWriter<File>, String);

pub(crate) fn file_error(path: &Path, error: &impl std::fmt::Display) -> AuditError {
    AuditError::File { path: path.display().to_string(), reason: error.to_string() }
}

impl Lines {
    async fn create(directory: &Path, name: &str) -> Result<Self, AuditError> {
        let path = directory.join(name);
        let file = File::create_new(&path).await.map_err(|error| file_error(&path, &error))?;
        Ok(Self(BufWriter::with_capacity(1 << 16, file), path.display().to_string()))
    }

    async fn line(&mut self, line: &str) -> Result<(), AuditError> {
        let written = async {
            self.0.write_all(line.as_bytes()).await?;
            self.0.write_all(b"\n").await
        };
        written.await.map_err(|error| file_error(Path::new(&self.1), &error))
    }

    async fn json(&mut self, line: &impl Serialize) -> Result<(), AuditError> {
        let text =
            serde_json::to_string(line).map_err(|error| file_error(Path::new(&self.1), &error))?;
        self.line(&text).await
    }

    /// On disk when this returns.
    async fn finish(mut self) -> Result<(), AuditError> {
        let finished = async {
            self.0.flush().await?;
            self.0.get_ref().sync_all().await
        };
        finished.await.map_err(|error| file_error(Path::new(&self.1), &error))
    }
}

impl Ledger {
    /// Copies the ledger, up to a checkpoint signed now, into a new directory. The export is
    /// itself recorded first. `progress` is told how many leaves are written.
    pub async fn export(
        &self,
        ctx: &Ctx,
        directory: &Path,
        mut progress: impl FnMut(u64, u64),
    ) -> Result<ExportHeader, AuditError> {
        let subject = Subject::tenant_itself(TenantId::DEFAULT);
        let keys = self.keys(ctx, subject).await?;
        self.record_now(ctx, &keys, &Event::new(&LEDGER_EXPORTED, subject)).await?;
        self.sequence_all().await?;
        let size = self.checkpoint().await?.checkpoint().head.size;
        let head: Head = store::head(self.db()).await?.try_into()?;
        tokio::fs::create_dir(directory).await.map_err(|error| file_error(directory, &error))?;

        let mut leaves = Lines::create(directory, "leaves.ndjson").await?;
        let mut batches = Lines::create(directory, "batches.ndjson").await?;
        let mut checkpoints = Lines::create(directory, "checkpoints.ndjson").await?;
        let mut start = 0;
        while start < size {
            let end = size.min(start + u64::from(PAGE));
            self.copy_leaves(&mut leaves, start, end).await?;
            self.copy_marks(&mut batches, &mut checkpoints, (start, end)).await?;
            progress(end, size);
            start = end;
        }
        leaves.finish().await?;
        batches.finish().await?;
        checkpoints.finish().await?;
        let mut keys = Lines::create(directory, "keys.txt").await?;
        for key in self.verifier_keys().await? {
            keys.line(&key.to_string()).await?;
        }
        keys.finish().await?;

        // Last, so that a directory without it is seen to be unfinished.
        let header = ExportHeader {
            format: FORMAT.into(),
            log_id: self.log_id(),
            size,
            bodies_from: head.bodies_from.min(size),
            exported_at: ctx.now(),
        };
        let mut file = Lines::create(directory, "ledger.json").await?;
        file.json(&header).await?;
        file.finish().await?;
        Ok(header)
    }

    async fn copy_leaves(&self, lines: &mut Lines, start: u64, end: u64) -> Result<(), AuditError> {
        for row in store::leaves(self.db(), start, end, PAGE).await? {
            let leaf = row
                .hashes
                .first_chunk::<32>()
                .ok_or(AuditError::Contradiction("a leaf has no hash"))?;
            let line = LeafLine {
                seq: unsigned(row.seq),
                leaf: STANDARD.encode(leaf),
                entry: row.entry.map(|bytes| STANDARD.encode(bytes)),
            };
            lines.json(&line).await?;
        }
        Ok(())
    }

    async fn copy_marks(
        &self,
        batches: &mut Lines,
        checkpoints: &mut Lines,
        (start, end): (u64, u64),
    ) -> Result<(), AuditError> {
        for row in store::batches(self.db(), start, end).await? {
            let root = STANDARD.encode(row.root);
            batches.json(&BatchLine { size: unsigned(row.size), root, at: row.at }).await?;
        }
        for row in store::checkpoints(self.db(), start, end).await? {
            checkpoints.json(&CheckpointLine { size: unsigned(row.size), note: row.note }).await?;
        }
        Ok(())
    }
}
