//! Letters to people by mail, and signed calls to programs.
//!
//! Owns how letters look and how they travel: the words, the SMTP connection with its TLS, what is
//! tried again and what is not. What a letter is about, to whom it goes and whether it still makes
//! sense is asked of `identity` when it is sent; a job holds ids only.
//!
//! What always holds: nothing is sent without TLS, unless the server is on this machine or that was
//! asked for by name; no letter says anything about anybody's health, and none contains anything
//! that tells the sender whether it was read; neither addresses nor links are in a log or an error.
//!
//! A call goes to an address of the settings and to nowhere else, is signed, and
//! follows no redirect; what is in it is the business of whoever calls.
//!
//! What it does not do: a letter may arrive twice if the program dies between sending it and
//! writing that down; both have the same Message-ID. Without a server, nothing is sent and nobody
//! waits: administrators and operators get the links instead.

mod api;
mod config;
mod error;
mod jobs;
mod letter;
mod service;
mod smtp;
mod webhook;

#[cfg(test)]
mod tests;

pub use api::routes;
pub use config::{MailConfig, MailConfigError, Security};
pub use error::{CODES, MAIL_IS_ON, MailError};
pub use jobs::jobs;
pub use service::{Mailer, Shown};
pub use webhook::{WebhookConfig, WebhookConfigError, WebhookError, Webhooks};
