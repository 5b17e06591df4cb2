//! What a person at the terminal sees. Commands write their results here; everything about the
//! program's own work goes to the log on standard error.

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::io::{IsTerminal, Write};

/// Writes one line of a command's result.
pub fn say(line: impl std::fmt::Display) {
    let mut out = std::io::stdout().lock();
    // A reader that went away (`salus … | head`) is no reason to fail.
    let _ = writeln!(out, "{line}").and_then(|()| out.flush());
}

/// Writes a value as JSON, for scripts.
pub fn say_json(value: &impl serde::Serialize) {
    match serde_json::to_string_pretty(value) {
        Ok(text) => say(text),
        Err(error) => tracing::error!(%error, "a result could not be written"),
    }
}

/// Writes a value as one line of JSON, for lists.
pub fn say_json_line(value: &impl serde::Serialize) {
    match serde_json::to_string(value) {
        Ok(text) => say(text),
        Err(error) => tracing::error!(%error, "a result could not be written"),
    }
}

/// A progress bar on a terminal; nothing elsewhere.
#[must_use]
pub fn progress(total: u64, what: &'static str) -> ProgressBar {
    let bar = ProgressBar::new(total);
    if !std::io::stderr().is_terminal() {
        bar.set_draw_target(ProgressDrawTarget::hidden());
    }
    if let Ok(style) = ProgressStyle::with_template("{msg} [{bar:30}] {pos}/{len} ({eta})") {
        bar.set_style(style.progress_chars("=> "));
    }
    bar.set_message(what);
    bar
}
