//! The catalogue of error codes.

use super::operations;
use kernel::{ErrorCode, common};
use server::registry;
use std::{collections::BTreeMap, fmt::Write};

/// Codes that no operation names: they answer what is no operation, or the edge can give them and
/// no operation asks for such a right or for a model so far.
const OF_NO_OPERATION: &[&str] = &[
    "ANSWER_INCOMPLETE",
    "ANSWER_STOPPED",
    "CONTENT_FILTERED",
    "CONTEXT_TOO_LONG",
    "HEADERS_TOO_LARGE",
    "METHOD_NOT_ALLOWED",
    "MODEL_CANNOT",
    "MODEL_NOT_FOUND",
    "PROVIDER_BUSY",
    "PROVIDER_LIMITED",
    "PROVIDER_MISCONFIGURED",
    "PROVIDER_TIMEOUT",
    "PROVIDER_UNREACHABLE",
    "QUOTA_EXCEEDED",
];

fn catalogue() -> BTreeMap<&'static str, &'static ErrorCode> {
    let mut all = BTreeMap::new();
    for code in registry::codes() {
        let before = all.insert(code.code, code);
        assert!(before.is_none_or(|before| before == code), "{} means two things", code.code);
    }
    all
}

#[test]
fn the_catalogue_is_what_the_documentation_says() {
    let mut text = String::from("code | status | what a person is told\n");
    for code in catalogue().values() {
        let status = httpkit::codes::status_of(code).as_u16();
        writeln!(text, "{} | {status} | {}", code.code, code.message).unwrap();
    }
    insta::assert_snapshot!("error_catalogue", text);
}

#[test]
fn every_code_of_an_operation_is_in_the_catalogue_and_every_code_is_used() {
    let mut unused = catalogue();
    for operation in operations() {
        for code in &operation.codes {
            assert!(catalogue().contains_key(code.as_str()), "{code} is in no catalogue");
            unused.remove(code.as_str());
        }
    }
    let of_none = |code: &&str| !OF_NO_OPERATION.contains(code);
    let unused: Vec<_> = unused.into_keys().filter(of_none).collect();
    assert!(unused.is_empty(), "no operation answers with {unused:?}");
}

#[test]
fn messages_are_sentences() {
    for code in catalogue().values() {
        let ends = code.message.ends_with(['.', '?', '!']);
        assert!(ends && code.message.len() > 8, "{}: {:?}", code.code, code.message);
    }
    assert_eq!(common::NOT_FOUND.message, "There is nothing here.");
}
