//! The folder of installed models. A model has a folder of its own there, which appears whole.

use crate::{
    archive,
    lock::{Listed, Taken},
};
use aws_lc_rs::digest::{Context, SHA256, digest};
use std::{
    fmt::Write as _,
    fs::{self, File},
    io::{self, Read, Write},
    path::{Path, PathBuf},
};

/// Why a model cannot be had.
#[derive(Debug, thiserror::Error)]
pub enum ModelError {
    /// The package is another one than the list says.
    #[error("this is not the package that the list names: its length or hash differs")]
    Package,
    /// A file of the model is another one than the list says.
    #[error("{0} is not the file that the list names: its length or hash differs")]
    File(String),
    /// A file of the model does not read as one.
    #[error("{0} cannot be understood")]
    Unreadable(&'static str),
    /// The engine does not take the model.
    #[error("the model cannot be used: {0}")]
    Engine(String),
    /// A file cannot be read or written.
    #[error("{path}: {source}")]
    Io {
        /// Which one.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
}

impl ModelError {
    pub(crate) fn io(path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::Io { path, source }
    }
}

/// Where models are installed.
#[derive(Debug, Clone)]
pub struct Shelf(PathBuf);

impl Shelf {
    /// In this folder, which need not be there yet.
    #[must_use]
    pub const fn new(folder: PathBuf) -> Self {
        Self(folder)
    }

    /// The folder of a model.
    #[must_use]
    pub fn folder(&self, model: &Listed) -> PathBuf {
        self.0.join(model.tag())
    }

    /// Whether the model is there.
    #[must_use]
    pub fn has(&self, model: &Listed) -> bool {
        self.folder(model).is_dir()
    }

    /// Reads all files of a model again and compares them with the list.
    pub fn check(&self, model: &Listed) -> Result<(), ModelError> {
        model.files.iter().try_for_each(|file| check(&self.folder(model), file))
    }

    /// Puts a model out of this package into its folder.
    pub fn install(&self, model: &Listed, package: &[u8]) -> Result<(), ModelError> {
        if package.len() != model.bytes || hex(digest(&SHA256, package).as_ref()) != model.sha256 {
            return Err(ModelError::Package);
        }
        let (folder, fresh) = (self.folder(model), self.0.join(format!("{}.new", model.tag())));
        remove(&fresh)?;
        fs::create_dir_all(&fresh).map_err(ModelError::io(&fresh))?;
        for file in &model.files {
            let wrong = || ModelError::File(file.name.clone());
            let content = archive::file(package, &file.path, file.bytes).ok_or_else(wrong)?;
            if content.len() != file.bytes || hex(digest(&SHA256, &content).as_ref()) != file.sha256
            {
                return Err(wrong());
            }
            let path = fresh.join(&file.name);
            write(&path, &content).map_err(ModelError::io(&path))?;
        }
        remove(&folder)?;
        fs::rename(&fresh, &folder).map_err(ModelError::io(&folder))
    }

    /// Removes a model; whether it was there.
    pub fn remove(&self, model: &Listed) -> Result<bool, ModelError> {
        let there = self.has(model);
        remove(&self.folder(model))?;
        Ok(there)
    }
}

fn write(path: &Path, content: &[u8]) -> io::Result<()> {
    let mut file = File::create_new(path)?;
    file.write_all(content)?;
    file.sync_all()
}

fn remove(folder: &Path) -> Result<(), ModelError> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(ModelError::io(folder)(error)),
        _ => Ok(()),
    }
}

fn check(folder: &Path, listed: &Taken) -> Result<(), ModelError> {
    let path = folder.join(&listed.name);
    let mut file = File::open(&path).map_err(ModelError::io(&path))?;
    let (mut hash, mut length, mut piece) = (Context::new(&SHA256), 0, vec![0; 256 * 1024]);
    loop {
        let read = file.read(&mut piece).map_err(ModelError::io(&path))?;
        let Some(bytes) = piece.get(..read).filter(|bytes| !bytes.is_empty()) else { break };
        hash.update(bytes);
        length += read;
    }
    if length == listed.bytes && hex(hash.finish().as_ref()) == listed.sha256 {
        Ok(())
    } else {
        Err(ModelError::File(listed.name.clone()))
    }
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(2 * bytes.len()), |mut text, byte| {
        // Writing into a string does not fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{archive::tests::zipped, lock::models};

    /// A model of two small files, and its package.
    fn small() -> (Listed, Vec<u8>) {
        let files: [(&str, &[u8]); 2] = [("in/weights", b"weights weights"), ("words", b"words")];
        let package = zipped(&files);
        let mut model = models().unwrap().remove(0);
        model.bytes = package.len();
        model.sha256 = hex(digest(&SHA256, &package).as_ref());
        let taken = files.iter().map(|(path, content)| Taken {
            path: (*path).to_owned(),
            name: path.rsplit('/').next().unwrap().to_owned(),
            bytes: content.len(),
            sha256: hex(digest(&SHA256, content).as_ref()),
        });
        model.files = taken.collect();
        (model, package)
    }

    #[test]
    fn a_model_is_installed_checked_installed_again_and_removed() {
        let place = tempfile::tempdir().unwrap();
        let shelf = Shelf::new(place.path().join("models"));
        let (model, package) = small();
        assert!(!shelf.has(&model) && !shelf.remove(&model).unwrap());
        for _ in 0..2 {
            shelf.install(&model, &package).unwrap();
            shelf.check(&model).unwrap();
        }
        fs::write(shelf.folder(&model).join("words"), b"other").unwrap();
        assert!(matches!(shelf.check(&model), Err(ModelError::File(name)) if name == "words"));
        assert!(shelf.remove(&model).unwrap() && !shelf.has(&model));
    }

    #[test]
    fn what_is_not_what_the_list_names_is_not_installed() {
        let place = tempfile::tempdir().unwrap();
        let shelf = Shelf::new(place.path().to_owned());
        let (model, mut package) = small();
        package[40] ^= 1;
        assert!(matches!(shelf.install(&model, &package), Err(ModelError::Package)));
        package[40] ^= 1;
        let mut other = model.clone();
        other.files[1].sha256 = "0".repeat(64);
        assert!(matches!(shelf.install(&other, &package), Err(ModelError::File(_))));
        assert!(!shelf.has(&model), "not even in part");
    }
}
