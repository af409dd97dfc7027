-- +goose Up
-- The keys that seal nothing any more, by what everything begins with that they have sealed. While retired_at is none, that is being sealed
-- anew with the key that has taken their place. What they seal from then on is refused, because nobody could open it.
CREATE TABLE old_keys (
  prefix     bytea PRIMARY KEY,
  retired_at timestamptz
);

-- Which keys a server has, as it says itself, so that no key is used before all have it.
ALTER TABLE workers ADD COLUMN keys text;

-- +goose StatementBegin
CREATE FUNCTION retired_key() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT 1 FROM old_keys k WHERE k.prefix = substr(NEW.sealed, 1, 5) AND k.retired_at IS NOT NULL) THEN
    RAISE EXCEPTION 'what a retired key seals nobody could open' USING ERRCODE = 'check_violation', CONSTRAINT = 'retired_key';
  END IF;
  RETURN NEW;
END $$;
-- +goose StatementEnd
CREATE TRIGGER bookings_retired_key BEFORE INSERT OR UPDATE OF sealed ON bookings FOR EACH ROW EXECUTE FUNCTION retired_key();
CREATE TRIGGER patients_retired_key BEFORE INSERT OR UPDATE OF sealed ON patients FOR EACH ROW EXECUTE FUNCTION retired_key();
CREATE TRIGGER booking_memos_retired_key BEFORE INSERT OR UPDATE OF sealed ON booking_memos FOR EACH ROW EXECUTE FUNCTION retired_key();
CREATE TRIGGER patient_memos_retired_key BEFORE INSERT OR UPDATE OF sealed ON patient_memos FOR EACH ROW EXECUTE FUNCTION retired_key();
CREATE TRIGGER letters_retired_key BEFORE INSERT OR UPDATE OF sealed ON letters FOR EACH ROW EXECUTE FUNCTION retired_key();
CREATE TRIGGER idempotency_keys_retired_key BEFORE INSERT OR UPDATE OF sealed ON idempotency_keys FOR EACH ROW EXECUTE FUNCTION retired_key();
CREATE TRIGGER imports_retired_key BEFORE INSERT OR UPDATE OF sealed ON imports FOR EACH ROW EXECUTE FUNCTION retired_key();
CREATE TRIGGER lost_requests_retired_key BEFORE INSERT OR UPDATE OF sealed ON lost_requests FOR EACH ROW EXECUTE FUNCTION retired_key();
CREATE TRIGGER erasure_requests_retired_key BEFORE INSERT OR UPDATE OF sealed ON erasure_requests FOR EACH ROW EXECUTE FUNCTION retired_key();
CREATE TRIGGER staff_retired_key BEFORE INSERT OR UPDATE OF sealed ON staff FOR EACH ROW EXECUTE FUNCTION retired_key();
CREATE TRIGGER waitings_retired_key BEFORE INSERT OR UPDATE OF sealed ON waitings FOR EACH ROW EXECUTE FUNCTION retired_key();
CREATE TRIGGER sessions_retired_key BEFORE INSERT OR UPDATE OF sealed ON sessions FOR EACH ROW EXECUTE FUNCTION retired_key();
CREATE TRIGGER totps_retired_key BEFORE INSERT OR UPDATE OF sealed ON totps FOR EACH ROW EXECUTE FUNCTION retired_key();
CREATE TRIGGER intakes_retired_key BEFORE INSERT OR UPDATE OF sealed ON intakes FOR EACH ROW EXECUTE FUNCTION retired_key();
CREATE TRIGGER intake_versions_retired_key BEFORE INSERT OR UPDATE OF sealed ON intake_versions FOR EACH ROW EXECUTE FUNCTION retired_key();
CREATE TRIGGER note_drafts_retired_key BEFORE INSERT OR UPDATE OF sealed ON note_drafts FOR EACH ROW EXECUTE FUNCTION retired_key();
CREATE TRIGGER note_versions_retired_key BEFORE INSERT OR UPDATE OF sealed ON note_versions FOR EACH ROW EXECUTE FUNCTION retired_key();
CREATE TRIGGER handovers_retired_key BEFORE INSERT OR UPDATE OF sealed ON handovers FOR EACH ROW EXECUTE FUNCTION retired_key();
CREATE TRIGGER hold_releases_retired_key BEFORE INSERT OR UPDATE OF sealed ON hold_releases FOR EACH ROW EXECUTE FUNCTION retired_key();
CREATE TRIGGER phrases_retired_key BEFORE INSERT OR UPDATE OF sealed ON phrases FOR EACH ROW EXECUTE FUNCTION retired_key();

-- A signed note and a release stay as they are, and are sealed anew while the key before is given up.
-- +goose StatementBegin
CREATE FUNCTION sealed_anew(before bytea, anew bytea) RETURNS boolean LANGUAGE sql STABLE AS $$
  SELECT EXISTS (SELECT 1 FROM old_keys k WHERE k.prefix = substr(before, 1, 5) AND k.retired_at IS NULL)
    AND NOT EXISTS (SELECT 1 FROM old_keys k WHERE k.prefix = substr(anew, 1, 5))
$$;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE OR REPLACE FUNCTION note_versions_stay() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'UPDATE' THEN
    IF (NEW.booking_id, NEW.version, NEW.doctor_id, NEW.staff_id, NEW.signed_at)
        IS NOT DISTINCT FROM (OLD.booking_id, OLD.version, OLD.doctor_id, OLD.staff_id, OLD.signed_at)
      AND sealed_anew(OLD.sealed, NEW.sealed) THEN
      RETURN NEW;
    END IF;
  END IF;
  RAISE EXCEPTION 'a signed note never changes' USING ERRCODE = 'check_violation', CONSTRAINT = 'note_versions_stay';
END $$;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE OR REPLACE FUNCTION hold_releases_stay() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'UPDATE' THEN
    IF OLD.withdrawn_at IS NULL AND NEW.withdrawn_at IS NOT NULL AND NEW.withdrawn_by IS NOT NULL
      AND (NEW.id, NEW.booking_id, NEW.doctor_id, NEW.staff_id, NEW.released_at, NEW.sealed)
        IS NOT DISTINCT FROM (OLD.id, OLD.booking_id, OLD.doctor_id, OLD.staff_id, OLD.released_at, OLD.sealed) THEN
      RETURN NEW;
    END IF;
    IF (NEW.id, NEW.booking_id, NEW.doctor_id, NEW.staff_id, NEW.released_at, NEW.withdrawn_at, NEW.withdrawn_by)
        IS NOT DISTINCT FROM (OLD.id, OLD.booking_id, OLD.doctor_id, OLD.staff_id, OLD.released_at, OLD.withdrawn_at, OLD.withdrawn_by)
      AND sealed_anew(OLD.sealed, NEW.sealed) THEN
      RETURN NEW;
    END IF;
  END IF;
  RAISE EXCEPTION 'a release never changes but for being taken back once' USING ERRCODE = 'check_violation', CONSTRAINT = 'hold_releases_stay';
END $$;
-- +goose StatementEnd
