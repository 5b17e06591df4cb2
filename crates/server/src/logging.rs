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
        lines.json().flatten_event(true).with_current_span(false).with_span_list(false).try_init()
    };
    set.map_err(|_| ConfigError::Setting("logging was set up twice".into()))
}
