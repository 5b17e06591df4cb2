//! `salus crisis`: the engine of crisis care over lines of JSON, for reviewers who keep their own
//! examples. It needs no database and no settings, and keeps nothing of what it reads.

use super::{CommandError, CommandResult};
use clap::{Args, Subcommand};
use crisis_engine::{Engine, LONGEST, Message, Turn};
use serde::{Deserialize, Serialize};
use serde_json::error::Category;
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
/// {"id", "level", "support", "alert", "rules"}, in the same order, on standard output. A line that
/// cannot be read gets {"line", "error"} on standard error and costs no other: not_utf8, not_json,
/// not_understood (JSON of another form) or too_long (800,000 bytes). Empty lines are left out. Lines
/// may end in CR LF, ids may come again, and input may be as long as it likes: one line is held at a
/// time. The exit code is 0 if every line was answered, 1 if some could not be read or nothing could
/// be written, 2 if the command was called wrongly
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
    line: usize,
    error: Refusal,
}

#[derive(Serialize)]
#[serde(rename_all = "snake_case")]
enum Refusal {
    NotUtf8,
    NotJson,
    NotUnderstood,
    TooLong,
}

impl Crisis {
    pub fn run(&self) -> CommandResult {
        let Self::Assess(Assess { jsonl: _ }) = self;
        let engine = Engine::new().map_err(CommandError::failed)?;
        let mut output = BufWriter::new(io::stdout().lock());
        let refused = assess(&engine, io::stdin().lock(), (&mut output, io::stderr().lock()));
        let refused = refused.and_then(|refused| output.flush().map(|()| refused));
        match refused.map_err(CommandError::failed)? {
            0 => Ok(()),
            refused => Err(CommandError::Failed(format!("{refused} lines could not be read"))),
        }
    }
}

/// Answers every line; how many could not be read.
fn assess(
    engine: &Engine,
    mut input: impl BufRead,
    (mut output, mut errors): (impl Write, impl Write),
) -> io::Result<usize> {
    let mut refused = 0;
    let mut line = Vec::new();
    for number in 1.. {
        line.clear();
        let mut bounded = (&mut input).take(LONGEST_LINE);
        if bounded.read_until(b'\n', &mut line)? == 0 {
            break;
        }
        let whole = line.ends_with(b"\n") || bounded.limit() > 0;
        let read = if !whole {
            skip_line(&mut input)?;
            Err(Refusal::TooLong)
        } else if line.trim_ascii().is_empty() {
            continue;
        } else {
            read(without_mark(&line, number))
        };
        match read {
            Ok(line) => {
                answer(engine, &line, &mut output)?;
                output.write_all(b"\n")?;
            }
            Err(error) => {
                refused += 1;
                serde_json::to_writer(&mut errors, &Refused { line: number, error })?;
                errors.write_all(b"\n")?;
            }
        }
    }
    Ok(refused)
}

/// Some editors put a mark before the first line that says nothing where there is only UTF-8.
fn without_mark(line: &[u8], number: usize) -> &[u8] {
    const MARK: &[u8] = "\u{feff}".as_bytes();
    if number == 1 { line.strip_prefix(MARK).unwrap_or(line) } else { line }
}

fn read(line: &[u8]) -> Result<Line, Refusal> {
    let text = std::str::from_utf8(line).map_err(|_| Refusal::NotUtf8)?;
    serde_json::from_str(text).map_err(|error| match error.classify() {
        Category::Data => Refusal::NotUnderstood,
        Category::Syntax | Category::Eof | Category::Io => Refusal::NotJson,
    })
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
    use proptest::prelude::*;
    use serde_json::{Value, json};
    use std::sync::OnceLock;

    fn engine() -> &'static Engine {
        static ENGINE: OnceLock<Engine> = OnceLock::new();
        ENGINE.get_or_init(|| Engine::new().unwrap())
    }

    fn lines(bytes: &[u8]) -> Vec<Value> {
        let lines = bytes.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
        lines.map(|line| serde_json::from_slice(line).unwrap()).collect()
    }

    /// What stands on standard output, and on standard error.
    fn answers(input: &[u8]) -> (Vec<Value>, Vec<Value>) {
        let (mut output, mut errors) = (Vec::new(), Vec::new());
        let refused = assess(engine(), input, (&mut output, &mut errors)).unwrap();
        let (output, errors) = (lines(&output), lines(&errors));
        assert_eq!(refused, errors.len());
        (output, errors)
    }

    /// The numbers of lines that could not be read, and why.
    fn refused(input: &[u8]) -> Vec<(u64, String)> {
        let of = |error: &Value| {
            (error["line"].as_u64().unwrap(), error["error"].as_str().unwrap().to_owned())
        };
        answers(input).1.iter().map(of).collect()
    }

    fn ids(answers: &[Value]) -> Vec<Value> {
        answers.iter().map(|answer| answer["id"].clone()).collect()
    }

    #[test]
    fn answers_come_in_order_and_name_the_rules() {
        let input = br#"{"id":1,"text":"I want to kill myself"}
{"id":"b","text":"I cut my hair"}
"#;
        let (answers, errors) = answers(input);
        assert!(errors.is_empty());
        assert_eq!(answers[0]["id"], 1);
        assert_eq!(answers[0]["alert"], true);
        assert!(!answers[0]["rules"].as_array().unwrap().is_empty());
        assert_eq!(answers[1]["id"], "b");
        assert_eq!(answers[1]["support"], false);
    }

    #[test]
    fn earlier_turns_count() {
        let input = br#"{"id":1,"text":"yes","history":[{"role":"assistant","text":"Are you thinking about suicide?"}]}"#;
        assert_eq!(answers(input).0[0]["alert"], true);
    }

    #[test]
    fn a_bad_line_is_named_apart_and_the_next_is_still_answered() {
        let input = b"{\"id\":1}\n\xff\xfe\n\n{\"id\":2,\"text\":\"hello\"}\n{\"id\":3,";
        assert_eq!(ids(&answers(input).0), [2]);
        let named = [(1, "not_understood"), (2, "not_utf8"), (5, "not_json")];
        assert_eq!(refused(input), named.map(|(line, why)| (line, why.to_owned())));
    }

    #[test]
    fn what_is_json_of_another_form_is_refused_by_its_number() {
        let odd = [
            "7",
            "null",
            "[]",
            "\"text\"",
            "{}",
            r#"{"id":1,"text":null}"#,
            r#"{"id":1,"text":["a"]}"#,
            r#"{"id":1,"id":2,"text":"a"}"#,
            r#"{"id":1,"text":"a","history":"b"}"#,
            r#"{"id":1,"text":"a","history":{}}"#,
            r#"{"id":1,"text":"a","history":["b"]}"#,
            r#"{"id":1,"text":"a","history":[{"role":"user"}]}"#,
            r#"{"id":1,"text":"a","history":[{"role":"nobody","text":"b"}]}"#,
            r#"{"id":1,"text":"a","history":[{"role":"user","text":1}]}"#,
        ];
        let refused = refused(odd.join("\n").as_bytes());
        let all = (1..=odd.len() as u64).map(|line| (line, "not_understood".to_owned()));
        assert_eq!(refused, all.collect::<Vec<_>>());
        let deep = format!("{{\"id\":1,\"text\":\"a\",\"more\":{}", "[".repeat(100_000));
        assert_eq!(answers(deep.as_bytes()).1[0]["error"], "not_json");
    }

    #[test]
    fn marks_line_ends_of_windows_blank_lines_and_ids_that_come_again_are_fine() {
        let input = "\u{feff}{\"id\":1,\"text\":\"a\"}\r\n \t\r\n\r\n{\"id\":1,\"text\":\"b\",\"history\":null}\r\n\
            {\"id\":{\"any\":[null]},\"text\":\"\",\"history\":[],\"label\":\"none\"}";
        let (answers, errors) = answers(input.as_bytes());
        assert!(errors.is_empty(), "{errors:?}");
        assert_eq!(ids(&answers), [json!(1), json!(1), json!({ "any": [null] })]);
        assert_eq!(refused("{}\n\u{feff}{}".as_bytes())[1].1, "not_json", "only at the beginning");
    }

    #[test]
    fn a_line_that_is_too_long_is_left_out() {
        let longest = usize::try_from(LONGEST_LINE).unwrap();
        let mut input = vec![b'x'; longest + 10];
        input.extend(b"\n{\"id\":2,\"text\":\"hello\"}\n");
        assert_eq!(ids(&answers(&input).0), [2]);
        assert_eq!(refused(&input), [(1, "too_long".to_owned())]);
        let mut blank = vec![b' '; longest + 10];
        blank.extend(b"\n{\"id\":2,\"text\":\"hello\"}\n");
        assert_eq!(ids(&answers(&blank).0), [2]);
        assert_eq!(refused(&blank), [(1, "too_long".to_owned())]);
        let filled = |length: usize| {
            let head = "{\"id\":1,\"text\":\"a\"";
            format!("{head}{}}}\n", " ".repeat(length - head.len() - 2)).into_bytes()
        };
        assert_eq!(answers(&filled(longest)).0.len(), 1, "as long as a line may be");
        assert_eq!(refused(&filled(longest + 1)), [(1, "too_long".to_owned())]);
        assert_eq!(refused(&vec![b'x'; 3 * longest]), [(1, "too_long".to_owned())]);
    }

    /// Endless input that counts how much of it was asked for at once.
    struct Endless(u64);

    impl Read for Endless {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            let length = u64::try_from(buffer.len()).unwrap().min(self.0);
            self.0 -= length;
            let length = usize::try_from(length).unwrap();
            buffer[..length].fill(b'x');
            Ok(length)
        }
    }

    #[test]
    fn a_line_without_end_is_passed_over_without_being_kept() {
        let input = io::BufReader::new(Endless(200 * LONGEST_LINE));
        let (mut output, mut errors) = (Vec::new(), Vec::new());
        assert_eq!(assess(engine(), input, (&mut output, &mut errors)).unwrap(), 1);
        assert_eq!(lines(&errors), [json!({ "line": 1, "error": "too_long" })]);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn every_line_gets_an_answer_or_a_reason_and_nothing_panics(
            noise in prop::collection::vec(
                prop_oneof![
                    prop::collection::vec(any::<u8>(), 0..60),
                    any::<String>().prop_map(String::into_bytes),
                    any::<String>().prop_map(|text| json!({ "id": 1, "text": text }).to_string().into()),
                    Just(b"{\"id\":1,\"text\":\"\\ud800\"}".to_vec()),
                ],
                0..12,
            ),
        ) {
            let input = noise.join(&b'\n');
            let (answers, errors) = answers(&input);
            let written = input.split(|byte| *byte == b'\n').filter(|line| !line.trim_ascii().is_empty());
            prop_assert_eq!(answers.len() + errors.len(), written.count());
        }
    }
}
