//! What the surroundings of a match say: whether it is negated, explained away, past or urgent.

use crate::{
    kind::Kind,
    lexer::Break,
    matcher::{Found, View},
    pattern::ClassId,
    ruleset::{Rule, Ruleset},
};

/// How many words before a match a negation may stand.
const REACH: usize = 7;

/// Everything in a text that changes what other things mean.
pub(crate) struct Scopes {
    negated: Vec<bool>,
    negated_after: Vec<bool>,
    ends: Vec<bool>,
    explained: Vec<bool>,
    /// Kind, sentence and weight of each context that was found.
    contexts: Vec<(Kind, u32, f32)>,
}

impl Scopes {
    pub(crate) fn new(set: &Ruleset, view: &View<'_>, contexts: &[Found]) -> Self {
        let covered = |classes: Vec<ClassId>| {
            let mut flags = vec![false; view.tokens.len()];
            for class in classes {
                for at in view.places(class) {
                    let end = view.ends(*at, class).max().unwrap_or(*at);
                    (*at..end).for_each(|at| set_flag(&mut flags, at));
                }
            }
            flags
        };
        let mut scopes = Self {
            negated: covered(set.of_role(view.languages, |r| r.negation)),
            negated_after: covered(set.of_role(view.languages, |r| r.negation_after)),
            ends: covered(set.of_role(view.languages, |r| r.scope_end)),
            explained: vec![false; view.tokens.len()],
            contexts: Vec::new(),
        };
        let freed = covered(set.of_role(view.languages, |r| r.freed));
        for (negated, freed) in scopes.negated.iter_mut().zip(freed) {
            *negated &= !freed;
        }
        for found in contexts {
            let Some(rule) = set.rules.get(found.rule) else { continue };
            scopes.add(rule, found, view);
        }
        scopes
    }

    fn add(&mut self, rule: &Rule, found: &Found, view: &View<'_>) {
        if rule.kind == Kind::Explain {
            (found.start()..found.end()).for_each(|at| set_flag(&mut self.explained, at));
        } else if let Some(token) = view.tokens.get(found.start()) {
            self.contexts.push((rule.kind, token.sentence, rule.weight));
        }
    }

    /// Whether most of the words of a match mean something else here.
    pub(crate) fn explains(&self, found: &Found) -> bool {
        let words = found.spans.iter().flat_map(|(start, end)| *start..*end);
        let (mut all, mut gone) = (0, 0);
        for at in words {
            all += 1;
            gone += usize::from(flag(&self.explained, at));
        }
        gone * 2 >= all && gone > 0
    }

    /// Whether a negation stands before the match, in its gaps or, in some languages, after it.
    pub(crate) fn negates(&self, found: &Found, view: &View<'_>) -> bool {
        let inside = found.spans.windows(2).any(|pair| match pair {
            [(_, end), (next, _)] => (*end..*next).any(|at| flag(&self.negated, at)),
            _ => false,
        });
        let end = found.end();
        let after = (end..end + 2)
            .take_while(|at| view.tokens.get(*at).is_some_and(|t| t.before == Break::None))
            .any(|at| flag(&self.negated_after, at));
        inside || after || self.negates_before(found.start(), view)
    }

    fn negates_before(&self, start: usize, view: &View<'_>) -> bool {
        let mut at = start;
        for _ in 0..REACH {
            let breaks = view.tokens.get(at).is_none_or(|token| token.before != Break::None);
            if at == 0 || breaks || flag(&self.ends, at - 1) {
                return false;
            }
            at -= 1;
            if flag(&self.negated, at) {
                return true;
            }
        }
        false
    }

    /// The product of the weights of a kind of context in a sentence; none if there is none.
    pub(crate) fn in_sentence(&self, kind: Kind, sentence: u32) -> Option<f32> {
        self.strongest(|(of, at, _)| *of == kind && *at == sentence)
    }

    /// The same for the whole text.
    pub(crate) fn anywhere(&self, kind: Kind) -> Option<f32> {
        self.strongest(|(of, ..)| *of == kind)
    }

    fn strongest(&self, wanted: impl Fn(&(Kind, u32, f32)) -> bool) -> Option<f32> {
        let weights = self.contexts.iter().filter(|context| wanted(context)).map(|(.., w)| *w);
        weights.reduce(f32::min)
    }
}

fn set_flag(flags: &mut [bool], at: usize) {
    if let Some(flag) = flags.get_mut(at) {
        *flag = true;
    }
}

fn flag(flags: &[bool], at: usize) -> bool {
    flags.get(at).copied().unwrap_or_default()
}
