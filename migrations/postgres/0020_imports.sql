-- +goose Up
-- Bookings that another system had.
INSERT INTO booking_channels VALUES ('import');

CREATE TABLE import_kinds (kind text PRIMARY KEY);
INSERT INTO import_kinds VALUES ('patients'), ('bookings');

-- A file of another system that an administrator has sent. It is sealed until it was taken over, given up or has expired; what came of
-- it stays, in numbers. refused are the lines that were not taken over, by their numbers.
CREATE TABLE imports (
  id         text PRIMARY KEY,
  kind       text NOT NULL REFERENCES import_kinds (kind),
  branch_id  text NOT NULL REFERENCES branches (id), -- of the lines that name none
  source     text NOT NULL,                          -- the other system, as somebody called it
  minutes    integer NOT NULL CHECK (minutes > 0),   -- how long a counseling is of which the file does not say it
  letters    boolean NOT NULL,                       -- whether those who have a mail address get a confirmation
  staff_id   text REFERENCES staff (id),             -- none where nobody of the staff
  created_at timestamptz NOT NULL,
  expires_at timestamptz NOT NULL,
  ended_at   timestamptz,
  sealed     bytea,
  done       integer NOT NULL DEFAULT 0,             -- so many lines have been gone through
  line_count integer NOT NULL,
  patients   integer NOT NULL DEFAULT 0,
  bookings   integer NOT NULL DEFAULT 0,
  slots      integer NOT NULL DEFAULT 0,
  there      integer NOT NULL DEFAULT 0,
  refused    text NOT NULL DEFAULT '',
  CHECK (sealed IS NULL OR ended_at IS NULL)
);
CREATE INDEX imports_of_staff ON imports (staff_id, created_at);
CREATE INDEX imports_open ON imports (expires_at) WHERE ended_at IS NULL;

-- The branches at which a patient is known without a booking. origin is the blind index of who they were in the file, so that the same
-- file again finds them, whatever has been corrected since. merge_id is the merge by which a patient came to be known there.
CREATE TABLE imported_patients (
  patient_id text NOT NULL REFERENCES patients (id),
  branch_id  text NOT NULL REFERENCES branches (id),
  origin     bytea,
  merge_id   text REFERENCES patient_merges (id),
  PRIMARY KEY (patient_id, branch_id)
);
CREATE INDEX imported_patients_by_origin ON imported_patients (origin) WHERE origin IS NOT NULL;

-- Which booking came from which one of the other system: the blind index of its number there, or else of who comes to whom when.
CREATE TABLE imported_bookings (
  origin     bytea PRIMARY KEY,
  booking_id text NOT NULL REFERENCES bookings (id) DEFERRABLE INITIALLY DEFERRED -- it is written first
);
