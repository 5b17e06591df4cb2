-- How a person wants to be met: language, country, preferences. One row for each person, whose id
-- is that of the person.
CREATE TABLE profiles (
    tenant_id {uuid} NOT NULL,
    shard_id {int} NOT NULL,
    user_id {uuid} NOT NULL,
    id {uuid} NOT NULL,
    version {int} NOT NULL,
    profile {sealed} NOT NULL,
    updated_at {time} NOT NULL,
    PRIMARY KEY (tenant_id, shard_id, user_id, id)
){strict};

-- Log-ins that were ended a short while ago, for processes that hold streams open: the id is that
-- of the log-in, or nil for all of a person.
CREATE TABLE revocations (
    tenant_id {uuid} NOT NULL,
    shard_id {int} NOT NULL,
    user_id {uuid} NOT NULL,
    id {uuid} NOT NULL,
    at {time} NOT NULL,
    PRIMARY KEY (tenant_id, shard_id, user_id, id)
){strict};
CREATE INDEX revocations_by_time ON revocations (at);
