-- +goose Up
-- How far the terms by which patients are found have been made, by the version of the terms and the key that makes them: for all
-- patients up to this id.
CREATE TABLE patient_term_progress (
  version  integer NOT NULL,
  key_id   integer NOT NULL,
  after_id text NOT NULL,
  PRIMARY KEY (version, key_id)
) WITHOUT ROWID;

-- Which terms the patient who was kept had from the one merged into them.
CREATE TABLE patient_merge_terms (
  merge_id text NOT NULL REFERENCES patient_merges (id),
  term     blob NOT NULL,
  PRIMARY KEY (merge_id, term)
) WITHOUT ROWID;
CREATE INDEX patient_merges_of_merged ON patient_merges (merged_id);
CREATE INDEX patients_merged ON patients (merged_into) WHERE merged_into IS NOT NULL;

-- Somebody on the telephone has one slot held for them at a time.
CREATE UNIQUE INDEX claims_of_staff ON claims (holder) WHERE holder_kind = 'staff';
