-- A key on a person's device. `credential` is what is needed to check what it signs. `sign_count`
-- is how often it had signed when it was last used here, where it counts at all: it only grows,
-- so that of two copies of one key one is found out.
CREATE TABLE passkeys (
    tenant_id {uuid} NOT NULL,
    shard_id {int} NOT NULL,
    user_id {uuid} NOT NULL,
    id {uuid} NOT NULL,
    name {sealed} NOT NULL,
    credential {sealed} NOT NULL,
    sign_count {int} NOT NULL,
    created_at {time} NOT NULL,
    used_at {time},
    PRIMARY KEY (tenant_id, shard_id, user_id, id)
){strict};

-- Challenges that were answered, until they would be too old anyway: each is good for one answer.
CREATE TABLE passkey_answers (
    tenant_id {uuid} NOT NULL,
    shard_id {int} NOT NULL,
    user_id {uuid} NOT NULL,
    id {uuid} NOT NULL,
    expires_at {time} NOT NULL,
    PRIMARY KEY (tenant_id, shard_id, user_id, id)
){strict};
CREATE INDEX passkey_answers_to_tidy ON passkey_answers (expires_at);
