-- +goose Up
CREATE TABLE staff (
  id            text PRIMARY KEY,
  role          text NOT NULL REFERENCES roles (role),
  doctor_id     text REFERENCES doctors (id),
  every_branch  boolean NOT NULL, -- belongs to all branches, those to come included
  email_term    blob NOT NULL UNIQUE,
  password_hash text NOT NULL,
  active        boolean NOT NULL,
  sealed        blob NOT NULL,
  created_at    datetime NOT NULL,
  CHECK ((role = 'doctor') = (doctor_id IS NOT NULL))
);

CREATE TABLE staff_branches (
  staff_id  text NOT NULL REFERENCES staff (id),
  branch_id text NOT NULL REFERENCES branches (id),
  PRIMARY KEY (staff_id, branch_id)
) WITHOUT ROWID;

-- Sessions are found by the hash of the cookie and can be listed and revoked for a person.
CREATE TABLE sessions (
  token_hash blob PRIMARY KEY,
  staff_id   text NOT NULL REFERENCES staff (id),
  created_at datetime NOT NULL,
  seen_at    datetime NOT NULL
) WITHOUT ROWID;

CREATE INDEX sessions_of_staff ON sessions (staff_id);

-- Failed sign-ins of an account or a network address, both as blind indexes.
CREATE TABLE sign_in_failures (
  subject  blob PRIMARY KEY,
  failures integer NOT NULL,
  ends_at  datetime NOT NULL
) WITHOUT ROWID;

-- What the clinic has set and facts about this database: its name and logo, the probes that tell whether the keys fit,
-- whether it is a demo.
CREATE TABLE settings (
  name  text PRIMARY KEY,
  value blob NOT NULL
) WITHOUT ROWID;

-- How often something that is cached was changed; who caches it looks here whether the copy is still good.
CREATE TABLE change_counters (
  name  text PRIMARY KEY,
  value integer NOT NULL
) WITHOUT ROWID;
INSERT INTO change_counters (name, value) VALUES ('settings', 0);
