use super::*;
use proptest::prelude::*;

fn all() -> Hotlines {
    Hotlines::embedded().unwrap()
}

fn line(id: &str) -> Line {
    Line {
        id: id.into(),
        name: "A line".into(),
        needs: vec![Need::Everyone],
        call: Some("112".into()),
        text: None,
        keyword: None,
        whatsapp: None,
        chat: None,
        note: None,
        hours: ALWAYS.into(),
        languages: vec!["en".into()],
        source: "https://example.org".into(),
        checked: "2026-11-21".into(),
        confidence: Confidence::High,
    }
}

fn change(code: &str) -> Override {
    Override { code: code.into(), name: None, emergency: None, put: vec![], remove: vec![] }
}

#[test]
fn about_sixty_countries_have_an_emergency_number_and_lines() {
    let all = all();
    let general =
        |country: &&Country| country.lines.iter().any(|line| line.needs.contains(&Need::Everyone));
    assert!(all.countries().filter(general).count() >= 60);
    assert!(all.countries().map(|country| country.lines.len()).sum::<usize>() >= 150);
}

#[test]
fn every_number_has_the_form_of_its_country() {
    for country in all().countries() {
        for line in &country.lines {
            assert_eq!(line.check_numbers(&country.code), Ok(()));
        }
    }
    let foreign = Line { call: Some("+43 12".into()), ..line("at-9") };
    assert!(foreign.check_numbers("AT").is_err());
}

#[test]
fn short_codes_are_told_from_whole_numbers() {
    for short in ["988", "116 123", "*4141", "13 11 14", "741741", "15"] {
        assert!(is_short_code(short), "{short}");
    }
    for long in ["0800 1110111", "5", "", "1-800-799-7233", "98 8a", "1234567"] {
        assert!(!is_short_code(long), "{long}");
    }
}

#[test]
fn lines_for_what_is_named_first_come_first_and_open_ones_before_others() {
    let all = all();
    let help = all.for_place(Some("us"), &[Need::Veterans, Need::Everyone], "en");
    assert_eq!(help.lines[0].name, "Veterans Crisis Line");
    assert_eq!(help.emergency, ["911"]);
    for country in all.countries() {
        let help = all.for_place(Some(&country.code), &[Need::Everyone], "en");
        let open: Vec<bool> = help.lines.iter().map(|line| line.is_always_open()).collect();
        assert!(open.is_sorted_by(|one, other| one >= other), "{}", country.code);
    }
}

#[test]
fn a_line_in_the_language_of_the_person_comes_first_among_equals() {
    let all = all();
    let first =
        |language| all.for_place(Some("BE"), &[Need::Everyone], language).lines[0].id.clone();
    assert_eq!((first("nl"), first("fr")), ("be-1".into(), "be-2".into()));
}

#[test]
fn the_directories_are_there_wherever_someone_is() {
    let all = all();
    for place in [None, Some("ZZ"), Some(""), Some("DE")] {
        let help = all.for_place(place, &[Need::Everyone], "en");
        let urls: Vec<&str> = help.directories.iter().map(|one| one.url.as_str()).collect();
        assert_eq!(urls, ["https://findahelpline.com", "https://befrienders.org"]);
    }
    assert!(all.for_place(Some("ZZ"), &[Need::Everyone], "en").emergency.is_empty());
}

#[test]
fn a_country_without_a_sure_line_has_its_emergency_number_and_the_directories() {
    let all = all();
    let help = all.for_place(Some("EC"), &[Need::Everyone], "es");
    assert_eq!((help.emergency.as_slice(), help.lines.len()), (["911"].as_slice(), 0));
    assert_eq!(help.directories.len(), 2);
}

#[test]
fn an_administrator_changes_removes_and_adds() {
    let before = all();
    let mut germany = change("DE");
    germany.remove.push("de-2".into());
    germany.put.push(line("de-1"));
    let mut new = change("ZZ");
    new.name = Some("Nowhere".into());
    new.emergency = Some(vec!["112".into()]);
    new.put.push(line("zz-1"));
    let after = before.merged(&[germany, new]).unwrap();
    let help = after.for_place(Some("DE"), &[Need::Everyone], "de");
    assert!(help.lines.iter().any(|line| line.id == "de-1" && line.name == "A line"));
    assert!(help.lines.iter().all(|line| line.id != "de-2"));
    assert_eq!(after.for_place(Some("zz"), &[Need::Everyone], "en").lines.len(), 1);
    assert_eq!(before, all(), "the built-in lines stay as they are");
}

#[test]
fn a_change_that_takes_the_emergency_number_or_does_not_fit_is_refused() {
    let mut numberless = change("LB");
    numberless.emergency = Some(vec![]);
    let mut unknown = change("LB");
    unknown.remove.push("lb-9".into());
    let mut nameless = change("ZZ");
    nameless.put.push(line("zz-1"));
    let mut undialable = change("LB");
    undialable.put.push(Line { call: Some("call me".into()), ..line("lb-2") });
    let mut insecure = change("LB");
    insecure.put.push(Line { chat: Some("javascript:alert(1)".into()), ..line("lb-2") });
    for wrong in [numberless, unknown, nameless, undialable, insecure] {
        assert!(all().merged(std::slice::from_ref(&wrong)).is_err(), "{wrong:?}");
    }
}

/// Loaded once for all cases of a property.
static LOADED: std::sync::LazyLock<Hotlines> = std::sync::LazyLock::new(all);

proptest! {
    #[test]
    fn any_place_has_an_answer(country in ".{0,4}", language in ".{0,4}") {
        let all = &*LOADED;
        let help = all.for_place(Some(&country), &[Need::Youth, Need::Everyone], &language);
        prop_assert_eq!(help.directories.len(), 2);
    }
}
