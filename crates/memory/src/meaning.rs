//! Who knows what sentences mean.

use async_trait::async_trait;
use kernel::{Phi, Timestamp};

/// A model on this machine that turns texts into vectors: the closer two texts are in meaning, the
/// greater the product of their vectors.
#[async_trait]
pub trait Meaning: Send + Sync {
    /// Name and version of the model; none where none is installed. Vectors of one model are
    /// comparable with each other and with no others.
    fn model(&self) -> Option<String>;

    /// The vectors of these texts, each of length one; none where that takes too long or fails.
    async fn vectors(&self, texts: &[Phi<String>]) -> Option<Vec<Phi<Vec<f32>>>>;

    /// Lets go of what has not been asked for lately.
    fn tidy(&self, now: Timestamp);
}
