//! Cards: made, looked at and taken back by the person.

use super::{
    CARD_MADE, CARD_REVOKED, CARDS_LISTED, Emergency,
    model::{Class, Classes, Form, LONGEST_CARD, MAX_CARDS, MAX_USES, Token, USUAL_CARD},
    store::{self, CardRow},
};
use crate::error::ConsentError;
use audit::Event;
use db::run_tx;
use kernel::{Ctx, Secret, Subject, Timestamp};
use std::time::Duration;
use uuid::Uuid;

/// A card to be made.
pub struct NewCard {
    /// What it opens.
    pub classes: Classes,
    /// How long it is good; a year if left out, two at most.
    pub life: Option<Duration>,
    /// How often it can be used.
    pub max_uses: u16,
}

/// A card, as its person sees it.
pub struct Card {
    /// Names it.
    pub id: Uuid,
    /// What it opens.
    pub classes: Classes,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it ends.
    pub expires_at: Timestamp,
    /// How often it can be used.
    pub max_uses: u16,
    /// How often it was.
    pub uses: u16,
}

/// A card that was just made, with the secret that is shown this once.
pub struct MadeCard {
    /// The card.
    pub card: Card,
    /// What it bears, as a picture or a chip.
    pub token: Secret<String>,
}

impl From<CardRow> for Card {
    fn from(row: CardRow) -> Self {
        let CardRow { id, scope, created_at, expires_at, max_uses, uses, .. } = row;
        let classes = Classes::from_bits(scope);
        Self { id, classes, created_at, expires_at, max_uses, uses }
    }
}

fn own(ctx: &Ctx) -> Result<Subject, ConsentError> {
    ctx.own_subject().map_err(|_| ConsentError::NotLoggedIn)
}

impl NewCard {
    fn check(&self) -> Result<(), ConsentError> {
        let open = Classes::open_to(Form::Card);
        if self.classes.is_empty() || self.classes.and(open) != self.classes {
            return Err(ConsentError::Invalid(
                "classes: some of allergies, medications, conditions and contacts",
            ));
        }
        if !(1..=MAX_USES).contains(&self.max_uses) {
            return Err(ConsentError::Invalid("max_uses: 1 to 100"));
        }
        let life = self.life.unwrap_or(USUAL_CARD);
        if life.is_zero() || life > LONGEST_CARD {
            return Err(ConsentError::Invalid("days: 1 to 730"));
        }
        Ok(())
    }
}

impl Emergency {
    /// Makes a card for the caller.
    pub async fn make_card(&self, ctx: &Ctx, new: &NewCard) -> Result<MadeCard, ConsentError> {
        let subject = own(ctx)?;
        new.check()?;
        let ledger = self.consents.ledger();
        let keys = ledger.keys(ctx, subject).await?;
        let token = Token::new(ctx.env(), Form::Card, subject, ctx.new_id());
        let now = ctx.now();
        let row = CardRow {
            id: token.id,
            secret_hash: token.hash(),
            scope: new.classes.bits(),
            created_at: now,
            expires_at: now.plus(new.life.unwrap_or(USUAL_CARD)),
            max_uses: new.max_uses,
            uses: 0,
        };
        let event =
            Event::new(&CARD_MADE, subject).resource(row.id).detail("classes", new.classes.names());
        run_tx!(self.consents.db(), "emergency.make_card", |tx| {
            if store::cards_in(tx, subject, now).await? >= MAX_CARDS {
                return Err(ConsentError::CardsFull);
            }
            store::add_card(tx, &token, &row);
            ledger.record(tx, ctx, &keys, &event)?;
            Ok(())
        })?;
        Ok(MadeCard { card: row.into(), token: token.text() })
    }

    /// The caller's cards that can still be used, newest first.
    pub async fn cards(&self, ctx: &Ctx) -> Result<Vec<Card>, ConsentError> {
        let subject = own(ctx)?;
        let rows = store::cards(self.consents.db(), subject, ctx.now()).await?;
        let ledger = self.consents.ledger();
        let keys = ledger.keys(ctx, subject).await?;
        ledger.record_now(ctx, &keys, &Event::new(&CARDS_LISTED, subject)).await?;
        Ok(rows.into_iter().map(Card::from).collect())
    }

    /// Takes a card of the caller's back, from this moment on.
    pub async fn revoke_card(&self, ctx: &Ctx, id: Uuid) -> Result<(), ConsentError> {
        let subject = own(ctx)?;
        let ledger = self.consents.ledger();
        let keys = ledger.keys(ctx, subject).await?;
        run_tx!(self.consents.db(), "emergency.revoke_card", |tx| {
            if !store::revoke_card(tx, (subject, id), ctx.now()).await? {
                return Err(ConsentError::NotYours);
            }
            ledger.record(tx, ctx, &keys, &Event::new(&CARD_REVOKED, subject).resource(id))?;
            Ok(())
        })
    }
}

/// For requests: all classes of these names.
impl FromIterator<Class> for Classes {
    fn from_iter<I: IntoIterator<Item = Class>>(classes: I) -> Self {
        Self::of(&classes.into_iter().collect::<Vec<_>>())
    }
}
