-- +goose Up
-- The cautions of a version, set after set: each change is a new number, and none is lost. cautions holds what was delivered last for a
-- version; a set holds that with what the doctors of the clinic say otherwise (JSON), which is carried on when something else is delivered.
CREATE TABLE caution_sets (
  version   text NOT NULL REFERENCES questionnaires (version),
  number    integer NOT NULL,
  rules     blob NOT NULL, -- as delivered: cautions.txt
  sources   blob NOT NULL, -- sources.json
  edits     blob NOT NULL,
  reason    text NOT NULL, -- empty where something was delivered
  made_at   datetime NOT NULL,
  made_by   text NOT NULL, -- who, as clinic.Actor names them
  doctor_id text REFERENCES doctors (id), -- none where no doctor
  PRIMARY KEY (version, number)
) WITHOUT ROWID;
INSERT INTO caution_sets (version, number, rules, sources, edits, reason, made_at, made_by) SELECT version, 1, rules, sources, CAST('[]' AS blob), '', changed_at, changed_by FROM cautions;

-- Who of the doctors has signed a set.
CREATE TABLE caution_signatures (
  version   text NOT NULL,
  number    integer NOT NULL,
  doctor_id text NOT NULL REFERENCES doctors (id),
  staff_id  text REFERENCES staff (id), -- none where nobody of the staff
  signed_at datetime NOT NULL,
  PRIMARY KEY (version, number, doctor_id),
  FOREIGN KEY (version, number) REFERENCES caution_sets (version, number)
) WITHOUT ROWID;

-- A doctor lets a treatment that is held by a fact of the answers be considered. The fact and the reason are sealed. A row never goes; one
-- that was taken back says by whom and when.
CREATE TABLE hold_releases (
  id           text PRIMARY KEY,
  booking_id   text NOT NULL REFERENCES bookings (id),
  doctor_id    text NOT NULL REFERENCES doctors (id),
  staff_id     text REFERENCES staff (id), -- none where nobody of the staff
  released_at  datetime NOT NULL,
  sealed       blob NOT NULL,
  withdrawn_at datetime,
  withdrawn_by text REFERENCES doctors (id)
) WITHOUT ROWID;
CREATE INDEX hold_releases_of_booking ON hold_releases (booking_id, released_at);
