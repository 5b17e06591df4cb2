//! What can go wrong with keys and sealed values.

use crate::{column::Ring, hazmat::Unopenable, kms::KmsError, store::StoreError};
use kernel::{Coded, ErrorCode};
use std::time::Duration;

kernel::error_codes! {
    /// The value was sealed under keys that were destroyed.
    DATA_ERASED = Gone, "This data was erased for good.";
    /// The value is damaged, or is not in the place where it was sealed.
    DATA_UNREADABLE = Internal, "This data cannot be read. Please tell whoever runs this service.";
    /// The keys cannot be had right now.
    KEYS_UNAVAILABLE = Unavailable, "Salus cannot reach its keys right now. Please try again soon.";
    /// A fault in how keys are used or configured.
    KEYS_FAULTY = Internal, "Something is wrong with the keys of this service. Please tell whoever runs it.";
}

/// Why a value was not sealed or opened, or a key not made, rotated or destroyed.
#[derive(Debug, thiserror::Error)]
pub enum VaultError {
    /// It does not open: damaged, moved, or not sealed by us. Which one is never said.
    #[error("a sealed value does not open")]
    Unopenable,
    /// It names a key that this key ring does not know yet. The next one asked for will.
    #[error("a sealed value names a key that is not loaded")]
    KeyNotLoaded,
    /// The key ring was held too long: ask for it again before each piece of work.
    #[error("the key ring is too old to be used")]
    KeyringTooOld,
    /// The ring was destroyed on purpose.
    #[error("the {0} keys were destroyed")]
    Erased(Ring),
    /// The ring's keys are there but cannot be unwrapped: the KMS lost its keys, or the table was
    /// damaged or restored from before an erasure.
    #[error("the {0} keys cannot be unwrapped")]
    KeysLost(Ring),
    /// The keys of a tenant or of the program cannot be unwrapped.
    #[error("the keys of the {0} cannot be unwrapped: is this the right key folder?")]
    WrongKms(&'static str),
    /// The vault was not told of this purpose when it was made.
    #[error("no column was registered for the key purpose {0}")]
    UnknownPurpose(String),
    /// There is no such key to rotate, or it never rotates.
    #[error("there is no {0} key that could be rotated")]
    NothingToRotate(&'static str),
    /// Others kept changing the same keys.
    #[error("others keep changing the same keys")]
    Contended,
    /// The KMS failed.
    #[error(transparent)]
    Kms(#[from] KmsError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Reading or writing a file failed.
    #[error("reading or writing failed: {0}")]
    Io(#[from] std::io::Error),
}

impl From<Unopenable> for VaultError {
    fn from(Unopenable: Unopenable) -> Self {
        Self::Unopenable
    }
}

impl VaultError {
    /// Whether trying again later may help.
    const fn passes(&self) -> bool {
        match self {
            Self::KeyNotLoaded
            | Self::Contended
            | Self::KeyringTooOld
            | Self::Kms(KmsError::Unavailable(_)) => true,
            Self::Store(store) => store.unavailable,
            Self::Unopenable
            | Self::Erased(_)
            | Self::KeysLost(_)
            | Self::WrongKms(_)
            | Self::UnknownPurpose(_)
            | Self::NothingToRotate(_)
            | Self::Kms(_)
            | Self::Io(_) => false,
        }
    }
}

impl Coded for VaultError {
    fn code(&self) -> &'static ErrorCode {
        if self.passes() {
            return &KEYS_UNAVAILABLE;
        }
        match self {
            Self::Erased(_) => &DATA_ERASED,
            Self::Unopenable | Self::KeysLost(_) => &DATA_UNREADABLE,
            Self::KeyNotLoaded
            | Self::KeyringTooOld
            | Self::WrongKms(_)
            | Self::UnknownPurpose(_)
            | Self::NothingToRotate(_)
            | Self::Contended
            | Self::Kms(_)
            | Self::Store(_)
            | Self::Io(_) => &KEYS_FAULTY,
        }
    }

    fn retry_after(&self) -> Option<Duration> {
        self.passes().then_some(Duration::from_secs(2))
    }
}
