//! Which models a question may go to, in which order, and why.

use crate::{
    model::{Location, Model, ModelId},
    registry::Registry,
};
use std::collections::BTreeSet;

/// How far what is said may go.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Reach {
    /// Not out of the house: only models inside this program or on machines of ours.
    #[default]
    Own,
    /// To providers elsewhere too.
    Anywhere,
}

/// What a question needs.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Wish {
    /// The model that was asked for.
    pub model: Option<ModelId>,
    /// Whether another may answer when it cannot.
    pub others: bool,
    /// How far what is said may go.
    pub reach: Reach,
    /// It has to see pictures.
    pub vision: bool,
    /// It has to use tools.
    pub tools: bool,
    /// It has to hold so many tokens. A model that does not say how many is taken at its word.
    pub tokens: u32,
    /// Only these may be used, if any are named.
    pub allowed: Option<BTreeSet<ModelId>>,
}

/// Why a model was chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Reason {
    /// It was asked for.
    Asked,
    /// None was asked for, and it is the one that is preferred.
    Preferred,
    /// The one before it did not answer.
    Fallback,
    /// None was asked for or preferred, and it is the first that can.
    First,
}

/// A model that may answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// The model.
    pub model: Model,
    /// Why it is there.
    pub reason: Reason,
}

/// Who may answer, in order: the one that was asked for, those that are preferred, then models of
/// our own by name. What was asked for alone is not replaced by another.
#[must_use]
pub fn candidates(registry: &Registry, preferred: &[ModelId], wish: &Wish) -> Vec<Candidate> {
    let mut found: Vec<Candidate> = Vec::new();
    let mut add = |model: &Model, reason: Reason| {
        if fits(model, wish) && found.iter().all(|candidate| candidate.model.id != model.id) {
            let reason = if found.is_empty() { reason } else { Reason::Fallback };
            found.push(Candidate { model: model.clone(), reason });
        }
    };
    if let Some(model) = wish.model.as_ref().and_then(|id| registry.model(id)) {
        add(model, Reason::Asked);
    }
    if wish.model.is_none() || wish.others {
        let known = preferred.iter().filter_map(|id| registry.model(id));
        for model in known {
            add(model, Reason::Preferred);
        }
        // With models elsewhere nobody is surprised: they have to be asked for or preferred.
        let own = registry.models().filter(|model| model.location != Location::Remote);
        let (local, builtin): (Vec<_>, Vec<_>) =
            own.partition(|model| model.location == Location::Local);
        // The companion always has something to say; what is scripted is only for who asks for it.
        let builtin = builtin.into_iter().filter(|model| model.id.provider().as_str() == "salus");
        for model in local.into_iter().chain(builtin) {
            add(model, Reason::First);
        }
    }
    found
}

fn fits(model: &Model, wish: &Wish) -> bool {
    let may = wish.reach == Reach::Anywhere || model.location != Location::Remote;
    let allowed = wish.allowed.as_ref().is_none_or(|allowed| allowed.contains(&model.id));
    let abilities = model.abilities;
    let can = abilities.chat
        && (abilities.vision || !wish.vision)
        && (abilities.tools || !wish.tools)
        && model.context.is_none_or(|context| context >= wish.tokens);
    may && allowed && can
}
