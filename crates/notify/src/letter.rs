//! What letters say. Plain text and the same as HTML, without pictures or anything else that is
//! fetched when they are read.

use identity::{Change, Letter, LetterKind};
use kernel::Timestamp;
use std::fmt::Write;

/// A letter in words.
pub(crate) struct Words {
    pub(crate) subject: &'static str,
    pub(crate) plain: String,
    pub(crate) html: String,
}

/// Parts of a letter, in their order.
struct Parts {
    subject: &'static str,
    lines: Vec<String>,
    /// What the link is called.
    link: Option<&'static str>,
    /// After the link.
    after: Vec<String>,
}

/// The page of a link, below the address of the installation.
pub(crate) const fn page(kind: LetterKind) -> Option<&'static str> {
    match kind {
        LetterKind::VerifyEmail => Some("verify-email"),
        LetterKind::ResetPassword => Some("reset-password"),
        LetterKind::AddressKnown
        | LetterKind::NewDevice
        | LetterKind::FactorChanged
        | LetterKind::AccountClosing
        | LetterKind::EmergencyAccess
        | LetterKind::EmergencyReview => None,
    }
}

/// The letter in words; the links in it lead below `base`.
pub(crate) fn words(letter: &Letter, base: &str) -> Words {
    let parts = parts(letter);
    // EXPOSE: the letter goes to the person whose name and link these are.
    let name = letter.name.as_ref().map(|name| name.expose().as_str());
    let token = letter.token.as_ref().map(|token| token.expose().as_str());
    let link = page(letter.kind).zip(token).map(|(page, token)| format!("{base}/{page}#{token}"));
    let hello = name.map_or_else(|| "Hello,".to_owned(), |name| format!("Hello {name},"));
    Words {
        subject: parts.subject,
        plain: plain(&hello, &parts, link.as_deref()),
        html: html(&hello, &parts, link.as_deref()),
    }
}

fn parts(letter: &Letter) -> Parts {
    let until = letter.until.map(|until| until.to_string()).unwrap_or_default();
    let device = letter.device.as_deref().unwrap_or("a device that we could not tell");
    match letter.kind {
        LetterKind::VerifyEmail => verify_email(&until),
        LetterKind::ResetPassword => reset_password(&until),
        LetterKind::AddressKnown => address_known(),
        LetterKind::NewDevice => new_device(device, letter.at),
        LetterKind::FactorChanged => factor_changed(letter.change, letter.at),
        LetterKind::AccountClosing => account_closing(&until),
        LetterKind::EmergencyAccess => emergency_access(letter.at),
        LetterKind::EmergencyReview => emergency_review(letter.at),
    }
}

fn verify_email(until: &str) -> Parts {
    Parts {
        subject: "Please confirm your address",
        lines: vec![
            "good to have you here. Please confirm that this address is yours, so that we can \
                 reach you when it matters."
                .to_owned(),
        ],
        link: Some("Confirm my address"),
        after: vec![
            format!("The link works once, until {until}."),
            "If you did not sign up, you can leave this letter alone.".to_owned(),
        ],
    }
}

fn reset_password(until: &str) -> Parts {
    Parts {
        subject: "Choose a new password",
        lines: vec![
            "someone, hopefully you, asked for a new password for your account.".to_owned(),
        ],
        link: Some("Choose a new password"),
        after: vec![
            format!(
                "The link works once, until {until}. Afterwards you log in anew on all your devices; a second factor stays as it is."
            ),
            "If it was not you, nothing has changed and you need not do anything.".to_owned(),
        ],
    }
}

fn address_known() -> Parts {
    Parts {
        subject: "You have an account here already",
        lines: vec![
            "someone, maybe you, wanted to sign up with this address. You have an account with \
                 it already, so nothing has changed."
                .to_owned(),
            "If it was you: just log in. If you forgot your password, you can choose a new one \
                 on the log-in page."
                .to_owned(),
        ],
        link: None,
        after: Vec::new(),
    }
}

fn new_device(device: &str, at: Timestamp) -> Parts {
    Parts {
        subject: "A new device is logged in",
        lines: vec![
            format!(
                "your account was opened on {device}, where we had not seen it before, at {at}."
            ),
            "Was it you? Then all is well.".to_owned(),
            "If not, please log that device out in your settings and change your password."
                .to_owned(),
        ],
        link: None,
        after: Vec::new(),
    }
}

fn factor_changed(change: Option<Change>, at: Timestamp) -> Parts {
    let what = match change {
        Some(Change::TotpAdded) => "an authenticator app was added to your account",
        Some(Change::TotpRemoved) => "the authenticator app was removed from your account",
        Some(Change::RecoveryCodesMade) => {
            "new recovery codes were made for your account, and those from before are void,"
        }
        Some(Change::PasskeyAdded) => "a passkey was added to your account",
        Some(Change::PasskeyRemoved) => "a passkey was removed from your account",
        Some(Change::ProviderLinked) => {
            "an account elsewhere was connected, so that it opens your account,"
        }
        Some(Change::ProviderUnlinked) => "an account elsewhere was disconnected from yours",
        Some(Change::RecoveryCodeUsed) => "one of your recovery codes was used",
        Some(Change::UsernameChosen) => "a username to log in with was chosen for your account",
        Some(Change::PasswordChanged) => "the password of your account was changed",
        None => "something about how you log in was changed",
    };
    Parts {
        subject: "How you log in has changed",
        lines: vec![
            format!("{what} at {at}."),
            "Was it you? Then all is well.".to_owned(),
            "If not, please choose a new password on the log-in page right away, and look at \
                 what happened in your settings."
                .to_owned(),
        ],
        link: None,
        after: Vec::new(),
    }
}

fn account_closing(until: &str) -> Parts {
    Parts {
        subject: "Your account is closed",
        lines: vec![
            "your account is closed, as you asked.".to_owned(),
            format!(
                "Until {until} you can change your mind: log in and choose to open it again. After that everything is erased for good, and nobody can bring it back."
            ),
            "Take care, and all the best to you.".to_owned(),
        ],
        link: None,
        after: Vec::new(),
    }
}

fn emergency_access(at: Timestamp) -> Parts {
    Parts {
        subject: "Your emergency access was used",
        lines: vec![
            format!("the emergency access to your account was used at {at}."),
            "Log in to see who used it, why, and what it opened. Somebody else has to look at it \
                 too: if it was not right, you can say so there, and take back any card you gave."
                .to_owned(),
        ],
        link: None,
        after: vec![
            "If you are in need right now, this is not where help comes from: please \
                     call the emergency number of the place where you are."
                .to_owned(),
        ],
    }
}

fn emergency_review(at: Timestamp) -> Parts {
    Parts {
        subject: "Emergency access was used",
        lines: vec![
            format!("somebody used emergency access at {at}."),
            "Please log in and look at it among the accesses that wait for a review.".to_owned(),
        ],
        link: None,
        after: Vec::new(),
    }
}

const GREETING: &str = "Your Salus";

fn plain(hello: &str, parts: &Parts, link: Option<&str>) -> String {
    let mut text = format!("{hello}\n\n");
    let mut put = |line: &str| {
        text.push_str(line);
        text.push_str("\n\n");
    };
    parts.lines.iter().for_each(|line| put(line));
    if let (Some(name), Some(link)) = (parts.link, link) {
        put(&format!("{name}:\n{link}"));
    }
    parts.after.iter().for_each(|line| put(line));
    text + GREETING + "\n"
}

fn html(hello: &str, parts: &Parts, link: Option<&str>) -> String {
    let mut text = String::from(
        "<!doctype html><html lang=\"en\"><body style=\"font-family:sans-serif;max-width:36em\">",
    );
    let mut put = |line: &str| {
        text.push_str("<p>");
        text.push_str(line);
        text.push_str("</p>");
    };
    put(&escaped(hello));
    parts.lines.iter().for_each(|line| put(&escaped(line)));
    if let (Some(name), Some(link)) = (parts.link, link) {
        put(&format!("<a href=\"{}\">{}</a>", escaped(link), escaped(name)));
    }
    parts.after.iter().for_each(|line| put(&escaped(line)));
    put(GREETING);
    text + "</body></html>\n"
}

/// As text within HTML, whatever someone calls themselves.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' | '<' | '>' | '"' | '\'' => {
                // Writing to a text cannot fail.
                let _ = write!(out, "&#{};", u32::from(letter));
            }
            letter => out.push(letter),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use kernel::{Phi, Secret};
    use proptest::prelude::*;

    const ALL: [LetterKind; 8] = [
        LetterKind::VerifyEmail,
        LetterKind::ResetPassword,
        LetterKind::AddressKnown,
        LetterKind::NewDevice,
        LetterKind::FactorChanged,
        LetterKind::AccountClosing,
        LetterKind::EmergencyAccess,
        LetterKind::EmergencyReview,
    ];

    fn letter(kind: LetterKind, name: &str) -> Letter {
        let moment = Timestamp::from_micros(0);
        Letter {
            to: Phi::new("ana@example.org".to_owned()),
            name: Some(Phi::new(name.to_owned())),
            kind,
            token: page(kind).map(|_| Secret::new("sml1_token".to_owned())),
            until: Some(moment),
            device: Some("Firefox on Linux".to_owned()),
            change: Some(Change::TotpRemoved),
            at: moment,
        }
    }

    #[test]
    fn a_letter_says_the_same_in_text_and_html_and_loads_nothing() {
        for kind in ALL {
            let words = words(&letter(kind, "Ana"), "https://salus.example");
            let link = "https://salus.example/";
            assert_eq!(words.plain.contains(link), page(kind).is_some(), "{kind:?}");
            assert_eq!(words.html.contains(link), page(kind).is_some(), "{kind:?}");
            assert!(words.plain.starts_with("Hello Ana,"));
            for loads in ["<img", "src=", "url(", "<link", "<script", "@import"] {
                assert!(!words.html.contains(loads), "{kind:?} loads {loads}");
            }
        }
    }

    #[test]
    fn the_letter_about_a_change_says_which() {
        let letter = letter(LetterKind::FactorChanged, "Ana");
        let words = words(&letter, "https://salus.example");
        assert!(words.plain.contains("the authenticator app was removed from your account at "));
    }

    #[test]
    fn the_secret_of_a_link_never_reaches_a_server_by_a_click() {
        let words = words(&letter(LetterKind::ResetPassword, "Ana"), "https://salus.example");
        assert!(
            words.plain.contains("/reset-password#sml1_token"),
            "behind the #: {}",
            words.plain
        );
    }

    proptest! {
        #[test]
        fn no_name_becomes_markup(name in "\\PC{0,80}") {
            let words = words(&letter(LetterKind::NewDevice, &name), "https://salus.example");
            let tags = |html: &str| html.matches('<').count();
            let usual = super::words(&letter(LetterKind::NewDevice, "Ana"), "https://salus.example");
            prop_assert_eq!(tags(&words.html), tags(&usual.html));
        }
    }
}
