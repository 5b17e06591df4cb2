//! A model that answers as its name says, as a process of its own.

use crate::{Failure, say};
use modelmock::{Asked, Mock, Script, Step};
use serde_json::{Value, json};
use std::{
    io::{BufRead, BufReader, Read, Write},
    net::SocketAddr,
    process::{Child, Command, Stdio},
    time::Duration,
};

/// Events of an answer that comes as a person reads.
const PACED: usize = 200;
const PACE: Duration = Duration::from_millis(20);
/// Events of an answer that comes as fast as it is read.
const FLOOD: usize = 20_000;
/// Answers as the name of the model says, until the input ends.
pub fn serve() -> Result<(), Failure> {
    let mock = Mock::start_forgetful(answer)?;
    writeln!(std::io::stdout(), "{}", mock.url())?;
    std::io::stdout().flush()?;
    std::io::stdin().read_to_end(&mut Vec::new())?;
    Ok(())
}

/// What the model with this name answers.
#[must_use]
pub fn answer(asked: &Asked) -> Script {
    match asked.body.get("model").and_then(Value::as_str) {
        Some("paced") => {
            let mut steps = vec![Step::Write(piece(0))];
            for number in 1..PACED {
                steps.extend([Step::Wait(PACE), Step::Write(piece(number))]);
            }
            steps.push(Step::Write(end()));
            Script { steps, ..Script::stream(Vec::<Vec<u8>>::new()) }
        }
        Some("flood") => Script::stream((0..FLOOD).map(piece).chain([end()])),
        Some("hang") => Script::stream([piece(0)]).then(Step::Hang),
        _ => {
            let message = json!({"role": "assistant", "content": "word ".repeat(60)});
            Script::json(
                200,
                &json!({
                    "id": "x", "object": "chat.completion", "created": 1_700_000_000, "model": "whole",
                    "choices": [{"index": 0, "message": message, "finish_reason": "stop"}],
                    "usage": {"prompt_tokens": 20, "completion_tokens": 60, "total_tokens": 80},
                }),
            )
        }
    }
}

fn piece(number: usize) -> Vec<u8> {
    format!(
        "data: {{\"id\":\"x\",\"object\":\"chat.completion.chunk\",\"created\":1700000000,\
         \"model\":\"m\",\"choices\":[{{\"index\":0,\"delta\":{{\"content\":\" word{number}\"}},\
         \"logprobs\":null,\"finish_reason\":null}}]}}\n\n"
    )
    .into_bytes()
}

fn end() -> Vec<u8> {
    b"data: {\"id\":\"x\",\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n\
      data: [DONE]\n\n"
        .to_vec()
}

/// The model as a process; ended when dropped.
pub struct Model {
    process: Child,
    /// Where it listens.
    pub address: SocketAddr,
}

impl Model {
    /// This program again, called with `model`.
    pub fn start() -> Result<Self, Failure> {
        let mut process = Command::new(std::env::current_exe()?)
            .arg("model")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let output = process.stdout.take().ok_or("no output")?;
        let mut line = String::new();
        BufReader::new(output).read_line(&mut line)?;
        let address = line.trim().strip_prefix("http://").ok_or("no address")?.parse()?;
        Ok(Self { process, address })
    }
}

impl Drop for Model {
    fn drop(&mut self) {
        drop(self.process.stdin.take());
        if let Err(error) = self.process.wait() {
            say(format_args!("waiting for the model: {error}"));
        }
    }
}
