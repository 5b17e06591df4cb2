//! The functions we use, against the vectors of Project Wycheproof.

use crate::{
    chunked::{ChunkOpener, ChunkSealer, Chunks, FileKey, SEALED_CHUNK},
    hazmat::{Aead, Key, expand_sha256, expand_sha512, hmac_sha256},
};
use aws_lc_rs::digest::{SHA512, digest};
use std::io::Cursor;
use wycheproof::{TestResult, aead, chunked_encryption, hkdf, mac};

#[test]
fn aes_256_gcm_passes_wycheproof() {
    let set = aead::TestSet::load(aead::TestName::AesGcm).unwrap();
    let mut tried = 0;
    for group in &set.test_groups {
        if (group.key_size, group.nonce_size, group.tag_size) != (256, 96, 128) {
            continue;
        }
        for test in &group.tests {
            tried += 1;
            let aead = Aead::new(test.key.as_ref().try_into().unwrap()).unwrap();
            let nonce = test.nonce.as_ref().try_into().unwrap();
            let expected = [test.ct.as_ref(), test.tag.as_ref()].concat();
            let mut buffer = expected.clone();
            let opened = aead.open(nonce, &test.aad, &mut buffer);
            match test.result {
                TestResult::Valid => {
                    assert_eq!(&buffer[..opened.unwrap()], test.pt.as_ref(), "{}", test.tc_id);
                    let mut sealed = Vec::new();
                    aead.seal(nonce, &test.aad, &test.pt, &mut sealed).unwrap();
                    assert_eq!(sealed, expected, "{}", test.tc_id);
                }
                TestResult::Invalid => assert!(opened.is_err(), "{}", test.tc_id),
                TestResult::Acceptable => {}
            }
        }
    }
    assert!(tried > 60, "{tried}");
}

/// HKDF out of our HMAC (for the extract step, which we never need) and our expand step.
#[test]
fn hkdf_sha_256_passes_wycheproof() {
    let set = hkdf::TestSet::load(hkdf::TestName::HkdfSha256).unwrap();
    let mut tried = 0;
    for test in set.test_groups.iter().flat_map(|group| &group.tests) {
        tried += 1;
        let prk = hmac_sha256(&test.salt, &[&test.ikm]);
        let mut okm = vec![0; test.size];
        let expanded = expand_sha256(&prk, &[&test.info], &mut okm);
        match test.result {
            TestResult::Valid => {
                expanded.unwrap();
                assert_eq!(okm, test.okm.as_ref(), "{}", test.tc_id);
            }
            TestResult::Invalid => assert!(expanded.is_err(), "{}", test.tc_id),
            TestResult::Acceptable => {}
        }
    }
    assert!(tried > 80, "{tried}");
}

#[test]
fn hmac_sha_256_passes_wycheproof() {
    let set = mac::TestSet::load(mac::TestName::HmacSha256).unwrap();
    let mut tried = 0;
    for group in &set.test_groups {
        for test in &group.tests {
            tried += 1;
            let tag = hmac_sha256(&test.key, &[&test.msg]);
            let equal = crate::hazmat::equal(&tag[..group.tag_size / 8], &test.tag);
            assert_eq!(equal, test.result == TestResult::Valid, "{}", test.tc_id);
        }
    }
    assert!(tried > 150, "{tried}");
}

/// The sealed file of a vector, which comes compressed.
fn sealed(test: &chunked_encryption::Test) -> Vec<u8> {
    miniz_oxide::inflate::decompress_to_vec_zlib(&test.ct).unwrap()
}

fn is_partial(test: &chunked_encryption::Test, opened: &[u8]) {
    if !test.flags.contains(&chunked_encryption::TestFlag::PartialPlaintext) {
        assert!(opened.is_empty(), "{}", test.tc_id);
        return;
    }
    assert!(opened.len() <= test.msg_length.unwrap(), "{}", test.tc_id);
}

#[test]
fn sealed_files_pass_wycheproof() {
    let set = chunked_encryption::TestSet::load(chunked_encryption::TestName::Cobblestone256);
    let mut tried = 0;
    for test in set.unwrap().test_groups.iter().flat_map(|group| &group.tests) {
        tried += 1;
        let Some(key) = Key::from_slice(&test.key) else {
            assert_eq!(test.result, TestResult::Invalid, "{}", test.tc_id);
            continue;
        };
        let (sealed, context) = (sealed(test), test.ctx.as_ref());
        let (mut opener, mut plaintext) = (ChunkOpener::new(&key, context), Vec::new());
        let result = sealed
            .chunks(10_000)
            .try_for_each(|piece| opener.push(piece, &mut plaintext))
            .and_then(|()| opener.finish(&mut plaintext));
        if test.result == TestResult::Invalid {
            assert!(result.is_err(), "{}", test.tc_id);
            is_partial(test, &plaintext);
            continue;
        }
        result.unwrap();
        assert_eq!(plaintext.len(), test.msg_length.unwrap(), "{}", test.tc_id);
        let hash = digest(&SHA512, &plaintext);
        assert_eq!(hash.as_ref(), test.msg_sha512.as_ref().unwrap().as_ref(), "{}", test.tc_id);
        let salt = *sealed.first_chunk().unwrap();
        let (mut writer, mut again) = (ChunkSealer::new(&key, context, salt).unwrap(), Vec::new());
        writer.push(&plaintext, &mut again).unwrap();
        writer.finish(&mut again).unwrap();
        assert!(again == sealed, "{}", test.tc_id);
    }
    assert!(tried > 20, "{tried}");
}

#[test]
fn random_access_to_sealed_files_passes_wycheproof() {
    let set = chunked_encryption::TestSet::load(chunked_encryption::TestName::Cobblestone256);
    for test in set.unwrap().test_groups.iter().flat_map(|group| &group.tests) {
        let Some(key) = Key::from_slice(&test.key) else { continue };
        let sealed = sealed(test);
        let file = FileKey::for_tests(key, &test.ctx);
        let all = file.open_range(Cursor::new(&sealed), 0..u64::MAX);
        let length = file.length(Cursor::new(&sealed));
        if test.result == TestResult::Invalid {
            assert!(all.is_err(), "{}", test.tc_id);
            let flag = chunked_encryption::TestFlag::ValidFinalChunk;
            assert!(length.is_err() || test.flags.contains(&flag), "{}", test.tc_id);
            continue;
        }
        assert_eq!(length.unwrap(), test.msg_length.unwrap() as u64, "{}", test.tc_id);
        let hash = digest(&SHA512, all.unwrap().expose());
        assert_eq!(hash.as_ref(), test.msg_sha512.as_ref().unwrap().as_ref(), "{}", test.tc_id);
    }
}

/// The vectors give the key and nonce that come out of the derivation, too.
#[test]
fn the_key_derivation_of_sealed_files_passes_wycheproof() {
    let set = chunked_encryption::TestSet::load(chunked_encryption::TestName::Cobblestone256);
    let mut tried = 0;
    for test in set.unwrap().test_groups.iter().flat_map(|group| &group.tests) {
        let (Some(aead_key), Some(nonce)) = (&test.aead_key, &test.base_nonce) else { continue };
        let sealed = sealed(test);
        let (Some(key), Some(salt)) = (Key::from_slice(&test.key), sealed.first_chunk::<24>())
        else {
            continue;
        };
        if test.result != TestResult::Valid {
            continue;
        }
        tried += 1;
        let mut okm = [0; 44];
        let info = b"c2sp.org/chunked-encryption@v1+AEAD_AES_256_GCM\0";
        expand_sha512(key.bytes(), &[info, salt, &test.ctx], &mut okm).unwrap();
        assert_eq!((&okm[..32], &okm[32..]), (aead_key.as_ref(), nonce.as_ref()));
        let header = &sealed[..56];
        assert!(Chunks::open(&key, header, &test.ctx).is_ok());
        assert!(sealed.len() < 56 + SEALED_CHUNK || test.msg_length.unwrap() >= 16384);
    }
    assert!(tried > 5, "{tried}");
}
