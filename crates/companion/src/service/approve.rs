//! A person says whether a tool may run that waits for them.

use super::{Companion, TOOL_DECIDED, Work};
use crate::{
    envelope,
    error::CompanionError,
    model::{ConversationId, Decided, Decision, Invalid, MessageId, ToolState, ToolUse},
    store,
};
use consent::Action;
use db::{Tx, TxSpec, run_tx};
use kernel::Ctx;
use serde::Serialize;
use utoipa::ToSchema;

/// The use of a tool, as clients read it.
#[derive(Serialize, ToSchema)]
#[schema(as = ToolUse)]
pub(crate) struct ToolShown {
    /// Its number in the answer, from 1.
    number: u16,
    /// Which tool; empty where there is none of the name that the model wrote.
    tool: String,
    /// What it touches.
    touches: crate::tool::Touches,
    /// The name of the server that it asks, where that is someone else.
    server: Option<String>,
    /// What the model wrote for it: JSON.
    arguments: String,
    /// How far it has come.
    state: ToolState,
    /// What came out, or why nothing did.
    result: String,
    /// Where in the answer it was asked for: after so many bytes.
    at: usize,
    /// Whether the person may agree to it for the whole conversation.
    may_always: bool,
}

impl From<&ToolUse> for ToolShown {
    fn from(used: &ToolUse) -> Self {
        let ToolUse { number, touches, state, at, .. } = *used;
        Self {
            number,
            tool: used.tool.clone(),
            touches,
            server: used.place.clone(),
            // EXPOSE: goes to the person whose conversation it is.
            arguments: used.arguments.expose().clone(),
            state,
            result: used.result.expose().clone(),
            at,
            may_always: touches.may_always(),
        }
    }
}

impl Companion {
    /// Takes what the caller says to a tool of theirs that waits; whether it still waited.
    pub async fn decide(
        &self,
        ctx: &Ctx,
        id: MessageId,
        decided: Decided,
    ) -> Result<bool, CompanionError> {
        let work = self.begin(ctx, Action::Write).await?;
        let row = store::get_message(&self.0.db, &work.access, id).await?;
        let row = row.ok_or(CompanionError::NoMessage)?;
        let body = envelope::open_body(&work.keyring, id.as_uuid(), &row.body)?;
        let waits = |used: &&ToolUse| {
            used.number == decided.number && used.state == ToolState::Waiting && row.is_running()
        };
        let event = work.event_on(&TOOL_DECIDED, id).detail("decision", decided.decision.name());
        let Some(used) = body.tools.iter().find(waits) else {
            self.0.ledger.record_now(ctx, &work.keys, &event).await?;
            return Ok(false);
        };
        let always = decided.decision == Decision::Always;
        if always && !used.touches.may_always() {
            return Err(Invalid::NotAlways.into());
        }
        let event = event.detail("tool", used.tool.clone());
        let taken = run_tx!(self.0.db, TxSpec::queue("companion.decide"), |tx| {
            store::decide(tx, &work.access, (id, decided));
            if always {
                self.allow_always(tx, &work, (row.conversation, &used.tool)).await?;
            }
            self.0.ledger.record(tx, ctx, &work.keys, &event)?;
            Ok::<_, CompanionError>(())
        });
        match taken {
            Ok(()) => {
                if let Some(live) = self.0.hub.get(work.subject(), id) {
                    live.decide(decided);
                }
                Ok(true)
            }
            Err(CompanionError::Db(refused)) if store::nothing_waited(&refused) => Ok(false),
            Err(error) => Err(error),
        }
    }

    async fn allow_always(
        &self,
        tx: &mut Tx,
        work: &Work,
        (id, tool): (ConversationId, &str),
    ) -> Result<(), CompanionError> {
        let row = store::take_conversation(tx, &work.access, id).await?;
        let row = row.ok_or(CompanionError::NoConversation)?;
        let mut conversation = envelope::open_conversation(&work.keyring, &row)?;
        if !conversation.always.iter().any(|known| known == tool) {
            conversation.always.push(tool.to_owned());
            conversation.version += 1;
            let head = envelope::seal_head(&work.keyring, &conversation)?;
            store::put_conversation(tx, &work.access, &conversation, &head);
        }
        Ok(())
    }
}
