//! The engine against its rules' own examples.

use crate::{Engine, Memory, Message};

#[test]
fn every_rule_finds_its_examples_and_not_its_counterexamples() {
    let engine = Engine::new().unwrap();
    let mut problems = Vec::new();
    for (id, language, yes, no) in engine.examples() {
        let finds = |text: &str| {
            let message = Message { text, language: Some(language) };
            engine.assess(&message, &Memory::default()).rules.iter().any(|rule| rule == id)
        };
        problems.extend(yes.iter().filter(|t| !finds(t)).map(|t| format!("{id} misses: {t}")));
        problems.extend(no.iter().filter(|t| finds(t)).map(|t| format!("{id} finds: {t}")));
    }
    assert!(problems.is_empty(), "{problems:#?}");
}
