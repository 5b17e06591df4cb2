-- What the last verification of the ledger found, so that every process can tell.
CREATE TABLE ledger_verdict (
    id {int} PRIMARY KEY CHECK (id = 1),
    at {time} NOT NULL,
    verified {int} NOT NULL,
    waiting {int} NOT NULL,
    sound {bool} NOT NULL
){strict};
