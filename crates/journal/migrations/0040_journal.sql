-- How many changes a person's journal has seen. Whoever changes it takes this row first and holds
-- it to the end, so that changes are committed in the order of their numbers: a reader who has
-- seen number n has seen everything before it.
CREATE TABLE journal_heads (
    tenant_id {uuid} NOT NULL,
    shard_id {int} NOT NULL,
    user_id {uuid} NOT NULL,
    seq {int} NOT NULL,
    PRIMARY KEY (tenant_id, shard_id, user_id)
){strict};

-- One entry. `meta` holds what is filtered and counted by (mood, scale, tags, favourite), `body`
-- the title and the text. A deleted entry stays as a row without either, for devices that have
-- not heard of it; what else it shows is from the moment of its deletion.
CREATE TABLE journal_entries (
    tenant_id {uuid} NOT NULL,
    shard_id {int} NOT NULL,
    user_id {uuid} NOT NULL,
    id {uuid} NOT NULL,
    occurred_at {time} NOT NULL,
    created_at {time} NOT NULL,
    updated_at {time} NOT NULL,
    version {int} NOT NULL,
    seq {int} NOT NULL,
    deleted {bool} NOT NULL,
    meta {sealed},
    body {sealed},
    PRIMARY KEY (tenant_id, shard_id, user_id, id),
    CHECK (deleted = (meta IS NULL) AND deleted = (body IS NULL))
){strict};
CREATE INDEX journal_entries_by_time
    ON journal_entries (tenant_id, shard_id, user_id, occurred_at, id) WHERE NOT deleted;
CREATE UNIQUE INDEX journal_entries_by_seq ON journal_entries (tenant_id, shard_id, user_id, seq);
