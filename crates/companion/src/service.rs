//! The use cases of conversations. Each one goes the same way: authorize, get the keys, decide and
//! seal, store and record in one transaction. What is read is recorded before it is answered.

mod allowance;
mod answer;
mod approve;
mod ask;
mod budget;
mod calls;
mod choose;
mod conversations;
mod events;
mod follow;
mod keys;
mod messages;
mod notices;
mod pair;
mod pictures;
mod second;
mod settle;
mod title;
mod told;
mod tools;
mod transfer;
mod usage;

pub use crate::store::UsageOfDay;
pub use allowance::Remaining;
pub(crate) use approve::ToolShown;
pub use ask::{Asking, Opened};
pub use budget::{Spending, Treasury};
use calls::Remembered;
pub use calls::{ANY_MODEL, Calling, Head};
pub(crate) use calls::{PLACE_KEY, Pieces};
pub use conversations::{Change, NewConversation};
pub(crate) use events::{Help, Used};
pub(crate) use keys::HASH_KEY;
pub use keys::NewKey;
pub use transfer::ImportReport;
pub use usage::Allowed;

use crate::{
    config::CompanionConfig,
    error::CompanionError,
    guard::{Finding, Guard},
    live::{Hub, Slots},
    memory::Recall,
    tool::Toolbox,
};
use audit::{Event, Keys, Ledger};
use care::companion::Disclosure;
use consent::{Access, Action, Consents};
use crisis::Source;
use db::{Db, Tx};
use identity::{Identity, Watch};
use kernel::{Ctx, Subject};
use keys::KeyCache;
use llm::{Gateway, Model};
use providers::{Providers, Viewer};
use std::sync::Arc;
use tokio_util::task::TaskTracker;
use uuid::Uuid;
use vault::{Keyring, Vault};

audit::actions! {
    /// A conversation was begun, by hand or as a copy.
    CONVERSATION_CREATED = "companion.conversation.create" on "conversation";
    /// A conversation was read.
    CONVERSATION_READ = "companion.conversation.read" on "conversation";
    /// A page of conversations was read.
    CONVERSATIONS_LISTED = "companion.conversation.list" on "companion";
    /// A conversation was named, put away or taken out again.
    CONVERSATION_UPDATED = "companion.conversation.update" on "conversation";
    /// A conversation was deleted.
    CONVERSATION_DELETED = "companion.conversation.delete" on "conversation";
    /// All conversations were written to a file.
    CONVERSATIONS_EXPORTED = "companion.export" on "companion";
    /// Conversations were taken from a file.
    CONVERSATIONS_IMPORTED = "companion.import" on "companion";
    /// Messages were read.
    MESSAGES_READ = "companion.message.list" on "conversation";
    /// A message was written anew beside the old one.
    MESSAGE_EDITED = "companion.message.edit" on "message";
    /// A message was deleted, with what followed it.
    MESSAGE_DELETED = "companion.message.delete" on "message";
    /// A message was sent.
    MESSAGE_SENT = "companion.message.send" on "message";
    /// A picture of a message was looked at.
    PICTURE_READ = "companion.picture.read" on "picture";
    /// An answer came to its end.
    ANSWER_ENDED = "companion.answer.end" on "message";
    /// Somebody read along while an answer was written, or the answer after it.
    ANSWER_FOLLOWED = "companion.answer.read" on "message";
    /// An answer was stopped.
    ANSWER_STOPPED = "companion.answer.stop" on "message";
    /// A person said whether a tool may run.
    TOOL_DECIDED = "companion.tool.decide" on "message";
    /// A tool ran while an answer was written.
    TOOL_RUN = "companion.tool.run" on "message";
    /// A tool of someone else was told what a model wrote for it.
    TOOL_TOLD = "companion.tool.disclose" on "message";
    /// A personal key was made.
    KEY_CREATED = "companion.key.create" on "api_key";
    /// Somebody looked at their keys.
    KEYS_LISTED = "companion.key.list" on "companion";
    /// A personal key was revoked.
    KEY_REVOKED = "companion.key.revoke" on "api_key";
    /// A program of a person asked a model something.
    CALL_BEGUN = "companion.call.begin" on "call";
    /// What a program asked came to its end.
    CALL_ENDED = "companion.call.end" on "call";
    /// What was said goes to a model of someone else.
    MODEL_TOLD = "companion.disclose" on "conversation";
    /// A person looked at what they used.
    USAGE_READ = "companion.usage.read" on "companion";
    /// An administrator looked at what all used together.
    TENANT_USAGE_READ = "companion.usage.read_all" on "tenant";
    /// The administrators were told that little is left of what the installation may spend.
    BUDGET_LOW = "companion.budget.low" on "tenant";
    /// The conversations of an erased account were removed.
    CONVERSATIONS_ERASED = "companion.erase" on "companion";
}

/// Everyone's conversations. Cheap to clone.
#[derive(Clone)]
pub struct Companion(Arc<Inner>);

struct Inner {
    db: Db,
    vault: Vault,
    ledger: Ledger,
    consents: Consents,
    accounts: Identity,
    providers: Providers,
    instructions: Arc<str>,
    disclosures: Vec<Disclosure>,
    guard: Arc<dyn Guard>,
    memory: Arc<dyn Recall>,
    tools: Arc<dyn Toolbox>,
    config: CompanionConfig,
    hub: Hub,
    slots: Slots,
    keys: KeyCache,
    remembered: Remembered,
    tasks: TaskTracker,
}

/// What conversations are made of.
pub struct Parts {
    /// Where they are kept.
    pub db: Db,
    /// Everyone's keys.
    pub vault: Vault,
    /// The ledger.
    pub ledger: Ledger,
    /// What people agreed to.
    pub consents: Consents,
    /// Whose log-ins and accounts are good.
    pub accounts: Identity,
    /// Who answers, and whom.
    pub providers: Providers,
    /// What a model is told before everything else. It stays the same, so that providers can
    /// keep it.
    pub instructions: Arc<str>,
    /// How it is said that an AI answers, by language.
    pub disclosures: Vec<Disclosure>,
    /// Who looks at messages first.
    pub guard: Arc<dyn Guard>,
    /// Who remembers what people wanted to be remembered.
    pub memory: Arc<dyn Recall>,
    /// What models may ask for.
    pub tools: Arc<dyn Toolbox>,
    /// Answers go on in these tasks when their readers leave.
    pub tasks: TaskTracker,
}

/// What one piece of work on somebody's conversations needs.
struct Work {
    access: Access,
    keyring: Keyring,
    keys: Keys,
}

impl Work {
    fn subject(&self) -> Subject {
        self.access.subject()
    }

    /// Says in this transaction that help was shown, where it was: for the person, and for counters
    /// that know nobody.
    fn notice(
        &self,
        (tx, ctx, ledger): (&mut Tx, &Ctx, &Ledger),
        source: Source,
        found: Option<&Finding>,
    ) -> Result<(), CompanionError> {
        let Some(found) = found else { return Ok(()) };
        crisis::notice(tx, ctx, (ledger, &self.keys, self.subject()), source, found)?;
        Ok(())
    }

    fn event(&self, action: &'static audit::Action) -> Event {
        Event::new(action, self.subject())
    }

    fn event_on(&self, action: &'static audit::Action, id: impl Into<Uuid>) -> Event {
        self.event(action).resource(id)
    }
}

impl Companion {
    /// Over these parts, as the installation decided.
    #[must_use]
    pub fn new(parts: Parts, config: CompanionConfig) -> Self {
        let Parts { db, vault, ledger, consents, accounts, .. } = parts;
        let Parts { providers, instructions, disclosures, guard, memory, tools, tasks, .. } = parts;
        Self(Arc::new(Inner {
            db,
            vault,
            ledger,
            consents,
            accounts,
            providers,
            instructions,
            disclosures,
            guard,
            memory,
            tools,
            config,
            hub: Hub::default(),
            slots: Slots::default(),
            keys: KeyCache::default(),
            remembered: Remembered::default(),
            tasks,
        }))
    }

    /// Who answers.
    fn gateway(&self) -> &Gateway {
        self.0.providers.gateway()
    }

    /// Whether whoever asks may use this model.
    fn offers(&self, ctx: &Ctx, model: &Model) -> bool {
        self.0.providers.offers(Viewer::of(ctx), model)
    }

    /// Ends all answers that are being written here; what was written is kept.
    pub fn close(&self) {
        self.0.hub.close();
    }

    /// Tells when the log-in has ended that this request came by.
    pub(crate) fn watch(&self, ctx: &Ctx) -> Result<Watch, CompanionError> {
        Ok(self.0.accounts.watch(ctx)?)
    }

    pub(crate) fn consents(&self) -> &Consents {
        &self.0.consents
    }

    /// Asks for everything before a transaction is open: keys may have to be made, durably.
    async fn begin(&self, ctx: &Ctx, action: Action) -> Result<Work, CompanionError> {
        let subject = ctx.own_subject().map_err(|_| CompanionError::NotLoggedIn)?;
        self.begin_for(ctx, action, subject).await
    }

    async fn begin_for(
        &self,
        ctx: &Ctx,
        action: Action,
        subject: Subject,
    ) -> Result<Work, CompanionError> {
        let access = self.0.consents.authorize(ctx, action, subject).await?;
        let keyring = self.0.vault.keyring(subject).await?;
        let keys = self.0.ledger.keys(ctx, subject).await?;
        Ok(Work { access, keyring, keys })
    }
}
