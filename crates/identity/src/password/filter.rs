//! Lists of passwords that others have used, as filters: a binary fuse filter takes 18 bits for
//! each, never misses one, and takes one in 65,536 others for one of the list.
//!
//! A password is known by the beginning of its SHA-1, because that is what public collections of
//! leaked passwords hold; nothing here depends on the strength of that hash. Looking a password
//! up asks nobody over the network.

use aws_lc_rs::digest;
use std::{
    io::{BufRead, BufReader, Read},
    sync::LazyLock,
};
use xorf::{BinaryFuse16, Descriptor, Filter};
use zeroize::Zeroizing;

/// The list that comes with the program; data/passwords/PROVENANCE.md says where it is from.
static BUILT_IN: LazyLock<PasswordFilter> = LazyLock::new(|| {
    let bytes = include_bytes!("../../../../data/passwords/common.filter");
    // A test reads the same bytes, so that what is shipped is never empty.
    PasswordFilter::from_bytes(bytes).unwrap_or_else(|_| PasswordFilter::empty())
});

const MAGIC: &[u8; 8] = b"salusPW1";
const HEAD: usize = 8 + 8 + 4 * 3;
/// Shorter ones are refused anyway.
const SHORTEST: usize = 8;
/// A line that is longer is no password.
const LONGEST: u64 = 1024;
/// Making a filter takes some 60 bytes of memory for each.
const MOST: usize = 50_000_000;

/// Why a list or a filter cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum FilterError {
    /// The list cannot be read.
    #[error("the list cannot be read: {0}")]
    Read(#[from] std::io::Error),
    /// There is nothing in it.
    #[error("the list has no password of eight or more letters")]
    Empty,
    /// There is too much in it.
    #[error("the list has more than {MOST} passwords")]
    TooLong,
    /// A filter cannot be made of it.
    #[error("no filter can be made of this list")]
    Unbuildable,
    /// The file is no filter, or a damaged one.
    #[error("this is not a filter that `salus passwords import` wrote")]
    NotAFilter,
}

/// A list of passwords.
pub struct PasswordFilter(Option<BinaryFuse16>);

impl PasswordFilter {
    /// The list that comes with the program.
    #[must_use]
    pub fn built_in() -> &'static Self {
        &BUILT_IN
    }

    const fn empty() -> Self {
        Self(None)
    }

    /// From a list with a password on each line, or the SHA-1 of one in 40 hexadecimal digits and
    /// whatever comes after a colon. Lines that are not text are passed over. The same list gives
    /// the same filter, in whatever order.
    pub fn from_list(list: impl Read) -> Result<Self, FilterError> {
        let mut keys = Vec::new();
        let mut reader = BufReader::new(list);
        let mut line = Zeroizing::new(Vec::new());
        loop {
            line.clear();
            if reader.by_ref().take(LONGEST).read_until(b'\n', &mut line)? == 0 {
                break;
            }
            let Ok(text) = std::str::from_utf8(&line) else { continue };
            let text = text.trim_end_matches(['\r', '\n']);
            if let Some(key) = key_of_hash(text) {
                keys.push(key);
            } else if text.chars().count() >= SHORTEST {
                keys.push(key(text));
                keys.push(key(&Zeroizing::new(text.to_lowercase())));
            }
            if keys.len() > 2 * MOST {
                return Err(FilterError::TooLong);
            }
        }
        keys.sort_unstable();
        keys.dedup();
        if keys.is_empty() {
            return Err(FilterError::Empty);
        }
        let filter = BinaryFuse16::try_from(&keys).map_err(|_| FilterError::Unbuildable)?;
        Ok(Self(Some(filter)))
    }

    /// What [`Self::to_bytes`] wrote; anything else is refused.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, FilterError> {
        Self::read(bytes).ok_or(FilterError::NotAFilter)
    }

    fn read(bytes: &[u8]) -> Option<Self> {
        let (head, prints) = bytes.split_first_chunk::<HEAD>()?;
        let rest = head.strip_prefix(MAGIC)?;
        let (seed, rest) = rest.split_first_chunk::<8>()?;
        let (lengths, _) = rest.as_chunks::<4>();
        let mut lengths = lengths.iter().map(|bytes| u32::from_le_bytes(*bytes));
        let descriptor = Descriptor {
            seed: u64::from_le_bytes(*seed),
            segment_length: lengths.next()?,
            segment_length_mask: lengths.next()?,
            segment_count_length: lengths.next()?,
        };
        let (prints, odd) = prints.as_chunks::<2>();
        // Whatever is looked up must fall into the table.
        let length = descriptor.segment_length;
        let fits = length.is_power_of_two()
            && descriptor.segment_length_mask == length - 1
            && u64::from(descriptor.segment_count_length) + 2 * u64::from(length)
                == u64::try_from(prints.len()).ok()?;
        if !fits || !odd.is_empty() {
            return None;
        }
        let fingerprints = prints.iter().map(|bytes| u16::from_le_bytes(*bytes)).collect();
        Some(Self(Some(BinaryFuse16 { descriptor, fingerprints })))
    }

    /// As stored.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let Some(BinaryFuse16 { descriptor, fingerprints }) = &self.0 else { return Vec::new() };
        let lengths = [
            descriptor.segment_length,
            descriptor.segment_length_mask,
            descriptor.segment_count_length,
        ];
        let mut bytes = MAGIC.to_vec();
        bytes.extend(descriptor.seed.to_le_bytes());
        bytes.extend(lengths.into_iter().flat_map(u32::to_le_bytes));
        bytes.extend(fingerprints.iter().flat_map(|print| print.to_le_bytes()));
        bytes
    }

    /// Whether the password is on the list, as it is or in small letters.
    #[must_use]
    pub fn contains_any_case(&self, password: &str) -> bool {
        let lower = Zeroizing::new(password.to_lowercase());
        self.contains(password) || self.contains(&lower)
    }

    fn contains(&self, password: &str) -> bool {
        self.0.as_ref().is_some_and(|filter| filter.contains(&key(password)))
    }
}

/// By what a password is known.
fn key(password: &str) -> u64 {
    let digest = digest::digest(&digest::SHA1_FOR_LEGACY_USE_ONLY, password.as_bytes());
    u64::from_be_bytes(digest.as_ref().first_chunk().copied().unwrap_or_default())
}

/// The same from a line such as `21BD12DC183F740EE76F27B78EB39C8AD972A757:52579`.
fn key_of_hash(line: &str) -> Option<u64> {
    let hash = line.split_once(':').map_or(line, |(hash, _)| hash);
    let all_hex = hash.len() == 40 && hash.bytes().all(|byte| byte.is_ascii_hexdigit());
    u64::from_str_radix(hash.get(..16).filter(|_| all_hex)?, 16).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const LIST: &str = "correct horse\r\nBattery Staple\nshort\n\nP@$$w0rd!\n";

    #[test]
    fn what_is_on_a_list_is_found_and_survives_being_stored() {
        let made = PasswordFilter::from_list(LIST.as_bytes()).unwrap();
        let read = PasswordFilter::from_bytes(&made.to_bytes()).unwrap();
        for filter in [made, read] {
            for bad in ["correct horse", "Correct Horse", "battery staple", "P@$$w0rd!"] {
                assert!(filter.contains_any_case(bad), "{bad}");
            }
            assert!(!filter.contains_any_case("short"), "too short to be on a list");
        }
    }

    #[test]
    fn the_order_of_a_list_does_not_matter() {
        let mut lines: Vec<_> = LIST.lines().collect();
        lines.reverse();
        let (one, other) = (LIST.to_owned(), lines.join("\n"));
        let bytes = |text: &str| PasswordFilter::from_list(text.as_bytes()).unwrap().to_bytes();
        assert_eq!(bytes(&one), bytes(&other));
    }

    #[test]
    fn a_collection_of_hashes_is_a_list_too() {
        // Of some other text, with a count, and of "password", in small letters.
        let hashes = "7F2AFF4B0FB7D1D2A20A4DB5D4C1DCE9AA4D26E6:3\n\
            5baa61e4c9b93f3f0682250b6cf8331b7ee68fd8\n";
        let filter = PasswordFilter::from_list(hashes.as_bytes()).unwrap();
        assert!(filter.contains_any_case("password"));
        assert!(filter.contains_any_case("PASSWORD"));
        assert!(!filter.contains_any_case("passwort"));
    }

    #[test]
    fn an_empty_list_is_refused() {
        for empty in ["", "\n\n", "short\n"] {
            assert!(matches!(PasswordFilter::from_list(empty.as_bytes()), Err(FilterError::Empty)));
        }
    }

    #[test]
    fn what_is_shipped_knows_the_passwords_that_are_tried_first() {
        let filter = PasswordFilter::built_in();
        for bad in ["password", "12345678", "qwertyuiop", "iloveyou1", "trustno1", "football1"] {
            assert!(filter.contains_any_case(bad), "{bad}");
        }
    }

    /// Two in 65,536 are expected (each is looked up in two spellings).
    #[test]
    fn few_passwords_are_taken_for_one_of_the_list() {
        let filter = PasswordFilter::built_in();
        let found = (0..200_000).filter(|n| filter.contains_any_case(&format!("Not-Listed {n:x}")));
        let found = found.count();
        assert!(found < 20, "{found} of 200,000");
    }

    #[test]
    fn a_damaged_filter_is_refused_before_it_is_looked_into() {
        let good = PasswordFilter::from_list(LIST.as_bytes()).unwrap().to_bytes();
        for length in 0..good.len() {
            assert!(PasswordFilter::from_bytes(&good[..length]).is_err());
        }
        for at in (0..8).chain(16..HEAD) {
            let mut bad = good.clone();
            bad[at] ^= 0x41;
            assert!(PasswordFilter::from_bytes(&bad).is_err(), "byte {at}");
        }
    }

    proptest! {
        #[test]
        fn any_bytes_are_refused_or_can_be_looked_into(bytes: Vec<u8>, head in any::<[u8; 20]>()) {
            let whole = [MAGIC.as_slice(), &head, &bytes].concat();
            for bytes in [&bytes, &whole] {
                if let Ok(filter) = PasswordFilter::from_bytes(bytes) {
                    let _ = filter.contains_any_case("anything");
                }
            }
        }
    }
}
