//! One file out of a zip archive. Only what packages use is understood, and nothing is believed:
//! who asks checks length and hash.

use miniz_oxide::inflate::decompress_to_vec_with_limit;

const END: &[u8] = b"PK\x05\x06";
const ENTRY: &[u8] = b"PK\x01\x02";
const LOCAL: &[u8] = b"PK\x03\x04";
/// The end stands before a comment of at most so many bytes.
const COMMENT: usize = 65_535 + 22;

/// The file with this path, if it is there and no longer than this.
pub(crate) fn file(archive: &[u8], path: &str, most: usize) -> Option<Vec<u8>> {
    let tail = archive.get(archive.len().saturating_sub(COMMENT)..)?;
    let end = tail.windows(END.len()).rposition(|bytes| bytes == END)?;
    let end = tail.get(end..)?;
    let mut rest = archive.get(long(end, 16)?..)?;
    for _ in 0..short(end, 10)? {
        if !rest.starts_with(ENTRY) {
            return None;
        }
        let (name, extra, comment) = (short(rest, 28)?, short(rest, 30)?, short(rest, 32)?);
        if rest.get(46..46 + name)? == path.as_bytes() {
            return unpack(archive, rest, most);
        }
        rest = rest.get(46 + name + extra + comment..)?;
    }
    None
}

fn unpack(archive: &[u8], entry: &[u8], most: usize) -> Option<Vec<u8>> {
    let (method, packed) = (short(entry, 10)?, long(entry, 20)?);
    let local = archive.get(long(entry, 42)?..)?;
    if !local.starts_with(LOCAL) {
        return None;
    }
    let start = 30 + short(local, 26)? + short(local, 28)?;
    let data = local.get(start..start.checked_add(packed)?)?;
    match method {
        0 if data.len() <= most => Some(data.to_vec()),
        8 => decompress_to_vec_with_limit(data, most).ok(),
        _ => None,
    }
}

fn short(bytes: &[u8], at: usize) -> Option<usize> {
    let bytes = bytes.get(at..)?.first_chunk::<2>()?;
    Some(u16::from_le_bytes(*bytes).into())
}

fn long(bytes: &[u8], at: usize) -> Option<usize> {
    let bytes = bytes.get(at..)?.first_chunk::<4>()?;
    usize::try_from(u32::from_le_bytes(*bytes)).ok()
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use miniz_oxide::deflate::compress_to_vec;

    /// An archive of these files; every second one is packed.
    pub(crate) fn zipped(files: &[(&str, &[u8])]) -> Vec<u8> {
        let (mut archive, mut entries) = (Vec::new(), Vec::new());
        for (number, (path, content)) in files.iter().enumerate() {
            let packed = number % 2 == 0;
            let data = if packed { compress_to_vec(content, 6) } else { content.to_vec() };
            let length = |of: usize| u32::try_from(of).unwrap().to_le_bytes();
            let name = u16::try_from(path.len()).unwrap().to_le_bytes();
            let mut about = vec![20, 0, 0, 0, if packed { 8 } else { 0 }, 0, 0, 0, 0, 0];
            about.extend([0; 4]);
            about.extend(length(data.len()).into_iter().chain(length(content.len())));
            about.extend(name.into_iter().chain([0, 0]));
            entries.extend(ENTRY.iter().chain(&[20, 0]).chain(&about).copied());
            entries.extend([0; 10].into_iter().chain(length(archive.len())));
            entries.extend(path.bytes());
            archive.extend(LOCAL.iter().chain(&about).copied().chain(path.bytes()).chain(data));
        }
        let count = u16::try_from(files.len()).unwrap().to_le_bytes();
        let (size, at) = (entries.len(), archive.len());
        archive.extend(entries);
        archive.extend(END.iter().chain(&[0; 4]).copied().chain(count).chain(count));
        archive.extend(u32::try_from(size).unwrap().to_le_bytes());
        archive.extend(u32::try_from(at).unwrap().to_le_bytes().into_iter().chain([0, 0]));
        archive
    }

    #[test]
    fn files_are_found_packed_or_not_and_within_their_bound() {
        let archive = zipped(&[("a/one", b"one one one one"), ("two", b"two")]);
        assert_eq!(file(&archive, "a/one", 15).unwrap(), b"one one one one");
        assert_eq!(file(&archive, "two", 3).unwrap(), b"two");
        assert!(file(&archive, "a/one", 14).is_none() && file(&archive, "two", 2).is_none());
        assert!(file(&archive, "three", 100).is_none());
    }

    #[test]
    fn a_broken_archive_gives_nothing_and_breaks_nothing() {
        let archive = zipped(&[("a/one", b"one one one one"), ("two", b"two")]);
        for end in 0..archive.len() {
            let _ = file(&archive[..end], "two", 3);
        }
        for at in 0..archive.len() {
            let mut wrong = archive.clone();
            wrong[at] ^= 0xff;
            let _ = file(&wrong, "a/one", 100);
        }
        assert!(file(b"", "two", 3).is_none());
    }
}
