//! Models and how they are asked: providers, the languages they speak, streams, usage and prices.
//!
//! What always holds: what people and models say is `Phi`; a stream ends with one finish or one
//! error; dropping it closes the connection to the provider; what a provider writes about an error
//! does not leave this crate.
//!
//! What it does not do: it keeps nothing, knows no person, counts no quota, and does not look for
//! danger in what is said; whoever calls it does, before and after.

mod chat;
mod companion;
mod detect;
mod dialect;
mod error;
mod estimate;
mod event;
mod gateway;
mod lines;
mod model;
mod prices;
mod provider;
mod registry;
mod remote;
mod scripted;
pub mod serve;
pub mod sse;
mod wire;

pub use chat::{
    ChatRequest, EmbedRequest, Format, Image, ImageFormat, Message, Part, Reasoning, Role,
    Sampling, Thought, Tool, ToolCall, ToolChoice, ToolResult,
};
pub use companion::{Companion, MAX_REPLY, Skill, TextsUnreadable};
pub use detect::{Place, detect, usual_places};
pub use dialect::Dialect;
pub use error::{
    ANSWER_INCOMPLETE, ANSWER_STOPPED, CODES, CONTENT_FILTERED, CONTEXT_TOO_LONG, LlmError,
    MODEL_CANNOT, MODEL_NOT_FOUND, PROVIDER_BUSY, PROVIDER_LIMITED, PROVIDER_MISCONFIGURED,
    PROVIDER_TIMEOUT, PROVIDER_UNREACHABLE, UpstreamCode,
};
pub use estimate::{Estimator, Meter, estimate, estimate_request};
pub use event::{Answer, Embeddings, EventStream, Finish, StreamEvent, Usage};
pub use gateway::{
    BreakerConfig, BreakerState, Candidate, Gateway, GatewayConfig, Reach, Reason, Started, Wish,
    candidates,
};
pub use model::{Abilities, Location, MicroUsd, Model, ModelId, NameError, Prices, ProviderId};
pub use prices::{Listed, PriceTable, PricesUnreadable};
pub use provider::Provider;
pub use registry::Registry;
pub use remote::{RemoteConfig, RemoteProvider};
pub use scripted::Scripted;
pub use wire::{Endpoint, Limits};
