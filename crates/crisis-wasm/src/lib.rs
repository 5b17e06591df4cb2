//! The engine of crisis detection for a browser: what is written there is looked at there.
//!
//! Owns the border only: JSON goes in and out through two buffers of this module. It always holds
//! that the answer is that of the engine on the server, which a test compares on every example,
//! and that the words are overwritten once they were looked at. It asks nobody and keeps nothing.

use crisis_engine::{Assessment, Engine, Language, Memory, Message, RuleError, Turn};
use serde::{Deserialize, Serialize};
use std::cell::RefCell;

/// What is asked.
#[derive(Deserialize)]
struct Request {
    text: String,
    /// Such as `de`.
    #[serde(default)]
    language: Option<String>,
    /// What the assessment of the message before said to remember.
    #[serde(default)]
    memory: Memory,
    /// What was said before, oldest first, where nothing was remembered.
    #[serde(default)]
    before: Vec<Turn>,
}

#[derive(Serialize)]
#[serde(rename_all = "snake_case")]
enum Answer {
    Assessment(Assessment),
    Error(String),
}

/// The engine with what it was asked and what it answered.
#[derive(Default)]
struct Border {
    engine: Option<Engine>,
    request: Vec<u8>,
    answer: Vec<u8>,
}

impl Border {
    fn engine(&mut self) -> Result<&Engine, RuleError> {
        let engine = match self.engine.take() {
            Some(engine) => engine,
            None => Engine::new()?,
        };
        Ok(self.engine.insert(engine))
    }

    fn answer(&mut self, request: &[u8]) -> Result<Assessment, String> {
        let Request { text, language, memory, before } =
            serde_json::from_slice(request).map_err(|_| "not a request".to_owned())?;
        let engine = self.engine().map_err(|error| error.to_string())?;
        let language = language.as_deref().and_then(Language::from_tag);
        let message = Message { text: &text, language };
        Ok(if before.is_empty() {
            engine.assess(&message, &memory)
        } else {
            engine.assess_after(&before, &message)
        })
    }

    fn assess(&mut self) {
        let mut request = std::mem::take(&mut self.request);
        let answer = self.answer(&request).map_or_else(Answer::Error, Answer::Assessment);
        request.fill(0);
        self.request = request;
        self.answer = serde_json::to_vec(&answer).unwrap_or_default();
    }
}

thread_local! {
    static BORDER: RefCell<Border> = RefCell::default();
}

/// Answers a request as the exported functions do.
#[must_use]
pub fn answer(request: &[u8]) -> Vec<u8> {
    BORDER.with_borrow_mut(|border| {
        border.request = request.to_vec();
        border.assess();
        border.answer.clone()
    })
}

/// Makes room for a request of so many bytes and says where.
#[expect(unsafe_code, reason = "an exported name; nothing unsafe is done")]
#[unsafe(no_mangle)]
pub extern "C" fn request(length: usize) -> *mut u8 {
    BORDER.with_borrow_mut(|border| {
        border.request.clear();
        border.request.resize(length, 0);
        border.request.as_mut_ptr()
    })
}

/// Answers the request that is there and says how long the answer is.
#[expect(unsafe_code, reason = "an exported name; nothing unsafe is done")]
#[unsafe(no_mangle)]
pub extern "C" fn assess() -> usize {
    BORDER.with_borrow_mut(|border| {
        border.assess();
        border.answer.len()
    })
}

/// Where the answer is.
#[expect(unsafe_code, reason = "an exported name; nothing unsafe is done")]
#[unsafe(no_mangle)]
pub extern "C" fn answered() -> *const u8 {
    BORDER.with_borrow(|border| border.answer.as_ptr())
}
