-- Whether somebody is to be asked, once, how they are: sealed for the person, like everything that
-- says how they were.
CREATE TABLE crisis_follow_ups (
    tenant_id {uuid} NOT NULL,
    shard_id {int} NOT NULL,
    user_id {uuid} NOT NULL,
    id {uuid} NOT NULL,
    body {sealed} NOT NULL,
    PRIMARY KEY (tenant_id, shard_id, user_id)
){strict};
