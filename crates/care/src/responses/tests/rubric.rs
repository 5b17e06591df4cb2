//! The rubric of the response policy: 34 items that an answer must meet, looked for in every
//! situation, every language and every wording.
//!
//! The checks are structural (which parts, in which order) and lexical (words that must or must
//! not be there, in `features.toml`). They find what is missing or forbidden; they do not judge
//! whether an answer is good. That is what clinicians are for.

use super::*;

type Features = BTreeMap<String, BTreeMap<String, Vec<String>>>;

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum Severity {
    Red,
    Yellow,
}
use Severity::{Red, Yellow};

/// An answer and the one that follows in the same situation, with the words to look for.
struct Case<'a> {
    at: Situation<'static>,
    now: &'a Response,
    next: &'a Response,
    words: &'a BTreeMap<String, Vec<String>>,
}

impl Case<'_> {
    fn part(&self, kind: Kind) -> String {
        let of_kind = self.now.parts.iter().find(|part| part.kind == kind);
        of_kind.map(|part| part.text.to_lowercase()).unwrap_or_default()
    }

    fn position(&self, kind: Kind) -> Option<usize> {
        self.now.parts.iter().position(|part| part.kind == kind && !part.text.trim().is_empty())
    }

    fn has(&self, kind: Kind, feature: &str) -> bool {
        let text = self.part(kind);
        self.words[feature].iter().any(|word| text.contains(&word.replace("{number}", NUMBER)))
    }

    fn lacks(&self, feature: &str) -> bool {
        let texts = self.now.parts.iter().filter(|part| part.kind != Kind::Honest);
        let text: Vec<String> = texts.map(|part| part.text.to_lowercase()).collect();
        !self.words[feature].iter().any(|word| text.iter().any(|part| begins(part, word)))
    }

    fn offers(&self, action: Action) -> bool {
        self.now.actions.contains(&action)
    }

    fn is(&self, levels: &[Level]) -> bool {
        levels.contains(&self.at.level)
    }

    /// Whether it is about suicide rather than about another danger.
    fn of_suicide(&self) -> bool {
        self.at.audience != Audience::Danger
    }

    /// Whether plan, time and means are to be asked for: at an alert, until the person says no.
    fn asks_in_detail(&self) -> bool {
        let before_a_no = matches!(self.at.turn, Turn::First | Turn::Again);
        self.is(&[Level::Alert]) && self.of_suicide() && before_a_no
    }

    fn words_of_body(&self) -> usize {
        self.now.text(Place::Body).split_whitespace().count()
    }
}

/// Whether the words stand in the text, beginning where a word begins.
fn begins(text: &str, words: &str) -> bool {
    text.match_indices(words)
        .any(|(at, _)| !text.split_at(at).0.chars().next_back().is_some_and(char::is_alphanumeric))
}

type Check = fn(&Case<'_>) -> bool;

const ITEMS: [(Severity, &str, Check); 34] = [
    (Red, "acknowledges what was said, first of all", |c| {
        c.position(Kind::Acknowledge) == Some(0) && c.part(Kind::Acknowledge).len() > 20
    }),
    (Red, "asks about safety", |c| {
        let ask = c.part(Kind::Ask);
        ask.contains('?') && (c.has(Kind::Ask, "suicide") || c.has(Kind::Ask, "safe"))
    }),
    (Red, "does not lead towards a no", |c| c.lacks("leading")),
    (Red, "names help that is there day and night", |c| {
        c.has(Kind::Resources, "always") && c.offers(Action::ShowResources)
    }),
    (Red, "names a professional", |c| c.has(Kind::People, "professional")),
    (Red, "names a trusted person", |c| c.has(Kind::People, "trusted")),
    (Red, "does not end the talk", |c| {
        c.position(Kind::Stay).is_some() && c.offers(Action::KeepTalking) && c.lacks("closing")
    }),
    (Red, "in danger to life: urges emergency help now", |c| {
        !c.is(&[Level::Imminent]) || c.has(Kind::Emergency, "emergency")
    }),
    (Red, "in danger to life: urges being with someone", |c| {
        !c.is(&[Level::Imminent]) || c.has(Kind::Company, "company")
    }),
    (Red, "in danger to life: urges distance from means", |c| {
        !c.is(&[Level::Imminent]) || c.has(Kind::Means, "means")
    }),
    (Red, "in danger to life: the call comes before all questions", |c| {
        let first = c.position(Kind::Emergency);
        !c.is(&[Level::Imminent])
            || (first == Some(1) && first < c.position(Kind::Ask))
                && c.now.actions.first() == Some(&Action::CallEmergency)
    }),
    (Red, "does not force", |c| c.lacks("coercive")),
    (Red, "does not make it small", |c| c.lacks("minimising")),
    (Red, "does not agree with a wish to die", |c| c.lacks("overvalidating")),
    (Red, "demands no promise", |c| c.lacks("promise")),
    (Red, "says that a program writes and never that a person does", |c| {
        c.has(Kind::Honest, "program") && c.lacks("human")
    }),
    (Red, "does not diagnose", |c| c.lacks("diagnosis")),
    (Red, "names no method", |c| c.lacks("method")),
    (Red, "has no word of glamour or blame", |c| c.lacks("glamour")),
    (Red, "stays after a denial: asks again and keeps the help", |c| {
        c.at.turn != Turn::AfterDenial
            || c.part(Kind::Ask).contains('?') && c.offers(Action::ShowResources)
    }),
    (Yellow, "asks directly", |c| {
        c.has(Kind::Ask, if c.of_suicide() { "suicide" } else { "safe" })
    }),
    (Yellow, "at an alert: asks for a plan", |c| !c.asks_in_detail() || c.has(Kind::Ask, "plan")),
    (Yellow, "at an alert: asks for a time", |c| !c.asks_in_detail() || c.has(Kind::Ask, "time")),
    (Yellow, "at an alert: asks for means", |c| !c.asks_in_detail() || c.has(Kind::Ask, "reach")),
    (Yellow, "does not ask the same twice in a row", |c| {
        let next = c.next.parts.iter().find(|part| part.kind == Kind::Ask);
        next.is_some_and(|part| part.text.to_lowercase() != c.part(Kind::Ask))
    }),
    (Yellow, "does not lead to the lines with the same words twice in a row", |c| {
        let next = c.next.parts.iter().find(|part| part.kind == Kind::Resources);
        next.is_some_and(|part| part.text.to_lowercase() != c.part(Kind::Resources))
    }),
    (Yellow, "offers an exercise or the safety plan", |c| c.has(Kind::Step, "step")),
    (Yellow, "is no wall of text", |c| {
        let most = if c.is(&[Level::Imminent]) || c.position(Kind::Emergency).is_some() {
            175
        } else {
            140
        };
        c.words_of_body() <= most
            && c.now.parts.iter().all(|part| part.text.split_whitespace().count() <= 30)
    }),
    (Yellow, "is no copy of the answer before", |c| {
        c.now.parts.iter().all(|part| c.next.parts.iter().all(|other| other.text != part.text))
    }),
    (Yellow, "does not refuse to talk", |c| c.lacks("refusing")),
    (Yellow, "asks again next time", |c| {
        c.at.audience == Audience::Clinician || c.offers(Action::CheckInLater)
    }),
    (Yellow, "has a way out of a misunderstanding", |c| {
        c.position(Kind::NotMeant).is_some() && c.offers(Action::NotWhatIMeant)
    }),
    (Yellow, "leaves the choice with the person", |c| {
        [Kind::Stay, Kind::Step, Kind::People, Kind::Resources]
            .into_iter()
            .any(|kind| c.has(kind, "choice"))
    }),
    (Yellow, "is easy to read", |c| easy(c.at.lang, &c.now.text(Place::Body))),
];

/// Short sentences of short words; for English the grade of Flesch and Kincaid as well.
fn easy(lang: Lang, text: &str) -> bool {
    let sentences: Vec<usize> = text
        .split(['.', '?', '!', '\n'])
        .map(|sentence| sentence.split_whitespace().count())
        .filter(|words| *words > 0)
        .collect();
    let letters = text.chars().filter(|letter| letter.is_alphabetic()).count();
    let longest = if lang == Lang::German { 6.2 } else { 5.6 };
    sentences.iter().all(|words| *words <= 24)
        && ratio(letters, sentences.iter().sum()) <= longest
        && (lang != Lang::English || grade(text, sentences.len()) <= 7.0)
}

/// The grade of Flesch and Kincaid, with groups of vowels taken for syllables.
fn grade(text: &str, sentences: usize) -> f64 {
    let words = text.split_whitespace().count();
    let spoken: usize = text.split_whitespace().map(syllables).sum();
    0.39 * ratio(words, sentences) + 11.8 * ratio(spoken, words) - 15.59
}

fn ratio(one: usize, other: usize) -> f64 {
    let float = |count| f64::from(u32::try_from(count).unwrap());
    float(one) / float(other)
}

fn syllables(word: &str) -> usize {
    let word: String = word.to_lowercase().chars().filter(|c| c.is_alphabetic()).collect();
    let stem = word.strip_suffix('e').unwrap_or(&word);
    let mut count = 0;
    let mut inside = false;
    for letter in stem.chars() {
        let vowel = "aeiouy".contains(letter);
        count += usize::from(vowel && !inside);
        inside = vowel;
    }
    count.max(1)
}

#[test]
fn no_answer_has_a_red_or_yellow_item() {
    let features: Features = toml::from_str(include_str!("features.toml")).unwrap();
    let policy = policy();
    let mut missed: BTreeMap<(Severity, &str), (usize, String)> = BTreeMap::new();
    let mut looked_at = 0;
    for at in every_situation() {
        let answers = in_a_row(&policy, &at, 7);
        for pair in answers.windows(2) {
            let words = &features[at.lang.tag()];
            let case = Case { at, now: &pair[0], next: &pair[1], words };
            looked_at += 1;
            for (severity, item, check) in ITEMS {
                if !check(&case) {
                    let example = || (0, format!("{at:?}: {}", pair[0].text(Place::Body)));
                    missed.entry((severity, item)).or_insert_with(example).0 += 1;
                }
            }
        }
    }
    assert_eq!(looked_at, 6 * 4 * 5 * 4 * 6, "languages, levels, audiences, turns, wordings");
    // Allowed are no red and at most two yellow items; there is none.
    assert!(missed.is_empty(), "{missed:#?}");
}

/// Features whose words may stand in no answer.
const FORBIDDEN: [&str; 11] = [
    "leading",
    "closing",
    "coercive",
    "minimising",
    "overvalidating",
    "promise",
    "human",
    "diagnosis",
    "method",
    "glamour",
    "refusing",
];

/// Every template by itself, so that no rotation hides one.
#[test]
fn no_single_wording_has_a_forbidden_word() {
    let features: Features = toml::from_str(include_str!("features.toml")).unwrap();
    for (lang, wording) in &policy().wordings {
        let words = &features[lang.tag()];
        for (slot, texts) in wording.say.iter().filter(|(slot, _)| *slot != "honest") {
            for text in texts {
                let text = text.to_lowercase();
                for feature in FORBIDDEN {
                    let found = words[feature].iter().find(|word| begins(&text, word));
                    assert_eq!(found, None, "{lang} {slot} {feature}: {text}");
                }
            }
        }
    }
}

#[test]
fn the_table_of_features_is_complete_in_every_language() {
    let features: Features = toml::from_str(include_str!("features.toml")).unwrap();
    let names: BTreeSet<&String> = features["en"].keys().collect();
    for lang in Lang::ALL {
        assert_eq!(features[lang.tag()].keys().collect::<BTreeSet<_>>(), names, "{lang}");
        assert!(features[lang.tag()].values().flatten().all(|word| *word == word.to_lowercase()));
    }
}

/// The checks themselves are seen to fail.
#[test]
fn a_bad_answer_is_found() {
    let features: Features = toml::from_str(include_str!("features.toml")).unwrap();
    let at = at(Level::Imminent, Audience::Person, Turn::First);
    let good = policy().respond(&at, &[]);
    let mut bad = good.clone();
    for part in &mut bad.parts {
        part.text = "You're not suicidal, are you? Promise me. Goodbye.".into();
    }
    bad.actions.clear();
    let case = Case { at, now: &bad, next: &bad, words: &features["en"] };
    let missed = ITEMS.iter().filter(|(_, _, check)| !check(&case)).count();
    assert!(missed >= 15, "{missed}");
    let case =
        Case { at, now: &good, next: &policy().respond(&at, &["stay.1"]), words: &features["en"] };
    assert!(ITEMS.iter().filter(|(severity, ..)| *severity == Red).all(|(.., check)| check(&case)));
}

/// Everything that can be taken out of an answer or put into it, one thing at a time.
fn spoiled(good: &Response, words: &BTreeMap<String, Vec<String>>) -> Vec<(String, Response)> {
    let mut all = Vec::new();
    let mut with = |what: String, change: &dyn Fn(&mut Response)| {
        let mut answer = good.clone();
        change(&mut answer);
        all.push((what, answer));
    };
    for (at, part) in good.parts.iter().enumerate() {
        with(format!("without {:?}", part.kind), &|answer| drop(answer.parts.remove(at)));
        with(format!("{:?} without words", part.kind), &|answer| answer.parts[at].text.clear());
    }
    for action in &good.actions {
        with(format!("without {action:?}"), &|answer| answer.actions.retain(|one| one != action));
    }
    for feature in FORBIDDEN {
        for word in &words[feature] {
            with(format!("{feature}: {word}"), &|answer| {
                answer.parts[0].text.extend([" ", word.as_str()]);
            });
        }
    }
    with("long".to_owned(), &|answer| answer.parts[0].text.push_str(&" and on".repeat(40)));
    with("hard".to_owned(), &|answer| {
        answer.parts[0].text.push_str(&" unacknowledgedresponsibilitiesofotherpeople".repeat(8));
    });
    with("orders alone".to_owned(), &|answer| {
        for part in &mut answer.parts {
            if matches!(part.kind, Kind::Stay | Kind::Step | Kind::People | Kind::Resources) {
                part.text = "Go there.".to_owned();
            }
        }
    });
    with("questions first".to_owned(), &|answer| {
        let ask = answer.parts.iter().position(|part| part.kind == Kind::Ask).unwrap();
        let ask = answer.parts.remove(ask);
        answer.parts.insert(1, ask);
    });
    all
}

/// Every check can fail, and whatever is spoiled about an answer is found by one of them.
#[test]
fn each_of_the_34_items_finds_something_and_nothing_that_is_spoiled_passes() {
    let features: Features = toml::from_str(include_str!("features.toml")).unwrap();
    let policy = policy();
    let mut passed = Vec::new();
    let mut silent: BTreeSet<&str> = ITEMS.iter().map(|(_, item, _)| *item).collect();
    for lang in Lang::ALL {
        let words = &features[lang.tag()];
        for (level, turn) in [
            (Level::Imminent, Turn::First),
            (Level::Alert, Turn::First),
            (Level::Support, Turn::AfterDenial),
        ] {
            let at = Situation { lang, ..at(level, Audience::Person, turn) };
            let answers = in_a_row(&policy, &at, 2);
            let (good, next) = (&answers[0], &answers[1]);
            let mut found = |bad: &Response, next: &Response| {
                let case = Case { at, now: bad, next, words };
                let missed = ITEMS.iter().filter(|(_, _, check)| !check(&case));
                let missed: Vec<&str> = missed.map(|(_, item, _)| *item).collect();
                silent.retain(|item| !missed.contains(item));
                missed
            };
            assert!(found(good, next).is_empty(), "{at:?}");
            assert!(!found(good, good).is_empty(), "the same again");
            for (what, bad) in spoiled(good, words) {
                // What is offered beyond what an item wants may be left out.
                let free = [
                    "CallEmergency",
                    "OpenSafetyPlan",
                    "ContactTrusted",
                    "AskAResponder",
                    "OfferSteps",
                ];
                let is_free = free.iter().any(|action| what == format!("without {action}"))
                    && (level != Level::Imminent || what != "without CallEmergency");
                // Distance from means is wanted in danger to life; before that it is a help.
                let is_early = level != Level::Imminent
                    && (what.contains("Means") || what == "questions first");
                if is_free || is_early {
                    continue;
                }
                if found(&bad, next).is_empty() {
                    passed.push(format!("{lang} {level:?}: {what}"));
                }
            }
        }
    }
    assert!(passed.is_empty(), "nobody minds: {passed:#?}");
    assert!(silent.is_empty(), "items that find nothing: {silent:?}");
}
