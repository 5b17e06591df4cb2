//! all-MiniLM-L6-v2: a text becomes 384 numbers of length one; the closer two texts are in meaning,
//! the greater the product of their numbers.
//!
//! A network of the BERT kind: six layers, each of which lets every word look at all others. What
//! words mean by themselves is a table of 47 MB that stays in its file: a text needs a few rows.

use crate::{
    graph::{Drawing, Property},
    lock::Listed,
    pieces::Vocabulary,
    shelf::{ModelError, Shelf},
    tensors::Tensors,
};
use rten::{Model, NodeId};
use rten_tensor::{NdTensor, prelude::*};
use std::fs;

/// How many numbers a text becomes.
pub const DIMENSIONS: usize = 384;
const LAYERS: usize = 6;
const HEADS: i64 = 12;
const HEAD: i64 = 32;
const INNER: usize = 4 * DIMENSIONS;
const WORDS: usize = 30_522;
const PLACES: usize = 512;
/// Longer texts are cut: the model was made for so many pieces of words.
const PIECES: usize = 256;
const EPSILON: f32 = 1e-12;
/// Of all layers together.
const WEIGHTS: usize = 44 * 1024 * 1024;

/// The model, ready for use.
pub struct MiniLm {
    model: Model,
    input: NodeId,
    output: NodeId,
    tensors: Tensors,
    /// What is added to a word at each place.
    places: Vec<f32>,
    vocabulary: Vocabulary,
}

impl MiniLm {
    /// Opens an installed model, once every file is found to be what the list says.
    pub fn open(shelf: &Shelf, listed: &Listed) -> Result<Self, ModelError> {
        shelf.check(listed)?;
        let folder = shelf.folder(listed);
        let path = folder.join("vocab.txt");
        let vocabulary = fs::read_to_string(&path).map_err(ModelError::io(&path))?;
        let vocabulary =
            Vocabulary::read(&vocabulary).ok_or(ModelError::Unreadable("vocab.txt"))?;
        let tensors = Tensors::open(&folder.join("model.safetensors"))?;
        let model = draw(&tensors)?;
        let engine = |error: rten::RunError| ModelError::Engine(error.to_string());
        let input = model.node_id("input").map_err(engine)?;
        let output = *model.output_ids().first().ok_or(ModelError::Unreadable("the graph"))?;
        let kind = tensors.row("embeddings.token_type_embeddings.weight", (2, DIMENSIONS), 0)?;
        let mut places =
            tensors.whole("embeddings.position_embeddings.weight", &[PLACES, DIMENSIONS])?;
        for place in places.chunks_mut(DIMENSIONS) {
            place.iter_mut().zip(&kind).for_each(|(place, kind)| *place += kind);
        }
        Ok(Self { model, input, output, tensors, places, vocabulary })
    }

    /// What a text means.
    pub fn vector(&self, text: &str) -> Result<Vec<f32>, ModelError> {
        let pieces = self.vocabulary.pieces(text, PIECES);
        let mut rows = Vec::with_capacity(pieces.len() * DIMENSIONS);
        for (piece, place) in pieces.iter().zip(self.places.chunks(DIMENSIONS)) {
            let name = "embeddings.word_embeddings.weight";
            let word = self.tensors.row(name, (WORDS, DIMENSIONS), *piece)?;
            rows.extend(word.iter().zip(place).map(|(word, place)| word + place));
        }
        let rows = NdTensor::<f32, 2>::from_data([pieces.len(), DIMENSIONS], rows);
        let engine = |error: String| ModelError::Engine(error);
        let outputs = self
            .model
            .run(vec![(self.input, rows.view().into())], &[self.output], None)
            .map_err(|error| engine(error.to_string()))?;
        let output = outputs.into_iter().next().ok_or(ModelError::Unreadable("an output"))?;
        let output: NdTensor<f32, 2> =
            output.try_into().map_err(|_| ModelError::Unreadable("an output"))?;
        Ok(mean(&output.iter().copied().collect::<Vec<f32>>()))
    }
}

/// The mean of all rows, brought to length one.
fn mean(rows: &[f32]) -> Vec<f32> {
    let mut sum = vec![0.0_f32; DIMENSIONS];
    for row in rows.chunks(DIMENSIONS) {
        for (sum, number) in sum.iter_mut().zip(row) {
            *sum += number;
        }
    }
    let length = sum.iter().map(|number| number * number).sum::<f32>().sqrt();
    if length > 0.0 {
        for number in &mut sum {
            *number /= length;
        }
    }
    sum
}

fn draw(tensors: &Tensors) -> Result<Model, ModelError> {
    let mut network = Network { drawing: Drawing::new(WEIGHTS), tensors };
    let mut value = network.normalised("input", "embeddings.LayerNorm")?;
    for layer in 0..LAYERS {
        value = network.layer(&value, &format!("encoder.layer.{layer}"))?;
    }
    network.drawing.finish(("input", DIMENSIONS), &value).map_err(ModelError::Engine)
}

struct Network<'a> {
    drawing: Drawing,
    tensors: &'a Tensors,
}

impl Network<'_> {
    fn layer(&mut self, value: &str, name: &str) -> Result<String, ModelError> {
        let looked = self.attention(value, name)?;
        let output = format!("{name}.attention.output");
        let looked = self.linear(&looked, &format!("{output}.dense"), (DIMENSIONS, DIMENSIONS))?;
        let sum = self.drawing.operation("Add", &[value, &looked], &[]);
        let value = self.normalised(&sum, &format!("{output}.LayerNorm"))?;
        let inner = format!("{name}.intermediate.dense");
        let inner = self.linear(&value, &inner, (DIMENSIONS, INNER))?;
        let inner = self.drawing.operation("Gelu", &[&inner], &[]);
        let outer = self.linear(&inner, &format!("{name}.output.dense"), (INNER, DIMENSIONS))?;
        let sum = self.drawing.operation("Add", &[&value, &outer], &[]);
        self.normalised(&sum, &format!("{name}.output.LayerNorm"))
    }

    /// Every word looks at all others, in twelve ways side by side.
    fn attention(&mut self, value: &str, name: &str) -> Result<String, ModelError> {
        let apart = self.drawing.shape(&[0, HEADS, HEAD]);
        let mut part = |of: &str, order: [i64; 3]| {
            let name = format!("{name}.attention.self.{of}");
            let all = self.linear(value, &name, (DIMENSIONS, DIMENSIONS))?;
            let parts = self.drawing.operation("Reshape", &[&all, &apart], &[]);
            let order = [Property::Numbers("perm", &order)];
            Ok::<_, ModelError>(self.drawing.operation("Transpose", &[&parts], &order))
        };
        let (asked, offered) = (part("query", [1, 0, 2])?, part("key", [1, 2, 0])?);
        let content = part("value", [1, 0, 2])?;
        #[expect(clippy::cast_precision_loss, reason = "it is 32")]
        let scale = self.drawing.weight(&[1.0 / (HEAD as f32).sqrt()], &[1]);
        let fit = self.drawing.operation("MatMul", &[&asked, &offered], &[]);
        let fit = self.drawing.operation("Mul", &[&fit, &scale], &[]);
        let fit = self.drawing.operation("Softmax", &[&fit], &[Property::Number("axis", -1)]);
        let seen = self.drawing.operation("MatMul", &[&fit, &content], &[]);
        let order = [Property::Numbers("perm", &[1, 0, 2])];
        let seen = self.drawing.operation("Transpose", &[&seen], &order);
        let together = self.drawing.shape(&[0, HEADS * HEAD]);
        Ok(self.drawing.operation("Reshape", &[&seen, &together], &[]))
    }

    /// Multiplied with a matrix and moved. The file has it as rows of outputs.
    fn linear(
        &mut self,
        value: &str,
        name: &str,
        (from, to): (usize, usize),
    ) -> Result<String, ModelError> {
        let rows = self.tensors.whole(&format!("{name}.weight"), &[to, from])?;
        let turned: Vec<f32> =
            (0..from).flat_map(|column| rows.iter().skip(column).step_by(from).copied()).collect();
        let matrix = self.drawing.weight(&turned, &[from, to]);
        let moved = self.tensors.whole(&format!("{name}.bias"), &[to])?;
        let moved = self.drawing.weight(&moved, &[to]);
        let product = self.drawing.operation("MatMul", &[value, &matrix], &[]);
        Ok(self.drawing.operation("Add", &[&product, &moved], &[]))
    }

    fn normalised(&mut self, value: &str, name: &str) -> Result<String, ModelError> {
        let mut part = |of: &str| {
            let numbers = self.tensors.whole(&format!("{name}.{of}"), &[DIMENSIONS])?;
            Ok::<_, ModelError>(self.drawing.weight(&numbers, &[DIMENSIONS]))
        };
        let (weight, bias) = (part("weight")?, part("bias")?);
        let how = [Property::Number("axis", -1), Property::Fraction("epsilon", EPSILON)];
        Ok(self.drawing.operation("LayerNormalization", &[value, &weight, &bias], &how))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lock::models;
    use serde::Deserialize;
    use std::{path::Path, sync::OnceLock};

    /// What an implementation that shares nothing with this one says; see `testdata/reference.py`.
    #[derive(Deserialize)]
    struct Reference {
        text: String,
        pieces: usize,
        vector: Vec<f32>,
    }

    /// The model, which `make models` installs where tests look for it.
    fn model() -> &'static MiniLm {
        static MODEL: OnceLock<MiniLm> = OnceLock::new();
        MODEL.get_or_init(|| {
            let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/models");
            let listed = models().unwrap().remove(0);
            let opened = MiniLm::open(&Shelf::new(folder), &listed);
            opened.unwrap_or_else(|error| panic!("`make models` installs the model: {error}"))
        })
    }

    fn product(one: &[f32], other: &[f32]) -> f32 {
        one.iter().zip(other).map(|(a, b)| a * b).sum()
    }

    #[test]
    fn texts_mean_what_another_implementation_says_they_mean() {
        let references: Vec<Reference> =
            serde_json::from_str(include_str!("../testdata/reference.json")).unwrap();
        for Reference { text, pieces, vector } in references {
            assert_eq!(model().vocabulary.pieces(&text, PIECES).len(), pieces, "{text}");
            let found = model().vector(&text).unwrap();
            assert!((product(&found, &found) - 1.0).abs() < 1e-5);
            let furthest = found.iter().zip(&vector).map(|(a, b)| (a - b).abs());
            let furthest = furthest.fold(0.0, f32::max);
            assert!(furthest < 1e-4, "{text}: {furthest}");
        }
    }

    #[test]
    fn what_is_alike_is_found_without_a_common_word() {
        let of = |text| model().vector(text).unwrap();
        let asked = of("What food should I avoid?");
        let (nuts, bees) = (of("I am allergic to peanuts."), of("I keep bees."));
        assert!(product(&asked, &nuts) > product(&asked, &bees) + 0.1);
    }
}
