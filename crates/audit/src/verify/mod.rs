//! Verification: everything that can be recomputed is recomputed, nothing stored is believed.
//!
//! What the leaves alone show is altered, moved or missing entries. What only a checkpoint from
//! outside shows is a ledger that was cut short, put back or rewritten as a whole by someone who
//! holds the database: bring one along in [`VerifyOptions::known`], or ask a witness.

mod database;
mod export;
mod report;
mod walk;

pub use export::verify_export;
pub use report::{Finding, RootOf, VerifyReport};

use crate::{checkpoint::SignedCheckpoint, note::VerifierKey};

/// What to believe, and what to check against.
#[derive(Debug, Clone, Default)]
pub struct VerifyOptions {
    /// Keys whose signatures count. Without any, those that the ledger itself names.
    pub keys: Vec<VerifierKey>,
    /// Checkpoints that were seen before; the ledger has to contain them.
    pub known: Vec<SignedCheckpoint>,
    /// A checkpoint that was verified before: what it covers is not recomputed again.
    pub since: Option<SignedCheckpoint>,
}

use report::Finding as F;
use walk::{Mark, Walk};

/// The roots of the checkpoints that were brought along, smallest first; those that cannot be
/// believed or that speak of a larger tree than there is are findings.
fn known_marks(walk: &mut Walk, options: &VerifyOptions, size: u64) -> Vec<Mark> {
    let mut marks = Vec::new();
    for signed in options.known.iter().chain(&options.since) {
        let claimed = signed.checkpoint().head.size;
        let Some(mark) = walk.believe(claimed, &signed.to_string()) else { continue };
        if claimed > size {
            walk.report.find(F::CutOff { known: claimed, size });
        } else if claimed > walk.report.since {
            marks.push(Mark { of: RootOf::Known, ..mark });
        }
    }
    marks.sort_by_key(|mark| mark.head.size);
    marks
}
