//! Where a provider lives, and which addresses it may have.
//!
//! Only a provider that is marked as local may be in this machine or a private network, and it may
//! be nowhere else; only it may be spoken to without TLS. The rule is about the address that is
//! connected to, after the name was resolved, so that a name cannot lead inside.

use crate::{error::LlmError, model::Location};
use http::Uri;
use outbound::Reach;
use std::net::IpAddr;

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
        let may_be_at = |ip: IpAddr| endpoint.reach().is_some_and(|reach| reach.admits(ip));
        match endpoint.host.parse() {
            Ok(ip) if !may_be_at(ip) => {
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

    /// Where the provider may be; nowhere, if it needs no connection.
    pub(super) const fn reach(&self) -> Option<Reach> {
        match self.location {
            Location::Local => Some(Reach::Own),
            Location::Remote => Some(Reach::Public),
            Location::Builtin => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_provider_is_where_its_location_says() {
        let reach = |location| Endpoint::parse("https://models.example", location).unwrap().reach();
        assert_eq!(reach(Location::Remote), Some(Reach::Public));
        assert_eq!(reach(Location::Local), Some(Reach::Own));
        assert_eq!(reach(Location::Builtin), None);
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
}
