-- +goose Up
-- The cautions of a version, set after set: each change is a new number, and none is lost. cautions holds what was delivered last for a
-- version; a set holds that with what the doctors of the clinic say otherwise (JSON), which is carried on when something else is delivered.
CREATE TABLE caution_sets (
  version   text NOT NULL REFERENCES questionnaires (version),
  number    integer NOT NULL,
  rules     bytea NOT NULL, -- as delivered: cautions.txt
  sources   bytea NOT NULL, -- sources.json
  edits     bytea NOT NULL,
  reason    text NOT NULL, -- empty where something was delivered
  made_at   timestamptz NOT NULL,
  made_by   text NOT NULL, -- who, as clinic.Actor names them
  doctor_id text REFERENCES doctors (id), -- none where no doctor
  PRIMARY KEY (version, number)
);
INSERT INTO caution_sets (version, number, rules, sources, edits, reason, made_at, made_by) SELECT version, 1, rules, sources, convert_to('[]', 'UTF8'), '', changed_at, changed_by FROM cautions;

-- Who of the doctors has signed a set.
CREATE TABLE caution_signatures (
  version   text NOT NULL,
  number    integer NOT NULL,
  doctor_id text NOT NULL REFERENCES doctors (id),
  staff_id  text REFERENCES staff (id), -- none where nobody of the staff
  signed_at timestamptz NOT NULL,
  PRIMARY KEY (version, number, doctor_id),
  FOREIGN KEY (version, number) REFERENCES caution_sets (version, number)
);

-- A doctor lets a treatment that is held by a fact of the answers be considered. The fact and the reason are sealed. A row never goes; one
-- that was taken back says by whom and when.
CREATE TABLE hold_releases (
  id           text PRIMARY KEY,
  booking_id   text NOT NULL REFERENCES bookings (id),
  doctor_id    text NOT NULL REFERENCES doctors (id),
  staff_id     text REFERENCES staff (id), -- none where nobody of the staff
  released_at  timestamptz NOT NULL,
  sealed       bytea NOT NULL,
  withdrawn_at timestamptz,
  withdrawn_by text REFERENCES doctors (id)
);
CREATE INDEX hold_releases_of_booking ON hold_releases (booking_id, released_at);
