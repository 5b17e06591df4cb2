-- What a person hands out for the case that they cannot speak: whoever shows the secret may see
-- the parts of their data in `scope`, so often and so long. Only a hash of the secret is kept.
CREATE TABLE emergency_cards (
    tenant_id {uuid} NOT NULL,
    shard_id {int} NOT NULL,
    user_id {uuid} NOT NULL,
    id {uuid} NOT NULL,
    secret_hash {bytes} NOT NULL,
    scope {int} NOT NULL,
    created_at {time} NOT NULL,
    expires_at {time} NOT NULL,
    max_uses {int} NOT NULL,
    uses {int} NOT NULL,
    revoked_at {time},
    PRIMARY KEY (tenant_id, shard_id, user_id, id)
){strict};

-- Someone who helps opened a person's emergency data without having been asked to: who, why, and
-- whether somebody looked at it afterwards. The reason in words is the person's to read.
CREATE TABLE emergency_overrides (
    tenant_id {uuid} NOT NULL,
    shard_id {int} NOT NULL,
    user_id {uuid} NOT NULL,
    id {uuid} NOT NULL,
    responder_id {uuid} NOT NULL,
    secret_hash {bytes} NOT NULL,
    reason_code TEXT NOT NULL,
    reason {sealed} NOT NULL,
    created_at {time} NOT NULL,
    expires_at {time} NOT NULL,
    pending {bool} NOT NULL,
    approved_by {uuid},
    uses {int} NOT NULL,
    review_due_at {time} NOT NULL,
    reviewed_at {time},
    reviewed_by {uuid},
    justified {bool},
    PRIMARY KEY (tenant_id, shard_id, user_id, id)
){strict};
CREATE INDEX emergency_overrides_of_responder
    ON emergency_overrides (tenant_id, responder_id, created_at);
CREATE INDEX emergency_overrides_to_review ON emergency_overrides (tenant_id, created_at, id);
CREATE INDEX emergency_overrides_by_id ON emergency_overrides (tenant_id, id);

-- Whoever opens emergency data takes their row first, so that nobody opens two at once.
CREATE TABLE emergency_responders (
    tenant_id {uuid} NOT NULL,
    responder_id {uuid} NOT NULL,
    turns {int} NOT NULL,
    PRIMARY KEY (tenant_id, responder_id)
){strict};
