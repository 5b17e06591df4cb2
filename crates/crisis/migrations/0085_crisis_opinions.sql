-- What came of asking a model about words that the rules had looked at, by day and place, apart from
-- how often the rules showed help; nobody can be found in it.
CREATE TABLE crisis_opinions (
    tenant_id {uuid} NOT NULL,
    day {int} NOT NULL,
    source TEXT NOT NULL,
    verdict TEXT NOT NULL,
    times {int} NOT NULL,
    PRIMARY KEY (tenant_id, day, source, verdict)
){strict};
