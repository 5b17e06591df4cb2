//! Commands that print what the program knows about itself.

use super::{Cli, CommandError, CommandResult};
use crate::{config::Config, router, ui};
use clap::{CommandFactory, Subcommand};

/// Show what can be configured
#[derive(Subcommand)]
pub enum ConfigCommand {
    /// Print the JSON schema of the settings file
    Schema,
    /// Check the settings and say where things are
    Check,
}

pub fn openapi() -> CommandResult {
    let document = httpkit::openapi::to_json(&router::document()).map_err(CommandError::failed)?;
    ui::say(document);
    Ok(())
}

pub fn config_schema() {
    ui::say_json(&schemars::schema_for!(Config));
}

pub fn config(command: &ConfigCommand, config: &Config) -> CommandResult {
    match command {
        ConfigCommand::Schema => config_schema(),
        ConfigCommand::Check => {
            ui::say(format_args!("data:  {}", config.data_dir()?.display()));
            ui::say(format_args!("keys:  {}", config.keys_dir()?.display()));
            ui::say("The settings can be read");
        }
    }
    Ok(())
}

pub fn completions(shell: clap_complete::Shell) -> CommandResult {
    let mut text = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "salus", &mut text);
    ui::say(String::from_utf8(text).map_err(CommandError::failed)?.trim_end());
    Ok(())
}

/// The reference of all commands, for `docs/`.
pub fn help_markdown() {
    let page = format!("# The `salus` command\n{}", help_of(&mut Cli::command(), ""));
    ui::say(page.trim_end());
}

fn help_of(command: &mut clap::Command, above: &str) -> String {
    let name = format!("{above} {}", command.get_name()).trim().to_owned();
    let help = command.clone().bin_name(name.clone()).render_long_help().to_string();
    let lines: Vec<&str> = help.lines().map(str::trim_end).collect();
    let own = format!("\n## `{name}`\n\n```text\n{}\n```\n", lines.join("\n").trim());
    let visible = |sub: &&mut clap::Command| !sub.is_hide_set() && sub.get_name() != "help";
    let subs = command.get_subcommands_mut().filter(visible);
    subs.fold(own, |page, sub| page + &help_of(sub, &name))
}
