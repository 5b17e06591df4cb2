-- What the person said to the tool that waits for them while an answer is written: the number of its
-- use in the answer and what was said, for the process that writes it.
ALTER TABLE companion_messages ADD COLUMN decided {int};
