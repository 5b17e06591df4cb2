-- How somebody felt at a moment: mood, feelings, urges, factors and a line, all of it in `body`.
CREATE TABLE journal_check_ins (
    tenant_id {uuid} NOT NULL,
    shard_id {int} NOT NULL,
    user_id {uuid} NOT NULL,
    id {uuid} NOT NULL,
    occurred_at {time} NOT NULL,
    body {sealed} NOT NULL,
    PRIMARY KEY (tenant_id, shard_id, user_id, id)
){strict};
CREATE INDEX journal_check_ins_by_time
    ON journal_check_ins (tenant_id, shard_id, user_id, occurred_at, id);
