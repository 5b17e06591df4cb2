//! The ledger, for those who look after the installation: pseudonyms, no names.

mod export;

use crate::{
    actions::{LEDGER_DOWNLOADED, LEDGER_LISTED, LEDGER_PROVED},
    api::{IdentityApi, views::private},
    error::IdentityError,
    service::LedgerFilter,
};
use audit::{ActorRef, ByOrAbout, Entry, EventId, Filter, Outcome, Pseudonym, Record, Word};
use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use http::{HeaderValue, header::CONTENT_TYPE};
use httpkit::{
    ApiResult, Contract, Json, OpenApiRouter, Overseer, Path, Query, UnderContract, routes,
};
use kernel::{Cursor, PageSize, Role, TenantId, Timestamp, common};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// Who may look at the ledger.
const OVERSEERS: &[Role] = &[Role::Admin, Role::Auditor];

pub(super) fn routes() -> OpenApiRouter<IdentityApi> {
    let list = Contract::role(OVERSEERS, LEDGER_LISTED.name());
    let prove = Contract::role(OVERSEERS, LEDGER_PROVED.name());
    let download = Contract::role(OVERSEERS, LEDGER_DOWNLOADED.name()).step_up();
    OpenApiRouter::new()
        .routes(routes!(list_events).under(&list.errors(&[&common::INVALID_CURSOR])))
        .routes(routes!(export::export_events).under(&download))
        .routes(routes!(prove_event).under(&prove.errors(&[&common::NOT_FOUND])))
}

/// How something ended.
#[derive(Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum OutcomeName {
    /// It was done.
    Success,
    /// It was refused.
    Denied,
    /// It was allowed and went wrong.
    Failed,
}

impl From<OutcomeName> for Outcome {
    fn from(name: OutcomeName) -> Self {
        match name {
            OutcomeName::Success => Self::Success,
            OutcomeName::Denied => Self::Denied,
            OutcomeName::Failed => Self::Failed,
        }
    }
}

/// Which entries, and which page of them.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct LedgerQuery {
    /// Only of this kind: `identity.session.login`.
    #[param(max_length = 64)]
    action: Option<String>,
    /// Only of kinds that begin so: `identity.`.
    #[param(max_length = 64)]
    area: Option<String>,
    /// Only what ended so.
    #[param(inline)]
    outcome: Option<OutcomeName>,
    /// Only by the person with this pseudonym.
    #[param(min_length = 32, max_length = 32)]
    actor: Option<String>,
    /// Only about the person with this pseudonym; not beside `actor`.
    #[param(min_length = 32, max_length = 32)]
    subject: Option<String>,
    /// Not before this moment.
    #[param(value_type = Option<String>, format = DateTime)]
    from: Option<Timestamp>,
    /// Before this moment.
    #[param(value_type = Option<String>, format = DateTime)]
    to: Option<Timestamp>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
    /// How many items, 1 to 100; what lies outside is brought inside. 20 if left out.
    #[param(value_type = Option<u64>)]
    limit: Option<u32>,
}

impl LedgerQuery {
    fn read(self) -> Result<(LedgerFilter, (Option<Cursor>, PageSize)), IdentityError> {
        let Self { action, area, outcome, actor, subject, from, to, cursor, limit } = self;
        let filter = Wanted { action, area, outcome, actor, subject, from, to }.filter()?;
        let after = cursor.as_deref().map(str::parse).transpose()?;
        Ok((filter, (after, limit.map_or_else(PageSize::default, PageSize::clamped))))
    }
}

/// Which entries, as pages and files are asked for.
struct Wanted {
    action: Option<String>,
    area: Option<String>,
    outcome: Option<OutcomeName>,
    actor: Option<String>,
    subject: Option<String>,
    from: Option<Timestamp>,
    to: Option<Timestamp>,
}

impl Wanted {
    fn filter(self) -> Result<LedgerFilter, IdentityError> {
        let word = |text: Option<String>, problem: &'static str| {
            text.map(Word::new).transpose().map_err(|_| IdentityError::Field(problem))
        };
        let person = match (self.actor.as_deref(), self.subject.as_deref()) {
            (None, None) => None,
            (Some(actor), None) => Some(ByOrAbout::By(pseudonym(actor, "actor: a pseudonym")?)),
            (None, Some(subject)) => {
                Some(ByOrAbout::About(pseudonym(subject, "subject: a pseudonym")?))
            }
            (Some(_), Some(_)) => return Err(IdentityError::Field("subject: not beside actor")),
        };
        let found = Filter {
            tenant: Some(TenantId::DEFAULT),
            person,
            action: word(self.action, "action: the name of an action")?,
            area: word(self.area, "area: the beginning of names of actions")?,
            from: self.from,
            to: self.to,
        };
        Ok(LedgerFilter { found, outcome: self.outcome.map(Outcome::from) })
    }
}

/// 16 bytes as 32 hexadecimal digits, the way entries show them.
fn pseudonym(text: &str, problem: &'static str) -> Result<Pseudonym, IdentityError> {
    let digits = text.len() == 32 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    let number = u128::from_str_radix(text, 16).ok().filter(|_| digits);
    let number = number.ok_or(IdentityError::Field(problem))?;
    Ok(Pseudonym(number.to_be_bytes()))
}

/// Who did something.
#[derive(Serialize, ToSchema)]
#[schema(as = LedgerActor)]
struct ActorView {
    /// `anonymous`, `person`, `system` or `operator`.
    kind: &'static str,
    /// Stands for the person.
    #[serde(skip_serializing_if = "Option::is_none")]
    reference: Option<String>,
    /// The rights the person had.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Vec<String>>)]
    roles: Option<Vec<Role>>,
    /// `single` or `mfa`: how surely the person was recognised.
    #[serde(skip_serializing_if = "Option::is_none")]
    acr: Option<&'static str>,
    /// The job that the program did.
    #[serde(skip_serializing_if = "Option::is_none")]
    job: Option<String>,
}

impl From<&ActorRef> for ActorView {
    fn from(actor: &ActorRef) -> Self {
        let none = Self { kind: "anonymous", reference: None, roles: None, acr: None, job: None };
        match actor {
            ActorRef::Anonymous => none,
            ActorRef::Operator => Self { kind: "operator", ..none },
            ActorRef::System { job } => Self { kind: "system", job: Some(job.to_string()), ..none },
            ActorRef::Person { reference, roles, acr } => Self {
                kind: "person",
                reference: Some(reference.to_string()),
                roles: Some(roles.iter().collect()),
                acr: Some(acr.name()),
                ..none
            },
        }
    }
}

/// An entry of the ledger, without what is sealed for the people it is about.
#[derive(Serialize, ToSchema)]
#[schema(as = LedgerEntry)]
struct EntryView {
    /// Its place in the ledger.
    seq: u64,
    /// Its id, to ask for a proof with.
    #[schema(value_type = uuid::Uuid)]
    event: EventId,
    /// When it happened.
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
    /// Who did it.
    actor: ActorView,
    /// Stands for the person whose data it is about.
    subject: String,
    /// What was done.
    action: String,
    /// The kind of thing it was done to.
    resource_type: String,
    /// Stands for the thing it was done to.
    #[serde(skip_serializing_if = "Option::is_none")]
    resource: Option<String>,
    /// Why data was used.
    purpose: String,
    /// `success`, `denied` or `failed`.
    outcome: &'static str,
    /// The stable code of a refusal or failure.
    #[serde(skip_serializing_if = "String::is_empty")]
    reason: String,
    /// Whether an emergency was claimed.
    break_glass: bool,
    /// The request it was part of.
    request_id: String,
}

impl From<&Record> for EntryView {
    fn from(Record { seq, entry }: &Record) -> Self {
        let Entry { event, at, actor, subject, action, resource_type, .. } = entry;
        Self {
            seq: *seq,
            event: *event,
            at: *at,
            actor: ActorView::from(actor),
            subject: subject.to_string(),
            action: action.to_string(),
            resource_type: resource_type.to_string(),
            resource: entry.resource.map(|resource| resource.to_string()),
            purpose: entry.purpose.to_string(),
            outcome: entry.outcome.name(),
            reason: entry.reason.to_string(),
            break_glass: entry.break_glass,
            request_id: entry.request_id.to_string(),
        }
    }
}

/// A page of entries, newest first. It may hold fewer than asked for; there are more as long as
/// it names a next one.
#[derive(Serialize, ToSchema)]
struct LedgerPage {
    /// The entries.
    items: Vec<EntryView>,
    /// For the next page.
    #[serde(skip_serializing_if = "Option::is_none")]
    next_cursor: Option<String>,
}

/// Entries of the ledger, newest first. People stand there as pseudonyms.
#[utoipa::path(get, path = "/api/admin/audit", operation_id = "list_events", tag = "admin",
    params(LedgerQuery), responses((status = 200, body = LedgerPage)))]
async fn list_events(
    State(api): State<IdentityApi>,
    Overseer(ctx): Overseer,
    Query(query): Query<LedgerQuery>,
) -> ApiResult<Response> {
    let (filter, page) = query.read()?;
    let page = api.identity.ledger(&ctx, &filter, page).await?;
    let view = LedgerPage {
        items: page.items.iter().map(EntryView::from).collect(),
        next_cursor: page.next.map(|cursor| cursor.to_string()),
    };
    Ok(private(Json(view).into_response()))
}

/// A proof to take away that an event is in the ledger; `salus audit` and any other program that
/// knows the format `c2sp.org/tlog-proof` checks it without this server.
#[utoipa::path(get, path = "/api/admin/audit/{event_id}/proof", operation_id = "prove_event",
    tag = "admin", params(("event_id" = uuid::Uuid, Path, description = "The event.")),
    responses((status = 200, body = String, content_type = "text/plain")))]
async fn prove_event(
    State(api): State<IdentityApi>,
    Overseer(ctx): Overseer,
    Path(event): Path<EventId>,
) -> ApiResult<Response> {
    let proof = api.identity.ledger_proof(&ctx, event).await?;
    let kind = HeaderValue::from_static("text/plain; charset=utf-8");
    Ok(private(([(CONTENT_TYPE, kind)], proof).into_response()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_pseudonym_reads_back_what_it_shows(bytes: [u8; 16]) {
            let shown = Pseudonym(bytes).to_string();
            prop_assert_eq!(pseudonym(&shown, "").unwrap(), Pseudonym(bytes));
        }

        #[test]
        fn what_is_no_pseudonym_is_refused(text in "[+g-z ]?[0-9a-f]{0,31}") {
            prop_assert!(pseudonym(&text, "").is_err());
        }
    }
}
