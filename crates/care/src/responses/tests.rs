use super::{load::situations, *};
use std::collections::{BTreeMap, BTreeSet};

mod rubric;

const NUMBER: &str = "112";

fn policy() -> Policy {
    Policy::embedded().unwrap()
}

fn every_situation() -> impl Iterator<Item = Situation<'static>> {
    Lang::ALL.into_iter().flat_map(|lang| {
        situations().map(move |at| Situation { lang, emergency: Some(NUMBER), ..at })
    })
}

fn at(level: Level, audience: Audience, turn: Turn) -> Situation<'static> {
    Situation { level, audience, turn, lang: Lang::English, emergency: Some(NUMBER) }
}

/// The answers to the same situation, again and again, each knowing what was shown before.
fn in_a_row(policy: &Policy, at: &Situation<'_>, rounds: usize) -> Vec<Response> {
    let mut seen: Vec<String> = Vec::new();
    (0..rounds)
        .map(|_| {
            let known: Vec<&str> = seen.iter().map(String::as_str).collect();
            let response = policy.respond(at, &known);
            seen.extend(response.parts.iter().map(|part| part.id.clone()));
            response
        })
        .collect()
}

#[test]
fn every_situation_in_every_language_has_an_answer() {
    let policy = policy();
    for at in every_situation() {
        let response = policy.respond(&at, &[]);
        assert!(response.parts.len() >= 8, "{at:?}");
        assert_eq!(response.language, at.lang);
        assert!(!response.text(Place::Body).contains('{'), "{at:?}");
    }
}

#[test]
fn the_same_situation_and_history_give_the_same_answer() {
    let policy = policy();
    for at in every_situation() {
        assert_eq!(policy.respond(&at, &[]), policy.respond(&at, &[]));
    }
}

#[test]
fn no_wording_is_used_twice_in_a_row_and_no_answer_twice_in_six() {
    let policy = policy();
    for at in every_situation() {
        let answers = in_a_row(&policy, &at, 6);
        for pair in answers.windows(2) {
            for (before, after) in pair[0].parts.iter().zip(&pair[1].parts) {
                assert_ne!(before.text, after.text, "{at:?}");
            }
        }
        let bodies: BTreeSet<String> = answers.iter().map(|a| a.text(Place::Body)).collect();
        assert_eq!(bodies.len(), 6, "{at:?}");
    }
}

#[test]
fn what_was_shown_in_another_language_counts_as_shown() {
    let policy = policy();
    let english = at(Level::Alert, Audience::Person, Turn::First);
    let german = Situation { lang: Lang::German, ..english };
    let first = policy.respond(&english, &[]);
    let seen: Vec<&str> = first.parts.iter().map(|part| part.id.as_str()).collect();
    let second = policy.respond(&german, &seen);
    assert!(second.parts.iter().all(|part| !seen.contains(&part.id.as_str())));
}

#[test]
fn ids_that_nobody_knows_change_nothing() {
    let policy = policy();
    let at = at(Level::Support, Audience::Person, Turn::Again);
    assert_eq!(policy.respond(&at, &["", "x.1", "stay.99"]), policy.respond(&at, &[]));
}

#[test]
fn the_emergency_number_of_the_place_is_named_or_else_described() {
    let policy = policy();
    let here = at(Level::Imminent, Audience::Person, Turn::First);
    assert!(policy.respond(&here, &[]).text(Place::Body).contains("call 112"));
    let nowhere = Situation { emergency: None, ..here };
    let text = policy.respond(&nowhere, &[]).text(Place::Body);
    assert!(text.contains("your local emergency number"), "{text}");
}

#[test]
fn in_danger_to_life_the_emergency_call_is_the_first_thing_offered() {
    let policy = policy();
    for at in every_situation().filter(|at| at.level == Level::Imminent) {
        let response = policy.respond(&at, &[]);
        assert_eq!(response.actions.first(), Some(&Action::CallEmergency), "{at:?}");
        assert!(response.resources.emergency_first, "{at:?}");
    }
}

#[test]
fn a_denial_leaves_the_help_where_it_was() {
    let policy = policy();
    for at in every_situation().filter(|at| at.turn == Turn::First) {
        let before = policy.respond(&at, &[]);
        let after = policy.respond(&Situation { turn: Turn::AfterDenial, ..at }, &[]);
        assert_eq!(after.resources, before.resources, "{at:?}");
        assert_eq!(after.actions, before.actions, "{at:?}");
    }
}

#[test]
fn whoever_is_hurt_by_someone_sees_lines_for_that_first() {
    let response = policy().respond(&at(Level::Support, Audience::Danger, Turn::First), &[]);
    assert_eq!(response.resources.needs, [Need::Violence, Need::Everyone]);
}

#[test]
fn whoever_is_hurt_by_someone_is_not_led_to_the_lines_as_if_they_worried_about_another() {
    let policy = policy();
    let slots = |audience| {
        let answers = in_a_row(&policy, &at(Level::Alert, audience, Turn::First), 4);
        let lines = answers.iter().flat_map(|answer| &answer.parts);
        let lines = lines.filter(|part| part.kind == Kind::Resources);
        lines.map(|part| part.text.clone()).collect::<BTreeSet<_>>()
    };
    assert!(slots(Audience::Danger).is_disjoint(&slots(Audience::Friend)));
}
