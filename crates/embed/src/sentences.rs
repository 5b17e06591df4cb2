//! The model at work: it comes into memory when it is needed, and goes when it is not.

use crate::{
    lock::{Listed, LockError, models},
    minilm::MiniLm,
    shelf::Shelf,
};
use kernel::{Phi, Timestamp};
use std::{
    path::PathBuf,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};
use tokio::{sync::Semaphore, task::spawn_blocking, time::timeout};

/// Which model this is about.
const NAME: &str = "all-minilm-l6-v2";
/// Whoever has waited so long goes on without.
const PATIENCE: Duration = Duration::from_millis(400);
/// After so long without a question the model leaves memory.
const IDLE: Duration = Duration::from_mins(5);

/// What sentences mean. Cheap to clone.
#[derive(Clone)]
pub struct Sentences(Arc<Inner>);

struct Inner {
    shelf: Shelf,
    listed: Option<Listed>,
    state: Mutex<State>,
    /// One at a time: a text takes all cores for milliseconds.
    turn: Arc<Semaphore>,
}

#[derive(Default)]
struct State {
    model: Option<Arc<MiniLm>>,
    /// It was found unfit, and is not read again and again.
    unfit: bool,
    used: bool,
    idle_since: Option<Timestamp>,
}

impl Sentences {
    /// With the model that is installed in this folder, now or later.
    pub fn new(folder: PathBuf) -> Result<Self, LockError> {
        let listed = models()?.into_iter().find(|model| model.name == NAME);
        let (shelf, turn) = (Shelf::new(folder), Arc::new(Semaphore::new(1)));
        Ok(Self(Arc::new(Inner { shelf, listed, state: Mutex::default(), turn })))
    }

    /// Name and version of the model, where it is installed and fit.
    #[must_use]
    pub fn model(&self) -> Option<String> {
        let listed = self.0.listed.as_ref().filter(|listed| self.0.shelf.has(listed))?;
        (!self.0.lock(|state| state.unfit)).then(|| listed.tag())
    }

    /// What these texts mean; none where there is no model, or it takes too long. It goes on then,
    /// so that the model is there the next time.
    pub async fn vectors(&self, texts: &[Phi<String>]) -> Option<Vec<Phi<Vec<f32>>>> {
        self.model()?;
        let (inner, texts) = (self.0.clone(), texts.to_vec());
        let work = async move {
            let turn = inner.turn.clone().acquire_owned().await.ok()?;
            let reckoned = spawn_blocking(move || {
                let _turn = turn;
                inner.reckon(&texts)
            });
            reckoned.await.ok()?
        };
        timeout(PATIENCE, work).await.ok()?
    }

    /// Lets the model leave memory where nobody has asked for a while. To be called now and then.
    pub fn tidy(&self, now: Timestamp) {
        let gone = self.0.lock(|state| {
            if std::mem::take(&mut state.used) || state.idle_since.is_none_or(|since| since > now) {
                state.idle_since = Some(now);
            }
            let long = state.idle_since.is_some_and(|since| now.since(since) >= IDLE);
            state.model.take_if(|_| long)
        });
        if gone.is_some() {
            tracing::debug!("the model for meanings left memory");
        }
    }
}

impl Inner {
    fn lock<T>(&self, with: impl FnOnce(&mut State) -> T) -> T {
        with(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn reckon(&self, texts: &[Phi<String>]) -> Option<Vec<Phi<Vec<f32>>>> {
        let model = self.ready()?;
        // EXPOSE: reckoned with; what comes of it is as sensitive.
        let vectors = texts.iter().map(|text| model.vector(text.expose()).map(Phi::new));
        match vectors.collect() {
            Ok(vectors) => Some(vectors),
            Err(error) => {
                tracing::warn!(%error, "a text could not be read by the model for meanings");
                None
            }
        }
    }

    fn ready(&self) -> Option<Arc<MiniLm>> {
        let present = self.lock(|state| {
            state.used = true;
            state.model.clone()
        });
        if present.is_some() {
            return present;
        }
        match MiniLm::open(&self.shelf, self.listed.as_ref()?) {
            Ok(model) => {
                let model = Arc::new(model);
                self.lock(|state| state.model = Some(model.clone()));
                Some(model)
            }
            Err(error) => {
                tracing::error!(%error, "the model for meanings cannot be used; install it again and restart");
                self.lock(|state| state.unfit = true);
                None
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn without_a_model_nothing_is_said_about_meanings() {
        let place = tempfile::tempdir().unwrap();
        let sentences = Sentences::new(place.path().to_owned()).unwrap();
        assert_eq!(sentences.model(), None);
        assert!(sentences.vectors(&[Phi::new("bees".to_owned())]).await.is_none());
    }

    #[tokio::test]
    async fn a_broken_model_is_said_to_be_none() {
        let place = tempfile::tempdir().unwrap();
        std::fs::create_dir(place.path().join("all-minilm-l6-v2@1")).unwrap();
        let sentences = Sentences::new(place.path().to_owned()).unwrap();
        assert_eq!(sentences.model().as_deref(), Some("all-minilm-l6-v2@1"));
        assert!(sentences.vectors(&[Phi::new("bees".to_owned())]).await.is_none());
        assert_eq!(sentences.model(), None);
    }
}
