//! Signed notes, c2sp.org/signed-note: a text with one line for each signature below it.
//!
//! Two kinds of Ed25519 signature are known: plain ones (0x01), by which a ledger signs its
//! checkpoints, and cosignatures with a time (0x04), by which a witness says what it saw when.
//! Signatures of unknown keys are kept and never believed.

use aws_lc_rs::{
    digest,
    signature::{ED25519, Ed25519KeyPair, KeyPair, UnparsedPublicKey},
};
use base64::{Engine, engine::general_purpose::STANDARD};
use kernel::{Secret, Timestamp};
use std::{fmt, str::FromStr};

/// More signatures than this are not read.
const MAX_SIGNATURES: usize = 64;
/// A note larger than this is not read.
pub(crate) const MAX_NOTE: usize = 64 * 1024;

/// The text is no signed note, or no key of one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NoteError {
    /// Not in the format of signed notes.
    #[error("not a signed note")]
    Format,
    /// Not a name that a key may have.
    #[error("a key name has at least one character, no spaces and no plus sign")]
    KeyName,
    /// Not a verifier key.
    #[error("not a verifier key of a known kind")]
    VerifierKey,
    /// The seed is not a private key.
    #[error("not a signing key")]
    SigningKey,
    /// No signature by a trusted key.
    #[error("not signed by a trusted key")]
    Untrusted,
    /// A signature that names a trusted key is false.
    #[error("a signature that names a trusted key is false")]
    FalseSignature,
}

/// What a key signs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum KeyKind {
    /// The text of the note.
    Ed25519 = 0x01,
    /// The text and the time: the signature of a witness.
    Cosignature = 0x04,
}

impl KeyKind {
    const ALL: [Self; 2] = [Self::Ed25519, Self::Cosignature];
}

fn is_key_name(name: &str) -> bool {
    !name.is_empty() && !name.contains(|c: char| c.is_whitespace() || c.is_control() || c == '+')
}

/// The public half of a key, with its name: what a verifier has to be given.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct VerifierKey {
    name: String,
    kind: KeyKind,
    public: [u8; 32],
}

impl VerifierKey {
    /// The key with this name and public half.
    pub fn new(name: &str, kind: KeyKind, public: [u8; 32]) -> Result<Self, NoteError> {
        if is_key_name(name) {
            Ok(Self { name: name.to_owned(), kind, public })
        } else {
            Err(NoteError::KeyName)
        }
    }

    /// The name of the key.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What the key signs.
    #[must_use]
    pub const fn kind(&self) -> KeyKind {
        self.kind
    }

    /// The short id by which signature lines name the key.
    #[must_use]
    pub fn id(&self) -> u32 {
        let mut context = digest::Context::new(&digest::SHA256);
        context.update(self.name.as_bytes());
        context.update(&[b'\n', self.kind as u8]);
        context.update(&self.public);
        let hash = context.finish();
        hash.as_ref().first_chunk().map_or(0, |id| u32::from_be_bytes(*id))
    }

    fn verify(&self, text: &str, signature: &[u8]) -> bool {
        let key = UnparsedPublicKey::new(&ED25519, self.public);
        match self.kind {
            KeyKind::Ed25519 => key.verify(text.as_bytes(), signature).is_ok(),
            KeyKind::Cosignature => signature.split_first_chunk().is_some_and(|(time, rest)| {
                let message = cosigned_message(u64::from_be_bytes(*time), text);
                key.verify(message.as_bytes(), rest).is_ok()
            }),
        }
    }
}

impl fmt::Display for VerifierKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut key = vec![self.kind as u8];
        key.extend(self.public);
        write!(f, "{}+{:08x}+{}", self.name, self.id(), STANDARD.encode(key))
    }
}

impl FromStr for VerifierKey {
    type Err = NoteError;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let read = || {
            let (name, rest) = text.split_once('+')?;
            let (_, key) = rest.split_once('+')?;
            let key = STANDARD.decode(key).ok()?;
            let (kind, public) = key.split_first()?;
            let kind = KeyKind::ALL.into_iter().find(|known| *known as u8 == *kind)?;
            Self::new(name, kind, public.try_into().ok()?).ok()
        };
        // The id in the text has to be the right one: it guards against typing errors.
        read().filter(|key| key.to_string() == text).ok_or(NoteError::VerifierKey)
    }
}

fn cosigned_message(seconds: u64, text: &str) -> String {
    format!("cosignature/v1\ntime {seconds}\n{text}")
}

/// A key that signs.
pub struct SigningKey {
    pair: Ed25519KeyPair,
    verifier: VerifierKey,
}

impl SigningKey {
    /// The key that follows from this seed.
    pub fn from_seed(name: &str, kind: KeyKind, seed: &Secret<Vec<u8>>) -> Result<Self, NoteError> {
        if seed.expose().len() != 32 {
            return Err(NoteError::SigningKey);
        }
        // EXPOSE: the seed becomes the key pair.
        let pair = Ed25519KeyPair::from_seed_unchecked(seed.expose())
            .map_err(|_| NoteError::SigningKey)?;
        let public = pair.public_key().as_ref().try_into().map_err(|_| NoteError::SigningKey)?;
        Ok(Self { pair, verifier: VerifierKey::new(name, kind, public)? })
    }

    /// The public half.
    #[must_use]
    pub const fn verifier(&self) -> &VerifierKey {
        &self.verifier
    }

    /// Signs the text; `now` becomes part of a cosignature and of nothing else.
    pub fn sign(&self, text: &str, now: Timestamp) -> Result<Signature, NoteError> {
        let try_sign = |message: &str| {
            self.pair.try_sign(message.as_bytes()).map_err(|_| NoteError::SigningKey)
        };
        let bytes = match self.verifier.kind {
            KeyKind::Ed25519 => try_sign(text)?.as_ref().to_vec(),
            KeyKind::Cosignature => {
                let seconds = u64::try_from(now.as_seconds()).unwrap_or_default();
                let signature = try_sign(&cosigned_message(seconds, text))?;
                [&seconds.to_be_bytes(), signature.as_ref()].concat()
            }
        };
        Ok(Signature { name: self.verifier.name.clone(), id: self.verifier.id(), bytes })
    }
}

/// One line below a note.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signature {
    name: String,
    id: u32,
    bytes: Vec<u8>,
}

impl Signature {
    /// The name of the key that the line claims.
    #[must_use]
    pub fn key_name(&self) -> &str {
        &self.name
    }

    fn names(&self, key: &VerifierKey) -> bool {
        self.name == key.name && self.id == key.id()
    }
}

impl fmt::Display for Signature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bytes = [self.id.to_be_bytes().as_slice(), &self.bytes].concat();
        writeln!(f, "\u{2014} {} {}", self.name, STANDARD.encode(bytes))
    }
}

impl FromStr for Signature {
    type Err = NoteError;
    /// Reads one line, with or without its newline.
    fn from_str(line: &str) -> Result<Self, Self::Err> {
        let read = || {
            let line = line.strip_suffix('\n').unwrap_or(line).strip_prefix("\u{2014} ")?;
            let (name, encoded) = line.split_once(' ')?;
            let decoded = STANDARD.decode(encoded).ok()?;
            let (id, bytes) = decoded.split_first_chunk()?;
            (is_key_name(name) && !bytes.is_empty()).then(|| Self {
                name: name.to_owned(),
                id: u32::from_be_bytes(*id),
                bytes: bytes.to_vec(),
            })
        };
        read().ok_or(NoteError::Format)
    }
}

/// A text with signatures.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    text: String,
    signatures: Vec<Signature>,
}

impl Note {
    /// A note by one signer.
    pub fn sign(text: String, key: &SigningKey, now: Timestamp) -> Result<Self, NoteError> {
        let harmless = |c: char| c == '\n' || !c.is_ascii_control();
        if !text.ends_with('\n') || !text.chars().all(harmless) {
            return Err(NoteError::Format);
        }
        let signatures = vec![key.sign(&text, now)?];
        Ok(Self { text, signatures })
    }

    /// The signed text, which ends in a newline.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The signatures, believed or not.
    #[must_use]
    pub fn signatures(&self) -> &[Signature] {
        &self.signatures
    }

    /// Adds a signature line, unless the same is there.
    pub fn add(&mut self, signature: Signature) {
        if !self.signatures.contains(&signature) {
            self.signatures.push(signature);
        }
    }

    /// The trusted keys that truly signed; an error if none did, or if a signature that names a
    /// trusted key is false.
    pub fn verify<'k>(
        &self,
        trusted: &'k [VerifierKey],
    ) -> Result<Vec<&'k VerifierKey>, NoteError> {
        let mut signers = Vec::new();
        for key in trusted {
            let mut named = self.signatures.iter().filter(|line| line.names(key)).peekable();
            if named.peek().is_none() {
                continue;
            }
            if !named.all(|line| key.verify(&self.text, &line.bytes)) {
                return Err(NoteError::FalseSignature);
            }
            signers.push(key);
        }
        if signers.is_empty() { Err(NoteError::Untrusted) } else { Ok(signers) }
    }
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.text)?;
        self.signatures.iter().try_for_each(|line| write!(f, "{line}"))
    }
}

impl FromStr for Note {
    type Err = NoteError;
    fn from_str(note: &str) -> Result<Self, Self::Err> {
        let harmless = |c: char| c == '\n' || !c.is_ascii_control();
        if note.len() > MAX_NOTE || !note.chars().all(harmless) {
            return Err(NoteError::Format);
        }
        let (text, lines) = note.rsplit_once("\n\n").ok_or(NoteError::Format)?;
        let lines = lines.strip_suffix('\n').ok_or(NoteError::Format)?;
        if lines.split('\n').count() > MAX_SIGNATURES {
            return Err(NoteError::Format);
        }
        let signatures = lines.split('\n').map(str::parse).collect::<Result<_, _>>()?;
        Ok(Self { text: format!("{text}\n"), signatures })
    }
}
