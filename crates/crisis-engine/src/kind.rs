//! What a rule says when it is found.

use serde::Serialize;

/// What a rule is about. Those of danger raise the level; the others change what danger means.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Wanting to be dead, not to wake up, not to exist.
    Wish,
    /// Thinking about killing oneself.
    Thought,
    /// Going to do it.
    Intent,
    /// When, where and how.
    Plan,
    /// Having or getting what one could do it with.
    Means,
    /// Notes, gifts, a will, arrangements for afterwards.
    Preparation,
    /// Saying goodbye.
    Farewell,
    /// Has tried, is trying, has taken something.
    Attempt,
    /// Hurting oneself.
    SelfHarm,
    /// Being a burden; others would be better off.
    Burden,
    /// No hope, no reason, no future.
    Hopeless,
    /// No way out, unbearable, cannot go on.
    Trapped,
    /// Voices that command.
    Command,
    /// Danger for someone else by this person.
    Homicide,
    /// Danger for this person by someone else.
    Abuse,
    /// Disordered eating that harms.
    Eating,
    /// Asking how one could die.
    Method,
    /// The subject is named without more.
    Mention,
    /// Feeling very bad.
    Distress,
    /// An answer to a direct question.
    Answer,

    /// These words mean something else.
    Explain,
    /// The whole message is about a film, a game, work, a study: weak evidence counts less.
    Frame,
    /// What is in this sentence counts less.
    Soften,
    /// The sentence is about an earlier time.
    Past,
    /// The sentence is about now, in spite of a word for the past.
    Present,
    /// The person says that they are well again.
    Recovered,
    /// Soon: danger in the same sentence is urgent.
    Urgent,
    /// Makes danger in the same message worse.
    Worse,
    /// Who writes: a professional.
    Professional,
    /// Who writes: someone who lost a person.
    Bereaved,
    /// A question that was asked: thoughts of suicide.
    AskedSuicide,
    /// A question that was asked: plan, means, time.
    AskedPlan,
    /// A question that was asked: safe now?
    AskedSafe,
}

impl Kind {
    pub(crate) fn named(name: &str) -> Option<Self> {
        Some(match name {
            "wish" => Self::Wish,
            "thought" => Self::Thought,
            "intent" => Self::Intent,
            "plan" => Self::Plan,
            "means" => Self::Means,
            "preparation" => Self::Preparation,
            "farewell" => Self::Farewell,
            "attempt" => Self::Attempt,
            "self_harm" => Self::SelfHarm,
            "burden" => Self::Burden,
            "hopeless" => Self::Hopeless,
            "trapped" => Self::Trapped,
            "command" => Self::Command,
            "homicide" => Self::Homicide,
            "abuse" => Self::Abuse,
            "eating" => Self::Eating,
            "method" => Self::Method,
            "mention" => Self::Mention,
            "distress" => Self::Distress,
            "answer" => Self::Answer,
            "explain" => Self::Explain,
            "frame" => Self::Frame,
            "soften" => Self::Soften,
            "past" => Self::Past,
            "present" => Self::Present,
            "recovered" => Self::Recovered,
            "urgent" => Self::Urgent,
            "worse" => Self::Worse,
            "professional" => Self::Professional,
            "bereaved" => Self::Bereaved,
            "asked_suicide" => Self::AskedSuicide,
            "asked_plan" => Self::AskedPlan,
            "asked_safe" => Self::AskedSafe,
            _ => return None,
        })
    }

    /// Whether it is a direct question that Salus asks.
    pub(crate) fn is_question(self) -> bool {
        self >= Self::AskedSuicide
    }

    /// Whether it is evidence of danger or distress.
    pub(crate) fn is_signal(self) -> bool {
        self <= Self::Answer
    }
}
