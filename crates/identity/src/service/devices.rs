//! Devices that someone was logged in on before.
//!
//! After a full log-in the browser gets a cookie that names the device and proves, by an HMAC,
//! that this account was logged in on it. It opens nothing; it only gives the owner a lane of
//! their own, so that strangers who guess at the account cannot slow the owner down.

use super::Identity;
use crate::error::IdentityError;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use kernel::{Ctx, Secret, Subject, TenantId, Timestamp, UserId};
use std::time::Duration;
use uuid::Uuid;
use vault::SystemKey;

/// The system key that the cookies are made with.
pub(crate) const DEVICE_KEY: &str = "identity.device";
const PREFIX: &str = "dev1_";
/// How long a device is known after a log-in.
pub(crate) const KNOWN_FOR: Duration = Duration::from_hours(24 * 180);

/// What names a device.
pub(crate) type DeviceId = [u8; 16];

struct Cookie {
    device: DeviceId,
    until: Timestamp,
    mac: [u8; 32],
}

impl Cookie {
    fn parse(text: &Secret<String>) -> Option<Self> {
        // EXPOSE: it has to be read to be checked.
        let text = text.expose().as_str();
        let bytes = URL_SAFE_NO_PAD.decode(text.strip_prefix(PREFIX)?).ok()?;
        let (device, rest) = bytes.split_first_chunk::<16>()?;
        let (until, mac) = rest.split_first_chunk::<8>()?;
        let until = Timestamp::from_micros(i64::from_be_bytes(*until));
        let read = Self { device: *device, until, mac: mac.try_into().ok()? };
        // EXPOSE: only what would be written again counts.
        (read.text().expose() == text).then_some(read)
    }

    fn text(&self) -> Secret<String> {
        let until = self.until.as_micros().to_be_bytes();
        let bytes = [self.device.as_slice(), &until, &self.mac].concat();
        Secret::new(format!("{PREFIX}{}", URL_SAFE_NO_PAD.encode(bytes)))
    }
}

fn mac(key: &SystemKey, subject: Subject, device: &DeviceId, until: Timestamp) -> [u8; 32] {
    let (tenant, user) = (subject.tenant.as_uuid(), subject.user.as_uuid());
    let until = until.as_micros().to_be_bytes();
    key.mac(&[b"device", tenant.as_bytes(), user.as_bytes(), device, &until])
}

impl Identity {
    /// The device that the cookie names, if this person was logged in on it. Takes as long if
    /// there is no such person.
    pub(super) async fn known_device(
        &self,
        ctx: &Ctx,
        tenant: TenantId,
        found: Option<Subject>,
        cookie: Option<&Secret<String>>,
    ) -> Result<Option<DeviceId>, IdentityError> {
        let Some(cookie) = cookie.and_then(Cookie::parse) else { return Ok(None) };
        let nobody = Subject::new(tenant, UserId::from_uuid(Uuid::nil()));
        let subject = found.unwrap_or(nobody);
        let keys = self.0.vault.system_key(DEVICE_KEY).await?;
        let holds = keys.iter().any(|key| {
            let mac = mac(key, subject, &cookie.device, cookie.until);
            bool::from(subtle::ConstantTimeEq::ct_eq(mac.as_slice(), cookie.mac.as_slice()))
        });
        let known = holds && found.is_some() && cookie.until > ctx.now();
        Ok(known.then_some(cookie.device))
    }

    /// A cookie that says that this person was logged in on this device, or on a new one.
    pub(super) async fn remember_device(
        &self,
        ctx: &Ctx,
        subject: Subject,
        known: Option<DeviceId>,
    ) -> Result<Secret<String>, IdentityError> {
        let keys = self.0.vault.system_key(DEVICE_KEY).await?;
        let device = known.unwrap_or_else(|| ctx.env().random());
        let until = ctx.now().plus(KNOWN_FOR);
        let mac = mac(keys.current()?, subject, &device, until);
        Ok(Cookie { device, until, mac }.text())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_format_of_the_cookie_never_changes() {
        let text = format!("{PREFIX}{}", URL_SAFE_NO_PAD.encode([1; 56]));
        let cookie = Cookie::parse(&Secret::new(text.clone())).unwrap();
        assert_eq!((cookie.device, cookie.mac), ([1; 16], [1; 32]));
        assert_eq!(cookie.text().expose(), &text);
    }

    proptest! {
        #[test]
        fn any_text_is_refused_or_reads_back(text in ".{0,90}") {
            let secret = Secret::new(text.clone());
            if let Some(cookie) = Cookie::parse(&secret) {
                let again = cookie.text();
                prop_assert_eq!(again.expose(), &text);
            }
        }
    }
}
