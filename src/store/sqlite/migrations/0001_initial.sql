-- The directory: what identity providers pushed. `seq` gives listings a stable order and is never reused.
CREATE TABLE users (
  seq           INTEGER PRIMARY KEY AUTOINCREMENT,
  id            TEXT    NOT NULL UNIQUE,
  source        TEXT    NOT NULL,
  user_name_key TEXT    NOT NULL,
  external_id   TEXT,
  active        INTEGER NOT NULL CHECK (active IN (0, 1)),
  display_name  TEXT,
  email         TEXT,
  attributes    TEXT    NOT NULL CHECK (json_valid(attributes)),
  version       INTEGER NOT NULL CHECK (version > 0),
  created       INTEGER NOT NULL,
  last_modified INTEGER NOT NULL,
  UNIQUE (source, user_name_key)
) STRICT;
CREATE INDEX users_by_external_id ON users (source, external_id);

CREATE TABLE groups (
  seq              INTEGER PRIMARY KEY AUTOINCREMENT,
  id               TEXT    NOT NULL UNIQUE,
  source           TEXT    NOT NULL,
  display_name_key TEXT    NOT NULL,
  external_id      TEXT,
  attributes       TEXT    NOT NULL CHECK (json_valid(attributes)),
  version          INTEGER NOT NULL CHECK (version > 0),
  created          INTEGER NOT NULL,
  last_modified    INTEGER NOT NULL,
  UNIQUE (source, display_name_key)
) STRICT;
CREATE INDEX groups_by_external_id ON groups (source, external_id);

-- One row for one member, so that a change of one costs one row. `value` is the id of a user or of a nested
-- group; 'unknown' rows wait for somebody who has that id or external id.
CREATE TABLE members (
  seq      INTEGER PRIMARY KEY AUTOINCREMENT,
  group_id TEXT NOT NULL REFERENCES groups (id) ON DELETE CASCADE,
  value    TEXT NOT NULL,
  type     TEXT NOT NULL CHECK (type IN ('User', 'Group', 'unknown')),
  UNIQUE (group_id, value)
) STRICT;
CREATE INDEX members_by_value ON members (value, group_id);

-- The Matrix account of a user. Rows outlive the user: a person who comes back gets hers again.
CREATE TABLE links (
  user_id     TEXT PRIMARY KEY,
  account     TEXT NOT NULL,
  external_id TEXT,
  email       TEXT,
  restriction TEXT CHECK (restriction IN ('lock', 'suspend', 'deactivate')),
  confirmed   INTEGER NOT NULL CHECK (confirmed IN (0, 1))
) STRICT, WITHOUT ROWID;
CREATE INDEX links_by_account ON links (account);

CREATE TABLE entitlements (
  account TEXT    NOT NULL,
  room_id TEXT    NOT NULL,
  state   TEXT    NOT NULL CHECK (state IN ('granted', 'joined', 'left', 'kicked', 'banned')),
  via     TEXT    NOT NULL CHECK (json_valid(via)),
  mode    TEXT    NOT NULL CHECK (mode IN ('granted', 'additive')),
  since   INTEGER NOT NULL,
  PRIMARY KEY (account, room_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX entitlements_by_room ON entitlements (room_id);

-- What an alias or id of the group map was last known to mean.
CREATE TABLE targets (
  target      TEXT    PRIMARY KEY,
  room_id     TEXT    NOT NULL,
  resolved_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Hints about whom to look at. `since` is the first mark, `marked` the last.
CREATE TABLE work (
  user_id       TEXT    PRIMARY KEY,
  urgency       INTEGER NOT NULL CHECK (urgency IN (0, 1, 2)),
  generation    INTEGER NOT NULL,
  since         INTEGER NOT NULL,
  marked        INTEGER NOT NULL,
  not_before    INTEGER NOT NULL,
  attempts      INTEGER NOT NULL DEFAULT 0,
  error_kind    TEXT,
  error_message TEXT
) STRICT, WITHOUT ROWID;
CREATE INDEX work_by_urgency ON work (urgency, marked);
CREATE INDEX work_by_not_before ON work (not_before);

CREATE TABLE journal (
  seq     INTEGER PRIMARY KEY AUTOINCREMENT,
  at      INTEGER NOT NULL,
  action  TEXT    NOT NULL,
  outcome TEXT    NOT NULL CHECK (outcome IN ('done', 'failed', 'found')),
  account TEXT,
  room_id TEXT,
  user_id TEXT,
  detail  TEXT    NOT NULL
) STRICT;
CREATE INDEX journal_by_time ON journal (at);
CREATE INDEX journal_by_person ON journal (user_id, action);
