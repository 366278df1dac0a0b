-- What changed in the directory and on the homeserver, and was not yet told to the receiver of the change feed. Written by
-- triggers of the service's connection alone (events.ts), and only while there is a receiver. `resource` is what the order
-- of events is kept for; AUTOINCREMENT leaves no gap, so that a number that never comes is an event that was dropped.
CREATE TABLE events (
  seq         INTEGER PRIMARY KEY AUTOINCREMENT,
  id          TEXT    NOT NULL,
  at          INTEGER NOT NULL,
  resource    TEXT    NOT NULL,
  external_id TEXT,
  operation   TEXT    NOT NULL,
  payload     TEXT    NOT NULL CHECK (json_valid(payload))
) STRICT;
