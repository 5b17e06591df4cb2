//! Where a provider lives, and which addresses it may have.
//!
//! Only a provider that is marked as local may be in this machine or a private network, and it may
//! be nowhere else; only it may be spoken to without TLS. The rule is about the address that is
//! connected to, after the name was resolved, so that a name cannot lead inside.

use crate::{error::LlmError, model::Location};
use http::Uri;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// The place where a provider answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoint {
    pub(super) tls: bool,
    pub(super) host: String,
    pub(super) port: u16,
    /// What comes before every path; without a slash at the end.
    base: String,
    pub(super) location: Location,
}

impl Endpoint {
    /// Reads an address such as `http://127.0.0.1:1234/v1`.
    pub fn parse(url: &str, location: Location) -> Result<Self, LlmError> {
        let uri: Uri = url.parse().map_err(|_| LlmError::Address("not a URL"))?;
        let tls = match uri.scheme_str() {
            Some("https") => true,
            Some("http") if location == Location::Local => false,
            Some("http") => return Err(LlmError::Address("only local providers go without TLS")),
            _ => return Err(LlmError::Address("neither http nor https")),
        };
        let authority = uri.authority().ok_or(LlmError::Address("no host"))?;
        if authority.as_str().contains('@') || uri.query().is_some() || url.contains('#') {
            return Err(LlmError::Address("no user, query or fragment may be in it"));
        }
        let port = authority.port_u16().unwrap_or(if tls { 443 } else { 80 });
        let host = authority.host().trim_start_matches('[').trim_end_matches(']').to_owned();
        if host.is_empty() {
            return Err(LlmError::Address("no host"));
        }
        let base = uri.path().trim_end_matches('/').to_owned();
        let endpoint = Self { tls, host: host.to_ascii_lowercase(), port, base, location };
        // A name is judged when it is resolved, an address can be judged now.
        match endpoint.host.parse() {
            Ok(ip) if !endpoint.may_be_at(ip) => {
                Err(LlmError::Address("this provider may not be at that address"))
            }
            _ => Ok(endpoint),
        }
    }

    /// Whether both are the same host and port, spoken to in the same way.
    #[must_use]
    pub fn is_same_server(&self, other: &Self) -> bool {
        (self.tls, self.port) == (other.tls, other.port) && self.host == other.host
    }

    /// The name or address of the host.
    #[must_use]
    pub fn host(&self) -> &str {
        &self.host
    }

    /// The same without what comes before every path.
    #[must_use]
    pub fn without_path(self) -> Self {
        Self { base: String::new(), ..self }
    }

    /// The path of a request.
    pub(super) fn path(&self, path: &str) -> String {
        format!("{}{path}", self.base)
    }

    /// What goes into the `Host` header.
    pub(super) fn authority(&self) -> String {
        let host =
            if self.host.contains(':') { format!("[{}]", self.host) } else { self.host.clone() };
        match (self.tls, self.port) {
            (true, 443) | (false, 80) => host,
            (_, port) => format!("{host}:{port}"),
        }
    }

    /// Whether the provider may have this address.
    pub(super) fn may_be_at(&self, ip: IpAddr) -> bool {
        !hands_out_keys(plain(ip))
            && match self.location {
                Location::Local => is_own(ip),
                Location::Remote => is_public(ip),
                Location::Builtin => false,
            }
    }
}

/// The v4 address inside a v6 one, where routers or the system would take it for that.
fn plain(ip: IpAddr) -> IpAddr {
    let IpAddr::V6(v6) = ip else { return ip };
    let inner = |a: u16, b: u16| {
        let ([w, x], [y, z]) = (a.to_be_bytes(), b.to_be_bytes());
        IpAddr::V4(Ipv4Addr::new(w, x, y, z))
    };
    match v6.segments() {
        [0, 0, 0, 0, 0, 0, 0, _] => ip,
        [0, 0, 0, 0, 0, 0 | 0xffff, a, b]
        | [0x64, 0xff9b, 0, 0, 0, 0, a, b]
        | [0x2002, a, b, ..] => inner(a, b),
        _ => ip,
    }
}

/// Where clouds hand out keys to the machines in them, besides link-local addresses: it is nobody's
/// provider. AWS and Google over v6, Alibaba, Azure, Oracle.
fn hands_out_keys(ip: IpAddr) -> bool {
    const V6: [[u16; 8]; 2] =
        [[0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x254], [0xfd20, 0xce, 0, 0, 0, 0, 0, 0x254]];
    match ip {
        IpAddr::V4(v4) => {
            [[100, 100, 100, 200], [168, 63, 129, 16], [192, 0, 0, 192]].contains(&v4.octets())
        }
        IpAddr::V6(v6) => V6.contains(&v6.segments()),
    }
}

/// This machine, or a private network. Link-local addresses are neither: there the services of
/// cloud providers hand out keys.
fn is_own(ip: IpAddr) -> bool {
    match plain(ip) {
        IpAddr::V4(v4) => {
            v4.is_loopback() || v4.is_private() || matches!(v4.octets(), [100, 64..=127, ..])
        }
        IpAddr::V6(v6) => v6.is_loopback() || v6.is_unique_local(),
    }
}

fn is_public(ip: IpAddr) -> bool {
    !is_own(ip)
        && match plain(ip) {
            IpAddr::V4(v4) => is_public_v4(v4),
            IpAddr::V6(v6) => is_public_v6(v6),
        }
}

fn is_public_v4(ip: Ipv4Addr) -> bool {
    let reserved = matches!(
        ip.octets(),
        [0 | 240..=255, ..] | [192, 0, 0, _] | [198, 18..=19, ..] | [192, 88, 99, _]
    );
    !reserved && !ip.is_link_local() && !ip.is_multicast() && !ip.is_documentation()
}

fn is_public_v6(ip: Ipv6Addr) -> bool {
    // 2000::/3 is all that is given out; 2001:db8::/32 is for documents, 2001:0::/32 is Teredo.
    matches!(ip.segments(), [0x2000..=0x3fff, ..])
        && !matches!(ip.segments(), [0x2001, 0xdb8 | 0, ..])
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn at(location: Location, ip: &str) -> bool {
        let endpoint = Endpoint::parse("https://models.example", location).unwrap();
        endpoint.may_be_at(ip.parse().unwrap())
    }

    #[test]
    fn a_remote_provider_is_never_inside() {
        for ip in [
            "127.0.0.1",
            "10.1.2.3",
            "172.16.0.1",
            "192.168.1.1",
            "169.254.169.254",
            "0.0.0.0",
            "100.64.0.1",
            "224.0.0.1",
            "255.255.255.255",
            "198.18.0.1",
            "192.0.2.1",
            "::1",
            "::",
            "::ffff:127.0.0.1",
            "::ffff:10.0.0.1",
            "fd00::1",
            "fe80::1",
            "ff02::1",
            "64:ff9b::7f00:1",
            "2002:7f00:1::",
            "2002:a9fe:a9fe::1",
            "::127.0.0.1",
            "2001:db8::1",
        ] {
            assert!(!at(Location::Remote, ip), "{ip}");
        }
        for ip in ["1.1.1.1", "8.8.8.8", "2606:4700::1111", "::ffff:1.1.1.1"] {
            assert!(at(Location::Remote, ip), "{ip}");
        }
    }

    #[test]
    fn a_local_provider_is_never_outside_nor_where_clouds_hand_out_keys() {
        for ip in ["127.0.0.1", "10.1.2.3", "192.168.1.1", "::1", "fd00::1", "100.64.0.1"] {
            assert!(at(Location::Local, ip), "{ip}");
        }
        for ip in ["1.1.1.1", "169.254.169.254", "fe80::1", "::ffff:169.254.169.254", "0.0.0.0"] {
            assert!(!at(Location::Local, ip), "{ip}");
        }
        for ip in ["fd00:ec2::254", "fd20:ce::254", "100.100.100.200", "168.63.129.16"] {
            assert!(!at(Location::Local, ip) && !at(Location::Remote, ip), "{ip}");
        }
    }

    #[test]
    fn an_address_that_may_not_be_is_refused_when_it_is_read() {
        for url in ["https://127.0.0.1", "https://[::1]/v1", "https://169.254.169.254/latest"] {
            assert!(Endpoint::parse(url, Location::Remote).is_err(), "{url}");
        }
        for url in ["http://169.254.169.254/", "http://[fd00:ec2::254]", "http://8.8.8.8"] {
            assert!(Endpoint::parse(url, Location::Local).is_err(), "{url}");
        }
    }

    #[test]
    fn nobody_is_where_clouds_hand_out_keys() {
        for ip in [
            "169.254.169.254",
            "169.254.170.2",
            "fd00:ec2::254",
            "fd20:ce::254",
            "100.100.100.200",
            "::ffff:100.100.100.200",
            "168.63.129.16",
            "192.0.0.192",
        ] {
            assert!(!at(Location::Local, ip) && !at(Location::Remote, ip), "{ip}");
        }
    }

    #[test]
    fn addresses_are_read_whole_or_not_at_all() {
        let endpoint = Endpoint::parse("http://127.0.0.1:1234/v1/", Location::Local).unwrap();
        assert_eq!(endpoint.path("/models"), "/v1/models");
        assert_eq!(endpoint.authority(), "127.0.0.1:1234");
        let endpoint = Endpoint::parse("https://[::1]", Location::Local).unwrap();
        assert_eq!((endpoint.authority().as_str(), endpoint.host.as_str()), ("[::1]", "::1"));
        for bad in [
            "",
            "models",
            "ftp://models.example",
            "http://models.example",
            "https://",
            "https://key@models.example",
            "https://models.example/?key=1",
            "https://m.example/#x",
        ] {
            assert!(Endpoint::parse(bad, Location::Remote).is_err(), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn no_address_is_both_inside_and_outside(bits in any::<u128>(), four in any::<u32>()) {
            for ip in [IpAddr::V6(bits.into()), IpAddr::V4(four.into())] {
                prop_assert!(!(is_own(ip) && is_public(ip)));
            }
        }
    }
}
