//! Values that must never be shown by accident.
//!
//! Neither wrapper can be printed, serialized, compared or hashed; reading one takes a call of
//! `expose`, which a reviewer can search for. Both are wiped from memory when dropped.
//!
//! ```compile_fail
//! println!("{:?}", kernel::Phi::new(String::from("I feel low")));
//! ```
//! ```compile_fail
//! println!("{}", kernel::Secret::new(String::from("hunter2")));
//! ```
//! ```compile_fail
//! serde_json::to_string(&kernel::Phi::new(String::from("I feel low"))).ok();
//! ```
//! ```compile_fail
//! let same = kernel::Secret::new(vec![1u8]) == kernel::Secret::new(vec![1u8]);
//! ```
//! ```compile_fail
//! let text: &str = &kernel::Phi::new(String::from("I feel low"));
//! ```

use serde::{Deserialize, Deserializer};
use zeroize::Zeroize;

macro_rules! sensitive {
    ($(#[$meta:meta])* $name:ident) => {
        $(#[$meta])*
        pub struct $name<T: Zeroize>(T);

        impl<T: Zeroize> $name<T> {
            /// Wraps a value.
            pub const fn new(value: T) -> Self {
                Self(value)
            }

            /// The value itself. Say at the call why it has to be seen: `// EXPOSE: why`.
            pub const fn expose(&self) -> &T {
                &self.0
            }

            /// The value itself, to be changed in place.
            pub const fn expose_mut(&mut self) -> &mut T {
                &mut self.0
            }

            /// Something else made from the value that is as sensitive as the value.
            pub fn map<U: Zeroize>(&self, make: impl FnOnce(&T) -> U) -> $name<U> {
                $name(make(&self.0))
            }
        }

        impl<T: Zeroize> Drop for $name<T> {
            fn drop(&mut self) {
                self.0.zeroize();
            }
        }

        impl<T: Zeroize + Clone> Clone for $name<T> {
            fn clone(&self) -> Self {
                Self(self.0.clone())
            }
        }

        impl<T: Zeroize + Default> Default for $name<T> {
            fn default() -> Self {
                Self(T::default())
            }
        }

        impl<'de, T: Zeroize + Deserialize<'de>> Deserialize<'de> for $name<T> {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                T::deserialize(deserializer).map(Self)
            }
        }
    };
}

sensitive!(
    /// Health data in the clear: what a person wrote, felt, ate, takes or suffers from.
    Phi
);
sensitive!(
    /// A key, password or token.
    Secret
);

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Serialize;
    use static_assertions::assert_not_impl_any;
    use std::{
        fmt::{Debug, Display},
        hash::Hash,
        ops::Deref,
        sync::{Arc, Mutex},
    };

    assert_not_impl_any!(Phi<String>: Debug, Display, Serialize, PartialEq, PartialOrd, Hash, Deref, AsRef<str>);
    assert_not_impl_any!(Secret<String>: Debug, Display, Serialize, PartialEq, PartialOrd, Hash, Deref, AsRef<str>);

    struct Witness(Arc<Mutex<bool>>);

    impl Zeroize for Witness {
        fn zeroize(&mut self) {
            *self.0.lock().unwrap() = true;
        }
    }

    #[test]
    fn a_dropped_value_is_wiped() {
        let wiped = Arc::new(Mutex::new(false));
        drop(Phi::new(Witness(wiped.clone())));
        assert!(*wiped.lock().unwrap());
    }

    #[test]
    fn a_value_can_be_read_from_a_request() {
        let phi: Phi<String> = serde_json::from_str("\"calm\"").unwrap();
        assert_eq!(phi.expose(), "calm");
    }
}
