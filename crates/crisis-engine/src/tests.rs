//! The engine against its rules' own examples.

use crate::{
    Assessment, Audience, Engine, Examples, LONGEST, Memory, Message, Role, Turn, examples,
};
use proptest::prelude::*;
use std::sync::LazyLock;

static ENGINE: LazyLock<Engine> = LazyLock::new(|| Engine::new().unwrap());

fn assess(text: &str) -> Assessment {
    ENGINE.assess(&Message::new(text), &Memory::default())
}

#[test]
fn every_rule_finds_its_examples_and_not_its_counterexamples() {
    let engine = Engine::new().unwrap();
    let mut problems = Vec::new();
    for Examples { rule: id, language, yes, no } in examples().unwrap() {
        let finds = |text: &str| {
            let message = Message { text, language: Some(language) };
            let said = engine.assess(&message, &Memory::default());
            said.rules.contains(&id)
                || (id.contains(".asked.") && engine.hear(text, Memory::default()).asked.is_some())
        };
        problems.extend(yes.iter().filter(|t| !finds(t)).map(|t| format!("{id} misses: {t}")));
        problems.extend(no.iter().filter(|t| finds(t)).map(|t| format!("{id} finds: {t}")));
    }
    assert!(problems.is_empty(), "{problems:#?}");
}

#[test]
fn every_rule_with_patterns_has_an_example() {
    for Examples { rule: id, yes, .. } in examples().unwrap() {
        let asked = id.contains(".asked.");
        let silent = ["frame", "soften", "leave"].iter().any(|name| id.ends_with(name));
        let answer = id.starts_with("any.");
        assert!(!yes.is_empty() || asked || silent || answer, "{id} has no example");
    }
}

#[test]
fn a_yes_to_a_direct_question_is_an_alert_and_a_no_is_not() {
    let turns = [Turn { role: Role::Assistant, text: "Are you thinking about suicide?".into() }];
    for yes in ["yes", "sometimes", "kind of", "every day"] {
        assert!(ENGINE.assess_after(&turns, &Message::new(yes)).alert, "{yes}");
    }
    let no = ENGINE.assess_after(&turns, &Message::new("no"));
    assert!(!no.alert);
    assert_eq!(no.memory.denials, 1);
}

#[test]
fn one_no_does_not_end_what_came_before() {
    let turn = |role, text: &str| Turn { role, text: text.into() };
    let turns = [
        turn(Role::User, "I want to kill myself"),
        turn(Role::Assistant, "Are you thinking about suicide right now?"),
    ];
    assert!(ENGINE.assess_after(&turns, &Message::new("no")).support);
}

#[test]
fn disguised_words_are_read() {
    for text in [
        "i want to k1ll myself",
        "k i l l myself",
        "k*ll myself tonight",
        "kіll mysеlf",
        "wanttodie",
        "i wnat to dieeee",
    ] {
        assert!(assess(text).alert, "{text}");
    }
}

#[test]
fn those_who_worry_about_someone_and_those_who_lost_someone_are_told_apart() {
    let worried = assess("my friend says she is going to kill herself tonight");
    assert!(worried.alert);
    assert_eq!(worried.audience, Audience::WorriedAboutOther);
    let work = assess("I am a nurse. Which screening tools for suicide risk are good?");
    assert!(!work.alert);
    assert_eq!(work.audience, Audience::Professional);
}

#[test]
fn harmless_sentences_around_an_explicit_plan_do_not_hide_it() {
    let plan = "I am going to kill myself tonight.";
    for other in [
        "This film was great.",
        "My essay on history is due.",
        "My phone battery is dying.",
        "I am dying of laughter.",
        "When I was 15 I had a dog.",
    ] {
        assert!(assess(&format!("{other} {plan}")).alert, "{other}");
        assert!(assess(&format!("{plan} {other}")).alert, "{other}");
    }
}

#[test]
fn danger_in_the_middle_of_a_long_text_is_found_and_what_is_too_long_is_left_out() {
    let filler = "The weather was fine and we walked along the river for a while. ".repeat(200);
    assert!(assess(&format!("{filler} I want to kill myself. {filler}")).alert);
    let _ = assess(&"a ".repeat(LONGEST));
}

#[test]
fn every_raised_or_lowered_level_names_a_reason() {
    let known: Vec<String> = ENGINE.rules().map(ToOwned::to_owned).collect();
    let learned = ["learned.alert", "learned.support", "learned.doubt"];
    for text in [
        "I want to die",
        "the tablets are counted and the letters are written, it ends tonight",
        "everything is grey and i cry all day",
        "my phone is dying",
    ] {
        let said = assess(text);
        assert!(said.level == 0.0 || !said.rules.is_empty(), "{text}");
        let named = |rule: &String| known.contains(rule) || learned.contains(&rule.as_str());
        assert!(said.rules.iter().all(named), "{text}: {:?}", said.rules);
    }
}

#[test]
fn wording_that_no_rule_knows_is_found_by_what_was_learned() {
    let said = assess("the bath is full and the blade is on the rim, tell them i was tired");
    assert!(said.alert, "{said:?}");
}

#[test]
fn worries_of_every_day_are_no_alert() {
    for text in [
        "I can't sleep, my head is full of tomorrow",
        "My boss yelled at me in front of everyone",
        "too much homework and the bus was late",
        "my car broke down and rent is due",
        "the garden needs water",
    ] {
        assert!(!assess(text).alert, "{text}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn nothing_that_can_be_written_makes_it_panic_or_differ(text in "\\PC{0,300}") {
        let first = assess(&text);
        prop_assert!((0.0..=10.0).contains(&first.level));
        prop_assert_eq!(first, assess(&text));
    }

    #[test]
    fn words_of_the_rules_in_any_order_do_not_make_it_panic(
        words in prop::collection::vec(
            prop::sample::select(vec![
                "i", "want", "to", "die", "not", "never", "kill", "myself", "k1ll", "s*icide",
                "tonight", ",", ".", "...", "film", "my", "friend", "\u{1f52b}", "quiero", "je",
            ]),
            0..60,
        )
    ) {
        let level = assess(&words.join(" ")).level;
        prop_assert!((0.0..=10.0).contains(&level));
    }
}
