-- +goose Up
-- What the front desk wrote down about a patient. revision counts the saves.
CREATE TABLE patient_memos (
  patient_id text PRIMARY KEY REFERENCES patients (id),
  revision   integer NOT NULL,
  sealed     bytea NOT NULL,
  updated_at timestamptz NOT NULL,
  updated_by text REFERENCES staff (id) -- none where nobody of the staff
);

-- How often what is stored of a patient was saved.
ALTER TABLE patients ADD COLUMN revision integer NOT NULL DEFAULT 1;

-- Two patients who were found to be one: which bookings went from one to the other, so that it can be undone.
CREATE TABLE patient_merges (
  id        text PRIMARY KEY,
  kept_id   text NOT NULL REFERENCES patients (id),
  merged_id text NOT NULL REFERENCES patients (id),
  merged_at timestamptz NOT NULL,
  merged_by text REFERENCES staff (id), -- none where nobody of the staff
  undone_at timestamptz,
  CHECK (kept_id <> merged_id)
);
CREATE INDEX patient_merges_of_kept ON patient_merges (kept_id);

CREATE TABLE patient_merge_bookings (
  merge_id   text NOT NULL REFERENCES patient_merges (id),
  booking_id text NOT NULL REFERENCES bookings (id),
  PRIMARY KEY (merge_id, booking_id)
);
