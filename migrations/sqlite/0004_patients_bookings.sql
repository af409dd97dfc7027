-- +goose Up
-- A person. Everything about them is in the one sealed column. identity is the blind index of kana, birth date and phone:
-- who books again is the same person.
CREATE TABLE patients (
  id               text PRIMARY KEY,
  identity         blob NOT NULL UNIQUE,
  sealed           blob NOT NULL,
  merged_into      text REFERENCES patients (id),
  online_closed_at datetime, -- from then on they book by telephone only
  created_at       datetime NOT NULL
) WITHOUT ROWID;

-- Blind indexes find a sealed patient by the beginning of the kana, by phone and by mail. key_id is the key that made it.
CREATE TABLE patient_terms (
  term       blob NOT NULL,
  patient_id text NOT NULL REFERENCES patients (id),
  key_id     integer NOT NULL,
  PRIMARY KEY (term, patient_id)
) WITHOUT ROWID;

-- What was typed with the booking is its sealed column.
CREATE TABLE bookings (
  id                    text PRIMARY KEY,
  reference             text NOT NULL UNIQUE,
  slot_id               text NOT NULL REFERENCES slots (id),
  patient_id            text NOT NULL REFERENCES patients (id),
  status                text NOT NULL,
  live                  boolean NOT NULL,
  sequence              integer NOT NULL DEFAULT 0, -- RFC 5545 SEQUENCE
  channel               text NOT NULL REFERENCES booking_channels (channel),
  lang                  text NOT NULL,
  questionnaire_version text REFERENCES questionnaires (version), -- none where nothing is asked
  sealed                blob NOT NULL,
  created_at            datetime NOT NULL,
  cancelled_at          datetime,
  cancelled_by          text REFERENCES actor_kinds (kind),
  cancel_reason         text, -- a code of package clinic
  FOREIGN KEY (status, live) REFERENCES booking_statuses (status, live),
  CHECK (live = (cancelled_at IS NULL)),
  CHECK ((cancelled_at IS NULL) = (cancelled_by IS NULL))
);

-- A commit writes every index page it touches, so a booking carries no index that nothing asks for.
CREATE INDEX bookings_of_slot ON bookings (slot_id);
CREATE INDEX bookings_of_patient ON bookings (patient_id);

-- The one row that says who has a slot: somebody's hold, which expires, or a live booking. Its key decides every tie, and
-- slot_open, which is always true, lets it refer to open slots only.
CREATE TABLE claims (
  slot_id     text PRIMARY KEY,
  slot_open   boolean NOT NULL DEFAULT true CHECK (slot_open),
  holder_kind text NOT NULL REFERENCES holder_kinds (kind),
  holder      blob,
  client      blob,
  expires_at  datetime,
  booking_id  text UNIQUE REFERENCES bookings (id) DEFERRABLE INITIALLY DEFERRED, -- the claim is written first
  FOREIGN KEY (slot_id, slot_open) REFERENCES slots (id, is_open),
  CHECK ((holder_kind = 'booking') = (booking_id IS NOT NULL)),
  CHECK ((booking_id IS NULL) = (expires_at IS NOT NULL)),
  CHECK ((booking_id IS NULL) = (holder IS NOT NULL))
) WITHOUT ROWID;

-- A visitor, and an offer of the waiting list, has one hold at a time.
CREATE UNIQUE INDEX claims_of_holder ON claims (holder) WHERE holder_kind IN ('visitor', 'offer');
CREATE INDEX claims_of_client ON claims (client, expires_at) WHERE client IS NOT NULL;
CREATE INDEX claims_expiring ON claims (expires_at) WHERE expires_at IS NOT NULL;

-- A live booking has exactly one claim, that of its slot: the claim is there before the booking, and stays until the booking
-- is no longer live. A booking that moves takes its claim along.
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

-- What opens a booking for its patient: the hash of a letter's token. A booking has several, because each letter carries
-- its own.
CREATE TABLE links (
  token_hash blob PRIMARY KEY,
  booking_id text NOT NULL REFERENCES bookings (id),
  purpose    text NOT NULL REFERENCES link_purposes (purpose),
  expires_at datetime NOT NULL,
  revoked_at datetime,
  created_at datetime NOT NULL
) WITHOUT ROWID;

-- The intake as it is now; the answers are sealed under a key of their own. revision counts the saves.
CREATE TABLE intakes (
  booking_id   text PRIMARY KEY REFERENCES bookings (id),
  revision     integer NOT NULL,
  sealed       blob NOT NULL,
  completed_at datetime,
  updated_at   datetime NOT NULL
) WITHOUT ROWID;

-- Each version of the answers that was complete when it was sent.
CREATE TABLE intake_versions (
  booking_id text NOT NULL REFERENCES intakes (booking_id),
  revision   integer NOT NULL,
  sealed     blob NOT NULL,
  sent_at    datetime NOT NULL,
  PRIMARY KEY (booking_id, revision)
) WITHOUT ROWID;

-- What was answered to an idempotency key. The key and the content are stored as blind indexes only.
CREATE TABLE idempotency_keys (
  id         text PRIMARY KEY,
  content    blob NOT NULL,
  sealed     blob NOT NULL,
  created_at datetime NOT NULL
) WITHOUT ROWID;
