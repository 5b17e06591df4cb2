-- Somebody asked for a human. What they wrote, how serious it looked and what responders noted is
-- in `body`, sealed for the person; who answers, and since when, stands clear.
CREATE TABLE crisis_cases (
    tenant_id {uuid} NOT NULL,
    shard_id {int} NOT NULL,
    user_id {uuid} NOT NULL,
    id {uuid} NOT NULL,
    state {int} NOT NULL,
    created_at {time} NOT NULL,
    updated_at {time} NOT NULL,
    responder_id {uuid},
    body {sealed} NOT NULL,
    PRIMARY KEY (tenant_id, shard_id, user_id, id)
){strict};
CREATE INDEX crisis_cases_queue ON crisis_cases (tenant_id, state, created_at, id);
CREATE UNIQUE INDEX crisis_cases_one_open
    ON crisis_cases (tenant_id, shard_id, user_id) WHERE state < 2;

-- How often help was shown, by day and place; nobody can be found in it.
CREATE TABLE crisis_counts (
    tenant_id {uuid} NOT NULL,
    day {int} NOT NULL,
    source TEXT NOT NULL,
    level TEXT NOT NULL,
    times {int} NOT NULL,
    PRIMARY KEY (tenant_id, day, source, level)
){strict};
