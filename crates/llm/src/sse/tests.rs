use super::*;
use proptest::prelude::*;

type Event = (String, Vec<u8>, String);

/// Reads the bytes in pieces that end at these places.
fn read(bytes: &[u8], cuts: &[usize]) -> Vec<Event> {
    let mut reader = SseReader::new(1 << 20);
    let mut events = Vec::new();
    let mut keep = |event: SseEvent<'_>| {
        let text = |bytes| String::from_utf8_lossy(bytes).into_owned();
        events.push((text(event.name), event.data.to_vec(), text(event.id)));
    };
    let mut at = 0;
    for cut in cuts.iter().copied().chain([bytes.len()]) {
        let cut = cut.clamp(at, bytes.len());
        reader.push(&bytes[at..cut]);
        at = cut;
        while let Some(event) = reader.pull().unwrap() {
            keep(event);
        }
    }
    if let Some(event) = reader.finish().unwrap() {
        keep(event);
    }
    events
}

/// The algorithm of the specification in its own words, without any care for speed, for a stream
/// that is there as a whole. It differs in one thing: the end of the stream ends an event.
fn specified(bytes: &[u8]) -> Vec<Event> {
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    let mut lines = vec![Vec::new()];
    let mut rest = bytes.iter().peekable();
    while let Some(byte) = rest.next() {
        match byte {
            b'\r' => {
                rest.next_if(|next| **next == b'\n');
                lines.push(Vec::new());
            }
            b'\n' => lines.push(Vec::new()),
            other => lines.last_mut().unwrap().push(*other),
        }
    }
    lines.push(Vec::new());
    let (mut events, mut name, mut data, mut id) = (Vec::new(), Vec::new(), None, Vec::new());
    for line in lines {
        if line.is_empty() {
            if let Some(data) = data.take() {
                let text = |bytes: &Vec<u8>| String::from_utf8_lossy(bytes).into_owned();
                events.push((text(&name), data, text(&id)));
            }
            name = Vec::new();
            continue;
        }
        let colon = line.iter().position(|byte| *byte == b':');
        let (field, value) = line.split_at(colon.unwrap_or(line.len()));
        let value = value.strip_prefix(b":").unwrap_or(value);
        let value = value.strip_prefix(b" ").unwrap_or(value).to_vec();
        match field {
            b"event" => name = value,
            b"id" if !value.contains(&0) && value.len() <= MAX_ID => id = value,
            b"data" => {
                data = Some(
                    data.map_or(value.clone(), |before: Vec<u8>| [before, value].join(&b'\n')),
                );
            }
            _ => {}
        }
    }
    events
}

#[test]
fn all_line_ends_marks_and_comments_are_understood() {
    let text =
        b"\xEF\xBB\xBF: hello\r\nevent: a\rdata: 1\r\ndata:2\n\nid: 7\nunknown: x\ndata\n\r\n\
                 data: last\nretry: 250";
    let named =
        |name: &str, data: &str, id: &str| (name.into(), data.as_bytes().to_vec(), id.into());
    assert_eq!(
        read(text, &[]),
        [named("a", "1\n2", ""), named("", "", "7"), named("", "last", "7")]
    );
    let mut reader = SseReader::new(100);
    reader.push(b"retry: 250\n");
    assert_eq!(reader.pull(), Ok(None));
    assert_eq!(reader.retry(), Some(Duration::from_millis(250)));
}

#[test]
fn a_line_that_never_ends_is_refused_in_time() {
    let mut reader = SseReader::new(1000);
    reader.push(b"data: ");
    let refused = (0..100).position(|_| {
        reader.push(&[b'x'; 100]);
        reader.pull().is_err()
    });
    assert_eq!(refused, Some(9));
}

#[test]
fn an_event_of_endless_lines_is_refused_in_time() {
    let mut reader = SseReader::new(1000);
    let refused = (0..100).position(|_| {
        reader.push(b"data: 0123456789012345678901234567890123456789\n");
        reader.pull().is_err()
    });
    assert!(refused.is_some_and(|at| at < 30));
}

#[test]
fn many_small_events_in_one_piece_are_not_too_large() {
    let mut reader = SseReader::new(100);
    reader.push(&b"data: 0123456789\n\n".repeat(1000));
    let mut seen = 0;
    while let Some(event) = reader.pull().unwrap() {
        assert_eq!(event.data, b"0123456789");
        seen += 1;
    }
    assert_eq!(seen, 1000);
}

/// Bytes that look like a stream more often than chance would have it.
fn streamlike() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        Just(b"data".to_vec()),
        Just(b"data: ".to_vec()),
        Just(b"event:".to_vec()),
        Just(b"id: ".to_vec()),
        Just(b"retry: 1".to_vec()),
        Just(b": ".to_vec()),
        Just(b"\n".to_vec()),
        Just(b"\r".to_vec()),
        Just(b"\r\n".to_vec()),
        Just(b"\n\n".to_vec()),
        Just(b"\xEF\xBB\xBF".to_vec()),
        Just("größe 🙂".as_bytes().to_vec()),
        proptest::collection::vec(any::<u8>(), 0..6),
    ];
    proptest::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    #[test]
    fn any_bytes_in_any_cuts_give_what_the_specification_says(
        bytes in streamlike(),
        mut cuts in proptest::collection::vec(0usize..200, 0..20),
    ) {
        cuts.sort_unstable();
        prop_assert_eq!(read(&bytes, &cuts), specified(&bytes));
        let every_byte: Vec<usize> = (0..bytes.len()).collect();
        prop_assert_eq!(read(&bytes, &every_byte), specified(&bytes));
    }

    #[test]
    fn what_is_written_is_read(
        name in "[a-z.]{0,12}",
        id in "[0-9a-z]{1,12}",
        data in "[a-z\n: {}\"é🙂]{0,80}",
    ) {
        let mut out = Vec::new();
        write_comment(&mut out, "keep\nalive");
        write_event(&mut out, &name, Some(&id), data.as_bytes());
        prop_assert_eq!(read(&out, &[]), vec![(name, data.into_bytes(), id)]);
    }
}
