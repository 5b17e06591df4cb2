//! Loading and proving the policy: every situation has one recipe, every part its wording.

use super::{Action, Audience, Kind, Level, Policy, Recipe, Situation, Slot, Turn, Wording};
use crate::{
    lang::Lang,
    source::{self, File, Flaw, Provenance, embedded, read, require, require_text},
};
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};

pub(crate) const POLICY: File =
    ("crisis/policy.toml", include_str!("../../data/crisis/policy.toml"));
pub(crate) const PROVENANCE: File =
    ("crisis/PROVENANCE.toml", include_str!("../../data/crisis/PROVENANCE.toml"));
pub(crate) const PROVENANCE_RESPONSES: File = (
    "crisis/responses/PROVENANCE.toml",
    include_str!("../../data/crisis/responses/PROVENANCE.toml"),
);
pub(crate) const FILES: &[File] = embedded!("crisis/responses":
    "de.toml", "en.toml", "es.toml", "fr.toml", "hi-latn.toml", "pt.toml",
);

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Rules {
    version: u32,
    recipes: Vec<Recipe>,
    slots: Vec<Slot>,
}

/// Every situation there is, in English.
pub(super) fn situations() -> impl Iterator<Item = Situation<'static>> {
    Level::ALL.into_iter().flat_map(|level| {
        Audience::ALL.into_iter().flat_map(move |audience| {
            Turn::ALL.into_iter().map(move |turn| Situation {
                level,
                audience,
                turn,
                lang: Lang::English,
                emergency: None,
            })
        })
    })
}

impl Policy {
    /// The one that is built in, after proving that it answers every situation.
    pub fn embedded() -> Result<Self, Flaw> {
        let (file, text) = POLICY;
        let rules: Rules = read(file, text)?;
        let mut wordings = BTreeMap::new();
        for (name, text) in FILES {
            let wording: Wording = read(name, text)?;
            require(
                name.ends_with(&format!("/{}.toml", wording.language)),
                name,
                "language",
                "must be the file's",
            )?;
            check_wording(name, &wording, &rules.slots)?;
            wordings.insert(wording.language, wording);
        }
        for lang in Lang::ALL {
            require(wordings.contains_key(&lang), "crisis/responses", lang.tag(), "is missing")?;
        }
        Provenance::read(PROVENANCE_RESPONSES)?;
        let policy = Self {
            version: rules.version,
            recipes: rules.recipes,
            slots: rules.slots,
            wordings,
            provenance: Provenance::read(PROVENANCE)?,
        };
        policy.check(file)?;
        Ok(policy)
    }

    fn check(&self, file: &str) -> Result<(), Flaw> {
        require(self.version > 0, file, "version", "counts from 1")?;
        for at in situations() {
            let place = format!("recipes for {:?}, {:?}, {:?}", at.level, at.audience, at.turn);
            let mut fitting = self.recipes.iter().filter(|recipe| recipe.fits(&at));
            let recipe = fitting.next().ok_or_else(|| Flaw::new(file, &place, "there is none"))?;
            require(fitting.next().is_none(), file, &place, "there is more than one")?;
            for kind in recipe.body.iter().chain(&recipe.footer) {
                let slots = self.slots.iter().filter(|slot| slot.fits(*kind, &at)).count();
                require(slots == 1, file, format!("{place}: {kind:?}"), "needs exactly one slot")?;
            }
            check_recipe(file, &place, recipe)?;
        }
        Ok(())
    }
}

fn check_recipe(file: &str, place: &str, recipe: &Recipe) -> Result<(), Flaw> {
    let unique: BTreeSet<Kind> = recipe.body.iter().chain(&recipe.footer).copied().collect();
    let once = unique.len() == recipe.body.len() + recipe.footer.len();
    require(once, file, place, "has a part twice")?;
    for action in [Action::ShowResources, Action::KeepTalking, Action::NotWhatIMeant] {
        let offered = recipe.actions.contains(&action);
        require(offered, file, place, format!("{action:?} must always be offered"))?;
    }
    require(!recipe.needs.is_empty(), file, place, "shows no lines")
}

fn check_wording(file: &str, wording: &Wording, slots: &[Slot]) -> Result<(), Flaw> {
    require_text(&wording.local_emergency, file, "local_emergency")?;
    for slot in slots {
        let field = format!("say.{}", slot.id);
        require(source::is_id(&slot.id), file, &field, "must be an id")?;
        let say = wording.say.get(&slot.id).ok_or_else(|| Flaw::new(file, &field, "is missing"))?;
        let least = if matches!(slot.kind, Kind::Acknowledge | Kind::Ask) { 3 } else { 2 };
        require(say.len() >= least, file, &field, format!("needs {least} wordings"))?;
        let unique: BTreeSet<&String> = say.iter().collect();
        require(unique.len() == say.len(), file, &field, "says the same twice")?;
        for text in say {
            require_text(text, file, &field)?;
            let number = text.contains("{emergency}");
            let fits = number == (slot.kind == Kind::Emergency);
            require(fits, file, &field, "the emergency number stands in its part only")?;
            let rest = text.replace("{emergency}", "");
            require(!rest.contains(['{', '}']), file, &field, "has an unknown placeholder")?;
        }
    }
    let known: BTreeSet<&String> = slots.iter().map(|slot| &slot.id).collect();
    let unknown = wording.say.keys().find(|id| !known.contains(id));
    unknown.map_or(Ok(()), |id| Err(Flaw::new(file, format!("say.{id}"), "belongs to no slot")))
}
