-- What all people together have used and hold of the money of a period: `period` 0 is a day, counted
-- in UTC days since 1970, and 1 a month, counted from the year 0. It is only kept where the settings
-- have a budget. `warned`: the administrators were told that little is left.
CREATE TABLE companion_spending (
    period {int} NOT NULL,
    number {int} NOT NULL,
    cost {int} NOT NULL,
    warned {bool} NOT NULL,
    PRIMARY KEY (period, number)
){strict};
