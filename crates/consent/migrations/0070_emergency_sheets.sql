-- What helpers should know of a person who cannot be asked, in the person's own words. Only what a
-- card or an override opens of it is ever read by anybody else. `id` is that of the person.
CREATE TABLE emergency_sheets (
    tenant_id {uuid} NOT NULL,
    shard_id {int} NOT NULL,
    user_id {uuid} NOT NULL,
    id {uuid} NOT NULL,
    sheet {sealed} NOT NULL,
    written_at {time} NOT NULL,
    PRIMARY KEY (tenant_id, shard_id, user_id)
){strict};
