-- When it was proved that an address is that of its person.
ALTER TABLE account_names ADD COLUMN verified_at {time};

-- A link that a person was promised. Its secret is nowhere: it follows from the id and a key of
-- the program. `name_id` is the address that it went to.
CREATE TABLE mail_links (
    tenant_id {uuid} NOT NULL,
    shard_id {int} NOT NULL,
    user_id {uuid} NOT NULL,
    id {uuid} NOT NULL,
    purpose TEXT NOT NULL CHECK (purpose IN ('verify_email', 'reset_password')),
    name_id {uuid},
    created_at {time} NOT NULL,
    expires_at {time} NOT NULL,
    used_at {time},
    PRIMARY KEY (tenant_id, shard_id, user_id, id)
){strict};
CREATE INDEX mail_links_to_tidy ON mail_links (expires_at);

-- Kinds of devices that a person was logged in on before; the id is a fingerprint of the kind
-- under a key of the person.
CREATE TABLE known_devices (
    tenant_id {uuid} NOT NULL,
    shard_id {int} NOT NULL,
    user_id {uuid} NOT NULL,
    id {uuid} NOT NULL,
    first_seen_at {time} NOT NULL,
    last_seen_at {time} NOT NULL,
    PRIMARY KEY (tenant_id, shard_id, user_id, id)
){strict};
