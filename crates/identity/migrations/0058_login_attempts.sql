-- When something was guessed at in vain. A lane is a hash of network, account and factor; the
-- failures are times in microseconds, eight bytes each, oldest first.
CREATE TABLE login_attempts (
    lane {bytes} PRIMARY KEY,
    failures {bytes} NOT NULL,
    forget_at {time} NOT NULL
){strict};
CREATE INDEX login_attempts_to_forget ON login_attempts (forget_at);
