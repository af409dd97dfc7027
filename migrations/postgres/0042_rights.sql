-- +goose Up
-- Somebody whose data the clinic has deleted, because they asked for it or because somebody decided so. The rows stay, without anything
-- by which a person could be known, because the calendar and the numbers count them.
ALTER TABLE patients ADD COLUMN erased_at timestamptz;
ALTER TABLE bookings ADD COLUMN erased_at timestamptz;

-- When what was answered for a booking to which nobody came was deleted, because its time was over.
ALTER TABLE bookings ADD COLUMN answers_purged_at timestamptz;

-- That a person's data was deleted, by whom, and what went, in numbers (JSON).
CREATE TABLE erasures (
  id         text PRIMARY KEY,
  patient_id text NOT NULL REFERENCES patients (id),
  erased_at  timestamptz NOT NULL,
  staff_id   text REFERENCES staff (id), -- none where nobody of the staff
  went       text NOT NULL
);
CREATE INDEX erasures_by_time ON erasures (erased_at);

-- What must be kept of a deleted booking, because a doctor has signed something: who the patient was, sealed, until the law lets it go. Once its
-- time is over the row says so, and then alone the note and the releases can be deleted.
CREATE TABLE kept_records (
  booking_id text PRIMARY KEY REFERENCES bookings (id),
  erasure_id text NOT NULL REFERENCES erasures (id),
  until      timestamptz NOT NULL,
  sealed     bytea,
  ended_at   timestamptz,
  CHECK (ended_at IS NULL OR ended_at >= until),
  CHECK ((sealed IS NULL) = (ended_at IS NOT NULL))
);
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
);

-- +goose StatementBegin
CREATE FUNCTION kept_long_enough(booking text) RETURNS boolean LANGUAGE sql STABLE AS $$
  SELECT EXISTS (SELECT 1 FROM kept_records k WHERE k.booking_id = booking AND k.ended_at IS NOT NULL)
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
  ELSIF kept_long_enough(OLD.booking_id) THEN
    RETURN OLD;
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
  ELSIF kept_long_enough(OLD.booking_id) THEN
    RETURN OLD;
  END IF;
  RAISE EXCEPTION 'a release never changes but for being taken back once' USING ERRCODE = 'check_violation', CONSTRAINT = 'hold_releases_stay';
END $$;
-- +goose StatementEnd

-- A time that has begun is not shortened, and what has ended stays ended.
-- +goose StatementBegin
CREATE FUNCTION kept_records_stay() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'UPDATE' THEN
    IF OLD.ended_at IS NULL AND (NEW.booking_id, NEW.erasure_id, NEW.until) IS NOT DISTINCT FROM (OLD.booking_id, OLD.erasure_id, OLD.until) THEN
      RETURN NEW;
    END IF;
  END IF;
  RAISE EXCEPTION 'what the law keeps stays as long as it says' USING ERRCODE = 'check_violation', CONSTRAINT = 'kept_records_stay';
END $$;
-- +goose StatementEnd
CREATE TRIGGER kept_records_stay BEFORE UPDATE OR DELETE ON kept_records FOR EACH ROW EXECUTE FUNCTION kept_records_stay();
CREATE TRIGGER kept_records_retired_key BEFORE INSERT OR UPDATE OF sealed ON kept_records FOR EACH ROW EXECUTE FUNCTION retired_key();
