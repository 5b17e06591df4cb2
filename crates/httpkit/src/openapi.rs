//! What an operation promises, written next to its route and read from the API document.
//!
//! A slice gives each operation a [`Contract`]: who may call it, what the ledger records, which
//! errors of its own it answers with. From it follow the error responses, the security schemes
//! and the `x-` fields that coverage tests walk, so that none of these can be forgotten.

mod document;

pub use document::{Facts, document, facts, idempotent_paths, to_json};
pub use utoipa_axum::{
    router::{OpenApiRouter, UtoipaMethodRouterExt},
    routes,
};

use crate::{
    codes::{
        ADMIN_REQUIRED, AUTH_AMBIGUOUS, CSRF_INVALID, IDEMPOTENCY_IN_PROGRESS,
        IDEMPOTENCY_KEY_INVALID, IDEMPOTENCY_KEY_REUSED, PRECONDITION_REQUIRED, SESSION_EXPIRED,
        STEP_UP_REQUIRED, UNSUPPORTED_MEDIA_TYPE, USER_INACTIVE, VERSION_STALE, status_of,
    },
    error::ErrorBody,
};
use kernel::{ErrorCode, Role, common};
use std::collections::{BTreeMap, BTreeSet};
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{
        Content, ObjectBuilder, RefOr, Required, ResponseBuilder, SecurityRequirement, Type,
        extensions::Extensions,
        path::{Operation, Parameter, ParameterBuilder, ParameterIn, PathItem},
    },
};
use utoipa_axum::router::UtoipaMethodRouter;

/// Who may call an operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Anyone, logged in or not.
    Anonymous,
    /// People who are logged in, about what is theirs or was granted to them.
    Own,
    /// People with at least one of these roles.
    Role(&'static [Role]),
    /// Whoever runs the installation; not for the open network.
    Operator,
}

impl Access {
    fn text(self) -> String {
        match self {
            Self::Anonymous => "anonymous".to_owned(),
            Self::Own => "own".to_owned(),
            Self::Operator => "operator".to_owned(),
            Self::Role(roles) => {
                let names: Vec<_> = roles.iter().map(|role| role.name()).collect();
                format!("role:{}", names.join("|"))
            }
        }
    }
}

/// What the ledger records of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Audit {
    /// The action of this name.
    Action(&'static str),
    /// Nothing, for this reason.
    Nothing(&'static str),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum IfMatch {
    Unused,
    Optional,
    Required,
}

/// What an operation promises.
#[derive(Debug, Clone, Copy)]
pub struct Contract {
    access: Access,
    audit: Audit,
    errors: &'static [&'static ErrorCode],
    if_match: IfMatch,
    idempotent: bool,
    step_up: bool,
    foreign: bool,
}

impl Contract {
    /// An operation for these callers that leaves this in the ledger.
    #[must_use]
    pub const fn new(access: Access, audit: Audit) -> Self {
        let if_match = IfMatch::Unused;
        let (idempotent, step_up, foreign) = (false, false, false);
        Self { access, audit, errors: &[], if_match, idempotent, step_up, foreign }
    }

    /// For people who are logged in, recorded under this action.
    #[must_use]
    pub const fn own(action: &'static str) -> Self {
        Self::new(Access::Own, Audit::Action(action))
    }

    /// For anyone, recorded under this action.
    #[must_use]
    pub const fn anonymous(action: &'static str) -> Self {
        Self::new(Access::Anonymous, Audit::Action(action))
    }

    /// For people with one of these roles, recorded under this action.
    #[must_use]
    pub const fn role(roles: &'static [Role], action: &'static str) -> Self {
        Self::new(Access::Role(roles), Audit::Action(action))
    }

    /// It answers with these codes of its own. Those of the edge come by themselves.
    #[must_use]
    pub const fn errors(mut self, errors: &'static [&'static ErrorCode]) -> Self {
        self.errors = errors;
        self
    }

    /// It changes a version that `If-Match` may name.
    #[must_use]
    pub const fn if_match_optional(mut self) -> Self {
        self.if_match = IfMatch::Optional;
        self
    }

    /// It changes a version that `If-Match` must name.
    #[must_use]
    pub const fn if_match_required(mut self) -> Self {
        self.if_match = IfMatch::Required;
        self
    }

    /// It can be repeated safely under one `Idempotency-Key`. The router needs the layer of
    /// [`crate::idempotency`].
    #[must_use]
    pub const fn idempotent(mut self) -> Self {
        self.idempotent = true;
        self
    }

    /// It wants a fresh proof of who asks; its handler takes [`crate::Fresh`] or [`crate::FreshMfa`].
    #[must_use]
    pub const fn step_up(mut self) -> Self {
        self.step_up = true;
        self
    }

    /// It is below `/v1`: made for clients of someone else's API, who show a key and read failures
    /// in that API's words.
    #[must_use]
    pub const fn foreign(mut self) -> Self {
        self.foreign = true;
        self
    }

    fn needs_login(&self) -> bool {
        matches!(self.access, Access::Own | Access::Role(_))
    }

    /// Every code that the operation can be answered with.
    fn codes(&self, unsafe_method: bool, operation: &Operation) -> Vec<&'static ErrorCode> {
        let mut codes: Vec<&ErrorCode> = self.errors.to_vec();
        let mut add = |when: bool, more: &[&'static ErrorCode]| {
            codes.extend(more.iter().filter(|_| when));
        };
        let has = |wanted: ParameterIn| has_parameter(operation, &wanted);
        let body = operation.request_body.is_some();
        let admin_only = self.access == Access::Role(&[Role::Admin]);
        let other_role = matches!(self.access, Access::Role(_)) && !admin_only;
        add(true, &[&common::INTERNAL, &common::TIMEOUT, &common::UNAVAILABLE]);
        add(self.access != Access::Operator, &[&common::RATE_LIMITED]);
        add(
            self.needs_login(),
            &[&common::AUTH_REQUIRED, &SESSION_EXPIRED, &USER_INACTIVE, &AUTH_AMBIGUOUS],
        );
        add(unsafe_method, &[&CSRF_INVALID]);
        add(admin_only, &[&ADMIN_REQUIRED]);
        add(other_role, &[&common::FORBIDDEN]);
        let role = matches!(self.access, Access::Role(_));
        add(self.step_up || role, &[&STEP_UP_REQUIRED]);
        add(body, &[&common::INVALID_REQUEST, &common::TOO_LARGE, &UNSUPPORTED_MEDIA_TYPE]);
        add(has(ParameterIn::Query), &[&common::INVALID_REQUEST]);
        add(has(ParameterIn::Path), &[&common::INVALID_ID]);
        add(self.if_match != IfMatch::Unused, &[&common::INVALID_REQUEST, &VERSION_STALE]);
        add(self.if_match == IfMatch::Required, &[&PRECONDITION_REQUIRED]);
        add(
            self.idempotent,
            &[&IDEMPOTENCY_IN_PROGRESS, &IDEMPOTENCY_KEY_INVALID, &IDEMPOTENCY_KEY_REUSED],
        );
        codes
    }

    fn apply(&self, unsafe_method: bool, operation: &mut Operation) {
        let codes = self.codes(unsafe_method, operation);
        add_responses(operation, &codes, self.foreign);
        self.add_headers(operation);
        operation.security = Some(self.security(unsafe_method));
        let names: BTreeSet<&str> = codes.iter().map(|code| code.code).collect();
        let audit = match self.audit {
            Audit::Action(action) => action.to_owned(),
            Audit::Nothing(why) => format!("none: {why}"),
        };
        let own = Extensions::from_iter([
            ("x-access", serde_json::Value::from(self.access.text())),
            ("x-audit", audit.into()),
            ("x-error-codes", names.into_iter().collect::<Vec<_>>().into()),
            ("x-step-up", self.step_up.into()),
        ]);
        operation.extensions.get_or_insert_default().merge(own);
    }

    fn security(&self, unsafe_method: bool) -> Vec<SecurityRequirement> {
        if !self.needs_login() {
            return Vec::new();
        }
        let none: [&str; 0] = [];
        if self.foreign {
            return vec![SecurityRequirement::new("key", none)];
        }
        let cookie = SecurityRequirement::new("cookie", none);
        let cookie = if unsafe_method { cookie.add("csrf", none) } else { cookie };
        vec![SecurityRequirement::new("bearer", none), cookie]
    }

    fn add_headers(&self, operation: &mut Operation) {
        let mut add = |name, about, required| {
            let parameters = operation.parameters.get_or_insert_default();
            parameters.push(RefOr::T(header(name, about, required)));
        };
        if self.idempotent {
            let about = "Makes it safe to send this request again: the first answer is repeated.";
            add(IDEMPOTENCY_KEY, about, Required::False);
        }
        let about = "The ETag of the version to be changed.";
        match self.if_match {
            IfMatch::Unused => {}
            IfMatch::Optional => add("If-Match", about, Required::False),
            IfMatch::Required => add("If-Match", about, Required::True),
        }
    }
}

/// The header as the document names it.
const IDEMPOTENCY_KEY: &str = "Idempotency-Key";

fn has_parameter(operation: &Operation, wanted: &ParameterIn) -> bool {
    operation.parameters.iter().flatten().any(|parameter| match parameter {
        RefOr::T(parameter) => parameter.parameter_in == *wanted,
        RefOr::Ref(_) => true,
    })
}

fn header(name: &str, about: &str, required: Required) -> Parameter {
    ParameterBuilder::new()
        .name(name)
        .parameter_in(ParameterIn::Header)
        .required(required)
        .description(Some(about))
        .schema(Some(ObjectBuilder::new().schema_type(Type::String)))
        .build()
}

fn add_responses(operation: &mut Operation, codes: &[&'static ErrorCode], foreign: bool) {
    let mut by_status: BTreeMap<u16, BTreeMap<&str, &str>> = BTreeMap::new();
    for code in codes {
        by_status.entry(status_of(code).as_u16()).or_default().insert(code.code, code.message);
    }
    for (status, codes) in by_status {
        let lines: Vec<_> =
            codes.iter().map(|(code, message)| format!("`{code}`: {message}")).collect();
        // The body of all others is the same: the document as a whole adds it. Here it would be
        // made at each start, by a program that only serves.
        let body = foreign.then(|| {
            let object = ObjectBuilder::new().schema_type(Type::Object);
            Content::new(Some(object.property("error", ObjectBuilder::new()).required("error")))
        });
        let response = ResponseBuilder::new().description(lines.join("\n\n"));
        let response = match body {
            Some(body) => response.content("application/json", body).build(),
            None => response.build(),
        };
        let responses = &mut operation.responses.responses;
        responses.entry(status.to_string()).or_insert(RefOr::T(response));
    }
}

/// Puts a route under its contract.
pub trait UnderContract {
    /// The same route, documented. One operation per `routes!`, so that each has its own.
    #[must_use]
    fn under(self, contract: &Contract) -> Self;
}

impl<S, E> UnderContract for UtoipaMethodRouter<S, E> {
    fn under(mut self, contract: &Contract) -> Self {
        for item in self.1.paths.values_mut() {
            for (unsafe_method, operation) in operations_mut(item) {
                contract.apply(unsafe_method, operation);
            }
        }
        self.0.push((ErrorBody::name().into_owned(), ErrorBody::schema()));
        self
    }
}

/// The operations of a path, and whether each changes something.
fn operations_mut(item: &mut PathItem) -> impl Iterator<Item = (bool, &mut Operation)> {
    [
        (false, &mut item.get),
        (false, &mut item.head),
        (false, &mut item.options),
        (true, &mut item.post),
        (true, &mut item.put),
        (true, &mut item.patch),
        (true, &mut item.delete),
    ]
    .into_iter()
    .filter_map(|(unsafe_method, operation)| Some((unsafe_method, operation.as_mut()?)))
}
