//! Where a request really comes from.
//!
//! Anybody can write `X-Forwarded-For`. It is believed only as far as it was written by peers
//! that the operator trusts: the list is read from its end, and the first address that is not
//! such a peer is the client.

use http::{HeaderMap, HeaderValue};
use std::{
    net::{IpAddr, SocketAddr},
    str::FromStr,
};

/// A range of addresses, such as `10.0.0.0/8` or `::1`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Range {
    base: u128,
    prefix: u32,
}

/// The text was not a range of addresses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not an address or a range such as 10.0.0.0/8")]
pub struct RangeError;

/// Version 4 addresses as version 6 ones, so that `::ffff:10.0.0.1` is what it is.
fn as_v6(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(v4) => v4.to_ipv6_mapped().to_bits(),
        IpAddr::V6(v6) => v6.to_bits(),
    }
}

fn mask(prefix: u32) -> u128 {
    u128::MAX.checked_shl(128 - prefix).unwrap_or(0)
}

impl Range {
    /// Whether the address is in it.
    #[must_use]
    pub fn contains(&self, address: IpAddr) -> bool {
        as_v6(address) & mask(self.prefix) == self.base
    }
}

impl FromStr for Range {
    type Err = RangeError;
    fn from_str(text: &str) -> Result<Self, RangeError> {
        let (address, prefix) = text.split_once('/').map_or((text, None), |(a, p)| (a, Some(p)));
        let address: IpAddr = address.parse().map_err(|_| RangeError)?;
        let (bits, offset) = if address.is_ipv4() { (32, 96) } else { (128, 0) };
        let prefix = match prefix {
            Some(text) => text.parse::<u32>().map_err(|_| RangeError)?,
            None => bits,
        };
        if prefix > bits {
            return Err(RangeError);
        }
        let prefix = prefix + offset;
        Ok(Self { base: as_v6(address) & mask(prefix), prefix })
    }
}

/// The peers whose word on the client's address counts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TrustedProxies(Vec<Range>);

impl TrustedProxies {
    /// These and no others; none by default.
    #[must_use]
    pub const fn new(ranges: Vec<Range>) -> Self {
        Self(ranges)
    }

    /// Whether this peer is one of them.
    #[must_use]
    pub fn trusts(&self, address: IpAddr) -> bool {
        self.0.iter().any(|range| range.contains(address))
    }

    /// The client's address: that of the peer, unless trusted peers say otherwise.
    #[must_use]
    pub fn client(&self, peer: IpAddr, headers: &HeaderMap) -> IpAddr {
        // As bytes: a client may write anything into the part that comes before the proxy's.
        let lines: Vec<&[u8]> =
            headers.get_all("x-forwarded-for").iter().map(HeaderValue::as_bytes).collect();
        let mut client = peer;
        for hop in lines.iter().rev().flat_map(|line| line.rsplit(|byte| *byte == b',')) {
            if !self.trusts(client) {
                break;
            }
            match std::str::from_utf8(hop).ok().and_then(|hop| address_of(hop.trim())) {
                Some(address) => client = address,
                None => break,
            }
        }
        client.to_canonical()
    }
}

/// An address, with or without a port and brackets.
fn address_of(text: &str) -> Option<IpAddr> {
    let bare = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(text);
    bare.parse().ok().or_else(|| text.parse::<SocketAddr>().ok().map(|with_port| with_port.ip()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn client(trusted: &[&str], peer: &str, forwarded: &[&str]) -> String {
        let ranges = trusted.iter().map(|range| range.parse().unwrap()).collect();
        let mut headers = HeaderMap::new();
        for line in forwarded {
            headers.append("x-forwarded-for", HeaderValue::from_str(line).unwrap());
        }
        TrustedProxies::new(ranges).client(peer.parse().unwrap(), &headers).to_string()
    }

    #[test]
    fn nobody_is_believed_by_default() {
        assert_eq!(client(&[], "203.0.113.9", &["198.51.100.1"]), "203.0.113.9");
    }

    #[test]
    fn the_last_untrusted_hop_is_the_client() {
        let seen = client(&["10.0.0.0/8"], "10.0.0.1", &["1.1.1.1, 198.51.100.1, 10.2.3.4"]);
        assert_eq!(seen, "198.51.100.1");
        let seen = client(&["10.0.0.0/8"], "10.0.0.1", &["198.51.100.7", "10.9.9.9"]);
        assert_eq!(seen, "198.51.100.7");
    }

    #[test]
    fn an_unreadable_hop_ends_the_search_at_the_last_one_that_is_known() {
        assert_eq!(client(&["10.0.0.0/8"], "10.0.0.1", &["198.51.100.1, unknown"]), "10.0.0.1");
    }

    #[test]
    fn letters_that_no_header_should_have_do_not_hide_the_hop_behind_them() {
        let ranges = vec!["127.0.0.0/8".parse().unwrap()];
        let mut headers = HeaderMap::new();
        let line = HeaderValue::from_bytes(b"\xff\xc3\xa4, 203.0.113.9").unwrap();
        headers.insert("x-forwarded-for", line);
        let client = TrustedProxies::new(ranges).client("127.0.0.1".parse().unwrap(), &headers);
        assert_eq!(client.to_string(), "203.0.113.9");
    }

    #[test]
    fn version_4_and_mapped_version_6_are_the_same() {
        assert_eq!(
            client(&["10.0.0.0/8"], "::ffff:10.0.0.1", &["198.51.100.1:80"]),
            "198.51.100.1"
        );
        assert_eq!(client(&["::1"], "::1", &["[2001:db8::1]"]), "2001:db8::1");
    }

    #[test]
    fn what_is_no_range_is_refused() {
        for bad in ["", "10.0.0.0/33", "::/129", "example.org", "10.0.0.0/", "10.0.0.0/-1"] {
            assert_eq!(bad.parse::<Range>(), Err(RangeError), "{bad}");
        }
        assert!("0.0.0.0/0".parse::<Range>().unwrap().contains("203.0.113.9".parse().unwrap()));
        assert!(!"0.0.0.0/0".parse::<Range>().unwrap().contains("::1".parse().unwrap()));
    }

    proptest! {
        #[test]
        fn any_header_gives_the_peer_or_an_address_that_was_named(line in "[0-9a-f.:, \\[\\]]{0,60}") {
            let ranges = vec!["0.0.0.0/0".parse().unwrap(), "::/0".parse().unwrap()];
            let mut headers = HeaderMap::new();
            headers.insert("x-forwarded-for", HeaderValue::from_str(&line).unwrap());
            let peer: IpAddr = "192.0.2.1".parse().unwrap();
            let found = TrustedProxies::new(ranges).client(peer, &headers);
            let named = line.split(',').any(|hop| {
                address_of(hop.trim()).is_some_and(|address| address.to_canonical() == found)
            });
            prop_assert!(found == peer || named);
        }

        #[test]
        fn a_range_holds_its_own_addresses(address in any::<u32>(), prefix in 0u32..=32) {
            let address = IpAddr::V4(address.into());
            let range: Range = format!("{address}/{prefix}").parse().unwrap();
            prop_assert!(range.contains(address));
        }

        #[test]
        fn any_text_is_a_range_or_refused(text in ".{0,40}") {
            let _ = text.parse::<Range>();
        }
    }
}
