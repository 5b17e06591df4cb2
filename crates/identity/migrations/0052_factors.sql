-- A secret that a person's authenticator app makes codes with. `last_step` is the step of the
-- last code that was taken, so that none is taken twice. Not confirmed: the person has not shown
-- yet that their app has it, and it counts for nothing.
CREATE TABLE totp_factors (
    tenant_id {uuid} NOT NULL,
    shard_id {int} NOT NULL,
    user_id {uuid} NOT NULL,
    id {uuid} NOT NULL,
    secret {sealed} NOT NULL,
    last_step {int} NOT NULL,
    created_at {time} NOT NULL,
    confirmed_at {time},
    PRIMARY KEY (tenant_id, shard_id, user_id, id)
){strict};

-- The last resort of someone who lost their second factor. Each code is good for one time.
CREATE TABLE recovery_codes (
    tenant_id {uuid} NOT NULL,
    shard_id {int} NOT NULL,
    user_id {uuid} NOT NULL,
    code_hash {bytes} NOT NULL,
    created_at {time} NOT NULL,
    used_at {time},
    PRIMARY KEY (tenant_id, shard_id, user_id, code_hash)
){strict};

-- The first factor was right and the second is still to come. Used up by the log-in it leads to.
CREATE TABLE login_tickets (
    tenant_id {uuid} NOT NULL,
    shard_id {int} NOT NULL,
    user_id {uuid} NOT NULL,
    id {uuid} NOT NULL,
    secret_hash {bytes} NOT NULL,
    amr TEXT NOT NULL,
    with_cookie {bool} NOT NULL,
    restore {bool} NOT NULL,
    expires_at {time} NOT NULL,
    PRIMARY KEY (tenant_id, shard_id, user_id, id)
){strict};
CREATE INDEX login_tickets_to_tidy ON login_tickets (expires_at);
