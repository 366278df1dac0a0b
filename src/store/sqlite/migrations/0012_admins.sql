-- Accounts that we made server admins: ours to take back, and no others.
ALTER TABLE links ADD COLUMN admin INTEGER NOT NULL DEFAULT 0 CHECK (admin IN (0, 1));
CREATE INDEX links_admin ON links (account) WHERE admin = 1;

-- What is taken back is held and counted as the rest is. SQLite can't widen a CHECK in place.
CREATE TABLE new_held (
  kind    TEXT    NOT NULL CHECK (kind IN ('kick', 'restrict', 'lower', 'revoke-admin')),
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
INSERT INTO new_held (kind, account, room_id, user_id, scope, detail, cause, since, verdict)
  SELECT kind, account, room_id, user_id, scope, detail, cause, since, verdict FROM held;
DROP TABLE held;
ALTER TABLE new_held RENAME TO held;
CREATE INDEX held_by_scope ON held (scope, verdict);
CREATE INDEX held_of_rooms ON held (room_id) WHERE user_id IS NULL;

CREATE TABLE new_taken (
  kind    TEXT    NOT NULL CHECK (kind IN ('kick', 'restrict', 'lower', 'revoke-admin')),
  account TEXT    NOT NULL,
  room_id TEXT    NOT NULL, -- empty if it is about the account
  at      INTEGER NOT NULL,
  PRIMARY KEY (account, room_id, kind)
) STRICT, WITHOUT ROWID;
INSERT INTO new_taken (kind, account, room_id, at) SELECT kind, account, room_id, at FROM taken;
DROP TABLE taken;
ALTER TABLE new_taken RENAME TO taken;
CREATE INDEX taken_by_time ON taken (at, kind, room_id);

-- The triggers went with the old table.
CREATE TRIGGER held_begun AFTER INSERT ON held WHEN new.verdict IS NULL BEGIN
  INSERT INTO held_totals VALUES (new.scope, 1) ON CONFLICT DO UPDATE SET waiting = waiting + 1;
END;
CREATE TRIGGER held_changed AFTER UPDATE OF scope, verdict ON held
WHEN new.scope <> old.scope OR new.verdict IS NOT old.verdict BEGIN
  UPDATE held_totals SET waiting = waiting - 1 WHERE scope = old.scope AND old.verdict IS NULL;
  INSERT INTO held_totals SELECT new.scope, 1 WHERE new.verdict IS NULL
    ON CONFLICT DO UPDATE SET waiting = waiting + 1;
END;
CREATE TRIGGER held_ended AFTER DELETE ON held WHEN old.verdict IS NULL BEGIN
  UPDATE held_totals SET waiting = waiting - 1 WHERE scope = old.scope;
END;

CREATE TRIGGER held_counted AFTER INSERT ON held BEGIN
  INSERT INTO held_counts
    VALUES (new.scope, coalesce(new.verdict, ''), new.kind, new.room_id, 1, new.since, hex(randomblob(8)))
    ON CONFLICT DO UPDATE SET changes = changes + 1, since = min(since, excluded.since), mark = excluded.mark;
END;
CREATE TRIGGER held_recounted AFTER UPDATE OF scope, verdict, detail ON held
WHEN new.scope <> old.scope OR new.verdict IS NOT old.verdict OR new.detail <> old.detail BEGIN
  UPDATE held_counts SET changes = changes - 1, mark = hex(randomblob(8))
    WHERE scope = old.scope AND verdict = coalesce(old.verdict, '') AND kind = old.kind AND room_id = old.room_id;
  DELETE FROM held_counts
    WHERE scope = old.scope AND verdict = coalesce(old.verdict, '') AND kind = old.kind AND room_id = old.room_id
      AND changes = 0;
  INSERT INTO held_counts
    VALUES (new.scope, coalesce(new.verdict, ''), new.kind, new.room_id, 1, new.since, hex(randomblob(8)))
    ON CONFLICT DO UPDATE SET changes = changes + 1, since = min(since, excluded.since), mark = excluded.mark;
END;
CREATE TRIGGER held_uncounted AFTER DELETE ON held BEGIN
  UPDATE held_counts SET changes = changes - 1, mark = hex(randomblob(8))
    WHERE scope = old.scope AND verdict = coalesce(old.verdict, '') AND kind = old.kind AND room_id = old.room_id;
  DELETE FROM held_counts
    WHERE scope = old.scope AND verdict = coalesce(old.verdict, '') AND kind = old.kind AND room_id = old.room_id
      AND changes = 0;
END;
