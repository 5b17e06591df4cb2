//! HTTP in and out: which models there are for people, and how administrators set up providers.

mod admin;
mod people;

use crate::{
    error::{
        PROVIDER_FIXED, PROVIDER_INVALID, PROVIDER_NAME_TAKEN, PROVIDER_NOT_FOUND, PROVIDERS_FULL,
    },
    service::{
        MODEL_SHOWN, PROVIDER_ADDED, PROVIDER_CHANGED, PROVIDER_REMOVED, PROVIDER_TESTED,
        PROVIDERS_LISTED, Providers, REACH_SET,
    },
};
use audit::AUDIT_UNAVAILABLE;
use axum::middleware::from_fn;
use httpkit::{
    Access, Audit, Contract, OpenApiRouter, UnderContract, UtoipaMethodRouterExt, limits, routes,
};
use kernel::Role;
use vault::{DATA_ERASED, DATA_UNREADABLE, KEYS_FAULTY, KEYS_UNAVAILABLE};

/// The codes of an operation, and those of everything that opens and records something.
macro_rules! errors {
    ($($own:expr),* $(,)?) => {
        &[
            &AUDIT_UNAVAILABLE, &DATA_ERASED, &DATA_UNREADABLE, &KEYS_FAULTY, &KEYS_UNAVAILABLE,
            $(&$own),*
        ]
    };
}

const ADMINS: &[Role] = &[Role::Admin];
const PUBLIC: Audit = Audit::Nothing("tells of models, not of people");

/// The routes of this crate.
pub fn routes() -> OpenApiRouter<Providers> {
    let admin = |action: &'static audit::Action| Contract::role(ADMINS, action.name());
    let about_models = Contract::new(Access::Own, PUBLIC);
    let add = admin(&PROVIDER_ADDED)
        .errors(errors![PROVIDER_INVALID, PROVIDER_NAME_TAKEN, PROVIDERS_FULL])
        .step_up();
    let change = admin(&PROVIDER_CHANGED)
        .errors(errors![PROVIDER_FIXED, PROVIDER_INVALID, PROVIDER_NOT_FOUND])
        .step_up();
    let remove =
        admin(&PROVIDER_REMOVED).errors(errors![PROVIDER_FIXED, PROVIDER_NOT_FOUND]).step_up();
    let test = admin(&PROVIDER_TESTED).errors(errors![PROVIDER_INVALID, PROVIDER_NOT_FOUND]);
    let rule = |action| admin(action).errors(errors![PROVIDER_INVALID]).step_up();
    OpenApiRouter::new()
        .routes(routes!(people::list).under(&about_models))
        .routes(routes!(people::health).under(&about_models).layer(from_fn(limits::costly)))
        .routes(routes!(admin::list).under(&admin(&PROVIDERS_LISTED).errors(errors![])))
        .routes(routes!(admin::add).under(&add).layer(from_fn(limits::costly)))
        .routes(routes!(admin::change).under(&change).layer(from_fn(limits::costly)))
        .routes(routes!(admin::remove).under(&remove))
        .routes(routes!(admin::test).under(&test).layer(from_fn(limits::costly)))
        .routes(routes!(admin::show).under(&rule(&MODEL_SHOWN)))
        .routes(routes!(admin::allow).under(&rule(&REACH_SET)))
}
