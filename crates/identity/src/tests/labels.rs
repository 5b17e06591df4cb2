//! Accounts of a label and keys.

use super::bed::{Bed, TENANT, schema};
use crate::{
    IdentityError, KeyAlgorithm, Label, LabelLogin, LabelProof, NewLabel, TypedCode,
    label::{Proof, answer, registration},
};
use aws_lc_rs::{
    rand::SystemRandom,
    signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair},
};
use db::db_test;
use httpkit::auth::{AuthError, Authenticator};
use kernel::{Acr, Ctx, Secret, UserId};
use std::time::Duration;

const ORIGIN: &str = "https://salus.example";

enum Key {
    Ed25519(Ed25519KeyPair),
    P256(EcdsaKeyPair),
}

impl Key {
    fn new(algorithm: KeyAlgorithm) -> Self {
        match algorithm {
            KeyAlgorithm::Ed25519 => Self::Ed25519(Ed25519KeyPair::generate().unwrap()),
            KeyAlgorithm::P256 => {
                Self::P256(EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap())
            }
        }
    }

    fn algorithm(&self) -> KeyAlgorithm {
        match self {
            Self::Ed25519(_) => KeyAlgorithm::Ed25519,
            Self::P256(_) => KeyAlgorithm::P256,
        }
    }

    fn public(&self) -> Vec<u8> {
        match self {
            Self::Ed25519(key) => key.public_key().as_ref().to_vec(),
            Self::P256(key) => key.public_key().as_ref().to_vec(),
        }
    }

    fn sign(&self, message: &[u8]) -> Vec<u8> {
        match self {
            Self::Ed25519(key) => key.sign(message).as_ref().to_vec(),
            Self::P256(key) => key.sign(&SystemRandom::new(), message).unwrap().as_ref().to_vec(),
        }
    }

    async fn register(&self, bed: &Bed, label: &str) -> Result<UserId, IdentityError> {
        let (sign_key, receive_key) = (self.public(), vec![9; 32]);
        let signature = self.sign(&registration(ORIGIN, label, &sign_key, &receive_key));
        let new = NewLabel {
            text: label.to_owned(),
            label: Label::new(label).unwrap(),
            algorithm: self.algorithm(),
            sign_key,
            receive_key,
            signature,
            terms: true,
            invite: None,
        };
        bed.identity.register_label(&bed.nobody(), TENANT, ORIGIN, new).await
    }

    /// A signed challenge for this label.
    async fn proof(&self, bed: &Bed, label: &str, what: Proof) -> LabelProof {
        let name = Label::new(label).unwrap();
        let made = bed.identity.challenge(&bed.nobody(), TENANT, ORIGIN, &name).await.unwrap();
        LabelProof {
            text: label.to_owned(),
            label: name,
            algorithm: self.algorithm(),
            signature: self.sign(&answer(what, ORIGIN, &made.0, label)),
            challenge: made.0,
            code: None,
        }
    }
}

async fn log_in(bed: &Bed, ctx: &Ctx, proof: &LabelProof) -> Result<LabelLogin, IdentityError> {
    bed.identity.log_in_label(ctx, TENANT, ORIGIN, proof).await
}

fn from(bed: &Bed, network: u8) -> Ctx {
    let mut ctx = bed.nobody();
    ctx.origin.ip = Some(std::net::Ipv4Addr::new(10, 7, network, 1).into());
    ctx
}

db_test!(whoever_has_the_key_of_a_label_gets_a_token_that_says_nothing, schema(), |db| {
    let bed = Bed::on(db).await;
    for (label, algorithm) in [("otter", KeyAlgorithm::Ed25519), ("heron", KeyAlgorithm::P256)] {
        let key = Key::new(algorithm);
        let user = key.register(&bed, label).await.unwrap();
        let proof = key.proof(&bed, label, Proof::LogIn).await;
        let login = log_in(&bed, &bed.nobody(), &proof).await.unwrap();
        assert!(!login.token.expose().contains('.'), "opaque");
        let person = bed.bearer(&login.token).await.unwrap();
        assert_eq!((person.subject.user, person.session), (user, login.session));
        // Used once.
        let again = log_in(&bed, &bed.nobody(), &proof).await;
        assert!(matches!(again, Err(IdentityError::LabelProof)));
        bed.identity.log_out(&bed.by(person)).await.unwrap();
        assert!(matches!(bed.bearer(&login.token).await, Err(AuthError::Expired)));
    }
    bed.close();
});

db_test!(a_label_with_a_second_factor_is_not_opened_by_its_key_alone, schema(), |db| {
    let bed = Bed::on(db).await;
    let key = Key::new(KeyAlgorithm::Ed25519);
    key.register(&bed, "otter").await.unwrap();
    let proof = key.proof(&bed, "otter", Proof::LogIn).await;
    let login = log_in(&bed, &bed.nobody(), &proof).await.unwrap();
    let (app, _) = bed.with_app(&bed.bearer(&login.token).await.unwrap()).await;
    let mut proof = key.proof(&bed, "otter", Proof::LogIn).await;
    let alone = log_in(&bed, &bed.nobody(), &proof).await;
    assert!(matches!(alone, Err(IdentityError::StepUp(_))));
    proof.code = Some(TypedCode::new(&Secret::new("000-000".into())));
    let wrong = log_in(&bed, &bed.nobody(), &proof).await;
    assert!(matches!(wrong, Err(IdentityError::FactorWrong(_))));
    proof.code = Some(TypedCode::new(&Secret::new(app.shows(&bed))));
    let both = log_in(&bed, &bed.nobody(), &proof).await.unwrap();
    assert_eq!(bed.bearer(&both.token).await.unwrap().acr, Acr::Mfa);
    bed.close();
});

db_test!(a_proof_that_does_not_hold_is_refused_alike_whatever_is_wrong, schema(), |db| {
    let bed = Bed::on(db).await;
    let (key, other) = (Key::new(KeyAlgorithm::Ed25519), Key::new(KeyAlgorithm::Ed25519));
    let p256 = Key::new(KeyAlgorithm::P256);
    key.register(&bed, "otter").await.unwrap();
    other.register(&bed, "heron").await.unwrap();
    let mut bad = vec![
        other.proof(&bed, "otter", Proof::LogIn).await,
        key.proof(&bed, "nobody", Proof::LogIn).await,
        p256.proof(&bed, "otter", Proof::LogIn).await,
        key.proof(&bed, "otter", Proof::Close).await,
    ];
    // The challenge of another label, one that was made up, one that is too old.
    let mut stolen = key.proof(&bed, "heron", Proof::LogIn).await;
    stolen.signature = key.sign(&answer(Proof::LogIn, ORIGIN, &stolen.challenge, "otter"));
    stolen.label = Label::new("otter").unwrap();
    "otter".clone_into(&mut stolen.text);
    let mut made_up = key.proof(&bed, "otter", Proof::LogIn).await;
    made_up.challenge = format!("slc1_{}", "A".repeat(75));
    made_up.signature = key.sign(&answer(Proof::LogIn, ORIGIN, &made_up.challenge, "otter"));
    let elsewhere = key.proof(&bed, "otter", Proof::LogIn).await;
    bad.extend([stolen, made_up]);
    for (network, proof) in (0..).zip(&bad) {
        let refused = log_in(&bed, &from(&bed, network), proof).await;
        assert!(matches!(refused, Err(IdentityError::LabelProof)), "{network}");
    }
    let (ctx, evil) = (from(&bed, 50), "https://evil.example");
    let phished = bed.identity.log_in_label(&ctx, TENANT, evil, &elsewhere).await;
    assert!(matches!(phished, Err(IdentityError::LabelProof)), "another origin");
    let late = key.proof(&bed, "otter", Proof::LogIn).await;
    bed.clock.forward(Duration::from_mins(1));
    let refused = log_in(&bed, &from(&bed, 51), &late).await;
    assert!(matches!(refused, Err(IdentityError::LabelProof)), "too old");
    bed.close();
});

db_test!(a_label_that_nobody_has_costs_as_many_statements_and_no_hash, schema(), |db| {
    let bed = Bed::on(db).await;
    let key = Key::new(KeyAlgorithm::Ed25519);
    let stranger = Key::new(KeyAlgorithm::Ed25519);
    key.register(&bed, "otter").await.unwrap();
    let mut costs = Vec::new();
    for (network, label) in (0..).zip(["otter", "nobody", "otter", "nobody"]) {
        let before = bed.db.metrics().statements();
        let proof = stranger.proof(&bed, label, Proof::LogIn).await;
        let asked = bed.db.metrics().statements() - before;
        assert!(log_in(&bed, &from(&bed, network), &proof).await.is_err());
        costs.push((asked, bed.db.metrics().statements() - before));
    }
    // The first one makes keys that stay in memory.
    assert!(costs[1..].iter().all(|cost| *cost == costs[1]), "{costs:?}");
    assert_eq!(costs[1].0, 0, "a challenge leaves nothing behind");
    bed.close();
});

db_test!(a_label_is_taken_once_and_only_with_its_own_key, schema(), |db| {
    let bed = Bed::on(db).await;
    let key = Key::new(KeyAlgorithm::Ed25519);
    key.register(&bed, "otter").await.unwrap();
    let again = Key::new(KeyAlgorithm::P256).register(&bed, "Otter").await;
    assert!(matches!(again, Err(IdentityError::LabelExists)));
    let new = NewLabel {
        text: "heron".into(),
        label: Label::new("heron").unwrap(),
        algorithm: KeyAlgorithm::Ed25519,
        sign_key: key.public(),
        receive_key: vec![9; 32],
        signature: vec![0; 64],
        terms: true,
        invite: None,
    };
    let refused = bed.identity.register_label(&bed.nobody(), TENANT, ORIGIN, new).await;
    assert!(matches!(refused, Err(IdentityError::LabelProof)));
    bed.close();
});

db_test!(
    a_label_is_closed_by_its_key_and_erased_after_the_time_to_change_ones_mind,
    schema(),
    |db| {
        let bed = Bed::on(db).await;
        let key = Key::new(KeyAlgorithm::Ed25519);
        key.register(&bed, "otter").await.unwrap();
        let proof = key.proof(&bed, "otter", Proof::LogIn).await;
        let login = log_in(&bed, &bed.nobody(), &proof).await.unwrap();
        let close = key.proof(&bed, "otter", Proof::Close).await;
        bed.identity.close_label(&bed.nobody(), TENANT, ORIGIN, &close).await.unwrap();
        assert!(bed.identity.bearer(&bed.nobody(), &login.token).await.is_err());
        bed.clock.forward(Duration::from_hours(24 * 15));
        let job = Ctx::system(bed.env.clone(), "test.erase.v1");
        assert_eq!(bed.identity.erase_due(&job, 10).await.unwrap(), 1);
        // It is free again, and the old key opens nothing.
        let fresh = Key::new(KeyAlgorithm::Ed25519);
        fresh.register(&bed, "otter").await.unwrap();
        let old = key.proof(&bed, "otter", Proof::LogIn).await;
        assert!(log_in(&bed, &bed.nobody(), &old).await.is_err());
        bed.close();
    }
);
