//! Trains the table of the learned layer on the building set: logistic regression over hashed words,
//! letters, concepts and what rules found. `train` writes data/crisis/learned/weights.bin; `train
//! --fold` says how tables do on author passes that they were trained without, and `train --fold
//! --rows` lists what they say of each example there. The checking set is not read.

#![expect(clippy::indexing_slicing, reason = "a tool for developers; places are below PLACES")]

mod made;

use crisis_engine::{
    ALERT, Engine, Memory, Message, Role, Turn,
    learned::{AGREED, CLEAR, Features, GROUPS, LIKELY, PLACES, PROBES, STEP, address, scale},
};
use made::{Dice, variants};
use serde::Deserialize;
use std::{
    collections::HashMap,
    fs,
    io::{self, Write},
    path::Path,
};

const EPOCHS: usize = 12;
const RATE: f32 = 0.15;
/// What a feature must be seen in to be learned, so that no single example is learned by heart: an
/// example counts three, what was made of one counts one.
const FEWEST: u32 = 11;
/// So many features are stored: those that move most examples most.
const ROOM: usize = 74_000;
const FOLDS: usize = 18;
/// The group of what rules found. Rules were written with many of the examples in view and look
/// better there than elsewhere, so that they are hidden half of the time.
const RULES: usize = 2;
const HIDDEN: usize = 50;
/// How much more a false alarm about everyday things counts.
const EVERYDAY: f32 = 2.0;

#[derive(Clone, Deserialize)]
struct Row {
    id: String,
    text: String,
    level: String,
    kind: String,
    #[serde(default)]
    history: Vec<Turn>,
}

/// A window with its features as numbers, in the order in which they were first seen.
type Window = [Vec<u32>; GROUPS];

struct Example {
    row: Row,
    fold: usize,
    /// Whether it was made of another: it is trained with and never judged.
    made: bool,
    rules: f32,
    windows: Vec<Window>,
}

/// The examples, and what their features are called in the table.
#[derive(Default)]
struct Set {
    examples: Vec<Example>,
    names: Vec<u32>,
    numbers: HashMap<u32, u32>,
}

type Outcome<T> = Result<T, Box<dyn std::error::Error>>;

fn main() -> Outcome<()> {
    let data = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../data/crisis"));
    let set = read(&Engine::new()?, &data.join("examples/build"))?;
    let asked = |name: &str| std::env::args().any(|argument| argument == name);
    if asked("--fold") {
        return Ok(folds(&set, asked("--rows"))?);
    }
    let all: Vec<&Example> = set.examples.iter().collect();
    fs::create_dir_all(data.join("learned"))?;
    fs::write(data.join("learned/weights.bin"), packed(&set.names, &both(&set, &all))?)?;
    Ok(())
}

fn read(engine: &Engine, folder: &Path) -> Outcome<Set> {
    let mut paths: Vec<_> = fs::read_dir(folder)?.flatten().map(|entry| entry.path()).collect();
    paths.sort();
    let mut set = Set::default();
    let mut dice = Dice(0x9e37_79b9_7f4a_7c15);
    for path in paths {
        let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        for line in fs::read_to_string(&path)?.lines() {
            let rows = variants(serde_json::from_str(line)?, &mut dice);
            for (nth, row) in rows.into_iter().enumerate() {
                let (rules, seen) = study(engine, &row);
                let windows = seen.iter().map(|window| set.numbered(window)).collect();
                let (fold, made) = (fold_of(&name), nth > 0);
                set.examples.push(Example { row, fold, made, rules, windows });
            }
        }
    }
    Ok(set)
}

impl Set {
    fn numbered(&mut self, window: &Features) -> Window {
        window.groups().map(|group| group.iter().map(|feature| self.number(*feature)).collect())
    }

    fn number(&mut self, feature: u32) -> u32 {
        *self.numbers.entry(feature).or_insert_with(|| {
            self.names.push(feature);
            u32::try_from(self.names.len() - 1).unwrap_or(u32::MAX)
        })
    }
}

/// What the engine sees of a row after what was said before.
fn study(engine: &Engine, row: &Row) -> (f32, Vec<Features>) {
    let mut memory = Memory::default();
    for turn in &row.history {
        memory = match turn.role {
            Role::User => engine.assess(&Message::new(&turn.text), &memory).memory,
            Role::Assistant => engine.hear(&turn.text, memory),
        };
    }
    engine.study(&Message::new(&row.text), &memory)
}

/// Whole author passes are held out; passes of the other languages that say the same in parts stay
/// together.
fn fold_of(file: &str) -> usize {
    let (language, pass) = file.rsplit_once('-').unwrap_or_default();
    let pass: usize = pass.parse().unwrap_or(0);
    match (pass, language == "en") {
        (0..10, _) => pass % 4,
        (10..20, false) => 4,
        (10..20, true) => 5 + pass % 3,
        (40.., _) => 14 + pass % 4,
        (_, true) => 8 + pass % 4,
        (20, false) => 12,
        (_, false) => 13,
    }
}

/// Weights with what the rate of each is made of.
struct Table {
    own: (f32, f32),
    weights: Vec<(f32, f32)>,
    /// How often each feature was seen; those seen too seldom are not learned.
    counts: Vec<u32>,
}

fn score(table: &Table, window: &Window) -> f32 {
    let sums = window.iter().enumerate().map(|(group, features)| {
        let weights = features.iter().map(|feature| table.weights[*feature as usize].0);
        weights.sum::<f32>() * scale(group, features.len())
    });
    table.own.0 + sums.sum::<f32>()
}

/// The window that looks most like danger, as the engine sees it.
fn worst<'e>(table: &Table, example: &'e Example) -> (f32, &'e Window) {
    let scored = example.windows.iter().map(|window| (score(table, window), window));
    let first = (f32::MIN, &example.windows[0]);
    scored.fold(first, |worst, one| if one.0 > worst.0 { one } else { worst })
}

/// What a head should say of an example, and how much that counts.
fn target(example: &Example, head: usize) -> (f32, f32) {
    match (head, example.row.level.as_str()) {
        (0, "concern") => (0.3, 0.3),
        (_, "none") if example.row.kind == "everyday" => (0.0, EVERYDAY),
        (_, "none") => (0.0, 1.0),
        _ => (1.0, 1.0),
    }
}

fn empty(set: &Set, examples: &[&Example]) -> Table {
    let mut counts = vec![0_u32; set.names.len()];
    for example in examples {
        let mut all: Vec<u32> = example.windows.iter().flatten().flatten().copied().collect();
        all.sort_unstable();
        all.dedup();
        for feature in all {
            counts[feature as usize] += if example.made { 1 } else { 3 };
        }
    }
    Table { own: (0.0, 1e-3), weights: vec![(0.0, 1e-3); set.names.len()], counts }
}

/// Stochastic gradient descent with a rate for each weight; a weight is the mean of what it was
/// after each of the later rounds.
#[expect(clippy::cast_precision_loss, reason = "a count of rounds")]
fn train(set: &Set, examples: &[&Example], head: usize) -> Table {
    let mut table = empty(set, examples);
    let mut order: Vec<usize> = (0..examples.len()).collect();
    let mut dice = Dice(0x2545_f491_4f6c_dd1d);
    let mut sums = vec![0.0_f32; set.names.len()];
    let mut own = 0.0;
    for epoch in 0..EPOCHS {
        for at in (1..order.len()).rev() {
            order.swap(at, dice.below(at + 1));
        }
        for at in &order {
            learn(&mut table, examples[*at], head, dice.below(100) < HIDDEN);
        }
        if epoch * 2 >= EPOCHS {
            let now = table.weights.iter().map(|(value, _)| value);
            sums.iter_mut().zip(now).for_each(|(sum, value)| *sum += value);
            own += table.own.0;
        }
    }
    let rounds = (EPOCHS - EPOCHS.div_ceil(2)) as f32;
    table.weights.iter_mut().zip(sums).for_each(|(weight, sum)| weight.0 = sum / rounds);
    table.own.0 = own / rounds;
    table
}

fn learn(table: &mut Table, example: &Example, head: usize, hidden: bool) {
    let (mut score, window) = worst(table, example);
    if hidden {
        let rules = window[RULES].iter().map(|feature| table.weights[*feature as usize].0);
        score -= rules.sum::<f32>() * scale(RULES, window[RULES].len());
    }
    let guess = 1.0 / (1.0 + (-score).exp());
    let (wanted, weight) = target(example, head);
    let error = (guess - wanted) * weight;
    let step = |(value, square): &mut (f32, f32), gradient: f32| {
        *square += gradient * gradient;
        *value -= RATE * gradient / square.sqrt();
    };
    step(&mut table.own, error * 0.1);
    for (group, features) in window.iter().enumerate() {
        if hidden && group == RULES {
            continue;
        }
        let scale = scale(group, features.len());
        for feature in features.iter().map(|feature| *feature as usize) {
            if table.counts[feature] >= FEWEST {
                step(&mut table.weights[feature], error * scale);
            }
        }
    }
}

/// The tables for both questions, without what there is no room for.
#[expect(clippy::cast_precision_loss, reason = "a count of examples")]
fn both(set: &Set, examples: &[&Example]) -> [Table; 2] {
    let mut tables = [train(set, examples, 0), train(set, examples, 1)];
    let strength = |at: usize| {
        let of = |table: &Table| table.weights[at].0.powi(2) * table.counts[at] as f32;
        tables.iter().map(of).sum::<f32>()
    };
    let mut order: Vec<(f32, usize)> = (0..set.names.len()).map(|at| (strength(at), at)).collect();
    order.sort_by(|a, b| b.0.total_cmp(&a.0));
    for (_, at) in order.into_iter().skip(ROOM) {
        for table in &mut tables {
            table.weights[at].0 = 0.0;
        }
    }
    tables
}

/// The table as it is stored.
fn packed(names: &[u32], [alert, support]: &[Table; 2]) -> Outcome<Vec<u8>> {
    let mut bytes = vec![0_u8; PLACES * 4];
    let mut features: Vec<(u32, usize)> = names.iter().copied().zip(0..).collect();
    features.sort_unstable();
    for (feature, at) in features {
        let pair = [alert, support].map(|table| quantised(table.weights[at].0));
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
        bytes[at + 2..at + 4].copy_from_slice(&pair.map(i8::cast_unsigned));
    }
    bytes.extend([alert, support].map(|table| quantised(table.own.0).cast_unsigned()));
    Ok(bytes)
}

#[expect(clippy::cast_possible_truncation, reason = "it was clamped to the range")]
fn quantised(weight: f32) -> i8 {
    (weight / STEP).round().clamp(-127.0, 127.0) as i8
}

/// What tables say of an example that they were trained without: alert, support.
type Judged<'e> = (f32, f32, &'e Example);

fn held_out(set: &Set) -> Vec<Judged<'_>> {
    let mut scored = Vec::new();
    for fold in 0..FOLDS {
        let (held, rest): (Vec<&Example>, Vec<&Example>) =
            set.examples.iter().partition(|e| e.fold == fold);
        let [alert, support] = both(set, &rest);
        let own = held.into_iter().filter(|e| !e.made);
        scored.extend(own.map(|e| (worst(&alert, e).0, worst(&support, e).0, e)));
    }
    scored
}

fn danger(example: &Example) -> bool {
    matches!(example.row.level.as_str(), "high" | "imminent")
}

fn folds(set: &Set, rows: bool) -> io::Result<()> {
    let mut out = io::stdout().lock();
    let scored = held_out(set);
    let groups = [("1-9", 0..4), ("10-19", 4..8), ("20-36", 8..14), ("40-", 14..FOLDS)];
    for (name, of) in groups {
        let some: Vec<_> = scored.iter().filter(|(.., e)| of.contains(&e.fold)).collect();
        for clear in [0.4, 0.7, 1.0, 1.2, 1.4, CLEAR, 1.8, 2.2] {
            let agreed = clear + AGREED - CLEAR;
            let alarms = |(alert, _, e): &Judged<'_>| {
                *alert >= clear || e.rules >= ALERT && *alert >= agreed
            };
            figures(&mut out, (name, "alert", clear), &some, alarms)?;
        }
        for likely in [LIKELY, 0.5, 1.0] {
            figures(&mut out, (name, "support", likely), &some, |(_, s, _)| *s >= likely)?;
        }
    }
    for (alert, support, e) in scored.iter().filter(|_| rows) {
        let Row { id, text, level, kind, .. } = &e.row;
        let rules = e.rules;
        writeln!(out, "{level}\t{kind}\t{id}\t{alert:.2}\t{support:.2}\t{rules:.1}\t{text}")?;
    }
    Ok(())
}

fn figures(
    out: &mut impl Write,
    (name, what, from): (&str, &str, f32),
    scored: &[&Judged<'_>],
    hit: impl Fn(&Judged<'_>) -> bool,
) -> io::Result<()> {
    let share = |who: &dyn Fn(&Example) -> bool| {
        let all: Vec<_> = scored.iter().filter(|(.., e)| who(e)).collect();
        let hits = all.iter().filter(|one| hit(one)).count();
        let percent = 1000 * hits / all.len().max(1);
        format!("{}.{}", percent / 10, percent % 10)
    };
    let none = |e: &Example| e.row.level == "none";
    let everyday = |e: &Example| none(e) && e.row.kind == "everyday";
    let (recall, imminent) = (share(&danger), share(&|e| e.row.level == "imminent"));
    let concern = share(&|e| e.row.level == "concern");
    let hard = share(&|e| none(e) && !everyday(e));
    let common = share(&everyday);
    writeln!(
        out,
        "{name}, {what} from {from}: danger {recall} imminent {imminent} concern {concern}; harmless: hard {hard} everyday {common}"
    )
}
