//! What a client sends, and what it is answered with.

use super::{Content, EntryId, Invalid, Meta};
use crisis::{Attention, Whereabouts};
use kernel::{Phi, Timestamp};

/// What a client sends: as [`Content`], but it may leave the moment to us.
#[derive(Clone, Default)]
pub struct Draft {
    /// The entry, if the client says which.
    pub id: Option<EntryId>,
    /// The moment it is about, if it was given.
    pub occurred_at: Option<Timestamp>,
    /// The title.
    pub title: Phi<String>,
    /// The text.
    pub text: Phi<String>,
    /// The name of the mood.
    pub mood: Option<Phi<String>>,
    /// The number on the scale.
    pub scale: Option<i64>,
    /// The tags.
    pub tags: Vec<String>,
    /// Whether it is a favourite.
    pub favourite: bool,
    /// Where the person is, as far as they tell.
    pub place: Whereabouts,
}

/// What was stored, and what was noticed in it.
#[derive(Clone)]
pub struct Kept<T> {
    /// What was stored.
    pub entry: T,
    /// What was noticed, if anything. It never keeps anything from being stored.
    pub safety: Option<Attention>,
}

impl Draft {
    /// Holds if it is for this entry, or does not say.
    pub fn is_for(&self, id: EntryId) -> Result<(), Invalid> {
        if self.id.is_none_or(|own| own == id) { Ok(()) } else { Err(Invalid::OtherId) }
    }

    /// The content, if every field keeps to its rule; of this moment if no other was given.
    pub fn content(self, otherwise: Timestamp) -> Result<Content, Invalid> {
        // EXPOSE: compared with the names of moods.
        let mood = self.mood.map(|mood| mood.expose().parse()).transpose()?;
        let meta = Meta {
            mood,
            scale: self.scale.map(TryInto::try_into).transpose()?,
            tags: self.tags.try_into()?,
            favourite: self.favourite,
            copy_of: None,
        };
        let occurred_at = self.occurred_at.unwrap_or(otherwise);
        let (title, text) = (self.title, self.text);
        let content = Content { occurred_at, title, text, meta: Phi::new(meta) };
        content.check()?;
        Ok(content)
    }
}
