-- Whether a person wants to be remembered, and how often what is remembered changed: who has read
-- it under a revision has read everything of it. Whoever changes something takes this row first.
CREATE TABLE memory_heads (
    tenant_id {uuid} NOT NULL,
    shard_id {int} NOT NULL,
    user_id {uuid} NOT NULL,
    enabled {bool} NOT NULL,
    changed_at {time} NOT NULL,
    revision {int} NOT NULL,
    PRIMARY KEY (tenant_id, shard_id, user_id)
){strict};

-- One fact. `body` holds the text, its kind and where it is from; `vector` what it means as numbers
-- and by which model, where one was there. Both are sealed: numbers tell of words.
CREATE TABLE memory_facts (
    tenant_id {uuid} NOT NULL,
    shard_id {int} NOT NULL,
    user_id {uuid} NOT NULL,
    id {uuid} NOT NULL,
    created_at {time} NOT NULL,
    updated_at {time} NOT NULL,
    version {int} NOT NULL,
    body {sealed} NOT NULL,
    vector {sealed},
    PRIMARY KEY (tenant_id, shard_id, user_id, id)
){strict};
CREATE INDEX memory_facts_by_time
    ON memory_facts (tenant_id, shard_id, user_id, created_at, id);
