//! How administrators set up providers, and who may use which model.

use super::people::ModelView;
use crate::{
    config::Kind,
    error::ProvidersError,
    model::{Change, Draft, Given, Listed, Origin, Setup},
    service::{Providers, Tested},
};
use axum::extract::State;
use httpkit::{Admin, ApiResult, Created, Fresh, Json, NoContent, Path};
use kernel::{Role, RoleSet, Secret, Timestamp};
use llm::{Model, ProviderId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Where a provider comes from.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = ProviderOrigin)]
enum OriginName {
    /// It is part of Salus.
    Builtin,
    /// The settings file names it; it can only be changed there.
    Settings,
    /// It was found on this machine.
    Found,
    /// An administrator set it up.
    Added,
}

impl From<Origin> for OriginName {
    fn from(origin: Origin) -> Self {
        match origin {
            Origin::Builtin => Self::Builtin,
            Origin::Settings => Self::Settings,
            Origin::Found => Self::Found,
            Origin::Added => Self::Added,
        }
    }
}

/// A role that may use a model.
#[derive(Serialize, Deserialize, ToSchema, Clone, Copy)]
#[serde(rename_all = "snake_case")]
#[schema(as = ModelRole)]
enum RoleName {
    /// Everyone with an account.
    User,
    /// A person with a paid plan.
    Premium,
    /// A clinician.
    Provider,
    /// Answers people in crisis.
    CrisisResponder,
    /// Reads the ledger.
    Auditor,
    /// Runs the installation.
    Admin,
}

impl From<RoleName> for Role {
    fn from(name: RoleName) -> Self {
        match name {
            RoleName::User => Self::User,
            RoleName::Premium => Self::Premium,
            RoleName::Provider => Self::Provider,
            RoleName::CrisisResponder => Self::CrisisResponder,
            RoleName::Auditor => Self::Auditor,
            RoleName::Admin => Self::Admin,
        }
    }
}

impl From<Role> for RoleName {
    fn from(role: Role) -> Self {
        match role {
            Role::User => Self::User,
            Role::Premium => Self::Premium,
            Role::Provider => Self::Provider,
            Role::CrisisResponder => Self::CrisisResponder,
            Role::Auditor => Self::Auditor,
            Role::Admin => Self::Admin,
        }
    }
}

/// A model, and who may use it.
#[derive(Serialize, ToSchema)]
struct ModelSetup {
    #[serde(flatten)]
    model: ModelView,
    /// The roles that may use it; null if everybody may.
    roles: Option<Vec<RoleName>>,
}

impl From<(Model, Option<RoleSet>)> for ModelSetup {
    fn from((model, roles): (Model, Option<RoleSet>)) -> Self {
        let roles = roles.map(|roles| roles.iter().map(RoleName::from).collect());
        Self { model: model.into(), roles }
    }
}

/// How a provider is set up. Its key is never told.
#[derive(Serialize, ToSchema)]
pub(super) struct ProviderSetup {
    /// Its name.
    id: String,
    /// Where it comes from.
    origin: OriginName,
    /// What it speaks; null if it is part of Salus.
    kind: Option<Kind>,
    /// Where it answers; null if it is part of Salus.
    url: Option<String>,
    /// Whether it is on a machine of whoever runs this Salus.
    local: bool,
    /// Whether it has a key.
    has_key: bool,
    /// Its models that were named; it is asked for them if none is.
    named_models: Vec<String>,
    /// Its models as they are known now.
    models: Vec<ModelSetup>,
    /// When it was last changed; null if no administrator set it up.
    #[schema(value_type = Option<String>, format = DateTime)]
    updated_at: Option<Timestamp>,
}

impl From<Listed> for ProviderSetup {
    fn from(listed: Listed) -> Self {
        let Listed { id, origin, setup, models, updated_at } = listed;
        let (kind, url, local, has_key, named_models) = match setup {
            Some(Setup { kind, url, local, models, has_key }) => {
                (Some(kind), Some(url), local, has_key, models)
            }
            None => (None, None, true, false, Vec::new()),
        };
        let models = models.into_iter().map(ModelSetup::from).collect();
        let (id, origin) = (id.to_string(), origin.into());
        Self { id, origin, kind, url, local, has_key, named_models, models, updated_at }
    }
}

/// How all providers are set up.
#[derive(Serialize, ToSchema)]
pub(super) struct ProviderSetups {
    /// The providers.
    providers: Vec<ProviderSetup>,
    /// The models of someone else that people may use, `provider/name` or `provider/*`; null if
    /// they may use all that the settings allow.
    elsewhere: Option<Vec<String>>,
}

/// A provider to be set up.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ProviderWrite {
    /// Its name here: lower-case letters, digits, dots and dashes.
    #[schema(min_length = 1, max_length = 40)]
    name: String,
    /// What it speaks.
    kind: Kind,
    /// Where it answers, as its documentation says: `https://api.openai.com/v1`.
    #[schema(min_length = 1, max_length = 500)]
    url: String,
    /// Whether it is on a machine of whoever runs this Salus. Only such a one may be on this
    /// machine or in a private network, and be spoken to without TLS.
    #[serde(default)]
    local: bool,
    /// Its key, if it wants one. It is told to nobody again.
    #[serde(default)]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 4096)]
    key: Option<Secret<String>>,
    /// Its models, as it calls them; it is asked for them if none is named.
    #[serde(default)]
    #[schema(max_items = 100)]
    models: Vec<String>,
}

/// What is to be different about a provider.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ProviderChange {
    /// What it speaks.
    #[serde(default)]
    kind: Option<Kind>,
    /// Where it answers. With another host or port the key has to be given again.
    #[serde(default)]
    #[schema(min_length = 1, max_length = 500)]
    url: Option<String>,
    /// Whether it is on a machine of whoever runs this Salus.
    #[serde(default)]
    local: Option<bool>,
    /// Another key, or null for none.
    #[serde(default)]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 4096)]
    key: Given<Secret<String>>,
    /// Its models, as it calls them; it is asked for them if the list is empty.
    #[serde(default)]
    #[schema(max_items = 100)]
    models: Option<Vec<String>>,
}

/// What to try a provider with.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ProviderTest {
    /// The model, as the provider calls it; the first that answers messages if left out.
    #[serde(default)]
    #[schema(min_length = 1, max_length = 200)]
    model: Option<String>,
}

/// What came of trying a provider.
#[derive(Serialize, ToSchema)]
pub(super) struct ProviderTested {
    /// Whether everything that was tried worked.
    ok: bool,
    /// How many models it has; null if it did not say.
    models: Option<u64>,
    /// The model that was asked for an answer; null if there is none.
    model: Option<String>,
    /// Whether it answered.
    answered: bool,
    /// How long it took.
    milliseconds: u64,
    /// The code of what went wrong.
    error: Option<&'static str>,
    /// The same for people.
    message: Option<&'static str>,
}

impl From<Tested> for ProviderTested {
    fn from(tested: Tested) -> Self {
        let Tested { models, model, answered, took, failure } = tested;
        Self {
            ok: failure.is_none(),
            models: models.and_then(|count| count.try_into().ok()),
            model: model.map(|model| model.to_string()),
            answered,
            milliseconds: took.as_millis().try_into().unwrap_or(u64::MAX),
            error: failure.map(|code| code.code),
            message: failure.map(|code| code.message),
        }
    }
}

/// Who may use a model.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ModelVisibility {
    /// The model, `provider/name`.
    #[schema(min_length = 3, max_length = 241)]
    model: String,
    /// The roles that may use it; nobody may with an empty list, and everybody with null.
    #[schema(max_items = 6)]
    roles: Option<Vec<RoleName>>,
}

/// Which models of someone else people may use.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ModelsElsewhere {
    /// `provider/name` or `provider/*`; none with an empty list, and all that the settings allow
    /// with null.
    #[schema(max_items = 200)]
    models: Option<Vec<String>>,
}

fn named(id: &str) -> Result<ProviderId, ProvidersError> {
    id.parse().map_err(|_| ProvidersError::NotFound)
}

/// How all providers are set up, and who may use which model.
#[utoipa::path(get, path = "/api/admin/providers", operation_id = "list_provider_setups",
    tag = "admin", responses((status = 200, body = ProviderSetups)))]
pub(super) async fn list(
    State(providers): State<Providers>,
    Admin(ctx): Admin,
) -> ApiResult<Json<ProviderSetups>> {
    let (listed, elsewhere) = providers.list(&ctx).await?;
    let providers = listed.into_iter().map(ProviderSetup::from).collect();
    Ok(Json(ProviderSetups { providers, elsewhere }))
}

/// Sets up a provider. Every process of this Salus knows it within seconds.
#[utoipa::path(post, path = "/api/providers", operation_id = "add_provider", tag = "admin",
    request_body = ProviderWrite, responses((status = 201, body = ProviderSetup)))]
pub(super) async fn add(
    State(providers): State<Providers>,
    Admin(ctx): Admin,
    Fresh(_proof): Fresh,
    Json(body): Json<ProviderWrite>,
) -> ApiResult<Created<ProviderSetup>> {
    let ProviderWrite { name, kind, url, local, key, models } = body;
    let draft = Draft { name, kind, url, local, key, models };
    Ok(Created(providers.add(&ctx, draft).await?.into()))
}

/// Sets up a provider differently.
#[utoipa::path(patch, path = "/api/providers/{id}", operation_id = "change_provider", tag = "admin",
    params(("id" = String, Path, description = "Its name.")), request_body = ProviderChange,
    responses((status = 200, body = ProviderSetup)))]
pub(super) async fn change(
    State(providers): State<Providers>,
    Admin(ctx): Admin,
    Fresh(_proof): Fresh,
    Path(id): Path<String>,
    Json(body): Json<ProviderChange>,
) -> ApiResult<Json<ProviderSetup>> {
    let ProviderChange { kind, url, local, key, models } = body;
    let change = Change { kind, url, local, key, models };
    Ok(Json(providers.change(&ctx, &named(&id)?, change).await?.into()))
}

/// Removes a provider with its key. Answers that have begun go on.
#[utoipa::path(delete, path = "/api/providers/{id}", operation_id = "remove_provider",
    tag = "admin", params(("id" = String, Path, description = "Its name.")),
    responses((status = 204)))]
pub(super) async fn remove(
    State(providers): State<Providers>,
    Admin(ctx): Admin,
    Fresh(_proof): Fresh,
    Path(id): Path<String>,
) -> ApiResult<NoContent> {
    providers.remove(&ctx, &named(&id)?).await?;
    Ok(NoContent)
}

/// Tries a provider: asks which models it has, and one of them for a short answer. What goes wrong
/// is told in the answer.
#[utoipa::path(post, path = "/api/providers/{id}/test", operation_id = "test_provider",
    tag = "admin", params(("id" = String, Path, description = "Its name.")),
    request_body = ProviderTest, responses((status = 200, body = ProviderTested)))]
pub(super) async fn test(
    State(providers): State<Providers>,
    Admin(ctx): Admin,
    Path(id): Path<String>,
    Json(body): Json<ProviderTest>,
) -> ApiResult<Json<ProviderTested>> {
    let tested = providers.test(&ctx, &named(&id)?, body.model.as_deref()).await?;
    Ok(Json(tested.into()))
}

/// Shows a model to people with some roles, or to everybody.
#[utoipa::path(put, path = "/api/providers/visibility", operation_id = "show_model", tag = "admin",
    request_body = ModelVisibility, responses((status = 204)))]
pub(super) async fn show(
    State(providers): State<Providers>,
    Admin(ctx): Admin,
    Fresh(_proof): Fresh,
    Json(body): Json<ModelVisibility>,
) -> ApiResult<NoContent> {
    let set = |roles: Vec<RoleName>| {
        roles.into_iter().fold(RoleSet::default(), |set, role| set.with(role.into()))
    };
    providers.show(&ctx, &body.model, body.roles.map(set)).await?;
    Ok(NoContent)
}

/// Decides which models of someone else people may use, within what the settings allow.
#[utoipa::path(put, path = "/api/providers/elsewhere", operation_id = "allow_models_elsewhere",
    tag = "admin", request_body = ModelsElsewhere, responses((status = 204)))]
pub(super) async fn allow(
    State(providers): State<Providers>,
    Admin(ctx): Admin,
    Fresh(_proof): Fresh,
    Json(body): Json<ModelsElsewhere>,
) -> ApiResult<NoContent> {
    providers.allow(&ctx, body.models).await?;
    Ok(NoContent)
}
