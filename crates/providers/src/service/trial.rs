//! A provider is tried: asked for its models and for an answer, as people would ask it.

use super::{PROVIDER_TESTED, Providers};
use crate::{error::ProvidersError, model::Invalid, rules::Viewer, supply::PATIENCE};
use kernel::{Coded, Ctx, ErrorCode};
use llm::{ChatRequest, LlmError, Message, Model, ModelId, Provider, ProviderId, Role};
use std::{sync::Arc, time::Duration};
use tokio::time::{Instant, timeout};

/// How long an answer may take: local servers may have to load the model first.
const FOR_AN_ANSWER: Duration = Duration::from_secs(20);
/// What is asked. It tells of nobody.
const QUESTION: &str = "Please answer with one short word.";
const ANSWER_TOKENS: u32 = 32;

/// What came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tested {
    /// How many models it has; none if it did not say.
    pub models: Option<usize>,
    /// The model that was asked.
    pub model: Option<ModelId>,
    /// Whether it answered.
    pub answered: bool,
    /// How long all that took.
    pub took: Duration,
    /// What went wrong.
    pub failure: Option<&'static ErrorCode>,
}

impl Providers {
    /// Tries a provider, with this model or the first that can answer. It is asked even where it
    /// is left alone after failures; if it answers, it is not any more.
    pub async fn test(
        &self,
        ctx: &Ctx,
        id: &ProviderId,
        model: Option<&str>,
    ) -> Result<Tested, ProvidersError> {
        let work = self.begin(ctx).await?;
        self.refresh().await;
        let registry = self.gateway().registry();
        let known = registry.provider(id).filter(|_| self.is_for(Viewer::of(ctx), id));
        let provider = known.ok_or(ProvidersError::NotFound)?.clone();
        let name = |text: &str| ModelId::new(id.clone(), text).map_err(|_| Invalid::Model);
        let wish = model.map(name).transpose()?;
        let named = registry.models().filter(|model| model.id.provider() == id).cloned();
        let tested = try_out(&provider, named.collect(), wish).await;
        if tested.failure.is_none() {
            self.gateway().forget(id);
        }
        let event = work.event(&PROVIDER_TESTED).detail("name", id.to_string());
        let event = match tested.failure {
            Some(code) => event.failed(code),
            None => event,
        };
        self.0.ledger.record_now(ctx, &work.keys, &event).await?;
        Ok(tested)
    }
}

async fn try_out(provider: &Arc<dyn Provider>, named: Vec<Model>, wish: Option<ModelId>) -> Tested {
    let began = Instant::now();
    let asked = timeout(PATIENCE, provider.models()).await;
    let asked = asked.unwrap_or(Err(LlmError::FirstTokenTimeout));
    let mut tested = Tested {
        models: asked.as_ref().ok().map(Vec::len),
        model: None,
        answered: false,
        took: Duration::ZERO,
        failure: asked.as_ref().err().map(LlmError::code),
    };
    // Some answer without telling which models they have.
    let found = if named.is_empty() { asked.unwrap_or_default() } else { named };
    let first = || found.iter().find(|model| model.abilities.chat).map(|model| model.id.clone());
    if let Some(model) = wish.or_else(first) {
        let answer = timeout(FOR_AN_ANSWER, provider.complete(&question(model.name()))).await;
        let answer = answer.unwrap_or(Err(LlmError::FirstTokenTimeout));
        tested.model = Some(model);
        tested.answered = answer.is_ok();
        tested.failure = answer.err().map(|error| error.code());
    }
    tested.took = began.elapsed();
    tested
}

fn question(model: &str) -> ChatRequest {
    let messages = vec![Message::text(Role::User, QUESTION)];
    ChatRequest { max_tokens: Some(ANSWER_TOKENS), ..ChatRequest::new(model, messages) }
}
