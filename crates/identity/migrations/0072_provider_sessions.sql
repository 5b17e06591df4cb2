-- Log-ins that a provider vouched for, so that it can end them (OpenID Connect back-channel
-- log-out). They are found by keyed fingerprints of whom the provider speaks of and of what it
-- calls its own log-in; both are sealed. `session_id` is the log-in, or the first half of one.
CREATE TABLE provider_sessions (
    tenant_id {uuid} NOT NULL,
    shard_id {int} NOT NULL,
    user_id {uuid} NOT NULL,
    id {uuid} NOT NULL,
    session_id {uuid} NOT NULL,
    subject_index {bytes} NOT NULL,
    sid_index {bytes},
    account {sealed} NOT NULL,
    expires_at {time} NOT NULL,
    PRIMARY KEY (tenant_id, shard_id, user_id, id)
){strict};
CREATE INDEX provider_sessions_by_subject ON provider_sessions (tenant_id, subject_index);
CREATE INDEX provider_sessions_by_sid ON provider_sessions (tenant_id, sid_index);
CREATE INDEX provider_sessions_to_forget ON provider_sessions (expires_at);
