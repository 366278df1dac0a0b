-- What is to be said to a person whom her groups let into a room, or who lost it: said once, and forgotten when it is taken.
-- The text is that of the map when it happened.
CREATE TABLE words (
  account TEXT    NOT NULL,
  room_id TEXT    NOT NULL,
  user_id TEXT    NOT NULL,
  kind    TEXT    NOT NULL CHECK (kind IN ('added', 'removed')),
  text    TEXT    NOT NULL,
  at      INTEGER NOT NULL,
  PRIMARY KEY (account, room_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX words_by_time ON words (at);
