-- Who may make an account, where an administrator decided otherwise than the settings say.
CREATE TABLE sign_up_modes (
    tenant_id {uuid} NOT NULL,
    mode TEXT NOT NULL CHECK (mode IN ('open', 'invite_only', 'closed')),
    decided_at {time} NOT NULL,
    PRIMARY KEY (tenant_id)
){strict};
