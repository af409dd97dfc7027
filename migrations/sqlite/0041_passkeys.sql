-- +goose Up
-- The passkeys of staff (WebAuthn), with the name that their owner has given them. The public key may be known to anybody. sign_count is how often
-- a key says that it was used; of one that does not count it stays 0.
CREATE TABLE passkeys (
  id             text PRIMARY KEY,
  staff_id       text NOT NULL REFERENCES staff (id),
  credential_id  blob NOT NULL UNIQUE,
  public_key     blob NOT NULL,
  sign_count     bigint NOT NULL,
  synced         boolean NOT NULL,
  transports     text NOT NULL,
  sealed         blob NOT NULL,
  created_at     datetime NOT NULL,
  used_at        datetime
);

CREATE INDEX passkeys_of_staff ON passkeys (staff_id);

-- What browsers have been asked and have not answered yet: one question of a kind for each browser, by the cookie it was asked with. It goes
-- with its first answer.
CREATE TABLE passkey_questions (
  holder     blob NOT NULL,
  kind       text NOT NULL,
  kept       blob NOT NULL,
  created_at datetime NOT NULL,
  PRIMARY KEY (holder, kind)
);

-- Of two authenticators with the same key, one has a count that lies behind.
-- +goose StatementBegin
CREATE TRIGGER passkeys_count_up BEFORE UPDATE OF sign_count ON passkeys
WHEN NEW.sign_count < OLD.sign_count
BEGIN
  SELECT RAISE(ABORT, 'passkeys_count_up');
END;
-- +goose StatementEnd

-- What a retired key seals nobody could open.
-- +goose StatementBegin
CREATE TRIGGER passkeys_retired_key_insert BEFORE INSERT ON passkeys
WHEN EXISTS (SELECT 1 FROM old_keys k WHERE k.prefix = substr(NEW.sealed, 1, 5) AND k.retired_at IS NOT NULL)
BEGIN
  SELECT RAISE(ABORT, 'retired_key');
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER passkeys_retired_key_update BEFORE UPDATE OF sealed ON passkeys
WHEN EXISTS (SELECT 1 FROM old_keys k WHERE k.prefix = substr(NEW.sealed, 1, 5) AND k.retired_at IS NOT NULL)
BEGIN
  SELECT RAISE(ABORT, 'retired_key');
END;
-- +goose StatementEnd
