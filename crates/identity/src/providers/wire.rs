//! What is asked of a provider, as text: addresses with a query, and forms.

use base64::{Engine, engine::general_purpose::STANDARD};
use kernel::Secret;
use std::fmt::Write;

/// Pairs as `application/x-www-form-urlencoded`, which is also what a query is.
pub(super) fn form(pairs: &[(&str, &str)]) -> String {
    let pairs = pairs.iter().map(|(name, value)| format!("{}={}", encoded(name), encoded(value)));
    pairs.collect::<Vec<_>>().join("&")
}

/// An address with these pairs besides those that it has.
pub(super) fn with_query(address: &str, pairs: &[(&str, &str)]) -> String {
    let join = if address.contains('?') { '&' } else { '?' };
    format!("{address}{join}{}", form(pairs))
}

/// The value of `Authorization` for a client and its secret (RFC 6749, 2.3.1).
pub(super) fn basic(id: &str, secret: &Secret<String>) -> Secret<String> {
    let id = encoded(id);
    secret.map(|secret| format!("Basic {}", STANDARD.encode(format!("{id}:{}", encoded(secret)))))
}

fn encoded(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(byte.into());
        } else {
            // Writing into a text never fails.
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_gets_out_of_its_place() {
        let pairs = [("a", "1&b=2"), ("c", "ä /?#%+")];
        assert_eq!(form(&pairs), "a=1%26b%3D2&c=%C3%A4%20%2F%3F%23%25%2B");
        assert_eq!(with_query("https://i/a", &[("x", "y")]), "https://i/a?x=y");
        assert_eq!(with_query("https://i/a?p=q", &[("x", "y")]), "https://i/a?p=q&x=y");
        let basic = basic("a:b", &Secret::new("c d".to_owned()));
        assert_eq!(basic.expose(), &format!("Basic {}", STANDARD.encode("a%3Ab:c%20d")));
    }
}
