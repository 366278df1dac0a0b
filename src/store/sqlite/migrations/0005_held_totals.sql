-- How many changes wait in each scope, kept by triggers: after a fault of the provider there may be a million, and they
-- are counted at each look at the metrics.
CREATE TABLE held_totals (
  scope   TEXT    PRIMARY KEY,
  waiting INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO held_totals SELECT scope, count(*) FROM held WHERE verdict IS NULL GROUP BY scope;

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

-- What is held of a room as a whole: few of many.
CREATE INDEX held_of_rooms ON held (room_id) WHERE user_id IS NULL;
