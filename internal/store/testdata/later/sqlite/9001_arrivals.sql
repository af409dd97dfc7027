-- +goose Up
-- A migration as one may come: a new kind of letter, a column of bookings that may be empty, and a rule about it. SQLite adds
-- no rule to a table that is there, so bookings is made anew. Foreign keys are off meanwhile and are checked at the end.
INSERT INTO letter_kinds VALUES ('birthday');

ALTER TABLE bookings ADD COLUMN came_at datetime;

-- Triggers of other tables that name bookings keep it from being renamed, so they go first and come back last.
DROP TRIGGER bookings_have_a_claim_delete;
DROP TRIGGER bookings_have_a_claim_change;

CREATE TABLE bookings_anew (
  id                    text PRIMARY KEY,
  reference             text NOT NULL UNIQUE,
  slot_id               text NOT NULL REFERENCES slots (id),
  patient_id            text NOT NULL REFERENCES patients (id),
  status                text NOT NULL,
  live                  boolean NOT NULL,
  sequence              integer NOT NULL DEFAULT 0,
  channel               text NOT NULL REFERENCES booking_channels (channel),
  lang                  text NOT NULL,
  questionnaire_version text REFERENCES questionnaires (version),
  sealed                blob NOT NULL,
  created_at            datetime NOT NULL,
  cancelled_at          datetime,
  cancelled_by          text REFERENCES actor_kinds (kind),
  cancel_reason         text,
  revision              integer NOT NULL DEFAULT 1,
  client                blob,
  came_at               datetime,
  status_at             datetime,
  status_by             text REFERENCES staff (id),
  arrived_at            datetime,
  moved_at              datetime,
  erased_at             datetime,
  answers_purged_at     datetime,
  FOREIGN KEY (status, live) REFERENCES booking_statuses (status, live),
  CHECK (live = (cancelled_at IS NULL)),
  CHECK ((cancelled_at IS NULL) = (cancelled_by IS NULL)),
  CHECK (came_at IS NULL OR live)
);
INSERT INTO bookings_anew (id, reference, slot_id, patient_id, status, live, sequence, channel, lang, questionnaire_version, sealed,
    created_at, cancelled_at, cancelled_by, cancel_reason, revision, client, came_at, status_at, status_by, arrived_at, moved_at, erased_at, answers_purged_at)
  SELECT id, reference, slot_id, patient_id, status, live, sequence, channel, lang, questionnaire_version, sealed,
    created_at, cancelled_at, cancelled_by, cancel_reason, revision, client, came_at, status_at, status_by, arrived_at, moved_at, erased_at, answers_purged_at FROM bookings;
DROP TABLE bookings;
ALTER TABLE bookings_anew RENAME TO bookings;

CREATE INDEX bookings_of_slot ON bookings (slot_id);
CREATE INDEX bookings_of_patient ON bookings (patient_id);
CREATE INDEX bookings_of_client ON bookings (client, created_at) WHERE client IS NOT NULL;
CREATE INDEX bookings_of_late ON bookings (created_at) WHERE client IS NOT NULL;
CREATE INDEX bookings_pending ON bookings (slot_id) WHERE status = 'pending';

-- +goose StatementBegin
CREATE TRIGGER bookings_have_a_claim_insert BEFORE INSERT ON bookings
WHEN NEW.live AND NOT EXISTS (SELECT 1 FROM claims c WHERE c.slot_id = NEW.slot_id AND c.booking_id = NEW.id)
BEGIN
  SELECT RAISE(ABORT, 'bookings_have_a_claim');
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER bookings_have_a_claim_update BEFORE UPDATE OF live, slot_id ON bookings
WHEN NEW.live AND NOT EXISTS (SELECT 1 FROM claims c WHERE c.slot_id = NEW.slot_id AND c.booking_id = NEW.id)
BEGIN
  SELECT RAISE(ABORT, 'bookings_have_a_claim');
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER bookings_have_a_claim_delete BEFORE DELETE ON claims
WHEN EXISTS (SELECT 1 FROM bookings b WHERE b.id = OLD.booking_id AND b.live)
BEGIN
  SELECT RAISE(ABORT, 'bookings_have_a_claim');
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER bookings_have_a_claim_change BEFORE UPDATE OF booking_id ON claims
WHEN NEW.booking_id IS NOT OLD.booking_id AND EXISTS (SELECT 1 FROM bookings b WHERE b.id = OLD.booking_id AND b.live)
BEGIN
  SELECT RAISE(ABORT, 'bookings_have_a_claim');
END;
-- +goose StatementEnd

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

UPDATE bookings SET came_at = created_at WHERE status = 'arrived';
