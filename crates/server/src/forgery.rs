//! The keys by which a request is known to come from a page of ours, and their renewal while the
//! program runs: `salus keys rotate secrets` needs no restart, and no page has to be loaded anew.

use crate::{app::StartError, config::Http, router};
use httpkit::csrf::{Csrf, CsrfKeys};
use kernel::Secret;
use vault::{Vault, VaultError};

/// Makes and checks the tokens of pages.
pub async fn guard(http: &Http, vault: &Vault) -> Result<Csrf, StartError> {
    Ok(Csrf::with_keys(&keys(vault).await?, router::origins(http)?))
}

/// Looks whether there are other keys by now.
pub async fn renew(csrf: &Csrf, vault: &Vault) -> Result<(), VaultError> {
    csrf.renew(&keys(vault).await?);
    Ok(())
}

/// As they are in the store right now: a key is there some time before it is used, so that every
/// process knows it by then.
async fn keys(vault: &Vault) -> Result<CsrfKeys, VaultError> {
    let keys = vault.system_key_fresh(identity::CSRF_KEY).await?;
    let derived = |key: &vault::SystemKey| Secret::new(key.mac(&[b"csrf"]));
    Ok(CsrfKeys { current: derived(keys.current()?), known: keys.iter().map(derived).collect() })
}
