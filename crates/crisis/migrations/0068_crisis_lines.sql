-- What this installation changes about the lines of a country. Numbers are public: nothing is sealed.
CREATE TABLE crisis_lines (
    code TEXT NOT NULL,
    changed_at {time} NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (code)
){strict};
