-- A picture that a person sent with a message. `body` is the file as it came.
CREATE TABLE companion_pictures (
    tenant_id {uuid} NOT NULL,
    shard_id {int} NOT NULL,
    user_id {uuid} NOT NULL,
    id {uuid} NOT NULL,
    conversation_id {uuid} NOT NULL,
    message_id {uuid} NOT NULL,
    body {sealed} NOT NULL,
    PRIMARY KEY (tenant_id, shard_id, user_id, id)
){strict};
CREATE INDEX companion_pictures_by_message
    ON companion_pictures (tenant_id, shard_id, user_id, conversation_id, message_id);
