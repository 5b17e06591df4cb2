//! Second factors: what they are and the rules about them, no I/O.

pub(crate) mod recovery;
pub(crate) mod totp;

pub use recovery::RecoveryCode;
pub use totp::TotpCode;

use kernel::{Secret, Timestamp};

/// What can be asked for besides the first factor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FactorKind {
    /// A key on a device, released by whatever unlocks the device.
    Passkey,
    /// A code of an authenticator app.
    Totp,
    /// One of ten codes on paper, for when the others are lost.
    RecoveryCode,
}

impl FactorKind {
    /// The stable name, as stored and shown.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Passkey => "passkey",
            Self::Totp => "totp",
            Self::RecoveryCode => "recovery_code",
        }
    }

    /// How it stands in the `amr` of a log-in (RFC 8176, where that has a name for it).
    #[must_use]
    pub const fn amr(self) -> &'static str {
        match self {
            Self::Passkey => "pop user",
            Self::Totp => "otp",
            Self::RecoveryCode => "recovery",
        }
    }
}

/// The second factors of a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Factors {
    /// Since when there is an authenticator app.
    pub totp_since: Option<Timestamp>,
    /// The person said when registering that they want one, and has none yet.
    pub wanted: bool,
    /// How many passkeys there are.
    pub passkeys: u32,
    /// How many recovery codes are left.
    pub recovery_left: u32,
}

impl Factors {
    /// Whether a log-in needs one. Recovery codes alone ask for nothing: they stand in for what
    /// was lost.
    #[must_use]
    pub const fn any(&self) -> bool {
        self.totp_since.is_some() || self.passkeys > 0
    }

    /// What can be asked for, the best first and the last resort last.
    #[must_use]
    pub fn kinds(&self) -> Vec<FactorKind> {
        let kinds = [
            (self.passkeys > 0, FactorKind::Passkey),
            (self.totp_since.is_some(), FactorKind::Totp),
            (self.recovery_left > 0, FactorKind::RecoveryCode),
        ];
        kinds.into_iter().filter_map(|(there, kind)| there.then_some(kind)).collect()
    }
}

/// A code that someone typed: which of the two kinds it is, its form tells.
#[derive(Clone)]
pub enum TypedCode {
    /// Six digits.
    Totp(TotpCode),
    /// Anything else.
    Recovery(RecoveryCode),
}

impl TypedCode {
    /// What was typed, with or without gaps.
    #[must_use]
    pub fn new(text: &Secret<String>) -> Self {
        TotpCode::typed(text).map_or_else(|| Self::Recovery(RecoveryCode::typed(text)), Self::Totp)
    }

    pub(crate) const fn kind(&self) -> FactorKind {
        match self {
            Self::Totp(_) => FactorKind::Totp,
            Self::Recovery(_) => FactorKind::RecoveryCode,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_form_of_a_code_tells_which_kind_it_is() {
        let kind = |text: &str| TypedCode::new(&Secret::new(text.to_owned())).kind();
        assert_eq!(kind("123456"), FactorKind::Totp);
        assert_eq!(kind(" 123 456 "), FactorKind::Totp);
        assert_eq!(kind("1234567"), FactorKind::RecoveryCode);
        assert_eq!(kind("0000-1111-2222-3333"), FactorKind::RecoveryCode);
        assert_eq!(kind("١٢٣٤٥٦"), FactorKind::RecoveryCode, "digits of other scripts are none");
    }

    #[test]
    fn recovery_codes_alone_are_no_factor_and_always_the_last_resort() {
        let mut factors = Factors { recovery_left: 10, ..Factors::default() };
        assert!(!factors.any());
        factors.totp_since = Some(Timestamp::from_micros(1));
        factors.passkeys = 1;
        assert!(factors.any());
        let names: Vec<_> = factors.kinds().into_iter().map(FactorKind::name).collect();
        assert_eq!(names, ["passkey", "totp", "recovery_code"]);
    }
}
