-- +goose Up
-- A doctor hands the chart of a booking to a colleague. It holds for the slot that the booking had then: with another slot the booking is
-- that slot's doctor's. Of a booking one is in force at the most; the others tell how it came to that. The reason is sealed.
CREATE TABLE handovers (
  id             text PRIMARY KEY,
  booking_id     text NOT NULL REFERENCES bookings (id),
  slot_id        text NOT NULL REFERENCES slots (id),
  starts_at      timestamptz NOT NULL, -- when the slot begins, so that a doctor's day is found by one index
  from_doctor_id text NOT NULL REFERENCES doctors (id),
  to_doctor_id   text NOT NULL REFERENCES doctors (id),
  staff_id       text REFERENCES staff (id), -- none where nobody of the staff
  at             timestamptz NOT NULL,
  in_force       boolean NOT NULL,
  sealed         bytea -- none where no reason was given
);
CREATE UNIQUE INDEX handovers_in_force ON handovers (booking_id) WHERE in_force;
CREATE INDEX handovers_to_doctor ON handovers (to_doctor_id, starts_at) WHERE in_force;
CREATE INDEX handovers_of_booking ON handovers (booking_id, at);

-- What a doctor is writing about a booking and has not signed. base is the version that it changes; 0 for the first. The row stays without
-- content once it was signed or given up, so that its revision never repeats and a screen that was left open is found out.
CREATE TABLE note_drafts (
  booking_id text NOT NULL REFERENCES bookings (id),
  doctor_id  text NOT NULL REFERENCES doctors (id),
  revision   integer NOT NULL,
  base       integer NOT NULL,
  screen     text NOT NULL, -- that saved last, and the number of its save: one that repeats itself is no conflict
  save       bigint NOT NULL,
  sealed     bytea,
  saved_at   timestamptz NOT NULL,
  PRIMARY KEY (booking_id, doctor_id)
);
CREATE INDEX note_drafts_open ON note_drafts (doctor_id, saved_at) WHERE sealed IS NOT NULL;

-- What was signed. Version follows version, none changes and none goes.
CREATE TABLE note_versions (
  booking_id text NOT NULL REFERENCES bookings (id),
  version    integer NOT NULL,
  doctor_id  text NOT NULL REFERENCES doctors (id),
  staff_id   text REFERENCES staff (id), -- none where nobody of the staff
  signed_at  timestamptz NOT NULL,
  sealed     bytea NOT NULL,
  PRIMARY KEY (booking_id, version)
);

-- +goose StatementBegin
CREATE FUNCTION note_versions_follow() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.version < 1 OR NEW.version > 1 AND NOT EXISTS (SELECT 1 FROM note_versions v WHERE v.booking_id = NEW.booking_id AND v.version = NEW.version - 1) THEN
    RAISE EXCEPTION 'a version of a note follows the one before' USING ERRCODE = 'check_violation', CONSTRAINT = 'note_versions_follow';
  END IF;
  RETURN NEW;
END $$;
-- +goose StatementEnd
CREATE TRIGGER note_versions_follow BEFORE INSERT ON note_versions FOR EACH ROW EXECUTE FUNCTION note_versions_follow();

-- +goose StatementBegin
CREATE FUNCTION note_versions_stay() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'a signed note never changes' USING ERRCODE = 'check_violation', CONSTRAINT = 'note_versions_stay';
END $$;
-- +goose StatementEnd
CREATE TRIGGER note_versions_stay BEFORE UPDATE OR DELETE ON note_versions FOR EACH ROW EXECUTE FUNCTION note_versions_stay();

-- Who has a note open: a row for each screen that says so again and again.
CREATE TABLE note_screens (
  booking_id text NOT NULL REFERENCES bookings (id),
  screen     text NOT NULL,
  doctor_id  text NOT NULL REFERENCES doctors (id),
  seen_at    timestamptz NOT NULL,
  PRIMARY KEY (booking_id, screen)
);
CREATE INDEX note_screens_seen ON note_screens (seen_at);

-- The phrases of a doctor, all in one.
CREATE TABLE phrases (
  doctor_id  text PRIMARY KEY REFERENCES doctors (id),
  revision   integer NOT NULL,
  sealed     bytea NOT NULL,
  updated_at timestamptz NOT NULL
);
