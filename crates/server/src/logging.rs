//! Where the program writes about its own work: standard error, as JSON unless a person reads.

use crate::config::{ConfigError, Log, LogFormat};
use std::io::IsTerminal;
use tracing_subscriber::{EnvFilter, fmt};

/// What would write what people entrust to us, if it were asked to write more than warnings.
const NEVER_MORE: [&str; 2] = ["webauthn_rs=warn", "webauthn_rs_core=warn"];

/// Sets logging up for the whole program.
pub fn start(config: &Log) -> Result<(), ConfigError> {
    let unreadable = || ConfigError::Setting("log.level is not a filter".into());
    let mut filter = EnvFilter::try_new(&config.level).map_err(|_| unreadable())?;
    for directive in NEVER_MORE {
        filter = filter.add_directive(directive.parse().map_err(|_| unreadable())?);
    }
    let text = match config.format {
        LogFormat::Text => true,
        LogFormat::Json => false,
        LogFormat::Auto => std::io::stderr().is_terminal(),
    };
    let lines = fmt().with_env_filter(filter).with_writer(std::io::stderr).with_target(true);
    let set = if text {
        lines.try_init()
    } else {
        // The span is the request: its id ties all lines together that were written for it.
        lines.json().flatten_event(true).with_current_span(true).with_span_list(false).try_init()
    };
    set.map_err(|_| ConfigError::Setting("logging was set up twice".into()))?;
    name_only_the_place_of_panics();
    Ok(())
}

/// The text of a panic may hold what somebody wrote; where it happened is enough to mend it.
fn name_only_the_place_of_panics() {
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(ToString::to_string).unwrap_or_default();
        tracing::error!(place, "the program panicked");
    }));
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{
        io::Write,
        panic::catch_unwind,
        sync::{Arc, Mutex},
    };

    #[derive(Clone, Default)]
    struct Lines(Arc<Mutex<Vec<u8>>>);

    impl Write for Lines {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_panic_is_logged_with_its_place_and_without_its_words() {
        let lines = Lines::default();
        let to = lines.clone();
        let subscriber = fmt().with_writer(move || to.clone()).finish();
        let before = std::panic::take_hook();
        name_only_the_place_of_panics();
        tracing::subscriber::with_default(subscriber, || {
            catch_unwind(|| panic!("what Ana wrote")).unwrap_err();
        });
        std::panic::set_hook(before);
        let text = String::from_utf8(lines.0.lock().unwrap().clone()).unwrap();
        assert!(text.contains("logging.rs") && !text.contains("Ana"), "{text}");
    }
}
