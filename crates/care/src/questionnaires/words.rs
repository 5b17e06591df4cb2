//! Questionnaires in other languages. Our own sentences are there in each; instruction, questions and
//! answers only where an official translation is known, because a score holds for tested words.

use super::Questionnaire;
use crate::{
    lang::Lang,
    source::{File, Flaw, embedded, read, require, require_text},
};
use serde::Deserialize;
use std::collections::BTreeMap;

pub(crate) const TEXTS: &[File] = embedded!("questionnaires/texts":
    "de.toml", "es.toml", "fr.toml", "hi-latn.toml", "pt.toml",
);
pub(crate) const PROVENANCE: File = (
    "questionnaires/texts/PROVENANCE.toml",
    include_str!("../../data/questionnaires/texts/PROVENANCE.toml"),
);

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Texts {
    language: Lang,
    texts: BTreeMap<String, Words>,
}

/// What is said about a questionnaire in another language.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Words {
    about: String,
    notice: String,
    bands: Vec<String>,
    #[serde(default)]
    wording: Option<Wording>,
}

/// The official wording in another language.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Wording {
    source: String,
    instruction: String,
    choices: Vec<String>,
    items: Vec<String>,
}

/// All of them, by language and questionnaire.
pub(super) fn load(all: &[Questionnaire]) -> Result<BTreeMap<Lang, BTreeMap<String, Words>>, Flaw> {
    let mut words = BTreeMap::new();
    for (file, text) in TEXTS {
        let Texts { language, texts } = read(file, text)?;
        let own = file.ends_with(&format!("/{language}.toml"));
        require(own, file, "language", "must be the file's")?;
        for (id, one) in &texts {
            let of = all.iter().find(|of| of.id == *id);
            let of = of.ok_or_else(|| Flaw::new(file, id, "there is no such questionnaire"))?;
            one.check(file, of)?;
        }
        words.insert(language, texts);
    }
    Ok(words)
}

impl Words {
    pub(super) fn check(&self, file: &str, of: &Questionnaire) -> Result<(), Flaw> {
        let field = |name: &str| format!("{}.{name}", of.id);
        let as_many = self.bands.len() == of.bands.len();
        require(as_many, file, field("bands"), "as many as in English")?;
        let own = [&self.about, &self.notice].into_iter().chain(&self.bands);
        own.into_iter().try_for_each(|text| require_text(text, file, field("text")))?;
        let Some(wording) = &self.wording else { return Ok(()) };
        let as_many = wording.items.len() == of.items.len();
        require(as_many, file, field("wording.items"), "as many as in English")?;
        let as_many = wording.choices.len() == of.choices.len();
        require(as_many, file, field("wording.choices"), "as many as in English")?;
        let texts = [&wording.source, &wording.instruction].into_iter();
        let mut texts = texts.chain(&wording.items).chain(&wording.choices);
        texts.try_for_each(|text| require_text(text, file, field("wording")))
    }

    /// Puts these words in the place of the English ones.
    pub(super) fn say(&self, of: &mut Questionnaire, lang: Lang) {
        of.about.clone_from(&self.about);
        of.notice.clone_from(&self.notice);
        for (band, text) in of.bands.iter_mut().zip(&self.bands) {
            band.text.clone_from(text);
        }
        let Some(wording) = &self.wording else { return };
        lang.tag().clone_into(&mut of.language);
        of.instruction.clone_from(&wording.instruction);
        of.source = format!("{} {}", of.source, wording.source);
        for (item, text) in of.items.iter_mut().zip(&wording.items) {
            item.text.clone_from(text);
        }
        for (choice, text) in of.choices.iter_mut().zip(&wording.choices) {
            choice.text.clone_from(text);
        }
    }
}
