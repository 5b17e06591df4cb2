use crate::*;
use kernel::{Acr, RoleSet, Timestamp};
use proptest::{collection::vec, option, prelude::*};
use uuid::Uuid;

fn word(min: usize) -> impl Strategy<Value = Word> {
    vec(proptest::sample::select(b"azAZ09.-_:".to_vec()), min..=MAX_WORD)
        .prop_map(|bytes| String::from_utf8(bytes).unwrap().parse().unwrap())
}

fn pseudonym() -> impl Strategy<Value = Pseudonym> {
    any::<[u8; 16]>().prop_map(Pseudonym)
}

fn actor() -> impl Strategy<Value = ActorRef> {
    let person = (pseudonym(), any::<u8>(), any::<bool>()).prop_map(|(reference, bits, mfa)| {
        let acr = if mfa { Acr::Mfa } else { Acr::Single };
        ActorRef::Person { reference, roles: RoleSet::from_bits(bits), acr }
    });
    prop_oneof![
        Just(ActorRef::Anonymous),
        person,
        word(0).prop_map(|job| ActorRef::System { job }),
        Just(ActorRef::Operator),
    ]
}

prop_compose! {
    fn entry()(
        ids in any::<[u128; 3]>(),
        micros in any::<i64>(),
        actor in actor(),
        subject in pseudonym(),
        resource in option::of(pseudonym()),
        action in word(1),
        words in [word(0), word(0), word(0), word(0), word(0)],
        outcome in proptest::sample::select(vec![Outcome::Success, Outcome::Denied, Outcome::Failed]),
        break_glass in any::<bool>(),
        details in [vec(any::<u8>(), 0..300), vec(any::<u8>(), 0..300)],
    ) -> Entry {
        let [log, event, tenant] = ids.map(Uuid::from_u128);
        let [resource_type, purpose, reason, request_id, instance] = words;
        let [subject_detail, actor_detail] = details.map(|bytes| DetailBox::new(bytes).unwrap());
        Entry {
            log: log.into(), event: event.into(), tenant: tenant.into(),
            at: Timestamp::from_micros(micros),
            actor, subject, action, resource_type, resource, purpose, outcome, reason,
            break_glass, request_id, instance, subject_detail, actor_detail,
        }
    }
}

proptest! {
    #[test]
    fn every_entry_reads_back_what_it_writes(entry in entry()) {
        prop_assert_eq!(Entry::decode(&entry.encode()), Ok(entry));
    }

    #[test]
    fn arbitrary_bytes_are_refused_or_canonical(bytes in vec(any::<u8>(), 0..400)) {
        if let Ok(entry) = Entry::decode(&bytes) {
            prop_assert_eq!(entry.encode(), bytes);
        }
    }

    #[test]
    fn changed_bytes_are_refused_or_mean_something_else(
        entry in entry(), at in any::<proptest::sample::Index>(), flip in 1u8..,
    ) {
        let mut bytes = entry.encode();
        let at = at.index(bytes.len());
        bytes[at] ^= flip;
        if let Ok(other) = Entry::decode(&bytes) {
            prop_assert_ne!(&other, &entry);
            prop_assert_eq!(other.encode(), bytes);
        }
    }

    #[test]
    fn cut_or_longer_bytes_are_refused(entry in entry(), more in vec(any::<u8>(), 1..9)) {
        let bytes = entry.encode();
        for length in 0..bytes.len() {
            prop_assert_eq!(Entry::decode(&bytes[..length]), Err(EntryError));
        }
        prop_assert_eq!(Entry::decode(&[bytes, more].concat()), Err(EntryError));
    }
}

#[test]
fn free_text_cannot_stand_in_the_clear() {
    for bad in ["two words", "anna@example.org", "line\nbreak", "é", &"x".repeat(MAX_WORD + 1)] {
        assert_eq!(bad.parse::<Word>(), Err(WordError), "{bad:?}");
    }
}

#[test]
fn details_that_an_entry_cannot_hold_are_refused() {
    assert!(DetailBox::new(vec![0; 65_535]).is_ok());
    assert_eq!(DetailBox::new(vec![0; 65_536]), Err(DetailTooLarge));
}
