-- Work to be done later. `lease_*` name the worker that has it now; a worker that dies lets its
-- lease run out. Payloads are ids, never health data.
CREATE TABLE jobs (
    id {uuid} PRIMARY KEY,
    kind TEXT NOT NULL,
    payload TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('ready', 'dead')),
    run_at {time} NOT NULL,
    attempts {int} NOT NULL,
    lease_by {uuid},
    last_error TEXT,
    created_at {time} NOT NULL
){strict};
CREATE INDEX jobs_by_time ON jobs (state, run_at, id);

-- When work that comes back again and again is next due.
CREATE TABLE schedules (
    name TEXT PRIMARY KEY,
    next_at {time} NOT NULL
){strict};

-- What happened, for others to react to; turned into a job for each who listens.
CREATE TABLE outbox (
    id {uuid} PRIMARY KEY,
    topic TEXT NOT NULL,
    payload TEXT NOT NULL,
    created_at {time} NOT NULL
){strict};
