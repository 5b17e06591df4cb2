//! One example of every stored format, checked in under `vectors/`. They must open for ever: a
//! new version of a format adds examples and leaves the old ones alone.
//!
//! They are generated the same each time, so that a change of a format cannot go unnoticed.

use super::support::{COLUMNS, DETAIL, FILE_KEY, NOTE, TITLE, repeatable_env, row, subject};
use crate::{
    BlindColumn, Column, KeyRow, KeyStore, Kms, KmsKey, KmsLine, MemoryKeyStore, MemoryKms,
    Passphrase, Ring, Sealed, Start, Target, Vault, VaultConfig, Wrapping,
    hazmat::Key,
    kms::{Entry, Header, KeyTable, Stored, encode_plain, encode_sealed, parse_key_file},
    store::{KeyKind, KeyLine},
    tree::{self, Node},
};
use kernel::{Env, Secret, Subject, TenantId, Timestamp, UserId};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use std::{
    collections::BTreeMap,
    fmt::Write,
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};
use uuid::Uuid;

const EMAIL: BlindColumn = BlindColumn { table: "accounts", column: "email_index" };
const PASSPHRASE: &str = "correct horse battery staple";

/// The keys of the KMS and all rows of a small key table.
#[derive(Serialize, Deserialize, PartialEq, Debug)]
struct Keys {
    kms: BTreeMap<String, String>,
    rows: Vec<WrappedKey>,
}

/// A row of the key table and the key inside.
#[derive(Serialize, Deserialize, PartialEq, Debug)]
struct WrappedKey {
    kind: String,
    ring: Option<String>,
    name: String,
    version: u32,
    tenant: Uuid,
    user: Uuid,
    id: Uuid,
    parent: Option<Uuid>,
    kms: Option<String>,
    created_at: i64,
    wrapped: String,
    key: String,
}

#[derive(Serialize, Deserialize, PartialEq, Debug)]
struct Field {
    table: String,
    column: String,
    user: Uuid,
    row: Uuid,
    format: u16,
    plaintext: String,
    sealed: String,
}

#[derive(Serialize, Deserialize, PartialEq, Debug)]
struct Tag {
    place: String,
    value: String,
    bytes: String,
}

/// A sealed file that holds one byte again and again.
#[derive(Serialize, Deserialize, PartialEq, Debug)]
struct File {
    row: Uuid,
    sealed_key: String,
    byte: u8,
    length: usize,
    header: String,
    body: String,
}

#[derive(Serialize, Deserialize, PartialEq, Debug)]
struct KeyFile {
    kms_key: String,
    created_at: i64,
    passphrase: Option<String>,
    key: String,
    file: String,
}

#[derive(PartialEq, Debug)]
struct Vectors {
    keys: Keys,
    fields: Vec<Field>,
    blind_indexes: Vec<Tag>,
    pseudonyms: Vec<Tag>,
    files: Vec<File>,
    key_files: Vec<KeyFile>,
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").unwrap();
        text
    })
}

fn unhex(text: &str) -> Vec<u8> {
    let byte = |at| u8::from_str_radix(text.get(at..at + 2).unwrap(), 16).unwrap();
    (0..text.len()).step_by(2).map(byte).collect()
}

fn path(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("vectors").join(name)
}

fn read<T: DeserializeOwned>(name: &str) -> T {
    serde_json::from_str(&fs::read_to_string(path(name)).unwrap()).unwrap()
}

fn write<T: Serialize>(dir: &Path, name: &str, value: &T) {
    let text = serde_json::to_string_pretty(value).unwrap();
    fs::write(dir.join(name), text + "\n").unwrap();
}

impl Vectors {
    fn read() -> Self {
        Self {
            keys: read("wrapped_keys.json"),
            fields: read("fields.json"),
            blind_indexes: read("blind_indexes.json"),
            pseudonyms: read("pseudonyms.json"),
            files: read("files.json"),
            key_files: read("key_files.json"),
        }
    }

    fn write(&self, dir: &Path) {
        fs::create_dir_all(dir).unwrap();
        write(dir, "wrapped_keys.json", &self.keys);
        write(dir, "fields.json", &self.fields);
        write(dir, "blind_indexes.json", &self.blind_indexes);
        write(dir, "pseudonyms.json", &self.pseudonyms);
        write(dir, "files.json", &self.files);
        write(dir, "key_files.json", &self.key_files);
    }
}

fn vault(env: &Env, kms: Arc<MemoryKms>, store: Arc<MemoryKeyStore>) -> Vault {
    Vault::new(env.clone(), kms, store, VaultConfig::new(&[COLUMNS]))
}

fn kms_with(env: &Env, keys: &BTreeMap<String, String>) -> MemoryKms {
    let entries = keys.iter().map(|(name, key)| {
        let key = Key::from_slice(&unhex(key)).unwrap();
        (name.parse::<KmsKey>().unwrap(), Entry { key, created_at: env.now() })
    });
    MemoryKms::holding(env.clone(), KeyTable(entries.collect()))
}

/// Everything anew, the same each time.
async fn generate() -> Vectors {
    let env = repeatable_env();
    let mut keys = BTreeMap::new();
    for line in KmsLine::ALL {
        let key = KmsKey { line, version: 1 };
        keys.insert(key.to_string(), hex(&env.random::<32>()));
    }
    let kms = Arc::new(kms_with(&env, &keys));
    let store = Arc::new(MemoryKeyStore::default());
    let vault = vault(&env, kms.clone(), store.clone());
    vault.system_key("tokens").await.unwrap();
    let fields_v1 = fields(&vault, "under the first key").await;
    vault.rotate(Target::Purpose(subject(1), NOTE.purpose), Start::Now).await.unwrap();
    vault.rotate(Target::Index(TenantId::DEFAULT), Start::Now).await.unwrap();
    let fields_v2 = fields(&vault, "under the second key").await;
    let blind_indexes = blind_indexes(&vault).await;
    let pseudonyms = pseudonyms(&vault).await;
    let files = files(&vault).await;
    let rows = store.backup();
    let opened = unwrap_all(&*kms, &rows).await;
    let rows = rows.iter().map(|row| wrapped_key(row, &opened[&row.id.as_uuid()])).collect();
    Vectors {
        keys: Keys { kms: keys, rows },
        fields: fields_v1.into_iter().chain(fields_v2).collect(),
        blind_indexes,
        pseudonyms,
        files,
        key_files: key_files(&env),
    }
}

async fn fields(vault: &Vault, text: &str) -> Vec<Field> {
    let keyring = vault.keyring(subject(1)).await.unwrap();
    let columns = [NOTE, DETAIL, Column { format: 2, ..TITLE }];
    let seal = |(number, column): (u128, Column), plaintext: &str| Field {
        table: column.table.to_owned(),
        column: column.column.to_owned(),
        user: subject(1).user.as_uuid(),
        row: row(number),
        format: column.format,
        plaintext: plaintext.to_owned(),
        sealed: hex(keyring.seal(&column, row(number), plaintext.as_bytes()).unwrap().as_bytes()),
    };
    let numbered = (1..).zip(columns);
    numbered.flat_map(|place| [seal(place, text), seal(place, "")]).collect()
}

const VALUES: [&str; 2] = ["ada@example.org", ""];

async fn blind_indexes(vault: &Vault) -> Vec<Tag> {
    let mut tags = Vec::new();
    for value in VALUES {
        let tenant = TenantId::DEFAULT;
        for index in vault.blind_candidates(tenant, &EMAIL, value.as_bytes()).await.unwrap() {
            let place = format!("{}.{}", EMAIL.table, EMAIL.column);
            tags.push(Tag { place, value: value.to_owned(), bytes: hex(index.as_bytes()) });
        }
    }
    tags
}

async fn pseudonyms(vault: &Vault) -> Vec<Tag> {
    let keyring = vault.keyring(subject(1)).await.unwrap();
    let tag = |value: &str| Tag {
        place: "ip".to_owned(),
        value: value.to_owned(),
        bytes: hex(&keyring.pseudonym("ip", value.as_bytes()).unwrap()),
    };
    VALUES.map(tag).into()
}

async fn files(vault: &Vault) -> Vec<File> {
    let keyring = vault.keyring(subject(1)).await.unwrap();
    let file = |(number, length): (u128, usize)| {
        let (key, sealed_key) = keyring.new_file_key(&FILE_KEY, row(number)).unwrap();
        let mut sealed = Vec::new();
        key.seal(vec![7; length].as_slice(), &mut sealed).unwrap();
        let (header, body) = sealed.split_at(56);
        File {
            row: row(number),
            sealed_key: hex(sealed_key.as_bytes()),
            byte: 7,
            length,
            header: hex(header),
            body: hex(body),
        }
    };
    (1..).zip([0, 5, 16_387]).map(file).collect()
}

fn key_files(env: &Env) -> Vec<KeyFile> {
    let passphrase = Passphrase::new(Secret::new(PASSPHRASE.to_owned())).unwrap();
    let (salt, cost) = (env.random(), passphrase.cost());
    let made = passphrase.derive(cost, salt).unwrap();
    let mut files = Vec::new();
    for (line, sealed) in [(KmsLine::Root, false), (KmsLine::Epoch, false), (KmsLine::Root, true)] {
        let header = Header { key: KmsKey { line, version: 3 }, created_at: env.now() };
        let key = Key::generate(env);
        let file = if sealed {
            encode_sealed(env, header, &key, (&made, cost, salt)).unwrap()
        } else {
            encode_plain(header, &key)
        };
        files.push(KeyFile {
            kms_key: header.key.to_string(),
            created_at: header.created_at.as_micros(),
            passphrase: sealed.then(|| PASSPHRASE.to_owned()),
            key: hex(key.bytes()),
            file: hex(&file),
        });
    }
    files
}

/// Every key of a table, unwrapped step by step.
async fn unwrap_all(kms: &dyn Kms, rows: &[KeyRow]) -> BTreeMap<Uuid, Vec<u8>> {
    let (mut nodes, mut opened) = (Vec::new(), BTreeMap::new());
    let order =
        [KeyKind::TenantKek, KeyKind::PersonKek, KeyKind::Dek, KeyKind::Index, KeyKind::System];
    for row in order.iter().flat_map(|kind| rows.iter().filter(|row| row.line.kind == *kind)) {
        let mut bytes = row.wrapping.bytes.clone();
        if row.wrapping.kms.is_some() {
            bytes = kms.unwrap(&bytes, &tree::context(row)).await.unwrap().expose().clone();
        }
        let key = match row.wrapping.parent {
            Some(_) => tree::unwrap(&nodes, row, &bytes).unwrap(),
            None => Key::from_slice(&bytes).unwrap(),
        };
        opened.insert(row.id.as_uuid(), key.bytes().to_vec());
        nodes.push(Node::of(row, key));
    }
    opened
}

fn wrapped_key(row: &KeyRow, key: &[u8]) -> WrappedKey {
    WrappedKey {
        kind: row.line.kind.name().to_owned(),
        ring: row.line.ring.map(|ring| ring.name().to_owned()),
        name: row.line.name.clone(),
        version: row.version,
        tenant: row.owner.tenant.as_uuid(),
        user: row.owner.user.as_uuid(),
        id: row.id.as_uuid(),
        parent: row.wrapping.parent.map(Into::into),
        kms: row.wrapping.kms.map(|kms| kms.to_string()),
        created_at: row.created_at.as_micros(),
        wrapped: hex(&row.wrapping.bytes),
        key: hex(key),
    }
}

fn key_row(vector: &WrappedKey) -> KeyRow {
    let ring = vector.ring.as_deref().map(|ring| Ring::from_name(ring).unwrap());
    let kind = KeyKind::from_name(&vector.kind).unwrap();
    let created_at = Timestamp::from_micros(vector.created_at);
    KeyRow {
        owner: Subject::new(TenantId::from_uuid(vector.tenant), UserId::from_uuid(vector.user)),
        id: vector.id.into(),
        line: KeyLine { kind, ring, name: vector.name.clone() },
        version: vector.version,
        wrapping: Wrapping {
            parent: vector.parent.map(Into::into),
            kms: vector.kms.as_ref().map(|kms| kms.parse().unwrap()),
            bytes: unhex(&vector.wrapped),
        },
        created_at,
        active_from: created_at,
        expires_at: None,
    }
}

/// A vault over the checked-in keys.
async fn stored_vault(keys: &Keys) -> Vault {
    let env = repeatable_env();
    let store = Arc::new(MemoryKeyStore::default());
    let rows: Vec<KeyRow> = keys.rows.iter().map(key_row).collect();
    assert!(store.insert(&rows).await.unwrap());
    vault(&env, Arc::new(kms_with(&env, &keys.kms)), store)
}

#[tokio::test]
async fn what_is_written_now_is_what_was_written_then() {
    let now = generate().await;
    if now != Vectors::read() {
        let dir = std::env::temp_dir().join("salus-vault-vectors");
        now.write(&dir);
        panic!("a stored format has changed; what is written now is in {}", dir.display());
    }
}

#[tokio::test]
async fn every_wrapped_key_unwraps() {
    let keys: Keys = read("wrapped_keys.json");
    let rows: Vec<KeyRow> = keys.rows.iter().map(key_row).collect();
    let opened = unwrap_all(&kms_with(&repeatable_env(), &keys.kms), &rows).await;
    for vector in &keys.rows {
        assert_eq!(hex(&opened[&vector.id]), vector.key, "{} {}", vector.kind, vector.name);
    }
    for kind in KeyKind::ALL.into_iter().filter(|kind| *kind != KeyKind::Tombstone) {
        assert!(keys.rows.iter().any(|row| row.kind == kind.name()), "{}", kind.name());
    }
}

#[tokio::test]
async fn every_sealed_field_opens() {
    let keyring = stored_vault(&read("wrapped_keys.json")).await.keyring(subject(1)).await;
    let keyring = keyring.unwrap();
    for vector in read::<Vec<Field>>("fields.json") {
        let place =
            |column: &&&Column| (column.table, column.column) == (&*vector.table, &*vector.column);
        let column = Column { format: vector.format, ..**COLUMNS.iter().find(place).unwrap() };
        let sealed = Sealed::from_bytes(unhex(&vector.sealed));
        let opened = keyring.open(&column, vector.row, &sealed).unwrap();
        assert_eq!(opened.expose().as_slice(), vector.plaintext.as_bytes());
    }
}

#[tokio::test]
async fn every_blind_index_and_pseudonym_comes_out_the_same() {
    let vault = stored_vault(&read("wrapped_keys.json")).await;
    assert_eq!(blind_indexes(&vault).await, read::<Vec<Tag>>("blind_indexes.json"));
    assert_eq!(pseudonyms(&vault).await, read::<Vec<Tag>>("pseudonyms.json"));
}

#[tokio::test]
async fn every_sealed_file_opens() {
    let vault = stored_vault(&read("wrapped_keys.json")).await;
    let keyring = vault.keyring(subject(1)).await.unwrap();
    for vector in read::<Vec<File>>("files.json") {
        let sealed_key = Sealed::from_bytes(unhex(&vector.sealed_key));
        let key = keyring.file_key(&FILE_KEY, vector.row, &sealed_key).unwrap();
        let sealed = [unhex(&vector.header), unhex(&vector.body)].concat();
        let mut opened = Vec::new();
        key.open(sealed.as_slice(), &mut opened).unwrap();
        assert_eq!(opened, vec![vector.byte; vector.length]);
    }
}

#[test]
fn every_key_file_opens() {
    for vector in read::<Vec<KeyFile>>("key_files.json") {
        let (header, stored) = parse_key_file(&unhex(&vector.file)).unwrap();
        assert_eq!(header.key.to_string(), vector.kms_key);
        assert_eq!(header.created_at.as_micros(), vector.created_at);
        let key = match (stored, vector.passphrase) {
            (Stored::Plain(key), None) => key,
            (Stored::Sealed(seal), Some(passphrase)) => {
                let passphrase = Passphrase::new(Secret::new(passphrase)).unwrap();
                seal.open(&passphrase.derive(seal.cost, seal.salt).unwrap()).unwrap()
            }
            (Stored::Plain(_), Some(_)) | (Stored::Sealed(_), None) => panic!("mixed up"),
        };
        assert_eq!(hex(key.bytes()), vector.key);
    }
}
