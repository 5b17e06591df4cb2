//! SHA-256, HMAC-SHA-256, and comparing without telling where two values differ.

use aws_lc_rs::{constant_time, digest, hmac};

/// HMAC-SHA-256 over the parts, one after the other. The caller makes the split unambiguous.
pub(crate) fn hmac_sha256(key: &[u8], parts: &[&[u8]]) -> [u8; 32] {
    let mut context = hmac::Context::with_key(&hmac::Key::new(hmac::HMAC_SHA256, key));
    for part in parts {
        context.update(part);
    }
    array(context.sign().as_ref())
}

/// SHA-256 over the parts, one after the other.
pub(crate) fn sha256(parts: &[&[u8]]) -> [u8; 32] {
    let mut context = digest::Context::new(&digest::SHA256);
    for part in parts {
        context.update(part);
    }
    array(context.finish().as_ref())
}

/// Whether both are the same; takes as long wherever they differ.
pub(crate) fn equal(a: &[u8], b: &[u8]) -> bool {
    constant_time::verify_slices_are_equal(a, b).is_ok()
}

/// Both functions above always give 32 bytes.
fn array(bytes: &[u8]) -> [u8; 32] {
    let mut out = [0; 32];
    for (to, from) in out.iter_mut().zip(bytes) {
        *to = *from;
    }
    out
}
