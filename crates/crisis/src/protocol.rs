//! The protocol of crisis care, for everybody to read: what is noticed, what follows, who reads it.

use crate::look::Lookout;
use axum::extract::State;
use httpkit::{ApiResult, Json};
use serde::Serialize;
use std::sync::Arc;
use utoipa::ToSchema;

/// How people in danger are noticed and answered here.
#[derive(Serialize, ToSchema)]
#[schema(as = CrisisProtocol)]
pub(crate) struct Protocol {
    /// What happens, in order.
    steps: Vec<&'static str>,
    /// What this is not.
    limits: Vec<&'static str>,
    /// From which level on help is put within reach.
    support_from: f32,
    /// From which level on help comes first.
    alert_from: f32,
    /// From which level on danger seems to be now.
    imminent_from: f32,
    /// Counts up whenever the fixed answers or their policy change.
    answers_version: u32,
    /// Where the contents come from, and whether a clinician has looked at them.
    contents: Vec<ContentView>,
}

/// A part of the contents of care.
#[derive(Serialize, ToSchema)]
#[schema(as = CrisisProtocolContent)]
struct ContentView {
    /// What it is.
    content: String,
    /// Who reviewed it, or that nobody has.
    reviewer: String,
    /// The day of the review.
    reviewed: Option<String>,
}

const STEPS: &[&str] = &[
    "Every message to the companion, and what is written in the journal, check-ins, questionnaires \
     and forms, is looked at by fixed rules on this server before anything else happens to it.",
    "Where help should be in reach, crisis lines and a gentle question stand beside the answer. \
     Where help comes first, a fixed, reviewable answer with emergency numbers and crisis lines is \
     the whole answer, and no model is asked.",
    "An answer in a questionnaire that speaks of suicide, and an urge that is rated high, are \
     answered the same way, whatever the total says.",
    "That an AI program answers is said where a conversation begins and at least every three hours \
     while it goes on, then with the suggestion of a break. Everybody is told so: nobody is asked \
     for their age.",
    "One \"no\" does not end it: the help stays in reach.",
    "Where an installation has set it up, a model reads again, for people who agreed to models, what \
     the rules saw no alert in. It can only add help, nothing waits for it, and its words are never \
     shown: the answer is the fixed one.",
    "Nobody is told unless the person asks for a human. Then the crisis team reads what the person \
     wrote for them, and nothing else. Where a pager of the team is set up, it hears of a pseudonym, \
     how serious it looks, the names of rules and a time: never of a word or a name.",
    "For yearly reports it is counted how often help was shown, in conversations, the journal, \
     check-ins, questionnaires, forms and where words are only looked at, without a person, a rule \
     or a word. Counts below eleven are left out.",
];

const LIMITS: &[&str] = &[
    "It is no therapy, no diagnosis, no prediction and no emergency service.",
    "It misses danger, and it sees danger where there is none. How often on our own examples is in \
     the document docs/security/crisis-report.md of the program.",
    "You are talking to a program, not to a person.",
];

/// How people in danger are noticed and answered here
///
/// For everybody, logged in or not.
#[utoipa::path(get, path = "/api/crisis/protocol", operation_id = "crisis_protocol",
    tag = "crisis", responses((status = 200, body = Protocol)))]
pub(crate) async fn protocol(State(lookout): State<Arc<Lookout>>) -> ApiResult<Json<Protocol>> {
    let content = |one: &care::Provenance| ContentView {
        content: one.content.clone(),
        reviewer: one.reviewer.clone(),
        reviewed: one.reviewed.clone(),
    };
    let care = lookout.care();
    Ok(Json(Protocol {
        steps: STEPS.to_vec(),
        limits: LIMITS.to_vec(),
        support_from: crisis_engine::SUPPORT,
        alert_from: crisis_engine::ALERT,
        imminent_from: crisis_engine::IMMINENT,
        answers_version: care.responses.version(),
        contents: care.provenance().map(content).collect(),
    }))
}
