-- What a room's mode may be, and what may be done to an account, has grown; SQLite can't widen a CHECK in place.
CREATE TABLE new_entitlements (
  account TEXT    NOT NULL,
  room_id TEXT    NOT NULL,
  state   TEXT    NOT NULL CHECK (state IN ('granted', 'joined', 'left', 'kicked', 'banned')),
  via     TEXT    NOT NULL CHECK (json_valid(via)),
  mode    TEXT    NOT NULL CHECK (mode IN ('granted', 'additive', 'exclusive')),
  since   INTEGER NOT NULL,
  PRIMARY KEY (account, room_id)
) STRICT, WITHOUT ROWID;
INSERT INTO new_entitlements SELECT account, room_id, state, via, mode, since FROM entitlements;
DROP TABLE entitlements;
ALTER TABLE new_entitlements RENAME TO entitlements;
CREATE INDEX entitlements_by_room ON entitlements (room_id);

-- How many are in a room by an entitlement. Asked for whenever somebody is to be taken out, so it is not counted then.
CREATE TABLE room_totals (
  room_id TEXT    PRIMARY KEY,
  joined  INTEGER NOT NULL CHECK (joined >= 0)
) STRICT, WITHOUT ROWID;
INSERT INTO room_totals SELECT room_id, count(*) FROM entitlements WHERE state = 'joined' GROUP BY room_id;
CREATE TRIGGER entitlement_created AFTER INSERT ON entitlements WHEN new.state = 'joined' BEGIN
  INSERT INTO room_totals VALUES (new.room_id, 1) ON CONFLICT DO UPDATE SET joined = joined + 1;
END;
CREATE TRIGGER entitlement_joined AFTER UPDATE OF state ON entitlements
WHEN new.state = 'joined' AND old.state <> 'joined' BEGIN
  INSERT INTO room_totals VALUES (new.room_id, 1) ON CONFLICT DO UPDATE SET joined = joined + 1;
END;
CREATE TRIGGER entitlement_left AFTER UPDATE OF state ON entitlements
WHEN old.state = 'joined' AND new.state <> 'joined' BEGIN
  UPDATE room_totals SET joined = joined - 1 WHERE room_id = old.room_id;
END;
CREATE TRIGGER entitlement_ended AFTER DELETE ON entitlements WHEN old.state = 'joined' BEGIN
  UPDATE room_totals SET joined = joined - 1 WHERE room_id = old.room_id;
END;

-- `inactive_since` is when the user was first seen to be deactivated or deleted. `photo` is the address of the photo
-- that was uploaded as `avatar`, an mxc URI.
CREATE TABLE new_links (
  user_id        TEXT PRIMARY KEY,
  account        TEXT NOT NULL,
  external_id    TEXT,
  email          TEXT,
  restriction    TEXT CHECK (restriction IN ('suspend', 'lock', 'deactivate', 'erase')),
  confirmed      INTEGER NOT NULL CHECK (confirmed IN (0, 1)),
  inactive_since INTEGER,
  photo          TEXT,
  avatar         TEXT
) STRICT, WITHOUT ROWID;
INSERT INTO new_links (user_id, account, external_id, email, restriction, confirmed)
  SELECT user_id, account, external_id, email, restriction, confirmed FROM links;
DROP TABLE links;
ALTER TABLE new_links RENAME TO links;
CREATE INDEX links_by_account ON links (account);

-- Power levels that we gave, as a JSON list: two while it is not known which of them the account has.
CREATE TABLE levels (
  room_id TEXT    NOT NULL,
  account TEXT    NOT NULL,
  levels  TEXT    NOT NULL CHECK (json_valid(levels)),
  PRIMARY KEY (room_id, account)
) STRICT, WITHOUT ROWID;

-- The rooms of a space in their order, as last read: kept while it can't be read. A space without a row never was.
CREATE TABLE spaces (
  space_id TEXT PRIMARY KEY,
  children TEXT NOT NULL CHECK (json_valid(children))
) STRICT, WITHOUT ROWID;

-- Rooms that we made because the map asked for it: never made twice.
CREATE TABLE created_rooms (
  target  TEXT    PRIMARY KEY,
  room_id TEXT, -- null while it is being made
  created INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Why something is held, by scope: 'total', 'accounts', 'room:!id', 'levels:!id', 'map', 'restored' …
CREATE TABLE holds (
  scope  TEXT    PRIMARY KEY,
  reason TEXT    NOT NULL,
  since  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Changes that wait for a person. Once decided they keep the verdict for as long as they are wanted.
CREATE TABLE held (
  kind    TEXT    NOT NULL CHECK (kind IN ('kick', 'restrict', 'lower')),
  account TEXT    NOT NULL,
  room_id TEXT    NOT NULL, -- empty if it is about the account
  user_id TEXT,
  scope   TEXT    NOT NULL,
  detail  TEXT    NOT NULL,
  cause   TEXT,
  since   INTEGER NOT NULL,
  verdict TEXT    CHECK (verdict IN ('approved', 'rejected')),
  PRIMARY KEY (account, room_id, kind)
) STRICT, WITHOUT ROWID;
CREATE INDEX held_by_scope ON held (scope, verdict);

-- What was taken away without having been approved, for the limits of the sliding hour.
CREATE TABLE taken (
  kind    TEXT    NOT NULL CHECK (kind IN ('kick', 'restrict', 'lower')),
  account TEXT    NOT NULL,
  room_id TEXT    NOT NULL, -- empty if it is about the account
  at      INTEGER NOT NULL,
  PRIMARY KEY (account, room_id, kind)
) STRICT, WITHOUT ROWID;
CREATE INDEX taken_by_time ON taken (at, kind, room_id);

-- Single values, as JSON.
CREATE TABLE facts (
  name  TEXT PRIMARY KEY,
  value TEXT NOT NULL CHECK (json_valid(value))
) STRICT, WITHOUT ROWID;

-- The request or finding that marked a person, and so led to what was done.
ALTER TABLE work ADD COLUMN cause TEXT;
ALTER TABLE journal ADD COLUMN cause TEXT;
CREATE INDEX journal_by_account ON journal (account, at);
CREATE INDEX journal_by_room ON journal (room_id, at);
