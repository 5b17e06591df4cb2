//! A URL that may be asked.

use crate::address::Reach;
use http::Uri;
use std::net::IpAddr;

/// Why a URL may not be asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct PlaceError(pub &'static str);

/// A URL: TLS always, but to this machine, or where a setting says that it is inside.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    pub(crate) tls: bool,
    pub(crate) host: String,
    pub(crate) port: u16,
    /// Path and query.
    pub(crate) path: String,
    pub(crate) reach: Reach,
    text: String,
}

impl Place {
    /// Reads a URL. What is not encrypted may only go to this very machine, and only where the
    /// other side may be there.
    pub fn parse(url: &str, reach: Reach) -> Result<Self, PlaceError> {
        Self::read(url, reach, |host| reach == Reach::Own && is_here(host))
    }

    /// Reads a URL inside: of this machine or a private network, and of nowhere else whatever its
    /// name resolves to. There it may go without TLS.
    pub fn parse_inside(url: &str) -> Result<Self, PlaceError> {
        Self::read(url, Reach::Own, |_| true)
    }

    fn read(url: &str, reach: Reach, plain: impl Fn(&str) -> bool) -> Result<Self, PlaceError> {
        let uri: Uri = url.parse().map_err(|_| PlaceError("not a URL"))?;
        let authority = uri.authority().ok_or(PlaceError("no host"))?;
        let host = authority.host().trim_start_matches('[').trim_end_matches(']').to_owned();
        if host.is_empty() {
            return Err(PlaceError("no host"));
        }
        let tls = match uri.scheme_str() {
            Some("https") => true,
            Some("http") if plain(&host) => false,
            _ => return Err(PlaceError("not https")),
        };
        if authority.as_str().contains('@') || url.contains('#') {
            return Err(PlaceError("no user and no fragment may be in it"));
        }
        let port = authority.port_u16().unwrap_or(if tls { 443 } else { 80 });
        let path = uri.path_and_query().map_or("/", http::uri::PathAndQuery::as_str).to_owned();
        Ok(Self { tls, host, port, path, reach, text: url.to_owned() })
    }

    /// As it was written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// What goes into the `Host` header.
    pub(crate) fn authority(&self) -> String {
        let host =
            if self.host.contains(':') { format!("[{}]", self.host) } else { self.host.clone() };
        match (self.tls, self.port) {
            (true, 443) | (false, 80) => host,
            (_, port) => format!("{host}:{port}"),
        }
    }
}

/// Whether the host is this machine.
fn is_here(host: &str) -> bool {
    host == "localhost" || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_leaves_this_machine_without_tls() {
        for url in ["http://127.0.0.1:9/a?b=c", "http://localhost/", "http://[::1]:9"] {
            assert!(Place::parse(url, Reach::Own).is_ok(), "{url}");
            assert!(Place::parse(url, Reach::Public).is_err(), "{url}");
        }
        for url in [
            "http://10.0.0.1/",
            "http://id.example/",
            "ftp://id.example/",
            "javascript:alert(1)",
            "id.example",
            "",
            "https://me@id.example/",
            "https://id.example/#a",
            "https:///a",
        ] {
            assert!(Place::parse(url, Reach::Own).is_err(), "{url}");
        }
    }

    #[test]
    fn what_is_inside_may_go_without_tls_and_leads_nowhere_else() {
        let place = Place::parse_inside("http://pager.lan/hook").unwrap();
        assert_eq!((place.tls, place.reach), (false, Reach::Own));
        assert!(Place::parse_inside("ftp://pager.lan/").is_err());
    }

    #[test]
    fn a_place_is_read_whole() {
        let place = Place::parse("https://id.example/o/authorize?x=1", Reach::Public).unwrap();
        assert_eq!(
            (place.authority().as_str(), place.path.as_str()),
            ("id.example", "/o/authorize?x=1")
        );
        let place = Place::parse("http://[::1]:9000", Reach::Own).unwrap();
        assert_eq!((place.authority().as_str(), place.path.as_str()), ("[::1]:9000", "/"));
    }
}
