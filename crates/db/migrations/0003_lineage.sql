-- Which history this database has: named when it is first asked for, and in no backup. Who
-- remembers the number of a change can tell that it was counted before a backup was loaded.
CREATE TABLE lineage (
    place {int} PRIMARY KEY CHECK (place = 1),
    id {uuid} NOT NULL
){strict};
