-- +goose Up
CREATE TABLE branches (
  id         text PRIMARY KEY,
  name       text NOT NULL,
  name_en    text NOT NULL DEFAULT '',
  address    text NOT NULL,
  address_en text NOT NULL DEFAULT '',
  access     text NOT NULL DEFAULT '',
  access_en  text NOT NULL DEFAULT '',
  phone      text NOT NULL,
  zone       text NOT NULL,
  position   integer NOT NULL DEFAULT 0,
  created_at datetime NOT NULL
);

CREATE TABLE doctors (
  id           text PRIMARY KEY,
  family_name  text NOT NULL,
  given_name   text NOT NULL,
  family_kana  text NOT NULL,
  given_kana   text NOT NULL,
  name_en      text NOT NULL DEFAULT '',
  sex          text NOT NULL CHECK (sex IN ('f', 'm')),
  career       text NOT NULL DEFAULT '',
  career_en    text NOT NULL DEFAULT '',
  societies    text NOT NULL DEFAULT '',
  societies_en text NOT NULL DEFAULT '',
  position     integer NOT NULL DEFAULT 0,
  created_at   datetime NOT NULL
);

CREATE TABLE doctor_branches (
  doctor_id text NOT NULL REFERENCES doctors (id),
  branch_id text NOT NULL REFERENCES branches (id),
  PRIMARY KEY (doctor_id, branch_id)
) WITHOUT ROWID;

CREATE TABLE slots (
  id         text PRIMARY KEY,
  branch_id  text NOT NULL REFERENCES branches (id),
  doctor_id  text NOT NULL REFERENCES doctors (id),
  starts_at  datetime NOT NULL,
  ends_at    datetime NOT NULL,
  created_at datetime NOT NULL,
  CHECK (ends_at > starts_at)
);

-- "The slots of a branch for N days" is answered from this index alone, without touching the table.
CREATE INDEX slots_of_branch ON slots (branch_id, starts_at, doctor_id, ends_at, id);
CREATE INDEX slots_of_doctor ON slots (doctor_id, starts_at, ends_at);

-- A doctor's slots never overlap. SQLite has no exclusion constraint, so two triggers stand guard.
-- +goose StatementBegin
CREATE TRIGGER slots_never_overlap_insert BEFORE INSERT ON slots
WHEN EXISTS (
  SELECT 1 FROM slots s WHERE s.doctor_id = NEW.doctor_id AND s.starts_at < NEW.ends_at AND s.ends_at > NEW.starts_at
)
BEGIN
  SELECT RAISE(ABORT, 'slots_never_overlap');
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER slots_never_overlap_update BEFORE UPDATE OF doctor_id, starts_at, ends_at ON slots
WHEN EXISTS (
  SELECT 1 FROM slots s
  WHERE s.doctor_id = NEW.doctor_id AND s.starts_at < NEW.ends_at AND s.ends_at > NEW.starts_at AND s.id <> NEW.id
)
BEGIN
  SELECT RAISE(ABORT, 'slots_never_overlap');
END;
-- +goose StatementEnd

-- +goose Down
DROP TABLE slots;
DROP TABLE doctor_branches;
DROP TABLE doctors;
DROP TABLE branches;
