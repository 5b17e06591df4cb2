//! HKDF-Expand. The extract step is never needed: what goes in is always a uniformly random key.

use super::envelope::Unopenable;
use aws_lc_rs::hkdf::{Algorithm, HKDF_SHA256, HKDF_SHA512, KeyType, Prk};

struct Length(usize);

impl KeyType for Length {
    fn len(&self) -> usize {
        self.0
    }
}

/// HKDF-Expand with SHA-256: fills `out`. Fails only if `out` is longer than HKDF can fill.
pub(crate) fn expand_sha256(prk: &[u8], info: &[&[u8]], out: &mut [u8]) -> Result<(), Unopenable> {
    expand(HKDF_SHA256, prk, info, out)
}

/// HKDF-Expand with SHA-512: fills `out`. Fails only if `out` is longer than HKDF can fill.
pub(crate) fn expand_sha512(prk: &[u8], info: &[&[u8]], out: &mut [u8]) -> Result<(), Unopenable> {
    expand(HKDF_SHA512, prk, info, out)
}

fn expand(
    algorithm: Algorithm,
    prk: &[u8],
    info: &[&[u8]],
    out: &mut [u8],
) -> Result<(), Unopenable> {
    Prk::new_less_safe(algorithm, prk)
        .expand(info, Length(out.len()))
        .and_then(|okm| okm.fill(out))
        .map_err(|_| Unopenable)
}
