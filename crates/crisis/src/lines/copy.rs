//! The changed lines on disk, for a process that starts while its database cannot be reached.
//!
//! What always holds: it appears whole or not at all, nobody else on the machine may read or change
//! it, nothing of a person is in it, and what is read is judged like what an administrator sends.

use super::{
    error::LinesError,
    model::{bounded, checked},
};
use care::hotlines::{Hotlines, Override};
use db::files;
use kernel::Env;
use serde::{Deserialize, Serialize};
use std::{
    fs::File,
    io::{self, ErrorKind, Read},
    path::{Path, PathBuf},
};

const NAME: &str = "crisis-lines.json";
/// More than all countries with all that can be changed about them.
const LONGEST: u64 = 32 * 1024 * 1024;
/// Counts up whenever the form changes; another one is left alone.
const FORM: u32 = 1;

/// What stands in the file.
#[derive(Serialize, Deserialize)]
struct Kept {
    form: u32,
    changes: Vec<Override>,
}

/// A file in the data directory.
#[derive(Debug, Clone)]
pub(super) struct Copy {
    folder: PathBuf,
}

impl Copy {
    /// In this folder.
    pub(super) fn in_folder(folder: &Path) -> Self {
        Self { folder: folder.to_owned() }
    }

    fn path(&self) -> PathBuf {
        self.folder.join(NAME)
    }

    /// Keeps these changes, if they are others than those that are kept.
    pub(super) fn keep(&self, env: &Env, changes: &[Override]) -> io::Result<()> {
        let kept = Kept { form: FORM, changes: changes.to_vec() };
        let bytes = serde_json::to_vec_pretty(&kept)?;
        let present = self.bytes();
        if present.as_ref().is_ok_and(|present| *present == bytes) {
            return Ok(());
        }
        let nothing_yet = present.is_err_and(|error| error.kind() == ErrorKind::NotFound);
        if nothing_yet && changes.is_empty() {
            return Ok(());
        }
        // Of another process that writes at the same moment, one wins whole.
        files::replace(env, &self.path(), 0o600, &bytes)
    }

    /// The changes that are kept and fit. What does not is named in the log and costs no other.
    pub(super) fn read(&self, built_in: &Hotlines) -> Vec<Override> {
        let bytes = match self.bytes() {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == ErrorKind::NotFound => return Vec::new(),
            Err(error) => {
                tracing::error!(%error, "the copy of the crisis lines cannot be read");
                return Vec::new();
            }
        };
        let kept = serde_json::from_slice(&bytes).ok().filter(|kept: &Kept| kept.form == FORM);
        let Some(Kept { changes, .. }) = kept else {
            tracing::error!("the copy of the crisis lines cannot be understood");
            return Vec::new();
        };
        let fits = |change: &Override| -> Result<(), LinesError> {
            bounded(change)?;
            checked(change, built_in).map(drop)
        };
        let good = changes.into_iter().filter(|change| {
            fits(change)
                .inspect_err(|error| tracing::error!(%error, "changed crisis lines do not fit"))
                .is_ok()
        });
        good.collect()
    }

    fn bytes(&self) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        let read = File::open(self.path())?.take(LONGEST + 1).read_to_end(&mut bytes)?;
        let fits = u64::try_from(read).is_ok_and(|read| read <= LONGEST);
        if fits { Ok(bytes) } else { Err(ErrorKind::FileTooLarge.into()) }
    }
}
