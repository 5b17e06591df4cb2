//! Which providers and models there are.

use crate::{
    model::{Model, ModelId, ProviderId},
    provider::Provider,
};
use std::{collections::BTreeMap, sync::Arc};

/// The providers that are set up and their models, in the order of their names. It does not
/// change; a new one takes its place when something is added.
#[derive(Clone, Default)]
pub struct Registry {
    providers: BTreeMap<ProviderId, Arc<dyn Provider>>,
    models: BTreeMap<ModelId, Model>,
}

impl Registry {
    /// Nothing is set up.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// With this provider and these models of it; those of others are left out. What was there
    /// under the provider's name is gone.
    #[must_use]
    pub fn with(mut self, provider: Arc<dyn Provider>, models: Vec<Model>) -> Self {
        let id = provider.id().clone();
        self.models.retain(|model, _| *model.provider() != id);
        let own = models.into_iter().filter(|model| *model.id.provider() == id);
        self.models.extend(own.map(|model| (model.id.clone(), model)));
        self.providers.insert(id, provider);
        self
    }

    /// Without this provider and its models.
    #[must_use]
    pub fn without(mut self, id: &ProviderId) -> Self {
        self.models.retain(|model, _| model.provider() != id);
        self.providers.remove(id);
        self
    }

    /// All providers.
    pub fn providers(&self) -> impl Iterator<Item = &Arc<dyn Provider>> {
        self.providers.values()
    }

    /// All models.
    pub fn models(&self) -> impl Iterator<Item = &Model> {
        self.models.values()
    }

    /// This provider.
    #[must_use]
    pub fn provider(&self, id: &ProviderId) -> Option<&Arc<dyn Provider>> {
        self.providers.get(id)
    }

    /// This model.
    #[must_use]
    pub fn model(&self, id: &ModelId) -> Option<&Model> {
        self.models.get(id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scripted::Scripted;

    #[tokio::test]
    async fn models_come_and_go_with_their_provider() {
        let scripted = Arc::new(Scripted::new().unwrap());
        let models = scripted.models().await.unwrap();
        let mut foreign = models[0].clone();
        foreign.id = "other/echo".parse().unwrap();
        let all = [models.clone(), vec![foreign]].concat();
        let registry = Registry::new().with(scripted.clone(), all);
        assert_eq!(registry.models().count(), models.len(), "those of others are left out");
        let fewer = registry.with(scripted.clone(), models[..1].to_vec());
        assert_eq!(fewer.models().count(), 1);
        assert!(fewer.provider(scripted.id()).is_some() && fewer.model(&models[0].id).is_some());
        let none = fewer.without(scripted.id());
        assert_eq!((none.models().count(), none.providers().count()), (0, 0));
    }
}
