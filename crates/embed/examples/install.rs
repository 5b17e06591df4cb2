//! Installs every model of the list out of packages that are in a folder already: for tests, which
//! fetch them with the tools of the machine. `install PACKAGES MODELS`

use embed::{Shelf, models};
use std::{error::Error, fs, path::PathBuf};

fn main() -> Result<(), Box<dyn Error>> {
    let mut folders = std::env::args_os().skip(1).map(PathBuf::from);
    let (Some(packages), Some(place)) = (folders.next(), folders.next()) else {
        return Err("which packages, and where to?".into());
    };
    let shelf = Shelf::new(place);
    for model in models()? {
        shelf.install(&model, &fs::read(packages.join(&model.archive))?)?;
    }
    Ok(())
}
