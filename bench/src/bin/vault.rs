//! What sealing a field costs, against the cipher alone.

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use bench::{head, row, say, time_per_call};
use kernel::{Env, Subject, TenantId, UserId};
use std::{hint::black_box, sync::Arc, time::Duration};
use uuid::Uuid;
use vault::{KeyPurpose, MemoryKeyStore, MemoryKms, Vault, VaultConfig};

vault::columns! {
    /// A field as a slice would declare it.
    FIELD = ("bench", "field", KeyPurpose::clinical("bench"), 1);
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let env = Env::system();
    let kms = Arc::new(MemoryKms::new(env.clone()));
    let config = VaultConfig::new(&[COLUMNS]);
    let vault = Vault::new(env.clone(), kms, Arc::new(MemoryKeyStore::default()), config);
    let subject = Subject::new(TenantId::DEFAULT, env.new_id::<UserId>());
    let keys = vault.keyring(subject).await?;
    let raw = LessSafeKey::new(UnboundKey::new(&AES_256_GCM, &env.random::<32>())?);
    let row_id: Uuid = env.new_id();

    say("Sealing and opening one field: key derivation, commitment, binding to its place.");
    head(&["bytes", "seal", "open", "cipher alone", "seal / cipher", "fields per second"]);
    for size in [64, 1024, 16 * 1024] {
        let plain = vec![7_u8; size];
        let sealed = keys.seal(&FIELD, row_id, &plain)?;
        let seal = time_per_call(|| drop(black_box(keys.seal(&FIELD, row_id, &plain))));
        let open = time_per_call(|| drop(black_box(keys.open(&FIELD, row_id, &sealed))));
        let cipher = time_per_call(|| {
            let mut bytes = plain.clone();
            let nonce = Nonce::assume_unique_for_key(env.random::<12>());
            let done = raw.seal_in_place_append_tag(nonce, Aad::from([0_u8; 64]), &mut bytes);
            let _ = black_box(done);
        });
        row(&[
            size.to_string(),
            micros(seal),
            micros(open),
            micros(cipher),
            format!("{:.1}", seal.as_secs_f64() / cipher.as_secs_f64()),
            format!("{:.0}", 1.0 / seal.as_secs_f64()),
        ]);
    }

    let cached = time_per_call(|| {
        let keyring = futures_util::FutureExt::now_or_never(vault.keyring(subject));
        drop(black_box(keyring));
    });
    say(format_args!("\nA key ring from memory: {}.", micros(cached)));
    Ok(())
}

fn micros(time: Duration) -> String {
    format!("{:.2} µs", time.as_secs_f64() * 1e6)
}
