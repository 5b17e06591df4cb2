-- An account at a provider of log-ins that opens this one. It is found by a keyed fingerprint of
-- who the provider is and whom it speaks of; both, and what the person knows it by, are sealed.
CREATE TABLE linked_logins (
    tenant_id {uuid} NOT NULL,
    shard_id {int} NOT NULL,
    user_id {uuid} NOT NULL,
    id {uuid} NOT NULL,
    subject_index {bytes} NOT NULL,
    account {sealed} NOT NULL,
    created_at {time} NOT NULL,
    PRIMARY KEY (tenant_id, shard_id, user_id, id)
){strict};
CREATE UNIQUE INDEX linked_logins_by_subject ON linked_logins (tenant_id, subject_index);
