//! What is made of examples, so that haste and what stands beside danger are learned too.

use crate::Row;

/// In how many of a hundred examples typing errors are made, and to how many something is added.
const HASTY: usize = 60;
const BESIDE: usize = 25;

/// Harmless sentences that stand beside others.
const HARMLESS: &[&str] = &[
    "I had soup for lunch.",
    "The bus was late again.",
    "It rained all morning.",
    "My sister called today.",
    "I watched a film last night.",
    "The dog wants a walk.",
    "So, how are you?",
    "My phone is at four percent.",
    "Sorry, long message.",
    "It's my first time here.",
    "I am 27 and work in a warehouse.",
];

/// A row, and what is made of it: the same in haste, and the same beside something harmless.
pub(crate) fn variants(row: Row, dice: &mut Dice) -> Vec<Row> {
    let mut all = vec![row];
    if dice.below(100) < HASTY {
        let text = hasty(&all[0].text, dice);
        all.push(Row { text, ..all[0].clone() });
    }
    if all[0].history.is_empty() && dice.below(100) < BESIDE {
        let (other, own) = (HARMLESS[dice.below(HARMLESS.len())], &all[0].text);
        let before = dice.below(2) == 0;
        let text = if before { format!("{other} {own}") } else { format!("{own} {other}") };
        all.push(Row { text, ..all[0].clone() });
    }
    all
}

/// The same with letters that changed places, were left out or came twice.
fn hasty(text: &str, dice: &mut Dice) -> String {
    let words = text.split(' ').map(|word| {
        let mut letters: Vec<char> = word.chars().collect();
        if letters.len() < 4 || dice.below(3) > 0 {
            return word.to_owned();
        }
        let at = 1 + dice.below(letters.len() - 2);
        match dice.below(4) {
            0 | 1 => letters.swap(at, at + 1),
            2 => drop(letters.remove(at)),
            _ => letters.insert(at, letters[at]),
        }
        letters.into_iter().collect()
    });
    words.collect::<Vec<_>>().join(" ")
}

/// Numbers in a fixed order that looks like none.
pub(crate) struct Dice(pub(crate) u64);

impl Dice {
    pub(crate) fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from((self.0 >> 11) % (limit as u64)).unwrap_or(0)
    }
}
