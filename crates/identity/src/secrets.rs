//! The secrets of the program that this crate makes and checks things with.

use crate::{
    api::CSRF_KEY,
    config::SessionConfig,
    passkeys, password, providers,
    service::{DEVICE_KEY, KNOWN_FOR, LABEL_KEY, LINK_KEY, LONGEST_LINK},
    token,
};
use std::time::Duration;
use vault::SystemSecret;

/// Longer than anybody takes to log in.
const CEREMONY: Duration = Duration::from_hours(1);

/// All of them, each with how long what was made with it holds.
#[must_use]
pub fn secrets(sessions: &SessionConfig) -> Vec<SystemSecret> {
    let pages = sessions.cookie_life(false).1.max(sessions.cookie_life(true).1);
    let lasting = [
        (token::KEY, sessions.access()),
        (CSRF_KEY, pages),
        (passkeys::KEY, CEREMONY),
        (providers::KEY, CEREMONY),
        (LABEL_KEY, CEREMONY),
        (LINK_KEY, LONGEST_LINK),
        (DEVICE_KEY, KNOWN_FOR),
    ];
    let lasting = lasting.map(|(name, life)| SystemSecret { name, keep: Some(life) });
    // Every stored password is hashed with it.
    lasting.into_iter().chain([SystemSecret { name: password::PEPPER, keep: None }]).collect()
}
