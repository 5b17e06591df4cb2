//! From a wish to an answer: which model, which provider, how often, and where else.
//!
//! What always holds: the same wish with the same state gives the same choice, and the reason is
//! said; a question is asked again only if nothing of an answer has come; what may not leave the
//! house is never offered to a model elsewhere, not even as a way out.

mod breaker;
mod choose;

#[cfg(test)]
mod tests;

use breaker::Breaker;
pub use breaker::{BreakerConfig, BreakerState};
pub use choose::{Candidate, Reach, Reason, Wish, candidates};

use crate::{
    chat::{ChatRequest, EmbedRequest},
    error::LlmError,
    event::{Answer, Embeddings, EventStream, StreamEvent},
    model::{Model, ModelId, ProviderId},
    provider::Provider,
    registry::Registry,
};
use futures_util::StreamExt;
use kernel::Env;
use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError, RwLock},
    time::Duration,
};

/// How often and how patiently.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GatewayConfig {
    /// The models to take when none is asked for, best first, and where to go when one fails.
    pub preferred: Vec<ModelId>,
    /// How often one provider is asked the same question.
    pub attempts: u32,
    /// The pause before the second time; it doubles, and a random part of it is left out.
    pub pause: Duration,
    /// A provider that wants to be left alone for longer is not waited for.
    pub longest_pause: Duration,
    /// When a provider is left alone.
    pub breaker: BreakerConfig,
}

impl Default for GatewayConfig {
    fn default() -> Self {
        Self {
            preferred: Vec::new(),
            attempts: 2,
            pause: Duration::from_millis(250),
            longest_pause: Duration::from_secs(2),
            breaker: BreakerConfig::default(),
        }
    }
}

/// An answer that has begun.
pub struct Started {
    /// Who answers.
    pub model: Model,
    /// Why this one.
    pub reason: Reason,
    /// What was tried before, with what came of it.
    pub failed: Vec<(ModelId, LlmError)>,
    /// The answer.
    pub stream: EventStream,
}

/// How an answer is asked for.
#[derive(Debug, Clone, Copy)]
enum How {
    Piecemeal,
    AtOnce,
}

/// Finds someone who answers.
#[derive(Clone)]
pub struct Gateway(Arc<Inner>);

struct Inner {
    env: Env,
    config: GatewayConfig,
    registry: RwLock<Arc<Registry>>,
    breakers: Mutex<BTreeMap<ProviderId, Arc<Breaker>>>,
}

impl Gateway {
    /// Over these providers.
    #[must_use]
    pub fn new(env: Env, config: GatewayConfig, registry: Registry) -> Self {
        let registry = RwLock::new(Arc::new(registry));
        let breakers = Mutex::default();
        Self(Arc::new(Inner { env, config, registry, breakers }))
    }

    /// The providers and models of this moment.
    #[must_use]
    pub fn registry(&self) -> Arc<Registry> {
        self.0.registry.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Puts other providers in place. Answers that have begun go on.
    pub fn replace(&self, registry: Registry) {
        *self.0.registry.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(registry);
    }

    /// How a provider is doing.
    #[must_use]
    pub fn state(&self, provider: &ProviderId) -> BreakerState {
        self.breaker(provider).state(self.0.env.now())
    }

    /// Forgets how a provider was doing: it is well again, or is another one of the same name.
    pub fn forget(&self, provider: &ProviderId) {
        self.0.breakers.lock().unwrap_or_else(PoisonError::into_inner).remove(provider);
    }

    /// Who would be asked, in order.
    #[must_use]
    pub fn candidates(&self, wish: &Wish) -> Vec<Candidate> {
        candidates(&self.registry(), &self.0.config.preferred, wish)
    }

    /// Asks until someone begins to answer. The model of the request is that of whoever is asked.
    pub async fn stream(&self, request: &ChatRequest, wish: &Wish) -> Result<Started, LlmError> {
        self.start(request, wish, How::Piecemeal).await
    }

    /// Asks for a whole answer, and says who gave it.
    pub async fn complete(
        &self,
        request: &ChatRequest,
        wish: &Wish,
    ) -> Result<(Model, Answer), LlmError> {
        let started = self.start(request, wish, How::AtOnce).await?;
        Ok((started.model, Answer::collect(started.stream).await?))
    }

    async fn start(
        &self,
        request: &ChatRequest,
        wish: &Wish,
        how: How,
    ) -> Result<Started, LlmError> {
        let registry = self.registry();
        let candidates = candidates(&registry, &self.0.config.preferred, wish);
        let mut failed: Vec<(ModelId, LlmError)> = Vec::new();
        for Candidate { model, reason } in candidates {
            let Some(provider) = registry.provider(model.id.provider()) else { continue };
            let mut request = request.clone();
            model.id.name().clone_into(&mut request.model);
            match self.ask(provider, &request, how).await {
                Ok(stream) => return Ok(Started { model, reason, failed, stream }),
                Err(error) if goes_on(&error) => failed.push((model.id, error)),
                Err(error) => return Err(error),
            }
        }
        Err(worst(failed))
    }

    /// Turns texts into vectors with this model and no other: vectors of two models cannot be
    /// compared.
    pub async fn embed(
        &self,
        model: &ModelId,
        request: &EmbedRequest,
    ) -> Result<Embeddings, LlmError> {
        let registry = self.registry();
        let known = registry.model(model).ok_or(LlmError::ModelNotFound)?;
        let provider = registry.provider(model.provider()).ok_or(LlmError::ModelNotFound)?;
        if !known.abilities.embeddings {
            return Err(LlmError::Unsupported("embeddings"));
        }
        let pass = self.breaker(provider.id()).enter(self.0.env.now())?;
        let request = EmbedRequest { model: model.name().to_owned(), ..request.clone() };
        match provider.embed(&request).await {
            Ok(vectors) => {
                pass.succeeded();
                Ok(vectors)
            }
            Err(error) => {
                pass.failed(&error, self.0.env.now());
                Err(error)
            }
        }
    }

    /// Asks one provider, more than once if that may help.
    async fn ask(
        &self,
        provider: &Arc<dyn Provider>,
        request: &ChatRequest,
        how: How,
    ) -> Result<EventStream, LlmError> {
        let breaker = self.breaker(provider.id());
        let mut attempt = 1;
        loop {
            let pass = breaker.enter(self.0.env.now())?;
            let asked = match how {
                How::Piecemeal => provider.stream(request).await,
                How::AtOnce => provider.complete(request).await.map(Answer::into_stream),
            };
            let error = match asked {
                Ok(stream) => return Ok(watched(stream, pass, self.0.env.clone())),
                Err(error) => error,
            };
            pass.failed(&error, self.0.env.now());
            let Some(pause) = self.pause_after(attempt, &error) else { return Err(error) };
            attempt += 1;
            tokio::time::sleep(pause).await;
        }
    }

    /// How long to wait before asking again; none if that is of no use.
    fn pause_after(&self, attempt: u32, error: &LlmError) -> Option<Duration> {
        // Whoever waited for a first token in vain is not made to wait as long once more.
        let again = error.is_passing() && *error != LlmError::FirstTokenTimeout;
        if !again || attempt >= self.0.config.attempts {
            return None;
        }
        let doubled = self.0.config.pause.saturating_mul(1 << (attempt - 1).min(16));
        let [random] = self.0.env.random::<1>();
        let shortened = doubled.mul_f64(1.0 - f64::from(random) / 512.0);
        let wanted = kernel::Coded::retry_after(error).unwrap_or_default();
        let pause = shortened.max(wanted);
        (pause <= self.0.config.longest_pause).then_some(pause)
    }

    fn breaker(&self, provider: &ProviderId) -> Arc<Breaker> {
        let mut breakers = self.0.breakers.lock().unwrap_or_else(PoisonError::into_inner);
        let new = || Arc::new(Breaker::new(self.0.config.breaker));
        breakers.entry(provider.clone()).or_insert_with(new).clone()
    }
}

/// Whether someone else may do better. A question that is refused for what it says is refused.
const fn goes_on(error: &LlmError) -> bool {
    error.is_passing()
        || error.blames_provider()
        || matches!(
            error,
            LlmError::ModelNotFound | LlmError::Unsupported(_) | LlmError::Rejected { .. }
        )
}

/// What to say when nobody answered: what the first choice said.
fn worst(failed: Vec<(ModelId, LlmError)>) -> LlmError {
    let first = failed.into_iter().next();
    first.map_or(LlmError::NoModel("none is set up that may and can do this"), |(_, error)| error)
}

/// An answer that tells the breaker that it began and how it ended. One that nobody wanted to its
/// end says nothing of that.
fn watched(stream: EventStream, pass: breaker::Pass, env: Env) -> EventStream {
    let mut pass = Some(pass);
    Box::pin(stream.inspect(move |piece| match piece {
        Ok(StreamEvent::Finish(_)) => {
            if let Some(pass) = pass.take() {
                pass.succeeded();
            }
        }
        Err(error) => {
            if let Some(pass) = pass.take() {
                pass.failed(error, env.now());
            }
        }
        Ok(_) => {
            if let Some(pass) = &mut pass {
                pass.began();
            }
        }
    }))
}
