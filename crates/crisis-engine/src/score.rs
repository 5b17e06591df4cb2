//! From what was found to a level.

use crate::{
    kind::Kind,
    learned::{AGREED, CLEAR, LIKELY, Opinion},
    matcher::{Found, View},
    model::{ALERT, IMMINENT, Memory, SUPPORT},
    ruleset::Ruleset,
    scope::Scopes,
};

/// What a denied danger still counts: people who deny deserve a second look.
const DENIED: f32 = 2.5;
/// What danger in an earlier time counts.
const LONG_AGO: f32 = 4.5;
/// The same where the person says that they are well again.
const OVERCOME: f32 = 2.0;
/// Where rules see an alert and the learned layer does not, what is left is a serious support.
const DOUBTED: f32 = 6.5;
/// The level from which earlier messages make a difference.
const REMEMBERED: f32 = 4.0;

/// A sign of danger with what its surroundings leave of it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Signal {
    pub(crate) rule: usize,
    pub(crate) kind: Kind,
    pub(crate) weight: f32,
    pub(crate) other: bool,
    beside: bool,
    urgent: bool,
}

/// The signs that are left when the surroundings were looked at.
pub(crate) fn signals(
    set: &Ruleset,
    view: &View<'_>,
    found: &[Found],
    scopes: &Scopes,
    memory: Memory,
) -> Vec<Signal> {
    let weighed = found.iter().filter_map(|found| {
        let rule = set.rules.get(found.rule)?;
        if scopes.explains(found) || (rule.flags.after && memory.level < REMEMBERED) {
            return None;
        }
        let sentence = view.tokens.get(found.start())?.sentence;
        let last = view.tokens.get(found.end().saturating_sub(1)).map_or(sentence, |t| t.sentence);
        let mut weight = rule.weight;
        if !rule.flags.fixed && scopes.negates(found, view) {
            weight = weight.min(DENIED);
        }
        let past = scopes.in_sentence(Kind::Past, sentence).is_some();
        let present = scopes.in_sentence(Kind::Present, sentence).is_some();
        if past && !present && !rule.flags.timeless {
            let well = scopes.anywhere(Kind::Recovered).is_some();
            weight = weight.min(if well { OVERCOME } else { LONG_AGO });
        }
        if rule.flags.weak {
            weight *= scopes.anywhere(Kind::Frame).unwrap_or(1.0);
        }
        weight *= scopes.in_sentence(Kind::Soften, sentence).unwrap_or(1.0);
        let urgent = [sentence, last]
            .into_iter()
            .any(|sentence| scopes.in_sentence(Kind::Urgent, sentence).is_some());
        let (kind, other, beside) = (rule.kind, rule.flags.other, rule.flags.beside);
        Some(Signal { rule: found.rule, kind, weight, other, beside, urgent })
    });
    let all: Vec<Signal> = weighed.filter(|signal| signal.weight > 0.0).collect();
    let alone = memory.level < REMEMBERED;
    let kept = all.iter().filter(|signal| {
        let others =
            |other: &&Signal| !other.beside && other.kind != signal.kind && other.weight >= SUPPORT;
        !(signal.beside && alone && !all.iter().any(|other| others(&other)))
    });
    kept.copied().collect()
}

/// Kinds that say much the same count half beside each other.
fn family(kind: Kind) -> u8 {
    match kind {
        Kind::Wish | Kind::Thought | Kind::Intent | Kind::Plan | Kind::Mention | Kind::Method => 0,
        Kind::Means | Kind::Preparation | Kind::Farewell | Kind::Attempt => 1,
        Kind::SelfHarm | Kind::Eating => 2,
        Kind::Burden | Kind::Hopeless | Kind::Trapped | Kind::Distress => 3,
        _ => 4,
    }
}

/// What urgency adds to a kind of danger.
fn urgency(kind: Kind) -> f32 {
    match kind {
        Kind::Intent
        | Kind::Plan
        | Kind::Attempt
        | Kind::Means
        | Kind::Preparation
        | Kind::Farewell
        | Kind::Homicide
        | Kind::Command => 1.5,
        Kind::Wish | Kind::Thought | Kind::Method | Kind::SelfHarm | Kind::Abuse => 0.7,
        _ => 0.0,
    }
}

fn can_be_imminent(kind: Kind) -> bool {
    urgency(kind) >= 1.0 || kind == Kind::Answer
}

/// The level of a message by itself.
pub(crate) fn level(signals: &[Signal], scopes: &Scopes) -> f32 {
    let mut best: Vec<(f32, Kind)> = Vec::new();
    for signal in signals {
        let extra =
            if signal.urgent && signal.weight > LONG_AGO { urgency(signal.kind) } else { 0.0 };
        let weight = signal.weight + extra;
        match best.iter_mut().find(|(_, kind)| *kind == signal.kind) {
            Some((old, _)) => *old = old.max(weight),
            None => best.push((weight, signal.kind)),
        }
    }
    best.sort_by(|(a, x), (b, y)| b.total_cmp(a).then(x.cmp(y)));
    let Some((top, first)) = best.first().copied() else { return 0.0 };
    let mut level = top;
    let mut seen = vec![family(first)];
    for ((weight, kind), share) in best.iter().skip(1).zip([0.4, 0.25, 0.15]) {
        if *weight < DENIED {
            continue;
        }
        let half = if seen.contains(&family(*kind)) { 0.5 } else { 1.0 };
        seen.push(family(*kind));
        level += weight * share * half;
    }
    if top >= LONG_AGO && scopes.anywhere(Kind::Worse).is_some() {
        level += 1.0;
    }
    let imminent = best.iter().any(|(weight, kind)| *weight >= ALERT && can_be_imminent(*kind));
    level.min(if imminent { 10.0 } else { IMMINENT - 0.1 })
}

/// Numbers for what rules found, for the learned layer.
pub(crate) fn marks(level: f32, signals: &[Signal]) -> Vec<u32> {
    let step = |weight: f32| match weight {
        w if w < SUPPORT => 0,
        w if w < ALERT => 1,
        w if w < 8.0 => 2,
        _ => 3,
    };
    let mut marks: Vec<u32> = signals.iter().map(|s| s.kind as u32 * 4 + step(s.weight)).collect();
    marks.push(200 + step(level));
    marks.extend((1..=step(level)).map(|at| 210 + at));
    marks
}

/// The level of rules and the opinion of the learned layer together: where the layer is sure it
/// raises an alert; where it sees little, it leaves no more than support of what rules saw. Answers to a
/// direct question, and what rules take to be imminent, stand unless the layer thinks the opposite.
pub(crate) fn with_opinion(
    level: f32,
    opinion: Opinion,
    answered: bool,
) -> (f32, Option<&'static str>) {
    let stands = (answered || level >= IMMINENT) && opinion.alert >= 0.0;
    if opinion.alert >= CLEAR && level < ALERT {
        (ALERT, Some("learned.alert"))
    } else if level >= ALERT && opinion.alert < AGREED && !stands {
        (DOUBTED, Some("learned.doubt"))
    } else if level < SUPPORT && opinion.support >= LIKELY {
        (SUPPORT, Some("learned.support"))
    } else {
        (level, None)
    }
}

/// Whether one of the signs is a dangerous answer to a direct question.
pub(crate) fn answered(signals: &[Signal]) -> bool {
    signals.iter().any(|signal| signal.kind == Kind::Answer && signal.weight >= ALERT)
}

/// The level in the light of what came before.
pub(crate) fn remembering(level: f32, memory: Memory) -> f32 {
    if memory.level < REMEMBERED {
        return level;
    }
    let stays = (memory.level * 0.6).min(ALERT - 1.5);
    let both = if level >= SUPPORT { level + 0.3 * memory.level } else { level };
    both.max(stays).min(10.0)
}

/// How much despair the signs show, from 0 to 1.
pub(crate) fn despair(signals: &[Signal]) -> f32 {
    let of = |signal: &&Signal| {
        family(signal.kind) == 3 || matches!(signal.kind, Kind::Wish | Kind::Farewell)
    };
    let strongest = signals.iter().filter(of).map(|signal| signal.weight).fold(0.0, f32::max);
    (strongest / 8.0).min(1.0)
}

impl Signal {
    /// An answer to a direct question.
    pub(crate) fn answer(rule: usize, weight: f32) -> Self {
        Self { rule, kind: Kind::Answer, weight, other: false, beside: false, urgent: false }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_alert_of_rules_needs_less_of_the_layer_than_one_of_the_layer_alone() {
        let opinion = |alert| Opinion { alert, support: f32::MIN };
        let between = f32::midpoint(AGREED, CLEAR);
        assert_eq!(with_opinion(7.5, opinion(between), false), (7.5, None));
        assert_eq!(with_opinion(2.0, opinion(between), false), (2.0, None));
        assert_eq!(with_opinion(2.0, opinion(CLEAR), false), (ALERT, Some("learned.alert")));
        assert_eq!(with_opinion(7.5, opinion(0.0), false), (DOUBTED, Some("learned.doubt")));
    }

    #[test]
    fn what_rules_take_to_be_imminent_stands_unless_the_layer_thinks_the_opposite() {
        let opinion = |alert| Opinion { alert, support: f32::MIN };
        assert_eq!(with_opinion(9.5, opinion(0.1), false), (9.5, None));
        assert_eq!(with_opinion(9.5, opinion(-0.1), false), (DOUBTED, Some("learned.doubt")));
        assert_eq!(with_opinion(8.0, opinion(0.1), true), (8.0, None));
    }
}
