//! Which addresses may be connected to.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Where the other side may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// On this machine or in a private network, and nowhere else.
    Own,
    /// On the public internet, and nowhere else.
    Public,
}

impl Reach {
    /// Whether it may have this address.
    #[must_use]
    pub fn admits(self, ip: IpAddr) -> bool {
        !hands_out_keys(plain(ip))
            && match self {
                Self::Own => is_own(ip),
                Self::Public => is_public(ip),
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

/// Where clouds hand out keys to the machines in them, besides link-local addresses: AWS and Google
/// over v6, Alibaba, Azure, Oracle.
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

    #[test]
    fn what_is_public_is_never_inside() {
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
            assert!(!Reach::Public.admits(ip.parse().unwrap()), "{ip}");
        }
        for ip in ["1.1.1.1", "8.8.8.8", "2606:4700::1111", "::ffff:1.1.1.1"] {
            assert!(Reach::Public.admits(ip.parse().unwrap()), "{ip}");
        }
    }

    #[test]
    fn what_is_our_own_is_never_outside_nor_where_clouds_hand_out_keys() {
        for ip in ["127.0.0.1", "10.1.2.3", "192.168.1.1", "::1", "fd00::1", "100.64.0.1"] {
            assert!(Reach::Own.admits(ip.parse().unwrap()), "{ip}");
        }
        for ip in ["1.1.1.1", "169.254.169.254", "fe80::1", "::ffff:169.254.169.254", "0.0.0.0"] {
            assert!(!Reach::Own.admits(ip.parse().unwrap()), "{ip}");
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
            let ip = ip.parse().unwrap();
            assert!(!Reach::Own.admits(ip) && !Reach::Public.admits(ip), "{ip}");
        }
    }

    proptest! {
        #[test]
        fn no_address_is_both_inside_and_outside(bits in any::<u128>(), four in any::<u32>()) {
            for ip in [IpAddr::V6(bits.into()), IpAddr::V4(four.into())] {
                prop_assert!(!(Reach::Own.admits(ip) && Reach::Public.admits(ip)));
            }
        }
    }
}
