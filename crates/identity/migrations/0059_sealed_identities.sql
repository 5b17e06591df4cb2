-- Accounts without a name, an address or a password: a label that its person chose, known by its
-- hash only, and the public keys that go with it.
CREATE TABLE sealed_identities (
    tenant_id {uuid} NOT NULL,
    shard_id {int} NOT NULL,
    user_id {uuid} NOT NULL,
    label_hash {bytes} NOT NULL,
    algorithm TEXT NOT NULL CHECK (algorithm IN ('ed25519', 'p256')),
    sign_key {bytes} NOT NULL,
    receive_key {bytes} NOT NULL,
    created_at {time} NOT NULL,
    PRIMARY KEY (tenant_id, shard_id, user_id)
){strict};
CREATE UNIQUE INDEX sealed_identities_by_label ON sealed_identities (tenant_id, label_hash);

-- Challenges that were answered rightly, so that none is answered twice. Those that were not are
-- nowhere: they prove themselves.
CREATE TABLE used_challenges (
    nonce {bytes} PRIMARY KEY,
    forget_at {time} NOT NULL
){strict};
CREATE INDEX used_challenges_to_forget ON used_challenges (forget_at);
