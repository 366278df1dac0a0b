-- The group maps that were in force, as they were written: what an edit changed, and the way back.
CREATE TABLE maps (
  id   INTEGER PRIMARY KEY,
  at   INTEGER NOT NULL,
  who  TEXT    NOT NULL,
  text TEXT    NOT NULL
) STRICT;
