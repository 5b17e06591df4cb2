//! Pictures of messages: kept with their message, shown to the person, told to a model that sees.

use super::{Companion, PICTURE_READ, Work, ask::Ready, told::says_something};
use crate::{
    error::CompanionError,
    model::{Body, ConversationId, Invalid, MessageId, PICTURES, Picture, PictureId},
    store::{self, MESSAGE_PICTURE, SealedPicture},
};
use consent::Action;
use kernel::{Ctx, Phi};
use llm::{Candidate, ChatRequest, Image, LlmError, Location, Part, Reach, Role, Wish};

impl Companion {
    /// A picture of the caller: its bytes. What they are, its message says.
    pub async fn read_picture(
        &self,
        ctx: &Ctx,
        id: PictureId,
    ) -> Result<Phi<Vec<u8>>, CompanionError> {
        let work = self.begin(ctx, Action::Read).await?;
        let bytes = self.picture(&work, id).await?;
        let event = work.event_on(&PICTURE_READ, id);
        self.0.ledger.record_now(ctx, &work.keys, &event).await?;
        Ok(bytes)
    }

    /// The pictures of a message.
    pub(super) async fn images(
        &self,
        work: &Work,
        pictures: &[Picture],
    ) -> Result<Vec<Image>, CompanionError> {
        let mut images = Vec::with_capacity(pictures.len());
        for picture in pictures {
            let bytes = self.picture(work, picture.id).await?;
            images.push(Image { format: picture.format, bytes });
        }
        Ok(images)
    }

    async fn picture(&self, work: &Work, id: PictureId) -> Result<Phi<Vec<u8>>, CompanionError> {
        let sealed = store::get_picture(&self.0.db, &work.access, id).await?;
        let sealed = sealed.ok_or(CompanionError::NoPicture)?;
        Ok(work.keyring.open(&MESSAGE_PICTURE, id.as_uuid(), &sealed)?)
    }

    /// Who may answer. Pictures cannot be freed of names and faces, so they stay in the house: they
    /// are told to a model of ours that sees, or to nobody. Those that came before are left out
    /// where the model does not see; those that came just now are what it is asked about.
    pub(super) async fn candidates(
        &self,
        ready: &Ready,
        (request, wish): (&mut ChatRequest, &mut Wish),
    ) -> Result<Vec<Candidate>, CompanionError> {
        let asked_about = !ready.images.is_empty()
            || ready.present.as_ref().is_some_and(|message| !message.body.pictures.is_empty());
        let sees = |found: &Candidate| {
            found.model.abilities.vision && found.model.location != Location::Remote
        };
        keep_inside(wish, asked_about);
        wish.tokens = tokens(request);
        let mut candidates = self.gateway().candidates(wish);
        if candidates.first().is_some_and(sees) && self.show(ready, request).await? {
            keep_inside(wish, true);
            wish.tokens = tokens(request);
            candidates = self.gateway().candidates(wish);
        }
        match candidates.is_empty() {
            true if asked_about => Err(Invalid::NobodySees.into()),
            true => Err(LlmError::ModelNotFound.into()),
            false => Ok(candidates),
        }
    }

    /// Puts the newest pictures of a conversation to the messages that they came with; whether there
    /// were any.
    async fn show(&self, ready: &Ready, request: &mut ChatRequest) -> Result<bool, CompanionError> {
        let mut room = PICTURES;
        // From the last on: what was said, without what the program says in between.
        let said = request.messages.iter_mut().filter(|message| message.role != Role::System);
        let mut told = said.rev();
        let now = match &ready.present {
            Some(message) => self.images(&ready.work, &message.body.pictures).await?,
            None => ready.images.clone(),
        };
        if let Some(last) = told.next() {
            room = room.saturating_sub(now.len());
            last.parts.extend(now.into_iter().map(Part::Image));
        }
        let before = ready.before.iter().filter(|message| says_something(&message.body));
        for (told, message) in told.zip(before.rev()) {
            let pictures = &message.body.pictures;
            let newest = pictures.get(..pictures.len().min(room)).unwrap_or_default();
            let images = self.images(&ready.work, newest).await?;
            room -= images.len();
            told.parts.extend(images.into_iter().map(Part::Image));
        }
        Ok(room < PICTURES)
    }

    /// Copies of the pictures of a message for another one that says the same; the body names them.
    pub(super) async fn copy_pictures(
        &self,
        (ctx, work): (&Ctx, &Work),
        place: (ConversationId, MessageId),
        body: &mut Body,
    ) -> Result<Vec<SealedPicture>, CompanionError> {
        let images = self.images(work, &body.pictures).await?;
        let (pictures, rows) = sealed(ctx, work, place, &images)?;
        body.pictures = pictures;
        Ok(rows)
    }
}

fn keep_inside(wish: &mut Wish, pictures: bool) {
    if pictures {
        wish.vision = true;
        wish.reach = Reach::Own;
    }
}

fn tokens(request: &ChatRequest) -> u32 {
    u32::try_from(llm::estimate_request(request)).unwrap_or(u32::MAX)
}

/// New pictures of a message, as the message names them and as they are stored.
pub(super) fn sealed(
    ctx: &Ctx,
    work: &Work,
    (conversation, message): (ConversationId, MessageId),
    images: &[Image],
) -> Result<(Vec<Picture>, Vec<SealedPicture>), CompanionError> {
    let mut pictures = Vec::with_capacity(images.len());
    let mut rows = Vec::with_capacity(images.len());
    for Image { format, bytes } in images {
        let id: PictureId = ctx.new_id();
        // EXPOSE: goes nowhere but into the seal.
        let body = work.keyring.seal(&MESSAGE_PICTURE, id.as_uuid(), bytes.expose())?;
        pictures.push(Picture { id, format: *format });
        rows.push(SealedPicture { id, conversation, message, body });
    }
    Ok((pictures, rows))
}
