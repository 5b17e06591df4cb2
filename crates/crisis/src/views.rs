//! What an answer of crisis care looks like to clients.

use care::{
    hotlines::{Directory, Help, Line},
    responses::{Action, Place, Response},
};
use serde::Serialize;
use utoipa::ToSchema;

/// A fixed answer.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[schema(as = CrisisResponse)]
pub struct FixedAnswer {
    /// The answer.
    pub text: String,
    /// What stands below it, smaller.
    pub footer: String,
    /// What can be done with one tap, most important first.
    pub actions: Vec<String>,
    /// Exercises that are offered, by name.
    pub steps: Vec<String>,
}

impl From<&Response> for FixedAnswer {
    fn from(response: &Response) -> Self {
        Self {
            text: response.text(Place::Body),
            footer: response.text(Place::Footer),
            actions: response
                .actions
                .iter()
                .map(|action| action_name(*action).to_owned())
                .collect(),
            steps: response.steps.clone(),
        }
    }
}

const fn action_name(action: Action) -> &'static str {
    match action {
        Action::CallEmergency => "call_emergency",
        Action::ShowResources => "show_resources",
        Action::OpenSafetyPlan => "open_safety_plan",
        Action::ContactTrusted => "contact_trusted",
        Action::AskAResponder => "ask_a_responder",
        Action::OfferSteps => "offer_steps",
        Action::NotWhatIMeant => "not_what_i_meant",
        Action::KeepTalking => "keep_talking",
        Action::CheckInLater => "check_in_later",
    }
}

/// A crisis line.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[schema(as = CrisisLine)]
pub struct LineView {
    /// Its stable name.
    pub id: String,
    /// What it calls itself.
    pub name: String,
    /// The number to call.
    pub call: Option<String>,
    /// The number to text.
    pub text: Option<String>,
    /// The word to text first.
    pub keyword: Option<String>,
    /// The number to write to with WhatsApp.
    pub whatsapp: Option<String>,
    /// Where to chat.
    pub chat: Option<String>,
    /// What to know before calling.
    pub note: Option<String>,
    /// When it is open.
    pub hours: String,
    /// The languages it answers in.
    pub languages: Vec<String>,
    /// The provider's address.
    pub source: String,
    /// The day it was compared with its sources.
    pub checked: String,
}

impl From<&Line> for LineView {
    fn from(line: &Line) -> Self {
        let Line { id, name, call, text, keyword, whatsapp, chat, note, .. } = line.clone();
        let Line { hours, languages, source, checked, .. } = line.clone();
        Self {
            id,
            name,
            call,
            text,
            keyword,
            whatsapp,
            chat,
            note,
            hours,
            languages,
            source,
            checked,
        }
    }
}

/// A list of lines elsewhere.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[schema(as = CrisisDirectory)]
pub struct DirectoryView {
    /// What it calls itself.
    pub name: String,
    /// Its address.
    pub url: String,
    /// What it has.
    pub about: String,
}

impl From<&Directory> for DirectoryView {
    fn from(directory: &Directory) -> Self {
        let Directory { name, url, about } = directory.clone();
        Self { name, url, about }
    }
}

/// Whom to turn to.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[schema(as = CrisisResources)]
pub struct Resources {
    /// The country, if it is known.
    pub country: Option<String>,
    /// What to call in danger to life, best first.
    pub emergency: Vec<String>,
    /// Crisis lines, best first.
    pub lines: Vec<LineView>,
    /// Lists of lines elsewhere.
    pub directories: Vec<DirectoryView>,
}

impl From<Help<'_>> for Resources {
    fn from(help: Help<'_>) -> Self {
        Self {
            country: help.country.map(str::to_owned),
            emergency: help.emergency.into_iter().map(str::to_owned).collect(),
            lines: help.lines.into_iter().map(LineView::from).collect(),
            directories: help.directories.into_iter().map(DirectoryView::from).collect(),
        }
    }
}
