use super::*;
use crate::model::{Mood, Scale};
use proptest::prelude::*;
use uuid::Uuid;

fn entry(number: u128, title: &str, text: &str, meta: Meta) -> Entry {
    let at = Timestamp::from_micros(1_767_225_600_000_001);
    Entry {
        id: EntryId::from_uuid(Uuid::from_u128(number)),
        content: Content {
            occurred_at: at,
            title: Phi::new(title.to_owned()),
            text: Phi::new(text.to_owned()),
            meta: Phi::new(meta),
        },
        created_at: at,
        updated_at: at,
        version: 3,
    }
}

fn write(format: Format, entries: &[Entry]) -> String {
    let mut out = format.start().to_owned();
    for (place, entry) in entries.iter().enumerate() {
        format.put(&mut out, entry, place == 0);
    }
    out.push_str(format.end());
    out
}

fn read(format: Format, file: &str) -> Vec<Record> {
    let records = format.read(file.as_bytes()).unwrap_or_else(|error| panic!("{error}: {file:?}"));
    records.into_iter().map(|record| record.unwrap()).collect()
}

fn assert_round_trip(entries: &[Entry]) {
    for format in Format::ALL {
        let file = write(format, entries);
        let records = read(format, &file);
        assert_eq!(records.len(), entries.len(), "{format:?} {file:?}");
        for (record, entry) in records.iter().zip(entries) {
            assert_eq!(record.id, Some(entry.id));
            assert_eq!(record.created_at, Some(entry.created_at));
            assert_eq!(record.updated_at, Some(entry.updated_at));
            assert!(record.content.same_as(&entry.content), "{format:?} {file:?}");
            assert!(record.content.meta.expose() == entry.content.meta.expose());
        }
    }
}

fn full_meta() -> Meta {
    Meta {
        mood: Some(Mood::Anxious),
        scale: Scale::try_from(-3).ok(),
        tags: vec!["a;b".into(), "c\\".into(), "=d".into()].try_into().unwrap(),
        favourite: true,
        copy_of: Some(EntryId::from_uuid(Uuid::from_u128(9))),
    }
}

#[test]
fn texts_that_look_like_the_format_survive() {
    let nasty = [
        "---",
        "--- ",
        "\\---",
        "\\\\---",
        "---\r",
        "----",
        "a\n---\nb",
        "---\r\nid: 1\r\n---\r\n",
        "\n---",
        "---\n",
        "\n",
        "\n\n",
        "\r\n\r\n",
        "\r",
        "trailing\n",
        "trailing\n\n\n",
        " leading",
        "\"",
        "\"\"",
        "a,b",
        "a\"b\"",
        "'",
        "''",
        "'=1+1",
        "''=1",
        "=1+1",
        "+1",
        "-",
        "-1",
        "@x",
        "\t=1",
        "\r=1",
        "\u{feff}bom",
        "']},{\"id\"",
        "\u{2028}\u{85}\u{0}",
        "＝1",
        "💙 süß",
        "\\",
        "id: 5",
        "title: \"x\"",
    ];
    for text in nasty {
        assert_round_trip(&[
            entry(1, "", text, Meta::default()),
            entry(2, "t", &text.repeat(2), full_meta()),
        ]);
        if !text.contains(char::is_control) {
            assert_round_trip(&[entry(1, text, "", Meta::default())]);
        }
    }
    assert_round_trip(&[]);
}

#[test]
fn a_spreadsheet_finds_no_formula() {
    let file = write(
        Format::Csv,
        &[
            entry(1, "=HYPERLINK(\"x\")", "\n=1+1", full_meta()),
            entry(2, "@a", "-2+3", Meta::default()),
        ],
    );
    for row in Format::Csv.read(file.as_bytes()).unwrap() {
        row.unwrap();
    }
    for start in ["=", "+", "@", "-2+"] {
        assert!(
            !file.contains(&format!(",{start}")) && !file.contains(&format!("\"{start}")),
            "{file}"
        );
    }
    assert!(file.contains(",-3,"), "a number stays a number");
}

#[test]
fn the_files_look_as_they_always_did() {
    let entries = [
        entry(1, "A \"good\" day", "We went\nto the sea.", full_meta()),
        entry(2, "", "", Meta::default()),
    ];
    assert_eq!(write(Format::Json, &entries), include_str!("vectors/journal.json"));
    assert_eq!(write(Format::Csv, &entries), include_str!("vectors/journal.csv"));
    assert_eq!(write(Format::Markdown, &entries), include_str!("vectors/journal.md"));
}

#[test]
fn files_from_elsewhere_may_leave_out_what_they_do_not_know() {
    let at = "2026-01-02T03:04:05Z";
    for (format, file) in [
        (
            Format::Json,
            format!("{{\"salus_journal\":1,\"entries\":[{{\"occurred_at\":\"{at}\"}}]}}"),
        ),
        (Format::Csv, format!("weather,occurred_at\nrain,{at}")),
        (Format::Csv, format!("\u{feff}occurred_at,weather\r\n\"{at}\",\"a\"\"b\"\r\n")),
        (
            Format::Markdown,
            format!("\n---\nweather: rain\noccurred_at: {at}\ntitle: A day\ntags: a, b\n---\n"),
        ),
    ] {
        let records = read(format, &file);
        assert_eq!((records.len(), records[0].id), (1, None));
        assert_eq!(records[0].content.occurred_at.to_string(), "2026-01-02T03:04:05.000000Z");
    }
}

#[test]
fn an_entry_that_breaks_a_rule_does_not_spoil_the_others() {
    let file = "occurred_at,mood,scale\n2026-01-01T00:00:00Z,calm,\n2026-01-01T00:00:00Z,blue,\n\
        ,calm,\n2026-01-01T00:00:00Z,,6\n2026-01-01T00:00:00Z,,5\n";
    let results: Vec<_> =
        Format::Csv.read(file.as_bytes()).unwrap().into_iter().map(Result::err).collect();
    let [mood, date, scale] = [Invalid::UnknownMood, Invalid::NoDate, Invalid::OffTheScale];
    assert_eq!(results, [None, Some(mood), Some(date), Some(scale), None]);
}

#[test]
fn what_cannot_be_read_is_named_by_its_place_and_not_repeated() {
    for (format, file, place) in [
        (Format::Json, "{\"salus_journal\":1,\"entries\":[{\"scale\":\"secret\"}]}", "line 1"),
        (Format::Json, "{\"salus_journal\":2,\"entries\":[]}", "newer"),
        (Format::Csv, "scale\n1\nsecret\n", "row 3: scale"),
        (Format::Csv, "title\n\"secret\n", "row 2"),
        (Format::Csv, "title\n\"secret\"secret\n", "row 2"),
        (Format::Markdown, "secret", "entry 1"),
        (Format::Markdown, "---\nsecret\n---\n", "entry 1"),
        (Format::Markdown, "---\nscale: 1\n---\n\na\n\n---\nscale: 1\n", "entry 2"),
    ] {
        let error = format.read(file.as_bytes()).err().unwrap().to_string();
        assert!(error.contains(place) && !error.contains("secret"), "{error}");
    }
    assert_eq!(Format::Csv.read(&[0xff]).err(), Some(Unreadable::NotUtf8));
}

#[test]
fn a_file_with_too_many_entries_is_read_no_further() {
    // What follows the entry that is one too many would be refused if it were looked at.
    let (entries, more) = ("{},".repeat(ENTRIES), "{},7");
    for (format, file) in [
        (Format::Json, format!("{{\"salus_journal\":1,\"entries\":[{entries}{more}]}}")),
        (Format::Csv, format!("scale\n{}secret\n", "\n".repeat(ENTRIES + 1))),
        (Format::Markdown, format!("{}---\nsecret\n", "---\n---\n".repeat(ENTRIES + 1))),
    ] {
        assert_eq!(format.read(file.as_bytes()).err(), Some(Unreadable::TooMany), "{format:?}");
    }
}

#[test]
fn an_entry_with_too_many_tags_or_cells_is_read_no_further() {
    let tags = "\"a\",".repeat(GIVEN_TAGS + 1);
    let json = format!("{{\"salus_journal\":1,\"entries\":[{{\"tags\":[{tags}7]}}]}}");
    let csv = format!("tags\n{}\n", "a;".repeat(GIVEN_TAGS + 1));
    let markdown = format!("---\ntags: {}\n---\n", "a,".repeat(GIVEN_TAGS + 1));
    for (format, file) in [(Format::Json, json), (Format::Csv, csv), (Format::Markdown, markdown)] {
        let read = format.read(file.as_bytes()).unwrap();
        assert!(matches!(read[..], [Err(Invalid::TooManyTags)]), "{format:?}");
    }
    let wide = format!("title\n{}", ",".repeat(2_000));
    let error = Format::Csv.read(wide.as_bytes()).err().unwrap().to_string();
    assert_eq!(error, "row 2: too many cells");
}

fn any_text() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<String>(),
        "[-\\\\\r\n\",;'=+@ \t:a\\[\\]]{0,40}",
        "(---|\\\\|\r?\n|id: |x){0,12}",
    ]
}

type AnyMeta = (Option<Mood>, Option<i64>, Vec<String>, bool, Option<u128>);

fn any_meta() -> impl Strategy<Value = AnyMeta> {
    let tags = prop::collection::vec("[^\\pC]{0,38}[^\\pC\\pZ]", 0..5);
    let mood = prop::option::of(prop::sample::select(Mood::ALL));
    let scale = prop::option::of(-5_i64..=5);
    (mood, scale, tags, any::<bool>(), prop::option::of(any::<u128>()))
}

fn meta((mood, scale, tags, favourite, copy_of): AnyMeta) -> Meta {
    Meta {
        mood,
        scale: scale.and_then(|scale| Scale::try_from(scale).ok()),
        tags: tags.try_into().unwrap(),
        favourite,
        copy_of: copy_of.map(|id| EntryId::from_uuid(Uuid::from_u128(id))),
    }
}

proptest! {
    #[test]
    fn every_journal_reads_back_what_it_writes(
        entries in prop::collection::vec((any::<u128>(), "[^\\pC]{0,40}", any_text(), any_meta()), 0..5)
    ) {
        let entries: Vec<_> = entries
            .into_iter()
            .map(|(id, title, text, any_meta)| entry(id, &title, &text, meta(any_meta)))
            .collect();
        assert_round_trip(&entries);
    }

    #[test]
    fn any_bytes_are_read_or_refused(file in prop::collection::vec(any::<u8>(), 0..200)) {
        for format in Format::ALL {
            let _ = format.read(&file);
        }
    }

    #[test]
    fn any_text_is_read_or_refused(file in any_text()) {
        for format in Format::ALL {
            let _ = format.read(file.as_bytes());
        }
    }
}

#[test]
fn a_table_of_something_else_is_refused() {
    for text in ["[]", "name,price\r\napple,3\r\n"] {
        let read = Format::Csv.read(text.as_bytes());
        assert!(matches!(read, Err(Unreadable::Form(_))), "{text}");
    }
}
