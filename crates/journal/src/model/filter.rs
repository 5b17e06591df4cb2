//! Which entries a list shows.

use super::{Content, Invalid, Mood};
use kernel::{Phi, Timestamp};

/// The longest text to search for.
pub const SEARCH_CHARS: usize = 200;

/// Which entries a list shows. Without any wish: all of them.
#[derive(Clone, Default)]
pub struct Filter {
    /// Not before this moment.
    pub from: Option<Timestamp>,
    /// Before this moment.
    pub to: Option<Timestamp>,
    /// With this mood.
    pub mood: Option<Mood>,
    /// With this tag.
    pub tag: Option<Phi<String>>,
    /// Favourites, or the others.
    pub favourite: Option<bool>,
    /// With all these words in title, text or tags.
    pub search: Option<Search>,
}

impl Filter {
    /// Whether a list has to look into entries to choose them.
    #[must_use]
    pub const fn looks_inside(&self) -> bool {
        self.mood.is_some()
            || self.tag.is_some()
            || self.favourite.is_some()
            || self.search.is_some()
    }

    /// Whether it shows this entry, as far as its content decides.
    #[must_use]
    pub fn admits(&self, content: &Content) -> bool {
        // EXPOSE: compared, not shown.
        let meta = content.meta.expose();
        self.mood.is_none_or(|mood| meta.mood == Some(mood))
            && self.favourite.is_none_or(|favourite| meta.favourite == favourite)
            && self.tag.as_ref().is_none_or(|tag| meta.tags.as_slice().contains(tag.expose()))
            && self.search.as_ref().is_none_or(|search| search.finds(content))
    }
}

/// Words that must all occur, in upper or lower case.
#[derive(Clone)]
pub struct Search(Vec<Phi<String>>);

impl Search {
    /// The words of this text; `None` if there are none. Each word is looked for in every entry,
    /// so the text has a bound.
    pub fn new(text: &Phi<String>) -> Result<Option<Self>, Invalid> {
        // EXPOSE: counted and taken apart into values that are as sensitive.
        let text = text.expose();
        if text.chars().nth(SEARCH_CHARS).is_some() {
            return Err(Invalid::SearchTooLong);
        }
        let words: Vec<_> =
            text.split_whitespace().map(|word| Phi::new(word.to_lowercase())).collect();
        Ok((!words.is_empty()).then_some(Self(words)))
    }

    fn finds(&self, content: &Content) -> bool {
        // EXPOSE: compared, not shown; the copies are wiped with their wrapper.
        let meta = content.meta.expose();
        let texts = [content.title.expose(), content.text.expose()];
        let lower: Vec<Phi<String>> = texts
            .into_iter()
            .chain(meta.tags.as_slice())
            .map(|text| Phi::new(text.to_lowercase()))
            .collect();
        let occurs = |word: &String| lower.iter().any(|text| text.expose().contains(word));
        self.0.iter().all(|word| occurs(word.expose()))
    }
}
