//! HTTP in and out: cards and what a token could open here, overrides and the sheet beside.

mod overrides;
mod sheet;

use super::{
    CARD_MADE, CARD_REVOKED, CARDS_LISTED, EMERGENCY_OPENED, Emergency, Look, OVERRIDE_APPROVED,
    OVERRIDE_MADE, OVERRIDE_REVIEWED, REVIEWS_LISTED, SHEET_READ, SHEET_REMOVED, SHEET_WRITTEN,
    USES_LISTED,
    cards::{Card, MadeCard, NewCard},
    model::{Class, Classes, Form, TOKEN_HEADER},
};
use crate::error::{
    CONSENT_REQUIRED, EMERGENCY_AWAITS_APPROVAL, EMERGENCY_CARDS_FULL, EMERGENCY_REVIEW_OVERDUE,
    EMERGENCY_TOKEN_INVALID,
};
use audit::AUDIT_UNAVAILABLE;
use axum::{extract::State, middleware::from_fn};
use http::HeaderMap;
use httpkit::{
    Access, ApiResult, Audit, Caller, Contract, Created, Json, LoggedIn, NoContent, OpenApiRouter,
    Path, UnderContract, UtoipaMethodRouterExt, limits, routes,
};
use kernel::{
    Role, Secret, Timestamp, UserId,
    common::{FORBIDDEN, INVALID_CURSOR, NOT_FOUND},
};
use serde::{Deserialize, Serialize};
use std::time::Duration;
use utoipa::ToSchema;
use uuid::Uuid;
use vault::{DATA_ERASED, DATA_UNREADABLE, KEYS_FAULTY, KEYS_UNAVAILABLE};

const HELPERS: &[Role] = &[Role::CrisisResponder, Role::Provider];
const OVERSEERS: &[Role] = &[Role::Admin, Role::Auditor];
const DAY: Duration = Duration::from_hours(24);

macro_rules! errors {
    ($($own:expr),* $(,)?) => {
        &[&AUDIT_UNAVAILABLE, &KEYS_FAULTY, &KEYS_UNAVAILABLE, $(&$own),*]
    };
}

/// The routes of emergency access.
pub fn routes() -> OpenApiRouter<Emergency> {
    let own = |action: &'static audit::Action| Contract::own(action.name());
    let helper = |action: &'static audit::Action| Contract::role(HELPERS, action.name()).step_up();
    let overseer = |action: &'static audit::Action| Contract::role(OVERSEERS, action.name());
    let shown = Audit::Nothing("says what a token could open, and opens nothing");
    let looked = Contract::new(Access::Anonymous, shown)
        .errors(&[&EMERGENCY_AWAITS_APPROVAL, &EMERGENCY_TOKEN_INVALID]);
    let seen = own(&USES_LISTED).errors(errors![DATA_ERASED, DATA_UNREADABLE, INVALID_CURSOR]);
    let decided = overseer(&OVERRIDE_REVIEWED).errors(errors![FORBIDDEN, NOT_FOUND]);
    let approved = helper(&OVERRIDE_APPROVED).errors(errors![FORBIDDEN, NOT_FOUND]);
    let made =
        helper(&OVERRIDE_MADE).errors(errors![DATA_ERASED, EMERGENCY_REVIEW_OVERDUE, NOT_FOUND]);
    let unreadable = errors![CONSENT_REQUIRED, DATA_ERASED, DATA_UNREADABLE];
    let opened = Contract::anonymous(EMERGENCY_OPENED.name()).errors(errors![
        DATA_ERASED,
        DATA_UNREADABLE,
        EMERGENCY_AWAITS_APPROVAL,
        EMERGENCY_TOKEN_INVALID,
        NOT_FOUND,
    ]);
    OpenApiRouter::new()
        .routes(routes!(sheet::read).under(&own(&SHEET_READ).errors(unreadable)))
        .routes(routes!(sheet::write).under(&own(&SHEET_WRITTEN).errors(unreadable)))
        .routes(routes!(sheet::remove).under(&own(&SHEET_REMOVED).errors(errors![])))
        .routes(routes!(sheet::open).under(&opened).layer(from_fn(limits::login)))
        .routes(routes!(make_card).under(&own(&CARD_MADE).errors(errors![EMERGENCY_CARDS_FULL])))
        .routes(routes!(list_cards).under(&own(&CARDS_LISTED).errors(errors![])))
        .routes(routes!(revoke_card).under(&own(&CARD_REVOKED).errors(errors![NOT_FOUND])))
        .routes(routes!(overrides::list_uses).under(&seen))
        .routes(routes!(look).under(&looked).layer(from_fn(limits::login)))
        .routes(routes!(overrides::make_override).under(&made))
        .routes(routes!(overrides::approve_override).under(&approved))
        .routes(
            routes!(overrides::list_reviews)
                .under(&overseer(&REVIEWS_LISTED).errors(errors![INVALID_CURSOR])),
        )
        .routes(routes!(overrides::review).under(&decided))
}

/// Making a card.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct CardRequest {
    /// What whoever shows the card may see: allergies, medications, conditions, contacts.
    #[schema(min_items = 1, max_items = 8)]
    classes: Vec<Class>,
    /// Days that it is good, 1 to 730; 365 if left out.
    #[schema(minimum = 1, maximum = 730)]
    days: Option<u16>,
    /// How often it can be used, 1 to 100; 20 if left out.
    #[schema(minimum = 1, maximum = 100)]
    max_uses: Option<u16>,
}

/// An emergency card.
#[derive(Serialize, ToSchema)]
struct CardView {
    /// Names it.
    id: Uuid,
    /// What it opens.
    classes: Vec<Class>,
    /// When it was made.
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    /// When it ends.
    #[schema(value_type = String, format = DateTime)]
    expires_at: Timestamp,
    /// How often it can be used.
    max_uses: u16,
    /// How often it was used.
    uses: u16,
}

impl From<Card> for CardView {
    fn from(card: Card) -> Self {
        let Card { id, classes, created_at, expires_at, max_uses, uses } = card;
        let classes = classes.iter().collect();
        Self { id, classes, created_at, expires_at, max_uses, uses }
    }
}

/// A new card, with its secret: it is shown this once.
#[derive(Serialize, ToSchema)]
struct MadeCardView {
    /// The card.
    #[serde(flatten)]
    card: CardView,
    /// What the card bears, as a picture or a chip; goes into `Emergency-Access-Token`.
    token: String,
}

/// The cards that can still be used; ten at most.
#[derive(Serialize, ToSchema)]
struct CardsView {
    /// Newest first.
    items: Vec<CardView>,
}

/// Makes an emergency card: whoever shows it may see what is on it, without a log-in.
#[utoipa::path(post, path = "/api/emergency/cards", operation_id = "make_emergency_card",
    tag = "emergency", request_body = CardRequest,
    responses((status = 201, body = MadeCardView)))]
async fn make_card(
    State(emergency): State<Emergency>,
    LoggedIn(ctx): LoggedIn,
    Json(request): Json<CardRequest>,
) -> ApiResult<Created<MadeCardView>> {
    let new = NewCard {
        classes: request.classes.into_iter().collect(),
        life: request.days.map(|days| DAY * u32::from(days)),
        max_uses: request.max_uses.unwrap_or(20),
    };
    let MadeCard { card, token } = emergency.make_card(&ctx, &new).await?;
    // EXPOSE: the person has to get what goes on the card.
    let token = token.expose().clone();
    Ok(Created(MadeCardView { card: card.into(), token }))
}

/// The person's emergency cards.
#[utoipa::path(get, path = "/api/emergency/cards", operation_id = "list_emergency_cards",
    tag = "emergency", responses((status = 200, body = CardsView)))]
async fn list_cards(
    State(emergency): State<Emergency>,
    LoggedIn(ctx): LoggedIn,
) -> ApiResult<Json<CardsView>> {
    let items = emergency.cards(&ctx).await?.into_iter().map(CardView::from).collect();
    Ok(Json(CardsView { items }))
}

/// Takes an emergency card back.
#[utoipa::path(delete, path = "/api/emergency/cards/{id}", operation_id = "revoke_emergency_card",
    tag = "emergency", params(("id" = Uuid, Path, description = "The card.")),
    responses((status = 204)))]
async fn revoke_card(
    State(emergency): State<Emergency>,
    LoggedIn(ctx): LoggedIn,
    Path(id): Path<Uuid>,
) -> ApiResult<NoContent> {
    emergency.revoke_card(&ctx, id).await?;
    Ok(NoContent)
}

/// What a token opens.
#[derive(Serialize, ToSchema)]
struct ScopeView {
    /// A card or an override.
    form: Form,
    /// Whose data it opens.
    #[schema(value_type = Uuid)]
    user_id: UserId,
    /// What it opens.
    classes: Vec<Class>,
    /// Until when.
    #[schema(value_type = String, format = DateTime)]
    expires_at: Timestamp,
}

/// What the token in `Emergency-Access-Token` opens, without opening it.
#[utoipa::path(get, path = "/api/emergency/scope", operation_id = "emergency_scope",
    tag = "emergency",
    params(("Emergency-Access-Token" = Option<String>, Header, description = "The token.")),
    responses((status = 200, body = ScopeView)))]
async fn look(
    State(emergency): State<Emergency>,
    Caller(ctx): Caller,
    headers: HeaderMap,
) -> ApiResult<Json<ScopeView>> {
    let found = emergency.look(&ctx, &shown_token(&headers)).await?;
    let Look { form, user, classes, expires_at } = found;
    let classes = Classes::iter(classes).collect();
    Ok(Json(ScopeView { form, user_id: user, classes, expires_at }))
}

/// The token that the request shows; an empty one, which opens nothing, if it shows none.
fn shown_token(headers: &HeaderMap) -> Secret<String> {
    let token = headers.get(TOKEN_HEADER).and_then(|value| value.to_str().ok());
    Secret::new(token.unwrap_or_default().to_owned())
}
