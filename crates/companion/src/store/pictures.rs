//! Pictures of messages.

use crate::model::{ConversationId, MessageId, PictureId};
use consent::Access;
use db::{Db, DbError, Tx, params, row};
use vault::Sealed;

db::statements! { "companion.pictures";
    INSERT = "INSERT INTO companion_pictures (tenant_id, shard_id, user_id, id, conversation_id,
            message_id, body)
        VALUES ($1, $2, $3, $4, $5, $6, $7)";
    GET = "SELECT body FROM companion_pictures
        WHERE tenant_id = $1 AND shard_id = $2 AND user_id = $3 AND id = $4";
    DELETE_OF_MESSAGE = "DELETE FROM companion_pictures
        WHERE tenant_id = $1 AND shard_id = $2 AND user_id = $3 AND conversation_id = $4
            AND message_id = $5";
    DELETE_OF_CONVERSATION = "DELETE FROM companion_pictures
        WHERE tenant_id = $1 AND shard_id = $2 AND user_id = $3 AND conversation_id = $4";
}

row! {
    struct Row {
        body: Vec<u8>,
    }
}

/// A picture as it is stored.
pub(crate) struct SealedPicture {
    pub(crate) id: PictureId,
    pub(crate) conversation: ConversationId,
    pub(crate) message: MessageId,
    pub(crate) body: Sealed,
}

/// Writes a new picture.
pub(crate) fn insert_picture(tx: &mut Tx, access: &Access, picture: &SealedPicture) {
    let SealedPicture { id, conversation, message, body } = picture;
    let params = params![access.subject() => id.as_uuid(), conversation.as_uuid(),
        message.as_uuid(), body.as_bytes()];
    tx.defer(&INSERT, params);
}

/// The bytes of a picture.
pub(crate) async fn get_picture(
    db: &Db,
    access: &Access,
    id: PictureId,
) -> Result<Option<Sealed>, DbError> {
    let row: Option<Row> = db.opt(&GET, params![access.subject() => id.as_uuid()]).await?;
    Ok(row.map(|row| Sealed::from_bytes(row.body)))
}

/// Removes the pictures of a message.
pub(crate) fn delete_pictures_of(
    tx: &mut Tx,
    access: &Access,
    (conversation, message): (ConversationId, MessageId),
) {
    let params = params![access.subject() => conversation.as_uuid(), message.as_uuid()];
    tx.defer(&DELETE_OF_MESSAGE, params);
}

/// Removes all pictures of a conversation.
pub(crate) fn delete_pictures(tx: &mut Tx, access: &Access, conversation: ConversationId) {
    tx.defer(&DELETE_OF_CONVERSATION, params![access.subject() => conversation.as_uuid()]);
}
