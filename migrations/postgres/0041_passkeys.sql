-- +goose Up
-- The passkeys of staff (WebAuthn), with the name that their owner has given them. The public key may be known to anybody. sign_count is how often
-- a key says that it was used; of one that does not count it stays 0.
CREATE TABLE passkeys (
  id             text PRIMARY KEY,
  staff_id       text NOT NULL REFERENCES staff (id),
  credential_id  bytea NOT NULL UNIQUE,
  public_key     bytea NOT NULL,
  sign_count     bigint NOT NULL,
  synced         boolean NOT NULL,
  transports     text NOT NULL,
  sealed         bytea NOT NULL,
  created_at     timestamptz NOT NULL,
  used_at        timestamptz
);

CREATE INDEX passkeys_of_staff ON passkeys (staff_id);

-- What browsers have been asked and have not answered yet: one question of a kind for each browser, by the cookie it was asked with. It goes
-- with its first answer.
CREATE TABLE passkey_questions (
  holder     bytea NOT NULL,
  kind       text NOT NULL,
  kept       bytea NOT NULL,
  created_at timestamptz NOT NULL,
  PRIMARY KEY (holder, kind)
);

-- Of two authenticators with the same key, one has a count that lies behind.
-- +goose StatementBegin
CREATE FUNCTION passkeys_count_up() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.sign_count < OLD.sign_count THEN
    RAISE EXCEPTION 'passkeys_count_up' USING ERRCODE = 'check_violation', CONSTRAINT = 'passkeys_count_up';
  END IF;
  RETURN NEW;
END $$;
-- +goose StatementEnd
CREATE TRIGGER passkeys_count_up BEFORE UPDATE OF sign_count ON passkeys FOR EACH ROW EXECUTE FUNCTION passkeys_count_up();

-- What a retired key seals nobody could open.
CREATE TRIGGER passkeys_retired_key BEFORE INSERT OR UPDATE OF sealed ON passkeys FOR EACH ROW EXECUTE FUNCTION retired_key();
