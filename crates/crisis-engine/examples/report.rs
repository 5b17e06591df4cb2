//! Recall and false alarms on the labelled examples, as `make crisis-report` prints them.
//!
//! `report --write` writes the page and prints it with the latency of this machine; `report --check`
//! fails if the page is not that of these rules and examples, or if a figure is worse than what was
//! reached before. `report --errors` lists what went wrong in the building set; the other sets are
//! never listed, only counted.

use crisis_engine::{Assessment, Engine, Memory, Message, Turn, VERSION, fingerprint};
use serde::Deserialize;
use std::{collections::BTreeMap, fmt::Write, fs, path::Path, time::Instant};

#[derive(Deserialize)]
struct Row {
    id: String,
    text: String,
    #[serde(default)]
    lang: String,
    level: String,
    #[serde(default)]
    kind: String,
    #[serde(default)]
    history: Option<Vec<Turn>>,
}

impl Row {
    fn danger(&self) -> bool {
        matches!(self.level.as_str(), "high" | "imminent")
    }
}

type Outcome = Result<(), Box<dyn std::error::Error>>;

fn main() -> Outcome {
    let wanted = std::env::args().nth(1).unwrap_or_default();
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/../../data/crisis/examples");
    let place = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/security/crisis-report.md");
    let engine = Engine::new()?;
    if wanted == "--errors" {
        return list(&engine, &Path::new(root).join("build"));
    }
    let mut page = INTRODUCTION.to_owned();
    writeln!(page, "\nRules: version {VERSION}, fingerprint `{}`.", fingerprint())?;
    let mut lost = Vec::new();
    for set in ["build", "check", "fresh"] {
        let rows = read(&Path::new(root).join(set))?;
        let judged: Vec<(Row, Assessment)> = rows
            .into_iter()
            .map(|row| {
                let assessment = assess(&engine, &row);
                (row, assessment)
            })
            .collect();
        section(&mut page, set, &judged)?;
        lost.extend(FLOORS.iter().filter(|floor| floor.set == set).filter_map(|f| f.lost(&judged)));
    }
    if wanted == "--check" {
        if !fs::read_to_string(place).is_ok_and(|old| old == page) {
            return Err("run `make crisis-report` and commit it".into());
        }
        return if lost.is_empty() { Ok(()) } else { Err(lost.join("; ").into()) };
    }
    if wanted == "--write" {
        fs::create_dir_all(Path::new(place).parent().unwrap_or(Path::new(".")))?;
        fs::write(place, &page)?;
    }
    print(&page);
    print(&format!("\n{}\n", latency(&engine)));
    Ok(())
}

const INTRODUCTION: &str = "# How well danger is recognised

Written by `make crisis-report` from the rules in `data/crisis/rules`, the learned table in
`data/crisis/learned` and the labelled examples in `data/crisis/examples`. CI fails when this page is
not that of the committed rules, so a change of any figure is seen in review.

**What the figures mean.** The examples were written by hand for this project, most of them to be
hard: veiled, misspelt, negated, in slang, in six languages. `alert` is expected for `high` and
`imminent`, `support` for `concern` and above; a false alarm is an alert for `none`. Intervals are
Wilson's at 95 %. Nobody who worked on the rules or the learned table read the checking set. Its
totals and those of its kinds were looked at while the first rules were made, and five times more
when the learned layer was made anew, three times when the building set was doubled for the second
version of the rules, and three times when a pass in plainer words and the frames of the third version
were added; thresholds were chosen without it, on author passes of the building set that a table was
trained without (`train --fold`). Errors on such passes were read and told what to write more of. The
fresh set was written without a look at what the engine does with it, by the same hand as the middle
passes of the building set: words are new, the manner is not. Nobody who wrote the later passes read
it; its sums were looked at as often as those of the checking set since.

**The learned table is older than the last pass.** A table that was trained with it, and with more
concepts, found 2 to 5 of 100 more on the passes of other authors that it was trained without, at about
as many false alarms, but not on the two sets below: one trial found 74.8 % of the checking set with
6.8 % false alarms and 49.3 % of the fresh set, another 70.6 % with 5.3 % and 52.7 %. So the table of
the second version stayed, and the passes from 40 on are unseen by it, not by who wrote the frames.

**What they do not mean.** They are not sensitivity or specificity in any clinical sense: no
example comes from a person in danger, real messages are plainer and danger in them is rarer, and on
words that nobody here thought of the recall will be lower. The figures of the building set say
little: rules were written and the learned table was trained with it in view. Salus does not predict
suicide, and where no alert was raised nothing was ruled out.
";

/// A share of a set that was reached and must not be lost again, in percent.
struct Floor {
    set: &'static str,
    name: &'static str,
    of: fn(&Row) -> bool,
    hit: fn(&Assessment) -> bool,
    /// The least share; for false alarms the share without one.
    least: f64,
}

/// Raise these when the figures rise; lower one only with a reason in the commit.
const FLOORS: &[Floor] = &[
    Floor { set: "check", name: "danger at alert", of: Row::danger, hit: |a| a.alert, least: 71.0 },
    Floor {
        set: "check",
        name: "imminent danger at alert",
        of: |row| row.level == "imminent",
        hit: |a| a.alert,
        least: 68.0,
    },
    Floor {
        set: "check",
        name: "concern at support",
        of: |row| row.level == "concern",
        hit: |a| a.support,
        least: 92.0,
    },
    Floor {
        set: "check",
        name: "harmless without alarm",
        of: |row| row.level == "none",
        hit: |a| !a.alert,
        least: 94.4,
    },
    Floor { set: "fresh", name: "danger at alert", of: Row::danger, hit: |a| a.alert, least: 59.0 },
    Floor {
        set: "fresh",
        name: "harmless without alarm",
        of: |row| row.level == "none",
        hit: |a| !a.alert,
        least: 99.0,
    },
];

impl Floor {
    /// What was lost, if anything was.
    fn lost(&self, judged: &[(Row, Assessment)]) -> Option<String> {
        let mut count = Count::default();
        for (_, assessment) in judged.iter().filter(|(row, _)| (self.of)(row)) {
            count.add((self.hit)(assessment));
        }
        let share = count.percent();
        (share < self.least)
            .then(|| format!("{} set, {}: {share:.1} %, was {} %", self.set, self.name, self.least))
    }
}

fn print(page: &str) {
    use std::io::Write as _;
    let _ = std::io::stdout().write_all(page.as_bytes());
}

fn assess(engine: &Engine, row: &Row) -> Assessment {
    engine.assess_after(row.history.as_deref().unwrap_or_default(), &Message::new(&row.text))
}

fn read(folder: &Path) -> Result<Vec<Row>, Box<dyn std::error::Error>> {
    let mut paths: Vec<_> = match fs::read_dir(folder) {
        Ok(entries) => entries.flatten().map(|entry| entry.path()).collect(),
        Err(_) => Vec::new(),
    };
    paths.retain(|path| path.extension().is_some_and(|ending| ending == "jsonl"));
    paths.sort();
    let mut rows = Vec::new();
    for path in paths {
        for (number, line) in fs::read_to_string(&path)?.lines().enumerate() {
            let row = serde_json::from_str(line)
                .map_err(|error| format!("{}, line {}: {error}", path.display(), number + 1))?;
            rows.push(row);
        }
    }
    Ok(rows)
}

/// What is wrong with an answer, if anything is.
fn wrong(row: &Row, assessment: &Assessment) -> Option<&'static str> {
    match row.level.as_str() {
        "high" | "imminent" if !assessment.alert => Some("MISS"),
        "concern" if !assessment.support => Some("unsupported"),
        "none" if assessment.alert => Some("FALSE"),
        _ => None,
    }
}

fn list(engine: &Engine, folder: &Path) -> Outcome {
    let mut page = String::new();
    for row in read(folder)? {
        let assessment = assess(engine, &row);
        if let Some(what) = wrong(&row, &assessment) {
            writeln!(
                page,
                "{what} {} {} {} {} {:.1} | {} | {:?}{}",
                row.id,
                row.lang,
                row.level,
                row.kind,
                assessment.level,
                row.text,
                assessment.rules,
                row.history.map_or_else(String::new, |turns| format!(
                    " || {:?}",
                    turns.iter().map(|turn| turn.text.as_str()).collect::<Vec<_>>()
                )),
            )?;
        }
    }
    print(&page);
    Ok(())
}

#[derive(Default)]
struct Count {
    hits: usize,
    all: usize,
}

impl Count {
    fn add(&mut self, hit: bool) {
        self.all += 1;
        self.hits += usize::from(hit);
    }

    #[expect(clippy::cast_precision_loss, reason = "counts of examples")]
    fn percent(&self) -> f64 {
        100.0 * self.hits as f64 / self.all.max(1) as f64
    }

    /// The share with its 95 % Wilson interval.
    fn shown(&self) -> String {
        #[expect(clippy::cast_precision_loss, reason = "counts of examples")]
        let (k, n) = (self.hits as f64, self.all as f64);
        let z2 = 1.96_f64 * 1.96;
        let (p, scale) = (k / n, 1.0 + z2 / n);
        let middle = (p + z2 / (2.0 * n)) / scale;
        let half = (z2 * (p * (1.0 - p) / n + z2 / (4.0 * n * n))).sqrt() / scale;
        let percent = |x: f64| 100.0 * x.clamp(0.0, 1.0);
        format!("{:.1} % ({:.1}–{:.1})", percent(p), percent(middle - half), percent(middle + half))
    }
}

fn section(page: &mut String, set: &str, judged: &[(Row, Assessment)]) -> std::fmt::Result {
    let mut levels: BTreeMap<String, [Count; 3]> = BTreeMap::new();
    let mut recall: BTreeMap<String, Count> = BTreeMap::new();
    let mut alarms: BTreeMap<String, Count> = BTreeMap::new();
    for (row, assessment) in judged {
        let counts = levels.entry(row.level.clone()).or_default();
        let shown = [assessment.support, assessment.alert, assessment.imminent];
        for (count, hit) in counts.iter_mut().zip(shown) {
            count.add(hit);
        }
        for group in
            ["all".to_owned(), format!("kind {}", row.kind), format!("language {}", row.lang)]
        {
            if row.danger() {
                recall.entry(group).or_default().add(assessment.alert);
            } else if row.level == "none" {
                alarms.entry(group).or_default().add(assessment.alert);
            }
        }
    }
    let set = if set == "fresh" { set } else { &format!("{set}ing") };
    writeln!(page, "\n## The {set} set: {} examples\n", judged.len())?;
    writeln!(page, "| level | examples | at support | at alert | taken as imminent |")?;
    writeln!(page, "|---|--:|---|---|---|")?;
    for (level, [support, alert, imminent]) in &levels {
        let (s, a, i) = (support.shown(), alert.shown(), imminent.shown());
        writeln!(page, "| {level} | {} | {s} | {a} | {i} |", alert.all)?;
    }
    writeln!(page, "\n| group | high and imminent | at alert | harmless | false alarms |")?;
    writeln!(page, "|---|--:|---|--:|---|")?;
    let mut groups: Vec<&String> = recall.keys().chain(alarms.keys()).collect();
    groups.sort();
    groups.dedup();
    for group in groups {
        let shown = |count: Option<&Count>| {
            count.map_or((String::new(), String::new()), |c| (c.all.to_string(), c.shown()))
        };
        let ((n, hit), (m, alarm)) = (shown(recall.get(group)), shown(alarms.get(group)));
        writeln!(page, "| {group} | {n} | {hit} | {m} | {alarm} |")?;
    }
    Ok(())
}

fn latency(engine: &Engine) -> String {
    let text = "I do not know what to say, the last weeks were long and I am tired of it all. \
                My sister called and asked whether I had taken the pills the doctor gave me. "
        .repeat(20);
    let text: String = text.chars().take(2000).collect();
    let mut times: Vec<f64> = (0..2000)
        .map(|_| {
            let start = Instant::now();
            let assessment = engine.assess(&Message::new(&text), &Memory::default());
            std::hint::black_box(assessment);
            start.elapsed().as_secs_f64() * 1e3
        })
        .collect();
    times.sort_by(f64::total_cmp);
    let at = |share: usize| times.get(times.len() * share / 1000).copied().unwrap_or_default();
    format!("2,000 characters: p50 {:.3} ms, p99 {:.3} ms.", at(500), at(990))
}
