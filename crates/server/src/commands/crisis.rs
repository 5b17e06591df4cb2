//! `salus crisis`: the engine of crisis care over lines of JSON, for reviewers who keep their own
//! examples. It needs no database and no settings, and keeps nothing of what it reads.

use super::{CommandError, CommandResult};
use clap::{Args, Subcommand};
use crisis_engine::{Engine, LONGEST, Message, Turn};
use serde::{Deserialize, Serialize};
use std::io::{self, BufRead, BufWriter, Read, Write};

/// A line may hold this many bytes: the longest text, with escapes, and some history.
const LONGEST_LINE: u64 = 8 * LONGEST as u64;

/// Look at how danger is recognised
#[derive(Subcommand)]
pub enum Crisis {
    /// Assess messages from standard input, one JSON object a line
    Assess(Assess),
}

/// Each line is {"id", "text", "history"?: [{"role": "user"|"assistant", "text"}]}; each answer is
/// {"id", "level", "support", "alert", "rules"}, in the same order. A line that cannot be read gets
/// {"id": null, "line", "error"}, and the command fails at the end
#[derive(Args)]
pub struct Assess {
    /// Read and write lines of JSON
    #[arg(long, required = true)]
    jsonl: bool,
}

#[derive(Deserialize)]
struct Line {
    id: serde_json::Value,
    text: String,
    #[serde(default)]
    history: Option<Vec<Turn>>,
}

#[derive(Serialize)]
struct Answer<'a> {
    id: &'a serde_json::Value,
    level: f32,
    support: bool,
    alert: bool,
    rules: &'a [String],
}

/// What is said about a line that cannot be read; never what stands in it.
#[derive(Serialize)]
struct Refused {
    id: Option<()>,
    line: usize,
    error: Refusal,
}

#[derive(Serialize)]
#[serde(rename_all = "snake_case")]
enum Refusal {
    NotUtf8,
    NotUnderstood,
    TooLong,
}

impl Crisis {
    pub fn run(&self) -> CommandResult {
        let Self::Assess(Assess { jsonl: _ }) = self;
        let engine = Engine::new().map_err(CommandError::failed)?;
        let mut output = BufWriter::new(io::stdout().lock());
        let refused = assess(&engine, io::stdin().lock(), &mut output);
        let refused = refused.and_then(|refused| output.flush().map(|()| refused));
        match refused.map_err(CommandError::failed)? {
            0 => Ok(()),
            refused => Err(CommandError::Failed(format!("{refused} lines could not be read"))),
        }
    }
}

/// Answers every line; how many could not be read.
fn assess(engine: &Engine, mut input: impl BufRead, mut output: impl Write) -> io::Result<usize> {
    let mut refused = 0;
    let mut line = Vec::new();
    for number in 1.. {
        line.clear();
        let mut bounded = (&mut input).take(LONGEST_LINE);
        if bounded.read_until(b'\n', &mut line)? == 0 {
            break;
        }
        let whole = line.ends_with(b"\n") || bounded.limit() > 0;
        if line.trim_ascii().is_empty() {
            continue;
        }
        let read = if whole {
            read(&line)
        } else {
            skip_line(&mut input)?;
            Err(Refusal::TooLong)
        };
        match read {
            Ok(line) => answer(engine, &line, &mut output)?,
            Err(error) => {
                refused += 1;
                serde_json::to_writer(&mut output, &Refused { id: None, line: number, error })?;
            }
        }
        output.write_all(b"\n")?;
    }
    Ok(refused)
}

fn read(line: &[u8]) -> Result<Line, Refusal> {
    let text = std::str::from_utf8(line).map_err(|_| Refusal::NotUtf8)?;
    serde_json::from_str(text).map_err(|_| Refusal::NotUnderstood)
}

fn answer(engine: &Engine, line: &Line, output: impl Write) -> io::Result<()> {
    let turns = line.history.as_deref().unwrap_or_default();
    let assessment = engine.assess_after(turns, &Message::new(&line.text));
    let answer = Answer {
        id: &line.id,
        level: assessment.level,
        support: assessment.support,
        alert: assessment.alert,
        rules: &assessment.rules,
    };
    Ok(serde_json::to_writer(output, &answer)?)
}

/// Leaves out the rest of a line that is too long, without keeping it.
fn skip_line(input: &mut impl BufRead) -> io::Result<()> {
    loop {
        let buffer = input.fill_buf()?;
        let Some(end) = buffer.iter().position(|byte| *byte == b'\n') else {
            let all = buffer.len();
            if all == 0 {
                return Ok(());
            }
            input.consume(all);
            continue;
        };
        input.consume(end + 1);
        return Ok(());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answers(input: &[u8]) -> (usize, Vec<serde_json::Value>) {
        let mut output = Vec::new();
        let refused = assess(&Engine::new().unwrap(), input, &mut output).unwrap();
        let lines = output.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
        (refused, lines.map(|line| serde_json::from_slice(line).unwrap()).collect())
    }

    #[test]
    fn answers_come_in_order_and_name_the_rules() {
        let input = br#"{"id":1,"text":"I want to kill myself"}
{"id":"b","text":"I cut my hair"}
"#;
        let (refused, answers) = answers(input);
        assert_eq!(refused, 0);
        assert_eq!(answers[0]["id"], 1);
        assert_eq!(answers[0]["alert"], true);
        assert!(!answers[0]["rules"].as_array().unwrap().is_empty());
        assert_eq!(answers[1]["id"], "b");
        assert_eq!(answers[1]["support"], false);
    }

    #[test]
    fn earlier_turns_count() {
        let input = br#"{"id":1,"text":"yes","history":[{"role":"assistant","text":"Are you thinking about suicide?"}]}"#;
        let (_, answers) = answers(input);
        assert_eq!(answers[0]["alert"], true);
    }

    #[test]
    fn a_bad_line_gets_an_error_and_the_next_is_still_answered() {
        let (refused, answers) = answers(b"{\"id\":1}\n\xff\xfe\n\n{\"id\":2,\"text\":\"hello\"}");
        assert_eq!(refused, 2);
        assert_eq!(answers[0]["error"], "not_understood");
        assert_eq!(answers[0]["line"], 1);
        assert_eq!(answers[1]["error"], "not_utf8");
        assert_eq!(answers[2]["id"], 2);
    }

    #[test]
    fn a_line_that_is_too_long_is_left_out() {
        let mut input = vec![b'x'; usize::try_from(LONGEST_LINE).unwrap() + 10];
        input.extend(b"\n{\"id\":2,\"text\":\"hello\"}\n");
        let (refused, answers) = answers(&input);
        assert_eq!(refused, 1);
        assert_eq!(answers[0]["error"], "too_long");
        assert_eq!(answers[1]["id"], 2);
    }
}
