-- +goose Up
CREATE TABLE staff (
  id            text PRIMARY KEY,
  role          text NOT NULL CHECK (role IN ('admin', 'reception', 'doctor')),
  doctor_id     text REFERENCES doctors (id),
  email_term    blob NOT NULL UNIQUE,
  password_hash text NOT NULL,
  active        boolean NOT NULL,
  sealed        blob NOT NULL,
  created_at    datetime NOT NULL,
  CHECK ((role = 'doctor') = (doctor_id IS NOT NULL))
);

-- Sessions are found by the hash of the cookie and can be listed and revoked for a person.
CREATE TABLE sessions (
  token_hash blob PRIMARY KEY,
  staff_id   text REFERENCES staff (id),
  data       blob NOT NULL,
  expires_at datetime NOT NULL
) WITHOUT ROWID;

CREATE INDEX sessions_of_staff ON sessions (staff_id);

-- Failed sign-ins of an account or a network address, both as keyed terms.
CREATE TABLE sign_in_failures (
  subject  blob PRIMARY KEY,
  failures integer NOT NULL,
  ends_at  datetime NOT NULL
) WITHOUT ROWID;

-- Facts about this database: the probe that tells whether the keys fit, and whether it is a demo.
CREATE TABLE settings (
  name  text PRIMARY KEY,
  value blob NOT NULL
) WITHOUT ROWID;

-- +goose Down
DROP TABLE settings;
DROP TABLE sign_in_failures;
DROP TABLE sessions;
DROP TABLE staff;
