//! How rules are written: the format of `data/crisis/rules/<language>/*.rules`.
//!
//! ```text
//! language en
//! # what follows a hash is for people
//! @want = want to | would like to       a lexicon; alternatives may be several words
//!     | wish (i could | to)             goes on in lines that begin with white space
//! > gonna = going to                    an abbreviation and what it stands for
//!
//! [wish.die] wish 7                     a rule: id, kind, weight, flags
//! = @i ~3 @want ~1 @die                 a pattern; several are alternatives
//! + i just want to die                  an example that the rule must find
//! - my phone wants to die               and one that it must not find
//! ```
//!
//! In a pattern: `word`, `stem*`, `@lexicon`, `(a | b c)`; each may end in `?` (may be missing).
//! `~3` up to three words that are no other subject, `~~3` up to three words of any kind, `!x` not
//! followed by `x`, `^` at the beginning of a sentence, `$` at its end, `//` into the next sentence,
//! `>>` all that follows in the sentence.

use crate::language::Language;

/// Why a rule file cannot be used. The files are part of the program, so only its tests see this.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("{file}, line {line}: {problem}")]
pub struct RuleError {
    /// The file
    pub file: String,
    /// The line, from 1
    pub line: usize,
    /// What is wrong there
    pub problem: String,
}

/// Where something was written.
#[derive(Clone, Debug)]
pub(crate) struct Place {
    pub(crate) file: &'static str,
    pub(crate) line: usize,
}

impl Place {
    pub(crate) fn error(&self, problem: impl Into<String>) -> RuleError {
        RuleError { file: self.file.to_owned(), line: self.line, problem: problem.into() }
    }
}

/// A lexicon as it was written.
pub(crate) struct LexiconText {
    pub(crate) place: Place,
    pub(crate) name: String,
    pub(crate) text: String,
}

/// A rule as it was written.
pub(crate) struct RuleText {
    pub(crate) place: Place,
    pub(crate) id: &'static str,
    pub(crate) header: Vec<&'static str>,
    pub(crate) patterns: Vec<(Place, &'static str)>,
    pub(crate) yes: Vec<&'static str>,
    pub(crate) no: Vec<&'static str>,
}

impl RuleText {
    /// Its id among the rules of all languages.
    pub(crate) fn id_in(&self, language: Language) -> String {
        format!("{}.{}", language.tag(), self.id)
    }
}

/// A file of rules as it was written.
pub(crate) struct RuleFile {
    pub(crate) language: Language,
    pub(crate) lexicons: Vec<LexiconText>,
    pub(crate) expansions: Vec<(String, String)>,
    pub(crate) rules: Vec<RuleText>,
}

/// Reads a file without looking into its patterns.
pub(crate) fn read(file: &'static str, text: &'static str) -> Result<RuleFile, RuleError> {
    let mut out = RuleFile {
        language: Language::Any,
        lexicons: Vec::new(),
        expansions: Vec::new(),
        rules: Vec::new(),
    };
    for (number, line) in text.lines().enumerate() {
        let place = Place { file, line: number + 1 };
        let content = line.split(" #").next().unwrap_or_default().trim_end();
        if content.is_empty() || content.starts_with('#') {
            continue;
        }
        if content.starts_with([' ', '\t']) {
            let last = out.lexicons.last_mut();
            let last = last.ok_or_else(|| place.error("nothing that this could go on with"))?;
            last.text.push(' ');
            last.text.push_str(content.trim());
        } else {
            read_line(&mut out, place, content)?;
        }
    }
    Ok(out)
}

fn read_line(out: &mut RuleFile, place: Place, content: &'static str) -> Result<(), RuleError> {
    let (mark, rest) = content.split_at_checked(1).unwrap_or((content, ""));
    let rest = rest.trim();
    match mark {
        "@" => {
            let (name, text) = pair(&place, rest)?;
            out.lexicons.push(LexiconText { place, name, text });
        }
        ">" => out.expansions.push(pair(&place, rest)?),
        "[" => {
            let (id, header) = rest.split_once(']').ok_or_else(|| place.error("no `]`"))?;
            let header = header.split_whitespace().collect();
            let (patterns, yes, no) = (Vec::new(), Vec::new(), Vec::new());
            out.rules.push(RuleText { place, id, header, patterns, yes, no });
        }
        "=" | "+" | "-" => {
            let rule = out.rules.last_mut().ok_or_else(|| place.error("before the first rule"))?;
            match mark {
                "=" => rule.patterns.push((place, rest)),
                "+" => rule.yes.push(rest),
                _ => rule.no.push(rest),
            }
        }
        _ => {
            let tag = content.strip_prefix("language ").map(str::trim);
            let language = Language::ALL.into_iter().find(|l| Some(l.tag()) == tag);
            out.language = language.ok_or_else(|| place.error("not understood"))?;
        }
    }
    Ok(())
}

fn pair(place: &Place, text: &str) -> Result<(String, String), RuleError> {
    let (key, value) = text.split_once('=').ok_or_else(|| place.error("no `=`"))?;
    Ok((key.trim().to_owned(), value.trim().to_owned()))
}
