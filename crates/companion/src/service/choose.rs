//! Which models may answer.

use super::Companion;
use crate::error::CompanionError;
use consent::Action;
use kernel::{Ctx, Purpose, Subject};
use llm::{LlmError, Location, Model, ModelId, Reach, Reason, Wish};
use providers::Viewer;

/// The model that was named with a question, and the one that is usual there.
pub(super) struct Wanted<'a> {
    pub(super) asked: Option<&'a ModelId>,
    pub(super) usual: Option<ModelId>,
}

impl Companion {
    /// Which models may answer: the one that was named, or those that the person's consent and
    /// the settings allow.
    pub(super) async fn wish_for(
        &self,
        ctx: &Ctx,
        subject: Subject,
        Wanted { asked, usual }: Wanted<'_>,
    ) -> Result<Wish, CompanionError> {
        let for_models = ctx.clone().for_purpose(Purpose::AiInteraction);
        let registry = self.gateway().registry();
        let location = |id: &ModelId| registry.model(id).map(|model| model.location);
        let agreed = match asked.map(location) {
            Some(None) => return Err(LlmError::ModelNotFound.into()),
            Some(Some(Location::Builtin)) => false,
            // Refused and recorded where the person named a model without having agreed.
            Some(Some(Location::Local | Location::Remote)) => {
                self.0.consents.authorize(&for_models, Action::Read, subject).await?;
                true
            }
            None => self.0.consents.allows(&for_models, Action::Read, subject).await?,
        };
        let allowed = if agreed {
            self.0.providers.allowed(Viewer::of(ctx))
        } else {
            let builtin = |model: &&Model| model.location == Location::Builtin;
            Some(registry.models().filter(builtin).map(|model| model.id.clone()).collect())
        };
        Ok(Wish {
            model: asked.cloned().or(usual),
            others: asked.is_none(),
            reach: if agreed { Reach::Anywhere } else { Reach::Own },
            allowed,
            ..Wish::default()
        })
    }
}

/// Why a model was chosen, as it is told and kept.
pub(super) const fn reason_name(reason: Reason) -> &'static str {
    match reason {
        Reason::Asked => "asked",
        Reason::Preferred => "preferred",
        Reason::Fallback => "fallback",
        Reason::First => "first",
    }
}
