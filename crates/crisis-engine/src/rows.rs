//! Lists of different lengths in one piece: the tables are thousands of short lists, and an
//! allocation for each would be most of their size.

/// Lists by their numbers.
pub(crate) struct Rows<T> {
    items: Vec<T>,
    /// Where each list begins; the next one's beginning is its end.
    starts: Vec<u32>,
}

impl<T> Default for Rows<T> {
    fn default() -> Self {
        Self { items: Vec::new(), starts: vec![0] }
    }
}

impl<T> Rows<T> {
    /// A list; empty if there is none of this number.
    pub(crate) fn of(&self, number: usize) -> &[T] {
        let ends = self.starts.get(number).zip(self.starts.get(number + 1));
        let range = ends.map(|(start, end)| *start as usize..*end as usize);
        range.and_then(|range| self.items.get(range)).unwrap_or_default()
    }

    /// Another list after the others.
    pub(crate) fn push(&mut self, list: impl IntoIterator<Item = T>) {
        self.items.extend(list);
        self.starts.push(position(self.items.len()));
    }

    /// No more is added: what was kept free for it is given back.
    pub(crate) fn shrink(&mut self) {
        self.items.shrink_to_fit();
        self.starts.shrink_to_fit();
    }
}

impl<T: Copy + Default> Rows<T> {
    /// So many lists of what belongs to each, in the order in which it comes.
    pub(crate) fn grouped(lists: usize, pairs: &[(usize, T)]) -> Self {
        let mut starts = vec![0_u32; lists + 1];
        for (number, _) in pairs {
            if let Some(count) = starts.get_mut(number + 1) {
                *count += 1;
            }
        }
        let mut sum = 0;
        for start in &mut starts {
            sum += *start;
            *start = sum;
        }
        let mut free = starts.clone();
        let mut items = vec![T::default(); sum as usize];
        for (number, item) in pairs {
            if let Some(place) = free.get_mut(*number) {
                if let Some(slot) = items.get_mut(*place as usize) {
                    *slot = *item;
                }
                *place += 1;
            }
        }
        Self { items, starts }
    }
}

/// Tables and texts have far fewer places than this can count.
fn position(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn lists_keep_their_numbers_and_one_that_is_not_there_is_empty() {
        let mut rows = Rows::default();
        rows.push([1, 2]);
        rows.push([]);
        rows.push([3]);
        assert_eq!([rows.of(0), rows.of(1), rows.of(2), rows.of(3)], [&[1, 2], &[][..], &[3], &[]]);
    }

    proptest! {
        #[test]
        fn grouping_is_sorting_by_number(pairs in prop::collection::vec((0_usize..20, 0_u8..), 0..200)) {
            let rows = Rows::grouped(20, &pairs);
            for number in 0..20 {
                let of_number = pairs.iter().filter(|pair| pair.0 == number).map(|pair| pair.1);
                prop_assert_eq!(rows.of(number), of_number.collect::<Vec<_>>());
            }
        }
    }
}
