//! Trains the table of the learned layer on the building set: logistic regression over hashed
//! words and letters. `train` writes data/crisis/learned/weights.bin; `train --fold` prints, for
//! each example, what a table says that was trained without its fifth of the examples.

#![expect(clippy::indexing_slicing, reason = "a tool for developers; places are below BUCKETS")]

use crisis_engine::learned::{BUCKETS, STEP, clean_text, features, words};
use serde::Deserialize;
use std::{fs, io::Write, path::Path};

const EPOCHS: usize = 10;
const RATE: f32 = 0.2;

#[derive(Deserialize)]
struct Row {
    id: String,
    text: String,
    level: String,
    #[serde(default)]
    history: Option<serde_json::Value>,
}

struct Example {
    id: String,
    level: String,
    features: Vec<usize>,
    danger: f32,
    weight: f32,
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let data = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../data/crisis"));
    let examples = read(&data.join("examples/build"))?;
    let mut output = std::io::stdout().lock();
    if std::env::args().any(|argument| argument == "--fold") {
        for fold in 0..5 {
            let (out, rest): (Vec<_>, Vec<_>) =
                examples.iter().enumerate().partition(|(at, _)| at / 7 % 5 == fold);
            let rest: Vec<&Example> = rest.into_iter().map(|(_, example)| example).collect();
            let table = train(&rest);
            for (_, example) in out {
                let score = score(&table, &example.features);
                writeln!(output, "{}\t{}\t{score:.3}", example.id, example.level)?;
            }
        }
        return Ok(());
    }
    let table = train(&examples.iter().collect::<Vec<_>>());
    let bytes: Vec<u8> = table.iter().map(|weight| quantised(*weight)).collect();
    fs::create_dir_all(data.join("learned"))?;
    fs::write(data.join("learned/weights.bin"), bytes)?;
    Ok(())
}

#[expect(clippy::cast_possible_truncation, reason = "it was clamped to the range")]
fn quantised(weight: f32) -> u8 {
    ((weight / STEP).round().clamp(-127.0, 127.0) as i8).to_le_bytes()[0]
}

fn read(folder: &Path) -> Result<Vec<Example>, Box<dyn std::error::Error>> {
    let mut paths: Vec<_> = fs::read_dir(folder)?.flatten().map(|entry| entry.path()).collect();
    paths.sort();
    let mut examples = Vec::new();
    for path in paths {
        for line in fs::read_to_string(&path)?.lines() {
            let row: Row = serde_json::from_str(line)?;
            if row.history.is_some_and(|history| !history.is_null()) {
                continue; // what it means depends on what was said before
            }
            let (danger, weight) = match row.level.as_str() {
                "high" | "imminent" => (1.0, 1.0),
                "concern" => (0.4, 0.3),
                _ => (0.0, 1.0),
            };
            let clean = clean_text(&row.text);
            let features = features(&words(&clean));
            examples.push(Example { id: row.id, level: row.level, features, danger, weight });
        }
    }
    Ok(examples)
}

fn score(table: &[f32], features: &[usize]) -> f32 {
    #[expect(clippy::cast_precision_loss, reason = "a count of features")]
    let scale = 1.0 / (features.len().max(1) as f32).sqrt();
    table[BUCKETS] + scale * features.iter().map(|at| table[*at]).sum::<f32>()
}

/// Stochastic gradient descent with a rate for each weight; the order is fixed.
fn train(examples: &[&Example]) -> Vec<f32> {
    let mut table = vec![0.0_f32; BUCKETS + 1];
    let mut squares = vec![1e-3_f32; BUCKETS + 1];
    let mut order: Vec<usize> = (0..examples.len()).collect();
    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    for _ in 0..EPOCHS {
        for at in (1..order.len()).rev() {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            order.swap(at, usize::try_from(state % (at as u64 + 1)).unwrap_or(0));
        }
        for at in &order {
            let example = examples[*at];
            let guess = 1.0 / (1.0 + (-score(&table, &example.features)).exp());
            let error = (guess - example.danger) * example.weight;
            #[expect(clippy::cast_precision_loss, reason = "a count of features")]
            let scale = 1.0 / (example.features.len().max(1) as f32).sqrt();
            let mut step = |at: usize, gradient: f32| {
                squares[at] += gradient * gradient;
                table[at] -= RATE * gradient / squares[at].sqrt();
            };
            step(BUCKETS, error * 0.1);
            for feature in &example.features {
                step(*feature, error * scale);
            }
        }
    }
    table
}
