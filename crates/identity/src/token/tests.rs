//! What attackers do to tokens.

use super::*;
use crate::tests::memory_vault;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use kernel::Role;
use proptest::prelude::*;
use serde_json::{Value, json};
use vault::{Start, Target};

const LIFE: Duration = Duration::from_mins(15);

fn start() -> Timestamp {
    Timestamp::from_micros(1_700_000_000_000_000)
}

fn tokens(vault: &Vault) -> AccessTokens {
    AccessTokens::new(vault.clone(), "salus".into(), LIFE)
}

fn grant() -> Grant<'static> {
    Grant {
        subject: Subject::new(TenantId::DEFAULT, UserId::from_uuid(Uuid::from_u128(1))),
        session: SessionId::from_uuid(Uuid::from_u128(2)),
        token: Uuid::from_u128(3),
        acr: Acr::Single,
        amr: "pwd",
        auth_at: start(),
        roles: RoleSet::of(&[Role::User]),
    }
}

async fn good(tokens: &AccessTokens) -> String {
    let keys = tokens.keys().await.unwrap();
    tokens.sign(&keys, &grant(), start()).unwrap().expose().clone()
}

async fn check(tokens: &AccessTokens, token: &str) -> Result<Arc<Claims>, VerifyError> {
    tokens.verify(&Secret::new(token.to_owned()), start()).await
}

fn part(value: &Value) -> String {
    URL_SAFE_NO_PAD.encode(value.to_string())
}

fn parts(token: &str) -> (Value, Value) {
    let mut parts = token.split('.');
    let mut read = || {
        let bytes = URL_SAFE_NO_PAD.decode(parts.next().unwrap()).unwrap();
        serde_json::from_slice(&bytes).unwrap()
    };
    (read(), read())
}

/// A token of these parts that is signed with the true key.
async fn signed(vault: &Vault, header: &Value, claims: &Value) -> String {
    let message = format!("{}.{}", part(header), part(claims));
    let keys = vault.system_key(KEY).await.unwrap();
    let signature = keys.current().unwrap().signing_key().unwrap().sign(message.as_bytes());
    format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature))
}

fn with(mut value: Value, name: &str, new: Value) -> Value {
    value[name] = new;
    value
}

#[tokio::test]
async fn a_token_says_what_was_granted() {
    let tokens = tokens(&memory_vault());
    let token = good(&tokens).await;
    let (header, _) = parts(&token);
    assert_eq!(header, json!({"typ": "at+jwt", "alg": "EdDSA", "kid": "1"}));
    let claims = check(&tokens, &token).await.unwrap();
    assert_eq!(claims.subject(), grant().subject);
    assert_eq!((claims.sid, claims.jti), (grant().session, grant().token));
    assert_eq!((claims.acr.as_str(), claims.exp - claims.iat), ("salus:single", 900));
    assert_eq!(
        (claims.amr.as_slice(), claims.roles.as_slice()),
        (&["pwd".to_owned()][..], &["user".to_owned()][..])
    );
}

#[tokio::test]
async fn a_token_is_good_until_it_expires() {
    let tokens = tokens(&memory_vault());
    let token = Secret::new(good(&tokens).await);
    let at =
        async |seconds| tokens.verify(&token, start().plus(Duration::from_secs(seconds))).await;
    assert!(at(899).await.is_ok());
    assert!(matches!(at(906).await, Err(VerifyError::Expired)));
    let early = tokens.verify(&token, start().minus(Duration::from_secs(6))).await;
    assert!(matches!(early, Err(VerifyError::Invalid)));
}

#[tokio::test]
async fn a_token_without_signature_is_refused_however_it_is_spelled() {
    let tokens = tokens(&memory_vault());
    let token = good(&tokens).await;
    let (header, claims) = parts(&token);
    for alg in ["none", "None", "NONE", "nOnE", ""] {
        let message =
            format!("{}.{}", part(&with(header.clone(), "alg", json!(alg))), part(&claims));
        for bad in [message.clone(), format!("{message}."), format!("{message}.AA")] {
            assert!(matches!(check(&tokens, &bad).await, Err(VerifyError::Invalid)), "{alg}");
        }
    }
    let unsigned = token.rsplit_once('.').unwrap().0;
    assert!(check(&tokens, unsigned).await.is_err());
    assert!(check(&tokens, &format!("{unsigned}.")).await.is_err());
}

#[tokio::test]
async fn the_public_key_is_no_secret_for_another_algorithm() {
    let vault = memory_vault();
    let tokens = tokens(&vault);
    let (header, claims) = parts(&good(&tokens).await);
    let keys = vault.system_key(KEY).await.unwrap();
    let public = keys.current().unwrap().signing_key().unwrap().public_key();
    for alg in [Algorithm::HS256, Algorithm::HS384, Algorithm::HS512] {
        let mut forged = Header::new(alg);
        forged.typ = Some(TYPE.into());
        forged.kid = header["kid"].as_str().map(str::to_owned);
        let token = encode(&forged, &claims, &EncodingKey::from_secret(&public)).unwrap();
        assert!(matches!(check(&tokens, &token).await, Err(VerifyError::Invalid)));
    }
}

#[tokio::test]
async fn a_key_that_the_token_brings_or_points_to_is_not_used() {
    let vault = memory_vault();
    let tokens = tokens(&vault);
    let (header, claims) = parts(&good(&tokens).await);
    for (name, value) in [
        ("jku", json!("https://evil.example/keys.json")),
        ("x5u", json!("https://evil.example/cert.pem")),
        (
            "jwk",
            json!({"kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}),
        ),
        ("x5c", json!(["MII"])),
        ("crit", json!(["exp"])),
        ("zip", json!("DEF")),
        ("b64", json!(false)),
        ("cty", json!("JWT")),
    ] {
        let token = signed(&vault, &with(header.clone(), name, value), &claims).await;
        assert!(matches!(check(&tokens, &token).await, Err(VerifyError::Invalid)), "{name}");
    }
}

#[tokio::test]
async fn a_key_id_is_a_number_of_ours_and_nothing_else() {
    let vault = memory_vault();
    let tokens = tokens(&vault);
    let (header, claims) = parts(&good(&tokens).await);
    for kid in
        ["0", "2", "01", "+1", " 1", "1\u{0}", "-1", "../1", "1' OR '1'='1", "4294967297", ""]
    {
        let token = signed(&vault, &with(header.clone(), "kid", json!(kid)), &claims).await;
        assert!(matches!(check(&tokens, &token).await, Err(VerifyError::Invalid)), "{kid:?}");
    }
    for kid in [Value::Null, json!(1), json!(["1"])] {
        let token = signed(&vault, &with(header.clone(), "kid", kid), &claims).await;
        assert!(check(&tokens, &token).await.is_err());
    }
}

#[tokio::test]
async fn another_type_audience_or_issuer_is_refused_with_the_true_signature_too() {
    let vault = memory_vault();
    let tokens = tokens(&vault);
    let (header, claims) = parts(&good(&tokens).await);
    assert!(check(&tokens, &signed(&vault, &header, &claims).await).await.is_ok());
    for typ in ["JWT", "at+JWT", "id+jwt", "application/at+jwt", ""] {
        let token = signed(&vault, &with(header.clone(), "typ", json!(typ)), &claims).await;
        assert!(check(&tokens, &token).await.is_err(), "{typ}");
    }
    for (name, bad) in [
        ("aud", json!("other")),
        ("aud", json!(["salus-api", "other"])),
        ("aud", Value::Null),
        ("iss", json!("https://evil.example")),
        ("iss", json!(["salus"])),
        ("sub", json!("not an id")),
        ("sid", json!(null)),
        ("exp", json!("never")),
        ("exp", json!(0)),
        ("nbf", json!(i64::MAX)),
        ("iat", json!(i64::MAX)),
    ] {
        let token = signed(&vault, &header, &with(claims.clone(), name, bad)).await;
        assert!(check(&tokens, &token).await.is_err(), "{name}");
    }
}

#[tokio::test]
async fn tokens_signed_before_and_after_a_rotation_are_good_side_by_side() {
    let vault = memory_vault();
    let (before, other) = (tokens(&vault), tokens(&vault));
    let old = good(&before).await;
    vault.rotate(Target::System(KEY, None), Start::Now).await.unwrap();
    let new = good(&before).await;
    assert_eq!(parts(&new).0["kid"], "2");
    for token in [&old, &new] {
        assert!(check(&other, token).await.is_ok());
    }
}

#[tokio::test]
async fn a_process_that_does_not_know_the_new_key_yet_asks_for_it_but_not_all_the_time() {
    let vault = memory_vault();
    let tokens = tokens(&vault);
    good(&tokens).await;
    assert!(tokens.may_ask(start()));
    assert!(!tokens.may_ask(start().plus(Duration::from_millis(999))));
    assert!(tokens.may_ask(start().plus(Duration::from_secs(1))));
}

#[tokio::test]
async fn a_token_of_another_installation_is_refused() {
    let token = good(&tokens(&memory_vault())).await;
    let result = check(&tokens(&memory_vault()), &token).await;
    assert!(matches!(result, Err(VerifyError::Invalid)));
}

#[tokio::test]
async fn every_flipped_bit_makes_a_token_invalid() {
    let tokens = tokens(&memory_vault());
    let token = good(&tokens).await.into_bytes();
    for at in 0..token.len() {
        for bit in 0..7 {
            let mut changed = token.clone();
            changed[at] ^= 1 << bit;
            let changed = String::from_utf8(changed).unwrap();
            assert!(check(&tokens, &changed).await.is_err(), "letter {at}, bit {bit}");
        }
    }
}

#[tokio::test]
async fn a_huge_token_is_not_even_read() {
    let tokens = tokens(&memory_vault());
    let token = format!("{}.{}", good(&tokens).await, "A".repeat(LONGEST));
    assert!(matches!(check(&tokens, &token).await, Err(VerifyError::Invalid)));
}

#[tokio::test]
async fn a_token_that_is_remembered_expires_all_the_same_and_dies_with_its_key() {
    let vault = memory_vault();
    let tokens = tokens(&vault);
    let token = Secret::new(good(&tokens).await);
    let at =
        async |seconds| tokens.verify(&token, start().plus(Duration::from_secs(seconds))).await;
    assert!(Arc::ptr_eq(&at(0).await.unwrap(), &at(1).await.unwrap()), "checked once");
    assert!(matches!(at(906).await, Err(VerifyError::Expired)));
    let early = tokens.verify(&token, start().minus(Duration::from_secs(6))).await;
    assert!(matches!(early, Err(VerifyError::Invalid)));
    for known in tokens.verified.lock().unwrap().values_mut() {
        known.key = [0; 32];
    }
    assert!(tokens.remembered(&hash(token.expose().as_bytes())).await.unwrap().is_none());
    for known in tokens.verified.lock().unwrap().values_mut() {
        known.version = 9;
    }
    assert!(tokens.remembered(&hash(token.expose().as_bytes())).await.unwrap().is_none());
    assert!(at(2).await.is_ok(), "looked at anew");
}

#[tokio::test]
async fn what_is_remembered_is_bounded_and_never_a_token_that_was_refused() {
    let vault = memory_vault();
    let tokens = tokens(&vault);
    let token = good(&tokens).await;
    let mut bad = token.clone();
    bad.pop();
    for _ in 0..3 {
        assert!(check(&tokens, &bad).await.is_err());
    }
    assert_eq!(tokens.verified.lock().unwrap().len(), 0);
    let claims = check(&tokens, &token).await.unwrap();
    for n in 0..REMEMBERED {
        let known = Verified { claims: claims.clone(), version: 1, key: [0; 32] };
        tokens.verified.lock().unwrap().insert(hash(&n.to_be_bytes()), known);
    }
    tokens.verified.lock().unwrap().remove(&hash(token.as_bytes()));
    check(&tokens, &token).await.unwrap();
    assert!(tokens.verified.lock().unwrap().len() <= REMEMBERED);
}

proptest! {
    #[test]
    fn any_text_is_refused_without_harm(text in "\\PC{0,80}(\\.\\PC{0,80}){0,3}") {
        prop_assert!(key_version(&text).is_none());
    }
}
