use super::*;
use proptest::prelude::*;

fn set() -> Questionnaires {
    Questionnaires::embedded().unwrap()
}

fn get(id: &str) -> Questionnaire {
    set().get(id).unwrap().clone()
}

fn answers(pairs: &[(&str, u8)]) -> Answers {
    pairs.iter().map(|(id, value)| ((*id).to_owned(), *value)).collect()
}

/// Answers to every question that is asked, which make exactly this total, if any do.
fn reaching(one: &Questionnaire, total: u16) -> Answers {
    let mut left = total;
    let mut given = Answers::new();
    for item in one.items.iter().filter(|item| !item.unscored) {
        let counts = |choice: &Choice| {
            let points = choice.points();
            u16::from(if item.reverse { one.max_points() - points } else { points })
        };
        let best = one.choices.iter().filter(|c| counts(c) <= left).max_by_key(|c| counts(c));
        let choice = best.unwrap();
        left -= counts(choice);
        given.insert(item.id.clone(), choice.value);
    }
    assert_eq!(left, 0, "{}: {total} cannot be reached", one.id);
    given
}

/// Adds what has to be answered beside the scored questions.
fn complete(one: &Questionnaire, mut given: Answers) -> Answers {
    let gates: Vec<String> = one.items.iter().flat_map(|item| item.only_if.clone()).collect();
    for item in one.items.iter().filter(|item| item.unscored) {
        if one.asks(item, &given) {
            given.insert(item.id.clone(), u8::from(gates.contains(&item.id)));
        }
    }
    given
}

#[test]
fn every_questionnaire_loads_and_is_sound() {
    assert!(set().iter().count() >= 6);
}

#[test]
fn every_edge_of_every_band_is_in_its_band() {
    for one in set().iter() {
        for band in &one.bands {
            for total in [band.from, band.to] {
                let result = one.score(&complete(one, reaching(one, total))).unwrap();
                assert_eq!((result.total, &result.band), (total, band), "{}", one.id);
                assert_eq!(result.positive, total >= one.positive_from, "{} {total}", one.id);
            }
        }
    }
}

#[test]
fn the_bands_are_those_that_were_published() {
    let starts = |id: &str| get(id).bands.iter().map(|band| band.from).collect::<Vec<_>>();
    assert_eq!(starts("phq-9"), [0, 5, 10, 15, 20]);
    assert_eq!(starts("phq-2"), [0, 3]);
    assert_eq!(starts("gad-7"), [0, 5, 10, 15]);
    assert_eq!(starts("gad-2"), [0, 3]);
    assert_eq!(starts("pcl-5"), [0, 31]);
    assert_eq!(starts("pc-ptsd-5"), [0, 4]);
    assert_eq!(starts("ces-d"), [0, 16]);
    assert_eq!(starts("asq"), [0, 1]);
    let most = |id: &str| get(id).max();
    assert_eq!(
        ["phq-9", "phq-2", "gad-7", "gad-2", "pcl-5", "pc-ptsd-5", "ces-d", "asq"].map(most),
        [27, 6, 21, 6, 80, 5, 60, 4]
    );
}

#[test]
fn item_nine_of_the_phq_above_zero_opens_crisis_care_whatever_the_total() {
    let phq = get("phq-9");
    for value in 0..=3 {
        let mut given = reaching(&phq, 0);
        given.insert("9".into(), value);
        let urgency = phq.score(&given).unwrap().urgency();
        assert_eq!(urgency, (value > 0).then_some(Urgency::Crisis), "{value}");
    }
}

#[test]
fn a_flag_does_not_wait_for_the_last_question() {
    assert_eq!(get("phq-9").flags(&answers(&[("9", 1)])).len(), 1);
    assert!(get("phq-9").score(&answers(&[("9", 1)])).is_err());
}

#[test]
fn each_yes_of_the_asq_flags_and_thoughts_right_now_are_imminent() {
    let asq = get("asq");
    let none = answers(&[("1", 0), ("2", 0), ("3", 0), ("4", 0)]);
    assert_eq!(asq.score(&none).unwrap().urgency(), None);
    for item in ["1", "2", "3", "4"] {
        for said in [1, 2] {
            let mut given = none.clone();
            given.insert(item.into(), said);
            assert_eq!(asq.score(&given), Err(Unscorable::Missing(vec!["5".into()])), "{item}");
            given.insert("5".into(), 0);
            let result = asq.score(&given).unwrap();
            assert_eq!((result.urgency(), result.positive), (Some(Urgency::Crisis), true));
            for now in [1, 2] {
                given.insert("5".into(), now);
                let result = asq.score(&given).unwrap();
                assert_eq!(result.urgency(), Some(Urgency::Imminent));
                assert_eq!(result.total, 1, "the fifth question does not count");
            }
        }
    }
}

#[test]
fn the_fifth_question_of_the_asq_is_not_asked_after_four_times_no() {
    let given = answers(&[("1", 0), ("2", 0), ("3", 0), ("4", 0), ("5", 1)]);
    assert_eq!(get("asq").score(&given), Err(Unscorable::NotAsked("5".into())));
}

#[test]
fn without_such_an_event_the_pc_ptsd_is_finished() {
    let one = get("pc-ptsd-5");
    let result = one.score(&answers(&[("event", 0)])).unwrap();
    assert_eq!((result.total, result.positive), (0, false));
    let open = one.score(&answers(&[("event", 1)])).unwrap_err();
    assert_eq!(open, Unscorable::Missing(["1", "2", "3", "4", "5"].map(String::from).to_vec()));
}

#[test]
fn four_questions_of_the_ces_d_count_the_other_way_round() {
    let one = get("ces-d");
    let all = |value| one.items.iter().map(|item| (item.id.clone(), value)).collect::<Answers>();
    assert_eq!(one.score(&all(0)).unwrap().total, 12);
    assert_eq!(one.score(&all(3)).unwrap().total, 48);
}

#[test]
fn missing_unknown_and_impossible_answers_are_told_apart() {
    let gad = get("gad-2");
    assert_eq!(gad.score(&answers(&[("1", 0)])), Err(Unscorable::Missing(vec!["2".into()])));
    let strange = answers(&[("1", 0), ("2", 0), ("x", 0)]);
    assert_eq!(gad.score(&strange), Err(Unscorable::NotAsked("x".into())));
    let outside = answers(&[("1", 0), ("2", 4)]);
    assert_eq!(gad.score(&outside), Err(Unscorable::NotAChoice("2".into())));
}

#[test]
fn a_change_counts_from_the_published_threshold_on() {
    let phq = get("phq-9");
    let direction = |before, after| phq.change(before, after).unwrap().direction;
    assert_eq!(direction(15, 9), Direction::Better);
    assert_eq!(direction(15, 10), Direction::Unclear);
    assert_eq!(direction(9, 15), Direction::Worse);
    assert_eq!(direction(9, 9), Direction::Unclear);
    assert_eq!(get("asq").change(0, 4), None);
}

#[test]
fn no_threshold_is_below_what_its_published_figures_give() {
    for one in set().iter() {
        let Some(change) = &one.reliable_change else { continue };
        if let (Some(sd), Some(reliability)) = (change.sd, change.reliability) {
            let least = 1.96 * sd * (2.0 * (1.0 - reliability)).sqrt();
            assert!(f64::from(change.points) >= least, "{}: {least}", one.id);
        }
    }
}

#[test]
fn a_file_with_a_gap_between_bands_is_refused_by_name() {
    let mut one = get("phq-9");
    one.bands[1].from = 6;
    let flaw = one.check("questionnaires/phq-9.toml").unwrap_err();
    assert_eq!(
        (flaw.file.as_str(), flaw.field.as_str()),
        ("questionnaires/phq-9.toml", "bands[1]")
    );
}

#[test]
fn every_question_ends_and_no_text_is_there_twice() {
    for one in set().iter() {
        let texts: BTreeSet<&str> = one.items.iter().map(|item| item.text.as_str()).collect();
        assert_eq!(texts.len(), one.items.len(), "{}", one.id);
    }
}

#[test]
fn what_is_said_about_every_questionnaire_is_there_in_every_language() {
    let set = set();
    for english in set.iter() {
        for lang in Lang::ALL.into_iter().filter(|lang| *lang != Lang::English) {
            let (one, found) = set.localized(&english.id, lang).unwrap();
            assert_eq!(found, lang, "{}", one.id);
            assert_ne!(one.about, english.about, "{lang} {}", one.id);
            for (own, other) in one.bands.iter().zip(&english.bands) {
                assert_eq!((own.from, own.to, &own.name), (other.from, other.to, &other.name));
                assert_ne!(own.text, other.text, "{lang} {}", one.id);
            }
        }
    }
}

#[test]
fn questions_are_translated_all_or_not_at_all_and_score_the_same() {
    let set = set();
    for english in set.iter() {
        for lang in Lang::ALL {
            let (one, _) = set.localized(&english.id, lang).unwrap();
            let official = one.language == lang.tag() && lang != Lang::English;
            assert!(official || one.language == "en", "{lang} {}", one.id);
            for (own, other) in one.items.iter().zip(&english.items) {
                assert_eq!(own.text != other.text, official, "{lang} {}", one.id);
                assert_eq!(own.id, other.id);
            }
            assert_eq!(one.instruction != english.instruction, official, "{lang} {}", one.id);
            assert_eq!((&one.flags, one.max()), (&english.flags, english.max()));
        }
    }
    let languages: Vec<String> = ["phq-9", "gad-7", "asq"]
        .into_iter()
        .map(|id| set.localized(id, Lang::German).unwrap().0.language)
        .collect();
    assert_eq!(languages, ["de", "de", "en"]);
}

#[test]
fn a_short_questionnaire_asks_the_first_questions_of_the_long_one_in_every_language() {
    let set = set();
    for (short, long) in [("phq-2", "phq-9"), ("gad-2", "gad-7")] {
        for lang in Lang::ALL {
            let (short, _) = set.localized(short, lang).unwrap();
            let (long, _) = set.localized(long, lang).unwrap();
            assert_eq!(short.items[..], long.items[..2], "{lang}");
            assert_eq!(short.choices, long.choices, "{lang}");
        }
    }
}

#[test]
fn a_wording_with_a_question_too_few_is_refused_by_name() {
    let words = set().words[&Lang::German]["phq-9"].clone();
    let mut short = get("phq-9");
    short.items.pop();
    let flaw = words.check("questionnaires/texts/de.toml", &short).unwrap_err();
    assert_eq!(flaw.field, "phq-9.wording.items");
}

/// Loaded once for all cases of a property.
static LOADED: std::sync::LazyLock<Questionnaires> = std::sync::LazyLock::new(set);

proptest! {
    #[test]
    fn whatever_is_answered_a_total_lies_in_its_range(
        pairs in prop::collection::btree_map("[0-9]{1,2}|event|x", 0_u8..6, 0..24)
    ) {
        for one in LOADED.iter() {
            if let Ok(result) = one.score(&pairs) {
                prop_assert!(result.total <= result.max);
                prop_assert_eq!(result.flags.is_empty(), one.flags(&pairs).is_empty());
            }
        }
    }
}
