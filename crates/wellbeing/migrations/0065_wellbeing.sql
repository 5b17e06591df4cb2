-- What a person filled in: results of questionnaires (shelf 1), forms such as a diary card or a
-- safety plan (shelf 2), and how exercises went (shelf 3). Which questionnaire, form or exercise
-- it was, is in `body`, for already that says something.
CREATE TABLE wellbeing_records (
    tenant_id {uuid} NOT NULL,
    shard_id {int} NOT NULL,
    user_id {uuid} NOT NULL,
    id {uuid} NOT NULL,
    shelf {int} NOT NULL,
    occurred_at {time} NOT NULL,
    created_at {time} NOT NULL,
    updated_at {time} NOT NULL,
    version {int} NOT NULL,
    body {sealed} NOT NULL,
    PRIMARY KEY (tenant_id, shard_id, user_id, id)
){strict};
CREATE INDEX wellbeing_records_by_time
    ON wellbeing_records (tenant_id, shard_id, user_id, shelf, occurred_at, id);

-- What a form said before it was changed, each version a row of its own.
CREATE TABLE wellbeing_versions (
    tenant_id {uuid} NOT NULL,
    shard_id {int} NOT NULL,
    user_id {uuid} NOT NULL,
    id {uuid} NOT NULL,
    record_id {uuid} NOT NULL,
    version {int} NOT NULL,
    written_at {time} NOT NULL,
    body {sealed} NOT NULL,
    PRIMARY KEY (tenant_id, shard_id, user_id, id)
){strict};
CREATE UNIQUE INDEX wellbeing_versions_of_record
    ON wellbeing_versions (tenant_id, shard_id, user_id, record_id, version);
