//! Tensors in a file of the safetensors format: a head in JSON, and numbers one after the other.

use crate::shelf::ModelError;
use serde::Deserialize;
use std::{
    collections::HashMap,
    fs::File,
    os::unix::fs::FileExt,
    path::{Path, PathBuf},
};

/// The longest head that is read.
const HEAD: u64 = 4 * 1024 * 1024;
const UNREADABLE: ModelError = ModelError::Unreadable("model.safetensors");

#[derive(Deserialize)]
struct Place {
    dtype: String,
    shape: Vec<usize>,
    data_offsets: (u64, u64),
}

/// An open file of tensors. Only what is asked for is read.
pub(crate) struct Tensors {
    file: File,
    path: PathBuf,
    places: HashMap<String, Place>,
    start: u64,
}

impl Tensors {
    pub(crate) fn open(path: &Path) -> Result<Self, ModelError> {
        let file = File::open(path).map_err(ModelError::io(path))?;
        let mut length = [0; 8];
        file.read_exact_at(&mut length, 0).map_err(ModelError::io(path))?;
        let length = u64::from_le_bytes(length);
        let size = usize::try_from(length).ok().filter(|_| length <= HEAD).ok_or(UNREADABLE)?;
        let mut head = vec![0; size];
        file.read_exact_at(&mut head, 8).map_err(ModelError::io(path))?;
        let all: HashMap<String, serde_json::Value> =
            serde_json::from_slice(&head).map_err(|_| UNREADABLE)?;
        let tensors = all.into_iter().filter(|(name, _)| name != "__metadata__");
        let read = |(name, place)| {
            let place = serde_json::from_value(place).map_err(|_| UNREADABLE)?;
            Ok((name, place))
        };
        let places = tensors.map(read).collect::<Result<_, ModelError>>()?;
        Ok(Self { file, path: path.to_owned(), places, start: 8 + length })
    }

    /// A whole tensor of this shape.
    pub(crate) fn whole(&self, name: &str, shape: &[usize]) -> Result<Vec<f32>, ModelError> {
        let rows = shape.first().copied().ok_or(UNREADABLE)?;
        let columns = shape.iter().skip(1).product();
        self.rows(name, (rows, columns), 0..rows, shape)
    }

    /// One row of a table.
    pub(crate) fn row(
        &self,
        name: &str,
        (rows, columns): (usize, usize),
        row: usize,
    ) -> Result<Vec<f32>, ModelError> {
        self.rows(name, (rows, columns), row..row + 1, &[rows, columns])
    }

    fn rows(
        &self,
        name: &str,
        (rows, columns): (usize, usize),
        wanted: std::ops::Range<usize>,
        shape: &[usize],
    ) -> Result<Vec<f32>, ModelError> {
        let place = self.places.get(name).ok_or(UNREADABLE)?;
        let (from, to) = place.data_offsets;
        let bytes = 4 * rows * columns;
        let fits = place.dtype == "F32"
            && place.shape == shape
            && to.checked_sub(from) == u64::try_from(bytes).ok()
            && wanted.end <= rows;
        if !fits {
            return Err(UNREADABLE);
        }
        let skipped = u64::try_from(4 * columns * wanted.start).map_err(|_| UNREADABLE)?;
        let mut bytes = vec![0; 4 * columns * wanted.len()];
        let read = self.file.read_exact_at(&mut bytes, self.start + from + skipped);
        read.map_err(ModelError::io(&self.path))?;
        let (numbers, _) = bytes.as_chunks::<4>();
        Ok(numbers.iter().map(|number| f32::from_le_bytes(*number)).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(head: &str, numbers: &[f32]) -> (tempfile::TempDir, Result<Tensors, ModelError>) {
        let place = tempfile::tempdir().unwrap();
        let path = place.path().join("model.safetensors");
        let mut bytes = (head.len() as u64).to_le_bytes().to_vec();
        bytes.extend(head.bytes());
        bytes.extend(numbers.iter().flat_map(|number| number.to_le_bytes()));
        std::fs::write(&path, bytes).unwrap();
        let tensors = Tensors::open(&path);
        (place, tensors)
    }

    #[test]
    fn tensors_and_rows_of_them_are_read_by_name_and_shape() {
        let head = r#"{"__metadata__":{"format":"pt"},"a":{"dtype":"F32","shape":[2,2],"data_offsets":[0,16]}}"#;
        let (_place, tensors) = file(head, &[1.0, 2.0, 3.0, 4.0]);
        let tensors = tensors.unwrap();
        assert_eq!(tensors.whole("a", &[2, 2]).unwrap(), [1.0, 2.0, 3.0, 4.0]);
        assert_eq!(tensors.row("a", (2, 2), 1).unwrap(), [3.0, 4.0]);
        assert!(tensors.row("a", (2, 2), 2).is_err());
        assert!(tensors.whole("a", &[4]).is_err() && tensors.whole("b", &[2, 2]).is_err());
    }

    #[test]
    fn what_is_no_file_of_tensors_is_refused() {
        assert!(file("{", &[]).1.is_err());
        let beyond = r#"{"a":{"dtype":"F32","shape":[9],"data_offsets":[0,36]}}"#;
        let (_place, tensors) = file(beyond, &[1.0]);
        assert!(tensors.unwrap().whole("a", &[9]).is_err());
    }
}
