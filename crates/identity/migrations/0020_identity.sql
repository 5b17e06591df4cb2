-- An account: its state and its rights. What names the person is sealed in `account_names`.
CREATE TABLE accounts (
    tenant_id {uuid} NOT NULL,
    shard_id {int} NOT NULL,
    user_id {uuid} NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('active', 'suspended', 'deleting', 'erasing')),
    roles {int} NOT NULL,
    created_at {time} NOT NULL,
    erase_at {time},
    PRIMARY KEY (tenant_id, shard_id, user_id)
){strict};
CREATE INDEX accounts_by_time ON accounts (tenant_id, created_at, user_id);
CREATE INDEX accounts_to_erase ON accounts (erase_at) WHERE erase_at IS NOT NULL;

-- The names a person gave: what they log in with and what they want to be called.
CREATE TABLE account_names (
    tenant_id {uuid} NOT NULL,
    shard_id {int} NOT NULL,
    user_id {uuid} NOT NULL,
    id {uuid} NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('email', 'username', 'display')),
    name {sealed} NOT NULL,
    PRIMARY KEY (tenant_id, shard_id, user_id, id)
){strict};

-- From a log-in name, known by its blind index only, to the person. Not stored with the person,
-- because whoever logs in is not known yet.
CREATE TABLE logins (
    tenant_id {uuid} NOT NULL,
    name_index {bytes} NOT NULL,
    user_id {uuid} NOT NULL,
    PRIMARY KEY (tenant_id, name_index)
){strict};
CREATE INDEX logins_of_account ON logins (tenant_id, user_id);

-- What proves a password: a PHC string whose last part went through the pepper of that version.
CREATE TABLE passwords (
    tenant_id {uuid} NOT NULL,
    shard_id {int} NOT NULL,
    user_id {uuid} NOT NULL,
    scheme {int} NOT NULL,
    pepper {int} NOT NULL,
    phc TEXT NOT NULL,
    changed_at {time} NOT NULL,
    PRIMARY KEY (tenant_id, shard_id, user_id)
){strict};

-- One log-in on one device. `secret_hash` is that of its cookie; sessions with tokens have none.
CREATE TABLE sessions (
    tenant_id {uuid} NOT NULL,
    shard_id {int} NOT NULL,
    user_id {uuid} NOT NULL,
    id {uuid} NOT NULL,
    secret_hash {bytes},
    acr TEXT NOT NULL,
    amr TEXT NOT NULL,
    auth_at {time} NOT NULL,
    created_at {time} NOT NULL,
    seen_at {time} NOT NULL,
    idle_until {time} NOT NULL,
    expires_at {time} NOT NULL,
    ended_at {time},
    client {sealed} NOT NULL,
    PRIMARY KEY (tenant_id, shard_id, user_id, id)
){strict};
CREATE INDEX sessions_by_time ON sessions (tenant_id, shard_id, user_id, created_at, id);
CREATE INDEX sessions_to_tidy ON sessions (expires_at);

-- One refresh token, and the access token that was issued with it and bears its id. A token that
-- was used names its successor. At most one token of a session is neither used nor revoked.
CREATE TABLE refresh_tokens (
    tenant_id {uuid} NOT NULL,
    shard_id {int} NOT NULL,
    user_id {uuid} NOT NULL,
    id {uuid} NOT NULL,
    session_id {uuid} NOT NULL,
    secret_hash {bytes} NOT NULL,
    created_at {time} NOT NULL,
    consumed_at {time},
    successor_id {uuid},
    revoked_at {time},
    access_used_at {time},
    PRIMARY KEY (tenant_id, shard_id, user_id, id)
){strict};
CREATE INDEX refresh_tokens_of_session ON refresh_tokens (tenant_id, shard_id, user_id, session_id);

-- The one-time code that makes whoever registers with it the first administrator.
CREATE TABLE setup_codes (
    tenant_id {uuid} PRIMARY KEY,
    code_hash {bytes} NOT NULL,
    created_at {time} NOT NULL
){strict};
