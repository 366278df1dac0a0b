-- Triggers of one connection (TEMP), so that there are none without a receiver. They run in the transaction of the change, and
-- see also what no request wrote itself, such as a group that a deleted user was in. `event_time`, `names_in`, `changed_names`
-- and `is_told` are functions of events.ts. A key that is "-" is taken out again: json_object has no key that may be missing.

CREATE TEMP TRIGGER user_created_event AFTER INSERT ON main.users BEGIN
  INSERT INTO events (id, at, resource, external_id, operation, payload)
  VALUES (lower(hex(randomblob(16))), event_time(), '/Users/' || new.id, new.external_id, 'create',
    json_object('attributes', json(names_in(new.attributes)), 'version', new.version));
END;
CREATE TEMP TRIGGER user_changed_event AFTER UPDATE OF version ON main.users BEGIN
  INSERT INTO events (id, at, resource, external_id, operation, payload)
  VALUES (lower(hex(randomblob(16))), event_time(), '/Users/' || new.id, new.external_id, 'put',
    json_remove(json_object(
      'attributes', json(changed_names(old.attributes, new.attributes)), 'version', new.version,
      iif(new.active = old.active, '-', 'active'), json(iif(new.active, 'true', 'false'))), '$.-'));
END;
CREATE TEMP TRIGGER user_deleted_event AFTER DELETE ON main.users BEGIN
  INSERT INTO events (id, at, resource, external_id, operation, payload)
  VALUES (lower(hex(randomblob(16))), event_time(), '/Users/' || old.id, old.external_id, 'delete', '{}');
END;

-- Members are rows of their own: whoever writes a group may have changed them, and comparing them costs what they cost.
CREATE TEMP TRIGGER group_created_event AFTER INSERT ON main.groups BEGIN
  INSERT INTO events (id, at, resource, external_id, operation, payload)
  VALUES (lower(hex(randomblob(16))), event_time(), '/Groups/' || new.id, new.external_id, 'create',
    json_object('attributes', json_insert(names_in(new.attributes), '$[#]', 'members'), 'version', new.version));
END;
CREATE TEMP TRIGGER group_changed_event AFTER UPDATE OF version ON main.groups BEGIN
  INSERT INTO events (id, at, resource, external_id, operation, payload)
  VALUES (lower(hex(randomblob(16))), event_time(), '/Groups/' || new.id, new.external_id, 'put', json_object(
    'attributes', json_insert(changed_names(old.attributes, new.attributes), '$[#]', 'members'), 'version', new.version));
END;
CREATE TEMP TRIGGER group_deleted_event AFTER DELETE ON main.groups BEGIN
  INSERT INTO events (id, at, resource, external_id, operation, payload)
  VALUES (lower(hex(randomblob(16))), event_time(), '/Groups/' || old.id, old.external_id, 'delete', '{}');
END;

CREATE TEMP TRIGGER journal_event AFTER INSERT ON main.journal WHEN new.outcome = 'done' AND is_told(new.action) BEGIN
  INSERT INTO events (id, at, resource, external_id, operation, payload)
  VALUES (lower(hex(randomblob(16))), event_time(), coalesce(new.account, new.room_id, ''), NULL, 'change',
    json_patch('{}', json_object(
      'kind', new.action, 'account', new.account, 'room', new.room_id, 'user', new.user_id)));
END;
