-- +goose Up
-- What the page of an account edits, and when its person last signed in.
ALTER TABLE staff ADD COLUMN revision integer NOT NULL DEFAULT 1;
ALTER TABLE staff ADD COLUMN signed_in_at timestamptz;

-- Whoever has the link of an account chooses its password. An account has one at the most, and a link opens nothing once it was used.
CREATE TABLE staff_links (
  staff_id   text PRIMARY KEY REFERENCES staff (id),
  token_hash bytea NOT NULL UNIQUE,
  expires_at timestamptz NOT NULL
);

-- In which browser a session is, when whoever has it last showed that it is them, and whether with a second factor.
ALTER TABLE sessions ADD COLUMN sealed bytea;
ALTER TABLE sessions ADD COLUMN proved_at timestamptz;
ALTER TABLE sessions ADD COLUMN second_factor boolean NOT NULL DEFAULT false;
UPDATE sessions SET proved_at = created_at;

-- Whoever has typed the right password and still has to show a second factor. It opens nothing but the page that asks for it.
CREATE TABLE sign_ins (
  token_hash bytea PRIMARY KEY,
  staff_id   text NOT NULL REFERENCES staff (id),
  created_at timestamptz NOT NULL
);

CREATE INDEX sign_ins_of_staff ON sign_ins (staff_id);

-- The secret that an app makes codes of (RFC 6238). It counts once a first code was right. last_step is the latest time step of which a
-- code was taken: no code of it or of one before is taken again.
CREATE TABLE totps (
  staff_id   text PRIMARY KEY REFERENCES staff (id),
  sealed     bytea NOT NULL,
  confirmed  boolean NOT NULL,
  last_step  bigint NOT NULL,
  created_at timestamptz NOT NULL
);

-- Codes for whoever has lost the rest, as blind indexes. One that was used stays, so that it is known how many are left.
CREATE TABLE recovery_codes (
  staff_id text NOT NULL REFERENCES staff (id),
  term     bytea NOT NULL,
  used_at  timestamptz,
  PRIMARY KEY (staff_id, term)
);

-- An account that is closed, gets another role or another password has no session from before, and no link.
-- +goose StatementBegin
CREATE FUNCTION sessions_end_with_account() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  DELETE FROM sessions WHERE staff_id = OLD.id;
  DELETE FROM sign_ins WHERE staff_id = OLD.id;
  DELETE FROM staff_links WHERE staff_id = OLD.id;
  RETURN NULL;
END $$;
-- +goose StatementEnd
CREATE TRIGGER sessions_end_with_account AFTER UPDATE OF active, role, password_hash ON staff
  FOR EACH ROW WHEN (OLD.active <> NEW.active OR OLD.role <> NEW.role OR OLD.password_hash <> NEW.password_hash)
  EXECUTE FUNCTION sessions_end_with_account();

-- A session is begun by an account that is open.
-- +goose StatementBegin
CREATE FUNCTION sessions_have_an_account() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM 1 FROM staff WHERE id = NEW.staff_id AND active FOR SHARE;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'sessions_have_an_account' USING ERRCODE = 'check_violation', CONSTRAINT = 'sessions_have_an_account';
  END IF;
  RETURN NEW;
END $$;
-- +goose StatementEnd
CREATE TRIGGER sessions_have_an_account BEFORE INSERT ON sessions FOR EACH ROW EXECUTE FUNCTION sessions_have_an_account();
CREATE TRIGGER sign_ins_have_an_account BEFORE INSERT ON sign_ins FOR EACH ROW EXECUTE FUNCTION sessions_have_an_account();
CREATE TRIGGER staff_links_have_an_account BEFORE INSERT OR UPDATE ON staff_links FOR EACH ROW EXECUTE FUNCTION sessions_have_an_account();
