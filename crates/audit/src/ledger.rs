//! The ledger as the rest of the program sees it: record, sequence, sign, list, prove.

use crate::{
    checkpoint::{Checkpoint, SignedCheckpoint},
    entry::{Entry, EventId, LogId},
    error::AuditError,
    event::Event,
    note::{KeyKind, SigningKey, VerifierKey},
    proof::{Plan, TreeHead, verify_consistency},
    seal::{Keys, key_holder, pseudonym_of},
    sequencer,
    store::{self, Whose, unsigned},
    tlog_proof::TlogProof,
    word::{Pseudonym, Word},
};
use db::{Db, Tx, params};
use kernel::{Ctx, Cursor, Page, PageSize, Subject, TenantId, Timestamp};
use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use uuid::Uuid;
use vault::{SystemKey, Vault};

/// The system key that checkpoints are signed with.
pub const CHECKPOINT_KEY: &str = "audit.checkpoint";

/// How the ledger works.
#[derive(Debug, Clone)]
pub struct LedgerConfig {
    /// The name of this instance, as entries show it.
    pub instance: Word,
    /// How many events enter the tree in one transaction.
    pub batch: u32,
    /// How long the bodies of entries are kept; their hashes stay for ever.
    pub retention: Duration,
}

impl Default for LedgerConfig {
    fn default() -> Self {
        const YEAR: u64 = 31_557_600;
        Self { instance: Word::default(), batch: 2_000, retention: Duration::from_secs(7 * YEAR) }
    }
}

/// The ledger of this installation. Cheap to clone.
#[derive(Clone)]
pub struct Ledger(Arc<Inner>);

struct Inner {
    db: Db,
    vault: Vault,
    config: LedgerConfig,
    log: LogId,
    /// The largest tree whose signature this process saw. Who empties the table of checkpoints
    /// does not empty this.
    signed: Mutex<Option<TreeHead>>,
}

/// Which events a list shows. Without any wish: all of them.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Of this organisation.
    pub tenant: Option<TenantId>,
    /// About or by this person.
    pub person: Option<ByOrAbout>,
    /// Of this kind.
    pub action: Option<Word>,
    /// Of a kind whose name begins so: `identity.`.
    pub area: Option<Word>,
    /// Not before this moment.
    pub from: Option<Timestamp>,
    /// Before this moment.
    pub to: Option<Timestamp>,
}

/// What a person has to do with an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ByOrAbout {
    /// It was about their data.
    About(Pseudonym),
    /// They did it.
    By(Pseudonym),
}

/// An entry with its place in the ledger.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Record {
    /// Its place.
    pub seq: u64,
    /// The entry.
    #[serde(flatten)]
    pub entry: Entry,
}

impl Ledger {
    /// Opens the ledger of this database, and begins it if there is none.
    pub async fn open(db: Db, vault: Vault, config: LedgerConfig) -> Result<Self, AuditError> {
        store::create_head(&db, db.env().new_id()).await?;
        let log = LogId::from_uuid(store::head(&db).await?.log_id);
        Ok(Self(Arc::new(Inner { db, vault, config, log, signed: Mutex::default() })))
    }

    /// The name of the ledger in checkpoints, and of the key that signs them.
    #[must_use]
    pub fn origin(&self) -> String {
        origin(self.0.log)
    }

    /// The id of the ledger.
    #[must_use]
    pub fn log_id(&self) -> LogId {
        self.0.log
    }

    /// How long bodies of entries are kept.
    #[must_use]
    pub fn retention(&self) -> Duration {
        self.config().retention
    }

    pub(crate) fn db(&self) -> &Db {
        &self.0.db
    }

    pub(crate) fn vault(&self) -> &Vault {
        &self.0.vault
    }

    pub(crate) fn config(&self) -> &LedgerConfig {
        &self.0.config
    }

    /// The keys for an event about this person. Ask before a transaction is opened, and before
    /// each piece of work: keys grow old within minutes.
    pub async fn keys(&self, ctx: &Ctx, subject: Subject) -> Result<Keys, AuditError> {
        let about = self.0.vault.keyring(subject).await?;
        let holder = key_holder(&ctx.actor, subject.tenant);
        let by =
            if holder == subject { about.clone() } else { self.0.vault.keyring(holder).await? };
        Ok(Keys::new(about, by))
    }

    /// What stands for this person in entries.
    pub async fn pseudonym(&self, subject: Subject) -> Result<Pseudonym, AuditError> {
        pseudonym_of(&self.0.vault.keyring(subject).await?)
    }

    /// Records a change within the transaction that makes it: neither exists without the other.
    pub fn record(
        &self,
        tx: &mut Tx,
        ctx: &Ctx,
        keys: &Keys,
        event: &Event,
    ) -> Result<EventId, AuditError> {
        let entry = keys.seal((self.0.log, &self.0.config.instance), ctx, event)?;
        store::queue(tx, entry.at, entry.encode());
        Ok(entry.event)
    }

    /// Records a reading or a refusal, durably before this returns. If it fails, whatever was read
    /// must not leave the program.
    pub async fn record_now(
        &self,
        ctx: &Ctx,
        keys: &Keys,
        event: &Event,
    ) -> Result<EventId, AuditError> {
        let entry = keys.seal((self.0.log, &self.0.config.instance), ctx, event)?;
        let written = store::queue_now(&self.0.db, entry.at, entry.encode()).await;
        written.map_err(AuditError::NotRecorded)?;
        Ok(entry.event)
    }

    /// Gives one batch of waiting events their places in the tree; answers how many.
    pub async fn sequence_once(&self) -> Result<u64, AuditError> {
        sequencer::sequence(&self.0.db, self.0.config.batch, |_| Ok(())).await
    }

    /// Gives all waiting events their places; answers how many. Those that come while it works
    /// may have to wait for the next call, so that this one ends however many come.
    pub async fn sequence_all(&self) -> Result<u64, AuditError> {
        let mut all = 0;
        loop {
            let taken = self.sequence_once().await?;
            all += taken;
            if !self.is_full(taken) {
                return Ok(all);
            }
        }
    }

    /// Whether a batch of so many events may have left some in the line.
    pub(crate) fn is_full(&self, taken: u64) -> bool {
        taken > 0 && taken >= u64::from(self.0.config.batch)
    }

    /// The tree as it is now.
    pub async fn head(&self) -> Result<TreeHead, AuditError> {
        let head: store::Head = store::head(&self.0.db).await?.try_into()?;
        Ok(TreeHead { size: head.frontier.size(), root: head.frontier.root() })
    }

    /// Signs the tree as it is now, unless that was done. Refuses when the tree is not one that
    /// continues what was signed last, as the database tells it and as this process remembers it.
    pub async fn checkpoint(&self) -> Result<SignedCheckpoint, AuditError> {
        // In this order: others may sign a larger tree at any time.
        let remembered = *self.signed();
        let last = self.last_checkpoint().await?;
        let head = self.head().await?;
        if let Some(before) = remembered {
            self.check_continues(&before, &head).await?;
        }
        if let Some(last) = last {
            let before = last.verify(&self.verifier_keys().await?)?.head;
            self.check_continues(&before, &head).await?;
            if before == head {
                self.remember(head);
                return Ok(last);
            }
        }
        let now = self.0.db.env().now();
        let checkpoint = Checkpoint { origin: self.origin(), head };
        let signed = SignedCheckpoint::sign(checkpoint, &self.signing_key().await?, now)?;
        store::add_checkpoint(&self.0.db, head.size, signed.to_string(), now).await?;
        self.remember(head);
        Ok(signed)
    }

    async fn check_continues(&self, before: &TreeHead, head: &TreeHead) -> Result<(), AuditError> {
        let proof = self.consistency(before.size, head.size).await?;
        Ok(verify_consistency(before, head, &proof)?)
    }

    fn signed(&self) -> MutexGuard<'_, Option<TreeHead>> {
        self.0.signed.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn remember(&self, head: TreeHead) {
        let mut signed = self.signed();
        if signed.is_none_or(|before| before.size < head.size) {
            *signed = Some(head);
        }
    }

    /// The newest checkpoint that was signed.
    pub async fn last_checkpoint(&self) -> Result<Option<SignedCheckpoint>, AuditError> {
        let row = store::last_checkpoint(&self.0.db).await?;
        Ok(row.map(|row| row.note.parse()).transpose()?)
    }

    async fn signing_key(&self) -> Result<SigningKey, AuditError> {
        let key = self.0.vault.system_key(CHECKPOINT_KEY).await?;
        let seed = key.current()?.secret();
        Ok(SigningKey::from_seed(&self.origin(), KeyKind::Ed25519, &seed)?)
    }

    /// The keys whose signatures count for this ledger, as this installation knows them. Who
    /// checks from outside should have got them at another time or on another way.
    pub async fn verifier_keys(&self) -> Result<Vec<VerifierKey>, AuditError> {
        let key = self.0.vault.system_key(CHECKPOINT_KEY).await?;
        let origin = self.origin();
        let public = |key: &SystemKey| {
            let key = SigningKey::from_seed(&origin, KeyKind::Ed25519, &key.secret())?;
            Ok(key.verifier().clone())
        };
        key.iter().map(public).collect()
    }

    /// The proof that the tree of `new` leaves continues the tree of `old` leaves.
    pub async fn consistency(&self, old: u64, new: u64) -> Result<Vec<[u8; 32]>, AuditError> {
        let shrunk = AuditError::Contradiction("the tree is smaller than what was signed");
        self.resolve(&Plan::consistency(old, new).ok_or(shrunk)?).await
    }

    async fn resolve(&self, plan: &Plan) -> Result<Vec<[u8; 32]>, AuditError> {
        let nodes = store::nodes(&self.0.db, plan.nodes()).await?;
        plan.resolve(|node| nodes.get(&node).copied())
            .ok_or(AuditError::Contradiction("a hash of the tree is missing"))
    }

    /// A proof to take away that this event is in the ledger. Signs a checkpoint if none covers
    /// the event yet.
    pub async fn prove(&self, event: EventId) -> Result<TlogProof, AuditError> {
        let find = async || store::find_event(&self.0.db, event.as_uuid()).await;
        let found = if let Some(found) = find().await? {
            found
        } else {
            self.sequence_all().await?;
            find().await?.ok_or(AuditError::NoSuchEvent)?
        };
        let index = unsigned(found.seq);
        let checkpoint = match self.last_checkpoint().await? {
            Some(last) if last.checkpoint().head.size > index => last,
            _ => self.checkpoint().await?,
        };
        let plan = Plan::inclusion(index, checkpoint.checkpoint().head.size)
            .ok_or(AuditError::Contradiction("the tree is smaller than its leaves"))?;
        let hashes = self.resolve(&plan).await?;
        Ok(TlogProof { entry: found.entry, index, hashes, checkpoint })
    }

    /// Entries, newest first. Those whose bodies retention took are not among them.
    pub async fn entries(
        &self,
        filter: &Filter,
        after: Option<Cursor>,
        size: PageSize,
    ) -> Result<Page<Record>, AuditError> {
        let start = after.unwrap_or(Cursor::NEWEST);
        // The place of an entry decides among those of the same moment.
        let place = i64::try_from(start.id.as_u128()).unwrap_or(i64::MAX);
        let params = params![
            filter.from.unwrap_or(Timestamp::MIN),
            filter.to.unwrap_or(Timestamp::MAX),
            start.at,
            place,
            filter.action.as_ref().map_or("", Word::as_str),
            filter.tenant.map_or(Uuid::nil(), |tenant| tenant.as_uuid()),
            i64::from(filter.tenant.is_none()),
            i64::try_from(size.get() + 1).unwrap_or(i64::MAX),
            filter.area.as_ref().map_or("", Word::as_str),
        ];
        let whose = match filter.person {
            None => Whose::Everyone,
            Some(ByOrAbout::About(reference)) => Whose::About(reference.0),
            Some(ByOrAbout::By(reference)) => Whose::By(reference.0),
        };
        let records: Result<Vec<Record>, AuditError> = store::list(&self.0.db, whose, params)
            .await?
            .into_iter()
            .map(|row| Ok(Record { seq: unsigned(row.seq), entry: Entry::decode(&row.entry)? }))
            .collect();
        Ok(Page::from_rows(records?, size, |record| Cursor {
            at: record.entry.at,
            id: Uuid::from_u128(u128::from(record.seq)),
        }))
    }
}

/// The name of a ledger.
pub(crate) fn origin(log: LogId) -> String {
    format!("salus/audit/{log}")
}
