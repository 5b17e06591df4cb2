//! Small files beside the database, written so that no reader and no crash ever sees half of one.

use kernel::Env;
use std::{
    fs::{self, File, OpenOptions},
    io::{self, Write},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
};

/// Writes a file as a whole, in place of what had its name before; on disk when this returns.
/// Blocks.
pub fn replace(env: &Env, path: &Path, mode: u32, bytes: &[u8]) -> io::Result<()> {
    let draft = draft_of(env, path);
    let written = write(&draft, mode, bytes).and_then(|()| fs::rename(&draft, path));
    if written.is_err() {
        // What went wrong first is what is told.
        let _ = fs::remove_file(&draft);
    }
    written?;
    File::open(folder_of(path))?.sync_all()
}

/// The folder that a file is in.
#[must_use]
pub fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Its name is random: processes in different containers may share a folder and a process number.
fn draft_of(env: &Env, path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(format!(".{:016x}.new", u64::from_be_bytes(env.random())));
    PathBuf::from(name)
}

fn write(path: &Path, mode: u32, bytes: &[u8]) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).create_new(true).mode(mode).open(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    fn names(folder: &Path) -> Vec<String> {
        let files = fs::read_dir(folder).unwrap();
        files.map(|file| file.unwrap().file_name().into_string().unwrap()).collect()
    }

    #[test]
    fn a_file_takes_the_place_of_another_and_leaves_nothing_beside_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("list");
        for content in [b"first".as_slice(), b"the second one"] {
            replace(&Env::system(), &path, 0o600, content).unwrap();
            assert_eq!(fs::read(&path).unwrap(), content);
            assert_eq!(names(folder.path()), ["list"]);
        }
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    }

    #[test]
    fn what_cannot_take_its_place_leaves_everything_as_it_was() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("list");
        fs::create_dir(&path).unwrap();
        fs::write(path.join("inside"), "kept").unwrap();
        assert!(replace(&Env::system(), &path, 0o600, b"new").is_err());
        assert_eq!(names(folder.path()), ["list"]);
        assert_eq!(fs::read(path.join("inside")).unwrap(), b"kept");
    }
}
