//! The session cookie: found in a request, set and taken back in an answer.

use http::{HeaderMap, HeaderValue, header::COOKIE};
use kernel::Secret;
use std::time::Duration;

/// Whether the cookie is sent when another site's page asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Deserialize, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum SameSite {
    /// Only when someone follows a link to us.
    #[default]
    Lax,
    /// Never.
    Strict,
    /// Always: for a web app on an allow-listed origin of its own (seed 003).
    None,
}

/// How the session cookie is called and guarded. Always `HttpOnly`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionCookie {
    name: &'static str,
    secure: bool,
    same_site: SameSite,
}

impl Default for SessionCookie {
    fn default() -> Self {
        Self::secure(SameSite::Lax)
    }
}

impl SessionCookie {
    /// For TLS: the `__Host-` prefix makes browsers refuse it from anywhere but this host.
    #[must_use]
    pub const fn secure(same_site: SameSite) -> Self {
        Self { name: "__Host-salus_sid", secure: true, same_site }
    }

    /// For plain HTTP, where a browser would drop a secure cookie. Such a deployment trusts its
    /// network; `None` needs TLS, so the cookie is `Lax` at the least.
    #[must_use]
    pub const fn plain() -> Self {
        Self { name: "salus_sid", secure: false, same_site: SameSite::Lax }
    }

    /// The cookie that says which device this is, guarded in the same way. It opens nothing.
    #[must_use]
    pub const fn of_device(&self) -> Self {
        let name = if self.secure { "__Host-salus_dev" } else { "salus_dev" };
        Self { name, secure: self.secure, same_site: self.same_site }
    }

    /// The cookie of a browser that is at a provider of log-ins, guarded in the same way.
    #[must_use]
    pub const fn of_provider(&self) -> Self {
        let name = if self.secure { "__Host-salus_oidc" } else { "salus_oidc" };
        Self { name, secure: self.secure, same_site: self.same_site }
    }

    /// The name that requests carry.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// The `Set-Cookie` of a new session. `None` if the value has letters no cookie may have.
    #[must_use]
    pub fn set(&self, value: &Secret<String>, max_age: Duration) -> Option<HeaderValue> {
        // EXPOSE: the browser has to get its cookie.
        let value = value.expose();
        value.bytes().all(is_cookie_octet).then_some(())?;
        self.header(value, max_age.as_secs())
    }

    /// The `Set-Cookie` that takes the cookie back.
    #[must_use]
    pub fn clear(&self) -> Option<HeaderValue> {
        self.header("", 0)
    }

    fn header(&self, value: &str, max_age: u64) -> Option<HeaderValue> {
        let secure = if self.secure { "; Secure" } else { "" };
        let same_site = match self.same_site {
            SameSite::Lax => "Lax",
            SameSite::Strict => "Strict",
            SameSite::None => "None",
        };
        let text = format!(
            "{}={value}; Path=/; Max-Age={max_age}; HttpOnly{secure}; SameSite={same_site}",
            self.name
        );
        let mut header = HeaderValue::try_from(text).ok()?;
        header.set_sensitive(true);
        Some(header)
    }
}

const fn is_cookie_octet(byte: u8) -> bool {
    matches!(byte, 0x21 | 0x23..=0x2b | 0x2d..=0x3a | 0x3c..=0x5b | 0x5d..=0x7e)
}

/// The value of the cookie with this name. Two of the same name are none: one of them may have
/// been planted by a page on a neighbouring host.
#[must_use]
pub fn find(headers: &HeaderMap, name: &str) -> Option<Secret<String>> {
    // As bytes: other cookies of this host may hold anything.
    let mut values = headers
        .get_all(COOKIE)
        .iter()
        .flat_map(|line| line.as_bytes().split(|byte| *byte == b';'))
        .filter_map(|pair| std::str::from_utf8(pair).ok()?.trim().split_once('='))
        .filter(|(key, value)| *key == name && !value.is_empty())
        .map(|(_, value)| value);
    let found = values.next()?;
    values.next().is_none().then(|| Secret::new(found.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn request(cookie: &str) -> HeaderMap {
        HeaderMap::from_iter([(COOKIE, HeaderValue::from_str(cookie).unwrap())])
    }

    fn found(cookie: &str) -> Option<String> {
        find(&request(cookie), "__Host-salus_sid").map(|value| value.expose().clone())
    }

    #[test]
    fn the_cookie_is_found_among_others() {
        assert_eq!(found("a=1; __Host-salus_sid=xyz; b=2").as_deref(), Some("xyz"));
        assert_eq!(found("salus_sid=xyz"), None);
        assert_eq!(found("__Host-salus_sid="), None);
    }

    #[test]
    fn a_neighbours_cookie_in_other_letters_hides_nothing() {
        let line = HeaderValue::from_bytes(b"theme=\xe4; __Host-salus_sid=xyz; \xc3\xa9=1");
        let headers = HeaderMap::from_iter([(COOKIE, line.unwrap())]);
        assert_eq!(find(&headers, "__Host-salus_sid").unwrap().expose(), "xyz");
    }

    #[test]
    fn a_cookie_sent_twice_is_none() {
        assert_eq!(found("__Host-salus_sid=mine; __Host-salus_sid=planted"), None);
    }

    #[test]
    fn a_secure_cookie_has_every_guard() {
        let cookie = SessionCookie::default();
        let header = cookie.set(&Secret::new("abc".into()), Duration::from_mins(1)).unwrap();
        assert_eq!(
            header.to_str().unwrap(),
            "__Host-salus_sid=abc; Path=/; Max-Age=60; HttpOnly; Secure; SameSite=Lax"
        );
        assert!(header.is_sensitive());
        assert!(cookie.clear().unwrap().to_str().unwrap().contains("Max-Age=0"));
    }

    #[test]
    fn a_value_cannot_add_attributes_of_its_own() {
        let cookie = SessionCookie::plain();
        for bad in ["a;b", "a b", "a,b", "a\"b", "a\nb", "ä"] {
            assert!(cookie.set(&Secret::new(bad.into()), Duration::ZERO).is_none(), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn any_cookie_line_is_read_without_harm(line in "[ -~]{0,80}") {
            let _ = found(&line);
        }
    }
}
