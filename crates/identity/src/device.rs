//! What a program calls itself, in words that people know: "Firefox on Linux".

/// Names that programs give themselves, the more particular before those they imitate.
const BROWSERS: [(&str, &str); 13] = [
    ("Salus", "Salus"),
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("Vivaldi", "Vivaldi"),
    ("SamsungBrowser", "Samsung Internet"),
    ("FxiOS", "Firefox"),
    ("Firefox", "Firefox"),
    ("CriOS", "Chrome"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
    ("curl", "curl"),
    ("python", "Python"),
    ("okhttp", "An Android app"),
];

const SYSTEMS: [(&str, &str); 7] = [
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Macintosh", "Mac"),
    ("CrOS", "ChromeOS"),
    ("Linux", "Linux"),
];

/// The family of a program and what it runs on, as far as they can be told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Family {
    /// The program.
    pub program: &'static str,
    /// What it runs on.
    pub system: Option<&'static str>,
}

impl Family {
    /// Of a program that calls itself so.
    #[must_use]
    pub fn of(user_agent: Option<&str>) -> Self {
        let text = user_agent.unwrap_or_default();
        let find = |names: &[(&str, &'static str)]| {
            names.iter().find(|(sign, _)| text.contains(sign)).map(|(_, name)| *name)
        };
        Self { program: find(&BROWSERS).unwrap_or("A program"), system: find(&SYSTEMS) }
    }

    /// For people.
    #[must_use]
    pub fn label(&self) -> String {
        match self.system {
            Some(system) => format!("{} on {system}", self.program),
            None => self.program.to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn well_known_browsers_are_told_apart() {
        for (agent, label) in [
            (
                "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
                "Firefox on Linux",
            ),
            (
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36 Edg/140.0",
                "Edge on Windows",
            ),
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/19.0 Mobile/15E148 Safari/604.1",
                "Safari on iPhone",
            ),
            (
                "Mozilla/5.0 (Linux; Android 16) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Mobile Safari/537.36",
                "Chrome on Android",
            ),
            ("curl/8.9.1", "curl"),
            ("", "A program"),
        ] {
            assert_eq!(Family::of(Some(agent)).label(), label);
        }
    }

    proptest! {
        #[test]
        fn nothing_a_program_says_comes_through(text in "\\PC{0,200}") {
            let family = Family::of(Some(&text));
            let known = |names: &[(&str, &str)], name: &str| names.iter().any(|(_, n)| *n == name);
            prop_assert!(family.program == "A program" || known(&BROWSERS, family.program));
            prop_assert!(family.system.is_none_or(|system| known(&SYSTEMS, system)));
        }
    }
}
