//! What it costs to look at a message of 2,000 characters, beside writing the same text in the one
//! form that rules are written in, and how much memory the engine's tables take.

use bench::{Failure, head, percentile, row, say};
use crisis_engine::{Engine, Memory, Message, normalised};
use std::{
    fs,
    hint::black_box,
    time::{Duration, Instant},
};

const CHARACTERS: usize = 2000;
const ROUNDS: usize = 2000;

/// Texts that are read in full: ordinary talk, talk full of the words of rules, and typing errors.
const TEXTS: [(&str, &str); 3] = [
    (
        "ordinary",
        "I do not know what to say, the last weeks were long and I am tired of it all. My sister \
         called and asked whether I had taken the tablets the doctor gave me. ",
    ),
    (
        "full of words of rules",
        "I want to die, I can not go on, everyone would be better off without me, I have the pills \
         and the letter and tonight I am going to end it, goodbye and sorry for everything. ",
    ),
    (
        "typing errors",
        "i dotn knwo waht to syay, teh lsat wekes wree lnog adn im tierd of ti al, my sitser caled \
         adn aksed wehther i hda tkaen teh tabelts teh dcotor gvae me. ",
    ),
];

fn main() -> Result<(), Failure> {
    let before = resident()?;
    let started = Instant::now();
    let engine = Engine::new()?;
    let took = started.elapsed();
    for (_, text) in TEXTS {
        black_box(engine.assess(&Message::new(text), &Memory::default()));
    }
    let kib = resident()?.saturating_sub(before);
    say(format_args!("Made in {:.1} ms, {kib} KiB in memory.", took.as_secs_f64() * 1e3));
    head(&["text", "what", "p50", "p99", "times normalising"]);
    for (name, text) in TEXTS {
        let text: String = text.chars().cycle().take(CHARACTERS).collect();
        let plain = times(|| drop(black_box(normalised(&text))));
        let all = times(|| {
            black_box(engine.assess(&Message::new(&text), &Memory::default()));
        });
        for (what, (p50, p99)) in [("normalising", plain), ("assessing", all)] {
            row(&[
                name.to_owned(),
                what.to_owned(),
                format!("{:.3} ms", p50.as_secs_f64() * 1e3),
                format!("{:.3} ms", p99.as_secs_f64() * 1e3),
                format!("{:.1}", p50.as_secs_f64() / plain.0.as_secs_f64()),
            ]);
        }
    }
    Ok(())
}

fn times(mut call: impl FnMut()) -> (Duration, Duration) {
    let mut times: Vec<Duration> = (0..ROUNDS)
        .map(|_| {
            let started = Instant::now();
            call();
            started.elapsed()
        })
        .collect();
    (percentile(&mut times, 0.5), percentile(&mut times, 0.99))
}

/// KiB of this process that are in memory.
fn resident() -> Result<usize, Failure> {
    let status = fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    Ok(line.unwrap_or_default().trim().trim_end_matches(" kB").parse()?)
}
