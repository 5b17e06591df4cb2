-- The ledger. Events wait in `audit_outbox`, written by the transaction that they tell of, until a
-- sequencer gives them their place in the tree.
--! sqlite
CREATE TABLE audit_outbox (
    id INTEGER PRIMARY KEY,
    queued_at {time} NOT NULL,
    entry {bytes} NOT NULL
){strict};
--! postgres
CREATE TABLE audit_outbox (
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    queued_at {time} NOT NULL,
    entry {bytes} NOT NULL
);
--! both

-- The right edge of the tree: the roots of its complete subtrees. Leaves before `bodies_from` keep
-- their hashes only.
CREATE TABLE audit_head (
    id {int} PRIMARY KEY CHECK (id = 1),
    log_id {uuid} NOT NULL,
    size {int} NOT NULL,
    frontier {bytes} NOT NULL,
    bodies_from {int} NOT NULL
){strict};

-- One leaf. `hashes` are those of all complete subtrees that end with it, the leaf itself first:
-- every inner node of the tree stands in exactly one row. What is beside them repeats parts of the
-- entry, to find it by.
CREATE TABLE audit_leaf (
    seq {int} PRIMARY KEY,
    event_id {uuid},
    hashes {bytes} NOT NULL,
    at {time},
    tenant_id {uuid},
    subject_ref {bytes},
    actor_ref {bytes},
    action TEXT,
    entry {bytes}
){strict};
CREATE UNIQUE INDEX audit_leaf_event ON audit_leaf (event_id);
CREATE INDEX audit_leaf_time ON audit_leaf (at, seq);
CREATE INDEX audit_leaf_subject ON audit_leaf (subject_ref, at, seq);
CREATE INDEX audit_leaf_actor ON audit_leaf (actor_ref, at, seq) WHERE actor_ref IS NOT NULL;

-- The root after each batch of leaves.
CREATE TABLE audit_batch (
    size {int} PRIMARY KEY,
    root {bytes} NOT NULL,
    at {time} NOT NULL
){strict};

-- What the ledger signed.
CREATE TABLE audit_checkpoint (
    size {int} PRIMARY KEY,
    note TEXT NOT NULL,
    at {time} NOT NULL
){strict};

-- Against mistakes and simple intruders; who may drop a trigger is found by the tree. The one
-- change allowed is that of retention: a body goes, with all that was taken from it.
--! sqlite
CREATE TRIGGER audit_leaf_update BEFORE UPDATE ON audit_leaf
WHEN NOT (NEW.seq = OLD.seq AND NEW.event_id IS OLD.event_id AND NEW.hashes = OLD.hashes
    AND NEW.at IS NULL AND NEW.tenant_id IS NULL AND NEW.subject_ref IS NULL
    AND NEW.actor_ref IS NULL AND NEW.action IS NULL AND NEW.entry IS NULL)
BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
CREATE TRIGGER audit_leaf_delete BEFORE DELETE ON audit_leaf
BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
CREATE TRIGGER audit_batch_update BEFORE UPDATE ON audit_batch
BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
CREATE TRIGGER audit_batch_delete BEFORE DELETE ON audit_batch
BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
CREATE TRIGGER audit_checkpoint_update BEFORE UPDATE ON audit_checkpoint
BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
CREATE TRIGGER audit_checkpoint_delete BEFORE DELETE ON audit_checkpoint
BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
CREATE TRIGGER audit_head_update BEFORE UPDATE ON audit_head
WHEN NEW.log_id <> OLD.log_id OR NEW.size < OLD.size OR NEW.bodies_from < OLD.bodies_from
BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
CREATE TRIGGER audit_head_delete BEFORE DELETE ON audit_head
BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
--! postgres
CREATE FUNCTION audit_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'the ledger is append-only' USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER audit_leaf_update BEFORE UPDATE ON audit_leaf FOR EACH ROW
WHEN (NOT (NEW.seq = OLD.seq AND NEW.event_id IS NOT DISTINCT FROM OLD.event_id
    AND NEW.hashes = OLD.hashes AND NEW.at IS NULL AND NEW.tenant_id IS NULL
    AND NEW.subject_ref IS NULL AND NEW.actor_ref IS NULL AND NEW.action IS NULL
    AND NEW.entry IS NULL))
EXECUTE FUNCTION audit_refuse();
CREATE TRIGGER audit_head_update BEFORE UPDATE ON audit_head FOR EACH ROW
WHEN (NEW.log_id <> OLD.log_id OR NEW.size < OLD.size OR NEW.bodies_from < OLD.bodies_from)
EXECUTE FUNCTION audit_refuse();
CREATE TRIGGER audit_batch_update BEFORE UPDATE ON audit_batch
FOR EACH ROW EXECUTE FUNCTION audit_refuse();
CREATE TRIGGER audit_checkpoint_update BEFORE UPDATE ON audit_checkpoint
FOR EACH ROW EXECUTE FUNCTION audit_refuse();
CREATE TRIGGER audit_leaf_delete BEFORE DELETE OR TRUNCATE ON audit_leaf
FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse();
CREATE TRIGGER audit_batch_delete BEFORE DELETE OR TRUNCATE ON audit_batch
FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse();
CREATE TRIGGER audit_checkpoint_delete BEFORE DELETE OR TRUNCATE ON audit_checkpoint
FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse();
CREATE TRIGGER audit_head_delete BEFORE DELETE OR TRUNCATE ON audit_head
FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse();
--! both
