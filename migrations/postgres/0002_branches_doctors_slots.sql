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
  settings   text NOT NULL DEFAULT '{}', -- clinic.BranchSettings as JSON, checked when it is saved
  position   integer NOT NULL DEFAULT 0,
  created_at timestamptz NOT NULL
);

CREATE TABLE doctors (
  id           text PRIMARY KEY,
  family_name  text NOT NULL,
  given_name   text NOT NULL,
  family_kana  text NOT NULL,
  given_kana   text NOT NULL,
  name_en      text NOT NULL DEFAULT '',
  sex          text NOT NULL REFERENCES sexes (sex),
  career       text NOT NULL DEFAULT '',
  career_en    text NOT NULL DEFAULT '',
  societies    text NOT NULL DEFAULT '',
  societies_en text NOT NULL DEFAULT '',
  position     integer NOT NULL DEFAULT 0,
  created_at   timestamptz NOT NULL
);

-- A doctor who leaves a branch keeps the row, with the instant from which they no longer work there: past slots refer to it.
CREATE TABLE doctor_branches (
  doctor_id text NOT NULL REFERENCES doctors (id),
  branch_id text NOT NULL REFERENCES branches (id),
  left_at   timestamptz,
  PRIMARY KEY (doctor_id, branch_id)
);

-- A closed slot stays as a row. is_open repeats closed_at for the foreign key of claims: nobody can close a slot that is
-- claimed, or claim one that is closed, however the two meet.
CREATE TABLE slots (
  id         text PRIMARY KEY,
  branch_id  text NOT NULL REFERENCES branches (id),
  doctor_id  text NOT NULL REFERENCES doctors (id),
  starts_at  timestamptz NOT NULL,
  ends_at    timestamptz NOT NULL,
  origin     text NOT NULL DEFAULT 'manual' REFERENCES slot_origins (origin),
  audience   text NOT NULL DEFAULT 'public' REFERENCES slot_audiences (audience),
  room       text NOT NULL DEFAULT '',
  closed_at  timestamptz,
  is_open    boolean NOT NULL DEFAULT true,
  created_at timestamptz NOT NULL,
  UNIQUE (id, is_open),
  FOREIGN KEY (doctor_id, branch_id) REFERENCES doctor_branches (doctor_id, branch_id),
  CHECK (ends_at > starts_at),
  CHECK (is_open = (closed_at IS NULL))
);

-- "The open slots of a branch for N days" is answered from this index alone, without touching the table.
CREATE INDEX slots_of_branch ON slots (branch_id, starts_at, doctor_id, ends_at, id, audience, closed_at);
CREATE INDEX slots_of_doctor ON slots (doctor_id, starts_at, ends_at) WHERE closed_at IS NULL;
CREATE INDEX slots_of_room ON slots (branch_id, room, starts_at, ends_at) WHERE closed_at IS NULL AND room <> '';

-- Open slots of one doctor never overlap, nor do those of one room at one branch. The writer takes a lock on the doctor
-- first, because concurrent inserts into an exclusion constraint can otherwise wait for one another in a circle.
CREATE EXTENSION IF NOT EXISTS btree_gist;

ALTER TABLE slots ADD CONSTRAINT slots_never_overlap
  EXCLUDE USING gist (doctor_id WITH =, tstzrange(starts_at, ends_at) WITH &&) WHERE (closed_at IS NULL);
ALTER TABLE slots ADD CONSTRAINT rooms_never_overlap
  EXCLUDE USING gist (branch_id WITH =, room WITH =, tstzrange(starts_at, ends_at) WITH &&) WHERE (closed_at IS NULL AND room <> '');

-- An open slot has a doctor who works at its branch when it begins, and a doctor leaves a branch only once the slots from
-- then on are closed. The row is locked for sharing, so that a slot that is added while the doctor leaves comes before or
-- after it as a whole.
-- +goose StatementBegin
CREATE FUNCTION slots_have_a_doctor() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  gone timestamptz;
BEGIN
  SELECT w.left_at INTO gone FROM doctor_branches w
  WHERE w.doctor_id = NEW.doctor_id AND w.branch_id = NEW.branch_id FOR SHARE;
  IF gone <= NEW.starts_at THEN
    RAISE EXCEPTION 'a slot without a doctor' USING ERRCODE = 'check_violation', CONSTRAINT = 'slots_have_a_doctor';
  END IF;
  RETURN NEW;
END $$;
-- +goose StatementEnd
CREATE TRIGGER slots_have_a_doctor_insert BEFORE INSERT ON slots
  FOR EACH ROW WHEN (NEW.closed_at IS NULL) EXECUTE FUNCTION slots_have_a_doctor();
CREATE TRIGGER slots_have_a_doctor_update BEFORE UPDATE OF doctor_id, branch_id, starts_at, closed_at ON slots
  FOR EACH ROW WHEN (NEW.closed_at IS NULL) EXECUTE FUNCTION slots_have_a_doctor();

-- +goose StatementBegin
CREATE FUNCTION doctor_branches_left() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (
    SELECT 1 FROM slots s
    WHERE s.doctor_id = NEW.doctor_id AND s.branch_id = NEW.branch_id AND s.closed_at IS NULL AND s.starts_at >= NEW.left_at
  ) THEN
    RAISE EXCEPTION 'slots without a doctor' USING ERRCODE = 'check_violation', CONSTRAINT = 'slots_have_a_doctor';
  END IF;
  RETURN NEW;
END $$;
-- +goose StatementEnd
CREATE TRIGGER slots_have_a_doctor_leave BEFORE UPDATE OF left_at ON doctor_branches
  FOR EACH ROW EXECUTE FUNCTION doctor_branches_left();
