//! How mail is sent.

use kernel::Secret;
use lettre::message::Mailbox;
use schemars::JsonSchema;
use serde::Deserialize;
use std::{net::IpAddr, path::PathBuf, time::Duration};

/// How mail is sent. Without a host none is.
#[derive(Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct MailConfig {
    /// The name of the SMTP server, as its certificate says.
    pub host: Option<String>,
    /// Its port. Default: 587 for `starttls` and `none`, 465 for `implicit`.
    pub port: Option<u16>,
    /// How the connection is protected.
    pub security: Security,
    /// Send without TLS to a server that is not on this machine: everything can be read on the
    /// way, links to new passwords too.
    pub allow_plaintext: bool,
    /// The name to log in with, if the server wants one.
    pub username: Option<String>,
    /// The password for it.
    #[schemars(with = "Option<String>")]
    pub password: Option<Secret<String>>,
    /// A file that holds the password.
    pub password_file: Option<PathBuf>,
    /// Whom letters are from: `Salus <salus@example.org>`.
    pub from: Option<String>,
    /// Certificates (PEM) to trust for the server, instead of the public ones.
    pub ca_file: Option<PathBuf>,
    /// Seconds that a letter may take, 1 to 60.
    pub timeout_seconds: u8,
}

impl Default for MailConfig {
    fn default() -> Self {
        Self {
            host: None,
            port: None,
            security: Security::Starttls,
            allow_plaintext: false,
            username: None,
            password: None,
            password_file: None,
            from: None,
            ca_file: None,
            timeout_seconds: 20,
        }
    }
}

/// How the connection to the server is protected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Security {
    /// The connection begins in the clear and nothing is sent before it is TLS.
    Starttls,
    /// TLS from the first byte.
    Implicit,
    /// No TLS.
    None,
}

/// A setting that cannot work, or would be unsafe.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MailConfigError {
    /// Without TLS to another machine.
    #[error(
        "mail.security: `none` is for a server on this machine; set mail.allow_plaintext to send in the clear all the same"
    )]
    Plaintext,
    /// A password that everybody on the way could read.
    #[error("mail.password: is never sent without TLS to another machine")]
    PlaintextPassword,
    /// Nobody to be from.
    #[error("mail.from: an address is needed, such as `Salus <salus@example.org>`")]
    From,
    /// Links would lead nowhere.
    #[error("http.public_url: is needed where mail is sent, for the links in it")]
    NoPublicUrl,
    /// Half a log-in.
    #[error("mail.username and mail.password: both or neither")]
    Credentials,
    /// A time that is none.
    #[error("mail.timeout_seconds: 1 to 60")]
    Timeout,
    /// The certificates cannot be read.
    #[error("mail.ca_file: {0}")]
    CaFile(String),
}

/// What sending needs, checked.
pub(crate) struct Checked {
    pub(crate) host: String,
    pub(crate) port: u16,
    pub(crate) security: Security,
    pub(crate) credentials: Option<(String, Secret<String>)>,
    pub(crate) from: Mailbox,
    pub(crate) ca: Option<Vec<u8>>,
    pub(crate) timeout: Duration,
}

impl MailConfig {
    /// What sending needs; `None` where no mail is sent.
    pub(crate) fn check(&self) -> Result<Option<Checked>, MailConfigError> {
        let Some(host) = self.host.clone() else { return Ok(None) };
        let clear = self.security == Security::None && !is_here(&host);
        if clear && !self.allow_plaintext {
            return Err(MailConfigError::Plaintext);
        }
        let credentials = match (self.username.clone(), self.password.clone()) {
            (None, None) => None,
            (Some(_), Some(_)) if clear => return Err(MailConfigError::PlaintextPassword),
            (Some(name), Some(password)) => Some((name, password)),
            (Some(_), None) | (None, Some(_)) => return Err(MailConfigError::Credentials),
        };
        if !(1..=60).contains(&self.timeout_seconds) {
            return Err(MailConfigError::Timeout);
        }
        let from = self.from.as_deref().and_then(|from| from.parse().ok());
        let ca = self.ca_file.as_ref().map(std::fs::read).transpose();
        Ok(Some(Checked {
            host,
            port: self.port.unwrap_or(match self.security {
                Security::Implicit => 465,
                Security::Starttls | Security::None => 587,
            }),
            security: self.security,
            credentials,
            from: from.ok_or(MailConfigError::From)?,
            ca: ca.map_err(|error| MailConfigError::CaFile(error.to_string()))?,
            timeout: Duration::from_secs(self.timeout_seconds.into()),
        }))
    }
}

/// Whether the server is on this machine.
fn is_here(host: &str) -> bool {
    host == "localhost" || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(host: &str) -> MailConfig {
        let from = Some("Salus <salus@example.org>".to_owned());
        MailConfig { host: Some(host.to_owned()), from, ..MailConfig::default() }
    }

    fn refused(config: &MailConfig) -> MailConfigError {
        config.check().err().unwrap()
    }

    #[test]
    fn nothing_needs_to_be_set() {
        assert!(MailConfig::default().check().unwrap().is_none());
    }

    #[test]
    fn nothing_goes_to_another_machine_in_the_clear_unless_asked_for_by_name() {
        let clear = |host| MailConfig { security: Security::None, ..config(host) };
        assert_eq!(refused(&clear("mail.example.org")), MailConfigError::Plaintext);
        for host in ["localhost", "127.0.0.1", "::1"] {
            assert!(clear(host).check().unwrap().is_some());
        }
        let asked = MailConfig { allow_plaintext: true, ..clear("mail.example.org") };
        assert!(asked.check().is_ok());
        let password = Some(Secret::new("x".to_owned()));
        let with = MailConfig { username: Some("salus".into()), password, ..asked };
        assert_eq!(refused(&with), MailConfigError::PlaintextPassword);
    }

    #[test]
    fn half_a_log_in_no_sender_and_no_time_are_refused() {
        let half = MailConfig { username: Some("salus".into()), ..config("mail.example.org") };
        assert_eq!(refused(&half), MailConfigError::Credentials);
        let nobody = MailConfig { from: None, ..config("mail.example.org") };
        assert_eq!(refused(&nobody), MailConfigError::From);
        let never = MailConfig { timeout_seconds: 0, ..config("mail.example.org") };
        assert_eq!(refused(&never), MailConfigError::Timeout);
    }
}
