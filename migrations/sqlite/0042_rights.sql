-- +goose Up
-- Somebody whose data the clinic has deleted, because they asked for it or because somebody decided so. The rows stay, without anything
-- by which a person could be known, because the calendar and the numbers count them.
ALTER TABLE patients ADD COLUMN erased_at datetime;
ALTER TABLE bookings ADD COLUMN erased_at datetime;

-- When what was answered for a booking to which nobody came was deleted, because its time was over.
ALTER TABLE bookings ADD COLUMN answers_purged_at datetime;

-- That a person's data was deleted, by whom, and what went, in numbers (JSON).
CREATE TABLE erasures (
  id         text PRIMARY KEY,
  patient_id text NOT NULL REFERENCES patients (id),
  erased_at  datetime NOT NULL,
  staff_id   text REFERENCES staff (id), -- none where nobody of the staff
  went       text NOT NULL
) WITHOUT ROWID;
CREATE INDEX erasures_by_time ON erasures (erased_at);

-- What must be kept of a deleted booking, because a doctor has signed something: who the patient was, sealed, until the law lets it go. Once its
-- time is over the row says so, and then alone the note and the releases can be deleted.
CREATE TABLE kept_records (
  booking_id text PRIMARY KEY REFERENCES bookings (id),
  erasure_id text NOT NULL REFERENCES erasures (id),
  until      datetime NOT NULL,
  sealed     blob,
  ended_at   datetime,
  CHECK (ended_at IS NULL OR ended_at >= until),
  CHECK ((sealed IS NULL) = (ended_at IS NOT NULL))
) WITHOUT ROWID;
CREATE INDEX kept_records_until ON kept_records (until) WHERE ended_at IS NULL;
CREATE INDEX kept_records_of_erasure ON kept_records (erasure_id);

-- An erasure finds what else there is of a booking.
CREATE INDEX imported_bookings_of_booking ON imported_bookings (booking_id);
CREATE INDEX waitings_with_booking ON waitings (booking_id) WHERE booking_id IS NOT NULL;

-- What was deleted at a branch because its time was over, counted by days.
CREATE TABLE purged (
  branch_id text NOT NULL REFERENCES branches (id),
  kind      text NOT NULL,
  day       text NOT NULL, -- 2026-12-01
  n         integer NOT NULL CHECK (n > 0),
  PRIMARY KEY (branch_id, kind, day)
) WITHOUT ROWID;

DROP TRIGGER note_versions_stay_delete;
-- +goose StatementBegin
CREATE TRIGGER note_versions_stay_delete BEFORE DELETE ON note_versions
WHEN NOT EXISTS (SELECT 1 FROM kept_records k WHERE k.booking_id = OLD.booking_id AND k.ended_at IS NOT NULL)
BEGIN
  SELECT RAISE(ABORT, 'note_versions_stay');
END;
-- +goose StatementEnd

DROP TRIGGER hold_releases_stay_delete;
-- +goose StatementBegin
CREATE TRIGGER hold_releases_stay_delete BEFORE DELETE ON hold_releases
WHEN NOT EXISTS (SELECT 1 FROM kept_records k WHERE k.booking_id = OLD.booking_id AND k.ended_at IS NOT NULL)
BEGIN
  SELECT RAISE(ABORT, 'hold_releases_stay');
END;
-- +goose StatementEnd

-- A time that has begun is not shortened, and what has ended stays ended.
-- +goose StatementBegin
CREATE TRIGGER kept_records_stay_update BEFORE UPDATE ON kept_records
WHEN NEW.booking_id <> OLD.booking_id OR NEW.erasure_id <> OLD.erasure_id OR NEW.until <> OLD.until OR OLD.ended_at IS NOT NULL
BEGIN
  SELECT RAISE(ABORT, 'kept_records_stay');
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER kept_records_stay_delete BEFORE DELETE ON kept_records
BEGIN
  SELECT RAISE(ABORT, 'kept_records_stay');
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER kept_records_retired_key_insert BEFORE INSERT ON kept_records
WHEN EXISTS (SELECT 1 FROM old_keys k WHERE k.prefix = substr(NEW.sealed, 1, 5) AND k.retired_at IS NOT NULL)
BEGIN
  SELECT RAISE(ABORT, 'retired_key');
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER kept_records_retired_key_update BEFORE UPDATE OF sealed ON kept_records
WHEN EXISTS (SELECT 1 FROM old_keys k WHERE k.prefix = substr(NEW.sealed, 1, 5) AND k.retired_at IS NOT NULL)
BEGIN
  SELECT RAISE(ABORT, 'retired_key');
END;
-- +goose StatementEnd
