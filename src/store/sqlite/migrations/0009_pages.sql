-- What people are looked up by has grown: whoever looks for somebody types the beginning of any of her names. `name` is
-- the name that is shown of her, if it is not her displayName. SQLite can't widen a CHECK in place.
CREATE TABLE new_user_keys (
  user_seq  INTEGER NOT NULL REFERENCES users (seq) ON DELETE CASCADE,
  attribute TEXT    NOT NULL CHECK (attribute IN ('displayName', 'emails.value', 'externalId', 'name', 'userName')),
  key       TEXT    NOT NULL,
  PRIMARY KEY (user_seq, attribute, key)
) STRICT, WITHOUT ROWID;
INSERT INTO new_user_keys (user_seq, attribute, key) SELECT user_seq, attribute, key FROM user_keys;
INSERT INTO new_user_keys (user_seq, attribute, key) SELECT seq, 'userName', user_name_key FROM users;
INSERT INTO new_user_keys (user_seq, attribute, key)
  SELECT seq, 'externalId', fold_case(external_id) FROM users WHERE external_id IS NOT NULL;
INSERT INTO new_user_keys (user_seq, attribute, key)
  SELECT u.seq, 'name', fold_case(u.display_name) FROM users u
  WHERE u.display_name IS NOT NULL AND NOT EXISTS (
    SELECT 1 FROM user_keys k
    WHERE k.user_seq = u.seq AND k.attribute = 'displayName' AND k.key = fold_case(u.display_name));
DROP TABLE user_keys;
ALTER TABLE new_user_keys RENAME TO user_keys;
CREATE INDEX user_keys_by_key ON user_keys (key, attribute, user_seq);

-- Who fails, a page at a time.
CREATE INDEX work_failed ON work (error_kind, user_id) WHERE error_kind IS NOT NULL;

-- What was done of one kind.
CREATE INDEX journal_by_action ON journal (action, at);

-- When a source last wrote something.
CREATE INDEX users_by_change ON users (source, last_modified);
CREATE INDEX groups_by_change ON groups (source, last_modified);
