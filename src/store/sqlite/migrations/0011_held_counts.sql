-- What is held, as it is shown: how much of which kind in which room, by scope and verdict ('' while nobody decided).
-- After a fault of the provider there may be a million changes, and whoever looks, be it each second, reads only these.
-- `mark` is another one, never seen before, after each change of what is counted: by it a decision knows whether this is
-- what was shown. What a backup brings back has the mark that it had.
CREATE TABLE held_counts (
  scope   TEXT    NOT NULL,
  verdict TEXT    NOT NULL,
  kind    TEXT    NOT NULL,
  room_id TEXT    NOT NULL, -- empty for accounts
  changes INTEGER NOT NULL,
  since   INTEGER NOT NULL, -- of the oldest that was among them
  mark    TEXT    NOT NULL,
  PRIMARY KEY (scope, verdict, kind, room_id)
) STRICT, WITHOUT ROWID;
INSERT INTO held_counts
  SELECT scope, coalesce(verdict, ''), kind, room_id, count(*), min(since), hex(randomblob(8)) FROM held
  GROUP BY scope, coalesce(verdict, ''), kind, room_id;

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
