-- Wrapped keys. Nothing in here opens anything without the keys of the KMS. `ring` and `name` are
-- empty where a key has none; `expires_at` is set once a newer version has taken its place.
CREATE TABLE vault_keys (
    tenant_id {uuid} NOT NULL,
    shard_id {int} NOT NULL,
    user_id {uuid} NOT NULL,
    id {uuid} NOT NULL,
    kind TEXT NOT NULL,
    ring TEXT NOT NULL,
    name TEXT NOT NULL,
    version {int} NOT NULL,
    parent_id {uuid},
    kms_key TEXT,
    wrapped {bytes} NOT NULL,
    created_at {time} NOT NULL,
    active_from {time} NOT NULL,
    expires_at {time},
    PRIMARY KEY (tenant_id, shard_id, user_id, id)
){strict};

CREATE UNIQUE INDEX vault_keys_by_line
    ON vault_keys (tenant_id, shard_id, user_id, kind, ring, name, version);

-- For the sweep. Most rows are purpose keys in use, which are in none of these.
CREATE INDEX vault_keys_by_kms_key ON vault_keys (kms_key, tenant_id, shard_id, user_id, id)
    WHERE kms_key IS NOT NULL;
CREATE INDEX vault_keys_by_parent ON vault_keys (parent_id, tenant_id, shard_id, user_id, id)
    WHERE kind <> 'dek';
CREATE INDEX vault_keys_superseded ON vault_keys (tenant_id, shard_id, user_id, id)
    WHERE expires_at IS NOT NULL;
