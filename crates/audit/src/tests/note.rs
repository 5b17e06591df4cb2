//! Notes, checkpoints and proofs; signatures against `signed_note`, an independent implementation.

use crate::*;
use base64::{Engine, engine::general_purpose::STANDARD};
use kernel::{Secret, Timestamp};
use proptest::prelude::*;
use signed_note::{StandardVerifier, VerifierList};

const NOW: Timestamp = Timestamp::MIN;

fn key(name: &str, kind: KeyKind, seed: u8) -> SigningKey {
    SigningKey::from_seed(name, kind, &Secret::new(vec![seed; 32])).unwrap()
}

fn checkpoint() -> Checkpoint {
    Checkpoint { origin: "salus.test/audit".into(), head: TreeHead { size: 7, root: [9; 32] } }
}

fn log_key() -> SigningKey {
    key("salus.test/audit", KeyKind::Ed25519, 1)
}

#[test]
fn the_other_implementation_believes_our_signatures() {
    let key = log_key();
    let ours = SignedCheckpoint::sign(checkpoint(), &key, NOW).unwrap().to_string();
    let theirs = signed_note::Note::from_bytes(ours.as_bytes()).unwrap();
    let verifier = StandardVerifier::new(&key.verifier().to_string()).unwrap();
    let (believed, unknown) = theirs.verify(&VerifierList::new(vec![Box::new(verifier)])).unwrap();
    assert_eq!((believed.len(), unknown.len()), (1, 0));
    assert_eq!(theirs.to_bytes(), ours.as_bytes());
}

#[test]
fn the_note_of_the_specification_verifies() {
    // From the documentation of golang.org/x/mod/sumdb/note.
    let note = "If you think cryptography is the answer to your problem,\n\
        then you don't know what your problem is.\n\n\
        \u{2014} PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n";
    let key = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
    let key: VerifierKey = key.parse().unwrap();
    let note: Note = note.parse().unwrap();
    assert_eq!(note.verify(std::slice::from_ref(&key)), Ok(vec![&key]));
}

#[test]
fn a_false_signature_spoils_the_note_and_a_strange_one_does_not() {
    let (log, witness) = (log_key(), key("witness.test", KeyKind::Cosignature, 2));
    let trusted = [log.verifier().clone(), witness.verifier().clone()];
    let mut signed = SignedCheckpoint::sign(checkpoint(), &log, NOW).unwrap();
    let strange = key("salus.test/audit", KeyKind::Ed25519, 3).sign("other", NOW).unwrap();
    signed.note_mut().add(strange);
    assert!(signed.verify(&trusted).is_ok());
    let later = Timestamp::from_micros(1_700_000_000_000_000);
    signed.note_mut().add(witness.sign(&checkpoint().text(), later).unwrap());
    assert_eq!(signed.note().verify(&trusted).map(|signers| signers.len()), Ok(2));
    signed.note_mut().add(witness.sign("another text\n", later).unwrap());
    assert_eq!(signed.verify(&trusted), Err(NoteError::FalseSignature));
}

#[test]
fn only_the_key_of_the_origin_signs_for_a_ledger() {
    let (log, witness) = (log_key(), key("witness.test", KeyKind::Cosignature, 2));
    let signed = SignedCheckpoint::sign(checkpoint(), &witness, NOW).unwrap();
    let trusted = [log.verifier().clone(), witness.verifier().clone()];
    assert_eq!(signed.verify(&trusted), Err(NoteError::Untrusted));
    let text = checkpoint().text();
    let other =
        SignedCheckpoint::sign(checkpoint(), &key("salus.test/audit", KeyKind::Ed25519, 9), NOW);
    assert_eq!(other.unwrap().verify(&trusted), Err(NoteError::Untrusted));
    assert_eq!(Checkpoint::from_text(&text), Ok(checkpoint()));
}

#[test]
fn a_cosignature_binds_its_time() {
    let witness = key("witness.test", KeyKind::Cosignature, 2);
    let note = Note::sign("a\nb\n".into(), &witness, Timestamp::from_micros(5_000_000)).unwrap();
    let trusted = [witness.verifier().clone()];
    assert!(note.verify(&trusted).is_ok());
    let line = note.signatures()[0].to_string();
    let encoded = line.trim_end().rsplit_once(' ').unwrap().1;
    let mut bytes = STANDARD.decode(encoded).unwrap();
    // Four bytes of key id, then eight of time.
    assert_eq!(bytes[4..12], 5u64.to_be_bytes());
    bytes[11] = 6;
    let moved: Note = note.to_string().replace(encoded, &STANDARD.encode(bytes)).parse().unwrap();
    assert_eq!(moved.verify(&trusted), Err(NoteError::FalseSignature));
}

#[test]
fn verifier_keys_with_a_typing_error_are_refused() {
    let text = log_key().verifier().to_string();
    assert_eq!(text.parse::<VerifierKey>().as_ref(), Ok(log_key().verifier()));
    for bad in ["", "a+b", "a+00000000+AAAA", &text.replace("salus", "salut"), &format!("{text} ")]
    {
        assert_eq!(bad.parse::<VerifierKey>(), Err(NoteError::VerifierKey), "{bad:?}");
    }
    for name in ["", "a b", "a+b", "a\nb"] {
        assert_eq!(VerifierKey::new(name, KeyKind::Ed25519, [0; 32]), Err(NoteError::KeyName));
    }
}

#[test]
fn checkpoints_with_needless_or_missing_parts_are_refused() {
    let text = checkpoint().text();
    for bad in [
        text.replace("\n7\n", "\n07\n"),
        text.replace("\n7\n", "\n+7\n"),
        text.replace("\n7\n", "\n\n"),
        format!("{text}more\n"),
        format!("\n{text}"),
        text.replace("CQk=", "CQ=="),
        String::new(),
    ] {
        assert_eq!(Checkpoint::from_text(&bad), Err(NoteError::Format), "{bad:?}");
    }
}

proptest! {
    #[test]
    fn arbitrary_text_is_refused_or_prints_the_same(text in "(\\PC|\n|\u{2014} a AAAAAAE=){0,30}") {
        if let Ok(note) = text.parse::<Note>() {
            prop_assert_eq!(note.to_string(), text.clone());
        }
        if let Ok(proof) = text.parse::<TlogProof>() {
            prop_assert_eq!(proof.to_string(), text);
        }
    }

    #[test]
    fn any_changed_character_of_a_proof_is_found(at in any::<proptest::sample::Index>(), to in "[A-Za-z0-9 \n=+/]") {
        let leaf = leaf_hash(b"only leaf");
        let head = TreeHead { size: 2, root: node_hash(&leaf, &[3; 32]) };
        let signed = Checkpoint { origin: "salus.test/audit".into(), head };
        let key = log_key();
        let checkpoint = SignedCheckpoint::sign(signed, &key, NOW).unwrap();
        let proof = TlogProof { entry: None, index: 0, hashes: vec![[3; 32]], checkpoint };
        let text = proof.to_string();
        prop_assert_eq!(text.parse::<TlogProof>(), Ok(proof.clone()));
        let trusted = [key.verifier().clone()];
        prop_assert!(proof.verify_leaf(&leaf, &trusted).is_ok());
        let mut characters: Vec<char> = text.chars().collect();
        let at = at.index(characters.len());
        characters[at] = to.chars().next().unwrap();
        let changed: String = characters.into_iter().collect();
        if changed != text && let Ok(proof) = changed.parse::<TlogProof>() {
            prop_assert!(proof.verify_leaf(&leaf, &trusted).is_err());
        }
    }
}
