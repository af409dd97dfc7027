-- +goose Up
-- What the page of an account edits, and when its person last signed in.
ALTER TABLE staff ADD COLUMN revision integer NOT NULL DEFAULT 1;
ALTER TABLE staff ADD COLUMN signed_in_at datetime;

-- Whoever has the link of an account chooses its password. An account has one at the most, and a link opens nothing once it was used.
CREATE TABLE staff_links (
  staff_id   text PRIMARY KEY REFERENCES staff (id),
  token_hash blob NOT NULL UNIQUE,
  expires_at datetime NOT NULL
);

-- In which browser a session is, when whoever has it last showed that it is them, and whether with a second factor.
ALTER TABLE sessions ADD COLUMN sealed blob;
ALTER TABLE sessions ADD COLUMN proved_at datetime;
ALTER TABLE sessions ADD COLUMN second_factor boolean NOT NULL DEFAULT false;
UPDATE sessions SET proved_at = created_at;

-- Whoever has typed the right password and still has to show a second factor. It opens nothing but the page that asks for it.
CREATE TABLE sign_ins (
  token_hash blob PRIMARY KEY,
  staff_id   text NOT NULL REFERENCES staff (id),
  created_at datetime NOT NULL
);

CREATE INDEX sign_ins_of_staff ON sign_ins (staff_id);

-- The secret that an app makes codes of (RFC 6238). It counts once a first code was right. last_step is the latest time step of which a
-- code was taken: no code of it or of one before is taken again.
CREATE TABLE totps (
  staff_id   text PRIMARY KEY REFERENCES staff (id),
  sealed     blob NOT NULL,
  confirmed  boolean NOT NULL,
  last_step  bigint NOT NULL,
  created_at datetime NOT NULL
);

-- Codes for whoever has lost the rest, as blind indexes. One that was used stays, so that it is known how many are left.
CREATE TABLE recovery_codes (
  staff_id text NOT NULL REFERENCES staff (id),
  term     blob NOT NULL,
  used_at  datetime,
  PRIMARY KEY (staff_id, term)
);

-- An account that is closed, gets another role or another password has no session from before, and no link.
-- +goose StatementBegin
CREATE TRIGGER sessions_end_with_account AFTER UPDATE OF active, role, password_hash ON staff
WHEN OLD.active <> NEW.active OR OLD.role <> NEW.role OR OLD.password_hash <> NEW.password_hash
BEGIN
  DELETE FROM sessions WHERE staff_id = OLD.id;
  DELETE FROM sign_ins WHERE staff_id = OLD.id;
  DELETE FROM staff_links WHERE staff_id = OLD.id;
END;
-- +goose StatementEnd

-- A session is begun by an account that is open.
-- +goose StatementBegin
CREATE TRIGGER sessions_have_an_account BEFORE INSERT ON sessions
WHEN NOT EXISTS (SELECT 1 FROM staff WHERE id = NEW.staff_id AND active)
BEGIN
  SELECT RAISE(ABORT, 'sessions_have_an_account');
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER sign_ins_have_an_account BEFORE INSERT ON sign_ins
WHEN NOT EXISTS (SELECT 1 FROM staff WHERE id = NEW.staff_id AND active)
BEGIN
  SELECT RAISE(ABORT, 'sessions_have_an_account');
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER staff_links_have_an_account BEFORE INSERT ON staff_links
WHEN NOT EXISTS (SELECT 1 FROM staff WHERE id = NEW.staff_id AND active)
BEGIN
  SELECT RAISE(ABORT, 'sessions_have_an_account');
END;
-- +goose StatementEnd
