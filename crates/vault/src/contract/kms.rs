//! What every KMS must do.

use super::{Verdict, ensure, must};
use crate::kms::{Kms, KmsError, KmsKey, KmsLine};

const PLAINTEXT: &[u8] = b"32 bytes that nobody may see....";
const CONTEXT: &[u8] = b"whose and what for";

/// Runs every check against a KMS in which nothing has been rotated.
pub async fn kms(kms: &dyn Kms) -> Verdict {
    must(kms.health().await)?;
    for line in KmsLine::ALL {
        wraps(kms, line).await?;
        rotates(kms, line).await?;
    }
    lines_are_apart(kms).await
}

async fn wraps(kms: &dyn Kms, line: KmsLine) -> Verdict {
    let versions = must(kms.versions(line).await)?;
    let first = KmsKey { line, version: 1 };
    ensure(versions.len() == 1, "a new KMS has one key in each line")?;
    ensure(versions.iter().all(|version| version.key == first), "it is number one")?;
    let wrapped = must(kms.wrap(line, PLAINTEXT, CONTEXT).await)?;
    ensure(wrapped.key == first, "wrapping says under which key")?;
    let hidden = !wrapped.bytes.windows(PLAINTEXT.len()).any(|window| window == PLAINTEXT);
    ensure(hidden, "what is wrapped is not to be seen")?;
    let unwrapped = must(kms.unwrap(&wrapped.bytes, CONTEXT).await)?;
    // EXPOSE: the text above.
    ensure(unwrapped.expose() == PLAINTEXT, "unwrapping gives back what was wrapped")?;
    let again = must(kms.wrap(line, PLAINTEXT, CONTEXT).await)?;
    ensure(again.bytes != wrapped.bytes, "wrapping twice does not give the same bytes")?;
    let moved = kms.unwrap(&wrapped.bytes, b"someone else's").await;
    ensure(matches!(moved, Err(KmsError::Refused)), "another context is refused")?;
    refuses_damage(kms, &wrapped.bytes).await
}

async fn refuses_damage(kms: &dyn Kms, wrapped: &[u8]) -> Verdict {
    for at in 0..wrapped.len() {
        let mut bytes = wrapped.to_vec();
        if let Some(byte) = bytes.get_mut(at) {
            *byte ^= 1;
        }
        let result = kms.unwrap(&bytes, CONTEXT).await;
        let refused = matches!(result, Err(KmsError::Refused | KmsError::NoSuchKey(_)));
        ensure(refused, "a changed byte is refused")?;
        let cut = kms.unwrap(wrapped.get(..at).unwrap_or_default(), CONTEXT).await;
        let refused = matches!(cut, Err(KmsError::Refused | KmsError::NoSuchKey(_)));
        ensure(refused, "bytes that were cut off are refused")?;
    }
    Ok(())
}

async fn rotates(kms: &dyn Kms, line: KmsLine) -> Verdict {
    let first = KmsKey { line, version: 1 };
    let in_use = kms.destroy(first).await;
    ensure(matches!(in_use, Err(KmsError::InUse(_))), "the newest key cannot be destroyed")?;
    let old = must(kms.wrap(line, PLAINTEXT, CONTEXT).await)?;
    let second = must(kms.generate(line).await)?;
    ensure(second == KmsKey { line, version: 2 }, "a new key has the next number")?;
    let new = must(kms.wrap(line, PLAINTEXT, CONTEXT).await)?;
    ensure(new.key == second, "the newest key wraps")?;
    must(kms.unwrap(&old.bytes, CONTEXT).await)?;
    let moved = must(kms.rewrap(&old.bytes, CONTEXT).await)?;
    ensure(moved.key == second, "rewrapping goes to the newest key")?;
    let unwrapped = must(kms.unwrap(&moved.bytes, CONTEXT).await)?;
    // EXPOSE: the text above.
    ensure(unwrapped.expose() == PLAINTEXT, "rewrapping keeps what is inside")?;
    let foreign = kms.rewrap(&old.bytes, b"someone else's").await;
    ensure(matches!(foreign, Err(KmsError::Refused)), "rewrapping needs the right context")?;
    must(kms.destroy(first).await)?;
    must(kms.destroy(first).await)?;
    let gone = kms.unwrap(&old.bytes, CONTEXT).await;
    ensure(matches!(gone, Err(KmsError::NoSuchKey(key)) if key == first), "destroyed is gone")?;
    must(kms.unwrap(&moved.bytes, CONTEXT).await)?;
    let versions = must(kms.versions(line).await)?;
    ensure(versions.len() == 1, "a destroyed key is no longer listed")?;
    ensure(versions.last().is_some_and(|version| version.key == second), "the newest is last")
}

async fn lines_are_apart(kms: &dyn Kms) -> Verdict {
    let [root, epoch] = KmsLine::ALL;
    let by_root = must(kms.wrap(root, PLAINTEXT, CONTEXT).await)?;
    let by_epoch = must(kms.wrap(epoch, PLAINTEXT, CONTEXT).await)?;
    ensure(by_root.key.line == root && by_epoch.key.line == epoch, "lines are apart")
}
