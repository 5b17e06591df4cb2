-- Answers to requests that carried an `Idempotency-Key`, kept for a day so that a repeated request
-- gets the same answer. `answer` is missing while the first request is still being worked on.
CREATE TABLE idempotency (
    tenant_id {uuid} NOT NULL,
    shard_id {int} NOT NULL,
    user_id {uuid} NOT NULL,
    id {uuid} NOT NULL,
    fingerprint {bytes} NOT NULL,
    claim {uuid} NOT NULL,
    claimed_at {time} NOT NULL,
    answer {sealed},
    PRIMARY KEY (tenant_id, shard_id, user_id, id)
){strict};
CREATE INDEX idempotency_by_age ON idempotency (claimed_at);
