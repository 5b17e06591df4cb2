use super::*;
use proptest::prelude::*;

fn forms() -> Forms {
    Forms::embedded().unwrap()
}

fn form(id: &str) -> Form {
    forms().get(id).unwrap().clone()
}

fn entry(pairs: Vec<(&str, Value)>) -> Entry {
    pairs.into_iter().map(|(id, value)| (id.to_owned(), value)).collect()
}

fn items(text: &str) -> Value {
    Value::Items(vec![text.into()])
}

fn marks(id: &str, value: u8) -> Value {
    Value::Marks([(id.to_owned(), value)].into())
}

#[test]
fn the_three_forms_are_there() {
    let ids: Vec<String> = forms().iter().map(|form| form.id.clone()).collect();
    assert_eq!(ids, ["chain-analysis", "diary-card", "safety-plan"]);
}

#[test]
fn the_safety_plan_has_six_steps_and_reasons_for_living_in_every_language() {
    let forms = forms();
    for lang in Lang::ALL {
        let (plan, found) = forms.localized("safety-plan", lang).unwrap();
        assert_eq!((found, plan.sections.len()), (lang, 7));
        let steps: Vec<&str> = plan.sections.iter().map(|one| one.id.as_str()).collect();
        assert_eq!(
            steps,
            ["signs", "alone", "distraction", "people", "professionals", "surroundings", "reasons"]
        );
        let english = forms.get("safety-plan").unwrap();
        assert_eq!(plan.title == english.title, lang == Lang::English);
    }
}

#[test]
fn every_form_is_there_in_every_language_with_all_its_words() {
    let forms = forms();
    for english in forms.iter() {
        for lang in Lang::ALL.into_iter().filter(|lang| *lang != Lang::English) {
            let (form, found) = forms.localized(&english.id, lang).unwrap();
            assert_eq!(found, lang, "{}", form.id);
            for (own, other) in form.sections.iter().zip(&english.sections) {
                assert_ne!(own.help, other.help, "{lang} {}", form.id);
                for (mark, label) in own.marks.iter().zip(&other.marks) {
                    assert_ne!(mark.label, label.label, "{lang} {}", form.id);
                }
                assert_eq!(own.examples == other.examples, other.examples.is_empty(), "{lang}");
            }
        }
    }
}

#[test]
fn a_translation_without_a_mark_is_refused_by_name() {
    let mut forms = forms();
    let words = forms.words.get_mut(&Lang::German).unwrap().get_mut("diary-card").unwrap();
    words.marks.get_mut("urges").unwrap().remove("suicide");
    let (words, card) = (words.clone(), forms.get("diary-card").unwrap());
    let flaw = words.check("records/texts/de.toml", card).unwrap_err();
    assert_eq!(flaw.field, "diary-card.marks.urges");
}

#[test]
fn an_unfinished_safety_plan_can_be_kept() {
    let plan = form("safety-plan");
    assert_eq!(plan.fits(&Entry::new()), Ok(()));
    assert_eq!(plan.fits(&entry(vec![("signs", items("I lie awake"))])), Ok(()));
}

#[test]
fn what_does_not_fit_is_named_by_section_and_never_quoted() {
    let plan = form("safety-plan");
    let wrong = |id: &str, value| plan.fits(&entry(vec![(id, value)])).unwrap_err();
    assert_eq!(wrong("nothing", items("x")), Invalid::UnknownSection("nothing".into()));
    assert_eq!(wrong("signs", Value::Text("x".into())), Invalid::WrongKind("signs".into()));
    assert_eq!(wrong("signs", items(" ")), Invalid::Empty("signs".into()));
    let long = "secret".repeat(100);
    let error = wrong("signs", items(&long));
    assert_eq!(error, Invalid::TooLong("signs".into()));
    assert!(!error.to_string().contains("secret"));
    let many = Value::Items(vec!["x".into(); ITEMS + 1]);
    assert_eq!(wrong("signs", many), Invalid::TooLong("signs".into()));
    let phone = Value::Contacts(vec![Contact { name: "A".into(), phone: Some("1".repeat(41)) }]);
    assert_eq!(wrong("people", phone), Invalid::TooLong("people".into()));
}

#[test]
fn a_rating_outside_its_scale_is_refused() {
    let card = form("diary-card");
    assert_eq!(card.fits(&entry(vec![("emotions", marks("joy", 5))])), Ok(()));
    let error = card.fits(&entry(vec![("emotions", marks("joy", 6))])).unwrap_err();
    assert_eq!(error, Invalid::OffTheScale("emotions".into()));
    let error = card.fits(&entry(vec![("actions", marks("moved", 2))])).unwrap_err();
    assert_eq!(error, Invalid::OffTheScale("actions".into()));
}

#[test]
fn a_person_may_add_marks_of_their_own() {
    let card = form("diary-card");
    assert_eq!(card.fits(&entry(vec![("urges", marks("To buy things", 3))])), Ok(()));
}

#[test]
fn strong_urges_and_self_harm_open_crisis_care() {
    let card = form("diary-card");
    let urge = |section, id, value| card.urge(&entry(vec![(section, marks(id, value))]));
    assert_eq!(urge("urges", "suicide", 0), None);
    assert_eq!(urge("urges", "suicide", 1), Some(Urge::ShowHelp));
    assert_eq!(urge("urges", "suicide", 2), Some(Urge::ShowHelp));
    assert_eq!(urge("urges", "suicide", 3), Some(Urge::Crisis));
    assert_eq!(urge("urges", "self-harm", 3), Some(Urge::ShowHelp));
    assert_eq!(urge("urges", "self-harm", 4), Some(Urge::Crisis));
    assert_eq!(urge("actions", "self-harm", 1), Some(Urge::Crisis));
    assert_eq!(urge("emotions", "sadness", 5), None);
}

#[test]
fn a_chain_needs_the_behaviour_what_set_it_off_and_links() {
    let chain = form("chain-analysis");
    assert_eq!(chain.fits(&Entry::new()), Err(Invalid::Missing("behaviour".into())));
    let link = Link { kind: LinkKind::Thought, text: "I can't do anything right".into() };
    let mut whole = entry(vec![
        ("behaviour", Value::Text("I shouted".into())),
        ("event", Value::Text("A message".into())),
        ("links", Value::Links(vec![link])),
    ]);
    assert_eq!(chain.fits(&whole), Ok(()));
    whole.insert("links".into(), Value::Links(vec![]));
    assert_eq!(chain.fits(&whole), Err(Invalid::Missing("links".into())));
    whole.insert("behaviour".into(), Value::Text("  ".into()));
    assert_eq!(chain.fits(&whole), Err(Invalid::Missing("behaviour".into())));
}

/// Loaded once for all cases of a property.
static LOADED: std::sync::LazyLock<Forms> = std::sync::LazyLock::new(forms);

proptest! {
    #[test]
    fn no_text_makes_a_form_panic(
        id in "signs|people|urges|.{0,8}", text in ".{0,40}", value in 0_u8..255
    ) {
        for form in LOADED.iter() {
            for filled in [items(&text), Value::Text(text.clone()), marks(&text, value)] {
                let filled = entry(vec![(&id, filled)]);
                let _ = form.fits(&filled);
                let _ = form.urge(&filled);
            }
        }
    }
}
