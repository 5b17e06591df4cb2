//! How changes that devices made without knowing of each other come together.
//!
//! The rules: what the server has acknowledged keeps its place; a change to an older version that
//! differs is kept beside it as a conflict copy; an edit wins over a deletion; the same content
//! twice is one. A deletion counts only for the version that its device had seen.
//!
//! What always holds, and is tested: a change that comes twice changes nothing the second time;
//! whatever the order in which concurrent changes arrive, the same contents are kept (which of
//! them has the entry's own place is decided by who came first); nothing that anyone wrote is
//! gone unless someone who saw it replaced or deleted it.

use crate::model::{Content, EntryId};
use std::collections::HashMap;

/// What the server has under an id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stored<C> {
    /// Counts changes, from 1.
    pub version: u64,
    /// The content; `None` if it was deleted.
    pub content: Option<C>,
}

/// What a device did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change<C> {
    /// To which entry.
    pub id: EntryId,
    /// The version that the device had seen; 0 if none.
    pub base: u64,
    /// What it wrote; `None` if it deleted the entry.
    pub content: Option<C>,
}

/// What became of a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// It is a new entry.
    Created,
    /// It replaced the version it was made to.
    Updated,
    /// It brought back an entry that was deleted.
    Revived,
    /// The entry is deleted.
    Deleted,
    /// It was so already.
    Unchanged,
    /// The entry was not deleted: someone has changed it since.
    Kept,
    /// Someone has changed the entry since: this change is kept as a copy of its own.
    Copied {
        /// The copy.
        copy: EntryId,
        /// Whether it was made just now.
        new: bool,
    },
}

impl Outcome {
    /// The entry that has to be written for it, if any, where the change was to this one.
    #[must_use]
    pub const fn writes(self, id: EntryId) -> Option<EntryId> {
        match self {
            Self::Created | Self::Updated | Self::Revived | Self::Deleted => Some(id),
            Self::Copied { copy, new: true } => Some(copy),
            Self::Copied { copy: _, new: false } | Self::Unchanged | Self::Kept => None,
        }
    }
}

/// Content that can be compared without being shown.
pub trait Same {
    /// Whether someone who reads both finds no difference.
    fn same(&self, other: &Self) -> bool;
}

impl Same for Content {
    fn same(&self, other: &Self) -> bool {
        self.same_as(other)
    }
}

/// Brings a change into what is stored. `stored` must know the entry and its possible copy, if
/// the server has them; `copy_id` gives the same id for the same entry and content, always.
pub fn merge<C: Same, E>(
    stored: &mut HashMap<EntryId, Stored<C>>,
    change: Change<C>,
    copy_id: impl Fn(EntryId, &C) -> Result<EntryId, E>,
) -> Result<Outcome, E> {
    let Change { id, base, content } = change;
    let Some(content) = content else { return Ok(delete(stored, id, base)) };
    let (version, outcome) = match stored.get(&id) {
        None => (1, Outcome::Created),
        Some(Stored { version, content: None }) => (version + 1, Outcome::Revived),
        Some(Stored { content: Some(present), .. }) if present.same(&content) => {
            return Ok(Outcome::Unchanged);
        }
        Some(Stored { version, .. }) if *version == base => (version + 1, Outcome::Updated),
        Some(_) => {
            let copy = copy_id(id, &content)?;
            // A copy that is known was made for this very change before, whatever became of it.
            let new = !stored.contains_key(&copy);
            if new {
                stored.insert(copy, Stored { version: 1, content: Some(content) });
            }
            return Ok(Outcome::Copied { copy, new });
        }
    };
    stored.insert(id, Stored { version, content: Some(content) });
    Ok(outcome)
}

fn delete<C>(stored: &mut HashMap<EntryId, Stored<C>>, id: EntryId, base: u64) -> Outcome {
    match stored.get_mut(&id) {
        None | Some(Stored { content: None, .. }) => Outcome::Unchanged,
        Some(entry) if entry.version == base => {
            entry.version += 1;
            entry.content = None;
            Outcome::Deleted
        }
        Some(_) => Outcome::Kept,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::{
        collections::{BTreeMap, BTreeSet},
        convert::Infallible,
    };
    use uuid::Uuid;

    type Text = u16;
    type Server = HashMap<EntryId, Stored<Text>>;

    impl Same for Text {
        fn same(&self, other: &Self) -> bool {
            self == other
        }
    }

    fn id(n: u128) -> EntryId {
        EntryId::from_uuid(Uuid::from_u128(n))
    }

    fn copy_id(of: EntryId, text: Text) -> EntryId {
        id(of.as_uuid().as_u128() * 100_000 + u128::from(text) + 1)
    }

    fn apply(server: &mut Server, change: Change<Text>) -> Outcome {
        merge(server, change, |id, text| Ok::<_, Infallible>(copy_id(id, *text))).unwrap()
    }

    fn server(version: u64, content: Option<Text>) -> Server {
        HashMap::from([(id(1), Stored { version, content })])
    }

    fn change(base: u64, content: Option<Text>) -> Change<Text> {
        Change { id: id(1), base, content }
    }

    fn texts(server: &Server) -> Vec<Text> {
        let mut texts: Vec<_> = server.values().filter_map(|entry| entry.content).collect();
        texts.sort_unstable();
        texts
    }

    #[test]
    fn every_case_has_its_outcome() {
        let copy = |new| Outcome::Copied { copy: copy_id(id(1), 9), new };
        for (mut server, change, outcome, kept) in [
            (Server::new(), change(0, Some(9)), Outcome::Created, vec![9]),
            (Server::new(), change(7, Some(9)), Outcome::Created, vec![9]),
            (Server::new(), change(0, None), Outcome::Unchanged, vec![]),
            (server(3, Some(5)), change(3, Some(9)), Outcome::Updated, vec![9]),
            (server(3, Some(5)), change(2, Some(9)), copy(true), vec![5, 9]),
            (server(3, Some(5)), change(2, Some(5)), Outcome::Unchanged, vec![5]),
            (server(3, Some(5)), change(3, None), Outcome::Deleted, vec![]),
            (server(3, Some(5)), change(2, None), Outcome::Kept, vec![5]),
            (server(3, None), change(2, Some(9)), Outcome::Revived, vec![9]),
            (server(3, None), change(3, Some(9)), Outcome::Revived, vec![9]),
            (server(3, None), change(2, None), Outcome::Unchanged, vec![]),
        ] {
            assert_eq!(apply(&mut server, change.clone()), outcome, "{change:?}");
            assert_eq!(texts(&server), kept, "{change:?}");
        }
    }

    #[test]
    fn a_copy_that_was_dealt_with_does_not_come_back() {
        let mut server = server(3, Some(5));
        assert_eq!(apply(&mut server, change(2, Some(9))).writes(id(1)), Some(copy_id(id(1), 9)));
        let deleted = Change { id: copy_id(id(1), 9), base: 1, content: None };
        assert_eq!(apply(&mut server, deleted), Outcome::Deleted);
        assert_eq!(apply(&mut server, change(2, Some(9))).writes(id(1)), None);
        assert_eq!(texts(&server), [5]);
    }

    /// Changes that devices made to one version of one entry.
    fn concurrent() -> impl Strategy<Value = (Server, Vec<Change<Text>>)> {
        let start = prop_oneof![
            Just((Server::new(), 0)),
            Just((server(4, Some(0)), 4)),
            Just((server(4, None), 4)),
        ];
        let contents = prop::collection::vec(prop::option::weighted(0.8, 1_u16..6), 0..8);
        (start, contents).prop_map(|((server, base), contents)| {
            (server, contents.into_iter().map(|content| change(base, content)).collect())
        })
    }

    fn after(mut server: Server, changes: &[Change<Text>]) -> Server {
        for change in changes {
            apply(&mut server, change.clone());
        }
        server
    }

    proptest! {
        #[test]
        fn the_order_of_concurrent_changes_does_not_decide_what_is_kept(
            (server, changes, shuffled) in concurrent().prop_flat_map(|(server, changes)| {
                let shuffled = Just(changes.clone()).prop_shuffle();
                (Just(server), Just(changes), shuffled)
            })
        ) {
            let one = after(server.clone(), &changes);
            let other = after(server, &shuffled);
            prop_assert_eq!(texts(&one), texts(&other));
        }

        #[test]
        fn changes_that_come_twice_change_nothing((server, changes) in concurrent()) {
            let once = after(server, &changes);
            prop_assert_eq!(&after(once.clone(), &changes), &once);
        }

        #[test]
        fn every_concurrent_edit_is_kept_exactly_once((server, changes) in concurrent()) {
            let wrote: BTreeSet<_> = changes.iter().filter_map(|change| change.content).collect();
            let kept = texts(&after(server, &changes));
            for text in wrote {
                prop_assert_eq!(kept.iter().filter(|kept| **kept == text).count(), 1);
            }
        }
    }

    /// What a device has of an entry.
    #[derive(Debug, Clone, PartialEq, Eq)]
    struct Local {
        base: u64,
        content: Option<Text>,
        changed: bool,
    }

    #[derive(Default)]
    struct Device(BTreeMap<EntryId, Local>);

    #[derive(Debug, Clone, Copy)]
    enum Step {
        Write { device: usize, entry: u128, text: Text },
        Delete { device: usize, entry: u128 },
        Sync { device: usize, answer_arrives: bool },
    }

    fn step() -> impl Strategy<Value = Step> {
        let device = 0..3_usize;
        prop_oneof![
            4 => (device.clone(), 1..4_u128, 0..200_u16)
                .prop_map(|(device, entry, text)| Step::Write { device, entry, text }),
            1 => (device.clone(), 1..4_u128)
                .prop_map(|(device, entry)| Step::Delete { device, entry }),
            2 => (device, prop::bool::weighted(0.8))
                .prop_map(|(device, answer_arrives)| Step::Sync { device, answer_arrives }),
        ]
    }

    /// Three devices and what people saw and did on them.
    #[derive(Default)]
    struct World {
        server: Server,
        devices: [Device; 3],
        wrote: BTreeSet<Text>,
        replaced: BTreeSet<Text>,
    }

    impl World {
        fn run(&mut self, step: Step) {
            match step {
                Step::Write { device, entry, text } => self.edit(device, id(entry), Some(text)),
                Step::Delete { device, entry } => self.edit(device, id(entry), None),
                Step::Sync { device, answer_arrives } => self.sync(device, answer_arrives),
            }
        }

        fn edit(&mut self, device: usize, entry: EntryId, content: Option<Text>) {
            let fresh = Local { base: 0, content: None, changed: false };
            let local = self.devices[device].0.entry(entry).or_insert(fresh);
            self.replaced.extend(local.content);
            self.wrote.extend(content);
            (local.content, local.changed) = (content, true);
        }

        fn sync(&mut self, device: usize, answer_arrives: bool) {
            for (id, local) in &self.devices[device].0 {
                if local.changed {
                    let Local { base, content, .. } = *local;
                    apply(&mut self.server, Change { id: *id, base, content });
                }
            }
            if answer_arrives {
                let seen = |(id, stored): (&EntryId, &Stored<Text>)| {
                    let Stored { version, content } = *stored;
                    (*id, Local { base: version, content, changed: false })
                };
                self.devices[device] = Device(self.server.iter().map(seen).collect());
            }
        }
    }

    proptest! {
        #[test]
        fn devices_come_to_agree_and_nothing_anyone_wrote_is_lost(
            steps in prop::collection::vec(step(), 0..60)
        ) {
            let mut world = World::default();
            for step in steps {
                world.run(step);
            }
            for device in [0, 1, 2, 0, 1, 2] {
                world.sync(device, true);
            }
            prop_assert_eq!(&world.devices[0].0, &world.devices[1].0);
            prop_assert_eq!(&world.devices[1].0, &world.devices[2].0);
            let live: BTreeSet<_> = texts(&world.server).into_iter().collect();
            for text in &world.wrote {
                prop_assert!(live.contains(text) || world.replaced.contains(text), "{} is lost", text);
            }
        }
    }
}
