//! Providers that are reached over HTTP, elsewhere or on this machine.

use crate::{
    chat::{ChatRequest, EmbedRequest},
    dialect::{Decode, Dialect, Pieces, cut_off, failure},
    error::LlmError,
    event::{Answer, Embeddings, EventStream, StreamEvent},
    lines::LineReader,
    model::{Location, Model, ProviderId},
    prices::PriceTable,
    provider::Provider,
    sse::SseReader,
    wire::{Endpoint, Limits, Pool, Reply},
};
use async_trait::async_trait;
use bytes::Bytes;
use futures_util::{future::join_all, stream};
use http::{Method, Request};
use kernel::{Env, Secret};
use std::{sync::Arc, time::Duration};
use tokio::time::Instant;

/// How long and about how many models more is asked than their list says.
const FOR_MORE: Duration = Duration::from_millis(150);
const MOST_TO_ASK_ABOUT: usize = 32;

/// How a provider is set up.
pub struct RemoteConfig {
    /// Its name here.
    pub id: ProviderId,
    /// What it speaks.
    pub dialect: Dialect,
    /// Where it answers, as its documentation says: `https://api.openai.com/v1`.
    pub url: String,
    /// Whether it is on a machine of ours.
    pub location: Location,
    /// Its key, if it wants one.
    pub key: Option<Secret<String>>,
    /// How long and how much.
    pub limits: Limits,
}

/// A provider behind an address.
pub struct RemoteProvider {
    id: ProviderId,
    dialect: Dialect,
    location: Location,
    key: Option<Secret<String>>,
    pool: Arc<Pool>,
    env: Env,
}

impl RemoteProvider {
    /// Sets it up. Nothing is connected yet; an address that it may not have is refused now.
    pub fn new(config: RemoteConfig, env: Env) -> Result<Self, LlmError> {
        let endpoint = Endpoint::parse(config.dialect.root(&config.url), config.location)?;
        let pool = Pool::new(endpoint, config.limits)?;
        let RemoteConfig { id, dialect, location, key, .. } = config;
        Ok(Self { id, dialect, location, key, pool, env })
    }

    async fn post(&self, path: &str, body: Vec<u8>, until: Instant) -> Result<Reply, LlmError> {
        self.send(Method::POST, path, body, until).await
    }

    /// Sends a request; an answer other than a good one is an error.
    async fn send(
        &self,
        method: Method,
        path: &str,
        body: Vec<u8>,
        until: Instant,
    ) -> Result<Reply, LlmError> {
        let head = self.dialect.headers(Request::builder().method(method), self.key.as_ref());
        let mut reply = self.pool.send(head, path, Bytes::from(body), until).await?;
        if reply.head.status.is_success() {
            return Ok(reply);
        }
        let body = reply.whole_until(until).await.unwrap_or_default();
        Err(failure::of_response(reply.head.status, &reply.head.headers, &body, self.env.now()))
    }

    /// Asks about models whose list does not say what they can do. Who does not answer soon is
    /// taken as the list has it.
    async fn learn_more(&self, models: &mut [Model]) {
        let Some(path) = self.dialect.about_path() else { return };
        let until = Instant::now() + FOR_MORE;
        let more = models.iter_mut().take(MOST_TO_ASK_ABOUT).map(async |model| {
            let body = serde_json::json!({"model": model.id.name()}).to_string();
            let mut reply = self.post(path, body.into_bytes(), until).await?;
            self.dialect.about(&reply.whole_until(until).await?, model);
            Ok::<_, LlmError>(())
        });
        join_all(more).await;
    }

    fn first_token(&self) -> Instant {
        Instant::now() + self.pool.limits().first_token
    }
}

#[async_trait]
impl Provider for RemoteProvider {
    fn id(&self) -> &ProviderId {
        &self.id
    }

    async fn models(&self) -> Result<Vec<Model>, LlmError> {
        let until = Instant::now() + self.pool.limits().idle;
        let mut reply =
            self.send(Method::GET, self.dialect.models_path(), Vec::new(), until).await?;
        let body = reply.whole_until(until).await?;
        let mut models = self.dialect.models(&body, &self.id, self.location)?;
        self.learn_more(&mut models).await;
        if let Ok(table) = PriceTable::embedded() {
            let host = self.pool.endpoint().host();
            for model in models.iter_mut().filter(|model| model.prices.is_none()) {
                model.prices = table.find(host, model.id.name()).map(|listed| listed.prices);
            }
        }
        Ok(models)
    }

    async fn stream(&self, request: &ChatRequest) -> Result<EventStream, LlmError> {
        let until = self.first_token();
        let body = self.dialect.ask(request, true)?;
        let reply = self.post(self.dialect.chat_path(), body, until).await?;
        let limit = self.pool.limits().event_bytes;
        let reader = if self.dialect.streams_lines() {
            Reader::Lines(LineReader::new(limit))
        } else {
            Reader::Events(SseReader::new(limit))
        };
        let decoder = self.dialect.decoder(request, self.location);
        let pool = self.pool.clone();
        let pieces = Pieces::default();
        let mut live = Box::new(Live { reply, reader, decoder, pieces, failed: None, pool });
        // What fails before the first piece fails here, where it can still be asked elsewhere.
        live.fill(until, &LlmError::FirstTokenTimeout).await?;
        Ok(Box::pin(stream::unfold(Some(live), Live::next)))
    }

    async fn complete(&self, request: &ChatRequest) -> Result<Answer, LlmError> {
        let until = self.first_token();
        let body = self.dialect.ask(request, false)?;
        let mut reply = self.post(self.dialect.chat_path(), body, until).await?;
        let body = reply.whole_until(until).await?;
        let mut pieces = Pieces::default();
        self.dialect.decoder(request, self.location).whole(&body, &mut pieces)?;
        let all = std::iter::from_fn(|| pieces.pop()).map(Ok).collect::<Vec<_>>();
        Answer::collect(Box::pin(stream::iter(all))).await
    }

    async fn embed(&self, request: &EmbedRequest) -> Result<Embeddings, LlmError> {
        let until = self.first_token();
        let path = self.dialect.embed_path()?;
        let body = self.dialect.ask_vectors(request)?;
        let mut reply = self.post(path, body, until).await?;
        let body = reply.whole_until(until).await?;
        self.dialect.vectors(&body, request.inputs.len())
    }
}

enum Reader {
    Events(SseReader),
    Lines(LineReader),
}

/// An answer that is coming in.
struct Live {
    reply: Reply,
    reader: Reader,
    decoder: Box<dyn Decode>,
    pieces: Pieces,
    /// What went wrong after the pieces that are still to be handed on.
    failed: Option<LlmError>,
    pool: Arc<Pool>,
}

type Item = (Result<StreamEvent, LlmError>, Option<Box<Live>>);

impl Live {
    /// The next piece; after an error or the finish there is none.
    async fn next(live: Option<Box<Self>>) -> Option<Item> {
        let mut live = live?;
        if live.pieces.is_empty() {
            let patience = Instant::now() + live.pool.limits().idle;
            if let Err(error) = live.fill(patience, &LlmError::IdleTimeout).await {
                return Some((Err(error), None));
            }
        }
        let piece = live.pieces.pop()?;
        let ended = matches!(piece, StreamEvent::Finish(_));
        Some((Ok(piece), (!ended).then_some(live)))
    }

    /// Reads until there is a piece. Each sign of life renews the patience, but for the first one.
    async fn fill(&mut self, patience: Instant, silent: &LlmError) -> Result<(), LlmError> {
        let renews = *silent == LlmError::IdleTimeout;
        let mut patience = patience;
        while self.pieces.is_empty() {
            if let Some(error) = self.failed.take() {
                return Err(error);
            }
            let read = match self.reply.chunk(patience, silent.clone()).await? {
                Some(bytes) => self.take(&bytes),
                None => self.end(),
            };
            self.failed = read.err();
            if renews {
                patience = Instant::now() + self.pool.limits().idle;
            }
        }
        if self.pieces.finished() {
            self.reply.settle().await;
        }
        Ok(())
    }

    fn take(&mut self, bytes: &[u8]) -> Result<(), LlmError> {
        match &mut self.reader {
            Reader::Events(reader) => {
                reader.push(bytes);
                while !self.pieces.finished() {
                    let Some(event) = reader.pull().map_err(|_| LlmError::TooLarge)? else { break };
                    self.decoder.event(event.name, event.data, &mut self.pieces)?;
                }
            }
            Reader::Lines(reader) => {
                reader.push(bytes);
                while !self.pieces.finished() {
                    let Some(line) = reader.pull().map_err(|_| LlmError::TooLarge)? else { break };
                    self.decoder.event(b"", line, &mut self.pieces)?;
                }
            }
        }
        Ok(())
    }

    fn end(&mut self) -> Result<(), LlmError> {
        match &mut self.reader {
            Reader::Events(reader) => {
                if let Some(event) = reader.finish().map_err(|_| LlmError::TooLarge)? {
                    self.decoder
                        .event(event.name, event.data, &mut self.pieces)
                        .map_err(cut_off)?;
                }
            }
            Reader::Lines(reader) => {
                if let Some(line) = reader.finish() {
                    self.decoder.event(b"", line, &mut self.pieces).map_err(cut_off)?;
                }
            }
        }
        self.decoder.end(&mut self.pieces)
    }
}
