//! Loading the forms and proving them complete.

use super::{Form, Forms, Section, SectionKind, Words};
use crate::{
    lang::Lang,
    source::{self, File, Flaw, Provenance, embedded, read, require, require_text},
};
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};

pub(crate) const FILES: &[File] =
    embedded!("records": "chain-analysis.toml", "diary-card.toml", "safety-plan.toml");
pub(crate) const TEXTS: &[File] = embedded!("records/texts":
    "de.toml", "es.toml", "fr.toml", "hi-latn.toml", "pt.toml",
);
pub(crate) const PROVENANCE: File =
    ("records/PROVENANCE.toml", include_str!("../../data/records/PROVENANCE.toml"));
pub(crate) const PROVENANCE_TEXTS: File =
    ("records/texts/PROVENANCE.toml", include_str!("../../data/records/texts/PROVENANCE.toml"));

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Texts {
    language: Lang,
    texts: BTreeMap<String, Words>,
}

impl Forms {
    /// Those that are built in.
    pub fn embedded() -> Result<Self, Flaw> {
        let mut forms: Vec<Form> = Vec::new();
        for (file, text) in FILES {
            let form: Form = read(file, text)?;
            form.check(file)?;
            forms.push(form);
        }
        let mut words = BTreeMap::new();
        for (file, text) in TEXTS {
            let Texts { language, texts } = read(file, text)?;
            let own = file.ends_with(&format!("/{language}.toml"));
            require(own, file, "language", "must be the file's")?;
            for (id, one) in &texts {
                let form = forms.iter().find(|form| form.id == *id);
                let form = form.ok_or_else(|| Flaw::new(file, id, "there is no such form"))?;
                one.check(file, form)?;
            }
            words.insert(language, texts);
        }
        Provenance::read(PROVENANCE_TEXTS)?;
        Ok(Self { all: forms, words, provenance: Provenance::read(PROVENANCE)? })
    }
}

impl Form {
    fn check(&self, file: &str) -> Result<(), Flaw> {
        require(source::is_id(&self.id), file, "id", "must be an id")?;
        require(file.ends_with(&format!("/{}.toml", self.id)), file, "id", "must be the file's")?;
        require(self.version > 0, file, "version", "counts from 1")?;
        require_text(&self.title, file, "title")?;
        require_text(&self.about, file, "about")?;
        let ids: BTreeSet<&str> = self.sections.iter().map(|one| one.id.as_str()).collect();
        require(ids.len() == self.sections.len(), file, "sections", "an id is there twice")?;
        require(!ids.is_empty(), file, "sections", "must not be empty")?;
        self.sections.iter().try_for_each(|section| section.check(file))
    }
}

impl Section {
    fn check(&self, file: &str) -> Result<(), Flaw> {
        let field = |name: &str| format!("{}.{name}", self.id);
        require(source::is_id(&self.id), file, field("id"), "must be an id")?;
        require_text(&self.title, file, field("title"))?;
        require_text(&self.help, file, field("help"))?;
        let rated = matches!(self.kind, SectionKind::Marks | SectionKind::Skills);
        require(rated == self.scale_to.is_some(), file, field("scale_to"), "is for what is rated")?;
        let listed = self.kind == SectionKind::Marks;
        require(listed != self.marks.is_empty(), file, field("marks"), "are for marks")?;
        let most = self.scale_to.unwrap_or(0);
        let mut ids = BTreeSet::new();
        for mark in &self.marks {
            require(source::is_id(&mark.id), file, field("marks"), "must have ids")?;
            require(ids.insert(&mark.id), file, field("marks"), "an id is there twice")?;
            require_text(&mark.label, file, field("marks"))?;
            let mut limits = [mark.crisis_from, mark.show_help_from].into_iter().flatten();
            let fits = limits.all(|limit| limit > 0 && limit <= most);
            require(fits, file, field("marks"), "a limit lies outside the scale")?;
            let shown = mark.crisis_from.is_none()
                || mark.show_help_from.is_some_and(|from| Some(from) <= mark.crisis_from);
            require(shown, file, field("marks"), "help is shown before crisis care opens")?;
        }
        self.examples.iter().try_for_each(|text| require_text(text, file, field("examples")))
    }
}

impl Words {
    pub(super) fn check(&self, file: &str, form: &Form) -> Result<(), Flaw> {
        let field = |name: &str| format!("{}.{name}", form.id);
        require_text(&self.title, file, field("title"))?;
        require_text(&self.about, file, field("about"))?;
        let here: BTreeSet<&str> = self.sections.keys().map(String::as_str).collect();
        let there: BTreeSet<&str> = form.sections.iter().map(|one| one.id.as_str()).collect();
        require(here == there, file, field("sections"), "must be those of the English form")?;
        let mut others = self.examples.keys().chain(self.marks.keys());
        let known = others.all(|id| there.contains(id.as_str()));
        require(known, file, field("sections"), "must be those of the English form")?;
        form.sections.iter().try_for_each(|section| self.check_section(file, &form.id, section))
    }

    fn check_section(&self, file: &str, form: &str, section: &Section) -> Result<(), Flaw> {
        let field = |name: &str| format!("{form}.{name}.{}", section.id);
        if let Some((title, help)) = self.sections.get(&section.id) {
            require_text(title, file, field("sections"))?;
            require_text(help, file, field("sections"))?;
        }
        let examples = self.examples.get(&section.id).map_or(&[][..], Vec::as_slice);
        let as_many = examples.len() == section.examples.len();
        require(as_many, file, field("examples"), "as many as in English")?;
        let labels = self.marks.get(&section.id);
        let here: BTreeSet<&String> = labels.into_iter().flat_map(BTreeMap::keys).collect();
        let there: BTreeSet<&String> = section.marks.iter().map(|mark| &mark.id).collect();
        require(here == there, file, field("marks"), "must be those of the English form")?;
        let labels = labels.into_iter().flat_map(BTreeMap::values);
        labels.chain(examples).try_for_each(|text| require_text(text, file, field("words")))
    }
}
