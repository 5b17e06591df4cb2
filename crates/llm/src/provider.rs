//! What every provider of models can do.

use crate::{
    chat::{ChatRequest, EmbedRequest},
    error::LlmError,
    event::{Answer, Embeddings, EventStream},
    model::{Model, ProviderId},
};
use async_trait::async_trait;

/// Someone who answers: a server elsewhere, a server on this machine, or a part of this program.
#[async_trait]
pub trait Provider: Send + Sync {
    /// Its name.
    fn id(&self) -> &ProviderId;

    /// The models it has now. This also tells whether it can be reached.
    async fn models(&self) -> Result<Vec<Model>, LlmError>;

    /// Asks, and comes back with the first piece of the answer ready: what fails before it fails
    /// here, and may be tried again or elsewhere; what fails later is the last item of the stream.
    ///
    /// Dropping the future or the stream closes the connection to the provider at once.
    async fn stream(&self, request: &ChatRequest) -> Result<EventStream, LlmError>;

    /// Asks for a whole answer.
    async fn complete(&self, request: &ChatRequest) -> Result<Answer, LlmError> {
        Answer::collect(self.stream(request).await?).await
    }

    /// Turns texts into vectors.
    async fn embed(&self, request: &EmbedRequest) -> Result<Embeddings, LlmError>;
}
