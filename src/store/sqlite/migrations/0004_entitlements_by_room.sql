-- A full pass reads the entitlements of each room: together in the file now, and no longer all over it; by numbers
-- instead of long names, a fifth of the space. Accounts and rooms have one list of names: none is both.
CREATE TABLE names (
  no   INTEGER PRIMARY KEY,
  name TEXT    NOT NULL UNIQUE
) STRICT;
INSERT INTO names (name) SELECT DISTINCT room_id FROM entitlements;
INSERT INTO names (name) SELECT DISTINCT account FROM entitlements;

-- Through which groups, and in which mode, people are in a room: few ways, and many people for each.
CREATE TABLE terms (
  no   INTEGER PRIMARY KEY,
  via  TEXT NOT NULL CHECK (json_valid(via)),
  mode TEXT NOT NULL CHECK (mode IN ('granted', 'additive', 'exclusive')),
  UNIQUE (via, mode)
) STRICT;
INSERT INTO terms (via, mode) SELECT DISTINCT via, mode FROM entitlements;

CREATE TABLE entitlement_rows (
  room    INTEGER NOT NULL REFERENCES names (no),
  account INTEGER NOT NULL REFERENCES names (no),
  state   TEXT    NOT NULL CHECK (state IN ('granted', 'joined', 'left', 'kicked', 'banned')),
  terms   INTEGER NOT NULL REFERENCES terms (no),
  since   INTEGER NOT NULL,
  PRIMARY KEY (room, account)
) STRICT, WITHOUT ROWID;
INSERT INTO entitlement_rows (room, account, state, terms, since)
  SELECT r.no, a.no, e.state, t.no, e.since FROM entitlements e
    JOIN names r ON r.name = e.room_id JOIN names a ON a.name = e.account
    JOIN terms t ON t.via = e.via AND t.mode = e.mode
  ORDER BY r.no, a.no;
CREATE INDEX entitlement_rows_by_account ON entitlement_rows (account);
DROP TABLE entitlements;

-- For reading.
CREATE VIEW entitlements AS
  SELECT a.name AS account, r.name AS room_id, e.state, t.via, t.mode, e.since
  FROM entitlement_rows e JOIN names a ON a.no = e.account JOIN names r ON r.no = e.room JOIN terms t ON t.no = e.terms;

-- The triggers went with the old table.
CREATE TRIGGER entitlement_created AFTER INSERT ON entitlement_rows WHEN new.state = 'joined' BEGIN
  INSERT INTO room_totals SELECT name, 1 FROM names WHERE no = new.room ON CONFLICT DO UPDATE SET joined = joined + 1;
END;
CREATE TRIGGER entitlement_joined AFTER UPDATE OF state ON entitlement_rows
WHEN new.state = 'joined' AND old.state <> 'joined' BEGIN
  INSERT INTO room_totals SELECT name, 1 FROM names WHERE no = new.room ON CONFLICT DO UPDATE SET joined = joined + 1;
END;
CREATE TRIGGER entitlement_left AFTER UPDATE OF state ON entitlement_rows
WHEN old.state = 'joined' AND new.state <> 'joined' BEGIN
  UPDATE room_totals SET joined = joined - 1 WHERE room_id = (SELECT name FROM names WHERE no = old.room);
END;
CREATE TRIGGER entitlement_ended AFTER DELETE ON entitlement_rows WHEN old.state = 'joined' BEGIN
  UPDATE room_totals SET joined = joined - 1 WHERE room_id = (SELECT name FROM names WHERE no = old.room);
END;

-- Those of whom a restriction or a leave is told to all who share the account: few of many.
CREATE INDEX links_away ON links (account) WHERE restriction IS NOT NULL OR inactive_since IS NOT NULL;
