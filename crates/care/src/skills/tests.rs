use super::*;
use std::collections::BTreeSet;

fn library() -> Library {
    Library::embedded().unwrap()
}

fn ids(suggestions: &[Suggestion<'_>]) -> Vec<String> {
    suggestions.iter().map(|suggestion| suggestion.skill.id.clone()).collect()
}

#[test]
fn there_are_enough_exercises_of_each_kind() {
    let library = library();
    let dbt = library.iter().filter(|skill| skill.family.is_dbt()).count();
    assert!(dbt >= 34, "{dbt}");
    assert!(library.iter().count() - dbt >= 24);
}

#[test]
fn every_mood_and_every_concern_finds_something() {
    let library = library();
    for mood in ["tired", "anxious", "sad", "angry", "overwhelmed", "neutral"] {
        assert!(library.suggest(Some(mood), &[], &[], &[]).len() >= 5, "{mood}");
    }
    let concerns: BTreeSet<Concern> =
        library.iter().flat_map(|skill| skill.situations.clone()).collect();
    assert_eq!(concerns.len(), 22, "every concern is used");
    for concern in concerns {
        let found = library.suggest(None, &[concern], &[], &[]);
        assert_eq!(found[0].reason, Reason::Suits(concern));
    }
}

#[test]
fn every_exercise_is_there_in_every_language() {
    let library = library();
    for english in library.iter() {
        for lang in Lang::ALL {
            let (skill, found) = library.localized(&english.id, lang).unwrap();
            assert_eq!(found, lang, "{}", skill.id);
            assert_eq!(skill.steps == english.steps, lang == Lang::English, "{}", skill.id);
            assert_eq!(skill.evidence == english.evidence, lang == Lang::English, "{}", skill.id);
        }
    }
}

#[test]
fn no_two_exercises_of_a_language_have_the_same_title() {
    let library = library();
    for lang in Lang::ALL {
        let titles: BTreeSet<String> = library
            .iter()
            .filter_map(|skill| library.localized(&skill.id, lang))
            .map(|(skill, _)| skill.title)
            .collect();
        assert_eq!(titles.len(), library.iter().count(), "{lang}");
    }
}

#[test]
fn what_is_not_translated_is_said_to_be_english() {
    let mut library = library();
    library.words.get_mut(&Lang::German).unwrap().remove("dear-man");
    let (skill, lang) = library.localized("dear-man", Lang::German).unwrap();
    assert_eq!((skill.id.as_str(), lang), ("dear-man", Lang::English));
    assert_eq!(library.localized("no-such-thing", Lang::German), None);
}

#[test]
fn what_helped_before_comes_first_if_it_suits() {
    let library = library();
    let found = library.suggest(Some("anxious"), &[Concern::Panic], &["tipp", "gratitude"], &[]);
    assert_eq!((found[0].skill.id.as_str(), found[0].reason), ("tipp", Reason::HelpedBefore));
    assert!(!ids(&found).contains(&"gratitude".to_owned()), "it does not suit panic");
}

#[test]
fn what_helped_is_there_when_nothing_else_is_asked() {
    let library = library();
    let found = library.suggest(None, &[], &["gratitude"], &[]);
    assert_eq!(ids(&found), ["gratitude"]);
    assert!(library.suggest(None, &[], &[], &[]).is_empty());
}

#[test]
fn an_exercise_with_a_caution_to_avoid_is_never_suggested() {
    let library = library();
    for avoid in [Caution::Heart, Caution::EatingDisorder, Caution::Pregnancy] {
        let found =
            library.suggest(Some("overwhelmed"), &[Concern::CrisisUrge], &["tipp"], &[avoid]);
        assert!(!ids(&found).contains(&"tipp".to_owned()), "{avoid:?}");
        assert!(found.len() >= 5, "{avoid:?}");
    }
}

#[test]
fn cold_and_hard_movement_name_their_cautions() {
    let tipp = library().get("tipp").unwrap().clone();
    for caution in [Caution::Heart, Caution::EatingDisorder, Caution::Pregnancy] {
        assert!(tipp.cautions.contains(&caution), "{caution:?}");
    }
}

#[test]
fn more_matching_concerns_rank_higher_and_the_order_is_always_the_same() {
    let library = library();
    let ask = [Concern::Panic, Concern::Dissociation];
    let found = library.suggest(Some("anxious"), &ask, &[], &[]);
    let both = found[0].skill.situations.iter().filter(|one| ask.contains(one)).count();
    assert_eq!(both, 2);
    assert_eq!(ids(&found), ids(&library.suggest(Some("anxious"), &ask, &[], &[])));
}

#[test]
fn no_sentence_for_people_commands_or_promises() {
    for skill in library().iter() {
        for text in skill.steps.iter().chain([&skill.purpose]) {
            let text = text.to_lowercase();
            for word in ["you must", "cure", "guarantee", "always works", "committed"] {
                assert!(!text.contains(word), "{}: {text}", skill.id);
            }
        }
    }
}

#[test]
fn every_sentence_is_short_in_every_language() {
    let library = library();
    for id in library.iter().map(|skill| &skill.id) {
        for lang in Lang::ALL {
            let (skill, _) = library.localized(id, lang).unwrap();
            for text in skill.steps.iter().chain([&skill.purpose]) {
                assert!(text.split_whitespace().count() <= 45, "{lang} {id}: {text}");
            }
        }
    }
}

#[test]
fn evidence_is_stated_for_each_and_never_boasts() {
    for skill in library().iter() {
        let text = skill.evidence.to_lowercase();
        assert!(text.len() > 20, "{}", skill.id);
        assert!(!text.contains("proven"), "{}", skill.id);
    }
}
