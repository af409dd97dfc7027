-- +goose Up
-- The keys that seal nothing any more, by what everything begins with that they have sealed. While retired_at is none, that is being sealed
-- anew with the key that has taken their place. What they seal from then on is refused, because nobody could open it.
CREATE TABLE old_keys (
  prefix     blob PRIMARY KEY,
  retired_at datetime
) WITHOUT ROWID;

-- Which keys a server has, as it says itself, so that no key is used before all have it.
ALTER TABLE workers ADD COLUMN keys text;

-- +goose StatementBegin
CREATE TRIGGER bookings_retired_key_insert BEFORE INSERT ON bookings
WHEN EXISTS (SELECT 1 FROM old_keys k WHERE k.prefix = substr(NEW.sealed, 1, 5) AND k.retired_at IS NOT NULL)
BEGIN
  SELECT RAISE(ABORT, 'retired_key');
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER bookings_retired_key_update BEFORE UPDATE OF sealed ON bookings
WHEN EXISTS (SELECT 1 FROM old_keys k WHERE k.prefix = substr(NEW.sealed, 1, 5) AND k.retired_at IS NOT NULL)
BEGIN
  SELECT RAISE(ABORT, 'retired_key');
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER patients_retired_key_insert BEFORE INSERT ON patients
WHEN EXISTS (SELECT 1 FROM old_keys k WHERE k.prefix = substr(NEW.sealed, 1, 5) AND k.retired_at IS NOT NULL)
BEGIN
  SELECT RAISE(ABORT, 'retired_key');
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER patients_retired_key_update BEFORE UPDATE OF sealed ON patients
WHEN EXISTS (SELECT 1 FROM old_keys k WHERE k.prefix = substr(NEW.sealed, 1, 5) AND k.retired_at IS NOT NULL)
BEGIN
  SELECT RAISE(ABORT, 'retired_key');
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER booking_memos_retired_key_insert BEFORE INSERT ON booking_memos
WHEN EXISTS (SELECT 1 FROM old_keys k WHERE k.prefix = substr(NEW.sealed, 1, 5) AND k.retired_at IS NOT NULL)
BEGIN
  SELECT RAISE(ABORT, 'retired_key');
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER booking_memos_retired_key_update BEFORE UPDATE OF sealed ON booking_memos
WHEN EXISTS (SELECT 1 FROM old_keys k WHERE k.prefix = substr(NEW.sealed, 1, 5) AND k.retired_at IS NOT NULL)
BEGIN
  SELECT RAISE(ABORT, 'retired_key');
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER patient_memos_retired_key_insert BEFORE INSERT ON patient_memos
WHEN EXISTS (SELECT 1 FROM old_keys k WHERE k.prefix = substr(NEW.sealed, 1, 5) AND k.retired_at IS NOT NULL)
BEGIN
  SELECT RAISE(ABORT, 'retired_key');
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER patient_memos_retired_key_update BEFORE UPDATE OF sealed ON patient_memos
WHEN EXISTS (SELECT 1 FROM old_keys k WHERE k.prefix = substr(NEW.sealed, 1, 5) AND k.retired_at IS NOT NULL)
BEGIN
  SELECT RAISE(ABORT, 'retired_key');
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER letters_retired_key_insert BEFORE INSERT ON letters
WHEN EXISTS (SELECT 1 FROM old_keys k WHERE k.prefix = substr(NEW.sealed, 1, 5) AND k.retired_at IS NOT NULL)
BEGIN
  SELECT RAISE(ABORT, 'retired_key');
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER letters_retired_key_update BEFORE UPDATE OF sealed ON letters
WHEN EXISTS (SELECT 1 FROM old_keys k WHERE k.prefix = substr(NEW.sealed, 1, 5) AND k.retired_at IS NOT NULL)
BEGIN
  SELECT RAISE(ABORT, 'retired_key');
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER idempotency_keys_retired_key_insert BEFORE INSERT ON idempotency_keys
WHEN EXISTS (SELECT 1 FROM old_keys k WHERE k.prefix = substr(NEW.sealed, 1, 5) AND k.retired_at IS NOT NULL)
BEGIN
  SELECT RAISE(ABORT, 'retired_key');
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER idempotency_keys_retired_key_update BEFORE UPDATE OF sealed ON idempotency_keys
WHEN EXISTS (SELECT 1 FROM old_keys k WHERE k.prefix = substr(NEW.sealed, 1, 5) AND k.retired_at IS NOT NULL)
BEGIN
  SELECT RAISE(ABORT, 'retired_key');
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER imports_retired_key_insert BEFORE INSERT ON imports
WHEN EXISTS (SELECT 1 FROM old_keys k WHERE k.prefix = substr(NEW.sealed, 1, 5) AND k.retired_at IS NOT NULL)
BEGIN
  SELECT RAISE(ABORT, 'retired_key');
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER imports_retired_key_update BEFORE UPDATE OF sealed ON imports
WHEN EXISTS (SELECT 1 FROM old_keys k WHERE k.prefix = substr(NEW.sealed, 1, 5) AND k.retired_at IS NOT NULL)
BEGIN
  SELECT RAISE(ABORT, 'retired_key');
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER lost_requests_retired_key_insert BEFORE INSERT ON lost_requests
WHEN EXISTS (SELECT 1 FROM old_keys k WHERE k.prefix = substr(NEW.sealed, 1, 5) AND k.retired_at IS NOT NULL)
BEGIN
  SELECT RAISE(ABORT, 'retired_key');
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER lost_requests_retired_key_update BEFORE UPDATE OF sealed ON lost_requests
WHEN EXISTS (SELECT 1 FROM old_keys k WHERE k.prefix = substr(NEW.sealed, 1, 5) AND k.retired_at IS NOT NULL)
BEGIN
  SELECT RAISE(ABORT, 'retired_key');
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER erasure_requests_retired_key_insert BEFORE INSERT ON erasure_requests
WHEN EXISTS (SELECT 1 FROM old_keys k WHERE k.prefix = substr(NEW.sealed, 1, 5) AND k.retired_at IS NOT NULL)
BEGIN
  SELECT RAISE(ABORT, 'retired_key');
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER erasure_requests_retired_key_update BEFORE UPDATE OF sealed ON erasure_requests
WHEN EXISTS (SELECT 1 FROM old_keys k WHERE k.prefix = substr(NEW.sealed, 1, 5) AND k.retired_at IS NOT NULL)
BEGIN
  SELECT RAISE(ABORT, 'retired_key');
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER staff_retired_key_insert BEFORE INSERT ON staff
WHEN EXISTS (SELECT 1 FROM old_keys k WHERE k.prefix = substr(NEW.sealed, 1, 5) AND k.retired_at IS NOT NULL)
BEGIN
  SELECT RAISE(ABORT, 'retired_key');
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER staff_retired_key_update BEFORE UPDATE OF sealed ON staff
WHEN EXISTS (SELECT 1 FROM old_keys k WHERE k.prefix = substr(NEW.sealed, 1, 5) AND k.retired_at IS NOT NULL)
BEGIN
  SELECT RAISE(ABORT, 'retired_key');
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER waitings_retired_key_insert BEFORE INSERT ON waitings
WHEN EXISTS (SELECT 1 FROM old_keys k WHERE k.prefix = substr(NEW.sealed, 1, 5) AND k.retired_at IS NOT NULL)
BEGIN
  SELECT RAISE(ABORT, 'retired_key');
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER waitings_retired_key_update BEFORE UPDATE OF sealed ON waitings
WHEN EXISTS (SELECT 1 FROM old_keys k WHERE k.prefix = substr(NEW.sealed, 1, 5) AND k.retired_at IS NOT NULL)
BEGIN
  SELECT RAISE(ABORT, 'retired_key');
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER sessions_retired_key_insert BEFORE INSERT ON sessions
WHEN EXISTS (SELECT 1 FROM old_keys k WHERE k.prefix = substr(NEW.sealed, 1, 5) AND k.retired_at IS NOT NULL)
BEGIN
  SELECT RAISE(ABORT, 'retired_key');
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER sessions_retired_key_update BEFORE UPDATE OF sealed ON sessions
WHEN EXISTS (SELECT 1 FROM old_keys k WHERE k.prefix = substr(NEW.sealed, 1, 5) AND k.retired_at IS NOT NULL)
BEGIN
  SELECT RAISE(ABORT, 'retired_key');
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER totps_retired_key_insert BEFORE INSERT ON totps
WHEN EXISTS (SELECT 1 FROM old_keys k WHERE k.prefix = substr(NEW.sealed, 1, 5) AND k.retired_at IS NOT NULL)
BEGIN
  SELECT RAISE(ABORT, 'retired_key');
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER totps_retired_key_update BEFORE UPDATE OF sealed ON totps
WHEN EXISTS (SELECT 1 FROM old_keys k WHERE k.prefix = substr(NEW.sealed, 1, 5) AND k.retired_at IS NOT NULL)
BEGIN
  SELECT RAISE(ABORT, 'retired_key');
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER intakes_retired_key_insert BEFORE INSERT ON intakes
WHEN EXISTS (SELECT 1 FROM old_keys k WHERE k.prefix = substr(NEW.sealed, 1, 5) AND k.retired_at IS NOT NULL)
BEGIN
  SELECT RAISE(ABORT, 'retired_key');
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER intakes_retired_key_update BEFORE UPDATE OF sealed ON intakes
WHEN EXISTS (SELECT 1 FROM old_keys k WHERE k.prefix = substr(NEW.sealed, 1, 5) AND k.retired_at IS NOT NULL)
BEGIN
  SELECT RAISE(ABORT, 'retired_key');
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER intake_versions_retired_key_insert BEFORE INSERT ON intake_versions
WHEN EXISTS (SELECT 1 FROM old_keys k WHERE k.prefix = substr(NEW.sealed, 1, 5) AND k.retired_at IS NOT NULL)
BEGIN
  SELECT RAISE(ABORT, 'retired_key');
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER intake_versions_retired_key_update BEFORE UPDATE OF sealed ON intake_versions
WHEN EXISTS (SELECT 1 FROM old_keys k WHERE k.prefix = substr(NEW.sealed, 1, 5) AND k.retired_at IS NOT NULL)
BEGIN
  SELECT RAISE(ABORT, 'retired_key');
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER note_drafts_retired_key_insert BEFORE INSERT ON note_drafts
WHEN EXISTS (SELECT 1 FROM old_keys k WHERE k.prefix = substr(NEW.sealed, 1, 5) AND k.retired_at IS NOT NULL)
BEGIN
  SELECT RAISE(ABORT, 'retired_key');
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER note_drafts_retired_key_update BEFORE UPDATE OF sealed ON note_drafts
WHEN EXISTS (SELECT 1 FROM old_keys k WHERE k.prefix = substr(NEW.sealed, 1, 5) AND k.retired_at IS NOT NULL)
BEGIN
  SELECT RAISE(ABORT, 'retired_key');
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER note_versions_retired_key_insert BEFORE INSERT ON note_versions
WHEN EXISTS (SELECT 1 FROM old_keys k WHERE k.prefix = substr(NEW.sealed, 1, 5) AND k.retired_at IS NOT NULL)
BEGIN
  SELECT RAISE(ABORT, 'retired_key');
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER note_versions_retired_key_update BEFORE UPDATE OF sealed ON note_versions
WHEN EXISTS (SELECT 1 FROM old_keys k WHERE k.prefix = substr(NEW.sealed, 1, 5) AND k.retired_at IS NOT NULL)
BEGIN
  SELECT RAISE(ABORT, 'retired_key');
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER handovers_retired_key_insert BEFORE INSERT ON handovers
WHEN EXISTS (SELECT 1 FROM old_keys k WHERE k.prefix = substr(NEW.sealed, 1, 5) AND k.retired_at IS NOT NULL)
BEGIN
  SELECT RAISE(ABORT, 'retired_key');
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER handovers_retired_key_update BEFORE UPDATE OF sealed ON handovers
WHEN EXISTS (SELECT 1 FROM old_keys k WHERE k.prefix = substr(NEW.sealed, 1, 5) AND k.retired_at IS NOT NULL)
BEGIN
  SELECT RAISE(ABORT, 'retired_key');
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER hold_releases_retired_key_insert BEFORE INSERT ON hold_releases
WHEN EXISTS (SELECT 1 FROM old_keys k WHERE k.prefix = substr(NEW.sealed, 1, 5) AND k.retired_at IS NOT NULL)
BEGIN
  SELECT RAISE(ABORT, 'retired_key');
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER hold_releases_retired_key_update BEFORE UPDATE OF sealed ON hold_releases
WHEN EXISTS (SELECT 1 FROM old_keys k WHERE k.prefix = substr(NEW.sealed, 1, 5) AND k.retired_at IS NOT NULL)
BEGIN
  SELECT RAISE(ABORT, 'retired_key');
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER phrases_retired_key_insert BEFORE INSERT ON phrases
WHEN EXISTS (SELECT 1 FROM old_keys k WHERE k.prefix = substr(NEW.sealed, 1, 5) AND k.retired_at IS NOT NULL)
BEGIN
  SELECT RAISE(ABORT, 'retired_key');
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER phrases_retired_key_update BEFORE UPDATE OF sealed ON phrases
WHEN EXISTS (SELECT 1 FROM old_keys k WHERE k.prefix = substr(NEW.sealed, 1, 5) AND k.retired_at IS NOT NULL)
BEGIN
  SELECT RAISE(ABORT, 'retired_key');
END;
-- +goose StatementEnd

-- A signed note and a release stay as they are, and are sealed anew while the key before is given up.
DROP TRIGGER note_versions_stay_update;
-- +goose StatementBegin
CREATE TRIGGER note_versions_stay_update BEFORE UPDATE ON note_versions
WHEN NEW.booking_id <> OLD.booking_id OR NEW.version <> OLD.version OR NEW.doctor_id <> OLD.doctor_id OR NEW.staff_id IS NOT OLD.staff_id
  OR NEW.signed_at <> OLD.signed_at
  OR NOT EXISTS (SELECT 1 FROM old_keys k WHERE k.prefix = substr(OLD.sealed, 1, 5) AND k.retired_at IS NULL)
  OR EXISTS (SELECT 1 FROM old_keys k WHERE k.prefix = substr(NEW.sealed, 1, 5))
BEGIN
  SELECT RAISE(ABORT, 'note_versions_stay');
END;
-- +goose StatementEnd

DROP TRIGGER hold_releases_stay_update;
-- +goose StatementBegin
CREATE TRIGGER hold_releases_stay_update BEFORE UPDATE ON hold_releases
WHEN NEW.id <> OLD.id OR NEW.booking_id <> OLD.booking_id OR NEW.doctor_id <> OLD.doctor_id OR NEW.staff_id IS NOT OLD.staff_id
  OR NEW.released_at <> OLD.released_at
  OR (NEW.sealed = OLD.sealed AND (OLD.withdrawn_at IS NOT NULL OR NEW.withdrawn_at IS NULL OR NEW.withdrawn_by IS NULL))
  OR (NEW.sealed <> OLD.sealed AND (NEW.withdrawn_at IS NOT OLD.withdrawn_at OR NEW.withdrawn_by IS NOT OLD.withdrawn_by
    OR NOT EXISTS (SELECT 1 FROM old_keys k WHERE k.prefix = substr(OLD.sealed, 1, 5) AND k.retired_at IS NULL)
    OR EXISTS (SELECT 1 FROM old_keys k WHERE k.prefix = substr(NEW.sealed, 1, 5))))
BEGIN
  SELECT RAISE(ABORT, 'hold_releases_stay');
END;
-- +goose StatementEnd
