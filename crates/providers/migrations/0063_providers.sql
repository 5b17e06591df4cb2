-- A provider of models that an administrator set up. It belongs to the organisation itself, whose
-- keys seal its secret; what is in the settings file is not here. `models` is a JSON list of names,
-- empty if the provider is asked.
CREATE TABLE model_providers (
    tenant_id {uuid} NOT NULL,
    shard_id {int} NOT NULL,
    user_id {uuid} NOT NULL,
    id {uuid} NOT NULL,
    name TEXT NOT NULL,
    kind TEXT NOT NULL,
    url TEXT NOT NULL,
    local {bool} NOT NULL,
    models TEXT NOT NULL,
    secret {sealed},
    version {int} NOT NULL,
    created_at {time} NOT NULL,
    updated_at {time} NOT NULL,
    PRIMARY KEY (tenant_id, shard_id, user_id, id)
){strict};
CREATE UNIQUE INDEX model_providers_by_name ON model_providers (name);

-- Which roles of an organisation may use a model; who is not named here may use it if all may.
CREATE TABLE model_visibility (
    tenant_id {uuid} NOT NULL,
    provider TEXT NOT NULL,
    model TEXT NOT NULL,
    roles {int} NOT NULL,
    PRIMARY KEY (tenant_id, model)
){strict};

-- Which models of someone else an organisation lets its people use, as a JSON list.
CREATE TABLE model_reach (
    tenant_id {uuid} NOT NULL,
    allowed TEXT NOT NULL,
    PRIMARY KEY (tenant_id)
){strict};

-- Goes up with every change of the three, so that each process sees that there was one.
CREATE TABLE model_changes (
    id {int} NOT NULL,
    revision {int} NOT NULL,
    PRIMARY KEY (id)
){strict};
