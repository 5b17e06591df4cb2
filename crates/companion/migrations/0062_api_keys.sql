-- A personal key for programs of the person. Of the secret only a keyed hash is kept; `name` is
-- what the person calls it. `scopes` has a bit for each thing it is good for. A key that is
-- revoked is gone; the ledger knows that it was there.
CREATE TABLE companion_keys (
    tenant_id {uuid} NOT NULL,
    shard_id {int} NOT NULL,
    user_id {uuid} NOT NULL,
    id {uuid} NOT NULL,
    secret_hash {bytes} NOT NULL,
    scopes {int} NOT NULL,
    created_at {time} NOT NULL,
    expires_at {time},
    used_at {time},
    messages_per_day {int},
    tokens_per_day {int},
    name {sealed} NOT NULL,
    PRIMARY KEY (tenant_id, shard_id, user_id, id)
){strict};

-- What was used and is held of a key's own daily limits, in UTC days since 1970.
CREATE TABLE companion_key_days (
    tenant_id {uuid} NOT NULL,
    shard_id {int} NOT NULL,
    user_id {uuid} NOT NULL,
    key_id {uuid} NOT NULL,
    day {int} NOT NULL,
    messages {int} NOT NULL,
    tokens {int} NOT NULL,
    PRIMARY KEY (tenant_id, shard_id, user_id, key_id, day)
){strict};

-- A question of a program. Nothing of it or its answer is kept, but what it holds of the person's
-- allowance until it ends: `state` 0 while it goes on, 1 after. Whoever finds one that is still
-- going on after `lease_until` settles it; what ended is removed after a day.
CREATE TABLE companion_calls (
    tenant_id {uuid} NOT NULL,
    shard_id {int} NOT NULL,
    user_id {uuid} NOT NULL,
    id {uuid} NOT NULL,
    key_id {uuid},
    model TEXT NOT NULL,
    state {int} NOT NULL,
    lease_until {time} NOT NULL,
    quota_day {int} NOT NULL,
    reserved_tokens {int} NOT NULL,
    reserved_cost {int} NOT NULL,
    PRIMARY KEY (tenant_id, shard_id, user_id, id)
){strict};
CREATE INDEX companion_calls_by_end ON companion_calls (state, lease_until);
