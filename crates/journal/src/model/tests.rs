use super::*;
use proptest::prelude::*;

#[test]
fn moods_are_called_what_they_always_were() {
    let names: Vec<_> = Mood::ALL.iter().map(|mood| (mood.name(), mood.scale().get())).collect();
    assert_eq!(
        names,
        [
            ("joyful", 4),
            ("grateful", 3),
            ("hopeful", 2),
            ("calm", 2),
            ("neutral", 0),
            ("tired", -1),
            ("anxious", -3),
            ("sad", -3),
            ("angry", -3),
            ("overwhelmed", -4),
        ]
    );
    for mood in Mood::ALL {
        assert_eq!(mood.name().parse(), Ok(*mood));
        assert_eq!(serde_json::to_value(mood).unwrap(), mood.name());
        assert!(Scale::try_from(i64::from(mood.scale().get())).is_ok());
    }
    assert_eq!("Calm".parse::<Mood>(), Err(Invalid::UnknownMood));
}

#[test]
fn a_number_counts_more_than_a_mood() {
    let both = Meta { mood: Some(Mood::Sad), scale: Some(Scale(5)), ..Meta::default() };
    assert_eq!(both.valence(), Some(Scale(5)));
    assert_eq!(Meta { scale: None, ..both }.valence(), Some(Scale(-3)));
    assert_eq!(Meta::default().valence(), None);
}

#[test]
fn tags_are_trimmed_and_doubles_dropped() {
    let tags = |tags: &[&str]| {
        Tags::try_from(tags.iter().map(|tag| (*tag).to_owned()).collect::<Vec<_>>())
    };
    assert_eq!(tags(&[" b", "a", "b ", "B"]).unwrap().as_slice(), ["b", "a", "B"]);
    assert_eq!(tags(&["x\ny"]).err(), Some(Invalid::TagNotOneLine));
    let long = "ü".repeat(TAG_CHARS);
    assert!(tags(&[&long]).is_ok());
    assert_eq!(tags(&[&format!("{long}x")]).err(), Some(Invalid::TagTooLong));
}

#[test]
fn bounds_are_counted_in_letters_for_lines_and_in_bytes_for_texts() {
    let check = |title: &str, text: &str| {
        let (title, text) = (Phi::new(title.to_owned()), Phi::new(text.to_owned()));
        Draft { title, text, ..Draft::default() }.content(Timestamp::from_micros(0)).err()
    };
    assert_eq!(check(&"ü".repeat(TITLE_CHARS), &"x".repeat(CONTENT_BYTES)), None);
    assert_eq!(check(&"ü".repeat(TITLE_CHARS + 1), ""), Some(Invalid::TitleTooLong));
    assert_eq!(check("", &"ü".repeat(CONTENT_BYTES / 2 + 1)), Some(Invalid::ContentTooLong));
}

#[test]
fn sync_cursors_have_one_form() {
    let lineage = Uuid::from_u128(0xab);
    let tail = ".000000000000000000000000000000ab";
    assert_eq!(format!("s7{tail}").parse(), Ok(SyncCursor { seq: 7, lineage }));
    for bad in ["", "7", "s", "s07", "s+7", "s-1", "S7", "s99999999999999999999"] {
        assert!(format!("{bad}{tail}").parse::<SyncCursor>().is_err(), "{bad}");
    }
    for bad in
        ["", ".", ".ab", ".000000000000000000000000000000AB", ".0000000000000000000000000000000g"]
    {
        assert!(format!("s7{bad}").parse::<SyncCursor>().is_err(), "{bad}");
    }
}

proptest! {
    #[test]
    fn the_scale_ends_where_it_says(number: i64) {
        let on_it = (i64::from(Scale::WORST)..=i64::from(Scale::BEST)).contains(&number);
        prop_assert_eq!(Scale::try_from(number).is_ok(), on_it);
    }

    #[test]
    fn tags_that_were_taken_are_taken_again(given in prop::collection::vec(".{0,45}", 0..25)) {
        if let Ok(tags) = Tags::try_from(given) {
            prop_assert!(tags.as_slice().len() <= TAGS);
            let again = Tags::try_from(tags.as_slice().to_vec());
            prop_assert!(again.is_ok_and(|again| again == tags));
        }
    }

    #[test]
    fn a_text_is_found_by_its_own_words(text in ".{0,80}") {
        let text = Phi::new(text);
        let content = Draft { text: text.clone(), ..Draft::default() };
        let content = content.content(Timestamp::from_micros(0)).unwrap();
        let filter = Filter { search: Search::new(&text).unwrap(), ..Filter::default() };
        prop_assert!(filter.admits(&content));
    }
}
