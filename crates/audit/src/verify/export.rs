//! Verification of an export directory: no server, no database, no key of ours.

use crate::{
    error::AuditError,
    export::{BatchLine, CheckpointLine, ExportHeader, FORMAT, LeafLine, file_error},
    note::VerifierKey,
    proof::TreeHead,
    tree::{Frontier, Hash},
    verify::{
        VerifyOptions, VerifyReport, known_marks,
        report::{Finding, RootOf},
        walk::{Leaf, Mark, Walk},
    },
};
use base64::{Engine, engine::general_purpose::STANDARD};
use serde::de::DeserializeOwned;
use std::{
    collections::HashSet,
    fs::File,
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
};

/// Verifies what `Ledger::export` wrote. Without keys in the options, those inside the export are
/// used: then it is shown that the export is of one piece, and not whose it is.
///
/// Always starts at the first leaf. Remembers 16 bytes of each entry, to find events that stand
/// there twice.
pub fn verify_export(
    directory: &Path,
    options: &VerifyOptions,
) -> Result<VerifyReport, AuditError> {
    let header: ExportHeader = read_header(directory)?;
    let keys = match options.keys.as_slice() {
        [] => read_keys(directory)?,
        some => some.to_vec(),
    };
    let mut walk = Walk::begin(header.log_id, keys, Frontier::default());
    walk.bodies_from = header.bodies_from;
    let mut marks = known_marks(&mut walk, options, header.size);
    marks.extend(checkpoint_marks(directory, &mut walk, header.size)?);
    marks.sort_by_key(|mark| mark.head.size);
    let mut marks = marks.into_iter().peekable();
    let mut batches = Lines::<BatchLine>::open(directory, "batches.ndjson")?.peekable();
    let mut events = HashSet::new();
    for line in Lines::<LeafLine>::open(directory, "leaves.ndjson")? {
        let leaf = read_leaf(&line?, directory)?;
        let mut here = Vec::new();
        while let Some(mark) = marks.next_if(|mark| mark.head.size <= leaf.seq + 1) {
            here.push(mark);
        }
        while let Some(batch) =
            batches.next_if(|batch| batch.as_ref().is_ok_and(|batch| batch.size <= leaf.seq + 1))
        {
            here.extend(batch_mark(&batch?, &mut walk.report));
        }
        let entry = walk.leaf(&leaf, &mut here.into_iter().peekable());
        if let Some(entry) = entry
            && !events.insert(entry.event)
        {
            walk.report.find(Finding::DuplicateEvent { event: entry.event.as_uuid() });
        }
    }
    Ok(finish(walk, &header, batches.next().transpose()?))
}

fn finish(mut walk: Walk, header: &ExportHeader, further_batch: Option<BatchLine>) -> VerifyReport {
    let size = header.size;
    if walk.next() > size {
        walk.report.find(Finding::BeyondEnd { size });
    }
    if let Some(batch) = further_batch {
        walk.report.find(Finding::CutOff { known: batch.size, size });
    }
    // The export ends with a signed checkpoint: without it nothing vouches for the end.
    if walk.report.signed_size < size {
        walk.report.find(Finding::CheckpointFalse { size });
    }
    let frontier = walk.edge_if_at(size);
    walk.end(&frontier, header.exported_at)
}

fn read_header(directory: &Path) -> Result<ExportHeader, AuditError> {
    let path = directory.join("ledger.json");
    let fail = |error: &dyn std::fmt::Display| file_error(&path, &error);
    let text = std::fs::read_to_string(&path).map_err(|error| fail(&error))?;
    let header: ExportHeader = serde_json::from_str(&text).map_err(|error| fail(&error))?;
    if header.format == FORMAT { Ok(header) } else { Err(fail(&"an unknown format")) }
}

fn read_keys(directory: &Path) -> Result<Vec<VerifierKey>, AuditError> {
    let path = directory.join("keys.txt");
    let text = std::fs::read_to_string(&path).map_err(|error| file_error(&path, &error))?;
    text.lines().map(|line| Ok(line.parse()?)).collect()
}

fn checkpoint_marks(directory: &Path, walk: &mut Walk, size: u64) -> Result<Vec<Mark>, AuditError> {
    let mut marks = Vec::new();
    for line in Lines::<CheckpointLine>::open(directory, "checkpoints.ndjson")? {
        let line = line?;
        if line.size > size {
            walk.report.find(Finding::CutOff { known: line.size, size });
        } else {
            marks.extend(walk.believe(line.size, &line.note));
        }
    }
    Ok(marks)
}

fn batch_mark(line: &BatchLine, report: &mut VerifyReport) -> Option<Mark> {
    let root: Option<Hash> = STANDARD.decode(&line.root).ok().and_then(|root| root.try_into().ok());
    let size = line.size;
    if root.is_none() {
        report.find(Finding::RootMismatch { size, of: RootOf::Batch });
    }
    root.map(|root| Mark { head: TreeHead { size, root }, of: RootOf::Batch })
}

fn read_leaf(line: &LeafLine, directory: &Path) -> Result<Leaf, AuditError> {
    let decode = |text: &str| {
        STANDARD.decode(text).map_err(|error| file_error(&directory.join("leaves.ndjson"), &error))
    };
    Ok(Leaf {
        seq: line.seq,
        hashes: decode(&line.leaf)?,
        entry: line.entry.as_deref().map(decode).transpose()?,
        columns: None,
    })
}

/// A file of JSON lines, read one at a time.
struct Lines<T> {
    path: PathBuf,
    read: std::io::Lines<BufReader<File>>,
    kind: std::marker::PhantomData<T>,
}

impl<T> Lines<T> {
    fn open(directory: &Path, name: &str) -> Result<Self, AuditError> {
        let path = directory.join(name);
        let file = File::open(&path).map_err(|error| file_error(&path, &error))?;
        let read = BufReader::with_capacity(1 << 16, file).lines();
        Ok(Self { path, read, kind: std::marker::PhantomData })
    }
}

impl<T: DeserializeOwned> Iterator for Lines<T> {
    type Item = Result<T, AuditError>;
    fn next(&mut self) -> Option<Self::Item> {
        let line = match self.read.next()? {
            Ok(line) => line,
            Err(error) => return Some(Err(file_error(&self.path, &error))),
        };
        Some(serde_json::from_str(&line).map_err(|error| file_error(&self.path, &error)))
    }
}
