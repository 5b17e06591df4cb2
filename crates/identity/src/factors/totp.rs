//! Codes of authenticator apps (RFC 6238): six digits, every thirty seconds, HMAC-SHA-1, because
//! that is what every app can do. SHA-1 is not weak in this use: nothing rests on collisions.

use aws_lc_rs::hmac;
use kernel::{Env, Secret, Timestamp};
use subtle::ConstantTimeEq;

const STEP_SECONDS: i64 = 30;
/// How far the clock of a telephone may be off, in steps.
const SKEW: i64 = 1;
const DIGITS: usize = 6;
/// As long as the output of the hash, as RFC 4226 recommends.
const SECRET_BYTES: usize = 20;
/// RFC 4648.
const BASE32: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// Six digits that someone typed.
#[derive(Clone)]
pub struct TotpCode(Secret<String>);

impl TotpCode {
    /// What was typed, with or without gaps; `None` if it is not six digits.
    #[must_use]
    pub fn typed(text: &Secret<String>) -> Option<Self> {
        let digits =
            text.map(|text| text.chars().filter(|letter| !letter.is_whitespace()).collect());
        // EXPOSE: its form is looked at.
        let text: &String = digits.expose();
        let fits = text.len() == DIGITS && text.bytes().all(|byte| byte.is_ascii_digit());
        fits.then_some(Self(digits))
    }
}

/// What an authenticator app makes codes with.
pub(crate) struct TotpSecret(Secret<Vec<u8>>);

impl TotpSecret {
    pub(crate) fn random(env: &Env) -> Self {
        Self(Secret::new(env.random::<SECRET_BYTES>().to_vec()))
    }

    pub(crate) const fn from_bytes(bytes: Secret<Vec<u8>>) -> Self {
        Self(bytes)
    }

    pub(crate) const fn bytes(&self) -> &Secret<Vec<u8>> {
        &self.0
    }

    /// For people who type it into their app.
    pub(crate) fn base32(&self) -> Secret<String> {
        self.0.map(|bytes| base32(bytes))
    }

    /// What a QR code holds. `account` is shown by the app beside the codes.
    pub(crate) fn uri(&self, issuer: &str, account: &str) -> Secret<String> {
        let (issuer, account) = (percent(issuer), percent(account));
        self.base32().map(|secret| {
            format!(
                "otpauth://totp/{issuer}:{account}?secret={secret}&issuer={issuer}\
                 &algorithm=SHA1&digits={DIGITS}&period={STEP_SECONDS}"
            )
        })
    }

    /// The steps around this moment whose code this is, oldest first.
    pub(crate) fn steps(&self, code: &TotpCode, now: Timestamp) -> Vec<i64> {
        let present = step_of(now);
        // Each is computed and compared, whichever fits.
        let fits = |step: &i64| bool::from(self.code(*step).as_bytes().ct_eq(code.text()));
        (present - SKEW..=present + SKEW).filter(|step| *step >= 0).filter(fits).collect()
    }

    /// The code of a step (RFC 4226).
    pub(crate) fn code(&self, step: i64) -> String {
        // EXPOSE: the code is made with it.
        let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, self.0.expose());
        let tag = hmac::sign(&key, &step.to_be_bytes());
        let bytes = tag.as_ref();
        let offset = usize::from(bytes.last().copied().unwrap_or_default() & 0x0f);
        let word = bytes.get(offset..offset + 4).and_then(|word| word.first_chunk::<4>());
        let number = word.map_or(0, |word| u32::from_be_bytes(*word) & 0x7fff_ffff);
        format!("{:0DIGITS$}", number % 1_000_000)
    }
}

impl TotpCode {
    fn text(&self) -> &[u8] {
        // EXPOSE: it is compared, in constant time.
        self.0.expose().as_bytes()
    }
}

/// The thirty seconds that a moment lies in.
pub(crate) const fn step_of(now: Timestamp) -> i64 {
    now.as_seconds().div_euclid(STEP_SECONDS)
}

fn base32(bytes: &[u8]) -> String {
    let (mut out, mut bits, mut held) = (String::new(), 0_u32, 0_u32);
    for byte in bytes {
        held = held << 8 | u32::from(*byte);
        bits += 8;
        while bits >= 5 {
            bits -= 5;
            out.push(letter(held >> bits));
        }
    }
    if bits > 0 {
        out.push(letter(held << (5 - bits)));
    }
    out
}

fn letter(bits: u32) -> char {
    let index = usize::try_from(bits & 31).unwrap_or_default();
    BASE32.get(index).map_or('A', |letter| char::from(*letter))
}

fn hex(digit: u8) -> char {
    char::from_digit(u32::from(digit), 16).map_or('0', |digit| digit.to_ascii_uppercase())
}

/// Everything but harmless letters as `%XX`.
fn percent(text: &str) -> String {
    let mut out = String::new();
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push('%');
            out.extend([byte >> 4, byte & 15].map(hex));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn rfc() -> TotpSecret {
        TotpSecret::from_bytes(Secret::new(b"12345678901234567890".to_vec()))
    }

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_micros(seconds * 1_000_000)
    }

    fn typed(text: &str) -> TotpCode {
        TotpCode::typed(&Secret::new(text.to_owned())).unwrap()
    }

    #[test]
    fn the_vectors_of_rfc_6238_hold() {
        // The RFC shows eight digits; six are the last six of them.
        for (seconds, code) in [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (1_111_111_111, "050471"),
            (1_234_567_890, "005924"),
            (2_000_000_000, "279037"),
            (20_000_000_000, "353130"),
        ] {
            assert_eq!(rfc().code(step_of(at(seconds))), code, "{seconds}");
        }
    }

    #[test]
    fn the_vectors_of_rfc_4226_hold() {
        let codes = [
            "755224", "287082", "359152", "969429", "338314", "254676", "287922", "162583",
            "399871", "520489",
        ];
        for (counter, code) in (0..).zip(codes) {
            assert_eq!(rfc().code(counter), code);
        }
    }

    #[test]
    fn the_vectors_of_rfc_4648_hold() {
        for (text, encoded) in [
            ("", ""),
            ("f", "MY"),
            ("foo", "MZXW6"),
            ("foob", "MZXW6YQ"),
            ("fooba", "MZXW6YTB"),
            ("foobar", "MZXW6YTBOI"),
        ] {
            assert_eq!(base32(text.as_bytes()), encoded);
        }
    }

    #[test]
    fn a_code_counts_one_step_early_or_late_and_no_longer() {
        let code = typed(&rfc().code(100));
        assert_eq!(rfc().steps(&code, at(98 * 30 + 29)), [0_i64; 0]);
        assert_eq!(rfc().steps(&code, at(99 * 30)), [100]);
        assert_eq!(rfc().steps(&code, at(101 * 30 + 29)), [100]);
        assert_eq!(rfc().steps(&code, at(102 * 30)), [0_i64; 0]);
    }

    #[test]
    fn an_app_reads_names_with_any_letters() {
        let uri = rfc().uri("Salus", "ana:1@b.de&x=1");
        assert_eq!(
            uri.expose(),
            "otpauth://totp/Salus:ana%3A1%40b.de%26x%3D1?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ\
             &issuer=Salus&algorithm=SHA1&digits=6&period=30"
        );
    }

    proptest! {
        #[test]
        fn every_code_of_a_step_is_found_in_it(step in 1_i64..1_000_000_000) {
            let code = typed(&rfc().code(step));
            prop_assert!(rfc().steps(&code, at(step * 30)).contains(&step));
        }

        #[test]
        fn any_text_is_six_digits_or_no_code(text in "\\PC{0,12}") {
            let secret = Secret::new(text.clone());
            let digits: String = text.chars().filter(|letter| !letter.is_whitespace()).collect();
            let fits = digits.len() == 6 && digits.chars().all(|d| d.is_ascii_digit());
            prop_assert_eq!(TotpCode::typed(&secret).is_some(), fits);
        }
    }
}
