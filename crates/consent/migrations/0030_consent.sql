-- Where a person's ledger ends. Whoever adds to it takes this row first, so that one comes after
-- the other. `erased` is set in the moment of erasure only: it unlocks the ledger for its removal.
CREATE TABLE consent_heads (
    tenant_id {uuid} NOT NULL,
    shard_id {int} NOT NULL,
    user_id {uuid} NOT NULL,
    last_seq {int} NOT NULL,
    erased {bool} NOT NULL,
    PRIMARY KEY (tenant_id, shard_id, user_id)
){strict};

-- What a person agreed to and what they withdrew, in its order. The newest row of a type counts.
CREATE TABLE consent_ledger (
    tenant_id {uuid} NOT NULL,
    shard_id {int} NOT NULL,
    user_id {uuid} NOT NULL,
    seq {int} NOT NULL,
    consent_type TEXT NOT NULL CHECK (consent_type IN
        ('terms', 'health_data', 'ai_interaction', 'data_sharing', 'marketing')),
    text_version TEXT NOT NULL,
    given {bool} NOT NULL,
    at {time} NOT NULL,
    PRIMARY KEY (tenant_id, shard_id, user_id, seq)
){strict};

-- A row never changes. It goes only together with all others of a person who is being erased.
--! sqlite
CREATE TRIGGER consent_ledger_update BEFORE UPDATE ON consent_ledger
BEGIN SELECT RAISE(ABORT, 'the consent ledger is append-only'); END;
CREATE TRIGGER consent_ledger_delete BEFORE DELETE ON consent_ledger
WHEN NOT EXISTS (SELECT 1 FROM consent_heads
    WHERE tenant_id = OLD.tenant_id AND shard_id = OLD.shard_id AND user_id = OLD.user_id
        AND erased)
BEGIN SELECT RAISE(ABORT, 'the consent ledger is append-only'); END;
--! postgres
CREATE FUNCTION consent_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' AND EXISTS (SELECT 1 FROM consent_heads
        WHERE tenant_id = OLD.tenant_id AND shard_id = OLD.shard_id AND user_id = OLD.user_id
            AND erased) THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION 'the consent ledger is append-only'
        USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER consent_ledger_change BEFORE UPDATE OR DELETE ON consent_ledger
FOR EACH ROW EXECUTE FUNCTION consent_refuse();
CREATE TRIGGER consent_ledger_truncate BEFORE TRUNCATE ON consent_ledger
FOR EACH STATEMENT EXECUTE FUNCTION consent_refuse();
--! both
