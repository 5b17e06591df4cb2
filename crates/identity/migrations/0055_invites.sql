-- An invitation to make an account. It belongs to the organisation itself, whose keys seal the
-- note. Of the code and of the address it may be bound to only fingerprints are kept.
CREATE TABLE invites (
    tenant_id {uuid} NOT NULL,
    shard_id {int} NOT NULL,
    user_id {uuid} NOT NULL,
    id {uuid} NOT NULL,
    code_hash {bytes} NOT NULL,
    roles {int} NOT NULL,
    email_index {bytes},
    max_uses {int} NOT NULL,
    uses {int} NOT NULL,
    note {sealed},
    created_by {uuid},
    created_at {time} NOT NULL,
    expires_at {time} NOT NULL,
    revoked_at {time},
    PRIMARY KEY (tenant_id, shard_id, user_id, id)
){strict};
CREATE UNIQUE INDEX invites_by_code ON invites (tenant_id, code_hash);
CREATE INDEX invites_by_time ON invites (tenant_id, shard_id, user_id, created_at, id);
