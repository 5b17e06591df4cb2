//! Who may use which model, as it was last read.

use kernel::{Actor, Ctx, RoleSet, TenantId};
use llm::{Location, Model, ModelId, ProviderId};
use std::collections::{BTreeMap, BTreeSet};

/// Who wants to use a model.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Viewer {
    /// The organisation they belong to.
    pub tenant: TenantId,
    /// What they may do.
    pub roles: RoleSet,
}

impl Viewer {
    /// Whoever makes this request; the first organisation without any role where nobody does.
    #[must_use]
    pub fn of(ctx: &Ctx) -> Self {
        match &ctx.actor {
            Actor::Person(person) => Self { tenant: person.subject.tenant, roles: person.roles },
            Actor::Anonymous | Actor::System(_) | Actor::Operator => {
                Self { tenant: TenantId::DEFAULT, roles: RoleSet::default() }
            }
        }
    }
}

/// The rules of one organisation.
#[derive(Default)]
pub(crate) struct OfTenant {
    /// Which models of someone else may be used; all if nobody said.
    pub reach: Option<Vec<String>>,
    /// The roles that may use a model, where not all may.
    pub visible: BTreeMap<ModelId, RoleSet>,
}

/// All rules. They do not change; others take their place.
#[derive(Default)]
pub(crate) struct Rules {
    /// Which models of someone else the settings allow; all if they do not say.
    pub installation: Option<Vec<String>>,
    /// Whose providers those are that administrators set up.
    pub owners: BTreeMap<ProviderId, TenantId>,
    /// By organisation.
    pub tenants: BTreeMap<TenantId, OfTenant>,
}

impl Rules {
    /// Whether this provider is there for this organisation.
    pub fn is_for(&self, tenant: TenantId, provider: &ProviderId) -> bool {
        self.owners.get(provider).is_none_or(|owner| *owner == tenant)
    }

    /// Whether this person may use this model.
    pub fn allow(&self, viewer: Viewer, model: &Model) -> bool {
        if model.location == Location::Builtin {
            return true;
        }
        let tenant = self.tenants.get(&viewer.tenant);
        let elsewhere = model.location == Location::Remote;
        let reached = |list: Option<&Vec<String>>| {
            !elsewhere || list.is_none_or(|list| list.iter().any(|name| names(name, &model.id)))
        };
        let roles = tenant.and_then(|tenant| tenant.visible.get(&model.id));
        self.is_for(viewer.tenant, model.id.provider())
            && reached(self.installation.as_ref())
            && reached(tenant.and_then(|tenant| tenant.reach.as_ref()))
            && roles.is_none_or(|roles| roles.iter().any(|role| viewer.roles.contains(role)))
    }

    /// Which of these this person may use; none if nothing is kept from anybody there.
    pub fn allowed<'a>(
        &self,
        viewer: Viewer,
        models: impl Iterator<Item = &'a Model>,
    ) -> Option<BTreeSet<ModelId>> {
        let tenant = self.tenants.get(&viewer.tenant);
        let is_open = self.installation.is_none()
            && tenant.is_none_or(|tenant| tenant.reach.is_none() && tenant.visible.is_empty())
            && self.owners.values().all(|owner| *owner == viewer.tenant);
        if is_open {
            return None;
        }
        let allowed = models.filter(|model| self.allow(viewer, model));
        Some(allowed.map(|model| model.id.clone()).collect())
    }
}

/// Whether `provider/name` or `provider/*` names this model.
fn names(allowed: &str, id: &ModelId) -> bool {
    match allowed.strip_suffix("/*") {
        Some(provider) => id.provider().as_str() == provider,
        None => id.to_string() == allowed,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{config::Kind, model::Setup};
    use kernel::{Role, UserId};

    fn model(provider: &str, name: &str, local: bool) -> Model {
        let setup = Setup {
            kind: Kind::OpenaiChat,
            url: "https://models.example".to_owned(),
            local,
            models: vec![name.to_owned()],
            has_key: false,
        };
        setup.named(&provider.parse().unwrap()).unwrap().remove(0)
    }

    fn viewer(tenant: TenantId, role: Role) -> Viewer {
        Viewer { tenant, roles: RoleSet::of(&[role]) }
    }

    #[test]
    fn a_model_is_there_for_the_roles_and_the_organisation_that_may_use_it() {
        let (here, there) = (
            TenantId::DEFAULT,
            TenantId::from_uuid(UserId::from_uuid(uuid::Uuid::from_u128(7)).as_uuid()),
        );
        let (far, near) = (model("far", "one", false), model("near", "one", true));
        let mut rules = Rules::default();
        let user = viewer(here, Role::User);
        assert!(rules.allow(user, &far) && rules.allow(user, &near));
        assert_eq!(rules.allowed(user, [&far].into_iter()), None);

        rules.owners.insert("far".parse().unwrap(), here);
        assert!(!rules.allow(viewer(there, Role::User), &far), "it belongs to others");
        assert!(rules.allow(viewer(there, Role::User), &near));

        let visible = [(near.id.clone(), RoleSet::of(&[Role::Premium]))].into();
        rules.tenants.insert(here, OfTenant { reach: Some(vec!["far/two".into()]), visible });
        assert!(!rules.allow(user, &near) && rules.allow(viewer(here, Role::Premium), &near));
        assert!(rules.allow(viewer(there, Role::User), &near), "others have rules of their own");
        assert!(!rules.allow(user, &far), "the list names another one");
        assert_eq!(rules.allowed(user, [&far, &near].into_iter()), Some(BTreeSet::new()));

        rules.tenants.entry(here).or_default().reach = Some(vec!["far/*".into()]);
        assert!(rules.allow(user, &far));
        rules.installation = Some(Vec::new());
        assert!(!rules.allow(user, &far), "an organisation cannot allow what the settings do not");
    }
}
