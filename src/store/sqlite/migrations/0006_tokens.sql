-- Tokens that admins made. Of a secret there is its SHA-256 and nothing else; a token has several while it is rotated.
CREATE TABLE tokens (
  id          TEXT    PRIMARY KEY,
  name        TEXT    NOT NULL,
  name_key    TEXT    NOT NULL UNIQUE,
  source      TEXT    NOT NULL,
  scopes      TEXT    NOT NULL CHECK (json_valid(scopes)),
  networks    TEXT    NOT NULL CHECK (json_valid(networks)),
  created     INTEGER NOT NULL,
  expires     INTEGER,
  is_disabled INTEGER NOT NULL DEFAULT 0 CHECK (is_disabled IN (0, 1))
) STRICT, WITHOUT ROWID;

CREATE TABLE token_secrets (
  digest         BLOB    PRIMARY KEY CHECK (length(digest) = 32),
  token_id       TEXT    NOT NULL REFERENCES tokens (id) ON DELETE CASCADE,
  created        INTEGER NOT NULL,
  expires        INTEGER,
  last_used      INTEGER,
  last_used_from TEXT
) STRICT, WITHOUT ROWID;
CREATE INDEX token_secrets_of_token ON token_secrets (token_id, created DESC);

-- Who is signed in at the console. One that a token opened ends with the token.
CREATE TABLE sessions (
  digest   BLOB    PRIMARY KEY CHECK (length(digest) = 32),
  name     TEXT    NOT NULL,
  scopes   TEXT    NOT NULL CHECK (json_valid(scopes)),
  csrf     TEXT    NOT NULL,
  token_id TEXT    REFERENCES tokens (id) ON DELETE CASCADE,
  created  INTEGER NOT NULL,
  expires  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX sessions_of_token ON sessions (token_id);
CREATE INDEX sessions_by_end ON sessions (expires);
