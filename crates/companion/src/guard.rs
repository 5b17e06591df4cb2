//! What looks at every message before anything else happens to it.

use crate::model::{Author, Safety, Shown};
use crisis::{Found, Source, opinion::Again};
use kernel::{Ctx, Phi, TenantId};
use serde::{Deserialize, Serialize};

/// Something that was said before.
pub struct Said<'a> {
    /// By whom.
    pub author: Author,
    /// The words.
    pub text: &'a Phi<String>,
    /// What a guard said with it, by the names of its paragraphs.
    pub shown: &'a [String],
}

/// Someone to turn to. It is stored with answers: fields are only added.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Contact {
    /// Who it is; empty for the emergency number.
    pub name: String,
    /// `emergency`, `call`, `text`, `chat` or `web`.
    pub by: String,
    /// The number or the address.
    pub at: String,
    /// When they can be reached, in a word.
    pub hours: Option<String>,
}

/// What a guard found in a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// How serious, and why.
    pub safety: Safety,
    /// Danger seems to be now.
    pub imminent: bool,
    /// What to say about it, where something is to be said. With an alert it is the whole answer,
    /// and no model is asked; without one it stands beside the model's answer.
    pub reply: Option<String>,
    /// Whom to turn to.
    pub contacts: Vec<Contact>,
}

impl Finding {
    /// What is shown about it, where something is.
    pub(crate) fn shown(&self) -> Option<Shown> {
        let Self { safety, reply, contacts, .. } = self;
        safety.support.then(|| Shown { message: reply.clone(), contacts: contacts.clone() })
    }
}

impl<'a> From<&'a Finding> for Found<'a> {
    fn from(found: &'a Finding) -> Self {
        let Safety { level, support, alert, rules, .. } = &found.safety;
        Self {
            level: f32::from(*level),
            support: *support,
            alert: *alert,
            imminent: found.imminent,
            rules,
        }
    }
}

/// Looks for danger in what a person writes. It needs nothing that can fail.
pub trait Guard: Send + Sync {
    /// What is in this message, after what was said before, oldest first. `language` and `place`
    /// are what the client told, such as `de` and `AT`.
    fn look(
        &self,
        text: &Phi<String>,
        before: &[Said<'_>],
        language: Option<&str>,
        place: Option<&str>,
    ) -> Finding;

    /// Lets a model read a message again, where the installation has one for that and the person
    /// agreed. Nothing waits for it; `show` is called with what to say if danger is seen that was
    /// not seen before. `told` is language and place, as the client told.
    fn look_again(
        &self,
        ctx: &Ctx,
        again: Again,
        told: (Option<&str>, Option<&str>),
        show: Box<dyn FnOnce(Finding) + Send>,
    );

    /// Help was shown while nothing could be recorded: it is counted all the same, without anybody
    /// in it.
    fn helped_unrecorded(&self, tenant: TenantId, source: Source, found: &Finding);
}
