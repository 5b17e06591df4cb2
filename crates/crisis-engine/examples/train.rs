//! Trains the table of the learned layer on the building set: logistic regression over hashed words,
//! letters, concepts and what rules found. `train` writes data/crisis/learned/weights.bin; `train
//! --fold` says how tables do on author passes that they were trained without, and `train --fold
//! --errors` lists what they got wrong there. The checking set is not read.

#![expect(clippy::indexing_slicing, reason = "a tool for developers; places are below PLACES")]

use crisis_engine::{
    Engine, Memory, Message, Role, Turn,
    learned::{CLEAR, Features, LIKELY, PLACES, PROBES, STEP, address, scale},
};
use serde::Deserialize;
use std::{
    collections::HashMap,
    fs,
    io::{self, Write},
    path::Path,
};

const EPOCHS: usize = 12;
const RATE: f32 = 0.15;
/// Features of fewer examples are left out: they would learn single examples by heart.
const FEWEST: usize = 3;
const FOLDS: usize = 8;

#[derive(Deserialize)]
struct Row {
    id: String,
    text: String,
    level: String,
    kind: String,
    #[serde(default)]
    history: Vec<Turn>,
}

struct Example {
    row: Row,
    fold: usize,
    rules: f32,
    windows: Vec<Features>,
}

type Outcome<T> = Result<T, Box<dyn std::error::Error>>;

fn main() -> Outcome<()> {
    let data = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../data/crisis"));
    let examples = read(&Engine::new()?, &data.join("examples/build"))?;
    let asked = |name: &str| std::env::args().any(|argument| argument == name);
    if asked("--fold") {
        return Ok(folds(&examples, asked("--errors"))?);
    }
    let all: Vec<&Example> = examples.iter().collect();
    fs::create_dir_all(data.join("learned"))?;
    fs::write(data.join("learned/weights.bin"), packed(&train(&all, 0), &train(&all, 1))?)?;
    Ok(())
}

fn read(engine: &Engine, folder: &Path) -> Outcome<Vec<Example>> {
    let mut paths: Vec<_> = fs::read_dir(folder)?.flatten().map(|entry| entry.path()).collect();
    paths.sort();
    let mut examples = Vec::new();
    for path in paths {
        let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        for line in fs::read_to_string(&path)?.lines() {
            let row: Row = serde_json::from_str(line)?;
            let mut memory = Memory::default();
            for turn in &row.history {
                memory = match turn.role {
                    Role::User => engine.assess(&Message::new(&turn.text), &memory).memory,
                    Role::Assistant => engine.hear(&turn.text, memory),
                };
            }
            let (rules, windows) = engine.study(&Message::new(&row.text), &memory);
            examples.push(Example { row, fold: fold_of(&name), rules, windows });
        }
    }
    Ok(examples)
}

/// Whole author passes are held out; the later passes of the other languages are translations of
/// one another in parts, so that they stay together.
fn fold_of(file: &str) -> usize {
    let (language, pass) = file.rsplit_once('-').unwrap_or_default();
    let pass: usize = pass.parse().unwrap_or(0);
    match pass {
        0..10 => pass % 4,
        _ if language != "en" => 4,
        _ => 5 + pass % 3,
    }
}

/// Weights with what the rate of each is made of.
#[derive(Default)]
struct Table {
    own: (f32, f32),
    weights: HashMap<u32, (f32, f32)>,
}

fn groups(window: &Features) -> [&Vec<u32>; 3] {
    [&window.lexical, &window.concepts, &window.context]
}

fn score(table: &Table, window: &Features) -> f32 {
    let sums = groups(window).into_iter().enumerate().map(|(group, features)| {
        let known = features.iter().filter_map(|feature| table.weights.get(feature));
        known.map(|(weight, _)| weight).sum::<f32>() * scale(group, features.len())
    });
    table.own.0 + sums.sum::<f32>()
}

/// The window that looks most like danger, as the engine sees it.
fn worst<'e>(table: &Table, example: &'e Example) -> (f32, &'e Features) {
    let scored = example.windows.iter().map(|window| (score(table, window), window));
    let first = (f32::MIN, &example.windows[0]);
    scored.fold(first, |worst, one| if one.0 > worst.0 { one } else { worst })
}

/// What a head should say of an example, and how much that counts.
fn target(example: &Example, head: usize) -> (f32, f32) {
    match (head, example.row.level.as_str()) {
        (0, "concern") => (0.3, 0.3),
        (_, "none") => (0.0, 1.0),
        _ => (1.0, 1.0),
    }
}

fn empty(examples: &[&Example]) -> Table {
    let mut counts: HashMap<u32, usize> = HashMap::new();
    for example in examples {
        let every = example.windows.iter().flat_map(groups).flatten();
        let mut all: Vec<u32> = every.copied().collect();
        all.sort_unstable();
        all.dedup();
        for feature in all {
            *counts.entry(feature).or_default() += 1;
        }
    }
    counts.retain(|_, count| *count >= FEWEST);
    let weights = counts.into_keys().map(|feature| (feature, (0.0, 1e-3))).collect();
    Table { own: (0.0, 1e-3), weights }
}

/// Stochastic gradient descent with a rate for each weight; the order is fixed.
fn train(examples: &[&Example], head: usize) -> Table {
    let mut table = empty(examples);
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
            learn(&mut table, examples[*at], head);
        }
    }
    table
}

fn learn(table: &mut Table, example: &Example, head: usize) {
    let (score, window) = worst(table, example);
    let guess = 1.0 / (1.0 + (-score).exp());
    let (wanted, weight) = target(example, head);
    let error = (guess - wanted) * weight;
    let step = |(value, square): &mut (f32, f32), gradient: f32| {
        *square += gradient * gradient;
        *value -= RATE * gradient / square.sqrt();
    };
    step(&mut table.own, error * 0.1);
    for (group, features) in groups(window).into_iter().enumerate() {
        let scale = scale(group, features.len());
        for feature in features {
            if let Some(weight) = table.weights.get_mut(feature) {
                step(weight, error * scale);
            }
        }
    }
}

/// The table as it is stored.
fn packed(alert: &Table, support: &Table) -> Outcome<Vec<u8>> {
    let mut bytes = vec![0_u8; PLACES * 4];
    let mut features: Vec<u32> = alert.weights.keys().copied().collect();
    features.sort_unstable();
    for feature in features {
        let pair = [alert, support].map(|table| quantised(table.weights[&feature].0));
        if pair == [0, 0] {
            continue;
        }
        let (name, first) = address(feature);
        let free = (0..PROBES).map(|probe| (first + probe) % PLACES * 4).find(|at| {
            let there = u16::from_le_bytes([bytes[*at], bytes[*at + 1]]);
            there == 0 || there == name
        });
        let at = free.ok_or("the table is too small")?;
        bytes[at..at + 2].copy_from_slice(&name.to_le_bytes());
        bytes[at + 2..at + 4].copy_from_slice(&pair);
    }
    bytes.extend([alert, support].map(|table| quantised(table.own.0)));
    Ok(bytes)
}

#[expect(clippy::cast_possible_truncation, reason = "it was clamped to the range")]
fn quantised(weight: f32) -> u8 {
    ((weight / STEP).round().clamp(-127.0, 127.0) as i8).to_le_bytes()[0]
}

/// What tables say of examples that they were trained without: alert, support.
fn held_out(examples: &[Example]) -> Vec<(f32, f32, &Example)> {
    let mut scored = Vec::new();
    for fold in 0..FOLDS {
        let (held, rest): (Vec<_>, Vec<_>) = examples.iter().partition(|e| e.fold == fold);
        let (alert, support) = (train(&rest, 0), train(&rest, 1));
        scored.extend(held.into_iter().map(|e| (worst(&alert, e).0, worst(&support, e).0, e)));
    }
    scored
}

fn folds(examples: &[Example], errors: bool) -> io::Result<()> {
    let mut out = io::stdout().lock();
    let scored = held_out(examples);
    let danger = |e: &Example| matches!(e.row.level.as_str(), "high" | "imminent");
    let none = |e: &Example| e.row.level == "none";
    let everyday = |e: &Example| none(e) && e.row.kind == "everyday";
    for (name, later) in [("earlier passes", false), ("later passes", true)] {
        let of: Vec<_> = scored.iter().filter(|(.., e)| (e.fold >= 4) == later).collect();
        let share = |hit: &dyn Fn(&(f32, f32, &Example)) -> bool,
                     who: &dyn Fn(&Example) -> bool| {
            let all: Vec<_> = of.iter().filter(|(.., e)| who(e)).collect();
            let hits = all.iter().filter(|one| hit(one)).count();
            let percent = 1000 * hits / all.len().max(1);
            format!("{}.{}", percent / 10, percent % 10)
        };
        for clear in [0.8, 1.0, 1.2, CLEAR, 1.6, 2.0, 2.5] {
            let alert = |one: &(f32, f32, &Example)| one.0 >= clear || one.2.rules >= 9.0;
            let recall = share(&alert, &danger);
            let imminent = share(&alert, &|e| e.row.level == "imminent");
            let hard = share(&alert, &|e| none(e) && e.row.kind != "everyday");
            let plain = share(&alert, &|e| danger(e) && e.row.kind == "plain");
            let common = share(&alert, &everyday);
            writeln!(
                out,
                "{name} {clear}: recall {recall} imminent {imminent} plain {plain}; false alarms hard {hard} everyday {common}"
            )?;
        }
        for likely in [0.0, 0.5, LIKELY, 1.5] {
            let support = |one: &(f32, f32, &Example)| one.1 >= likely || one.2.rules >= 3.0;
            let concern = share(&support, &|e| e.row.level == "concern");
            let (hard, common) = (share(&support, &none), share(&support, &everyday));
            let high = share(&support, &danger);
            writeln!(
                out,
                "{name} support {likely}: concern {concern} danger {high} none {hard} everyday {common}"
            )?;
        }
    }
    for (alert, support, e) in scored.iter().filter(|_| errors) {
        if danger(e) != (*alert >= CLEAR) && e.row.level != "concern" {
            let Row { id, text, level, kind, .. } = &e.row;
            writeln!(
                out,
                "{level}\t{kind}\t{id}\t{alert:.2}\t{support:.2}\t{:.1}\t{text}",
                e.rules
            )?;
        }
    }
    Ok(())
}
